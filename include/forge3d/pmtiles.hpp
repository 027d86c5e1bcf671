// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// PMTiles v3: the tile archive. One file, Hilbert-ordered directory, repeated tiles stored once.
// Source: PMTiles Version 3 Specification (Protomaps).

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "forge3d/ktx2.hpp"
#include "forge3d/result.hpp"
#include "forge3d/tile_source.hpp"

namespace forge3d {

enum class PmtilesCompression : std::uint8_t {
  kUnknown = 0,
  kNone = 1,
  kGzip = 2,
  kBrotli = 3,
  kZstd = 4
};
enum class PmtilesTileType : std::uint8_t {
  kUnknown = 0,
  kMvt = 1,
  kPng = 2,
  kJpeg = 3,
  kWebp = 4,
  kAvif = 5
};

/// The 127-byte header, as stored.
struct PmtilesHeader {
  std::uint64_t root_offset = 0, root_bytes = 0;
  std::uint64_t metadata_offset = 0, metadata_bytes = 0;
  std::uint64_t leaves_offset = 0, leaves_bytes = 0;
  std::uint64_t data_offset = 0, data_bytes = 0;
  std::uint64_t addressed_tiles = 0, tile_entries = 0, tile_contents = 0;
  bool clustered = false;
  PmtilesCompression internal_compression = PmtilesCompression::kNone;
  PmtilesCompression tile_compression = PmtilesCompression::kNone;
  PmtilesTileType tile_type = PmtilesTileType::kUnknown;
  std::uint8_t min_zoom = 0, max_zoom = 0;
  /// What the tiles cover on the earth, in 1e-7 degrees; the whole of the web's square Mercator map
  /// unless the archive says less.
  std::int32_t min_longitude_e7 = -1'800'000'000, min_latitude_e7 = -850'511'287;
  std::int32_t max_longitude_e7 = 1'800'000'000, max_latitude_e7 = 850'511'287;
};

/// The deepest zoom whose tile ids forge3d computes; deeper archives are refused.
inline constexpr std::uint32_t kPmtilesMaxZoom = 26;

/// The tile id of z/x/y along the Hilbert curve, and back. REQUIRES: z <= kPmtilesMaxZoom, x and y
/// < 2^z (x = y = 0 also at kPmtilesMaxZoom + 1: the end of all ids); tile_id below that end.
[[nodiscard]] std::uint64_t pmtiles_tile_id(std::uint32_t z, std::uint64_t x, std::uint64_t y);
struct PmtilesZxy {
  std::uint32_t z = 0;
  std::uint64_t x = 0, y = 0;
};
[[nodiscard]] PmtilesZxy pmtiles_zxy(std::uint64_t tile_id);

/// An open archive. Thread-safe after open: leaf directories are cached behind a lock.
class PmtilesReader {
 public:
  /// Reads header, root directory and metadata. Errors: kIo, kInvalidFile (offset and rule),
  /// kNotSupported (brotli).
  [[nodiscard]] static Result<std::shared_ptr<PmtilesReader>> open(
      std::shared_ptr<ByteSource> source);
  [[nodiscard]] static Result<std::shared_ptr<PmtilesReader>> open(
      const std::filesystem::path& path);

  [[nodiscard]] const PmtilesHeader& header() const { return header_; }
  [[nodiscard]] const std::string& metadata_json() const { return metadata_; }
  [[nodiscard]] const ByteSource& source() const { return *source_; }

  /// Where a tile's stored bytes lie; nullopt when the archive has no such tile. Errors: kIo,
  /// kInvalidFile.
  struct Extent {
    std::uint64_t offset = 0;
    std::uint64_t size_bytes = 0;
  };
  [[nodiscard]] Result<std::optional<Extent>> find(std::uint64_t tile_id) const;

  ~PmtilesReader();

 private:
  [[nodiscard]] static Result<std::shared_ptr<PmtilesReader>> open_unguarded(
      std::shared_ptr<ByteSource> source);
  PmtilesReader();
  struct Directories;
  std::shared_ptr<ByteSource> source_;
  PmtilesHeader header_;
  std::string metadata_;
  std::unique_ptr<Directories> directories_;
};

/// Writes an archive tile by tile into PATH.part and renames it when finish() succeeds: a killed
/// run leaves nothing that opens. Not thread-safe.
class PmtilesWriter {
 public:
  /// Errors: kIo.
  [[nodiscard]] static Result<PmtilesWriter> create(const std::filesystem::path& path);
  PmtilesWriter(PmtilesWriter&&) noexcept;
  PmtilesWriter& operator=(PmtilesWriter&&) noexcept;
  ~PmtilesWriter();  ///< Without finish(): removes the part file.

  /// Appends a tile's bytes and returns a content number that add_reference() takes. Errors: kIo.
  [[nodiscard]] Result<std::uint64_t> add_content(std::span<const std::byte> bytes);
  /// Says that `tile_id` shows a content written before.
  void add_reference(std::uint64_t tile_id, std::uint64_t content);
  /// Writes directories, metadata and header, syncs, renames. Errors: kIo, kInvalidArgument (a tile
  /// id given twice).
  [[nodiscard]] Result<> finish(const std::string& metadata_json, std::uint8_t max_zoom);

 private:
  PmtilesWriter();
  struct State;
  std::unique_ptr<State> state_;
};

/// A PMTiles archive of KTX2 tiles made by forge3d (see docs/file-formats.md) as a tile source.
/// Errors: kIo, kInvalidFile, kNotSupported (an archive that forge3d did not make: no "forge3d"
/// object in its metadata).
[[nodiscard]] Result<std::shared_ptr<TileSource>> open_archive_tile_source(
    const std::filesystem::path& path);

/// Checks header, directories and every tile of an archive. An empty list means valid. Errors: kIo
/// only.
[[nodiscard]] Result<std::vector<ValidationFinding>> validate_pmtiles(
    std::shared_ptr<ByteSource> source);

}  // namespace forge3d
