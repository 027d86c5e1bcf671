// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// StagingWrite and HostImport: uploads without a copy on the CPU.

#include <fmt/format.h>

#include "memory/staging_state.hpp"

namespace forge3d {
namespace {

RingAllocator::Range range_of(std::uint64_t ring_offset, std::uint64_t size_bytes,
                              std::uint32_t segment, std::uint32_t charged_bytes) {
  return {ring_offset, size_bytes, segment, charged_bytes};
}

CopyRecord record_of(const StagingTarget& target, std::uint64_t size_bytes) {
  if (const auto* buffer = std::get_if<BufferRegion>(&target))
    return make_record(*buffer, {.rows = 1, .columns = size_bytes, .size_bytes = size_bytes},
                       false);
  const auto& image = std::get<ImageRegion>(target);
  const BlockGrid grid = *BlockGrid::of(image);  // it was checked when the write began
  return make_record(
      image, {.rows = grid.rows, .columns = grid.columns, .size_bytes = grid.size_bytes()}, false);
}

}  // namespace

void StagingWrite::swap(StagingWrite& other) noexcept {
  std::swap(ring_, other.ring_);
  std::swap(target_, other.target_);
  std::swap(bytes_, other.bytes_);
  std::swap(ring_offset_, other.ring_offset_);
  std::swap(segment_, other.segment_);
  std::swap(charged_bytes_, other.charged_bytes_);
}

void StagingWrite::abandon() {
  ring_->upload_ring->places().abandon(
      range_of(ring_offset_, bytes_.size(), segment_, charged_bytes_));
  ring_->forget_if_closed();
}

Result<StagingTicket> StagingWrite::commit() {
  if (ring_ == nullptr)
    return fail(ErrorCode::kInvalidArgument, "staging write: it was committed before");
  StagingState& state = *ring_;
  FORGE3D_TRY(state.usable());
  if (!state.device->is_alive(std::visit([](const auto& to) { return to.id; }, target_)))
    return fail(ErrorCode::kStaleHandle, state.desc.debug_name + ": the target was destroyed");
  MappedRing& ring = *state.upload_ring;
  FORGE3D_TRY(ring.memory().flush(ring_offset_, bytes_.size()));
  CopyRecord record = record_of(target_, bytes_.size());
  record.path = StagingPath::kInPlace;
  record.range = range_of(ring_offset_, bytes_.size(), segment_, charged_bytes_);
  record.host = ring.buffer();
  record.host_offset = ring_offset_;
  const std::uint64_t number = state.push(std::move(record));
  ring_ = nullptr;
  bytes_ = {};
  if (state.desc.mode == StagingMode::kImmediate) {
    StagingState::Lock lock(state.mutex);
    FORGE3D_TRY(state.flush(lock));
  }
  return StagingTicket{number, number};
}

Result<RingAllocator::Range> StagingState::acquire_in_place(std::uint64_t size_bytes,
                                                            std::uint64_t alignment,
                                                            std::uint64_t timeout_ns) {
  MappedRing& ring = *upload_ring;
  const std::uint64_t most = ring.places().largest_reservation(alignment);
  if (size_bytes > most)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: {} bytes in place never fit, a segment has {}", desc.debug_name,
                            size_bytes, most));
  Patience patience(timeout_ns == StagingRing::kDefaultTimeout ? desc.timeout_ns : timeout_ns);
  return acquire_whole(ring, size_bytes, alignment, patience);
}

Result<StagingWrite> StagingRing::write_in_place(const BufferRegion& target,
                                                 std::uint64_t size_bytes,
                                                 std::uint64_t timeout_ns) {
  StagingState& state = *state_;
  MappedRing& ring = *state.upload_ring;
  const std::uint64_t alignment = ring.buffer_alignment();
  std::optional<RingAllocator::Range> range;
  if (is_inside(target, size_bytes)) range = ring.places().reserve(size_bytes, alignment);
  if (!range) {  // a mistake, or the segment's end
    FORGE3D_TRY(BlockGrid::of(target, size_bytes));
    FORGE3D_TRY_ASSIGN(range, state.acquire_in_place(size_bytes, alignment, timeout_ns));
  }
  const std::span<std::byte> bytes{ring.at(*range), static_cast<std::size_t>(size_bytes)};
  return Result<StagingWrite>(tl::in_place, StagingWrite::Key(), &state, target, bytes,
                              range->ring_offset, range->segment, range->charged_bytes);
}

std::uint64_t StagingRing::max_in_place_bytes() const {
  const MappedRing& ring = *state_->upload_ring;
  return ring.places().largest_reservation(ring.buffer_alignment());
}

Result<StagingWrite> StagingRing::write_in_place(const ImageRegion& target,
                                                 std::uint64_t timeout_ns) {
  FORGE3D_TRY_ASSIGN(const BlockGrid grid, BlockGrid::of(target));
  if (grid.layers > 1 || target.row_bytes != 0)
    return fail(ErrorCode::kInvalidArgument,
                "image region: in place is one layer, its rows tightly packed");
  StagingState& state = *state_;
  MappedRing& ring = *state.upload_ring;
  FORGE3D_TRY_ASSIGN(const RingAllocator::Range range,
                     state.acquire_in_place(grid.size_bytes(),
                                            ring.alignment(grid.block_bytes, true), timeout_ns));
  const std::span<std::byte> bytes{ring.at(range), static_cast<std::size_t>(grid.size_bytes())};
  return Result<StagingWrite>(tl::in_place, StagingWrite::Key(), &state, target, bytes,
                              range.ring_offset, range.segment, range.charged_bytes);
}

std::uint64_t StagingRing::max_in_place_bytes(Format format) const {
  const FormatInfo* info = format_info(format);
  const MappedRing& ring = *state_->upload_ring;
  return info == nullptr
             ? 0
             : ring.places().largest_reservation(ring.alignment(info->block_bytes, true));
}

Result<HostImport> StagingRing::import_memory(std::span<const std::byte> bytes) {
  StagingState& state = *state_;
  FORGE3D_TRY(state.usable());
  FORGE3D_TRY_ASSIGN(Buffer pages,
                     Buffer::import_host(state.device, bytes, VK_BUFFER_USAGE_TRANSFER_SRC_BIT,
                                         state.desc.debug_name + " import"));
  auto shared = std::make_shared<Buffer>(std::move(pages));
  std::lock_guard lock(state.mutex);
  std::erase_if(state.imports, [](const auto& import) { return import.expired(); });
  state.imports.push_back(shared);
  state.has_imports.store(true, std::memory_order_release);
  return HostImport(state_, std::move(shared));
}

HostImport& HostImport::operator=(HostImport&& other) noexcept {
  std::swap(ring_, other.ring_);
  std::swap(pages_, other.pages_);
  return *this;
}

// The device may be reading the pages: without an end of its work they cannot be given back, short
// of losing the device.
HostImport::~HostImport() {
  if (pages_ == nullptr) return;
  StagingState::Lock lock(ring_->mutex);
  Patience forever(~std::uint64_t{0} / 4);
  (void)ring_->wait(lock, ring_->queue.pushed(), forever);
  pages_.reset();
  std::erase_if(ring_->imports, [](const auto& import) { return import.expired(); });
  ring_->has_imports.store(!ring_->imports.empty(), std::memory_order_release);
}

}  // namespace forge3d
