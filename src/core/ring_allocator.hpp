// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// RingAllocator: which bytes of a ring are free, given how far the GPU is. Pure arithmetic, no
// memory behind it.

#include <cstdint>
#include <deque>
#include <optional>

#include "forge3d/timeline.hpp"

namespace forge3d {

/// Head and tail of a ring as virtual offsets that only rise; the place in the ring is the offset
/// modulo the capacity. Reservations form batches: close() seals what was reserved since the last
/// close under a Serial, retire() frees the batches whose serial has passed, oldest first. The ring
/// is divided into equal segments; a reservation never crosses the end of one, so a segment's size
/// is the largest reservation, and leaving a segment is the moment to submit. Not thread-safe.
class RingAllocator {
 public:
  struct Range {
    std::uint64_t virtual_offset = 0;
    std::uint64_t ring_offset = 0;  ///< virtual_offset modulo the capacity.
    std::uint64_t size_bytes = 0;
  };

  /// REQUIRES: segment_bytes > 0 and segment_count > 0.
  RingAllocator(std::uint64_t segment_bytes, std::uint32_t segment_count);

  /// Contiguous bytes whose ring offset is a multiple of `alignment`, any positive number. nullopt:
  /// not free now, or never possible (zero, or more than largest_reservation()).
  [[nodiscard]] std::optional<Range> reserve(std::uint64_t size_bytes, std::uint64_t alignment);
  /// Bytes that reserve() could take before the head enters the next segment, whether or not they
  /// are free.
  [[nodiscard]] std::uint64_t room_in_segment(std::uint64_t alignment) const;
  /// What reserve() can grant in every segment of an empty ring.
  [[nodiscard]] std::uint64_t largest_reservation(std::uint64_t alignment) const;
  /// True when reserve() would begin in another segment than the open batch ends in: time to
  /// submit.
  [[nodiscard]] bool leaves_segment(std::uint64_t size_bytes, std::uint64_t alignment) const {
    return has_open() && (head_ % segment_bytes_ == 0 || room_in_segment(alignment) < size_bytes);
  }

  /// Seals the open reservations; nothing to do when there are none. REQUIRES: serials never fall.
  void close(Serial serial);
  /// Frees all batches up to and including `completed`.
  void retire(Serial completed);

  /// True when something was reserved since the last close().
  [[nodiscard]] bool has_open() const { return head_ > closed_; }
  /// The serial whose passing frees the next bytes; nullopt when no closed batch is in flight.
  [[nodiscard]] std::optional<Serial> oldest_pending() const;
  /// Bytes between tail and head: reserved or skipped at a segment's end, and not retired.
  [[nodiscard]] std::uint64_t in_flight_bytes() const { return head_ - tail_; }
  [[nodiscard]] std::uint64_t capacity_bytes() const { return segment_bytes_ * segment_count_; }
  [[nodiscard]] std::uint64_t segment_bytes() const { return segment_bytes_; }
  [[nodiscard]] std::uint32_t segment_count() const { return segment_count_; }
  [[nodiscard]] std::uint32_t current_segment() const {
    return static_cast<std::uint32_t>(head_ / segment_bytes_ % segment_count_);
  }

 private:
  struct Batch {
    std::uint64_t end;
    Serial serial;
  };
  std::uint64_t align_up(std::uint64_t virtual_offset, std::uint64_t alignment) const;
  std::uint64_t next_segment() const;

  std::uint64_t segment_bytes_;
  std::uint32_t segment_count_;
  std::uint64_t head_ = 0;    // the next byte to reserve
  std::uint64_t closed_ = 0;  // end of the newest batch
  std::uint64_t tail_ = 0;    // the oldest byte in flight
  std::deque<Batch> batches_;
};

}  // namespace forge3d
