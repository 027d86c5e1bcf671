// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "streaming/tile_cache.hpp"

#include <gtest/gtest.h>

#include <array>
#include <thread>

namespace forge3d::streaming {
namespace {

constexpr std::uint64_t kTileBytes = 16;
using Tile = std::array<std::byte, kTileBytes>;

PageKey page(std::uint32_t x, std::uint32_t texture = 0) { return {texture, {0, x, 0}}; }

Tile tile_of(std::uint32_t x) {
  Tile tile;
  tile.fill(std::byte(x));
  return tile;
}

class TileCaches : public testing::Test {
 protected:
  void fly(std::uint32_t first, std::uint32_t count) {
    Tile out;
    for (std::uint32_t x = first; x < first + count; ++x)
      if (!cache->get(page(x), out)) cache->put(page(x), tile_of(x));
  }

  Budget budget;
  std::unique_ptr<TileCache> cache =
      TileCache::create(budget, 16 * kTileBytes + 5, kTileBytes).value();
};

TEST_F(TileCaches, TakesItsWholeCapacityFromTheLedgerAndGivesItBack) {
  const auto category = static_cast<std::size_t>(MemoryCategory::kTileCache);
  EXPECT_EQ(budget.stats().by_category_bytes[category], 16 * kTileBytes);
  EXPECT_EQ(budget.stats().host_visible_bytes, 0u);
  cache.reset();
  EXPECT_EQ(budget.stats().total_bytes, 0u);
  EXPECT_EQ(TileCache::create(budget, 3 * kTileBytes, kTileBytes).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(TileCache::create(budget, 1 << 30, kTileBytes).error().code,
            ErrorCode::kBudgetExceeded);
}

TEST_F(TileCaches, KeepsNoMoreThanItsCapacity) {
  fly(0, 100);
  EXPECT_EQ(cache->stats().held_bytes, 16 * kTileBytes);
  std::uint32_t held = 0;
  Tile out;
  for (std::uint32_t x = 0; x < 100; ++x)
    if (cache->get(page(x), out)) {
      EXPECT_EQ(out, tile_of(x));
      ++held;
    }
  EXPECT_EQ(held, 16u);
}

TEST_F(TileCaches, WhatCameBackOutlivesAFlightOverTheWorld) {
  fly(0, 24);  // 0..7 leave the queue and become ghosts
  EXPECT_FALSE(cache->contains(page(6)));
  fly(4, 4);  // they come back
  EXPECT_EQ(cache->stats().ghost_hits, 4u);
  fly(1000, 500);
  for (std::uint32_t x = 4; x < 8; ++x) EXPECT_TRUE(cache->contains(page(x))) << x;
}

TEST_F(TileCaches, ForgetsATextureAlone) {
  cache->put(page(1, 0), tile_of(1));
  cache->put(page(1, 7), tile_of(2));
  cache->forget_texture(0);
  EXPECT_FALSE(cache->contains(page(1, 0)));
  EXPECT_TRUE(cache->contains(page(1, 7)));
}

TEST_F(TileCaches, IsUsedFromSeveralThreads) {
  std::vector<std::thread> threads;
  for (std::uint32_t t = 0; t < 4; ++t)
    threads.emplace_back([this, t] {
      Tile out;
      for (std::uint32_t i = 0; i < 2000; ++i) {
        const std::uint32_t x = (i * (t + 1)) % 40;
        if (cache->get(page(x), out))
          EXPECT_EQ(out, tile_of(x));
        else
          cache->put(page(x), tile_of(x));
        if (i % 500 == 0) cache->forget_texture(3);
      }
    });
  for (std::thread& thread : threads) thread.join();
  const TileCache::Stats stats = cache->stats();
  EXPECT_EQ(stats.hits + stats.misses, 8000u);
  EXPECT_LE(stats.held_bytes, stats.capacity_bytes);
}

}  // namespace
}  // namespace forge3d::streaming
