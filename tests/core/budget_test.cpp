// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/budget.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace forge3d {
namespace {

TEST(Budget, GrantsUpToTheLimitAndNotAByteMore) {
  Budget budget({.host_visible_bytes = 100, .total_bytes = 150});
  EXPECT_TRUE(budget.reserve(MemoryCategory::kStaging, 100, true));
  EXPECT_EQ(budget.reserve(MemoryCategory::kStaging, 1, true).error().code,
            ErrorCode::kBudgetExceeded);
  EXPECT_TRUE(budget.reserve(MemoryCategory::kAtlas, 50, false));
  EXPECT_EQ(budget.reserve(MemoryCategory::kAtlas, 1, false).error().code,
            ErrorCode::kBudgetExceeded);
  EXPECT_EQ(budget.stats().total_bytes, 150u);
  EXPECT_EQ(budget.stats().refusals, 2u);
}

TEST(Budget, ARefusedHostVisibleReservationHoldsNothing) {
  Budget budget({.host_visible_bytes = 10, .total_bytes = 100});
  EXPECT_FALSE(budget.reserve(MemoryCategory::kPool, 11, true));
  EXPECT_EQ(budget.stats().total_bytes, 0u);
  EXPECT_EQ(budget.stats().peak_total_bytes, 0u);
}

TEST(Budget, AbsurdSizesAreRefusedWithoutWrapping) {
  Budget budget({.host_visible_bytes = 100, .total_bytes = 100});
  ASSERT_TRUE(budget.reserve(MemoryCategory::kPool, 60, false));
  EXPECT_FALSE(budget.reserve(MemoryCategory::kPool, ~std::uint64_t{0}, false));
  EXPECT_FALSE(budget.reserve(MemoryCategory::kPool, ~std::uint64_t{0} - 59, true));
  EXPECT_EQ(budget.reserve(MemoryCategory::kPool, 0, false).error().code,
            ErrorCode::kInvalidArgument);
}

TEST(Budget, LimitsBelowWhatIsHeldAreRefusedWithTheReason) {
  Budget budget;
  ASSERT_TRUE(budget.reserve(MemoryCategory::kTexture, 1000, true));
  const auto lowered = budget.set_limits({.host_visible_bytes = 2000, .total_bytes = 999});
  ASSERT_FALSE(lowered);
  EXPECT_NE(lowered.error().message.find("999"), std::string::npos);
  EXPECT_EQ(budget.stats().limits.total_bytes, 512 * kMebibyte);
  EXPECT_TRUE(budget.set_limits({.host_visible_bytes = 1000, .total_bytes = 1000}));
}

TEST(Budget, LimitsAreLoweredAsFarAsWhatIsHeldAllows) {
  Budget budget({.host_visible_bytes = 100, .total_bytes = 200});
  ASSERT_TRUE(budget.reserve(MemoryCategory::kPool, 60, true));
  ASSERT_TRUE(budget.reserve(MemoryCategory::kAtlas, 70, false));
  BudgetLimits now = budget.lower_limits({.host_visible_bytes = 10, .total_bytes = 150});
  EXPECT_EQ(now.host_visible_bytes, 60u);
  EXPECT_EQ(now.total_bytes, 150u);
  EXPECT_FALSE(budget.reserve(MemoryCategory::kPool, 1, true));
  EXPECT_TRUE(budget.reserve(MemoryCategory::kPool, 20, false));
  now = budget.lower_limits({.host_visible_bytes = 500, .total_bytes = 500});
  EXPECT_EQ(now.host_visible_bytes, 60u) << "none is raised";
  EXPECT_EQ(now.total_bytes, 150u);
}

// A reserve() that looked at the old limit must not succeed under the new one.
TEST(Budget, LimitsThatChangeUnderRacingThreadsAreNeverPassed) {
  Budget budget({.host_visible_bytes = 1000, .total_bytes = 1000});
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> granted{0}, passed{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t)
    threads.emplace_back([&] {
      while (!stop.load())
        if (budget.reserve(MemoryCategory::kPool, 300, true)) {
          granted.fetch_add(1);
          budget.release(MemoryCategory::kPool, 300, true);
          if (granted.load() % 64 == 0) std::this_thread::yield();  // nothing is held meanwhile
        }
    });
  std::uint64_t lowered = 0;
  for (std::uint64_t i = 0; i < 300'000 || granted.load() < 100'000 || lowered < 200; ++i) {
    const std::uint64_t limit = i % 2 == 0 ? 200 : 1000;  // all fit, or none
    if (!budget.set_limits({.host_visible_bytes = limit, .total_bytes = limit})) continue;
    lowered += limit == 200 ? 1 : 0;
    for (int look = 0; look < 3; ++look) {
      const BudgetStats now = budget.stats();
      if (now.total_bytes > limit || now.host_visible_bytes > limit) passed.fetch_add(1);
    }
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(passed.load(), 0u);
  EXPECT_GE(lowered, 200u);
  EXPECT_EQ(budget.stats().total_bytes, 0u);
}

TEST(Budget, RacingThreadsNeverPassTheLimit) {
  constexpr std::uint64_t kLimit = 10'000;
  Budget budget({.host_visible_bytes = kLimit / 2, .total_bytes = kLimit});
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&budget, t] {
      for (std::uint64_t i = 0; i < 20'000; ++i) {
        const std::uint64_t bytes = 1 + (i * 2654435761u + static_cast<std::uint64_t>(t)) % 6000;
        const bool host = i % 2 == 0;
        if (budget.reserve(MemoryCategory::kPool, bytes, host))
          budget.release(MemoryCategory::kPool, bytes, host);
      }
    });
  for (std::thread& thread : threads) thread.join();
  const BudgetStats stats = budget.stats();
  EXPECT_EQ(stats.total_bytes, 0u);
  EXPECT_EQ(stats.host_visible_bytes, 0u);
  EXPECT_LE(stats.peak_total_bytes, kLimit);
  EXPECT_LE(stats.peak_host_visible_bytes, kLimit / 2);
  EXPECT_GT(stats.refusals, 0u);
}

}  // namespace
}  // namespace forge3d
