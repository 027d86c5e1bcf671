// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "memory/staging_state.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace forge3d {
namespace {

constexpr std::uint64_t kShutdownNs = 10'000'000'000;

// How large the next piece may be: the rest of the segment where that is enough or a good part of
// one, else a whole segment.
std::uint64_t piece_limit(const RingAllocator& places, std::uint64_t remaining_bytes,
                          std::uint64_t alignment) {
  const std::uint64_t whole = places.largest_reservation(alignment);
  const std::uint64_t room = std::min(whole, places.room_in_segment(alignment));
  return room >= std::min(remaining_bytes, whole / 4) ? room : whole;
}

}  // namespace

StagingRing::State::TimePoint StagingRing::State::deadline_after(std::uint64_t timeout_ns) {
  constexpr std::uint64_t kForeverNs =
      1'000'000'000'000'000'000;  // keeps the sum below the clock's end
  return std::chrono::steady_clock::now() +
         std::chrono::nanoseconds(std::min(timeout_ns, kForeverNs));
}

std::uint64_t StagingRing::State::ns_until(TimePoint deadline) {
  const auto left = deadline - std::chrono::steady_clock::now();
  return static_cast<std::uint64_t>(std::max<std::int64_t>(
      0, std::chrono::duration_cast<std::chrono::nanoseconds>(left).count()));
}

Result<> StagingRing::State::usable(Lock& lock) {
  changed.wait(lock, [this] { return !submitting; });
  if (!broken && device->is_lost())
    broken = Error{ErrorCode::kDeviceLost, 0, desc.debug_name + ": the device was lost", {}};
  if (broken) return tl::unexpected(*broken);
  return {};
}

Result<Ticket> StagingRing::State::submit(Lock& lock) {
  const std::uint64_t submission = open_submission;
  FORGE3D_TRY(usable(lock));
  if (open.copies() == 0 || open_submission != submission) return last_ticket;
  submitting = true;
  changed.wait(lock, [this] { return writers == 0; });
  auto ticket = broken ? Result<Ticket>(tl::unexpected(*broken)) : open.submit();
  submitting = false;
  changed.notify_all();
  if (!ticket) {
    broken = ticket.error();
    for (const PendingRead& read : reads)
      if (read.submission == submission) read.target->error = broken;
    return ticket;
  }
  upload_ring->places().close(ticket->serial);
  if (readback_ring) readback_ring->places().close(ticket->serial);
  sent.push_back({ticket->serial, open_transfers});
  open_transfers = 0;
  ++open_submission;
  ++counters.submits;
  last_ticket = *ticket;
  return ticket;
}

Result<> StagingRing::State::reap() {
  if (!upload_ring || (sent.empty() && reads.empty())) return {};
  FORGE3D_TRY_ASSIGN(const Serial done, queue().completed());
  for (; !sent.empty() && sent.front().serial <= done; sent.pop_front()) ++finished_submission;
  for (; !reads.empty() && reads.front().submission <= finished_submission; reads.pop_front())
    deliver(reads.front());
  upload_ring->places().retire(done);
  if (readback_ring) readback_ring->places().retire(done);
  return {};
}

void StagingRing::State::deliver(const PendingRead& read) {
  Readback::State& target = *read.target;
  if (target.abandoned) return;
  const auto visible =
      readback_ring->memory().invalidate(read.range.ring_offset, read.range.size_bytes);
  if (!visible) target.error = visible.error();
  target.grid.unpack(read.piece, readback_ring->at(read.range), target.bytes.data());
  target.missing_bytes -= read.piece.size_bytes;
}

Result<StagingRing::State::Place> StagingRing::State::acquire(Lock& lock, MappedRing& ring,
                                                              const GridCutter& cutter,
                                                              std::uint64_t alignment,
                                                              TimePoint deadline) {
  for (;;) {
    FORGE3D_TRY(usable(lock));
    RingAllocator& places = ring.places();
    const BlockPiece piece = cutter.peek(piece_limit(places, cutter.remaining_bytes(), alignment));
    if (places.leaves_segment(piece.size_bytes, alignment)) {
      FORGE3D_TRY(submit(lock));
      continue;
    }
    FORGE3D_TRY(open.open());
    auto range = places.reserve(piece.size_bytes, alignment);
    if (!range) {
      FORGE3D_TRY(reap());
      range = places.reserve(piece.size_bytes, alignment);
    }
    if (range) return Place{*range, piece};
    if (places.has_open()) {
      FORGE3D_TRY(submit(lock));  // what is open can only finish once it is submitted
    } else {
      FORGE3D_TRY(make_room(lock, ring, piece.size_bytes, deadline));
    }
  }
}

Result<> StagingRing::State::make_room(Lock& lock, const MappedRing& ring, std::uint64_t size_bytes,
                                       TimePoint deadline) {
  const auto oldest = ring.places().oldest_pending();
  if (!oldest)
    return fail(ErrorCode::kInternal, desc.debug_name + ": an empty ring refused a reservation");
  const std::uint64_t in_flight = ring.places().in_flight_bytes();
  const auto start = std::chrono::steady_clock::now();
  lock.unlock();
  auto waited = queue().wait(*oldest, ns_until(deadline));
  lock.lock();
  ++counters.buffer_stalls;
  counters.stall_ns += static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - start)
          .count());
  if (!waited)
    return fail_from(std::move(waited).error(),
                     fmt::format("{}: no room for {} bytes, {} are in flight", desc.debug_name,
                                 size_bytes, in_flight));
  return reap();
}

Result<> StagingRing::State::wait(Lock& lock, std::uint64_t submission, TimePoint deadline) {
  if (submission >= open_submission && broken) return tl::unexpected(*broken);
  if (submission > open_submission || (submission == open_submission && open.copies() == 0))
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: submission {} is not of this ring", desc.debug_name, submission));
  if (submission == open_submission) FORGE3D_TRY(submit(lock));
  if (submission <= finished_submission) return {};
  const Serial serial = sent[submission - finished_submission - 1].serial;
  lock.unlock();
  auto waited = queue().wait(serial, ns_until(deadline));
  lock.lock();
  if (!waited) return waited;
  return reap();
}

Result<bool> StagingRing::State::is_complete(std::uint64_t submission) {
  if (submission <= finished_submission) return true;
  FORGE3D_TRY(reap());
  if (submission >= open_submission && broken) return tl::unexpected(*broken);
  return submission <= finished_submission;
}

void StagingRing::State::shutdown() {
  Lock lock(mutex);
  auto finished = sent.empty() ? Result<>() : queue().wait(sent.back().serial, kShutdownNs);
  if (finished) finished = reap();
  Error reason{ErrorCode::kCancelled,
               0,
               desc.debug_name + ": the ring was destroyed before this was submitted",
               {}};
  if (!finished) reason = finished.error();
  for (const PendingRead& read : reads) read.target->error = reason;
  reads.clear();
  broken = std::move(reason);
  open = CopySubmission();
  upload_ring.reset();
  readback_ring.reset();
}

}  // namespace forge3d
