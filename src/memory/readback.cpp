// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cstddef>
#include <limits>
#include <new>
#include <type_traits>

#include "memory/staging_state.hpp"

namespace forge3d {
namespace {

constexpr std::uint64_t kMaxReadPieceBytes = 4 * kMebibyte;  // so that copying out overlaps

Result<> check_destination(ReadTarget& target, const std::string& name) {
  const std::uint64_t wanted = target.grid.padded_bytes();
  if (!target.destination.empty() || target.in_place) return {};
  constexpr std::uint64_t kMost = std::numeric_limits<std::ptrdiff_t>::max();
  // Bytes between rows that nothing is read into are zero, not somebody's old memory.
  const bool gaps = target.grid.pitch_bytes != target.grid.row_bytes();
  if (wanted <= kMost)
    target.memory.reset(gaps ? new (std::nothrow) std::byte[wanted]()
                             : new (std::nothrow) std::byte[wanted]);
  if (target.memory == nullptr)
    return fail(ErrorCode::kOutOfHostMemory,
                fmt::format("{}: no host memory for a readback of {} bytes", name, wanted));
  target.destination = {target.memory.get(), static_cast<std::size_t>(wanted)};
  return {};
}

}  // namespace

// REQUIRES: target->grid is of the source; destination and in_place are set.
template <class Region>
Result<> StagingState::readback(const Region& source, const std::shared_ptr<ReadTarget>& target) {
  FORGE3D_TRY(usable());
  if (!device->is_alive(source.id))
    return fail(ErrorCode::kStaleHandle, desc.debug_name + ": the source was destroyed");
  if (!readback_ring)
    return fail(ErrorCode::kNotSupported,
                desc.debug_name + ": the ring was made without readback_bytes");
  FORGE3D_TRY(check_destination(*target, desc.debug_name));
  target->ring = shared_from_this();
  target->missing_bytes = target->grid.size_bytes();
  MappedRing& ring = *readback_ring;
  const std::uint64_t alignment =
      ring.alignment(target->grid.block_bytes, std::is_same_v<Region, ImageRegion>);
  const std::uint64_t max_piece = target->in_place ? ~std::uint64_t{0} : kMaxReadPieceBytes;
  const bool chunked = target->grid.size_bytes() > max_piece;
  Patience patience(desc.timeout_ns);
  std::uint64_t first = CopyRecord::kItself;
  for (GridCutter cutter(target->grid); !cutter.done();) {
    auto place = acquire(ring, cutter, alignment, max_piece, patience);
    if (!place) {
      Lock lock(mutex);
      target->abandoned = true;
      changed.wait(lock, [&] { return target->deliveries == 0; });
      return tl::unexpected(std::move(place).error());
    }
    cutter.advance(place->piece);
    CopyRecord record = make_record(source, place->piece, true);
    record.range = place->range;
    record.host = ring.buffer();
    record.host_offset = place->range.ring_offset;
    record.ends_transfer = cutter.done();
    record.first = first;
    record.detail->read = target;
    const std::uint64_t number = push(std::move(record));
    if (first == CopyRecord::kItself) first = number;
    Lock lock(mutex);
    target->last = number;
    if (chunked) FORGE3D_TRY(submit(lock));
  }
  if (desc.mode == StagingMode::kImmediate) {
    Lock lock(mutex);
    FORGE3D_TRY(flush(lock));
  }
  return {};
}

template Result<> StagingState::readback(const BufferRegion&, const std::shared_ptr<ReadTarget>&);
template Result<> StagingState::readback(const ImageRegion&, const std::shared_ptr<ReadTarget>&);

Readback::Readback(Readback&&) noexcept = default;

Readback& Readback::operator=(Readback&& other) noexcept {
  std::swap(target_, other.target_);
  return *this;
}

// Nobody writes into the caller's memory after this, and ring memory that was shown is free again.
Readback::~Readback() {
  if (target_ == nullptr) return;
  StagingState& ring = *target_->ring;
  StagingState::Lock lock(ring.mutex);
  target_->abandoned = true;
  ring.changed.wait(lock, [this] { return target_->deliveries == 0; });
  if (target_->held && ring.readback_ring) {
    RingAllocator& places = ring.readback_ring->places();
    places.release(*target_->held);
    places.finish(target_->held->charged_bytes);
    if (ring.closed.load() && places.held_bytes() == 0) ring.readback_ring.reset();
    ring.changed.notify_all();
  }
}

Result<bool> Readback::is_ready() {
  ReadTarget& target = *target_;
  StagingState::Lock lock(target.ring->mutex);
  if (target.missing_bytes > 0 && !target.error) FORGE3D_TRY(target.ring->reap(lock));
  if (target.error) return tl::unexpected(*target.error);
  return target.missing_bytes == 0;
}

Result<std::span<const std::byte>> Readback::get(std::uint64_t timeout_ns) {
  ReadTarget& target = *target_;
  StagingState& ring = *target.ring;
  StagingState::Lock lock(ring.mutex);
  Patience patience(timeout_ns);
  if (target.missing_bytes > 0 && !target.error)
    FORGE3D_TRY(ring.wait(lock, target.last, patience));
  // The copy is done, but whoever noticed that first may still be busy with earlier readbacks.
  if (target.missing_bytes > 0 && !target.error) FORGE3D_TRY(ring.reap(lock));
  ring.changed.wait(
      lock, [&] { return (target.missing_bytes == 0 && target.deliveries == 0) || target.error; });
  if (target.error) return tl::unexpected(*target.error);
  return std::span<const std::byte>(target.destination);
}

}  // namespace forge3d
