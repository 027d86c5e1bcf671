// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// ReadTarget: where the pieces of one readback are gathered.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "core/ring_allocator.hpp"
#include "forge3d/staging_ring.hpp"
#include "memory/block_grid.hpp"

namespace forge3d {

/// Guarded by the ring's mutex, except the bytes, which a delivery writes while `deliveries` counts
/// it.
struct ReadTarget {
  std::shared_ptr<StagingState> ring;
  BlockGrid grid;
  std::unique_ptr<std::byte[]> memory;  ///< Its own, unless the caller gave some or it is in place.
  std::span<std::byte> destination;
  bool in_place = false;
  std::optional<RingAllocator::Range> held;  ///< Ring memory that an in-place read shows.
  std::uint64_t last = 0;                    ///< Number of its last copy, from 1 on.
  std::uint64_t missing_bytes = 0;
  std::uint32_t deliveries = 0;
  bool abandoned = false;
  std::optional<Error> error;
};

}  // namespace forge3d
