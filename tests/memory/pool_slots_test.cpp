// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "memory/pool_slots.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace forge3d {
namespace {

PoolHandle open(PoolSlots& slots, std::uint32_t index) {
  return PoolSlots::open(index, slots[index]);
}
bool is_live(const PoolSlots& slots, PoolHandle handle) {
  const PoolSlot* slot = slots.at(handle);
  return slot != nullptr && PoolSlots::names(handle, *slot);
}
PoolSlots::Release release(PoolSlots& slots, PoolHandle handle) {
  return PoolSlots::release(*slots.at(handle));
}

TEST(PoolSlots, AReleasedHandleStaysStaleWhileItsSlotIsUsedAgain) {
  PoolSlots slots;
  const std::uint32_t index = slots.add_spare();
  const PoolHandle first = open(slots, index);
  EXPECT_TRUE(is_live(slots, first));
  EXPECT_EQ(release(slots, first), PoolSlots::Release::kLast);
  EXPECT_FALSE(is_live(slots, first));
  EXPECT_TRUE(slots.close(slots[index]));
  const PoolHandle second = open(slots, index);
  EXPECT_EQ(second.index, first.index);
  EXPECT_FALSE(is_live(slots, first));
  EXPECT_TRUE(is_live(slots, second));
}

TEST(PoolSlots, OnlyTheLastReferenceEnds) {
  PoolSlots slots;
  const PoolHandle handle = open(slots, slots.add_spare());
  EXPECT_EQ(PoolSlots::retain(*slots.at(handle)), 1u);
  EXPECT_EQ(release(slots, handle), PoolSlots::Release::kShared);
  EXPECT_TRUE(is_live(slots, handle));
  EXPECT_EQ(release(slots, handle), PoolSlots::Release::kLast);
  EXPECT_FALSE(is_live(slots, handle));
}

TEST(PoolSlots, ABatchIsAChainOfNewIndices) {
  PoolSlots slots;
  std::vector<bool> seen(4 * PoolSlots::kBatch);
  for (int batch = 0; batch < 4; ++batch) {
    std::uint32_t length = 0;
    for (std::uint32_t i = slots.add_spare(); i != PoolSlots::kNone; i = slots[i].id) {
      ASSERT_LT(i, seen.size());
      EXPECT_FALSE(seen[i]);
      seen[i] = true;
      ++length;
    }
    EXPECT_EQ(length, PoolSlots::kBatch);
  }
}

TEST(PoolSlots, AWornOutSlotIsNeverUsedAgain) {
  PoolSlots slots(1, 3);
  const std::uint32_t index = slots.add_spare();
  for (std::uint32_t generation = 1; generation <= 3; ++generation) {
    const PoolHandle handle = open(slots, index);
    EXPECT_EQ(handle.generation, generation);
    EXPECT_EQ(release(slots, handle), PoolSlots::Release::kLast);
    EXPECT_EQ(slots.close(slots[index]), generation < 3);
  }
}

TEST(PoolSlots, ACleanSlotIsAsANewOne) {
  PoolSlots slots;
  const std::uint32_t index = slots.add_spare();
  PoolSlot& slot = slots[index];
  EXPECT_TRUE(slot.plain);
  slots.set_name(index, "name");
  EXPECT_FALSE(slot.plain);
  slots.clean(index);
  EXPECT_TRUE(slot.plain && !slot.named);
  slots.note_use(index, {});
  EXPECT_TRUE(slot.plain) << "no ticket is no use";
  slots.note_use(index, {QueueKind::kTransfer, Serial{7}});
  EXPECT_TRUE(slot.used && !slot.plain);
  slot.stays = slot.reported = true;
  slot.ready = Serial{5};
  slots.clean(index);
  EXPECT_TRUE(slot.plain && !slot.used && !slot.stays && !slot.reported);
  EXPECT_EQ(slot.ready, Serial{});
  EXPECT_EQ(slots.extra(index).last_use[1], Serial{});
}

TEST(PoolSlots, NullAndForeignHandlesAreNotLive) {
  PoolSlots slots(1000);
  PoolSlots others(2000);
  EXPECT_FALSE(is_live(slots, {}));
  EXPECT_FALSE(is_live(slots, {7, 1}));
  const PoolHandle handle = open(slots, slots.add_spare());
  const PoolHandle foreign = open(others, others.add_spare());
  EXPECT_EQ(handle.index, foreign.index);
  EXPECT_FALSE(is_live(slots, foreign));
  EXPECT_FALSE(is_live(slots, {PoolSlots::kMaxSlots - 1, 1000}));
}

}  // namespace
}  // namespace forge3d
