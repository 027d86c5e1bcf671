// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "core/ring_allocator.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <random>
#include <string>
#include <vector>

namespace forge3d {
namespace {

using Range = RingAllocator::Range;

TEST(RingAllocator, ReservesInOrderAndWraps) {
  RingAllocator ring(64, 2);
  EXPECT_EQ(ring.reserve(40, 4)->ring_offset, 0u);
  EXPECT_TRUE(ring.leaves_segment(40, 4));
  EXPECT_EQ(ring.reserve(40, 4)->ring_offset, 64u) << "a reservation never crosses a segment's end";
  EXPECT_EQ(ring.current_segment(), 1u);
  ring.close({1});
  EXPECT_FALSE(ring.reserve(32, 4)) << "the ring is full";
  ring.retire({1});
  EXPECT_EQ(ring.in_flight_bytes(), 0u);
  const auto wrapped = ring.reserve(40, 4);
  ASSERT_TRUE(wrapped);
  EXPECT_EQ(wrapped->ring_offset, 0u);
  EXPECT_EQ(wrapped->virtual_offset, 128u);
}

TEST(RingAllocator, RefusesWhatNeverFits) {
  RingAllocator ring(64, 3);
  EXPECT_FALSE(ring.reserve(0, 1));
  EXPECT_FALSE(ring.reserve(65, 1));
  EXPECT_FALSE(ring.reserve(~std::uint64_t{0}, 1));
  EXPECT_FALSE(ring.reserve(1, 0));
  EXPECT_FALSE(ring.reserve(64, 48)) << "48 does not divide a segment";
  EXPECT_EQ(ring.in_flight_bytes(), 0u);
}

TEST(RingAllocator, AlignsPlacesInTheRingToAnyNumber) {
  RingAllocator ring(1000, 3);
  for (std::uint64_t serial = 1; serial < 200; ++serial) {
    const std::uint64_t alignment = 1 + serial * 7 % 96;
    const auto got = ring.reserve(ring.largest_reservation(alignment), alignment);
    ASSERT_TRUE(got) << alignment;
    EXPECT_EQ(got->ring_offset % alignment, 0u);
    EXPECT_LE(got->ring_offset % 1000 + got->size_bytes, 1000u);
    ring.close({serial});
    ring.retire({serial});
  }
}

TEST(RingAllocator, OneSegmentServesFullReservationsAfterPartialOnes) {
  RingAllocator ring(64, 1);
  for (std::uint64_t serial = 1; serial < 100; ++serial) {
    ASSERT_TRUE(ring.reserve(serial % 2 == 0 ? 64 : 10, 4));
    EXPECT_FALSE(ring.reserve(64, 4));
    ring.close({serial});
    EXPECT_EQ(ring.oldest_pending(), Serial{serial});
    ring.retire({serial});
  }
  EXPECT_FALSE(ring.oldest_pending());
}

TEST(RingAllocator, ClosingNothingAddsNoBatch) {
  RingAllocator ring(64, 2);
  ring.close({5});
  EXPECT_FALSE(ring.oldest_pending());
  EXPECT_FALSE(ring.has_open());
}

// A seeded GPU: submissions finish in order, at moments that only the seed knows. It reads a
// submission's staged bytes as late as it may, at its end.
struct Submission {
  struct Piece {
    Range range;
    std::uint8_t pattern;
  };
  std::uint64_t serial = 0;
  std::vector<Piece> pieces;
};

class Simulation {
 public:
  /// `early` serials are passed to retire() beyond what has finished: 0 is right, 1 the mutant.
  Simulation(std::uint64_t seed, std::uint64_t early)
      : random_(seed),
        early_(early),
        ring_(64 + random_() % 1024, 1 + static_cast<std::uint32_t>(random_() % 5)),
        bytes_(ring_.capacity_bytes()),
        busy_until_(ring_.capacity_bytes(), 0),
        lag_(random_() % 4),
        lost_at_(random_() % 8 == 0 ? 500 + random_() % 1500 : ~std::uint64_t{0}) {}

  /// The first broken promise in words; empty when all held.
  std::string run(std::uint64_t steps) {
    for (step_ = 0; step_ < steps && broken_.empty(); ++step_) {
      const std::uint64_t dice = random_() % 16;
      if (dice < 9)
        upload();
      else if (dice < 11)
        submit();
      else if (dice < 13)
        poll();
      else
        gpu_step();
      if (ring_.in_flight_bytes() > ring_.capacity_bytes()) broken_ = "in flight above the ring";
    }
    if (broken_.empty() && !lost()) drain();
    return broken_.empty() ? "" : broken_ + " at step " + std::to_string(step_);
  }
  std::uint64_t uploads() const { return uploads_; }

 private:
  bool lost() const { return step_ >= lost_at_; }

  void upload() {
    const std::uint64_t alignment = 1 + random_() % 20;
    const std::uint64_t size = 1 + random_() % ring_.largest_reservation(alignment);
    if (ring_.leaves_segment(size, alignment)) submit();
    auto range = ring_.reserve(size, alignment);
    if (!range) {  // what the shell does: submit what is open, wait for the oldest, try again
      submit();
      for (int waits = 0; !range && ring_.oldest_pending(); ++waits) {
        if (lost() || waits > 1000) return;
        while (finished_ < ring_.oldest_pending()->value) finish_one();
        poll();
        range = ring_.reserve(size, alignment);
      }
    }
    if (!range) {
      broken_ = "refused although nothing is in flight";
      return;
    }
    fill(*range, alignment);
  }

  void fill(const Range& range, std::uint64_t alignment) {
    if (range.ring_offset % alignment != 0) broken_ = "misaligned";
    if (range.ring_offset + range.size_bytes > bytes_.size()) {
      broken_ = "beyond the ring";
      return;
    }
    const auto begin = static_cast<std::ptrdiff_t>(range.ring_offset);
    const auto end = begin + static_cast<std::ptrdiff_t>(range.size_bytes);
    const auto busy = *std::max_element(busy_until_.begin() + begin, busy_until_.begin() + end);
    if (busy > finished_) broken_ = "a byte was reused before its serial passed";
    std::fill(busy_until_.begin() + begin, busy_until_.begin() + end, submitted_ + 1);
    const auto pattern = static_cast<std::uint8_t>(random_());
    std::fill(bytes_.begin() + begin, bytes_.begin() + end, pattern);
    open_.pieces.push_back({range, pattern});
    ++uploads_;
  }

  void submit() {
    if (open_.pieces.empty()) return;
    open_.serial = ++submitted_;
    ring_.close({open_.serial});
    queue_.push_back(std::move(open_));
    open_ = {};
    if (lag_ == 0 && !lost()) finish_one();
  }

  void poll() { ring_.retire({finished_ == 0 ? 0 : finished_ + early_}); }

  void gpu_step() {
    if (lost() || stalled()) return;
    for (std::uint64_t n = random_() % (4 - std::min<std::uint64_t>(lag_, 3)); n > 0; --n)
      finish_one();
  }
  bool stalled() const { return (step_ / 97) % 5 == lag_; }

  void finish_one() {
    if (queue_.empty()) return;
    for (const auto& piece : queue_.front().pieces) {
      const auto begin = bytes_.begin() + static_cast<std::ptrdiff_t>(piece.range.ring_offset);
      const auto end = begin + static_cast<std::ptrdiff_t>(piece.range.size_bytes);
      if (std::find_if(begin, end, [&](std::uint8_t b) { return b != piece.pattern; }) != end)
        broken_ = "staged bytes were overwritten";
    }
    finished_ = queue_.front().serial;
    queue_.pop_front();
  }

  void drain() {
    submit();
    while (!queue_.empty()) finish_one();
    poll();
    if (ring_.in_flight_bytes() != 0) broken_ = "bytes in flight after everything finished";
  }

  std::mt19937_64 random_;
  std::uint64_t early_;
  RingAllocator ring_;
  std::vector<std::uint8_t> bytes_;
  std::vector<std::uint64_t>
      busy_until_;  // by ring byte: the serial that must pass before it is reused
  std::uint64_t lag_, lost_at_;
  std::uint64_t step_ = 0, submitted_ = 0, finished_ = 0, uploads_ = 0;
  Submission open_;
  std::deque<Submission> queue_;
  std::string broken_;
};

TEST(RingAllocator, KeepsItsPromisesOnSeededTimelines) {
  std::uint64_t uploads = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Simulation simulation(seed, 0);
    ASSERT_EQ(simulation.run(2000), "") << "seed " << seed;
    uploads += simulation.uploads();
  }
  EXPECT_GT(uploads, 100'000u) << "the timelines were too harsh to prove much";
}

TEST(RingAllocator, TheSimulationCatchesARingThatFreesOneSerialEarly) {
  int caught = 0;
  for (std::uint64_t seed = 1; seed <= 50; ++seed)
    if (Simulation(seed, 1).run(2000) != "") ++caught;
  EXPECT_GE(caught, 25)
      << "only GPUs that finish at once and rings of one segment may hide the mutant";
}

}  // namespace
}  // namespace forge3d
