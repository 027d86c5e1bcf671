// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// One PMTiles directory: a sorted list of entries, and its serial form (before compression).
// Source: PMTiles Version 3 Specification, "Directories".

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "forge3d/result.hpp"

namespace forge3d::tiles {

/// A run of tiles with the same bytes, or (run_length 0) a leaf directory that starts with tile_id.
struct DirectoryEntry {
  std::uint64_t tile_id = 0;
  std::uint64_t offset = 0;  ///< In the tile data section; for a leaf in the leaf section.
  std::uint32_t size_bytes = 0;
  std::uint32_t run_length = 0;
  friend bool operator==(const DirectoryEntry&, const DirectoryEntry&) = default;

  [[nodiscard]] bool is_leaf() const { return run_length == 0; }
};

/// What a directory's entries must keep to, known from the header and the parent directory.
struct DirectoryBounds {
  std::uint64_t first_id = 0;  ///< Ids lie in [first_id, end_id).
  std::uint64_t end_id = 0;
  std::uint64_t data_bytes = 0;    ///< Size of the tile data section.
  std::uint64_t leaves_bytes = 0;  ///< Size of the leaf directory section.
};

/// Parses an inflated directory. `where` names the file and the directory for messages. Memory
/// stays below 6 times `bytes`, whatever they claim. Errors: kInvalidFile names the entry and the
/// rule.
[[nodiscard]] Result<std::vector<DirectoryEntry>> decode_directory(std::span<const std::byte> bytes,
                                                                   const DirectoryBounds& bounds,
                                                                   const std::string& where);

/// The serial form. REQUIRES: ascending ids, non-zero sizes.
[[nodiscard]] std::vector<std::byte> encode_directory(std::span<const DirectoryEntry> entries);

/// The entry that holds `tile_id` or leads to it, or nullptr. REQUIRES: entries as decoded.
[[nodiscard]] const DirectoryEntry* find_entry(std::span<const DirectoryEntry> entries,
                                               std::uint64_t tile_id);

}  // namespace forge3d::tiles
