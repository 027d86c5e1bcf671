// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "core/thread_clock.hpp"
#include "memory/staging_state.hpp"

namespace forge3d {
namespace {

// How often a thread that waits for others on the CPU looks again.
constexpr std::chrono::microseconds kLookAgain{100};

// How large the next piece may be: the rest of the segment where that is enough or a good part of
// one, else a whole segment.
std::uint64_t piece_limit(const RingAllocator& places, std::uint64_t remaining_bytes,
                          std::uint64_t alignment) {
  const std::uint64_t whole = places.largest_reservation(alignment);
  const std::uint64_t room = std::min(whole, places.room_in_segment(alignment));
  return room >= std::min(remaining_bytes, whole / 4) ? room : whole;
}

}  // namespace

Result<StagingState::Place> StagingState::acquire(MappedRing& ring, const GridCutter& cutter,
                                                  std::uint64_t alignment,
                                                  std::uint64_t max_piece_bytes,
                                                  Patience& patience) {
  for (;;) {
    FORGE3D_TRY(usable());
    RingAllocator& places = ring.places();
    const std::uint32_t seen = places.current_segment();
    const std::uint64_t limit =
        std::min(max_piece_bytes, piece_limit(places, cutter.remaining_bytes(), alignment));
    const BlockPiece piece = cutter.peek(limit);
    if (const auto range = places.reserve(piece.size_bytes, alignment)) return Place{*range, piece};
    FORGE3D_TRY(enter_next_segment(ring, seen, piece.size_bytes, alignment, patience));
  }
}

Result<RingAllocator::Range> StagingState::acquire_whole(MappedRing& ring, std::uint64_t size_bytes,
                                                         std::uint64_t alignment,
                                                         Patience& patience) {
  for (;;) {
    FORGE3D_TRY(usable());
    const std::uint32_t seen = ring.places().current_segment();
    if (const auto range = ring.places().reserve(size_bytes, alignment)) return *range;
    FORGE3D_TRY(enter_next_segment(ring, seen, size_bytes, alignment, patience));
  }
}

Result<std::optional<StagingState::Place>> StagingState::try_acquire(
    MappedRing& ring, const GridCutter& cutter, std::uint64_t alignment,
    std::uint64_t max_piece_bytes) {
  RingAllocator& places = ring.places();
  const auto next_piece = [&] {
    return cutter.peek(
        std::min(max_piece_bytes, piece_limit(places, cutter.remaining_bytes(), alignment)));
  };
  const BlockPiece piece = next_piece();
  if (const auto range = places.reserve(piece.size_bytes, alignment))
    return std::optional(Place{*range, piece});
  {
    Lock lock(mutex);
    FORGE3D_TRY(reap(lock));
    if (!places.advance(progress)) return std::optional<Place>();
    FORGE3D_TRY(submit(lock));
  }
  const BlockPiece again = next_piece();
  const auto range = places.reserve(again.size_bytes, alignment);
  return range ? std::optional(Place{*range, again}) : std::nullopt;
}

// Leaving a segment is the moment to submit what it holds.
Result<> StagingState::enter_next_segment(MappedRing& ring, std::uint32_t seen,
                                          std::uint64_t size_bytes, std::uint64_t alignment,
                                          Patience& patience) {
  Lock lock(mutex);
  for (;;) {
    if (broken) return tl::unexpected(*broken);
    RingAllocator& places = ring.places();
    if (places.current_segment() != seen || places.room_in_segment(alignment) >= size_bytes)
      return {};
    FORGE3D_TRY(reap(lock));
    if (places.advance(progress)) return submit(lock);
    FORGE3D_TRY(submit(lock));  // what is open can only finish once it is submitted
    if (places.can_advance(progress)) continue;
    FORGE3D_TRY(wait_for_room(lock, ring, size_bytes, patience));
  }
}

// Waits for the device, or for those who hold bytes of the next segment: writers, deliveries, open
// writes and reads in place.
Result<> StagingState::wait_for_room(Lock& lock, MappedRing& ring, std::uint64_t size_bytes,
                                     Patience& patience) {
  const RingAllocator::Blocker blocker = ring.places().blocker(progress);
  const std::uint64_t in_flight = ring.places().in_flight_bytes();
  const std::uint64_t left_ns = patience.left_ns();
  if (left_ns == 0)
    return fail(ErrorCode::kTimeout,
                fmt::format("{}: no room for {} bytes, {} are in flight, {} of the next segment "
                            "are held by the CPU",
                            desc.debug_name, size_bytes, in_flight, blocker.unreleased_bytes));
  const std::uint64_t begin_ns = monotonic_ns();
  Result<> waited;
  if (blocker.unreleased_bytes > 0) {
    changed.wait_for(
        lock, std::min<std::chrono::nanoseconds>(kLookAgain, std::chrono::nanoseconds(left_ns)));
  } else {
    lock.unlock();
    for (std::size_t i = 0; i < RingAllocator::kTimelines && waited; ++i)
      if (blocker.until[i].value > 0)
        waited = device->queue(static_cast<QueueKind>(i)).wait(blocker.until[i], left_ns);
    lock.lock();
  }
  ++counters.buffer_stalls;
  counters.stall_ns += monotonic_ns() - begin_ns;
  if (!waited && waited.error().code == ErrorCode::kTimeout) return {};  // reported by the next try
  return waited;
}

}  // namespace forge3d
