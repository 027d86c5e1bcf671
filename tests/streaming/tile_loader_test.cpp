// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "streaming/tile_loader.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "streaming/test_sources.hpp"

namespace forge3d::streaming {
namespace {

using test::GatedSource;
using test::PatternSource;

TileJob job_of(const std::shared_ptr<TileSource>& source, std::uint32_t x) {
  return {{0, {0, x, 0}}, 1, 1, source};
}

std::vector<LoadedTile> wait_for(TileLoader& loader, std::size_t count) {
  std::vector<LoadedTile> all;
  for (int i = 0; i < 5000 && all.size() < count; ++i) {
    for (LoadedTile& tile : loader.take_finished()) all.push_back(std::move(tile));
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return all;
}

TEST(TileLoader, ReadsEverythingOnce) {
  const auto source = std::make_shared<PatternSource>(64 * 100, 64, 64);
  TileLoader loader(3, source->pyramid().tile_bytes(), nullptr);
  for (std::uint32_t x = 0; x < 100; x += 10) {
    std::vector<TileJob> jobs;
    for (std::uint32_t i = 0; i < 10; ++i) jobs.push_back(job_of(source, x + i));
    loader.submit(std::move(jobs));
  }
  std::vector<bool> seen(100);
  for (LoadedTile& tile : wait_for(loader, 100)) {
    ASSERT_TRUE(tile.result);
    const std::uint32_t x = tile.job.page.tile.x;
    EXPECT_FALSE(seen[x]);
    seen[x] = true;
    std::vector<std::byte> expected(tile.bytes.size());
    ASSERT_TRUE(source->read_tile({0, x, 0}, expected));
    EXPECT_EQ(tile.bytes, expected);
    loader.recycle(std::move(tile.bytes));
  }
  EXPECT_EQ(std::count(seen.begin(), seen.end(), true), 100);
  EXPECT_EQ(loader.outstanding(), 0u);
}

TEST(TileLoader, WithdrawsWhatHasNotBegun) {
  const auto source = std::make_shared<GatedSource>(64 * 32, 64, 64);
  TileLoader loader(1, source->pyramid().tile_bytes(), nullptr);
  std::vector<TileJob> jobs;
  for (std::uint32_t x = 0; x < 5; ++x) jobs.push_back(job_of(source, x));
  loader.submit(std::move(jobs));
  source->wait_until_waiting(1);
  EXPECT_EQ(loader.withdraw().size(), 4u);
  EXPECT_EQ(loader.outstanding(), 1u);
  loader.submit({job_of(source, 9)});
  source->open();
  const auto tiles = wait_for(loader, 2);
  ASSERT_EQ(tiles.size(), 2u);
  EXPECT_EQ(tiles[0].job.page.tile.x, 0u);
  EXPECT_EQ(tiles[1].job.page.tile.x, 9u);
}

TEST(TileLoader, EndsWithReadsUnderWayAndWaiting) {
  const auto source = std::make_shared<GatedSource>(64 * 32, 64, 64);
  std::thread opener;
  {
    TileLoader loader(2, source->pyramid().tile_bytes(), nullptr);
    std::vector<TileJob> jobs;
    for (std::uint32_t x = 0; x < 20; ++x) jobs.push_back(job_of(source, x));
    loader.submit(std::move(jobs));
    source->wait_until_waiting(2);
    opener = std::thread([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      source->open();
    });
  }
  opener.join();
  EXPECT_LT(source->reads(), 20u) << "what had not begun is dropped";
}

}  // namespace
}  // namespace forge3d::streaming
