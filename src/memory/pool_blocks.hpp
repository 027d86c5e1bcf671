// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// PoolBlocks: the large device allocations of a pool and the places inside them.

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/offset_allocator.hpp"
#include "forge3d/memory_pool.hpp"

namespace forge3d {

/// What a resource needs from a block.
struct PoolRequest {
  std::uint64_t size_bytes = 0;
  std::uint64_t alignment_bytes = 1;
  std::uint32_t memory_type = 0;
};

/// The request for a resource. An image with optimal tiling gets whole pages of `granularity_bytes`
/// (bufferImageGranularity) to itself, and so shares none with a buffer, whichever neighbours it
/// gets; mapped memory that is not coherent gets whole atoms.
[[nodiscard]] PoolRequest make_pool_request(const VkMemoryRequirements& requirements, bool linear,
                                            std::uint64_t granularity_bytes,
                                            std::uint64_t atom_bytes);

struct PoolPlace {
  std::uint32_t block = 0;
  OffsetAllocator::Node node = 0;
  std::uint64_t offset_bytes = 0;
  std::uint64_t size_bytes = 0;
};

/// Blocks are kept when they fall empty, until trim() or a refusal of the ledger drops them. Not
/// thread-safe.
class PoolBlocks {
 public:
  PoolBlocks(std::shared_ptr<Device> device, const MemoryPoolDesc& desc);

  /// A place in the blocks there are.
  [[nodiscard]] std::optional<PoolPlace> find(const PoolRequest& request);
  /// A place in a new block: of its own when the request is over half a block's size, smaller than
  /// usual when the ledger has no more. Errors: as MemoryPool::allocate; a refusal names asked,
  /// free, largest hole and the ledger's rest.
  [[nodiscard]] Result<PoolPlace> grow(const PoolRequest& request);
  void free(const PoolPlace& place);
  /// Drops the empty blocks; bytes given back to the ledger.
  std::uint64_t trim();

  [[nodiscard]] const DeviceMemory& memory(std::uint32_t block) const {
    return blocks_[block]->memory;
  }
  [[nodiscard]] std::uint64_t free_bytes() const;
  [[nodiscard]] std::uint64_t largest_free_bytes() const;
  /// Fills in the fields that concern blocks.
  void add_to(PoolStats& stats, bool with_blocks) const;

 private:
  struct Block {
    DeviceMemory memory;
    OffsetAllocator places;
    std::uint32_t memory_type;
  };
  [[nodiscard]] std::optional<PoolPlace> find_in(std::uint32_t index, const PoolRequest& request);
  [[nodiscard]] Result<> allow(std::uint64_t size_bytes) const;
  [[nodiscard]] Result<std::uint32_t> add_block(std::uint64_t size_bytes,
                                                const PoolRequest& request);
  [[nodiscard]] Error refusal(const PoolRequest& request, Error cause) const;

  std::shared_ptr<Device> device_;
  MemoryPoolDesc desc_;
  std::vector<std::unique_ptr<Block>> blocks_;  // null where one was dropped
  std::uint64_t held_bytes_ = 0;
  std::uint64_t device_allocations_ = 0;
};

}  // namespace forge3d
