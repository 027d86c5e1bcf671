// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "tiles/leaf_cache.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace forge3d::tiles {
namespace {

std::shared_ptr<const Directory> directory_of(std::size_t entries) {
  return std::make_shared<const Directory>(entries);
}

TEST(LeafCache, DropsWhatWasUsedLeastRecently) {
  LeafCache cache(3 * 10 * sizeof(DirectoryEntry));
  for (const std::uint64_t offset : {1, 2, 3}) cache.insert(offset, directory_of(10));
  EXPECT_NE(cache.find(1), nullptr);  // 2 is the oldest now
  cache.insert(4, directory_of(10));
  EXPECT_EQ(cache.find(2), nullptr);
  for (const std::uint64_t offset : {1, 3, 4}) EXPECT_NE(cache.find(offset), nullptr) << offset;
  EXPECT_EQ(cache.size_bytes(), 3 * 10 * sizeof(DirectoryEntry));
}

TEST(LeafCache, DoesNotKeepWhatIsOverTheLimit) {
  LeafCache cache(10 * sizeof(DirectoryEntry));
  cache.insert(1, directory_of(5));
  cache.insert(2, directory_of(11));
  EXPECT_NE(cache.find(1), nullptr);
  EXPECT_EQ(cache.find(2), nullptr);
}

TEST(LeafCache, CountsADirectoryInsertedTwiceOnce) {
  LeafCache cache(100 * sizeof(DirectoryEntry));
  cache.insert(1, directory_of(5));
  cache.insert(1, directory_of(5));
  EXPECT_EQ(cache.size_bytes(), 5 * sizeof(DirectoryEntry));
}

TEST(LeafCache, StaysBelowItsLimitUnderThreads) {
  LeafCache cache(20 * 8 * sizeof(DirectoryEntry));
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < 4; ++t)
    threads.emplace_back([&cache, t] {
      for (std::uint64_t i = 0; i < 2000; ++i) {
        const std::uint64_t offset = (i * 7 + t * 13) % 50;
        if (auto kept = cache.find(offset)) {
          EXPECT_EQ(kept->size(), offset % 8 + 1);
        } else {
          cache.insert(offset, directory_of(offset % 8 + 1));
        }
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(cache.size_bytes(), 20 * 8 * sizeof(DirectoryEntry));
  EXPECT_GT(cache.size_bytes(), 0u);
}

}  // namespace
}  // namespace forge3d::tiles
