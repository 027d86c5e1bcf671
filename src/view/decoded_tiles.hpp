// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// DecodedTiles: tiles of a source as RGBA8 codes, the last used ones kept.

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "forge3d/tile_source.hpp"

namespace forge3d::view {

/// A stored tile, decoded: tile_texels() squared RGBA8 texels, border included.
struct DecodedTile {
  std::vector<std::uint8_t> texels;
};

/// Thread-safe. Each tile is read and decoded by the first thread that asks; others wait for it
/// alone.
class DecodedTiles {
 public:
  /// Keeps up to `max_bytes` of decoded texels, at least one tile.
  DecodedTiles(std::shared_ptr<const TileSource> source, std::uint64_t max_bytes);

  [[nodiscard]] const TilePyramid& pyramid() const { return pyramid_; }
  /// REQUIRES: pyramid().contains(address). Errors: those of the source; kept, so that a broken
  /// tile is read once.
  [[nodiscard]] Result<std::shared_ptr<const DecodedTile>> get(TileAddress address);

 private:
  struct Slot {
    std::once_flag once;
    Result<std::shared_ptr<const DecodedTile>> tile{nullptr};
  };
  using Order = std::list<std::uint64_t>;
  struct Entry {
    std::shared_ptr<Slot> slot;
    Order::iterator place;
  };
  [[nodiscard]] std::shared_ptr<Slot> find_or_insert(std::uint64_t key);
  [[nodiscard]] Result<std::shared_ptr<const DecodedTile>> read(TileAddress address) const;

  std::shared_ptr<const TileSource> source_;
  const TilePyramid pyramid_;
  std::uint64_t max_tiles_;
  std::mutex mutex_;
  Order order_;  // most recently used first
  std::unordered_map<std::uint64_t, Entry> entries_;
};

}  // namespace forge3d::view
