// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Ktx2Reader: proves header, index, descriptor and key/values before it allocates for a level.

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "forge3d/ktx2.hpp"
#include "texture/allocate.hpp"
#include "texture/ktx2/bytes.hpp"
#include "texture/ktx2/container.hpp"
#include "texture/ktx2/inflate.hpp"
#include "texture/ktx2/vk_format.hpp"

namespace forge3d {
namespace {

using texture::kHeaderBytes;
using texture::kLevelEntryBytes;

// A descriptor holds one basic block of a few samples, perhaps with extensions.
constexpr std::uint32_t kMaxDescriptorBytes = 1u << 16;
constexpr std::uint32_t kMaxKeyValueBytes = 1u << 20;
constexpr std::size_t kMaxKeyValues = 4096;
// Small levels of one colour inflate a lot: the ratio is looked at from here on.
constexpr std::uint64_t kRatioFromBytes = 1u << 20;

// Offsets of header fields, for messages.
constexpr std::uint64_t kAtWidth = 20, kAtHeight = 24, kAtDepth = 28, kAtLayers = 32, kAtFaces = 36,
                        kAtLevels = 40, kAtScheme = 44, kAtDfd = 48, kAtKvd = 56, kAtSgd = 64,
                        kAtFormat = 12;

/// Opens one file: each step proves what the next relies on.
class Opener {
 public:
  Opener(const ByteSource& source, const Ktx2Limits& limits) : source_(source), limits_(limits) {}
  Result<Ktx2Info> open();

 private:
  tl::unexpected<Error> invalid(std::uint64_t offset, std::string_view rule) const {
    return refuse(ErrorCode::kInvalidFile, offset, rule);
  }
  tl::unexpected<Error> refuse(ErrorCode code, std::uint64_t offset, std::string_view rule) const {
    return fail(code, fmt::format("{}: offset {}: {}", source_.name(), offset, rule));
  }
  Result<std::vector<std::byte>> read(std::uint64_t offset, std::uint64_t size_bytes,
                                      std::string_view what) const;
  Result<> read_header();
  Result<> check_shape() const;
  Result<> check_limits() const;
  Result<> check_scheme() const;
  Result<> check_block(std::uint64_t field, std::uint64_t offset, std::uint64_t size_bytes,
                       std::string_view name) const;
  Result<> read_level_index();
  Result<> check_level_order() const;
  Result<> read_descriptor();
  Result<> check_level_sizes() const;
  [[nodiscard]] std::uint64_t plain_bytes(std::uint32_t level) const;
  Result<> check_level_size(std::uint32_t level) const;
  Result<> check_level_limits(std::uint32_t level) const;
  Result<> read_key_values();
  void fill_info();

  const ByteSource& source_;
  const Ktx2Limits& limits_;
  texture::Ktx2Header header_;
  texture::Descriptor descriptor_;
  Ktx2Info info_;
};

Result<std::vector<std::byte>> Opener::read(std::uint64_t offset, std::uint64_t size_bytes,
                                            std::string_view what) const {
  const auto end = texture::checked_add(offset, size_bytes);
  if (!end || *end > source_.size_bytes())
    return invalid(offset, fmt::format("{} of {} bytes passes the end of the file at {}", what,
                                       size_bytes, source_.size_bytes()));
  FORGE3D_TRY_ASSIGN(std::vector<std::byte> bytes, texture::allocate_bytes(size_bytes));
  FORGE3D_TRY(source_.read(offset, bytes));
  return bytes;
}

Result<> Opener::read_header() {
  FORGE3D_TRY_ASSIGN(const std::vector<std::byte> identifier,
                     read(0, texture::kIdentifierBytes, "identifier"));
  if (!texture::has_identifier(identifier)) return invalid(0, "the KTX 2.0 identifier is missing");
  FORGE3D_TRY_ASSIGN(const std::vector<std::byte> bytes, read(0, kHeaderBytes, "header"));
  header_ = texture::parse_header(bytes);
  return {};
}

Result<> Opener::check_shape() const {
  const texture::Ktx2Header& h = header_;
  if (h.width == 0) return invalid(kAtWidth, "pixelWidth must not be 0");
  if (h.height == 0 && h.depth != 0)
    return invalid(kAtHeight, "pixelHeight must not be 0 where pixelDepth is not");
  if (h.face_count != 1 && h.face_count != 6)
    return invalid(kAtFaces, fmt::format("faceCount is {}; it must be 1 or 6", h.face_count));
  if (h.face_count == 6 && (h.width != h.height || h.depth != 0))
    return invalid(kAtDepth, "the faces of a cube map must be square and have no depth");
  if (h.levels() > texture::full_level_count(h))
    return invalid(kAtLevels, fmt::format("levelCount is {}; {} x {} x {} texels have {} levels",
                                          h.level_count, h.width, h.height, h.depth,
                                          texture::full_level_count(h)));
  return {};
}

Result<> Opener::check_limits() const {
  const std::uint32_t extent = std::max({header_.width, header_.height, header_.depth});
  if (extent > limits_.max_extent)
    return refuse(ErrorCode::kNotSupported, kAtWidth,
                  fmt::format("extent {} passes the limit of {}", extent, limits_.max_extent));
  if (header_.layers() > limits_.max_layers)
    return refuse(
        ErrorCode::kNotSupported, kAtLayers,
        fmt::format("{} layers pass the limit of {}", header_.layers(), limits_.max_layers));
  if (header_.levels() > limits_.max_levels)
    return refuse(
        ErrorCode::kNotSupported, kAtLevels,
        fmt::format("{} levels pass the limit of {}", header_.levels(), limits_.max_levels));
  return {};
}

Result<> Opener::check_scheme() const {
  if (header_.scheme > texture::kSchemeUastcHdr6x6)
    return refuse(ErrorCode::kNotSupported, kAtScheme,
                  fmt::format("supercompressionScheme {} is not known", header_.scheme));
  if (header_.is_basis() && header_.vk_format != 0)
    return invalid(kAtFormat, "vkFormat must be VK_FORMAT_UNDEFINED under Basis supercompression");
  const bool has_global_data = header_.sgd_bytes != 0;
  if (has_global_data != header_.is_basis())
    return invalid(kAtSgd, "global data belongs to Basis supercompression, and only to it");
  return {};
}

/// A block named by the index lies behind the level index and inside the file.
Result<> Opener::check_block(std::uint64_t field, std::uint64_t offset, std::uint64_t size_bytes,
                             std::string_view name) const {
  if (size_bytes == 0) return {};
  const auto end = texture::checked_add(offset, size_bytes);
  if (!end || *end > source_.size_bytes())
    return invalid(field, fmt::format("{} at {} of {} bytes passes the end of the file at {}", name,
                                      offset, size_bytes, source_.size_bytes()));
  if (offset < header_.index_end())
    return invalid(field, fmt::format("{} at {} lies inside the header, which ends at {}", name,
                                      offset, header_.index_end()));
  return {};
}

Result<> Opener::read_level_index() {
  const std::uint64_t size_bytes = header_.index_end() - kHeaderBytes;
  FORGE3D_TRY_ASSIGN(const std::vector<std::byte> bytes,
                     read(kHeaderBytes, size_bytes, "level index"));
  for (std::uint32_t level = 0; level < header_.levels(); ++level) {
    const auto entry =
        texture::parse_level_entry(std::span(bytes).subspan(level * kLevelEntryBytes));
    info_.level_index.push_back({entry.offset, entry.stored_bytes, entry.bytes});
    const std::uint64_t at = kHeaderBytes + level * kLevelEntryBytes;
    if (entry.stored_bytes == 0) return invalid(at + 8, fmt::format("level {} is empty", level));
    FORGE3D_TRY(check_block(at, entry.offset, entry.stored_bytes, fmt::format("level {}", level)));
  }
  return check_level_order();
}

/// The smallest level comes first and none shares a byte with another.
Result<> Opener::check_level_order() const {
  for (std::uint32_t level = 1; level < header_.levels(); ++level) {
    const Ktx2Info::Level& small = info_.level_index[level];
    const Ktx2Info::Level& large = info_.level_index[level - 1];
    if (small.offset + small.stored_bytes > large.offset)
      return invalid(kHeaderBytes + level * kLevelEntryBytes,
                     fmt::format("level {} must end before level {} begins", level, level - 1));
  }
  return {};
}

Result<> Opener::read_descriptor() {
  if (header_.dfd_bytes < 4 + texture::kBasicBlockBytes)
    return invalid(kAtDfd, "the data format descriptor is missing or too short");
  if (header_.dfd_bytes > kMaxDescriptorBytes)
    return refuse(ErrorCode::kNotSupported, kAtDfd,
                  fmt::format("a data format descriptor of {} bytes", header_.dfd_bytes));
  FORGE3D_TRY(check_block(kAtDfd, header_.dfd_offset, header_.dfd_bytes, "the descriptor"));
  FORGE3D_TRY_ASSIGN(const std::vector<std::byte> bytes,
                     read(header_.dfd_offset, header_.dfd_bytes, "the descriptor"));
  if (texture::load_le<std::uint32_t>(bytes, 0) != header_.dfd_bytes)
    return invalid(header_.dfd_offset, "dfdTotalSize must equal dfdByteLength");
  const auto block = std::span(bytes).subspan(4);
  if (texture::load_le<std::uint32_t>(block, 0) != 0)
    return invalid(header_.dfd_offset + 4, "the first descriptor block must be a basic one");
  const std::size_t block_bytes = texture::load_le<std::uint16_t>(block, 6);
  if (block_bytes < texture::kBasicBlockBytes || block_bytes > block.size() ||
      (block_bytes - texture::kBasicBlockBytes) % texture::kSampleBytes != 0)
    return invalid(header_.dfd_offset + 10,
                   fmt::format("descriptorBlockSize {} does not fit", block_bytes));
  descriptor_ = texture::parse_basic_block(block.first(block_bytes));
  const bool etc1s = descriptor_.model == texture::ColorModel::kEtc1s;
  const bool basis_lz = header_.scheme == texture::kSchemeBasisLz;
  // Without a format that tells otherwise no rule forbids it, and no writer makes it.
  if (etc1s && !basis_lz && !texture::vk_format_layout(header_.vk_format))
    return refuse(ErrorCode::kNotSupported, header_.dfd_offset + 12,
                  "ETC1S is read under BasisLZ only");
  if (etc1s != basis_lz)
    return invalid(header_.dfd_offset + 12, "the ETC1S model and BasisLZ go together");
  return {};
}

Result<> Opener::check_level_sizes() const {
  std::uint64_t total = 0;
  for (std::uint32_t level = 0; level < header_.levels(); ++level) {
    FORGE3D_TRY(check_level_size(level));
    FORGE3D_TRY(check_level_limits(level));
    const std::uint64_t larger =
        std::max(plain_bytes(level), info_.level_index[level].stored_bytes);
    total += larger;  // within limits_.max_level_bytes
    if (total < larger || total > limits_.max_total_bytes)
      return refuse(ErrorCode::kNotSupported, kHeaderBytes,
                    fmt::format("the levels down to {} pass the limit of {} bytes in all", level,
                                limits_.max_total_bytes));
  }
  return {};
}

/// The Basis images of a file: the model tells them together with vkFormat. KTX 2.0 section 3.10.
BasisModel basis_model(std::uint32_t vk_format, texture::ColorModel model) {
  constexpr std::uint32_t kAstc4x4Float = 1000066000;
  switch (model) {
    case texture::ColorModel::kEtc1s:
      return BasisModel::kEtc1s;
    case texture::ColorModel::kUastc:
      return vk_format == 0 ? BasisModel::kUastc : BasisModel::kNone;
    case texture::ColorModel::kUastcHdr4x4:
      return vk_format == kAstc4x4Float ? BasisModel::kUastcHdr : BasisModel::kNone;
    default:
      return BasisModel::kNone;
  }
}

/// The block layout that sizes follow from: that of the format, else what the file describes.
texture::Descriptor size_descriptor(std::uint32_t vk_format, const texture::Descriptor& stored) {
  if (const auto layout = texture::vk_format_layout(vk_format)) return layout->descriptor;
  texture::Descriptor descriptor = stored;
  if (basis_model(vk_format, stored.model) == BasisModel::kUastc) {
    descriptor.block_extent = {4, 4, 1, 1};
    descriptor.plane_bytes = {16};
  }
  return descriptor;
}

/// Blocks of images whose scheme inflates no further than to them: ETC1S, a plane a sample, or
/// UASTC HDR 6x6.
texture::Descriptor basis_blocks(std::uint32_t scheme, std::size_t samples) {
  texture::Descriptor blocks;
  const bool etc1s = scheme == texture::kSchemeBasisLz;
  const std::uint16_t side = etc1s ? 4 : 6;
  blocks.block_extent = {side, side, 1, 1};
  blocks.plane_bytes = {static_cast<std::uint8_t>(etc1s && samples < 2 ? 8 : 16)};
  return blocks;
}

/// What limits count of a level: under Basis supercompression the index does not say it.
std::uint64_t Opener::plain_bytes(std::uint32_t level) const {
  if (!header_.is_basis()) return info_.level_index[level].bytes;
  const texture::Descriptor blocks = basis_blocks(header_.scheme, descriptor_.samples.size());
  return texture::level_bytes(header_, blocks, level).value_or(UINT64_MAX);
}

Result<> Opener::check_level_limits(std::uint32_t level) const {
  const std::uint64_t at = kHeaderBytes + level * kLevelEntryBytes + 16;
  const std::uint64_t stored = info_.level_index[level].stored_bytes;  // not 0
  std::uint64_t plain = plain_bytes(level);
  if (const std::uint64_t larger = std::max(plain, stored); larger > limits_.max_level_bytes)
    return refuse(ErrorCode::kNotSupported, at,
                  fmt::format("level {} of {} bytes passes the limit of {}", level, larger,
                              limits_.max_level_bytes));
  // Frames of an animation may well be nothing but those before them.
  if (header_.is_basis())
    plain /=
        std::uint64_t{header_.layers()} * header_.face_count * mip_extent(header_.depth, level);
  if (plain > kRatioFromBytes && plain / stored > limits_.max_inflation_ratio)
    return refuse(
        ErrorCode::kNotSupported, at,
        fmt::format("level {} inflates {} bytes to {}{}, past the ratio limit of {}", level, stored,
                    plain, header_.is_basis() ? " an image" : "", limits_.max_inflation_ratio));
  return {};
}

Result<> Opener::check_level_size(std::uint32_t level) const {
  const Ktx2Info::Level& entry = info_.level_index[level];
  const std::uint64_t at = kHeaderBytes + level * kLevelEntryBytes + 16;
  if (header_.is_basis()) {
    if (entry.bytes == 0) return {};
    return invalid(
        at, fmt::format("level {}: uncompressedByteLength must be 0 under this scheme", level));
  }
  if (header_.scheme == texture::kSchemeNone && entry.bytes != entry.stored_bytes)
    return invalid(at,
                   fmt::format("level {}: uncompressedByteLength must equal byteLength", level));
  const texture::Descriptor layout = size_descriptor(header_.vk_format, descriptor_);
  const auto expected = texture::level_bytes(header_, layout, level);
  const bool known = layout.plane_bytes[0] != 0;  // else deprecated: unsized under supercompression
  const bool cut = texture::whole_block_level_bytes(header_, layout, level) == entry.bytes;
  if (known && expected != entry.bytes && !cut)
    return invalid(at, fmt::format("level {} has {} bytes; its extents make {}", level, entry.bytes,
                                   expected.value_or(UINT64_MAX)));
  if (entry.bytes % (std::uint64_t{header_.layers()} * header_.face_count) != 0)
    return invalid(at, fmt::format("level {}: {} bytes do not divide among its layers and faces",
                                   level, entry.bytes));
  return {};
}

Result<> Opener::read_key_values() {
  if (header_.kvd_bytes > kMaxKeyValueBytes)
    return refuse(ErrorCode::kNotSupported, kAtKvd,
                  fmt::format("key/value data of {} bytes", header_.kvd_bytes));
  FORGE3D_TRY(check_block(kAtKvd, header_.kvd_offset, header_.kvd_bytes, "key/value data"));
  FORGE3D_TRY_ASSIGN(const std::vector<std::byte> bytes,
                     read(header_.kvd_offset, header_.kvd_bytes, "key/value data"));
  std::span<const std::byte> left = bytes;
  while (left.size() >= 4) {
    const std::uint64_t at = header_.kvd_offset + (bytes.size() - left.size());
    const std::uint32_t size_bytes = texture::load_le<std::uint32_t>(left, 0);
    left = left.subspan(4);
    if (size_bytes < 2 || size_bytes > left.size())
      return invalid(at, fmt::format("keyAndValueByteLength {} does not fit the {} bytes left",
                                     size_bytes, left.size()));
    const auto pair = left.first(size_bytes);
    if (info_.key_values.size() == kMaxKeyValues)
      return refuse(ErrorCode::kNotSupported, at,
                    fmt::format("more than {} key/value entries", kMaxKeyValues));
    const auto nul = std::ranges::find(pair, std::byte{0});
    if (nul == pair.end()) return invalid(at + 4, "a key must end with a NUL");
    const auto key_bytes = static_cast<std::size_t>(nul - pair.begin());
    const auto value = pair.subspan(key_bytes + 1);
    info_.key_values.emplace_back(
        std::string(reinterpret_cast<const char*>(pair.data()), key_bytes),
        std::vector<std::byte>(value.begin(), value.end()));
    left = left.subspan(std::min<std::size_t>(left.size(), texture::align_up(size_bytes, 4)));
  }
  return {};
}

void Opener::fill_info() {
  const auto format = static_cast<Format>(header_.vk_format);
  info_.format = format_info(format) != nullptr ? format : Format::kUndefined;
  info_.vk_format = header_.vk_format;
  info_.type_size = header_.type_size;
  info_.width = header_.width;
  info_.height = std::max(header_.height, 1u);
  info_.depth = std::max(header_.depth, 1u);
  info_.layers = header_.layers();
  info_.faces = header_.face_count;
  info_.levels = header_.levels();
  info_.is_array = header_.layer_count != 0;
  info_.wants_mips = header_.level_count == 0;
  info_.supercompression = static_cast<Supercompression>(header_.scheme);
  info_.basis_model = basis_model(header_.vk_format, descriptor_.model);
  info_.srgb = descriptor_.transfer == texture::kTransferSrgb;
  for (const texture::DescriptorSample& sample : descriptor_.samples)
    info_.channel_ids.push_back(sample.channel_id());
  info_.global_data_offset = header_.sgd_offset;
  info_.global_data_bytes = header_.sgd_bytes;
  if (header_.is_basis()) return;
  const texture::Descriptor layout = size_descriptor(header_.vk_format, descriptor_);
  for (std::size_t axis = 0; axis < 3; ++axis) info_.block_extent[axis] = layout.block_extent[axis];
  info_.block_bytes = layout.plane_bytes[0];
  constexpr std::uint8_t kMiddle = 0x80;
  info_.chroma_between =
      layout.model == texture::ColorModel::kYuvsda &&
      std::ranges::any_of(descriptor_.samples, [](const texture::DescriptorSample& sample) {
        return sample.channel_id() != 0 && sample.position[0] == kMiddle;
      });
}

Result<Ktx2Info> Opener::open() {
  FORGE3D_TRY(read_header());
  FORGE3D_TRY(check_shape());
  FORGE3D_TRY(check_limits());
  FORGE3D_TRY(check_scheme());
  FORGE3D_TRY(read_level_index());
  FORGE3D_TRY(check_block(kAtSgd, header_.sgd_offset, header_.sgd_bytes, "global data"));
  FORGE3D_TRY(read_descriptor());
  FORGE3D_TRY(check_level_sizes());
  FORGE3D_TRY(read_key_values());
  fill_info();
  return std::move(info_);
}

}  // namespace

Result<Ktx2Reader> Ktx2Reader::open(std::shared_ptr<ByteSource> source, const Ktx2Limits& limits) {
  FORGE3D_TRY_ASSIGN(Ktx2Info info, Opener(*source, limits).open());
  Ktx2Reader reader;
  reader.source_ = std::move(source);
  reader.info_ = std::move(info);
  return reader;
}

Result<Ktx2Reader> Ktx2Reader::open(const std::filesystem::path& path, const Ktx2Limits& limits) {
  FORGE3D_TRY_ASSIGN(std::shared_ptr<ByteSource> source, open_file_source(path));
  return open(std::move(source), limits);
}

bool Ktx2Reader::has_arrived(std::uint32_t level) const {
  if (level >= info_.levels) return false;
  const Ktx2Info::Level& entry = info_.level_index[level];  // proven to lie inside the file
  return entry.offset + entry.stored_bytes <= source_->available_bytes();
}

std::uint32_t Ktx2Reader::first_arrived_level() const {
  std::uint32_t first = info_.levels;
  while (first > 0 && has_arrived(first - 1)) --first;
  return first;
}

Result<std::vector<std::byte>> Ktx2Reader::read_level(std::uint32_t level) const {
  if (level >= info_.levels)
    return fail(ErrorCode::kInvalidArgument, fmt::format("{}: has {} levels, no level {}",
                                                         source_->name(), info_.levels, level));
  FORGE3D_TRY_ASSIGN(std::vector<std::byte> bytes,
                     texture::allocate_bytes(info_.level_index[level].bytes));
  FORGE3D_TRY(read_level_into(level, bytes));
  return bytes;
}

Result<> Ktx2Reader::read_level_into(std::uint32_t level, std::span<std::byte> out) const {
  if (level >= info_.levels || out.size() != info_.level_index[level].bytes)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: level {} of {} asked for with {} bytes", source_->name(), level,
                            info_.levels, out.size()));
  const Ktx2Info::Level& entry = info_.level_index[level];
  if (info_.supercompression == Supercompression::kBasisLz ||
      info_.supercompression == Supercompression::kUastcHdr6x6)
    return fail(ErrorCode::kNotSupported,
                fmt::format("{}: Basis images are transcoded, not read", source_->name()));
  if (!has_arrived(level))
    return fail(ErrorCode::kIo,
                fmt::format("{}: level {} has not arrived: it ends at {}, {} bytes are there",
                            source_->name(), level, entry.offset + entry.stored_bytes,
                            source_->available_bytes()));
  if (info_.supercompression == Supercompression::kNone) return source_->read(entry.offset, out);
  FORGE3D_TRY_ASSIGN(std::vector<std::byte> stored, texture::allocate_bytes(entry.stored_bytes));
  FORGE3D_TRY(source_->read(entry.offset, stored));
  const auto inflated =
      texture::inflate(static_cast<std::uint32_t>(info_.supercompression), stored, out);
  if (inflated) return {};
  return fail(ErrorCode::kInvalidFile, fmt::format("{}: offset {}: level {}: {}", source_->name(),
                                                   entry.offset, level, inflated.error().reason));
}

Result<> Ktx2Reader::read_stored(std::uint32_t level, std::uint64_t offset,
                                 std::span<std::byte> out) const {
  const std::uint64_t stored =
      level < info_.levels ? info_.level_index[level].stored_bytes : std::uint64_t{0};
  if (level >= info_.levels || offset > stored || out.size() > stored - offset)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: {} bytes at {} of level {} asked for, which stores {}",
                            source_->name(), out.size(), offset, level, stored));
  return source_->read(info_.level_index[level].offset + offset, out);
}

Result<std::vector<std::byte>> Ktx2Reader::read_global_data() const {
  FORGE3D_TRY_ASSIGN(std::vector<std::byte> bytes,
                     texture::allocate_bytes(info_.global_data_bytes));
  FORGE3D_TRY(source_->read(info_.global_data_offset, bytes));
  return bytes;
}

Result<std::vector<std::byte>> Ktx2Reader::read_slice(const Ktx2Slice& slice) const {
  if (slice.level >= info_.levels)
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("{}: has {} levels, no level {}", source_->name(), info_.levels, slice.level));
  FORGE3D_TRY_ASSIGN(std::vector<std::byte> bytes,
                     texture::allocate_bytes(info_.slice_bytes(slice.level)));
  FORGE3D_TRY(read_slice_into(slice, bytes));
  return bytes;
}

Result<> Ktx2Reader::read_slice_into(const Ktx2Slice& slice, std::span<std::byte> out) const {
  const bool exists = slice.level < info_.levels && slice.layer < info_.layers &&
                      slice.face < info_.faces && slice.slice < info_.block_slices(slice.level);
  if (!exists || out.size() != info_.slice_bytes(slice.level))
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: level {}, layer {}, face {}, slice {} asked for with {} bytes",
                            source_->name(), slice.level, slice.layer, slice.face, slice.slice,
                            out.size()));
  const Ktx2Info::Level& entry = info_.level_index[slice.level];
  const std::uint64_t slices = info_.block_slices(slice.level);
  if (info_.face_bytes(slice.level) % slices != 0)
    return fail(ErrorCode::kInvalidFile,
                fmt::format("{}: offset {}: {} bytes of level {} do not divide into {} slices",
                            source_->name(), entry.offset, entry.bytes, slice.level, slices));
  const std::uint64_t index =
      (std::uint64_t{slice.layer} * info_.faces + slice.face) * slices + slice.slice;
  const std::uint64_t begin = index * out.size();  // inside entry.bytes
  if (info_.supercompression == Supercompression::kNone)
    return source_->read(entry.offset + begin, out);
  FORGE3D_TRY_ASSIGN(const std::vector<std::byte> level, read_level(slice.level));
  if (!out.empty()) std::memcpy(out.data(), level.data() + begin, out.size());
  return {};
}

}  // namespace forge3d
