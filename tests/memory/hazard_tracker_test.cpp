// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "memory/hazard_tracker.hpp"

#include <gtest/gtest.h>

namespace forge3d {
namespace {

CopyAccess bytes(std::uint64_t begin, std::uint64_t end, bool write, std::uint64_t resource = 1) {
  return {.resource = resource, .write = write, .begin = {begin, 0, 0}, .end = {end, 1, 1}};
}

TEST(HazardTracker, AsksForABarrierWhereWritesOverlap) {
  HazardTracker tracker;
  EXPECT_FALSE(tracker.add(bytes(0, 10, true)));
  EXPECT_FALSE(tracker.add(bytes(10, 20, true))) << "neighbours do not overlap";
  EXPECT_TRUE(tracker.add(bytes(19, 21, true)));
  EXPECT_FALSE(tracker.add(bytes(0, 10, true))) << "the barrier covered the first write";
  EXPECT_TRUE(tracker.add(bytes(20, 30, true))) << "but not the access that asked for it";
}

TEST(HazardTracker, ReadsConflictWithWritesOnly) {
  HazardTracker tracker;
  EXPECT_FALSE(tracker.add(bytes(0, 10, false)));
  EXPECT_FALSE(tracker.add(bytes(0, 10, false)));
  EXPECT_TRUE(tracker.add(bytes(9, 10, true)));
  EXPECT_TRUE(tracker.add(bytes(9, 10, false)));
}

TEST(HazardTracker, KeepsResourcesLevelsAndLayersApart) {
  HazardTracker tracker;
  const CopyAccess box{
      .resource = 1, .level = 0, .write = true, .begin = {0, 0, 0}, .end = {8, 8, 1}};
  EXPECT_FALSE(tracker.add(box));
  CopyAccess other = box;
  other.resource = 2;
  EXPECT_FALSE(tracker.add(other));
  other = box;
  other.level = 1;
  EXPECT_FALSE(tracker.add(other));
  other = box;
  other.begin[2] = 1;
  other.end[2] = 2;
  EXPECT_FALSE(tracker.add(other));
  other = box;
  other.begin = {7, 7, 0};
  other.end = {9, 9, 1};
  EXPECT_TRUE(tracker.add(other));
}

TEST(HazardTracker, ALongListEndsInABarrierRatherThanInALongWalk) {
  HazardTracker tracker;
  int barriers = 0;
  for (std::uint64_t i = 0; i < 1000; ++i) barriers += tracker.add(bytes(i, i + 1, true)) ? 1 : 0;
  EXPECT_GT(barriers, 0);
  EXPECT_LT(barriers, 20);
}

}  // namespace
}  // namespace forge3d
