// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "tiles/tile_hash.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <set>
#include <vector>

namespace forge3d::tiles {
namespace {

constexpr std::uint32_t kSide = 72;

Rgba8View view_of(const std::vector<std::uint8_t>& pixels, std::size_t row_bytes = kSide * 4) {
  return {pixels.data(), kSide, kSide, row_bytes};
}

TEST(TileHash, EveryBitOfATileChangesTheFingerprint) {
  std::vector<std::uint8_t> pixels(kSide * kSide * 4, 17);
  std::set<std::pair<std::uint64_t, std::uint64_t>> seen;
  const TileHash base = hash_tile(view_of(pixels));
  seen.insert({base.low, base.high});
  std::uint64_t flipped_bits = 0;
  for (std::size_t bit = 0; bit < pixels.size() * 8; bit += 7) {
    pixels[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
    const TileHash hash = hash_tile(view_of(pixels));
    EXPECT_TRUE(seen.insert({hash.low, hash.high}).second) << bit;
    flipped_bits += static_cast<std::uint64_t>(std::popcount(hash.low ^ base.low) +
                                               std::popcount(hash.high ^ base.high));
    pixels[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
  }
  // Half of the 128 bits on average: a change anywhere reaches everywhere.
  EXPECT_NEAR(static_cast<double>(flipped_bits) / static_cast<double>(seen.size() - 1), 64.0, 1.0);
}

TEST(TileHash, FlatTilesOfNearColoursDiffer) {
  std::set<std::uint64_t> low, high;
  for (int colour = 0; colour < 256; ++colour) {
    const std::vector<std::uint8_t> pixels(kSide * kSide * 4, static_cast<std::uint8_t>(colour));
    low.insert(hash_tile(view_of(pixels)).low);
    high.insert(hash_tile(view_of(pixels)).high);
  }
  EXPECT_EQ(low.size(), 256u);
  EXPECT_EQ(high.size(), 256u);
}

TEST(TileHash, SwappedRowsDiffer) {
  std::vector<std::uint8_t> pixels(kSide * kSide * 4, 0);
  pixels[0] = 1;
  std::vector<std::uint8_t> swapped(kSide * kSide * 4, 0);
  swapped[kSide * 4] = 1;
  EXPECT_FALSE(hash_tile(view_of(pixels)) == hash_tile(view_of(swapped)));
}

TEST(TileHash, IgnoresWhatLiesBetweenRows) {
  const std::size_t stride = kSide * 4 + 64;
  std::vector<std::uint8_t> tight(kSide * kSide * 4), wide(kSide * stride, 99);
  for (std::size_t i = 0; i < tight.size(); ++i) {
    tight[i] = static_cast<std::uint8_t>(i * 31 >> 3);
    wide[i / (kSide * 4) * stride + i % (kSide * 4)] = tight[i];
  }
  EXPECT_EQ(hash_tile(view_of(tight)), hash_tile(view_of(wide, stride)));
}

TEST(SeenTiles, RemembersTheLatestAndForgetsInBulk) {
  SeenTiles seen(10);
  for (std::uint64_t i = 0; i < 25; ++i) seen.insert({i, i}, i * 2);
  for (std::uint64_t i = 15; i < 25; ++i) EXPECT_EQ(seen.find({i, i}), i * 2) << i;
  EXPECT_FALSE(seen.find({3, 3}));
}

TEST(SeenTiles, WhatIsMetAgainStays) {
  SeenTiles seen(10);
  seen.insert({1000, 1}, 7);
  for (std::uint64_t i = 0; i < 200; ++i) {
    seen.insert({i, i}, i);
    EXPECT_EQ(seen.find({1000, 1}), 7u);
  }
}

}  // namespace
}  // namespace forge3d::tiles
