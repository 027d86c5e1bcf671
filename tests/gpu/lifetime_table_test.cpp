// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "gpu/lifetime_table.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace forge3d {
namespace {

TEST(LifetimeTable, AnIdLivesFromBeginToEnd) {
  LifetimeTable table;
  const ResourceId a = table.begin(), b = table.begin();
  EXPECT_NE(a, b);
  EXPECT_TRUE(table.alive(a) && table.alive(b));
  table.end(a);
  EXPECT_FALSE(table.alive(a));
  EXPECT_TRUE(table.alive(b));
  EXPECT_TRUE(table.alive(ResourceId{})) << "of the unknown nothing bad is said";
}

TEST(LifetimeTable, ANumberThatIsUsedAgainDoesNotAnswerForItsPredecessor) {
  LifetimeTable table;
  std::vector<ResourceId> dead;
  for (int i = 0; i < 1000; ++i) {
    const ResourceId id = table.begin();
    for (const ResourceId& old : dead) ASSERT_NE(id, old);
    table.end(id);
    dead.push_back(id);
  }
  const ResourceId last = table.begin();
  for (const ResourceId& old : dead) EXPECT_FALSE(table.alive(old));
  EXPECT_TRUE(table.alive(last));
}

TEST(LifetimeTable, ThreadsBeginAndEndWhileOthersAsk) {
  LifetimeTable table;
  const ResourceId constant = table.begin();
  std::atomic<bool> stop{false};
  std::thread asker([&] {
    while (!stop) EXPECT_TRUE(table.alive(constant));
  });
  std::vector<std::thread> makers;
  for (int t = 0; t < 4; ++t)
    makers.emplace_back([&] {
      std::vector<ResourceId> mine;
      for (int i = 0; i < 3000; ++i) {
        mine.push_back(table.begin());
        ASSERT_TRUE(table.alive(mine.back()));
        if (i % 3 != 0) continue;
        table.end(mine.front());
        ASSERT_FALSE(table.alive(mine.front()));
        mine.erase(mine.begin());
      }
    });
  for (std::thread& maker : makers) maker.join();
  stop = true;
  asker.join();
}

}  // namespace
}  // namespace forge3d
