// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a transfer goes to or comes from: a Buffer or a block of a pool.

#include <nanobind/nanobind.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "held_buffer.hpp"
#include "held_pool.hpp"

namespace forge3d::python {

namespace nb = nanobind;

/// One of the two. Keeps it alive for the transfer.
struct Target {
  std::shared_ptr<HeldBuffer> buffer;
  std::shared_ptr<HeldPool> pool;
  PoolHandle block;

  /// Bytes that can be transferred. Errors: kStaleHandle.
  [[nodiscard]] Result<std::uint64_t> size_bytes() const;
  [[nodiscard]] Result<StagingTicket> upload(const std::shared_ptr<StagingRing>& ring,
                                             std::uint64_t offset_bytes,
                                             std::span<const std::byte> data,
                                             std::uint64_t timeout_ns) const;
  /// `start` calls one of the ring's readback functions.
  [[nodiscard]] Result<Readback> readback(
      const std::shared_ptr<StagingRing>& ring, std::uint64_t offset_bytes,
      const std::function<Result<Readback>(const BufferRegion&)>& start) const;
};

/// A Buffer, a PoolAllocation, or, where `pool` is given, a block of it as its number or as the
/// dict of allocate_from_pool(). Throws TypeError, Closed, InvalidArgument (a buffer of another
/// device than `device`).
[[nodiscard]] Target target_argument(nb::handle object, const std::shared_ptr<HeldPool>& pool,
                                     const Device* device);

/// The number of a block given as number or dict. Throws TypeError.
[[nodiscard]] std::uint64_t block_id(nb::handle object);

}  // namespace forge3d::python
