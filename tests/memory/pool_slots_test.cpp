// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "memory/pool_slots.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace forge3d {
namespace {

std::uint32_t spare_slot(PoolSlots& slots) {
  std::vector<std::uint32_t> spare;
  EXPECT_TRUE(slots.add_spare(spare));
  EXPECT_EQ(spare.size(), PoolSlots::kBatch);
  return spare.back();
}

TEST(PoolSlots, AReleasedHandleStaysStaleWhileItsSlotIsUsedAgain) {
  PoolSlots slots;
  const std::uint32_t index = spare_slot(slots);
  const PoolHandle first = slots.open(index);
  EXPECT_EQ(slots.find(first), &slots[index]);
  EXPECT_EQ(slots.release(first), PoolSlots::Release::kLast);
  EXPECT_EQ(slots.find(first), nullptr);
  EXPECT_TRUE(slots.close(slots[index]));
  const PoolHandle second = slots.open(index);
  EXPECT_EQ(second.index, first.index);
  EXPECT_EQ(slots.find(first), nullptr);
  EXPECT_EQ(slots.retain(first), 0u);
  EXPECT_EQ(slots.release(first), PoolSlots::Release::kStale);
  EXPECT_EQ(slots.find(second), &slots[index]);
}

TEST(PoolSlots, OnlyTheLastReferenceEnds) {
  PoolSlots slots;
  const PoolHandle handle = slots.open(spare_slot(slots));
  EXPECT_EQ(slots.retain(handle), 1u);
  EXPECT_EQ(slots.release(handle), PoolSlots::Release::kShared);
  EXPECT_EQ(slots.release(handle), PoolSlots::Release::kLast);
  EXPECT_EQ(slots.release(handle), PoolSlots::Release::kStale);
}

TEST(PoolSlots, AWornOutSlotIsNeverUsedAgain) {
  PoolSlots slots(1, 3);
  const std::uint32_t index = spare_slot(slots);
  for (std::uint32_t generation = 1; generation <= 3; ++generation) {
    const PoolHandle handle = slots.open(index);
    EXPECT_EQ(handle.generation, generation);
    EXPECT_EQ(slots.release(handle), PoolSlots::Release::kLast);
    EXPECT_EQ(slots.close(slots[index]), generation < 3);
  }
}

TEST(PoolSlots, NullAndForeignHandlesAreNotFound) {
  PoolSlots slots(1000);
  PoolSlots others(2000);
  EXPECT_EQ(slots.find({}), nullptr);
  EXPECT_EQ(slots.find({7, 1}), nullptr);
  const PoolHandle handle = slots.open(spare_slot(slots));
  const PoolHandle foreign = others.open(spare_slot(others));
  EXPECT_EQ(handle.index, foreign.index);
  EXPECT_EQ(slots.find(foreign), nullptr);
  EXPECT_EQ(slots.find({PoolSlots::kMaxSlots - 1, 1000}), nullptr);
}

TEST(PoolSlots, ExactlyOneOfManyThreadsGetsTheLastReference) {
  PoolSlots slots;
  const PoolHandle handle = slots.open(spare_slot(slots));
  for (int i = 0; i < 7; ++i) EXPECT_NE(slots.retain(handle), 0u);
  std::atomic<int> last{0}, shared{0}, stale{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 10; ++t)
    threads.emplace_back([&] {
      const auto released = slots.release(handle);
      (released == PoolSlots::Release::kLast     ? last
       : released == PoolSlots::Release::kShared ? shared
                                                 : stale)++;
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(last, 1);
  EXPECT_EQ(shared, 7);
  EXPECT_EQ(stale, 2);
}

}  // namespace
}  // namespace forge3d
