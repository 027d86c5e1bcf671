// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// PoolBlocks: the large device allocations of a pool.

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

#include "forge3d/memory_pool.hpp"
#include "forge3d/placement.hpp"

namespace forge3d {

/// What a resource needs from a block.
struct PoolRequest {
  std::uint64_t size_bytes = 0;
  std::uint64_t alignment_bytes = 1;
  std::uint32_t memory_type = 0;
  VkBuffer dedicated_buffer = VK_NULL_HANDLE;  ///< Set where the driver wants a block of its own.
  VkImage dedicated_image = VK_NULL_HANDLE;
  [[nodiscard]] bool is_dedicated() const {
    return dedicated_buffer != VK_NULL_HANDLE || dedicated_image != VK_NULL_HANDLE;
  }
};

/// What sizes and places of a pool are multiples of: a power of two. An image with optimal tiling
/// gets whole pages of `granularity_bytes` (bufferImageGranularity) to itself, and so shares none
/// with a buffer, whichever neighbours it gets; mapped memory that is not coherent gets whole
/// atoms.
[[nodiscard]] inline std::uint64_t pool_unit_bytes(bool linear, std::uint64_t granularity_bytes,
                                                   std::uint64_t atom_bytes) {
  return std::max({Placement::kGranuleBytes, atom_bytes, linear ? 1 : granularity_bytes});
}

/// The request for a resource in whole units.
[[nodiscard]] inline PoolRequest make_pool_request(const VkMemoryRequirements& requirements,
                                                   std::uint64_t unit_bytes) {
  return {.size_bytes = (requirements.size + unit_bytes - 1) & ~(unit_bytes - 1),
          .alignment_bytes = std::max<std::uint64_t>(requirements.alignment, unit_bytes)};
}

/// One device allocation and what is placed in it. Guarded by the lock of the shard that has it.
struct PoolBlock {
  DeviceMemory memory;
  Placement places;
  std::uint32_t memory_type = 0;
  bool dedicated = false;           // for one resource
  std::uint32_t index = 0;          // its number in the pool
  VkBuffer whole = VK_NULL_HANDLE;  // all of it as a buffer, for moves; made when first needed
  bool cannot_copy = false;         // no such buffer can be had
};

/// Makes and drops blocks within the ledger and max_bytes. A block's number stays the same and
/// belongs to one shard at a time. Thread-safe, except that a block is only touched by whoever
/// holds its shard's lock.
class PoolBlocks {
 public:
  static constexpr std::uint32_t kMaxBlocks = 4096;

  PoolBlocks(std::shared_ptr<Device> device, const MemoryPoolDesc& desc);
  ~PoolBlocks();
  PoolBlocks(const PoolBlocks&) = delete;
  PoolBlocks& operator=(const PoolBlocks&) = delete;

  /// A new block that holds the request, owned by `shard`: of its own size when the request is over
  /// half a block's size, smaller than usual when the ledger has no more. Errors: kBudgetExceeded,
  /// kOutOfDeviceMemory, kOutOfHostMemory, kDeviceLost.
  [[nodiscard]] Result<std::uint32_t> grow(const PoolRequest& request, std::uint32_t shard);
  /// Gives an empty block back; its bytes.
  std::uint64_t drop(std::uint32_t index);

  [[nodiscard]] PoolBlock& operator[](std::uint32_t index) const { return *blocks_[index]; }
  [[nodiscard]] std::uint32_t shard_of(std::uint32_t index) const {
    return shards_[index].load(std::memory_order_acquire);
  }
  /// REQUIRES: both shards are locked.
  void set_shard(std::uint32_t index, std::uint32_t shard) {
    shards_[index].store(static_cast<std::uint8_t>(shard), std::memory_order_release);
  }
  [[nodiscard]] std::uint64_t block_bytes() const { return desc_.block_bytes; }
  [[nodiscard]] std::uint64_t held_bytes() const { return held_bytes_.load(); }
  [[nodiscard]] std::uint64_t device_allocations() const { return device_allocations_.load(); }

 private:
  [[nodiscard]] Result<> allow(std::uint64_t size_bytes) const;
  [[nodiscard]] Result<std::uint32_t> add(std::uint64_t size_bytes, const PoolRequest& request,
                                          std::uint32_t shard);

  std::shared_ptr<Device> device_;
  MemoryPoolDesc desc_;
  std::mutex mutex_;  // one thread grows or drops at a time
  std::array<std::unique_ptr<PoolBlock>, kMaxBlocks> blocks_;
  std::array<std::atomic<std::uint8_t>, kMaxBlocks> shards_{};
  std::array<bool, kMaxBlocks> taken_{};  // guarded by mutex_
  std::atomic<std::uint64_t> held_bytes_{0};
  std::atomic<std::uint64_t> device_allocations_{0};
};

}  // namespace forge3d
