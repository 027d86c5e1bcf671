// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "core/ring_allocator.hpp"

#include <algorithm>
#include <cassert>
#include <thread>

namespace forge3d {
namespace {

std::atomic<std::uint32_t> last_thread_number{0};

}  // namespace

// Neighbours in time get different lanes; which thread has which number means nothing else.
std::uint32_t RingAllocator::number_thread() {
  thread_number_ = last_thread_number.fetch_add(1, std::memory_order_relaxed) + 1;
  return thread_number_;
}

RingAllocator::RingAllocator(std::uint64_t segment_bytes, std::uint32_t segment_count)
    : segment_bytes_(segment_bytes),
      segment_count_(segment_count),
      lane_bytes_(segment_bytes / 64 >= 1024 ? std::min(segment_bytes / 64, kMaxLaneBytes) : 0),
      segments_(std::make_unique<Segment[]>(segment_count)),
      lanes_(lane_bytes_ > 0 ? std::make_unique<Lane[]>(kLanes) : nullptr) {
  assert(segment_bytes > 0 && segment_bytes < (std::uint64_t{1} << 32) && segment_count > 0);
}

// Where the alignment does not divide a segment, up to alignment - 1 bytes at its begin may be
// lost.
std::uint64_t RingAllocator::largest_reservation(std::uint64_t alignment) const {
  if (segment_bytes_ % alignment == 0) return segment_bytes_;
  return segment_bytes_ >= alignment ? segment_bytes_ - (alignment - 1) : 0;
}

std::uint64_t RingAllocator::room_in_segment(std::uint64_t alignment) const {
  const std::uint32_t index = current_segment();
  const std::uint64_t word = segments_[index].word.load(std::memory_order_relaxed);
  if ((word & kSealed) != 0) return 0;
  const std::uint64_t base = index * segment_bytes_;
  const std::uint64_t begin = align_up(base + word, alignment);
  return begin < base + segment_bytes_ ? base + segment_bytes_ - begin : 0;
}

// The lane is ours: give it a new block. A block that begins where the old one ends prolongs it.
bool RingAllocator::refill(Lane& lane) {
  const auto block = reserve_shared(lane_bytes_, 16);
  if (!block) return false;
  const std::uint64_t end = block->ring_offset + block->size_bytes;
  const std::uint64_t begin = end - block->charged_bytes;
  if (lane.begin == lane.end || lane.segment != block->segment || lane.end != begin) {
    abandon_rest(lane);
    lane.segment = block->segment;
    lane.begin = begin;
  }
  lane.end = end;
  return true;
}

std::optional<RingAllocator::Range> RingAllocator::reserve_shared(std::uint64_t size_bytes,
                                                                  std::uint64_t alignment) {
  const std::uint32_t index = current_segment();
  Segment& segment = segments_[index];
  const std::uint64_t base = index * segment_bytes_;
  std::uint64_t word = segment.word.load(std::memory_order_acquire);
  for (;;) {
    if ((word & kSealed) != 0) return std::nullopt;
    const std::uint64_t begin = align_up(base + word, alignment);
    const std::uint64_t end = begin + size_bytes;
    if (end > base + segment_bytes_) return std::nullopt;
    // Whatever happened to the segment between load and exchange: a word of this value means that
    // these bytes are free now.
    if (segment.word.compare_exchange_weak(word, end - base, std::memory_order_acq_rel,
                                           std::memory_order_acquire))
      return Range{begin, size_bytes, index, static_cast<std::uint32_t>(end - base - word)};
  }
}

void RingAllocator::release(std::uint32_t segment, std::uint64_t charged_bytes) {
  segments_[segment].released_bytes.fetch_add(charged_bytes, std::memory_order_acq_rel);
}

void RingAllocator::abandon(std::uint32_t segment, std::uint64_t charged_bytes) {
  abandoned_bytes_.fetch_add(charged_bytes, std::memory_order_relaxed);
  release(segment, charged_bytes);
}

void RingAllocator::abandon_rest(Lane& lane) {
  if (lane.begin == lane.end) return;
  abandon(lane.segment, lane.end - lane.begin);
  lane.begin = lane.end = 0;
}

void RingAllocator::use(const Range& range, std::size_t timeline, Serial serial) {
  Serial& last = segments_[range.segment].last_use[timeline];
  last = std::max(last, serial);
}

std::uint32_t RingAllocator::next_segment() const {
  return (current_.load(std::memory_order_relaxed) + 1) % segment_count_;
}

bool RingAllocator::passed(const Segment& segment, const Progress& completed) const {
  for (std::size_t timeline = 0; timeline < kTimelines; ++timeline)
    if (segment.last_use[timeline] > completed[timeline]) return false;
  return true;
}

// The next segment is sealed since it was left, or was never entered: its word does not move. A
// ring of one segment meets its current one, whose lanes may still hold bytes.
bool RingAllocator::can_advance(const Progress& completed) const {
  const Segment& next = segments_[next_segment()];
  const std::uint64_t given = next.word.load(std::memory_order_acquire) & ~kSealed;
  return next.released_bytes.load(std::memory_order_acquire) == given && passed(next, completed);
}

RingAllocator::Blocker RingAllocator::blocker(const Progress& completed) const {
  const Segment& next = segments_[next_segment()];
  Blocker result;
  const std::uint64_t given = next.word.load(std::memory_order_acquire) & ~kSealed;
  result.unreleased_bytes = given - next.released_bytes.load(std::memory_order_acquire);
  for (std::size_t timeline = 0; timeline < kTimelines; ++timeline)
    if (next.last_use[timeline] > completed[timeline])
      result.until[timeline] = next.last_use[timeline];
  return result;
}

bool RingAllocator::advance(const Progress& completed) {
  const std::uint32_t from = current_.load(std::memory_order_relaxed);
  const std::uint32_t to = next_segment();
  const auto seal = [&] {
    segments_[from].word.fetch_or(kSealed, std::memory_order_acq_rel);
    close_lanes();
  };
  if (from == to) seal();  // one segment: nothing more is given out until it is free
  if (!can_advance(completed)) return false;
  if (from != to) seal();
  Segment& next = segments_[to];
  past_bytes_ += next.word.load(std::memory_order_relaxed) & ~kSealed;
  past_released_bytes_ += next.released_bytes.load(std::memory_order_relaxed);
  next.last_use = {};
  next.released_bytes.store(0, std::memory_order_relaxed);
  next.word.store(0, std::memory_order_release);
  current_.store(to, std::memory_order_release);
  return true;
}

// After the segment was sealed no lane can get another block of it.
void RingAllocator::close_lanes() {
  if (!lanes_) return;
  for (std::size_t i = 0; i < kLanes; ++i) {
    Lane& lane = lanes_[i];
    while (lane.busy.exchange(true, std::memory_order_acquire)) std::this_thread::yield();
    abandon_rest(lane);
    lane.busy.store(false, std::memory_order_release);
  }
}

std::uint64_t RingAllocator::idle_lane_bytes() {
  std::uint64_t bytes = 0;
  if (!lanes_) return bytes;
  for (std::size_t i = 0; i < kLanes; ++i) {
    Lane& lane = lanes_[i];
    while (lane.busy.exchange(true, std::memory_order_acquire)) std::this_thread::yield();
    bytes += lane.end - lane.begin;
    lane.busy.store(false, std::memory_order_release);
  }
  return bytes;
}

// Others reserve meanwhile: both sums may be a moment old, but never below zero.
std::uint64_t RingAllocator::in_flight_bytes() {
  const std::uint64_t over =
      idle_lane_bytes() + abandoned_bytes_.load(std::memory_order_acquire) + finished_bytes_;
  std::uint64_t given = past_bytes_;
  for (std::uint32_t i = 0; i < segment_count_; ++i)
    given += segments_[i].word.load(std::memory_order_acquire) & ~kSealed;
  return given > over ? given - over : 0;
}

std::uint64_t RingAllocator::held_bytes() {
  std::uint64_t over = idle_lane_bytes() + past_released_bytes_, given = past_bytes_;
  for (std::uint32_t i = 0; i < segment_count_; ++i) {
    over += segments_[i].released_bytes.load(std::memory_order_acquire);
    given += segments_[i].word.load(std::memory_order_acquire) & ~kSealed;
  }
  return given > over ? given - over : 0;
}

}  // namespace forge3d
