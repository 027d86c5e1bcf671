// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// A 128-bit fingerprint of a tile's pixels, to find repeated tiles without keeping them.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>

#include "forge3d/codec.hpp"

namespace forge3d::tiles {

struct TileHash {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  friend bool operator==(const TileHash&, const TileHash&) = default;
};

/// The fingerprint of a tile. Not cryptographic: of n different tiles of a picture that was not
/// made to fool it, two share a fingerprint with probability n^2 / 2^129 (n = 2^24: below 10^-24).
/// REQUIRES: tile.width is a multiple of 8.
[[nodiscard]] TileHash hash_tile(Rgba8View tile);

/// Which content a fingerprint was stored as. Remembers at least the last `capacity` fingerprints
/// that were stored or met again, and at most twice as many, so that memory stays bounded. Not
/// thread-safe.
class SeenTiles {
 public:
  explicit SeenTiles(std::size_t capacity = std::size_t{1} << 20) : capacity_(capacity) {}

  [[nodiscard]] std::optional<std::uint64_t> find(const TileHash& hash);
  void insert(const TileHash& hash, std::uint64_t content);

 private:
  struct FoldHash {
    std::size_t operator()(const TileHash& hash) const {
      return static_cast<std::size_t>(hash.low);
    }
  };
  using Generation = std::unordered_map<TileHash, std::uint64_t, FoldHash>;
  std::size_t capacity_;
  Generation young_;
  Generation old_;  // the young one of before, dropped whole when the young one is full again
};

}  // namespace forge3d::tiles
