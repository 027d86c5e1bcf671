// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "forge3d/pmtiles.hpp"
#include "tiles/directory.hpp"
#include "tiles/inflate.hpp"
#include "tiles/part_file.hpp"
#include "tiles/pmtiles_header.hpp"

namespace forge3d {
namespace {

using tiles::DirectoryEntry;

constexpr std::size_t kMaxRootBytes = tiles::kPmtilesHeadBytes - tiles::kPmtilesHeaderBytes;
constexpr std::size_t kLeafEntries = 4096;  // tried first; doubled until the root fits
constexpr std::size_t kMaxFlatEntries = std::size_t{1} << 16;  // more never fit the root alone

struct Content {
  std::uint64_t offset = 0;  // in the tile data section
  std::uint32_t size_bytes = 0;
};

struct Reference {
  std::uint64_t tile_id = 0;
  std::uint64_t content = 0;
};

/// Turns sorted references into directory entries, one run at a time.
class EntryStream {
 public:
  EntryStream(std::span<const Reference> references, std::span<const Content> contents)
      : references_(references), contents_(contents) {}

  [[nodiscard]] bool done() const { return at_ == references_.size(); }

  DirectoryEntry next() {
    const Reference first = references_[at_];
    std::uint32_t run = 0;
    while (continues(first, run)) ++run, ++at_;
    const Content& content = contents_[static_cast<std::size_t>(first.content)];
    return {first.tile_id, content.offset, content.size_bytes, run};
  }

  /// Up to `limit` entries.
  std::vector<DirectoryEntry> take(std::size_t limit) {
    std::vector<DirectoryEntry> entries;
    while (!done() && entries.size() < limit) entries.push_back(next());
    return entries;
  }

 private:
  [[nodiscard]] bool continues(const Reference& first, std::uint32_t run) const {
    return at_ < references_.size() && references_[at_].content == first.content &&
           references_[at_].tile_id == first.tile_id + run &&
           run < std::numeric_limits<std::uint32_t>::max();
  }
  std::span<const Reference> references_;
  std::span<const Content> contents_;
  std::size_t at_ = 0;
};

/// The packed directories of an archive.
struct PackedDirectories {
  std::vector<std::byte> root;
  std::vector<std::byte> leaves;
};

/// Root and leaves with `leaf_entries` a leaf; the root may come out too large.
Result<PackedDirectories> pack_leaves(EntryStream stream, std::size_t leaf_entries) {
  PackedDirectories packed;
  std::vector<DirectoryEntry> root;
  while (!stream.done()) {
    const auto entries = stream.take(leaf_entries);
    FORGE3D_TRY_ASSIGN(const auto leaf, tiles::gzip(tiles::encode_directory(entries)));
    root.push_back({entries.front().tile_id, packed.leaves.size(),
                    static_cast<std::uint32_t>(leaf.size()), 0});
    packed.leaves.insert(packed.leaves.end(), leaf.begin(), leaf.end());
  }
  FORGE3D_TRY_ASSIGN(packed.root, tiles::gzip(tiles::encode_directory(root)));
  return packed;
}

Result<PackedDirectories> pack_directories(const EntryStream& stream, std::uint64_t entry_count) {
  if (entry_count <= kMaxFlatEntries) {
    PackedDirectories flat;
    const auto entries = EntryStream(stream).take(kMaxFlatEntries);
    FORGE3D_TRY_ASSIGN(flat.root, tiles::gzip(tiles::encode_directory(entries)));
    if (flat.root.size() <= kMaxRootBytes) return flat;
  }
  for (std::size_t leaf_entries = kLeafEntries;; leaf_entries *= 2) {
    FORGE3D_TRY_ASSIGN(auto packed, pack_leaves(stream, leaf_entries));
    if (packed.root.size() <= kMaxRootBytes) return packed;
  }
}

}  // namespace

// The file is laid out in the order it is written: a hole for header and root directory, tile data,
// leaf directories, metadata. The hole is filled last, so that a part file is never an archive.
struct PmtilesWriter::State {
  std::unique_ptr<tiles::PartFile> file;
  std::uint64_t data_bytes = 0;
  std::vector<Content> contents;
  std::vector<Reference> references;

  [[nodiscard]] Result<> sort_references() {
    std::sort(references.begin(), references.end(),
              [](const Reference& a, const Reference& b) { return a.tile_id < b.tile_id; });
    const auto twice = std::adjacent_find(
        references.begin(), references.end(),
        [](const Reference& a, const Reference& b) { return a.tile_id == b.tile_id; });
    if (twice != references.end())
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("{}: tile id {} was given twice", file->name(), twice->tile_id));
    return {};
  }

  [[nodiscard]] Result<> check(std::uint8_t max_zoom) const {
    if (max_zoom > kPmtilesMaxZoom)
      return fail(
          ErrorCode::kInvalidArgument,
          fmt::format("{}: max zoom {} is over {}", file->name(), max_zoom, kPmtilesMaxZoom));
    if (references.empty())
      return fail(ErrorCode::kInvalidArgument, file->name() + ": an archive must have tiles");
    if (references.back().tile_id >= pmtiles_tile_id(max_zoom + 1u, 0, 0))
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("{}: tile id {} lies beyond max zoom {}", file->name(),
                              references.back().tile_id, max_zoom));
    for (const Reference& reference : references)
      if (reference.content >= contents.size())
        return fail(ErrorCode::kInvalidArgument,
                    fmt::format("{}: tile id {} shows content {} of {}", file->name(),
                                reference.tile_id, reference.content, contents.size()));
    return {};
  }

  [[nodiscard]] PmtilesHeader make_header(std::uint8_t max_zoom) const {
    PmtilesHeader header;
    header.data_offset = tiles::kPmtilesHeadBytes;
    header.data_bytes = data_bytes;
    header.addressed_tiles = references.size();
    for (EntryStream stream(references, contents); !stream.done(); stream.next())
      ++header.tile_entries;
    header.tile_contents = contents.size();
    header.internal_compression = PmtilesCompression::kGzip;
    header.min_zoom = static_cast<std::uint8_t>(pmtiles_zxy(references.front().tile_id).z);
    header.max_zoom = max_zoom;
    return header;
  }

  /// Writes all but the head, and fills in where it went.
  [[nodiscard]] Result<> write_tail(const PackedDirectories& directories,
                                    const std::string& metadata_json, PmtilesHeader& header) {
    FORGE3D_TRY_ASSIGN(const auto metadata, tiles::gzip(std::as_bytes(std::span(metadata_json))));
    header.root_offset = tiles::kPmtilesHeaderBytes;
    header.root_bytes = directories.root.size();
    header.leaves_offset = header.data_offset + header.data_bytes;
    header.leaves_bytes = directories.leaves.size();
    header.metadata_offset = header.leaves_offset + header.leaves_bytes;
    header.metadata_bytes = metadata.size();
    FORGE3D_TRY(file->write_at(header.leaves_offset, directories.leaves));
    return file->write_at(header.metadata_offset, metadata);
  }
};

PmtilesWriter::PmtilesWriter() : state_(std::make_unique<State>()) {}
PmtilesWriter::PmtilesWriter(PmtilesWriter&&) noexcept = default;
PmtilesWriter& PmtilesWriter::operator=(PmtilesWriter&&) noexcept = default;
PmtilesWriter::~PmtilesWriter() = default;

Result<PmtilesWriter> PmtilesWriter::create(const std::filesystem::path& path) {
  PmtilesWriter writer;
  FORGE3D_TRY_ASSIGN(writer.state_->file, tiles::PartFile::create(path));
  return writer;
}

Result<std::uint64_t> PmtilesWriter::add_content(std::span<const std::byte> bytes) {
  if (bytes.empty() || bytes.size() > std::numeric_limits<std::uint32_t>::max())
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: a tile must have 1 to 2^32 - 1 bytes, this has {}",
                            state_->file->name(), bytes.size()));
  FORGE3D_TRY(state_->file->write_at(tiles::kPmtilesHeadBytes + state_->data_bytes, bytes));
  state_->contents.push_back({state_->data_bytes, static_cast<std::uint32_t>(bytes.size())});
  state_->data_bytes += bytes.size();
  return state_->contents.size() - 1;
}

void PmtilesWriter::add_reference(std::uint64_t tile_id, std::uint64_t content) {
  state_->references.push_back({tile_id, content});
}

Result<> PmtilesWriter::finish(const std::string& metadata_json, std::uint8_t max_zoom) {
  State& state = *state_;
  FORGE3D_TRY(state.sort_references());
  FORGE3D_TRY(state.check(max_zoom));
  PmtilesHeader header = state.make_header(max_zoom);
  FORGE3D_TRY_ASSIGN(const auto directories,
                     pack_directories({state.references, state.contents}, header.tile_entries));
  FORGE3D_TRY(state.write_tail(directories, metadata_json, header));
  FORGE3D_TRY(state.file->write_at(header.root_offset, directories.root));
  // Everything else is on the disk before the header makes the file an archive.
  FORGE3D_TRY(state.file->sync());
  FORGE3D_TRY(state.file->write_at(0, tiles::store_pmtiles_header(header)));
  return state.file->publish();
}

}  // namespace forge3d
