// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// TileCache: stored tiles in host memory, between the files and the atlas.

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <span>
#include <unordered_map>
#include <vector>

#include "forge3d/budget.hpp"
#include "forge3d/result.hpp"
#include "streaming/page_key.hpp"

namespace forge3d::streaming {

/// A bounded number of tiles of equal size, of all textures together, after 2Q (Johnson and Shasha,
/// VLDB 1994): what is seen for the first time passes through a short queue, so that one flight
/// over the world does not wash out what is used again and again; the names of tiles that left that
/// queue are remembered for a while (ghosts), and one that comes back goes to the main part, the
/// least recently used of which leaves first. Thread-safe.
class TileCache {
 public:
  /// Takes its whole capacity from the ledger (category kTileCache). Errors: kBudgetExceeded;
  /// kInvalidArgument (fewer than four tiles).
  [[nodiscard]] static Result<std::unique_ptr<TileCache>> create(Budget& budget,
                                                                 std::uint64_t capacity_bytes,
                                                                 std::uint64_t tile_bytes);
  ~TileCache();
  TileCache(const TileCache&) = delete;
  TileCache& operator=(const TileCache&) = delete;

  /// Copies the tile; false when it is not here. REQUIRES: out.size() == tile_bytes.
  [[nodiscard]] bool get(const PageKey& page, std::span<std::byte> out);
  [[nodiscard]] bool contains(const PageKey& page) const;
  /// Keeps a copy, in place of another tile when full.
  void put(const PageKey& page, std::span<const std::byte> bytes);
  void forget_texture(std::uint32_t texture);

  struct Stats {
    std::uint64_t capacity_bytes = 0, held_bytes = 0;
    std::uint64_t hits = 0, misses = 0;
    std::uint64_t ghost_hits = 0;  ///< Misses on tiles that had left not long ago.
  };
  [[nodiscard]] Stats stats() const;

 private:
  struct Entry {
    std::vector<std::byte> bytes;
    std::list<PageKey>::iterator at;
    bool in_main = false;
  };
  using Entries = std::unordered_map<PageKey, Entry, PageKeyHash>;

  TileCache(Budget& budget, std::uint64_t tiles, std::uint64_t tile_bytes);
  /// The buffer of the tile that leaves.
  [[nodiscard]] std::vector<std::byte> make_room();
  void remember(const PageKey& page);
  [[nodiscard]] std::vector<std::byte> drop(Entries::iterator entry);

  Budget& budget_;
  const std::uint64_t tiles_, tile_bytes_;
  mutable std::mutex mutex_;  // guards the rest
  Entries entries_;
  std::list<PageKey> queue_, main_;  // newest first
  std::list<PageKey> ghosts_;        // newest first
  std::unordered_map<PageKey, std::list<PageKey>::iterator, PageKeyHash> ghost_at_;
  Stats stats_;
};

}  // namespace forge3d::streaming
