// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "tiles/sources/block_cache.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <new>
#include <thread>

namespace forge3d::tiles {
namespace {

Result<BlockCache::Bytes> filled(std::size_t size_bytes, int value) {
  return BlockCache::Bytes(size_bytes, static_cast<std::byte>(value));
}

TEST(BlockCache, KeepsWhatWasUsedLast) {
  BlockCache cache(30);
  int made = 0;
  const auto get = [&](std::uint32_t x) {
    const auto block = cache.get({0, x, 0}, [&] {
      ++made;
      return filled(10, static_cast<int>(x));
    });
    EXPECT_EQ((**block)[9], static_cast<std::byte>(x));
  };
  for (const std::uint32_t x : {1u, 2u, 3u, 1u}) get(x);
  EXPECT_EQ(made, 3);
  get(4);  // drops 2
  get(1);
  get(3);
  EXPECT_EQ(made, 4);
  get(2);
  EXPECT_EQ(made, 5);
  EXPECT_EQ(cache.size_bytes(), 30u);
}

TEST(BlockCache, ABlockOverTheLimitIsGivenButNotKept) {
  BlockCache cache(5);
  EXPECT_EQ((*cache.get({}, [] { return filled(9, 1); }))->size(), 9u);
  EXPECT_EQ(cache.size_bytes(), 0u);
}

TEST(BlockCache, ErrorsAreGivenAndForgotten) {
  BlockCache cache(100);
  const auto failing = [] { return Result<BlockCache::Bytes>(fail(ErrorCode::kIo, "torn")); };
  EXPECT_EQ(cache.get({}, failing).error().code, ErrorCode::kIo);
  const auto without_memory = []() -> Result<BlockCache::Bytes> { throw std::bad_alloc(); };
  EXPECT_EQ(cache.get({}, without_memory).error().code, ErrorCode::kOutOfHostMemory);
  EXPECT_TRUE(cache.get({}, [] { return filled(1, 1); }));
}

TEST(BlockCache, OneThreadMakesAndTheOthersWait) {
  BlockCache cache(1 << 20);
  std::atomic<int> made = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (std::uint32_t x = 0; x < 200; ++x) {
        const auto block = cache.get({1, x, 2}, [&] {
          ++made;
          return filled(100, static_cast<int>(x));
        });
        EXPECT_EQ((**block)[50], static_cast<std::byte>(x));
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(made, 200);
}

}  // namespace
}  // namespace forge3d::tiles
