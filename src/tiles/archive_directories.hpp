// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// The directory tree of an open archive, root kept, leaves read as they are needed.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "forge3d/ktx2.hpp"
#include "forge3d/pmtiles.hpp"
#include "tiles/leaf_cache.hpp"

namespace forge3d::tiles {

/// Root and leaves may nest this deep in all; the specification's writers use two.
inline constexpr std::uint32_t kMaxDirectoryDepth = 4;

/// Thread-safe after open().
class ArchiveDirectories {
 public:
  /// Parses the packed root directory. Errors: kInvalidFile, kNotSupported.
  [[nodiscard]] static Result<std::unique_ptr<ArchiveDirectories>> open(
      std::shared_ptr<const ByteSource> source, const PmtilesHeader& header,
      std::span<const std::byte> packed_root);

  /// The entry that holds the tile, or nullopt. Errors: kIo, kInvalidFile.
  [[nodiscard]] Result<std::optional<DirectoryEntry>> find(std::uint64_t tile_id) const;

  [[nodiscard]] const Directory& root() const { return root_; }
  /// Reads the leaf that `entry` points to; its ids lie in [entry.tile_id, end_id). Errors: kIo,
  /// kInvalidFile.
  [[nodiscard]] Result<std::shared_ptr<const Directory>> read_leaf(const DirectoryEntry& entry,
                                                                   std::uint64_t end_id) const;
  /// Ids end here, or at the next entry of the directory.
  [[nodiscard]] static std::uint64_t end_of(const Directory& directory, const DirectoryEntry& entry,
                                            std::uint64_t end_id);
  /// One past the last id that the header's zooms allow.
  [[nodiscard]] std::uint64_t end_id() const { return end_id_; }

 private:
  ArchiveDirectories(std::shared_ptr<const ByteSource> source, const PmtilesHeader& header);
  [[nodiscard]] Result<std::shared_ptr<const Directory>> cached_leaf(const DirectoryEntry& entry,
                                                                     std::uint64_t end_id) const;

  std::shared_ptr<const ByteSource> source_;
  PmtilesHeader header_;
  std::uint64_t end_id_ = 0;
  Directory root_;
  mutable LeafCache leaves_;
};

}  // namespace forge3d::tiles
