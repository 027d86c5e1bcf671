// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "tiles/archive_directories.hpp"

#include <fmt/format.h>

#include <utility>

#include "tiles/inflate.hpp"

namespace forge3d::tiles {
namespace {

// 170 leaves of the writer's usual size: the neighbourhood of 700 000 tiles.
constexpr std::size_t kLeafCacheBytes = std::size_t{16} << 20;

}  // namespace

ArchiveDirectories::ArchiveDirectories(std::shared_ptr<const ByteSource> source,
                                       const PmtilesHeader& header)
    : source_(std::move(source)),
      header_(header),
      end_id_(pmtiles_tile_id(header.max_zoom + 1u, 0, 0)),
      leaves_(kLeafCacheBytes) {}

Result<std::unique_ptr<ArchiveDirectories>> ArchiveDirectories::open(
    std::shared_ptr<const ByteSource> source, const PmtilesHeader& header,
    std::span<const std::byte> packed_root) {
  std::unique_ptr<ArchiveDirectories> made(new ArchiveDirectories(std::move(source), header));
  const std::string where =
      fmt::format("{}: root directory at offset {}", made->source_->name(), header.root_offset);
  FORGE3D_TRY_ASSIGN(const auto bytes, inflate(header.internal_compression, packed_root, where));
  const DirectoryBounds bounds{0, made->end_id_, header.data_bytes, header.leaves_bytes};
  FORGE3D_TRY_ASSIGN(made->root_, decode_directory(bytes, bounds, where));
  return made;
}

std::uint64_t ArchiveDirectories::end_of(const Directory& directory, const DirectoryEntry& entry,
                                         std::uint64_t end_id) {
  const DirectoryEntry* next = &entry + 1;
  return next == directory.data() + directory.size() ? end_id : next->tile_id;
}

Result<std::shared_ptr<const Directory>> ArchiveDirectories::read_leaf(const DirectoryEntry& entry,
                                                                       std::uint64_t end_id) const {
  const std::uint64_t offset = header_.leaves_offset + entry.offset;
  const std::string where = fmt::format("{}: leaf directory at offset {}", source_->name(), offset);
  if (entry.size_bytes > kMaxInflatedBytes)
    return fail(ErrorCode::kInvalidFile, fmt::format("{}: {} bytes, over the limit of {}", where,
                                                     entry.size_bytes, kMaxInflatedBytes));
  std::vector<std::byte> packed(entry.size_bytes);
  FORGE3D_TRY(source_->read(offset, packed));
  FORGE3D_TRY_ASSIGN(const auto bytes, inflate(header_.internal_compression, packed, where));
  const DirectoryBounds bounds{entry.tile_id, end_id, header_.data_bytes, header_.leaves_bytes};
  FORGE3D_TRY_ASSIGN(Directory entries, decode_directory(bytes, bounds, where));
  return std::make_shared<const Directory>(std::move(entries));
}

Result<std::shared_ptr<const Directory>> ArchiveDirectories::cached_leaf(
    const DirectoryEntry& entry, std::uint64_t end_id) const {
  if (auto kept = leaves_.find(entry.offset)) return kept;
  FORGE3D_TRY_ASSIGN(auto directory, read_leaf(entry, end_id));
  leaves_.insert(entry.offset, directory);
  return directory;
}

Result<std::optional<DirectoryEntry>> ArchiveDirectories::find(std::uint64_t tile_id) const {
  std::shared_ptr<const Directory> keep;  // holds the leaf that `directory` points into
  const Directory* directory = &root_;
  std::uint64_t end_id = end_id_;
  for (std::uint32_t depth = 1; depth <= kMaxDirectoryDepth; ++depth) {
    const DirectoryEntry* entry = find_entry(*directory, tile_id);
    if (entry == nullptr) return std::nullopt;
    if (!entry->is_leaf()) return *entry;
    end_id = end_of(*directory, *entry, end_id);
    FORGE3D_TRY_ASSIGN(keep, cached_leaf(*entry, end_id));
    directory = keep.get();
  }
  return fail(ErrorCode::kInvalidFile,
              fmt::format("{}: leaf directories nest deeper than {} or in a circle",
                          source_->name(), kMaxDirectoryDepth - 1));
}

}  // namespace forge3d::tiles
