// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// MemoryPool (O2): many buffers and images over few device allocations, moved when a hole is
// missing.

#include <vulkan/vulkan_core.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
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

/// An image that the pool wants elsewhere. Its new memory is free and large enough.
struct PoolImageMove {
  PoolHandle handle;
  VkImage image = VK_NULL_HANDLE;  ///< Where it is now.
  VkDeviceMemory memory = VK_NULL_HANDLE;
  std::uint64_t offset_bytes = 0;  ///< Where it goes.
};

/// Recreates an image: makes one like it, binds it to the new memory, records the copy and its
/// layout transitions into `commands` (which run after everything submitted so far), and returns
/// it; the pool then owns it and destroys the old one when the copy is done. An error leaves the
/// image where it is for good. Called with the pool locked: must not call the pool.
using PoolImageHook =
    std::function<Result<VkImage>(VkCommandBuffer commands, const PoolImageMove& move)>;

/// What a pool tells its observer of.
enum class PoolActivity : std::uint8_t {
  kRequest,     ///< One request in 64; `bytes` were asked for.
  kGrow,        ///< A block was taken from the ledger; `bytes` of it.
  kShrink,      ///< Blocks were given back; `bytes` of them.
  kUpkeep,      ///< A slice that moved something; `bytes` of it.
  kDefragment,  ///< A whole defragment(); `bytes` moved.
};
[[nodiscard]] std::string_view to_string(PoolActivity activity);

/// Times are of std::chrono::steady_clock.
struct PoolObservation {
  PoolActivity activity = PoolActivity::kRequest;
  std::uint64_t begin_ns = 0, end_ns = 0;
  std::uint64_t bytes = 0;
};

struct MemoryPoolDesc {
  MemoryUse memory = MemoryUse::kDevice;
  MemoryCategory category = MemoryCategory::kPool;
  std::uint64_t block_bytes =
      0;  ///< Size of the large blocks; 0: chosen from the budget (an eighth, 1..64 MiB).
  std::uint64_t max_bytes = 0;  ///< Bytes of blocks the pool may hold; 0: what the budget allows.
  /// How long a request that finds no room waits for released memory to retire and for moves.
  std::uint64_t wait_ns = 20'000'000;
  PoolImageHook recreate_image;   ///< Empty: images stay where they are.
  std::uint64_t event_limit = 0;  ///< Events kept for events_csv(); 0: none are recorded.
  /// Told by the thread that works, possibly with the pool locked: it must be quick, must not throw
  /// and must not call the pool.
  std::function<void(const PoolObservation&)> observer;
  std::string debug_name = "pool";
};

/// Where an allocation lives. While the handle is pinned this stays true; see MemoryPool.
struct PoolAllocation {
  PoolHandle handle;
  VkDeviceMemory memory = VK_NULL_HANDLE;
  std::uint64_t offset_bytes = 0;  ///< Inside `memory`.
  std::uint64_t size_bytes = 0;    ///< Granted; at least what was asked.
  std::uint32_t block = 0;         ///< Index of the block inside the pool.
  std::byte* mapped = nullptr;     ///< For mapped pools.
  VkBuffer buffer = VK_NULL_HANDLE;
  VkImage image = VK_NULL_HANDLE;
  /// Bytes that were moved are there when this is reached: a wait for other queues than the
  /// graphics queue, whose later submissions come after it anyway.
  Ticket ready;
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
  std::uint64_t block_count = 0, block_bytes = 0;  ///< Held from the ledger.
  std::uint64_t used_bytes = 0;                    ///< Granted to live allocations.
  std::uint64_t peak_used_bytes = 0;  ///< Exact while one thread allocates; else an upper bound.
  std::uint64_t retiring_bytes = 0;   ///< Released, waiting for their serial.
  std::uint64_t active_allocations = 0;
  std::uint64_t total_allocated = 0, total_freed = 0;  ///< Allocations since creation.
  std::uint64_t device_allocations = 0;                ///< vkAllocateMemory calls since creation.
  std::uint64_t refusals = 0;
  std::uint64_t moves = 0, moved_bytes = 0;  ///< Since creation, for requests and by upkeep.
  std::uint64_t requests_moved_for = 0;      ///< Requests that were granted by moving others.
  std::uint64_t free_bytes = 0;              ///< Inside the blocks.
  std::uint64_t largest_free_block_bytes = 0;
  double fragmentation_ratio =
      0;  ///< 1 - largest free / free inside the blocks; 0 when nothing is free.
  // The rest only where asked for.
  /// Requests from call to return since creation, one in 64 timed; at most 12.5 % too high.
  std::uint64_t allocations_timed = 0, allocation_p50_ns = 0, allocation_p99_ns = 0;
  struct Block {
    std::uint64_t size_bytes = 0, used_bytes = 0, largest_free_bytes = 0;
    std::uint32_t allocations = 0;
  };
  std::vector<Block> blocks;
  /// Live allocations by size: [i] counts those of 2^i up to 2^(i+1) - 1 bytes.
  std::array<std::uint64_t, 40> size_histogram{};
  std::uint64_t last_refused_bytes = 0;
  double unusable_share = 0;  ///< Of the free bytes, those in holes below last_refused_bytes.
};

/// What one slice of upkeep may do.
struct PoolUpkeep {
  std::uint64_t max_moved_bytes = 4 * kMebibyte;  ///< One block may pass it.
  std::uint64_t max_us = 500;                     ///< Of this thread's time, planning included.
  /// Above it moves begin; they go on down to half of it.
  double target_fragmentation = 0.04;
};

/// What moving has done. Fragmentation here is the share of the free bytes that can be had neither
/// as the largest hole nor as empty blocks, which can be given back whole.
struct PoolMoves {
  std::uint64_t blocks_moved = 0;  ///< Allocations that changed places.
  std::uint64_t bytes_compacted = 0;
  double time_ms = 0;
  double fragmentation_before = 0, fragmentation_after = 0;
  std::uint64_t blocks_released = 0;  ///< Given back to the ledger.
  bool cancelled = false;
};

/// Sub-allocates device memory for buffers and images. Thread-safe: all members may be called from
/// any thread.
///
/// Moving. An allocation is pinned when it is created and stays where it is. A caller that unpins
/// it lets the pool move it, and from then on uses its VkBuffer, offset and mapping only between
/// pin() and unpin(), or in GPU work whose ticket unpin() was given. What is pinned or in use by
/// the GPU never moves. The copy is made on the graphics queue by the pool, which makes a new
/// VkBuffer at the new place; whoever keeps descriptors asks moved() once a frame.
class MemoryPool {
 public:
  /// Takes no memory yet. Errors: kInvalidArgument.
  [[nodiscard]] static Result<std::shared_ptr<MemoryPool>> create(std::shared_ptr<Device> device,
                                                                  const MemoryPoolDesc& desc = {});
  /// Waits until released memory has retired. Live handles are reported through the device's log by
  /// debug name, then freed.
  ~MemoryPool();

  /// Raw memory, pinned. A request that finds no room drops empty blocks, moves others, and waits
  /// for released memory up to wait_ns, in this order. Errors: kInvalidArgument (zero size,
  /// alignment not a power of two, no allowed memory type), kBudgetExceeded with what is free, the
  /// largest hole and what would help, kOutOfDeviceMemory, kOutOfHostMemory, kDeviceLost. After an
  /// error nothing has changed but places.
  [[nodiscard]] Result<PoolAllocation> allocate(const VkMemoryRequirements& requirements,
                                                bool linear, std::string_view debug_name = {});
  /// A buffer bound to pool memory, pinned; destroyed when the handle's last reference goes.
  /// Errors: as allocate.
  [[nodiscard]] Result<PoolBuffer> create_buffer(std::uint64_t size_bytes, VkBufferUsageFlags usage,
                                                 std::string_view debug_name = {});
  /// An image bound to pool memory, pinned; destroyed with the last reference. Errors: as allocate.
  [[nodiscard]] Result<PoolImage> create_image(const VkImageCreateInfo& info,
                                               std::string_view debug_name = {});

  /// One more reference. Errors: kStaleHandle, kInvalidArgument at 2^32 - 1 of them.
  [[nodiscard]] Result<> retain(PoolHandle handle);
  /// One reference less. With the last one the memory is free again once `last_use` and all tickets
  /// given to unpin() are reached. Errors: kStaleHandle.
  [[nodiscard]] Result<> release(PoolHandle handle, Ticket last_use = {});
  /// Where a live handle's memory is at this moment. Errors: kStaleHandle.
  [[nodiscard]] Result<PoolAllocation> lookup(PoolHandle handle) const;

  /// Keeps an allocation in place until as many unpin() calls, and says where that is. In a mapped
  /// pool it waits until moved bytes have arrived. Errors: kStaleHandle, kTimeout, kDeviceLost.
  [[nodiscard]] Result<PoolAllocation> pin(PoolHandle handle);
  /// Takes one pin away; the allocation still stays until `last_use` is reached. Errors:
  /// kStaleHandle, kInvalidArgument when it is not pinned.
  [[nodiscard]] Result<> unpin(PoolHandle handle, Ticket last_use = {});
  /// The live allocations that have moved since the last call, where they are now. Errors:
  /// kOutOfHostMemory; the next call then tells them.
  [[nodiscard]] Result<std::vector<PoolAllocation>> moved();

  /// A slice of work toward less fragmentation: finishes moves that are done, starts some more
  /// without waiting for them, and gives an empty block back when the ledger runs low. Call it once
  /// a frame. Errors: kDeviceLost, kOutOfHostMemory, kOutOfDeviceMemory.
  [[nodiscard]] Result<PoolMoves> upkeep(const PoolUpkeep& slice = {});
  /// Moves until nothing is gained any more and gives all empty blocks back. `go_on` is asked
  /// before each step; false stops there. Errors: as upkeep, kTimeout.
  [[nodiscard]] Result<PoolMoves> defragment(
      const std::function<bool(const PoolMoves& so_far)>& go_on = {});

  /// Makes CPU writes of a mapped allocation visible to the GPU, and the GPU's readable; nothing to
  /// do where memory is coherent. Errors: kStaleHandle.
  [[nodiscard]] Result<> flush(PoolHandle handle) const;
  [[nodiscard]] Result<> invalidate(PoolHandle handle) const;

  /// Frees what has retired; called by allocate() too when it needs room. Errors: kDeviceLost.
  [[nodiscard]] Result<> collect();
  /// Gives empty blocks back to the ledger until at least `up_to_bytes` of them went, or none is
  /// left; bytes given back.
  std::uint64_t trim(std::uint64_t up_to_bytes = ~std::uint64_t{0});

  /// Counters; with `detailed` also the fields that take a walk over the blocks (left empty when
  /// host memory runs out).
  [[nodiscard]] PoolStats stats(bool detailed = false) const;
  /// The blocks and what is in them, as the JSON that VMA's GpuMemDumpVis draws. Errors:
  /// kOutOfHostMemory.
  [[nodiscard]] Result<std::string> dump_json() const;
  /// The events recorded so far, as the CSV that `forge3d replay` plays:
  /// time_ns,event,id,size,alignment,block,offset.
  [[nodiscard]] Result<std::string> events_csv() const;

 private:
  MemoryPool();
  struct State;
  std::unique_ptr<State> state_;
};

/// A reference to an allocation that is released with the object. Copies retain. Not thread-safe
/// by itself; the pool is.
class PoolReference {
 public:
  PoolReference() = default;
  /// Takes over one reference that the caller has.
  PoolReference(std::shared_ptr<MemoryPool> pool, PoolHandle handle)
      : pool_(std::move(pool)), handle_(handle) {}
  PoolReference(const PoolReference& other);
  PoolReference(PoolReference&& other) noexcept { swap(other); }
  PoolReference& operator=(PoolReference other) noexcept {
    swap(other);
    return *this;
  }
  ~PoolReference() { reset(); }

  [[nodiscard]] PoolHandle handle() const { return handle_; }
  explicit operator bool() const { return static_cast<bool>(handle_); }
  /// Releases now; the memory is free again when `last_use` is reached.
  void reset(Ticket last_use = {});
  void swap(PoolReference& other) noexcept {
    std::swap(pool_, other.pool_);
    std::swap(handle_, other.handle_);
  }

 private:
  std::shared_ptr<MemoryPool> pool_;
  PoolHandle handle_;
};

}  // namespace forge3d
