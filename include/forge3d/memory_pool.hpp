// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// MemoryPool (O2): many buffers and images over few device allocations.

#include <vulkan/vulkan_core.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "forge3d/device.hpp"

namespace forge3d {

/// A pool allocation: index and generation. A released handle never becomes valid again.
struct PoolHandle {
  std::uint32_t index = 0;
  std::uint32_t generation = 0;  ///< 0: null.
  explicit operator bool() const { return generation != 0; }
  friend bool operator==(const PoolHandle&, const PoolHandle&) = default;
};

struct MemoryPoolDesc {
  MemoryUse memory = MemoryUse::kDevice;
  MemoryCategory category = MemoryCategory::kPool;
  std::uint64_t block_bytes =
      0;  ///< Size of the large blocks; 0: chosen from the budget (an eighth, 1..64 MiB).
  std::uint64_t max_bytes = 0;  ///< Bytes of blocks the pool may hold; 0: what the budget allows.
  std::string debug_name = "pool";
};

/// Where an allocation lives.
struct PoolAllocation {
  PoolHandle handle;
  VkDeviceMemory memory = VK_NULL_HANDLE;
  std::uint64_t offset_bytes = 0;  ///< Inside `memory`.
  std::uint64_t size_bytes = 0;    ///< Granted; at least what was asked.
  std::uint32_t block = 0;         ///< Index of the block inside the pool.
  std::byte* mapped = nullptr;     ///< For mapped pools.
};

struct PoolBuffer {
  PoolAllocation allocation;
  VkBuffer buffer = VK_NULL_HANDLE;
};
struct PoolImage {
  PoolAllocation allocation;
  VkImage image = VK_NULL_HANDLE;
};

struct PoolStats {
  std::uint64_t block_count = 0, block_bytes = 0;     ///< Held from the ledger.
  std::uint64_t used_bytes = 0, peak_used_bytes = 0;  ///< Granted to live allocations.
  std::uint64_t retiring_bytes = 0;                   ///< Released, waiting for their serial.
  std::uint64_t active_allocations = 0;
  std::uint64_t total_allocated = 0, total_freed = 0;  ///< Allocations since creation.
  std::uint64_t device_allocations = 0;                ///< vkAllocateMemory calls since creation.
  std::uint64_t refusals = 0;
  std::uint64_t largest_free_block_bytes = 0;
  double fragmentation_ratio =
      0;  ///< 1 - largest free / free inside the blocks; 0 when nothing is free.
  struct Block {
    std::uint64_t size_bytes = 0, used_bytes = 0, largest_free_bytes = 0;
    std::uint32_t allocations = 0;
  };
  std::vector<Block> blocks;
};

/// Sub-allocates device memory for buffers and images. Thread-safe.
class MemoryPool {
 public:
  /// Takes no memory yet. Errors: kInvalidArgument.
  [[nodiscard]] static Result<std::shared_ptr<MemoryPool>> create(std::shared_ptr<Device> device,
                                                                  const MemoryPoolDesc& desc = {});
  /// Waits until released memory has retired. Live handles are reported through the device's log by
  /// debug name, then freed.
  ~MemoryPool();

  /// Raw memory. Errors: kInvalidArgument (zero size, alignment not a power of two, no allowed
  /// memory type), kBudgetExceeded with what is free and the largest hole, kOutOfDeviceMemory,
  /// kDeviceLost.
  [[nodiscard]] Result<PoolAllocation> allocate(const VkMemoryRequirements& requirements,
                                                bool linear, std::string_view debug_name = {});
  /// A buffer bound to pool memory; destroyed when the handle's last reference goes. Errors: as
  /// allocate.
  [[nodiscard]] Result<PoolBuffer> create_buffer(std::uint64_t size_bytes, VkBufferUsageFlags usage,
                                                 std::string_view debug_name = {});
  /// An image bound to pool memory; destroyed with the last reference. Errors: as allocate.
  [[nodiscard]] Result<PoolImage> create_image(const VkImageCreateInfo& info,
                                               std::string_view debug_name = {});

  /// One more reference. Errors: kStaleHandle.
  [[nodiscard]] Result<> retain(PoolHandle handle);
  /// One reference less. With the last one the memory is free again once `last_use` is reached (at
  /// once for the default ticket). Errors: kStaleHandle.
  [[nodiscard]] Result<> release(PoolHandle handle, Ticket last_use = {});
  /// Where a live handle's memory is. Errors: kStaleHandle.
  [[nodiscard]] Result<PoolAllocation> lookup(PoolHandle handle) const;

  /// Makes CPU writes of a mapped allocation visible to the GPU, and the GPU's readable; nothing to
  /// do where memory is coherent. Errors: kStaleHandle.
  [[nodiscard]] Result<> flush(PoolHandle handle) const;
  [[nodiscard]] Result<> invalidate(PoolHandle handle) const;

  /// Frees what has retired; called by allocate() too when it needs room. Errors: kDeviceLost.
  [[nodiscard]] Result<> collect();
  /// Gives empty blocks back to the ledger; bytes given back.
  std::uint64_t trim();

  /// Counters (blocks only where asked for: it walks them).
  [[nodiscard]] PoolStats stats(bool with_blocks = false) const;

 private:
  MemoryPool();
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace forge3d
