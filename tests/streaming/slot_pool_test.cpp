// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "streaming/slot_pool.hpp"

#include <gtest/gtest.h>

#include <list>
#include <map>
#include <random>

namespace forge3d::streaming {
namespace {

PageKey page_of(std::uint32_t i) { return {0, {0, i, 0}}; }
GpuProgress at(std::uint64_t graphics, std::uint64_t transfer = 0) {
  return {{graphics}, {transfer}};
}

TEST(SlotPool, TheLongestUnwantedGoesFirstAndPinnedNever) {
  SlotPool pool(4);
  const auto a = *pool.take(page_of(0), 1, false);
  const auto b = *pool.take(page_of(1), 1, false);
  const auto c = *pool.take(page_of(2), 1, true);
  EXPECT_EQ(pool.oldest(1), std::nullopt);
  EXPECT_EQ(pool.oldest(2), a);
  pool.touch(a, 2);
  pool.touch(c, 2);
  EXPECT_EQ(pool.oldest(2), b);
  pool.retire(b);
  EXPECT_EQ(pool.oldest(3), a);
  pool.retire(a);
  EXPECT_EQ(pool.oldest(100), std::nullopt);
  EXPECT_EQ(pool.used_count(), 1u);
  EXPECT_EQ(pool.pinned_count(), 1u);
}

TEST(SlotPool, ASlotIsFreeOnlyWhenItsFrameIsDoneOnBothQueues) {
  SlotPool pool(1);
  const auto slot = *pool.take(page_of(0), 1, false);
  pool.retire(slot);
  EXPECT_EQ(pool.release(at(1000, 1000)), 0u) << "not sealed: no frame is known yet";
  EXPECT_EQ(pool.take(page_of(1), 2, false), std::nullopt);
  pool.seal(at(7, 3));
  EXPECT_EQ(pool.release(at(6, 3)), 0u);
  EXPECT_EQ(pool.release(at(7, 2)), 0u);
  EXPECT_EQ(pool.release(at(7, 3)), 1u);
  EXPECT_EQ(pool.take(page_of(1), 2, false), slot);
}

TEST(SlotPool, NoSlotIsGivenOutTwiceAndNoneIsLost) {
  std::mt19937 random(11);
  SlotPool pool(37);
  std::list<std::uint32_t> lru;  // front: oldest
  std::map<std::uint32_t, std::uint64_t> busy_until;
  std::uint64_t frame = 1, submitted = 1, completed = 0;
  std::vector<std::uint32_t> evicted;
  for (int step = 0; step < 20000; ++step) {
    switch (random() % 6) {
      case 0:
      case 1:
        if (const auto slot =
                pool.take(page_of(static_cast<std::uint32_t>(step) % 4096), frame, false)) {
          ASSERT_EQ(std::count(lru.begin(), lru.end(), *slot), 0);
          ASSERT_LE(busy_until[*slot], completed) << "written while a frame may sample it";
          lru.push_back(*slot);
        } else {
          ASSERT_EQ(pool.used_count() + pool.retiring_count(), 37u);
        }
        break;
      case 2:
        if (!lru.empty()) {
          const auto it =
              std::next(lru.begin(), static_cast<std::ptrdiff_t>(random() % lru.size()));
          pool.touch(*it, frame);
          lru.splice(lru.end(), lru, it);
        }
        break;
      case 3:
        ++frame;
        if (const auto slot = pool.oldest(frame)) {
          ASSERT_EQ(*slot, lru.front());
          lru.pop_front();
          pool.retire(*slot);
          evicted.push_back(*slot);
        }
        break;
      case 4:
        ++submitted;
        pool.seal(at(submitted));
        for (const std::uint32_t slot : evicted) busy_until[slot] = submitted;
        evicted.clear();
        break;
      default:
        completed = std::min(submitted, completed + random() % 3);
        pool.release(at(completed));
    }
    ASSERT_EQ(pool.used_count(), lru.size());
    ASSERT_EQ(pool.free_count() + pool.retiring_count() + pool.used_count(), 37u);
  }
}

}  // namespace
}  // namespace forge3d::streaming
