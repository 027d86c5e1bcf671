// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "core/ring_allocator.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <mutex>
#include <thread>
#include <vector>

namespace forge3d {
namespace {

using Progress = RingAllocator::Progress;
using Range = RingAllocator::Range;

Progress reached(std::uint64_t first, std::uint64_t second = 0) {
  return {Serial{first}, Serial{second}};
}

// What a shell does with a range once its copy is submitted.
void submit(RingAllocator& ring, const Range& range, std::uint64_t serial,
            std::size_t timeline = 0) {
  ring.use(range, timeline, {serial});
  ring.release(range);
}

TEST(RingAllocator, FillsSegmentsInOrderAndWraps) {
  RingAllocator ring(64, 2);
  const auto first = ring.reserve(40, 4);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->ring_offset, 0u);
  EXPECT_FALSE(ring.reserve(40, 4)) << "a reservation never crosses a segment's end";
  EXPECT_EQ(ring.room_in_segment(4), 24u);
  ASSERT_TRUE(ring.advance(reached(0)));
  EXPECT_EQ(ring.current_segment(), 1u);
  const auto second = ring.reserve(40, 4);
  EXPECT_EQ(second->ring_offset, 64u);
  EXPECT_FALSE(ring.advance(reached(0))) << "the first segment is still held";
  EXPECT_EQ(ring.blocker(reached(0)).unreleased_bytes, 40u);
  submit(ring, *first, 1);
  EXPECT_FALSE(ring.advance(reached(0))) << "and then it is in flight";
  EXPECT_EQ(ring.blocker(reached(0)).until[0], Serial{1});
  EXPECT_EQ(ring.in_flight_bytes(), 80u);
  ring.finish(first->charged_bytes);
  ASSERT_TRUE(ring.advance(reached(1)));
  EXPECT_EQ(ring.in_flight_bytes(), 40u);
  EXPECT_EQ(ring.reserve(40, 4)->ring_offset, 0u);
}

TEST(RingAllocator, RefusesWhatNeverFits) {
  RingAllocator ring(64, 3);
  EXPECT_FALSE(ring.reserve(0, 1));
  EXPECT_FALSE(ring.reserve(65, 1));
  EXPECT_FALSE(ring.reserve(~std::uint64_t{0}, 1));
  EXPECT_FALSE(ring.reserve(1, 0));
  ASSERT_TRUE(ring.advance(reached(0)));
  EXPECT_FALSE(ring.reserve(64, 48)) << "48 does not divide a segment";
  EXPECT_EQ(ring.in_flight_bytes(), 0u);
}

TEST(RingAllocator, AlignsPlacesInTheRingToAnyNumber) {
  RingAllocator ring(1000, 3);
  for (std::uint64_t serial = 1; serial < 200; ++serial) {
    const std::uint64_t alignment = 1 + serial * 7 % 96;
    auto got = ring.reserve(ring.largest_reservation(alignment), alignment);
    if (!got) {
      ASSERT_TRUE(ring.advance(reached(serial)));
      got = ring.reserve(ring.largest_reservation(alignment), alignment);
    }
    ASSERT_TRUE(got) << alignment;
    EXPECT_EQ(got->ring_offset % alignment, 0u);
    EXPECT_LE(got->ring_offset % 1000 + got->size_bytes, 1000u);
    submit(ring, *got, serial);
    ring.finish(got->charged_bytes);
  }
}

TEST(RingAllocator, OneSegmentServesFullReservationsAfterPartialOnes) {
  RingAllocator ring(64, 1);
  for (std::uint64_t serial = 1; serial < 100; ++serial) {
    const auto got = ring.reserve(serial % 2 == 0 ? 64 : 10, 4);
    ASSERT_TRUE(got);
    EXPECT_FALSE(ring.reserve(64, 4));
    submit(ring, *got, serial);
    EXPECT_FALSE(ring.advance(reached(serial - 1)));
    EXPECT_FALSE(ring.reserve(1, 1)) << "a segment that waits to be free gives out nothing";
    ASSERT_TRUE(ring.advance(reached(serial)));
    ring.finish(got->charged_bytes);
  }
  EXPECT_EQ(ring.in_flight_bytes(), 0u);
}

TEST(RingAllocator, ASegmentWaitsForEachTimeline) {
  RingAllocator ring(64, 1);
  const auto a = ring.reserve(16, 16);
  const auto b = ring.reserve(16, 16);
  submit(ring, *a, 7, 0);
  submit(ring, *b, 3, 1);
  EXPECT_FALSE(ring.can_advance(reached(7, 2)));
  EXPECT_FALSE(ring.can_advance(reached(6, 3)));
  EXPECT_TRUE(ring.advance(reached(7, 3)));
}

TEST(RingAllocator, AbandonedBytesNeedNoDevice) {
  RingAllocator ring(64, 1);
  ring.abandon(*ring.reserve(30, 4));
  EXPECT_EQ(ring.in_flight_bytes(), 0u);
  EXPECT_EQ(ring.held_bytes(), 0u);
  EXPECT_TRUE(ring.advance(reached(0)));
  EXPECT_EQ(ring.room_in_segment(1), 64u);
}

TEST(RingAllocator, LanesServeSmallReservationsSideBySide) {
  RingAllocator ring(1 << 20, 2);
  const auto a = ring.reserve(100, 16);
  const auto b = ring.reserve(100, 16);
  EXPECT_EQ(b->ring_offset, a->ring_offset + 112) << "one thread's are neighbours";
  std::optional<Range> other;
  std::thread([&] { other = ring.reserve(100, 16); }).join();
  ASSERT_TRUE(other);
  EXPECT_GE(other->ring_offset, 16u * 1024) << "another thread has a block of its own";
  EXPECT_EQ(ring.in_flight_bytes(), 212u + 100u) << "what lanes hold ready is not in flight";
  for (const Range& range : {*a, *b, *other}) submit(ring, range, 1);
  ASSERT_TRUE(ring.advance(reached(0)));
  ASSERT_FALSE(ring.advance(reached(0)));
  EXPECT_EQ(ring.blocker(reached(0)).unreleased_bytes, 0u) << "lanes gave their rests back";
  EXPECT_TRUE(ring.advance(reached(1)));
}

// Real threads on the ring, each writing its mark into what it reserved; an owner that submits and
// moves on. No byte may have two users.
TEST(RingAllocator, ManyThreadsNeverShareAByte) {
  constexpr int kThreads = 8, kRounds = 4000;
  RingAllocator ring(128 * 1024, 3);
  std::vector<std::atomic<std::uint8_t>> users(ring.capacity_bytes());
  std::mutex owner;
  std::uint64_t serial = 0;
  std::atomic<int> clashes{0};
  const auto work = [&](unsigned seed) {
    std::uint64_t state = seed;
    for (int round = 0; round < kRounds; ++round) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      const std::uint64_t size = 1 + (state >> 33) % ((state >> 60) == 0 ? 60'000 : 200);
      std::optional<Range> range;
      while (!(range = ring.reserve(size, 16))) {
        std::lock_guard lock(owner);
        if (ring.room_in_segment(16) < size) (void)ring.advance(reached(serial));
      }
      for (std::uint64_t i = 0; i < range->size_bytes; i += 16)
        if (users[range->ring_offset + i].exchange(1) != 0) ++clashes;
      for (std::uint64_t i = 0; i < range->size_bytes; i += 16) users[range->ring_offset + i] = 0;
      std::lock_guard lock(owner);
      submit(ring, *range, ++serial);
      ring.finish(range->charged_bytes);
    }
  };
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < kThreads; ++t) threads.emplace_back(work, t + 1);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(clashes, 0);
  EXPECT_EQ(ring.in_flight_bytes(), 0u);
  EXPECT_EQ(ring.held_bytes(), 0u);
}

}  // namespace
}  // namespace forge3d
