// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "core/ring_allocator.hpp"

#include <cassert>

namespace forge3d {

RingAllocator::RingAllocator(std::uint64_t segment_bytes, std::uint32_t segment_count)
    : segment_bytes_(segment_bytes), segment_count_(segment_count) {
  assert(segment_bytes > 0 && segment_count > 0);
}

// The first virtual offset from there on whose place in the ring is aligned; may lie beyond the
// segment.
std::uint64_t RingAllocator::align_up(std::uint64_t virtual_offset, std::uint64_t alignment) const {
  const std::uint64_t rest = virtual_offset % capacity_bytes() % alignment;
  return rest == 0 ? virtual_offset : virtual_offset + (alignment - rest);
}

std::uint64_t RingAllocator::next_segment() const {
  return (head_ / segment_bytes_ + 1) * segment_bytes_;
}

std::uint64_t RingAllocator::room_in_segment(std::uint64_t alignment) const {
  const std::uint64_t begin = align_up(head_, alignment);
  return begin < next_segment() ? next_segment() - begin : 0;
}

// Where the alignment does not divide a segment, up to alignment - 1 bytes at its begin may be
// lost.
std::uint64_t RingAllocator::largest_reservation(std::uint64_t alignment) const {
  if (segment_bytes_ % alignment == 0) return segment_bytes_;
  return segment_bytes_ >= alignment ? segment_bytes_ - (alignment - 1) : 0;
}

std::optional<RingAllocator::Range> RingAllocator::reserve(std::uint64_t size_bytes,
                                                           std::uint64_t alignment) {
  if (size_bytes == 0 || alignment == 0 || size_bytes > largest_reservation(alignment))
    return std::nullopt;
  // With nothing in flight the head may jump for free; a ring of one segment depends on it.
  if (head_ == tail_ && room_in_segment(alignment) < size_bytes)
    head_ = closed_ = tail_ = next_segment();
  const bool fits_here = room_in_segment(alignment) >= size_bytes;
  const std::uint64_t begin = align_up(fits_here ? head_ : next_segment(), alignment);
  const std::uint64_t end = begin + size_bytes;
  if (end - tail_ > capacity_bytes()) return std::nullopt;
  head_ = end;
  return Range{begin, begin % capacity_bytes(), size_bytes};
}

void RingAllocator::close(Serial serial) {
  if (!has_open()) return;
  assert(batches_.empty() || batches_.back().serial <= serial);
  batches_.push_back({head_, serial});
  closed_ = head_;
}

void RingAllocator::retire(Serial completed) {
  while (!batches_.empty() && batches_.front().serial <= completed) {
    tail_ = batches_.front().end;
    batches_.pop_front();
  }
}

std::optional<Serial> RingAllocator::oldest_pending() const {
  if (batches_.empty()) return std::nullopt;
  return batches_.front().serial;
}

}  // namespace forge3d
