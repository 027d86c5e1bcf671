// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <random>

#include "forge3d/pmtiles.hpp"

namespace forge3d {
namespace {

void expect_round_trip(std::uint64_t id, std::uint32_t z, std::uint64_t x, std::uint64_t y) {
  EXPECT_EQ(pmtiles_tile_id(z, x, y), id);
  const PmtilesZxy tile = pmtiles_zxy(id);
  EXPECT_EQ(tile.z, z) << id;
  EXPECT_EQ(tile.x, x) << id;
  EXPECT_EQ(tile.y, y) << id;
}

TEST(Hilbert, KnownIdsOfTheSpecification) {
  expect_round_trip(0, 0, 0, 0);
  expect_round_trip(1, 1, 0, 0);
  expect_round_trip(2, 1, 0, 1);
  expect_round_trip(3, 1, 1, 1);
  expect_round_trip(4, 1, 1, 0);
  expect_round_trip(5, 2, 0, 0);
  expect_round_trip(19078479, 12, 3423, 1763);
}

TEST(Hilbert, IdsOfAZoomAreAWalkThroughNeighbours) {
  for (std::uint32_t z = 1; z <= 6; ++z) {
    const std::uint64_t first = pmtiles_tile_id(z, 0, 0);
    const std::uint64_t count = std::uint64_t{1} << (2 * z);
    PmtilesZxy last = pmtiles_zxy(first);
    for (std::uint64_t id = first + 1; id < first + count; ++id) {
      const PmtilesZxy tile = pmtiles_zxy(id);
      ASSERT_EQ(tile.z, z);
      const std::uint64_t dx = tile.x > last.x ? tile.x - last.x : last.x - tile.x;
      const std::uint64_t dy = tile.y > last.y ? tile.y - last.y : last.y - tile.y;
      ASSERT_EQ(dx + dy, 1u) << "z " << z << " id " << id;
      ASSERT_EQ(pmtiles_tile_id(z, tile.x, tile.y), id);
      last = tile;
    }
    EXPECT_EQ(pmtiles_zxy(first + count).z, z + 1);
  }
}

TEST(Hilbert, RandomTilesOfEveryZoomRoundTrip) {
  std::mt19937_64 random(7);
  for (std::uint32_t z = 0; z <= kPmtilesMaxZoom; ++z) {
    const std::uint64_t side = std::uint64_t{1} << z;
    for (int i = 0; i < 50; ++i) {
      const std::uint64_t x = random() % side, y = random() % side;
      expect_round_trip(pmtiles_tile_id(z, x, y), z, x, y);
    }
    expect_round_trip(pmtiles_tile_id(z, side - 1, 0), z, side - 1, 0);
    EXPECT_EQ(pmtiles_tile_id(z, side - 1, 0) + 1, pmtiles_tile_id(z + 1, 0, 0));
  }
}

}  // namespace
}  // namespace forge3d
