// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <new>
#include <stdexcept>

#include "memory/staging_state.hpp"

namespace forge3d {

Result<std::shared_ptr<Readback::State>> Readback::State::create(
    std::shared_ptr<StagingRing::State> ring, const BlockGrid& grid) {
  if (!ring->readback_ring)
    return fail(ErrorCode::kNotSupported,
                ring->desc.debug_name + ": the ring was made without readback_bytes");
  auto state = std::make_shared<State>();
  try {
    state->bytes.resize(grid.padded_bytes());
  } catch (const std::exception&) {  // bad_alloc or length_error: the size is the caller's
    return fail(ErrorCode::kOutOfHostMemory,
                fmt::format("{}: no host memory for a readback of {} bytes", ring->desc.debug_name,
                            grid.padded_bytes()));
  }
  state->ring = std::move(ring);
  state->grid = grid;
  state->missing_bytes = grid.size_bytes();
  return state;
}

Readback::Readback(std::shared_ptr<State> state) : state_(std::move(state)) {}
Readback::Readback(Readback&&) noexcept = default;

Readback& Readback::operator=(Readback&& other) noexcept {
  std::swap(state_, other.state_);
  return *this;
}

Readback::~Readback() {
  if (state_ == nullptr) return;
  std::lock_guard lock(state_->ring->mutex);
  state_->abandoned = true;
}

Result<bool> Readback::is_ready() {
  State& s = *state_;
  std::lock_guard lock(s.ring->mutex);
  if (s.missing_bytes > 0 && !s.error) FORGE3D_TRY(s.ring->reap());
  if (s.error) return tl::unexpected(*s.error);
  return s.missing_bytes == 0;
}

Result<std::span<const std::byte>> Readback::get(std::uint64_t timeout_ns) {
  State& s = *state_;
  StagingRing::State::Lock lock(s.ring->mutex);
  if (s.missing_bytes > 0 && !s.error)
    FORGE3D_TRY(s.ring->wait(lock, s.submission, StagingRing::State::deadline_after(timeout_ns)));
  if (s.error) return tl::unexpected(*s.error);
  return std::span<const std::byte>(s.bytes);
}

}  // namespace forge3d
