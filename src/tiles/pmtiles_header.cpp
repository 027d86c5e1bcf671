// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "tiles/pmtiles_header.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "tiles/bytes.hpp"

namespace forge3d::tiles {
namespace {

// "PMTiles" and the version of the specification, 3.
constexpr std::string_view kMagic = "PMTiles\x03";

// Offsets of the fields.
constexpr std::size_t kRootAt = 8, kMetadataAt = 24, kLeavesAt = 40, kDataAt = 56;
constexpr std::size_t kAddressedAt = 72, kEntriesAt = 80, kContentsAt = 88;
constexpr std::size_t kClusteredAt = 96, kInternalAt = 97, kTileCompressionAt = 98, kTypeAt = 99;
constexpr std::size_t kMinZoomAt = 100, kMaxZoomAt = 101, kMinPositionAt = 102;
constexpr std::size_t kMaxPositionAt = 110, kCenterZoomAt = 118;

struct Section {
  std::string_view name;
  std::uint64_t offset = 0;
  std::uint64_t size_bytes = 0;
  std::size_t field = 0;
};

tl::unexpected<Error> bad(const std::string& file, std::size_t offset, std::string_view rule) {
  return fail(ErrorCode::kInvalidFile, fmt::format("{}: offset {}: {}", file, offset, rule));
}

std::array<Section, 4> sections_of(const PmtilesHeader& header) {
  return {Section{"root directory", header.root_offset, header.root_bytes, kRootAt},
          Section{"metadata", header.metadata_offset, header.metadata_bytes, kMetadataAt},
          Section{"leaf directories", header.leaves_offset, header.leaves_bytes, kLeavesAt},
          Section{"tile data", header.data_offset, header.data_bytes, kDataAt}};
}

Result<> check_section(const Section& section, std::uint64_t file_bytes, const std::string& file) {
  if (section.size_bytes == 0) return {};
  if (section.size_bytes > file_bytes || section.offset > file_bytes - section.size_bytes)
    return bad(file, section.field,
               fmt::format("the {}, {} bytes at {}, passes the end of the file at {}", section.name,
                           section.size_bytes, section.offset, file_bytes));
  if (section.offset < kPmtilesHeaderBytes)
    return bad(file, section.field, fmt::format("the {} overlaps the header", section.name));
  return {};
}

Result<> check_overlap(std::array<Section, 4> sections, const std::string& file) {
  std::sort(sections.begin(), sections.end(),
            [](const Section& a, const Section& b) { return a.offset < b.offset; });
  const Section* before = nullptr;
  for (const Section& section : sections) {
    if (section.size_bytes == 0) continue;
    if (before != nullptr && section.offset - before->offset < before->size_bytes)
      return bad(file, section.field,
                 fmt::format("the {} overlaps the {}", section.name, before->name));
    before = &section;
  }
  return {};
}

Result<> check_sections(const PmtilesHeader& header, std::uint64_t file_bytes,
                        const std::string& file) {
  const auto sections = sections_of(header);
  for (const Section& section : sections) FORGE3D_TRY(check_section(section, file_bytes, file));
  if (header.root_bytes == 0) return bad(file, kRootAt + 8, "the root directory is empty");
  if (header.root_offset + header.root_bytes > kPmtilesHeadBytes)
    return bad(file, kRootAt, "the root directory must lie within the first 16384 bytes");
  return check_overlap(sections, file);
}

Result<> check_flags(std::span<const std::byte> bytes, const PmtilesHeader& header,
                     const std::string& file) {
  if (std::to_integer<unsigned>(bytes[kClusteredAt]) > 1)
    return bad(file, kClusteredAt, "the clustered flag must be 0 or 1");
  for (const std::size_t at : {kInternalAt, kTileCompressionAt})
    if (std::to_integer<unsigned>(bytes[at]) > 4)
      return bad(file, at, "the compression must be 0 to 4");
  if (header.min_zoom > header.max_zoom) return bad(file, kMinZoomAt, "min zoom passes max zoom");
  if (header.max_zoom > kPmtilesMaxZoom)
    return fail(ErrorCode::kNotSupported,
                fmt::format("{}: offset {}: max zoom {} is over {}", file, kMaxZoomAt,
                            header.max_zoom, kPmtilesMaxZoom));
  return {};
}

PmtilesHeader load_fields(std::span<const std::byte> bytes) {
  const auto u64 = [&](std::size_t at) { return load_le(bytes.subspan(at), 8); };
  const auto u8 = [&](std::size_t at) { return std::to_integer<std::uint8_t>(bytes[at]); };
  PmtilesHeader header;
  header.root_offset = u64(kRootAt), header.root_bytes = u64(kRootAt + 8);
  header.metadata_offset = u64(kMetadataAt), header.metadata_bytes = u64(kMetadataAt + 8);
  header.leaves_offset = u64(kLeavesAt), header.leaves_bytes = u64(kLeavesAt + 8);
  header.data_offset = u64(kDataAt), header.data_bytes = u64(kDataAt + 8);
  header.addressed_tiles = u64(kAddressedAt);
  header.tile_entries = u64(kEntriesAt);
  header.tile_contents = u64(kContentsAt);
  header.clustered = u8(kClusteredAt) == 1;
  header.internal_compression = static_cast<PmtilesCompression>(u8(kInternalAt));
  header.tile_compression = static_cast<PmtilesCompression>(u8(kTileCompressionAt));
  header.tile_type = static_cast<PmtilesTileType>(u8(kTypeAt));
  header.min_zoom = u8(kMinZoomAt), header.max_zoom = u8(kMaxZoomAt);
  const auto i32 = [&](std::size_t at) {
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(load_le(bytes.subspan(at), 4)));
  };
  header.min_longitude_e7 = i32(kMinPositionAt), header.min_latitude_e7 = i32(kMinPositionAt + 4);
  header.max_longitude_e7 = i32(kMaxPositionAt), header.max_latitude_e7 = i32(kMaxPositionAt + 4);
  return header;
}

}  // namespace

Result<PmtilesHeader> parse_pmtiles_header(std::span<const std::byte> bytes,
                                           std::uint64_t file_bytes, const std::string& file) {
  if (bytes.size() < kPmtilesHeaderBytes)
    return bad(file, bytes.size(), "the file ends within the 127 bytes of the PMTiles header");
  const auto matches = [&](std::size_t i) { return std::to_integer<char>(bytes[i]) == kMagic[i]; };
  for (std::size_t i = 0; i < kMagic.size(); ++i)
    if (!matches(i)) return bad(file, i, "not a PMTiles version 3 archive");
  PmtilesHeader header = load_fields(bytes);
  FORGE3D_TRY(check_flags(bytes, header, file));
  FORGE3D_TRY(check_sections(header, file_bytes, file));
  return header;
}

std::array<std::byte, kPmtilesHeaderBytes> store_pmtiles_header(const PmtilesHeader& header) {
  std::array<std::byte, kPmtilesHeaderBytes> bytes{};
  const std::span<std::byte> all(bytes);
  const auto store = [&](std::size_t at, std::size_t width, std::uint64_t value) {
    store_le(all.subspan(at), width, value);
  };
  for (std::size_t i = 0; i < kMagic.size(); ++i) bytes[i] = static_cast<std::byte>(kMagic[i]);
  for (const Section& section : sections_of(header)) {
    store(section.field, 8, section.offset);
    store(section.field + 8, 8, section.size_bytes);
  }
  store(kAddressedAt, 8, header.addressed_tiles);
  store(kEntriesAt, 8, header.tile_entries);
  store(kContentsAt, 8, header.tile_contents);
  store(kClusteredAt, 1, header.clustered ? 1 : 0);
  store(kInternalAt, 1, static_cast<std::uint8_t>(header.internal_compression));
  store(kTileCompressionAt, 1, static_cast<std::uint8_t>(header.tile_compression));
  store(kTypeAt, 1, static_cast<std::uint8_t>(header.tile_type));
  store(kMinZoomAt, 1, header.min_zoom);
  store(kMaxZoomAt, 1, header.max_zoom);
  store(kMinPositionAt, 4, static_cast<std::uint32_t>(header.min_longitude_e7));
  store(kMinPositionAt + 4, 4, static_cast<std::uint32_t>(header.min_latitude_e7));
  store(kMaxPositionAt, 4, static_cast<std::uint32_t>(header.max_longitude_e7));
  store(kMaxPositionAt + 4, 4, static_cast<std::uint32_t>(header.max_latitude_e7));
  store(kCenterZoomAt, 1, header.min_zoom);
  return bytes;
}

}  // namespace forge3d::tiles
