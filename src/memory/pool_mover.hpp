// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// PoolMover: copies between blocks of a pool, on the graphics queue.

#include <memory>
#include <optional>
#include <vector>

#include "forge3d/resources.hpp"
#include "memory/pool_blocks.hpp"

namespace forge3d {

/// Records copies between two barriers and submits them. Copies go from block to block through
/// buffers that cover whole blocks, so they ask nothing of the usage of what is moved. Not
/// thread-safe.
class PoolMover {
 public:
  explicit PoolMover(std::shared_ptr<Device> device) : device_(std::move(device)) {}

  /// Opens a command buffer behind everything submitted so far. REQUIRES: the one before was
  /// submitted or given up. Errors: kOutOfHostMemory, kOutOfDeviceMemory, kDeviceLost.
  [[nodiscard]] Result<VkCommandBuffer> begin();
  /// Adds a copy. Errors: kNotSupported when a block cannot be bound to one buffer.
  [[nodiscard]] Result<> copy(PoolBlock& from, std::uint64_t from_bytes, PoolBlock& to,
                              std::uint64_t to_bytes, std::uint64_t size_bytes);
  /// Submits behind `after`, a serial of the transfer queue. Errors: as begin().
  [[nodiscard]] Result<Serial> submit(Serial after);
  /// Leaves out what was recorded.
  void give_up();

 private:
  [[nodiscard]] Result<> make_whole(PoolBlock& block) const;

  std::shared_ptr<Device> device_;
  std::optional<CommandRecorder> recorder_;
  VkCommandBuffer commands_ = VK_NULL_HANDLE;
};

}  // namespace forge3d
