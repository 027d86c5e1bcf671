// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// PageKey: one page of one texture of a system, and what is a page's ancestor.

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>

#include "forge3d/tile_source.hpp"

namespace forge3d::streaming {

inline constexpr std::uint32_t kMaxLevels = 32;
inline constexpr std::uint32_t kMaxPagesAcross = 1u << 21;
inline constexpr std::uint32_t kMaxTextures = 1u << 16;

/// A page of the texture with this number in the page table. Ordered by texture, level, row,
/// column.
struct PageKey {
  std::uint32_t texture = 0;
  TileAddress tile;

  /// REQUIRES: texture < kMaxTextures, level < kMaxLevels, x and y < kMaxPagesAcross.
  [[nodiscard]] std::uint64_t packed() const {
    return (std::uint64_t{texture} << 47) | (std::uint64_t{tile.level} << 42) |
           (std::uint64_t{tile.y} << 21) | tile.x;
  }
  friend bool operator==(const PageKey& a, const PageKey& b) { return a.packed() == b.packed(); }
  friend auto operator<=>(const PageKey& a, const PageKey& b) { return a.packed() <=> b.packed(); }
};

/// Mixes all bits (the finaliser of SplitMix64), as neighbouring pages differ in few.
struct PageKeyHash {
  std::size_t operator()(const PageKey& key) const {
    std::uint64_t x = key.packed() + 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
  }
};

/// The page `up` levels above `tile`: halved `up` times and clamped, as floor mip extents can lose
/// the last page. Clamping at each step or once at the end is the same. REQUIRES: level + up <
/// levels.
[[nodiscard]] inline TileAddress ancestor_of(const TilePyramid& pyramid, TileAddress tile,
                                             std::uint32_t up) {
  const std::uint32_t level = tile.level + up;
  return {level, std::min(tile.x >> up, pyramid.pages_x(level) - 1),
          std::min(tile.y >> up, pyramid.pages_y(level) - 1)};
}

/// Columns or rows of pages, both ends included.
struct PageRange {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
};

/// The pages `down` levels below whose ancestor is `index`, along one axis: the last page also has
/// those that the clamp gives it.
[[nodiscard]] inline PageRange descendants_of(std::uint32_t index, std::uint32_t pages_here,
                                              std::uint32_t pages_below, std::uint32_t down) {
  const std::uint64_t end = (std::uint64_t{index} + 1) << down;
  const bool is_last = index + 1 == pages_here || end > pages_below;
  return {index << down, is_last ? pages_below - 1 : static_cast<std::uint32_t>(end - 1)};
}

}  // namespace forge3d::streaming
