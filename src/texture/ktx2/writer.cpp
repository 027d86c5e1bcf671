// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// write_ktx2: the same input gives the same bytes, laid out as KTX 2.0 section 3 orders them.

#include <fmt/format.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <new>

#include "forge3d/ktx2.hpp"
#include "texture/allocate.hpp"
#include "texture/ktx2/bytes.hpp"
#include "texture/ktx2/container.hpp"
#include "texture/ktx2/vk_format.hpp"

namespace forge3d {
namespace {

constexpr std::string_view kWriterKey = "KTXwriter";
constexpr std::string_view kWriterName = "forge3d 0.1.0";
// Reserved keys whose values are text; the others hold numbers that this writer does not make.
constexpr std::array<std::string_view, 5> kTextKeys = {
    "KTXastcDecodeMode", "KTXorientation", "KTXswizzle", "KTXwriter", "KTXwriterScParams"};

using KeyValues = std::vector<std::pair<std::string, std::string>>;

tl::unexpected<Error> invalid(std::string message) {
  return fail(ErrorCode::kInvalidArgument, "KTX2 writer: " + std::move(message));
}

texture::Ktx2Header header_of(const Ktx2WriteDesc& desc, const texture::VkFormatLayout& layout) {
  texture::Ktx2Header header;
  header.vk_format = static_cast<std::uint32_t>(desc.format);
  header.type_size = layout.type_size;
  header.width = desc.width;
  header.height = desc.height;
  header.depth = desc.depth;
  header.layer_count = desc.layers;
  header.face_count = desc.faces;
  header.level_count = static_cast<std::uint32_t>(desc.levels.size());
  header.scheme = static_cast<std::uint32_t>(desc.supercompression);
  return header;
}

/// The descriptor of UASTC blocks in the place of that of ASTC blocks (KTX 2.0 section 3.10.4,
/// Khronos Data Format Specification section "KHR_DF_MODEL_UASTC").
void describe_uastc(UastcChannels channels, texture::Ktx2Header& header,
                    texture::Descriptor& descriptor) {
  header.vk_format = 0;
  descriptor.model = texture::ColorModel::kUastc;
  texture::DescriptorSample& sample = descriptor.samples[0];
  sample.channel = static_cast<std::uint8_t>(channels);
  sample.lower = 0;
  sample.upper = UINT32_MAX;
}

Result<> check_shape(const Ktx2WriteDesc& desc, const texture::Ktx2Header& header) {
  const FormatInfo& format = *format_info(desc.format);
  if (desc.width == 0 || (desc.height == 0 && (desc.depth != 0 || format.compressed)))
    return invalid(fmt::format("{} x {} x {} texels", desc.width, desc.height, desc.depth));
  if (desc.faces != 1 && desc.faces != 6)
    return invalid(fmt::format("{} faces; 1 or 6 are possible", desc.faces));
  if (desc.faces == 6 && (desc.width != desc.height || desc.depth != 0))
    return invalid("the faces of a cube map must be square and have no depth");
  if (desc.depth != 0 && desc.layers != 0) return invalid("no API knows arrays of 3D images");
  if (desc.levels.empty() || desc.levels.size() > texture::full_level_count(header))
    return invalid(fmt::format("{} levels for {} x {} texels; 1 to {} are possible",
                               desc.levels.size(), desc.width, desc.height,
                               texture::full_level_count(header)));
  if (desc.supercompression != Supercompression::kNone &&
      desc.supercompression != Supercompression::kZstd)
    return fail(ErrorCode::kNotSupported, "KTX2 writer: only zstd supercompression is written");
  return {};
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

Result<> check_key(std::string_view key) {
  if (key.empty() || key.find('\0') != std::string_view::npos)
    return invalid("a key is empty or holds a NUL");
  const bool reserved = key.starts_with("KTX") || key.starts_with("ktx");
  if (reserved && std::ranges::find(kTextKeys, key) == kTextKeys.end())
    return invalid(fmt::format("the key {} is reserved and not text", key));
  return {};
}

/// The entries of the file: the caller's and the writer's name, sorted by key.
Result<KeyValues> sorted_key_values(const Ktx2WriteDesc& desc) {
  KeyValues entries = desc.key_values;
  if (std::ranges::find(entries, kWriterKey, &KeyValues::value_type::first) == entries.end())
    entries.emplace_back(kWriterKey, kWriterName);
  for (const auto& entry : entries) FORGE3D_TRY(check_key(entry.first));
  std::ranges::sort(entries);
  const auto same = std::ranges::adjacent_find(entries, {}, &KeyValues::value_type::first);
  if (same != entries.end()) return invalid(fmt::format("the key {} comes twice", same->first));
  return entries;
}

void append_text(std::vector<std::byte>& out, std::string_view text) {
  for (const char c : text) out.push_back(static_cast<std::byte>(c));
  out.push_back(std::byte{0});
}

void pad_to(std::vector<std::byte>& out, std::uint64_t alignment) {
  out.resize(static_cast<std::size_t>(texture::align_up(out.size(), alignment)));
}

std::vector<std::byte> serialize(const KeyValues& entries) {
  std::vector<std::byte> out;
  for (const auto& [key, value] : entries) {
    texture::append_le(out, static_cast<std::uint32_t>(key.size() + value.size() + 2));
    append_text(out, key);
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
    FORGE3D_TRY_ASSIGN(std::vector<std::byte> bytes, compress_zstd(level, desc_.zstd_level));
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
  const bool zstd = header_.scheme == texture::kSchemeZstd;
  if (zstd) FORGE3D_TRY(compress_levels());
  const std::vector<std::byte> dfd = texture::serialize(descriptor);
  const std::vector<std::byte> kvd = serialize(entries);
  header_.dfd_offset = static_cast<std::uint32_t>(header_.index_end());
  header_.dfd_bytes = static_cast<std::uint32_t>(dfd.size());
  header_.kvd_offset = header_.dfd_offset + header_.dfd_bytes;
  header_.kvd_bytes = static_cast<std::uint32_t>(kvd.size());
  const std::uint64_t alignment = zstd ? 1 : texture::level_alignment(descriptor.plane_bytes[0]);
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

}  // namespace

Result<std::vector<std::byte>> write_ktx2(const Ktx2WriteDesc& desc) {
  auto layout = texture::vk_format_layout(static_cast<std::uint32_t>(desc.format));
  if (!layout || format_info(desc.format) == nullptr)
    return fail(ErrorCode::kNotSupported,
                fmt::format("KTX2 writer: format {} is not in the format table",
                            static_cast<std::uint32_t>(desc.format)));
  texture::Ktx2Header header = header_of(desc, *layout);
  if (desc.uastc) {
    if (desc.format != Format::kASTC4x4Unorm && desc.format != Format::kASTC4x4Srgb)
      return invalid("UASTC levels stand for ASTC 4x4, UNORM or sRGB");
    describe_uastc(*desc.uastc, header, layout->descriptor);
  }
  FORGE3D_TRY(check_shape(desc, header));
  FORGE3D_TRY(check_levels(desc, header, layout->descriptor));
  FORGE3D_TRY_ASSIGN(const KeyValues entries, sorted_key_values(desc));
  if (desc.premultiplied_alpha) layout->descriptor.flags |= texture::kFlagPremultiplied;
  try {  // the buffers below are vectors
    return Assembly(desc, header).write(layout->descriptor, entries);
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::kOutOfHostMemory, "KTX2 writer: cannot allocate the file");
  }
}

}  // namespace forge3d
