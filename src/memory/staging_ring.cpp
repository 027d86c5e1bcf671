// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/staging_ring.hpp"

#include <fmt/format.h>

#include "memory/staging_state.hpp"

namespace forge3d {
namespace {

Result<> check_data(const BlockGrid& grid, std::span<const std::byte> data) {
  if (data.size() == grid.span_bytes() || data.size() == grid.padded_bytes()) return {};
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("image region: {} bytes of data where {} are needed", data.size(),
                          grid.span_bytes()));
}

std::shared_ptr<ReadTarget> read_target(const BlockGrid& grid) {
  auto target = std::make_shared<ReadTarget>();
  target->grid = grid;
  return target;
}

}  // namespace

std::string_view to_string(StagingPath path) {
  switch (path) {
    case StagingPath::kRing:
      return "ring";
    case StagingPath::kInPlace:
      return "in_place";
    case StagingPath::kImported:
      return "imported";
    case StagingPath::kDirect:
      return "direct";
  }
  return "unknown";
}

BufferRegion region_of(const Buffer& buffer, std::uint64_t offset_bytes) {
  BufferRegion region{buffer.handle(), offset_bytes, buffer.size_bytes()};
  region.id = buffer.id();
  if (buffer.memory().coherent()) region.mapped = buffer.mapped().data();
  return region;
}

ImageRegion region_of(const DeviceImage& image, std::uint32_t level, std::uint32_t layer) {
  ImageRegion region;
  region.image = image.handle();
  region.format = image.desc().format;
  region.image_width = region.width = std::max(1u, image.desc().width >> level);
  region.image_height = region.height = std::max(1u, image.desc().height >> level);
  region.level = level;
  region.layer = layer;
  region.volume = image.desc().depth > 1;
  region.id = image.id();
  return region;
}

Result<std::shared_ptr<StagingRing>> StagingRing::create(std::shared_ptr<Device> device,
                                                         const StagingRingDesc& desc) {
  if (device == nullptr)
    return fail(ErrorCode::kInvalidArgument, desc.debug_name + ": the device is null");
  FORGE3D_TRY_ASSIGN(auto state, StagingState::create(std::move(device), desc));
  return std::shared_ptr<StagingRing>(new StagingRing(std::move(state)));
}

StagingRing::StagingRing(std::shared_ptr<StagingState> state) : state_(std::move(state)) {}
StagingRing::~StagingRing() { state_->shutdown(); }

Result<StagingTicket> StagingRing::upload(const BufferRegion& target,
                                          std::span<const std::byte> data,
                                          std::uint64_t timeout_ns) {
  if (const auto ticket = state_->upload_small(target, data)) return *ticket;
  FORGE3D_TRY_ASSIGN(const BlockGrid grid, BlockGrid::of(target, data.size()));
  return state_->upload(target, grid, data, timeout_ns);
}

Result<StagingTicket> StagingRing::upload(const ImageRegion& target,
                                          std::span<const std::byte> data,
                                          std::uint64_t timeout_ns) {
  FORGE3D_TRY_ASSIGN(const BlockGrid grid, BlockGrid::of(target));
  FORGE3D_TRY(check_data(grid, data));
  return state_->upload(target, grid, data, timeout_ns);
}

Result<Readback> StagingRing::readback(const BufferRegion& source, std::uint64_t size_bytes) {
  FORGE3D_TRY_ASSIGN(const BlockGrid grid, BlockGrid::of(source, size_bytes));
  auto target = read_target(grid);
  FORGE3D_TRY(state_->readback(source, target));
  return Readback(std::move(target));
}

Result<Readback> StagingRing::readback(const ImageRegion& source) {
  FORGE3D_TRY_ASSIGN(const BlockGrid grid, BlockGrid::of(source));
  auto target = read_target(grid);
  FORGE3D_TRY(state_->readback(source, target));
  return Readback(std::move(target));
}

Result<Readback> StagingRing::readback(const BufferRegion& source,
                                       std::span<std::byte> destination) {
  FORGE3D_TRY_ASSIGN(const BlockGrid grid, BlockGrid::of(source, destination.size()));
  auto target = read_target(grid);
  target->destination = destination;
  FORGE3D_TRY(state_->readback(source, target));
  return Readback(std::move(target));
}

Result<Readback> StagingRing::read_in_place(const BufferRegion& source, std::uint64_t size_bytes) {
  FORGE3D_TRY_ASSIGN(const BlockGrid grid, BlockGrid::of(source, size_bytes));
  const auto& ring = state_->readback_ring;
  if (ring && size_bytes > ring->places().largest_reservation(ring->buffer_alignment()))
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: {} bytes in place never fit, a segment has {}",
                            state_->desc.debug_name, size_bytes, ring->places().segment_bytes()));
  auto target = read_target(grid);
  target->in_place = true;
  FORGE3D_TRY(state_->readback(source, target));
  return Readback(std::move(target));
}

Result<> StagingRing::submit() {
  StagingState::Lock lock(state_->mutex);
  auto submitted = state_->submit(lock);
  state_->call_back(lock);
  return submitted;
}

Result<Ticket> StagingRing::flush() {
  StagingState::Lock lock(state_->mutex);
  auto ticket = state_->flush(lock);
  state_->call_back(lock);
  return ticket;
}

Result<Ticket> StagingRing::ticket(StagingTicket upload) {
  StagingState::Lock lock(state_->mutex);
  FORGE3D_TRY(state_->check_known(upload));
  FORGE3D_TRY(state_->submit(lock));
  FORGE3D_TRY(state_->outcome(upload));
  if (state_->submission.queue() == QueueKind::kTransfer) return state_->flush(lock);
  if (state_->is_finished(upload.last)) return Ticket{QueueKind::kGraphics, {0}};
  return Ticket{QueueKind::kGraphics, state_->serial_of(upload.last)};
}

Result<bool> StagingRing::is_complete(StagingTicket upload) const {
  StagingState& state = *state_;
  const bool quick = state.is_finished(upload.last);
  if (quick && upload.last == 0) return true;
  StagingState::Lock lock(state.mutex);
  if (!quick) FORGE3D_TRY(state.reap(lock));
  FORGE3D_TRY(state.outcome(upload));
  if (state.is_finished(upload.last)) return true;
  if (state.broken && upload.last > state.submitted) return tl::unexpected(*state.broken);
  return false;
}

Result<> StagingRing::wait(StagingTicket upload, std::uint64_t timeout_ns) {
  StagingState::Lock lock(state_->mutex);
  FORGE3D_TRY(state_->check_known(upload));
  Patience patience(timeout_ns);
  FORGE3D_TRY(state_->wait(lock, upload.last, patience));
  state_->call_back(lock);
  return state_->outcome(upload);
}

Result<> StagingRing::wait(Ticket ticket, std::uint64_t timeout_ns) {
  return state_->wait(ticket, timeout_ns);
}

Result<bool> StagingRing::cancel(StagingTicket upload) { return state_->cancel(upload); }

void StagingRing::on_complete(StagingTicket upload, std::function<void(Result<>)> callback) {
  std::lock_guard lock(state_->mutex);
  state_->callbacks.push_back({upload, std::move(callback)});
}

Result<> StagingRing::when_room(std::uint64_t size_bytes, std::function<void()> callback) {
  if (size_bytes == 0 || size_bytes > max_in_place_bytes())
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: room for {} bytes, where 1 to {} can be had",
                            state_->desc.debug_name, size_bytes, max_in_place_bytes()));
  std::lock_guard lock(state_->mutex);
  state_->room_callbacks.emplace_back(size_bytes, std::move(callback));
  return {};
}

Result<> StagingRing::poll() {
  StagingState::Lock lock(state_->mutex);
  auto reaped = state_->reap(lock);
  state_->call_back(lock);
  return reaped;
}

StagingStats StagingRing::stats() const { return state_->stats(); }

StagingTuning StagingRing::tuning() const {
  std::lock_guard lock(state_->mutex);
  return state_->tuning;
}

void StagingRing::set_tuning(const StagingTuning& tuning) {
  state_->tuned.store(true);
  state_->retune(tuning);
}

Result<StagingTuning> StagingRing::calibrate() { return state_->calibrate(); }

QueueKind StagingRing::queue() const { return state_->submission.queue(); }

}  // namespace forge3d
