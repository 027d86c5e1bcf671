// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Tile ids: all tiles of zoom 0, then of zoom 1 and so on, each zoom along a Hilbert curve.

#include <utility>

#include "forge3d/pmtiles.hpp"

namespace forge3d {
namespace {

/// Ids before the first one of zoom z: 1 + 4 + ... + 4^(z-1).
constexpr std::uint64_t first_id(std::uint32_t z) {
  return ((std::uint64_t{1} << (2 * z)) - 1) / 3;
}

/// Turns a quadrant of side `side` so that the curve inside it joins its neighbours.
void turn(std::uint64_t side, std::uint64_t quadrant_x, std::uint64_t quadrant_y, std::uint64_t& x,
          std::uint64_t& y) {
  if (quadrant_y != 0) return;
  if (quadrant_x != 0) {
    x = side - 1 - x;
    y = side - 1 - y;
  }
  std::swap(x, y);
}

}  // namespace

std::uint64_t pmtiles_tile_id(std::uint32_t z, std::uint64_t x, std::uint64_t y) {
  std::uint64_t id = first_id(z);
  for (std::uint32_t bit = z; bit-- > 0;) {
    const std::uint64_t side = std::uint64_t{1} << bit;
    const std::uint64_t quadrant_x = (x >> bit) & 1;
    const std::uint64_t quadrant_y = (y >> bit) & 1;
    id += ((3 * quadrant_x) ^ quadrant_y) << (2 * bit);
    x &= side - 1;
    y &= side - 1;
    turn(side, quadrant_x, quadrant_y, x, y);
  }
  return id;
}

PmtilesZxy pmtiles_zxy(std::uint64_t tile_id) {
  PmtilesZxy tile;
  while (tile.z < kPmtilesMaxZoom && first_id(tile.z + 1) <= tile_id) ++tile.z;
  const std::uint64_t along = tile_id - first_id(tile.z);
  for (std::uint32_t bit = 0; bit < tile.z; ++bit) {
    const std::uint64_t quadrant = (along >> (2 * bit)) & 3;
    const std::uint64_t quadrant_x = quadrant >> 1;
    const std::uint64_t quadrant_y = (quadrant ^ quadrant_x) & 1;
    turn(std::uint64_t{1} << bit, quadrant_x, quadrant_y, tile.x, tile.y);
    tile.x |= quadrant_x << bit;
    tile.y |= quadrant_y << bit;
  }
  return tile;
}

}  // namespace forge3d
