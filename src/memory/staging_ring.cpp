// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/staging_ring.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <new>
#include <type_traits>

#include "memory/staging_state.hpp"

namespace forge3d {
namespace {

Result<> check_data(const BlockGrid& grid, std::span<const std::byte> data) {
  if (data.size() == grid.span_bytes() || data.size() == grid.padded_bytes()) return {};
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("image region: {} bytes of data where {} are needed", data.size(),
                          grid.span_bytes()));
}

}  // namespace

template <class Region>
Result<StagingTicket> StagingRing::State::upload(const Region& target, const BlockGrid& grid,
                                                 std::span<const std::byte> data) {
  MappedRing& ring = *upload_ring;
  const std::uint64_t alignment =
      ring.alignment(grid.block_bytes, std::is_same_v<Region, ImageRegion>);
  const TimePoint deadline = deadline_after(desc.timeout_ns);
  StagingTicket ticket;
  Lock lock(mutex);
  for (GridCutter cutter(grid); !cutter.done();) {
    FORGE3D_TRY_ASSIGN(const Place place, acquire(lock, ring, cutter, alignment, deadline));
    open.upload(target, place.piece, ring.buffer(), place.range.ring_offset);
    cutter.advance(place.piece);
    counters.peak_bytes_in_flight =
        std::max(counters.peak_bytes_in_flight, ring.places().in_flight_bytes());
    counters.bytes_uploaded += place.piece.size_bytes;
    ++counters.copies;
    if (cutter.done()) {
      ticket.submission = open_submission;
      ++open_transfers;
      ++counters.uploads;
    }
    ++writers;
    lock.unlock();
    grid.pack(place.piece, data.data(), ring.at(place.range));
    auto flushed = ring.memory().flush(place.range.ring_offset, place.range.size_bytes);
    lock.lock();
    if (!flushed) broken = flushed.error();
    if (--writers == 0) changed.notify_all();
    FORGE3D_TRY(std::move(flushed));
  }
  return ticket;
}

template <class Region>
Result<> StagingRing::State::readback(const Region& source,
                                      const std::shared_ptr<Readback::State>& target) {
  MappedRing& ring = *readback_ring;
  const std::uint64_t alignment =
      ring.alignment(target->grid.block_bytes, std::is_same_v<Region, ImageRegion>);
  const TimePoint deadline = deadline_after(desc.timeout_ns);
  Lock lock(mutex);
  for (GridCutter cutter(target->grid); !cutter.done();) {
    auto place = acquire(lock, ring, cutter, alignment, deadline);
    if (!place) {
      target->abandoned = true;
      return tl::unexpected(std::move(place).error());
    }
    open.readback(source, place->piece, ring.buffer(), place->range.ring_offset);
    reads.push_back({open_submission, place->range, place->piece, target});
    target->submission = open_submission;
    cutter.advance(place->piece);
    counters.bytes_read_back += place->piece.size_bytes;
    ++counters.copies;
  }
  ++open_transfers;
  ++counters.readbacks;
  return {};
}

Result<std::shared_ptr<StagingRing>> StagingRing::create(std::shared_ptr<Device> device,
                                                         const StagingRingDesc& desc) {
  if (device == nullptr)
    return fail(ErrorCode::kInvalidArgument, desc.debug_name + ": the device is null");
  auto state = std::make_shared<State>();
  state->desc = desc;
  FORGE3D_TRY_ASSIGN(state->upload_ring,
                     MappedRing::create(device, {.size_bytes = desc.upload_bytes,
                                                 .segment_count = desc.ring_count,
                                                 .memory = MemoryUse::kUpload,
                                                 .debug_name = desc.debug_name + " upload"}));
  if (desc.readback_bytes > 0) {
    FORGE3D_TRY_ASSIGN(state->readback_ring,
                       MappedRing::create(device, {.size_bytes = desc.readback_bytes,
                                                   .segment_count = desc.ring_count,
                                                   .memory = MemoryUse::kReadback,
                                                   .debug_name = desc.debug_name + " readback"}));
  }
  FORGE3D_TRY_ASSIGN(state->open, CopySubmission::create(device));
  state->device = std::move(device);
  return std::shared_ptr<StagingRing>(new StagingRing(std::move(state)));
}

StagingRing::StagingRing(std::shared_ptr<State> state) : state_(std::move(state)) {}
StagingRing::~StagingRing() { state_->shutdown(); }

Result<StagingTicket> StagingRing::upload(const BufferRegion& target,
                                          std::span<const std::byte> data) {
  FORGE3D_TRY_ASSIGN(const BlockGrid grid, BlockGrid::of(target, data.size()));
  return state_->upload(target, grid, data);
}

Result<StagingTicket> StagingRing::upload(const ImageRegion& target,
                                          std::span<const std::byte> data) {
  FORGE3D_TRY_ASSIGN(const BlockGrid grid, BlockGrid::of(target));
  FORGE3D_TRY(check_data(grid, data));
  return state_->upload(target, grid, data);
}

Result<Readback> StagingRing::readback(const BufferRegion& source, std::uint64_t size_bytes) {
  FORGE3D_TRY_ASSIGN(const BlockGrid grid, BlockGrid::of(source, size_bytes));
  FORGE3D_TRY_ASSIGN(auto target, Readback::State::create(state_, grid));
  FORGE3D_TRY(state_->readback(source, target));
  return Readback(std::move(target));
}

Result<Readback> StagingRing::readback(const ImageRegion& source) {
  FORGE3D_TRY_ASSIGN(const BlockGrid grid, BlockGrid::of(source));
  FORGE3D_TRY_ASSIGN(auto target, Readback::State::create(state_, grid));
  FORGE3D_TRY(state_->readback(source, target));
  return Readback(std::move(target));
}

Result<Ticket> StagingRing::flush() {
  State::Lock lock(state_->mutex);
  return state_->submit(lock);
}

Result<Ticket> StagingRing::ticket(StagingTicket upload) {
  State& s = *state_;
  State::Lock lock(s.mutex);
  if (upload.submission == s.open_submission) FORGE3D_TRY(s.submit(lock));
  if (upload.submission >= s.open_submission)
    return fail(ErrorCode::kInvalidArgument, fmt::format("{}: submission {} is not of this ring",
                                                         s.desc.debug_name, upload.submission));
  if (upload.submission <= s.finished_submission) return Ticket{QueueKind::kGraphics, {0}};
  return Ticket{QueueKind::kGraphics, s.sent[upload.submission - s.finished_submission - 1].serial};
}

Result<bool> StagingRing::is_complete(StagingTicket upload) const {
  State::Lock lock(state_->mutex);
  return state_->is_complete(upload.submission);
}

Result<> StagingRing::wait(StagingTicket upload, std::uint64_t timeout_ns) {
  State::Lock lock(state_->mutex);
  return state_->wait(lock, upload.submission, State::deadline_after(timeout_ns));
}

Result<> StagingRing::wait(Ticket ticket, std::uint64_t timeout_ns) {
  return state_->device->wait(ticket, timeout_ns);
}

StagingStats StagingRing::stats() const {
  State& s = *state_;
  State::Lock lock(s.mutex);
  (void)s.reap();  // a lost device leaves the counters as they were
  StagingStats stats = s.counters;
  const RingAllocator& places = s.upload_ring->places();
  stats.bytes_in_flight = places.in_flight_bytes();
  stats.current_ring_index = places.current_segment();
  stats.ring_count = places.segment_count();
  stats.segment_bytes = places.segment_bytes();
  stats.active_transfers = s.open_transfers;
  for (const State::Sent& sent : s.sent) stats.active_transfers += sent.transfers;
  return stats;
}

}  // namespace forge3d
