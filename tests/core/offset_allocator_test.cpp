// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/offset_allocator.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "core/live_blocks.hpp"

namespace forge3d {
namespace {

using Reference = test::LiveBlocks;
using Allocation = OffsetAllocator::Allocation;

// The allocator's own walk must show the reference's holes, merged, and the counters that follow
// from them.
void expect_same_holes(const OffsetAllocator& allocator, const Reference& reference) {
  const auto holes = reference.holes();
  std::size_t next = 0;
  std::uint64_t end = 0, largest = 0, total = 0;
  allocator.for_each([&](std::uint64_t offset, std::uint64_t size, bool used) {
    ASSERT_EQ(offset, end);
    end = offset + size;
    if (used) return;
    ASSERT_LT(next, holes.size());
    ASSERT_EQ(offset, holes[next].offset);
    ASSERT_EQ(size, holes[next].size);
    largest = std::max(largest, size);
    total += size;
    ++next;
  });
  ASSERT_EQ(end, allocator.range_bytes());
  ASSERT_EQ(next, holes.size());
  ASSERT_EQ(allocator.hole_count(), holes.size());
  ASSERT_EQ(allocator.largest_free_bytes(), largest);
  ASSERT_EQ(allocator.free_bytes(), total);
}

// A refusal is right only when every hole is too small, or within the 1/32 that a size class may
// hide.
void expect_refusal_is_right(const Reference& reference, std::uint64_t size,
                             std::uint64_t alignment) {
  const auto holes = reference.holes();
  for (const auto& hole : holes) {
    const std::uint64_t aligned = (hole.offset + alignment - 1) / alignment * alignment;
    const std::uint64_t padding = aligned - hole.offset;
    const bool fits = hole.size >= padding && hole.size - padding >= size;
    const bool must_be_found = holes.size() <= OffsetAllocator::kScan ||
                               hole.size > size + size / 32 + 16 + (alignment - 16);
    ASSERT_FALSE(fits && must_be_found) << "refused " << size << " aligned to " << alignment
                                        << " with a hole of " << hole.size << " at " << hole.offset;
  }
}

void run_model_check(std::uint64_t seed, std::uint64_t range_bytes, int steps) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  OffsetAllocator allocator(range_bytes);
  Reference reference(allocator.range_bytes());
  std::vector<Allocation> live;
  for (int step = 0; step < steps; ++step) {
    SCOPED_TRACE("step " + std::to_string(step));
    const bool grow = (step / 100) % 2 == 0;  // phases of filling up and of draining
    if (live.empty() || random() % 10 < (grow ? 7u : 3u)) {
      const std::uint64_t size = 1 + random() % (std::uint64_t{1} << (4 + random() % 14));
      const std::uint64_t alignment = std::uint64_t{1}
                                      << (random() % 3 == 0 ? random() % 16 : random() % 5);
      const auto got = allocator.allocate(size, alignment);
      if (!got) {
        expect_refusal_is_right(reference, (size + 15) / 16 * 16,
                                std::max<std::uint64_t>(alignment, 16));
        continue;
      }
      ASSERT_EQ(got->size_bytes, (size + 15) / 16 * 16);
      ASSERT_EQ(got->offset_bytes % alignment, 0u);
      ASSERT_EQ(reference.add(*got), "");
      live.push_back(*got);
    } else {
      std::swap(live[random() % live.size()], live.back());
      allocator.free(live.back().node);
      reference.remove(live.back());
      live.pop_back();
    }
    ASSERT_EQ(allocator.allocation_count(), live.size());
    if (step % 7 == 0) expect_same_holes(allocator, reference);
    if (testing::Test::HasFatalFailure()) return;
  }
  for (const Allocation& a : live) allocator.free(a.node);
  EXPECT_EQ(allocator.hole_count(), 1u);
  EXPECT_EQ(allocator.largest_free_bytes(), allocator.range_bytes());
  EXPECT_EQ(allocator.used_bytes(), 0u);
}

TEST(OffsetAllocator, AgreesWithANaiveReference) {
  for (std::uint64_t seed = 1; seed <= 30 && !HasFatalFailure(); ++seed)
    run_model_check(seed, 65536 << (seed % 6), 2000);
}

TEST(OffsetAllocator, TakesTheWholeRangeAndGivesItBack) {
  for (const std::uint64_t range : {std::uint64_t{16}, std::uint64_t{4096}, std::uint64_t{1000003},
                                    OffsetAllocator::kMaxRangeBytes}) {
    OffsetAllocator allocator(range);
    const auto all = allocator.allocate(allocator.range_bytes());
    ASSERT_TRUE(all) << range;
    EXPECT_EQ(all->size_bytes, range / 16 * 16);
    EXPECT_EQ(allocator.free_bytes(), 0u);
    EXPECT_EQ(allocator.largest_free_bytes(), 0u);
    EXPECT_FALSE(allocator.allocate(1));
    allocator.free(all->node);
    EXPECT_EQ(allocator.largest_free_bytes(), range / 16 * 16);
  }
}

TEST(OffsetAllocator, RefusesWhatNeverFits) {
  OffsetAllocator allocator(1024);
  EXPECT_FALSE(allocator.allocate(0));
  EXPECT_FALSE(allocator.allocate(1025));
  EXPECT_FALSE(allocator.allocate(~std::uint64_t{0}));
  EXPECT_FALSE(allocator.allocate(16, 0));
  EXPECT_FALSE(allocator.allocate(16, 48));
  EXPECT_FALSE(OffsetAllocator(15).allocate(1));
  EXPECT_FALSE(OffsetAllocator(0).allocate(1));
  EXPECT_EQ(OffsetAllocator(0).largest_free_bytes(), 0u);
}

TEST(OffsetAllocator, AlignsUpToTheWholeRangeAndKeepsThePaddingUsable) {
  OffsetAllocator allocator(std::uint64_t{1} << 30);
  const auto first = allocator.allocate(16);
  ASSERT_TRUE(first);
  for (std::uint64_t alignment = 1; alignment < (std::uint64_t{1} << 30); alignment *= 2) {
    const auto got = allocator.allocate(100, alignment);
    ASSERT_TRUE(got) << alignment;
    EXPECT_EQ(got->offset_bytes % alignment, 0u);
    allocator.free(got->node);
  }
  EXPECT_FALSE(allocator.allocate(16, std::uint64_t{1} << 30))
      << "only offset 0 is aligned, and taken";
  allocator.free(first->node);
  EXPECT_TRUE(allocator.allocate(16, std::uint64_t{1} << 34));
  EXPECT_FALSE(allocator.allocate(16, std::uint64_t{1} << 35)) << "no range is so large";
  const auto far = allocator.allocate(1 << 20, 1 << 29);
  ASSERT_TRUE(far);
  EXPECT_TRUE(allocator.allocate((1 << 29) - 16)) << "the padding in front stays a hole";
}

TEST(OffsetAllocator, MergesInEveryOrderOfFreeing) {
  const std::vector<std::vector<int>> orders = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                                {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
  for (const auto& order : orders) {
    OffsetAllocator allocator(3 * 64);
    std::vector<Allocation> blocks;
    for (int i = 0; i < 3; ++i) blocks.push_back(allocator.allocate(64).value());
    for (const int i : order) allocator.free(blocks[static_cast<std::size_t>(i)].node);
    EXPECT_EQ(allocator.hole_count(), 1u);
    EXPECT_TRUE(allocator.allocate(3 * 64));
  }
}

TEST(OffsetAllocator, FillsARangeOfSmallBlocksToTheLastByte) {
  OffsetAllocator allocator(1 << 20);
  std::vector<Allocation> blocks;
  while (const auto got = allocator.allocate(16)) blocks.push_back(*got);
  EXPECT_EQ(blocks.size(), (1u << 20) / 16);
  EXPECT_EQ(allocator.free_bytes(), 0u);
  for (std::size_t i = 0; i < blocks.size(); i += 2) allocator.free(blocks[i].node);
  EXPECT_EQ(allocator.largest_free_bytes(), 16u);
  EXPECT_FALSE(allocator.allocate(32)) << "half is free, but no two neighbours";
  for (std::size_t i = 1; i < blocks.size(); i += 2) allocator.free(blocks[i].node);
  EXPECT_EQ(allocator.hole_count(), 1u);
}

TEST(OffsetAllocator, TakesAStretchOutOfTheMiddleOfAHole) {
  OffsetAllocator allocator(1024);
  const auto left = allocator.allocate(64).value();
  const auto rest = allocator.allocate(1024 - 64).value();
  const OffsetAllocator::Node hole = allocator.free(rest.node);
  const auto got = allocator.take(hole, 256, 128);
  allocator.set_owner(got.node, 77);
  EXPECT_EQ(allocator.owner(got.node), 77u);
  EXPECT_EQ(allocator.offset_bytes(got.node), 256u);
  EXPECT_EQ(allocator.size_bytes(got.node), 128u);
  EXPECT_EQ(allocator.hole_count(), 2u);
  EXPECT_EQ(allocator.largest_free_bytes(), 1024u - 384);
  EXPECT_EQ(allocator.free(got.node), allocator.right_of(left.node)) << "merged on both sides";
  EXPECT_EQ(allocator.hole_count(), 1u);
}

TEST(OffsetAllocator, PrefersAFittingHoleOfItsOwnClassToALargerOne) {
  OffsetAllocator allocator(1 << 20);
  const auto hole =
      allocator.allocate((2112 + 40) * 16).value();  // granules 2112..2175 share a class
  ASSERT_TRUE(allocator.allocate(16));
  allocator.free(hole.node);
  const auto got = allocator.allocate((2112 + 20) * 16).value();
  EXPECT_EQ(got.offset_bytes, hole.offset_bytes);
}

}  // namespace
}  // namespace forge3d
