// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// RingAllocator: which bytes of a ring are free, given how far the GPU is. Pure arithmetic, no
// memory behind it.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "forge3d/timeline.hpp"

namespace forge3d {

/// A ring of equal segments that are filled one after the other. Any thread reserves bytes of the
/// current segment without a lock; one owner at a time (the caller's mutex) says when they were
/// submitted and moves on to the next segment. A segment is used again only when each of its bytes
/// was released (submitted, read, or abandoned) and every timeline value that it was submitted
/// under has passed. Small reservations come from lanes, blocks of the segment that one thread at a
/// time bumps through, so that threads do not meet on one cache line.
///
/// The way a segment is claimed by adding to one word, and closed by whoever meets its end, is that
/// of log buffers (M. Thompson, "Aeron: Open-source high-performance messaging", 2014).
class RingAllocator {
 public:
  /// Timelines that may use the ring: one for each kind of queue.
  static constexpr std::size_t kTimelines = 2;
  using Progress = std::array<Serial, kTimelines>;

  struct Range {
    std::uint64_t ring_offset = 0;
    std::uint64_t size_bytes = 0;
    std::uint32_t segment = 0;
    std::uint32_t charged_bytes = 0;  ///< With what alignment skipped in front.
  };
  /// What keeps the next segment from being entered.
  struct Blocker {
    std::uint64_t unreleased_bytes = 0;  ///< Somebody on the CPU still holds them.
    Progress until{};  ///< Else: values that must pass; zero where none is waited for.
  };

  /// REQUIRES: 0 < segment_bytes < 2^32 and segment_count > 0.
  RingAllocator(std::uint64_t segment_bytes, std::uint32_t segment_count);

  /// Contiguous bytes of the current segment whose ring offset is a multiple of `alignment`, any
  /// positive number. nullopt: they do not fit into its rest (advance() may help), or never can
  /// (zero, or more than largest_reservation()). Lock-free, any thread.
  [[nodiscard]] std::optional<Range> reserve(std::uint64_t size_bytes, std::uint64_t alignment) {
    if (size_bytes == 0 || alignment == 0 || size_bytes > segment_bytes_) return std::nullopt;
    if (size_bytes + alignment <= lane_bytes_ / 4) {
      Lane& lane = lanes_[(thread_number_ > 0 ? thread_number_ : number_thread()) % kLanes];
      if (!lane.busy.exchange(true, std::memory_order_acquire)) {
        Range range;
        const bool taken = lane.take(size_bytes, alignment, range) ||
                           (refill(lane) && lane.take(size_bytes, alignment, range));
        lane.busy.store(false, std::memory_order_release);
        if (taken) return range;
      }
    }
    return reserve_shared(size_bytes, alignment);
  }
  /// The bytes have no user on the CPU any more. Once a range, any thread.
  void release(const Range& range) { release(range.segment, range.charged_bytes); }
  /// For several ranges of one segment at once.
  void release(std::uint32_t segment, std::uint64_t charged_bytes);
  /// Instead of use(), release() and finish(): the bytes never go to the GPU. Any thread.
  void abandon(const Range& range) { abandon(range.segment, range.charged_bytes); }

  /// The GPU uses the range until `serial` of a timeline. Owner; before release().
  void use(const Range& range, std::size_t timeline, Serial serial);
  /// Counts bytes as no longer in flight. Owner; once a range, when its last use has passed.
  void finish(std::uint64_t charged_bytes) { finished_bytes_ += charged_bytes; }
  /// Enters the next segment when it is free. Owner. False: it is not, see blocker().
  [[nodiscard]] bool advance(const Progress& completed);
  [[nodiscard]] Blocker blocker(const Progress& completed) const;
  /// True when advance() would succeed. Owner.
  [[nodiscard]] bool can_advance(const Progress& completed) const;

  /// Bytes that a reservation can take in the current segment, as seen now.
  [[nodiscard]] std::uint64_t room_in_segment(std::uint64_t alignment) const;
  /// What reserve() can grant in every segment.
  [[nodiscard]] std::uint64_t largest_reservation(std::uint64_t alignment) const;
  /// Bytes reserved and not finished. Owner.
  [[nodiscard]] std::uint64_t in_flight_bytes();
  /// Bytes reserved and not released: somebody on the CPU holds them. Owner.
  [[nodiscard]] std::uint64_t held_bytes();
  [[nodiscard]] std::uint64_t capacity_bytes() const { return segment_bytes_ * segment_count_; }
  [[nodiscard]] std::uint64_t segment_bytes() const { return segment_bytes_; }
  [[nodiscard]] std::uint32_t segment_count() const { return segment_count_; }
  [[nodiscard]] std::uint32_t current_segment() const {
    return current_.load(std::memory_order_acquire);
  }

 private:
  static constexpr std::uint64_t kSealed = std::uint64_t{1} << 63;
  static constexpr std::size_t kLanes = 32;
  static constexpr std::uint64_t kMaxLaneBytes = 32 * 1024;

  struct alignas(64) Segment {
    std::atomic<std::uint64_t> word{0};  // bytes given out, and kSealed when no more are
    alignas(64) std::atomic<std::uint64_t> released_bytes{0};
    Progress last_use{};  // the owner's
  };
  // A block of a segment; `busy` guards the rest.
  struct alignas(64) Lane {
    std::atomic<bool> busy{false};
    std::uint32_t segment = 0;
    std::uint64_t begin = 0, end = 0;  // ring offsets of what is left
    bool take(std::uint64_t size_bytes, std::uint64_t alignment, Range& range) {
      const std::uint64_t from = align_up(begin, alignment);
      if (from + size_bytes > end) return false;
      const std::uint64_t charged = from + size_bytes - begin;
      begin = from + size_bytes;
      range = {from, size_bytes, segment, static_cast<std::uint32_t>(charged)};
      return true;
    }
  };
  static std::uint64_t align_up(std::uint64_t offset, std::uint64_t alignment) {
    const std::uint64_t rest =
        (alignment & (alignment - 1)) == 0 ? offset & (alignment - 1) : offset % alignment;
    return rest == 0 ? offset : offset + (alignment - rest);
  }
  static std::uint32_t number_thread();

  [[nodiscard]] std::optional<Range> reserve_shared(std::uint64_t size_bytes,
                                                    std::uint64_t alignment);
  [[nodiscard]] bool refill(Lane& lane);
  [[nodiscard]] bool passed(const Segment& segment, const Progress& completed) const;
  [[nodiscard]] std::uint32_t next_segment() const;
  void abandon(std::uint32_t segment, std::uint64_t charged_bytes);
  void abandon_rest(Lane& lane);
  void close_lanes();
  [[nodiscard]] std::uint64_t idle_lane_bytes();

  static inline constinit thread_local std::uint32_t thread_number_ = 0;  // 0: none yet

  std::uint64_t segment_bytes_;
  std::uint32_t segment_count_;
  std::uint64_t lane_bytes_;  // 0: segments are too small for lanes
  std::unique_ptr<Segment[]> segments_;
  std::unique_ptr<Lane[]> lanes_;
  alignas(64) std::atomic<std::uint32_t> current_{0};
  alignas(64) std::atomic<std::uint64_t> abandoned_bytes_{0};
  std::uint64_t past_bytes_ = 0;  // given out in earlier rounds of the segments
  std::uint64_t past_released_bytes_ = 0;
  std::uint64_t finished_bytes_ = 0;
};

}  // namespace forge3d
