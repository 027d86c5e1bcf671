// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// validate_ktx2: the order of the parts, and the rules of header and index.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "texture/allocate.hpp"
#include "texture/ktx2/validation.hpp"
#include "texture/ktx2/vk_format_names.hpp"

namespace forge3d {
namespace texture {
namespace {

constexpr std::uint32_t kFirstVendorScheme = 0x10000;
constexpr std::uint32_t kLastVendorScheme = 0x1FFFF;
// Extensions count from here on, and enumerants of Vulkan end at 2^31 - 1.
constexpr std::uint32_t kFirstExtensionFormat = 1000001000;
constexpr std::uint32_t kLastExtensionFormat = 0x7FFFFFFF;

// Offsets of header fields.
constexpr std::uint64_t kAtFormat = 12, kAtTypeSize = 16, kAtWidth = 20, kAtHeight = 24,
                        kAtDepth = 28, kAtLayers = 32, kAtFaces = 36, kAtLevels = 40,
                        kAtScheme = 44, kAtDfd = 48, kAtKvd = 56, kAtSgd = 64;

void validate_format(Validation& v) {
  const std::uint32_t format = v.header.vk_format;
  const std::string_view name = vk_format_name(format);
  if (is_prohibited(name)) {
    v.error(3001, kAtFormat, fmt::format("VkFormat {} is prohibited in KTX2 files", name));
  } else if (name.empty() && format != 0) {
    if (format < kFirstExtensionFormat || format > kLastExtensionFormat)
      v.error(3002, kAtFormat, fmt::format("{} is no VkFormat", format));
    else
      v.warn(3003, kAtFormat, fmt::format("VkFormat {} is not known, perhaps new", format));
  }
  if (v.header.is_basis() && format != 0)
    v.error(3004, kAtFormat, "vkFormat must be VK_FORMAT_UNDEFINED under Basis supercompression");
}

void validate_extents(Validation& v) {
  const Ktx2Header& h = v.header;
  const bool blocks = v.is_block_compressed();
  if (h.width == 0) v.error(3006, kAtWidth, "pixelWidth must not be 0");
  if (blocks && h.height == 0)
    v.error(3007, kAtHeight, "pixelHeight must not be 0 for block-compressed formats");
  if (h.face_count == 6 && h.width != h.height)
    v.error(3008, kAtHeight, fmt::format("a cube map of {} x {} texels", h.width, h.height));
  if (h.height == 0 && h.depth != 0)
    v.error(3009, kAtHeight, "pixelHeight must not be 0 where pixelDepth is not");
  if (v.has_deep_blocks() && h.depth == 0)
    v.error(3010, kAtDepth, "pixelDepth must not be 0 for blocks that have depth");
  if (v.layout && v.layout->depth_stencil && h.depth != 0)
    v.error(3011, kAtDepth, "pixelDepth must be 0 for depth and stencil formats");
  if (h.face_count == 6 && h.depth != 0)
    v.error(3013, kAtDepth, "pixelDepth must be 0 for cube maps");
  if (h.depth != 0 && h.layer_count != 0) v.warn(3014, kAtDepth, "no API knows 3D arrays");
  if (h.face_count != 1 && h.face_count != 6)
    v.error(3015, kAtFaces, fmt::format("faceCount is {}; it must be 1 or 6", h.face_count));
}

void validate_counts(Validation& v) {
  const Ktx2Header& h = v.header;
  if (h.levels() > full_level_count(h))
    v.error(3016, kAtLevels,
            fmt::format("levelCount {} for {} x {} x {} texels", h.level_count, h.width, h.height,
                        h.depth));
  if (h.level_count == 0 && v.is_block_compressed())
    v.error(3017, kAtLevels, "levelCount must not be 0 for block-compressed formats");
  if (h.scheme >= kFirstVendorScheme && h.scheme <= kLastVendorScheme)
    v.warn(3018, kAtScheme, fmt::format("supercompressionScheme {} is a vendor's", h.scheme));
  else if (h.scheme > kSchemeUastcHdr6x6)
    v.error(3019, kAtScheme, fmt::format("supercompressionScheme {} is not defined", h.scheme));
}

void validate_index(Validation& v) {
  const Ktx2Header& h = v.header;
  const std::uint64_t dfd_end = align_up(h.index_end() + h.dfd_bytes, 4);
  if (h.dfd_offset == 0 || h.dfd_bytes == 0)
    v.error(3020, kAtDfd, "the Data Format Descriptor is mandatory");
  if (h.dfd_offset != h.index_end())
    v.error(3021, kAtDfd,
            fmt::format("dfdByteOffset is {}; it must be {}", h.dfd_offset, h.index_end()));
  if (h.kvd_bytes != 0 && h.kvd_offset != dfd_end)
    v.error(3022, kAtKvd, fmt::format("kvdByteOffset is {}; it must be {}", h.kvd_offset, dfd_end));
  if (h.kvd_bytes != 0 && h.dfd_offset != 0 &&
      std::uint64_t{h.dfd_offset} + h.dfd_bytes != h.kvd_offset)
    v.error(3028, kAtDfd + 4, "the descriptor must end where the key/value data begins");
  if (h.kvd_bytes == 0 && h.kvd_offset != 0)
    v.error(3023, kAtKvd, "kvdByteOffset must be 0 when kvdByteLength is");
  const std::uint64_t sgd_offset = align_up(dfd_end + h.kvd_bytes, 8);
  if (h.sgd_bytes != 0 && h.sgd_offset != sgd_offset)
    v.error(3024, kAtSgd,
            fmt::format("sgdByteOffset is {}; it must be {}", h.sgd_offset, sgd_offset));
  if (h.sgd_bytes == 0 && h.sgd_offset != 0)
    v.error(3025, kAtSgd, "sgdByteOffset must be 0 when sgdByteLength is");
  if (h.is_basis() && h.sgd_bytes == 0)
    v.error(3026, kAtSgd + 8, "the scheme needs supercompression global data");
  if (h.scheme <= kSchemeZlib && !h.is_basis() && h.sgd_bytes != 0)
    v.error(3027, kAtSgd + 8, "the scheme has no supercompression global data");
}

void validate_type_size(Validation& v) {
  const std::uint32_t stored = v.header.type_size;
  const bool blocks =
      v.header.vk_format == 0 || v.is_block_compressed() ||
      (v.descriptor && is_block_model(v.descriptor->model));  // whatever the format says
  if (blocks) {
    if (stored != 1)
      v.error(3005, kAtTypeSize,
              fmt::format("typeSize is {}; blocks and undefined formats have 1", stored));
  } else if (v.layout && stored != v.layout->type_size) {
    v.error(3012, kAtTypeSize,
            fmt::format("typeSize is {}; {} has {}", stored, v.layout->name, v.layout->type_size));
  }
}

/// KHR_texture_basisu: a 2D texture of whole blocks, one level or all of them.
void validate_gltf(Validation& v) {
  const Ktx2Header& h = v.header;
  if (h.scheme != kSchemeNone && h.scheme != kSchemeBasisLz && h.scheme != kSchemeZstd)
    v.error(3101, kAtScheme, fmt::format("glTF knows no supercompressionScheme {}", h.scheme));
  const auto flat = [&](std::uint64_t at, std::string_view field, std::uint32_t value,
                        std::uint32_t wanted) {
    if (value != wanted)
      v.error(3102, at,
              fmt::format("glTF textures are 2D: {} is {}, not {}", field, value, wanted));
  };
  flat(kAtDepth, "pixelDepth", h.depth, 0);
  flat(kAtLayers, "layerCount", h.layer_count, 0);
  flat(kAtFaces, "faceCount", h.face_count, 1);
  if (h.width % 4 != 0 || h.height % 4 != 0)
    v.error(3103, h.width % 4 != 0 ? kAtWidth : kAtHeight,
            fmt::format("{} x {} texels; glTF wants multiples of 4", h.width, h.height));
  if (h.level_count != 1 && h.level_count != full_level_count(h))
    v.error(3104, kAtLevels,
            fmt::format("levelCount is {}; glTF wants 1 or all {}", h.level_count,
                        full_level_count(h)));
}

/// False when the file ends before the level index does.
Result<bool> read_fixed_part(Validation& v) {
  if (!v.fits(0, kHeaderBytes)) {
    v.fatal(1003, v.source.size_bytes(), "the file ends inside the header");
    return false;
  }
  FORGE3D_TRY_ASSIGN(const std::vector<std::byte> bytes, v.read(0, kHeaderBytes));
  if (!has_identifier(bytes)) {
    v.fatal(2001, 0, "the KTX 2.0 identifier is missing");
    return false;
  }
  v.header = parse_header(bytes);
  v.layout = vk_format_layout(v.header.vk_format);
  const std::uint32_t levels = v.header.levels();
  if (levels > kMaxLevels || !v.fits(kHeaderBytes, std::uint64_t{levels} * kLevelEntryBytes)) {
    if (levels > kMaxLevels) v.error(3016, kAtLevels, fmt::format("levelCount is {}", levels));
    v.fatal(1003, v.source.size_bytes(), "the file ends inside the level index");
    return false;
  }
  FORGE3D_TRY_ASSIGN(const std::vector<std::byte> index,
                     v.read(kHeaderBytes, std::uint64_t{levels} * kLevelEntryBytes));
  for (std::uint32_t level = 0; level < levels; ++level)
    v.levels.push_back(parse_level_entry(std::span(index).subspan(level * kLevelEntryBytes)));
  return true;
}

}  // namespace

Result<std::vector<std::byte>> Validation::read(std::uint64_t offset,
                                                std::uint64_t size_bytes) const {
  FORGE3D_TRY_ASSIGN(std::vector<std::byte> bytes, allocate_bytes(size_bytes));
  FORGE3D_TRY(source.read(offset, bytes));
  return bytes;
}

void validate_header(Validation& v) {
  validate_format(v);
  validate_extents(v);
  validate_counts(v);
  validate_index(v);
  validate_type_size(v);
  if (v.options.gltf_basisu) validate_gltf(v);
}

}  // namespace texture

namespace texture {
namespace {

Result<> validate_parts(Validation& v) {
  FORGE3D_TRY_ASSIGN(const bool whole, read_fixed_part(v));
  if (!whole) return {};
  // The header is judged with what the descriptor tells of formats that it does not name.
  FORGE3D_TRY(validate_descriptor(v));
  validate_header(v);
  if (!v.has_fatal) validate_level_index(v);
  constexpr std::array kParts = {validate_key_values, validate_global_data, validate_padding,
                                 validate_level_data};
  for (const auto part : kParts)
    if (!v.has_fatal) FORGE3D_TRY(part(v));
  return validate_transcoding(v);
}

}  // namespace
}  // namespace texture

Result<std::vector<ValidationFinding>> validate_ktx2(const ByteSource& source,
                                                     const Ktx2ValidateOptions& options) {
  texture::Validation v{source, options};
  FORGE3D_TRY(texture::validate_parts(v));
  std::ranges::stable_sort(v.findings, {}, &ValidationFinding::offset);
  return std::move(v.findings);
}

bool is_valid(std::span<const ValidationFinding> findings) {
  return std::ranges::all_of(findings, [](const ValidationFinding& finding) {
    return finding.severity == ValidationFinding::Severity::kWarning;
  });
}

}  // namespace forge3d
