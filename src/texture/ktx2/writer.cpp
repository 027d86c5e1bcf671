// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// write_ktx2: the same input gives the same bytes, laid out as KTX 2.0 section 3 orders them.

#include <fmt/format.h>
#include <libdeflate.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <new>

#include "forge3d/ktx2.hpp"
#include "texture/allocate.hpp"
#include "texture/ktx2/bytes.hpp"
#include "texture/ktx2/container.hpp"
#include "texture/ktx2/validation.hpp"
#include "texture/ktx2/vk_format.hpp"

namespace forge3d {
namespace {

constexpr std::string_view kWriterKey = "KTXwriter";
constexpr std::string_view kWriterName = "forge3d 0.1.0";
// Reserved keys whose values are text, and those whose values are numbers.
constexpr std::array<std::string_view, 5> kTextKeys = {
    "KTXastcDecodeMode", "KTXorientation", "KTXswizzle", "KTXwriter", "KTXwriterScParams"};
constexpr std::array<std::string_view, 3> kBinaryKeys = {"KTXanimData", "KTXcubemapIncomplete",
                                                         "KTXmapRange"};

/// Values as they are stored.
using KeyValues = std::vector<std::pair<std::string, std::string>>;
constexpr int kMaxZlibLevel = 12;

tl::unexpected<Error> invalid(std::string message) {
  return fail(ErrorCode::kInvalidArgument, "KTX2 writer: " + std::move(message));
}

texture::Ktx2Header header_of(const Ktx2WriteDesc& desc, const texture::VkFormatLayout& layout) {
  texture::Ktx2Header header;
  header.vk_format = desc.uastc ? 0 : static_cast<std::uint32_t>(desc.format);
  header.type_size = layout.type_size;
  header.width = desc.width;
  header.height = desc.height;
  header.depth = desc.depth;
  header.layer_count = desc.layers;
  header.face_count = desc.faces;
  header.level_count = desc.wants_mips ? 0 : static_cast<std::uint32_t>(desc.levels.size());
  header.scheme = static_cast<std::uint32_t>(desc.supercompression);
  return header;
}

/// The rules that a format adds to those of every shape.
Result<> check_format_shape(const Ktx2WriteDesc& desc, const texture::VkFormatLayout& layout) {
  const bool deep_blocks = layout.descriptor.block_extent[2] > 1;
  if (layout.block_compressed && (desc.height == 0 || desc.wants_mips))
    return invalid("blocks need a height, and mips of their own");
  if (deep_blocks && desc.depth == 0) return invalid("blocks that have depth need a 3D image");
  if (layout.depth_stencil && desc.depth != 0)
    return invalid("depth and stencil formats have no 3D images");
  return {};
}

Result<> check_scheme(const Ktx2WriteDesc& desc) {
  const auto check_level = [](std::string_view name, int level, int most) -> Result<> {
    if (level >= 1 && level <= most) return {};
    return invalid(fmt::format("{} level {}; 1 to {} are possible", name, level, most));
  };
  switch (desc.supercompression) {
    case Supercompression::kNone:
      return {};
    case Supercompression::kZstd:
      return check_level("zstd", desc.zstd_level, ZSTD_maxCLevel());
    case Supercompression::kZlib:
      return check_level("zlib", desc.zlib_level, kMaxZlibLevel);
    case Supercompression::kBasisLz:
    case Supercompression::kUastcHdr6x6:
      break;
  }
  return fail(ErrorCode::kNotSupported,
              "KTX2 writer: only zstd and zlib supercompression are written");
}

Result<> check_shape(const Ktx2WriteDesc& desc, const texture::Ktx2Header& header) {
  if (desc.width == 0 || (desc.height == 0 && desc.depth != 0))
    return invalid(fmt::format("{} x {} x {} texels", desc.width, desc.height, desc.depth));
  if (desc.faces != 1 && desc.faces != 6)
    return invalid(fmt::format("{} faces; 1 or 6 are possible", desc.faces));
  if (desc.faces == 6 && (desc.width != desc.height || desc.depth != 0))
    return invalid("the faces of a cube map must be square and have no depth");
  if (desc.depth != 0 && desc.layers != 0) return invalid("no API knows arrays of 3D images");
  if (desc.wants_mips && desc.levels.size() != 1)
    return invalid("a file whose loader makes the mips has one level");
  if (desc.levels.empty() || desc.levels.size() > texture::full_level_count(header))
    return invalid(fmt::format("{} levels for {} x {} texels; 1 to {} are possible",
                               desc.levels.size(), desc.width, desc.height,
                               texture::full_level_count(header)));
  return check_scheme(desc);
}

Result<> check_levels(const Ktx2WriteDesc& desc, const texture::Ktx2Header& header,
                      const texture::Descriptor& descriptor) {
  for (std::uint32_t level = 0; level < desc.levels.size(); ++level) {
    const auto expected = texture::level_bytes(header, descriptor, level);
    if (expected != desc.levels[level].size())
      return invalid(fmt::format("level {} has {} bytes; its extents make {}", level,
                                 desc.levels[level].size(), expected.value_or(UINT64_MAX)));
  }
  return {};
}

Result<> check_key(std::string_view key, bool is_text) {
  if (key.empty() || key.find('\0') != std::string_view::npos)
    return invalid("a key is empty or holds a NUL");
  if (!key.starts_with("KTX") && !key.starts_with("ktx")) return {};
  const auto keys = is_text ? std::span<const std::string_view>(kTextKeys)
                            : std::span<const std::string_view>(kBinaryKeys);
  if (std::ranges::find(keys, key) != keys.end()) return {};
  return invalid(fmt::format("the key {} is reserved and not one of a {} value", key,
                             is_text ? "text" : "binary"));
}

/// The entries of the file: the caller's and the writer's name, sorted by key.
Result<KeyValues> sorted_key_values(const Ktx2WriteDesc& desc) {
  KeyValues entries = desc.key_values;
  if (std::ranges::find(entries, kWriterKey, &KeyValues::value_type::first) == entries.end())
    entries.emplace_back(kWriterKey, kWriterName);
  for (auto& [key, value] : entries) {
    FORGE3D_TRY(check_key(key, true));
    value.push_back('\0');
  }
  for (const auto& [key, value] : desc.binary_values) {
    FORGE3D_TRY(check_key(key, false));
    entries.emplace_back(key,
                         std::string(reinterpret_cast<const char*>(value.data()), value.size()));
  }
  std::ranges::sort(entries);
  const auto same = std::ranges::adjacent_find(entries, {}, &KeyValues::value_type::first);
  if (same != entries.end()) return invalid(fmt::format("the key {} comes twice", same->first));
  return entries;
}

void append_text(std::vector<std::byte>& out, std::string_view text) {
  for (const char c : text) out.push_back(static_cast<std::byte>(c));
}

void pad_to(std::vector<std::byte>& out, std::uint64_t alignment) {
  out.resize(static_cast<std::size_t>(texture::align_up(out.size(), alignment)));
}

std::vector<std::byte> serialize(const KeyValues& entries) {
  std::vector<std::byte> out;
  for (const auto& [key, value] : entries) {
    texture::append_le(out, static_cast<std::uint32_t>(key.size() + 1 + value.size()));
    append_text(out, key);
    out.push_back(std::byte{0});
    append_text(out, value);
    pad_to(out, 4);
  }
  return out;
}

Result<std::vector<std::byte>> compress_zstd(std::span<const std::byte> bytes, int level) {
  const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(),
                                                                     ZSTD_freeCCtx);
  if (!context) return fail(ErrorCode::kOutOfHostMemory, "cannot allocate a zstd context");
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, level);
  FORGE3D_TRY_ASSIGN(std::vector<std::byte> out,
                     texture::allocate_bytes(ZSTD_compressBound(bytes.size())));
  const std::size_t count =
      ZSTD_compress2(context.get(), out.data(), out.size(), bytes.data(), bytes.size());
  if (ZSTD_isError(count) != 0)
    return fail(ErrorCode::kOutOfHostMemory, fmt::format("zstd: {}", ZSTD_getErrorName(count)));
  out.resize(count);
  return out;
}

Result<std::vector<std::byte>> compress_zlib(std::span<const std::byte> bytes, int level) {
  const std::unique_ptr<libdeflate_compressor, decltype(&libdeflate_free_compressor)> compressor(
      libdeflate_alloc_compressor(level), libdeflate_free_compressor);
  if (!compressor) return fail(ErrorCode::kOutOfHostMemory, "cannot allocate a zlib compressor");
  FORGE3D_TRY_ASSIGN(
      std::vector<std::byte> out,
      texture::allocate_bytes(libdeflate_zlib_compress_bound(compressor.get(), bytes.size())));
  out.resize(libdeflate_zlib_compress(compressor.get(), bytes.data(), bytes.size(), out.data(),
                                      out.size()));
  return out;
}

/// One file being put together. Levels stand from the smallest to the largest behind the metadata.
class Assembly {
 public:
  Assembly(const Ktx2WriteDesc& desc, const texture::Ktx2Header& header)
      : desc_(desc), header_(header) {}
  Result<std::vector<std::byte>> write(const texture::Descriptor& descriptor,
                                       const KeyValues& entries);

 private:
  Result<> compress_levels();
  std::uint64_t place_levels(std::uint64_t offset, std::uint64_t alignment);
  void append_header();
  std::span<const std::byte> stored(std::size_t level) const {
    return compressed_.empty() ? desc_.levels[level]
                               : std::span<const std::byte>(compressed_[level]);
  }

  const Ktx2WriteDesc& desc_;
  texture::Ktx2Header header_;
  std::vector<std::vector<std::byte>> compressed_;
  std::vector<std::uint64_t> offsets_;
  std::vector<std::byte> out_;
};

Result<> Assembly::compress_levels() {
  for (const std::span<const std::byte> level : desc_.levels) {
    FORGE3D_TRY_ASSIGN(std::vector<std::byte> bytes, header_.scheme == texture::kSchemeZstd
                                                         ? compress_zstd(level, desc_.zstd_level)
                                                         : compress_zlib(level, desc_.zlib_level));
    compressed_.push_back(std::move(bytes));
  }
  return {};
}

/// Sets the offset of every level; returns the size of the file.
std::uint64_t Assembly::place_levels(std::uint64_t offset, std::uint64_t alignment) {
  offsets_.resize(desc_.levels.size());
  for (std::size_t level = offsets_.size(); level-- > 0;) {
    offset = texture::align_up(offset, alignment);
    offsets_[level] = offset;
    offset += stored(level).size();
  }
  return offset;
}

void Assembly::append_header() {
  for (const std::uint8_t byte : texture::kIdentifier) texture::append_le(out_, byte);
  for (const std::uint32_t field :
       {header_.vk_format, header_.type_size, header_.width, header_.height, header_.depth,
        header_.layer_count, header_.face_count, header_.level_count, header_.scheme,
        header_.dfd_offset, header_.dfd_bytes, header_.kvd_offset, header_.kvd_bytes})
    texture::append_le(out_, field);
  texture::append_le(out_, header_.sgd_offset);
  texture::append_le(out_, header_.sgd_bytes);
  for (std::size_t level = 0; level < offsets_.size(); ++level) {
    texture::append_le(out_, offsets_[level]);
    texture::append_le(out_, std::uint64_t{stored(level).size()});
    texture::append_le(out_, std::uint64_t{desc_.levels[level].size()});
  }
}

Result<std::vector<std::byte>> Assembly::write(const texture::Descriptor& descriptor,
                                               const KeyValues& entries) {
  const bool packed = header_.scheme != texture::kSchemeNone;
  if (packed) FORGE3D_TRY(compress_levels());
  const std::vector<std::byte> dfd = texture::serialize(descriptor);
  const std::vector<std::byte> kvd = serialize(entries);
  header_.dfd_offset = static_cast<std::uint32_t>(header_.index_end());
  header_.dfd_bytes = static_cast<std::uint32_t>(dfd.size());
  header_.kvd_offset = header_.dfd_offset + header_.dfd_bytes;
  header_.kvd_bytes = static_cast<std::uint32_t>(kvd.size());
  const std::uint64_t alignment = packed ? 1 : texture::level_alignment(descriptor.plane_bytes[0]);
  const std::uint64_t size_bytes =
      place_levels(std::uint64_t{header_.kvd_offset} + header_.kvd_bytes, alignment);
  out_.reserve(static_cast<std::size_t>(size_bytes));
  append_header();
  out_.insert(out_.end(), dfd.begin(), dfd.end());
  out_.insert(out_.end(), kvd.begin(), kvd.end());
  for (std::size_t level = offsets_.size(); level-- > 0;) {
    out_.resize(static_cast<std::size_t>(offsets_[level]));
    out_.insert(out_.end(), stored(level).begin(), stored(level).end());
  }
  return std::move(out_);
}

/// The keys of a finished file, by the validator's own rules.
Result<> check_values(const Ktx2WriteDesc& desc, std::span<const std::byte> file) {
  const auto source = make_memory_source(file);
  const Ktx2ValidateOptions options;
  texture::Validation v{*source, options};
  v.header = texture::parse_header(file);
  v.layout = texture::vk_format_layout(v.header.vk_format);
  if (!desc.uastc) v.descriptor = v.layout->descriptor;
  FORGE3D_TRY(texture::validate_key_values(v));
  for (const ValidationFinding& finding : v.findings)
    if (finding.severity != ValidationFinding::Severity::kWarning) return invalid(finding.text);
  return {};
}

/// UASTC LDR 4x4: KTX 2.0 section 3.10.2. One sample of all 128 bits.
texture::VkFormatLayout uastc_layout(UastcChannels channels, bool srgb) {
  texture::VkFormatLayout layout;
  layout.name = "UASTC";
  layout.block_compressed = true;
  layout.descriptor.model = texture::ColorModel::kUastc;
  layout.descriptor.transfer = srgb ? texture::kTransferSrgb : texture::kTransferLinear;
  layout.descriptor.block_extent = {4, 4, 1, 1};
  layout.descriptor.plane_bytes = {16};
  layout.descriptor.samples = {
      {.bit_length = 127, .channel = static_cast<std::uint8_t>(channels), .upper = 0xFFFFFFFFu}};
  return layout;
}

Result<texture::VkFormatLayout> layout_of(const Ktx2WriteDesc& desc) {
  if (desc.uastc) {
    if (with_srgb(desc.format, false) != Format::kASTC4x4Unorm)
      return invalid("UASTC levels stand for ASTC 4x4, UNORM or sRGB");
    constexpr UastcChannels kChannels[] = {UastcChannels::kRgb, UastcChannels::kRgba,
                                           UastcChannels::kRed, UastcChannels::kRedGreen,
                                           UastcChannels::kPlainRedGreen};
    if (std::ranges::find(kChannels, *desc.uastc) == std::end(kChannels))
      return invalid("UASTC has no such channels");
    return uastc_layout(*desc.uastc, desc.format == Format::kASTC4x4Srgb);
  }
  if (auto layout = texture::vk_format_layout(static_cast<std::uint32_t>(desc.format)))
    return *std::move(layout);
  return fail(ErrorCode::kNotSupported, fmt::format("KTX2 writer: KTX2 has no format {}",
                                                    static_cast<std::uint32_t>(desc.format)));
}

}  // namespace

Result<std::vector<std::byte>> write_ktx2(const Ktx2WriteDesc& desc) {
  FORGE3D_TRY_ASSIGN(texture::VkFormatLayout layout, layout_of(desc));
  const texture::Ktx2Header header = header_of(desc, layout);
  FORGE3D_TRY(check_shape(desc, header));
  FORGE3D_TRY(check_format_shape(desc, layout));
  FORGE3D_TRY(check_levels(desc, header, layout.descriptor));
  FORGE3D_TRY_ASSIGN(const KeyValues entries, sorted_key_values(desc));
  if (desc.premultiplied_alpha) layout.descriptor.flags |= texture::kFlagPremultiplied;
  try {  // the buffers below are vectors
    FORGE3D_TRY_ASSIGN(std::vector<std::byte> file,
                       Assembly(desc, header).write(layout.descriptor, entries));
    FORGE3D_TRY(check_values(desc, file));
    return file;
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::kOutOfHostMemory, "KTX2 writer: cannot allocate the file");
  }
}

}  // namespace forge3d
