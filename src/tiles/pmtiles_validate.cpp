// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "forge3d/pmtiles.hpp"
#include "tiles/archive_directories.hpp"
#include "tiles/archive_metadata.hpp"
#include "tiles/pmtiles_header.hpp"

namespace forge3d {
namespace {

using tiles::Directory;
using tiles::DirectoryEntry;
using Severity = ValidationFinding::Severity;

constexpr std::size_t kMaxFindings =
    1000;  // a broken archive of millions of tiles is still one page

// Ids of forge3d's own; those of its tiles are the Khronos validator's.
constexpr std::uint32_t kUnreadable = 20001;
constexpr std::uint32_t kBadLeaf = 20002;
constexpr std::uint32_t kBadCount = 20003;
constexpr std::uint32_t kNotClustered = 20004;
constexpr std::uint32_t kBadZoom = 20005;
constexpr std::uint32_t kBadMetadata = 20006;
constexpr std::uint32_t kForeignArchive = 20007;
constexpr std::uint32_t kWrongTiles = 20008;
constexpr std::uint32_t kOverlappingTiles = 20009;
constexpr std::uint32_t kBadTile = 20010;

/// One pass over an archive that opens. Collects findings; only kIo stops it.
class ArchiveValidator {
 public:
  ArchiveValidator(std::shared_ptr<ByteSource> source, const PmtilesReader& reader,
                   const tiles::ArchiveDirectories& directories)
      : source_(std::move(source)), reader_(reader), directories_(directories) {}

  Result<std::vector<ValidationFinding>> run() {
    FORGE3D_TRY(walk(directories_.root(), directories_.end_id(), 1));
    check_counts();
    check_pyramid();
    collect_contents();
    if (pyramid_) FORGE3D_TRY(check_tiles());
    return std::move(findings_);
  }

 private:
  void add(std::uint32_t id, Severity severity, std::uint64_t offset, std::string text) {
    if (findings_.size() < kMaxFindings)
      findings_.push_back({id, severity, offset, std::move(text)});
  }
  /// Keeps an error as a finding. Errors: kIo passes through.
  Result<> note(const Error& error, std::uint32_t id, std::uint64_t offset) {
    if (error.code == ErrorCode::kIo) return tl::unexpected<Error>(error);
    add(id, Severity::kError, offset, error.message);
    return {};
  }

  Result<> walk(const Directory& directory, std::uint64_t end_id, std::uint32_t depth) {
    for (const DirectoryEntry& entry : directory) {
      if (findings_.size() >= kMaxFindings) return {};  // a leaf read in vain costs time
      if (!entry.is_leaf()) {
        tiles_.push_back(entry);
        continue;
      }
      FORGE3D_TRY(walk_leaf(entry, directories_.end_of(directory, entry, end_id), depth));
    }
    return {};
  }

  Result<> walk_leaf(const DirectoryEntry& entry, std::uint64_t end_id, std::uint32_t depth) {
    const std::uint64_t offset = reader_.header().leaves_offset + entry.offset;
    if (depth >= tiles::kMaxDirectoryDepth) {
      add(kBadLeaf, Severity::kError, offset, "leaf directories nest too deep or in a circle");
      return {};
    }
    const auto leaf = directories_.read_leaf(entry, end_id);
    if (!leaf) return note(leaf.error(), kBadLeaf, offset);
    return walk(**leaf, end_id, depth + 1);
  }

  void check_count(const char* what, std::uint64_t stored, std::uint64_t counted) {
    if (stored == 0 || stored == counted) return;  // 0: unknown
    add(kBadCount, Severity::kError, 0,
        fmt::format("the header counts {} {}, there are {}", stored, what, counted));
  }

  void check_counts() {
    std::uint64_t addressed = 0;
    std::uint64_t reached = 0;
    bool clustered = true;
    for (const DirectoryEntry& tile : tiles_) {
      addressed += tile.run_length;
      clustered = clustered && tile.offset <= reached;
      reached = std::max(reached, tile.offset + tile.size_bytes);
    }
    addressed_ = addressed;
    check_count("addressed tiles", reader_.header().addressed_tiles, addressed);
    check_count("tile entries", reader_.header().tile_entries, tiles_.size());
    if (reader_.header().clustered && !clustered)
      add(kNotClustered, Severity::kError, 96, "the archive says clustered, its tiles are not");
    const std::uint64_t first = pmtiles_tile_id(reader_.header().min_zoom, 0, 0);
    if (!tiles_.empty() && tiles_.front().tile_id < first)
      add(kBadZoom, Severity::kError, 100, "there are tiles below min zoom");
  }

  /// Reads what the metadata says, and whether exactly its pages are addressed.
  void check_pyramid() {
    const auto pyramid = tiles::parse_archive_metadata(reader_.metadata_json(), source_->name());
    if (!pyramid) {
      const bool foreign = pyramid.error().code == ErrorCode::kNotSupported;
      add(foreign ? kForeignArchive : kBadMetadata, foreign ? Severity::kWarning : Severity::kError,
          reader_.header().metadata_offset, pyramid.error().message);
      return;
    }
    pyramid_ = *pyramid;
    if (reader_.header().max_zoom != tiles::archive_max_zoom(*pyramid_))
      return add(kBadZoom, Severity::kError, 101,
                 fmt::format("max zoom is {}, the metadata's picture needs {}",
                             reader_.header().max_zoom, tiles::archive_max_zoom(*pyramid_)));
    if (addressed_ != pyramid_->page_count())
      return add(kWrongTiles, Severity::kError, 0,
                 fmt::format("{} tiles are addressed, the pyramid has {} pages", addressed_,
                             pyramid_->page_count()));
    check_addresses();
  }

  /// Ids ascend, so as many pages as the pyramid has, all within it, are all of them.
  void check_addresses() {
    const std::uint32_t max_zoom = tiles::archive_max_zoom(*pyramid_);
    for (const DirectoryEntry& entry : tiles_)
      for (std::uint64_t id = entry.tile_id; id < entry.tile_id + entry.run_length; ++id) {
        const PmtilesZxy tile = pmtiles_zxy(id);
        const TileAddress address{max_zoom - tile.z, static_cast<std::uint32_t>(tile.x),
                                  static_cast<std::uint32_t>(tile.y)};
        if (!pyramid_->contains(address))
          return add(kWrongTiles, Severity::kError, 0,
                     fmt::format("tile {}/{}/{} lies outside the pyramid", tile.z, tile.x, tile.y));
      }
  }

  /// Reduces the entries to the stored contents, each once, by offset.
  void collect_contents() {
    const auto same = [](const DirectoryEntry& a, const DirectoryEntry& b) {
      return a.offset == b.offset && a.size_bytes == b.size_bytes;
    };
    std::sort(tiles_.begin(), tiles_.end(), [](const DirectoryEntry& a, const DirectoryEntry& b) {
      return std::pair(a.offset, a.size_bytes) < std::pair(b.offset, b.size_bytes);
    });
    tiles_.erase(std::unique(tiles_.begin(), tiles_.end(), same), tiles_.end());
    check_count("tile contents", reader_.header().tile_contents, tiles_.size());
  }

  Result<> check_tiles() {
    std::uint64_t reached = 0;
    for (const DirectoryEntry& tile : tiles_) {
      const std::uint64_t offset = reader_.header().data_offset + tile.offset;
      if (tile.offset < reached) {
        add(kOverlappingTiles, Severity::kError, offset, "this tile overlaps the one before");
        continue;  // bytes are read once, whatever the directories claim
      }
      reached = tile.offset + tile.size_bytes;
      if (findings_.size() >= kMaxFindings) break;
      FORGE3D_TRY(check_tile(tile, offset));
    }
    return {};
  }

  Result<> check_tile(const DirectoryEntry& entry, std::uint64_t offset) {
    const std::string name = fmt::format("{}: tile at offset {}", source_->name(), offset);
    if (entry.size_bytes > tiles::max_stored_tile_bytes(*pyramid_)) {
      add(kBadTile, Severity::kError, offset,
          fmt::format("{} claims {} bytes", name, entry.size_bytes));
      return {};
    }
    std::vector<std::byte> bytes(entry.size_bytes);
    FORGE3D_TRY(source_->read(offset, bytes));
    const auto memory = make_memory_source(bytes, name);
    const auto ktx2 = Ktx2Reader::open(memory, tiles::tile_limits(*pyramid_));
    if (!ktx2) return note(ktx2.error(), kBadTile, offset);
    const auto shape = tiles::check_tile_shape(ktx2->info(), *pyramid_, name);
    if (!shape) return note(shape.error(), kBadTile, offset);
    FORGE3D_TRY_ASSIGN(const auto findings, validate_ktx2(*memory));
    for (const ValidationFinding& finding : findings)
      add(finding.id, finding.severity, offset + finding.offset, name + ": " + finding.text);
    return {};
  }

  std::shared_ptr<ByteSource> source_;
  const PmtilesReader& reader_;
  const tiles::ArchiveDirectories& directories_;
  std::optional<TilePyramid> pyramid_;
  std::vector<DirectoryEntry> tiles_;  // entries of all directories; later the contents
  std::uint64_t addressed_ = 0;
  std::vector<ValidationFinding> findings_;
};

Result<std::unique_ptr<tiles::ArchiveDirectories>> open_directories(
    const std::shared_ptr<ByteSource>& source, const PmtilesHeader& header) {
  std::vector<std::byte> root(static_cast<std::size_t>(header.root_bytes));
  FORGE3D_TRY(source->read(header.root_offset, root));
  return tiles::ArchiveDirectories::open(source, header, root);
}

}  // namespace

Result<std::vector<ValidationFinding>> validate_pmtiles(std::shared_ptr<ByteSource> source) {
  const auto reader = PmtilesReader::open(source);
  if (!reader) {
    if (reader.error().code == ErrorCode::kIo) return tl::unexpected<Error>(reader.error());
    return std::vector<ValidationFinding>{
        {kUnreadable, Severity::kFatal, 0, reader.error().message}};
  }
  FORGE3D_TRY_ASSIGN(const auto directories, open_directories(source, (*reader)->header()));
  return ArchiveValidator(source, **reader, *directories).run();
}

}  // namespace forge3d
