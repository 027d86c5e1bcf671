// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// What is behind a MemoryPool: shards, the slow path of a request, and moves.

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/always_inline.hpp"
#include "core/transfer_meter.hpp"
#include "forge3d/move_planner.hpp"
#include "memory/guard_host_memory.hpp"
#include "memory/pool_blocks.hpp"
#include "memory/pool_events.hpp"
#include "memory/pool_mover.hpp"
#include "memory/pool_slots.hpp"
#include "memory/shard_mutex.hpp"

namespace forge3d {

/// What was released and waits for its serials.
struct RetiredResource {
  std::array<Serial, 2> after{};  // of each QueueKind
  PoolPlace place;
  VkBuffer buffer = VK_NULL_HANDLE;
  VkImage image = VK_NULL_HANDLE;
};

/// A part of the pool that one thread at a time works in: blocks, spare slots and accounts. Threads
/// that meet move on to other shards. Processors fetch lines in pairs, so it takes whole pairs.
struct alignas(256) PoolShard {
  ShardMutex mutex;  // guards all below, and the blocks and slots that belong here
  std::vector<std::uint32_t> blocks;
  PoolBlock* recent = nullptr;                          // of `blocks`, the last one with room
  std::uint32_t spare_slot = PoolSlots::kNone;          // the first of a chain
  std::array<std::vector<RetiredResource>, 2> retired;  // a heap by serial for each QueueKind
  std::uint64_t used_bytes = 0, peak_used_bytes = 0, retiring_bytes = 0;
  std::uint64_t total_allocated = 0, total_freed = 0;  // here; moves may carry one elsewhere
  // What its blocks have free, looked at again only after somebody else had the lock.
  bool changed = true;
  std::uint64_t free_bytes = 0, largest_free_bytes = 0;
};

using ShardLock = std::unique_lock<ShardMutex>;

/// A resource on its way into the pool. The buffer or image exists already.
struct NewResource {
  const VkMemoryRequirements* needs = nullptr;
  bool linear = true;
  bool dedicated = false;
  VkBuffer buffer = VK_NULL_HANDLE;
  VkImage image = VK_NULL_HANDLE;
  std::uint64_t buffer_bytes = 0;
  VkBufferUsageFlags usage = 0;
  VkImageUsageFlags image_usage = 0;
  std::string_view name;
  [[nodiscard]] bool is_bound() const {
    return buffer != VK_NULL_HANDLE || image != VK_NULL_HANDLE;
  }
};

/// A plan on its way through the device. Its sources stay reserved until `serial`.
struct MovesInFlight {
  MovePlan plan;
  std::vector<std::uint32_t> ranges;  // the block of each range of the plan
  Serial serial;
  std::vector<VkBuffer> old_buffers;
  std::vector<VkImage> old_images;
  bool keep_window = false;  // a request waits for it
};

struct MemoryPool::State {
  State(std::shared_ptr<Device> d, const MemoryPoolDesc& pool_desc);
  ~State();

  using Clock = std::chrono::steady_clock;
  static constexpr std::uint32_t kMaxShards = 16;

  std::shared_ptr<Device> device;
  MemoryPoolDesc desc;
  PoolBlocks blocks;
  PoolSlots slots;
  PoolEvents events;
  mutable std::array<PoolShard, kMaxShards> shards;
  std::uint32_t shard_count = 1;
  std::atomic<std::uint32_t> shards_in_use{0};  // those above were never locked to allocate
  std::atomic<std::uint64_t> refusals{0}, last_refused_bytes{0};
  std::atomic<std::uint64_t> moves{0}, moved_bytes{0}, requests_moved_for{0};
  // The last attempt to grow failed: others' blocks are looked at before the next one.
  std::atomic<bool> short_of_blocks{false};
  std::atomic<std::uint64_t> known_type{0};  // memory type bits << 32 | 1 << 31 | the type chosen
  std::array<std::array<std::uint64_t, VK_MAX_MEMORY_TYPES>, 2> unit_bytes{};  // [linear][type]
  mutable std::mutex latency_mutex;
  LatencyHistogram latency;  // of some requests; guarded by latency_mutex

  // One thread at a time is on the slow path; it locks all shards when it looks at more than one.
  std::mutex slow_mutex;
  PoolMover mover;                                // guarded by slow_mutex, as is all below
  std::deque<MovesInFlight> in_flight;            // rising serials
  std::uint64_t settled_at = ~std::uint64_t{0};   // changes() when upkeep found nothing to move
  std::uint64_t worked_at = 0, worked_bytes = 0;  // what upkeep has moved since changes()
  bool tidying = false;                           // upkeep is on its way below the target
  std::mutex moved_mutex;
  std::vector<PoolHandle> moved_handles;  // guarded by moved_mutex

  /// All shards locked, in order.
  class AllLocked {
   public:
    explicit AllLocked(State& state) : state_(state) { lock(); }
    ~AllLocked() {
      if (locked_) unlock();
    }
    AllLocked(const AllLocked&) = delete;
    AllLocked& operator=(const AllLocked&) = delete;
    void lock();
    void unlock();

   private:
    State& state_;
    bool locked_ = false;
  };

  // Requests: pool_state.cpp.
  [[nodiscard]] bool make_request(const VkMemoryRequirements& needs, bool linear,
                                  PoolRequest& request);
  [[nodiscard]] bool make_request(const NewResource& resource, PoolRequest& request);
  [[nodiscard]] Error invalid_request(const VkMemoryRequirements& needs) const;
  [[nodiscard]] bool choose_memory_type(std::uint32_t type_bits, std::uint32_t& type);
  [[nodiscard]] bool ask_for_memory_type(std::uint32_t type_bits, std::uint32_t& type);
  /// Raw memory without a name.
  [[nodiscard]] Result<PoolAllocation> allocate(const VkMemoryRequirements& needs, bool linear);
  /// Whatever has a name, or is a buffer or image.
  [[nodiscard]] Result<PoolAllocation> emplace(const NewResource& resource);
  [[nodiscard]] Result<PoolAllocation> emplace_here(const NewResource& resource);
  template <class Request>
  [[nodiscard]] Result<PoolAllocation> timed(std::uint64_t size_bytes, Request&& request);
  [[nodiscard]] Result<PoolAllocation> emplace_slowly(const NewResource& resource);
  [[nodiscard]] std::uint32_t lock_another(std::uint32_t index);
  /// A shard that is locked for the caller.
  [[nodiscard]] PoolShard& lock_home();
  void note_in_use(std::uint32_t shard);
  [[nodiscard]] bool find_in(PoolShard& shard, const PoolRequest& request, PoolPlace& place);
  [[nodiscard]] bool find_beyond(PoolShard& shard, const PoolRequest& request, PoolPlace& place);
  [[nodiscard]] std::optional<PoolPlace> find(PoolShard& shard, const PoolRequest& request);
  [[nodiscard]] PoolHandle begin(PoolShard& shard, std::uint32_t index, const PoolPlace& place,
                                 std::uint64_t alignment_bytes, bool linear);
  [[nodiscard]] Result<PoolAllocation> settle(PoolShard& shard, const PoolPlace& place,
                                              const PoolRequest& request,
                                              const NewResource& resource);
  [[nodiscard]] Result<> bind(const PoolPlace& place, const NewResource& resource) const;
  void own(std::uint32_t index, const NewResource& resource) const;
  /// Of plain memory, which is all there is without a buffer or image.
  [[nodiscard]] static PoolAllocation describe_memory(PoolHandle handle, const PoolPlace& place,
                                                      const DeviceMemory& memory);
  [[nodiscard]] PoolAllocation describe(PoolHandle handle, const PoolSlot& slot) const;
  [[nodiscard]] Result<> make_spare_room(PoolShard& shard);
  /// Locks the shard of a live handle's slot; nullptr for a stale one, with nothing locked.
  [[nodiscard]] PoolSlot* lock_slot(PoolHandle handle, ShardLock& lock) const;
  /// The shard that a slot belongs to, locked for the caller.
  [[nodiscard]] PoolShard& lock_shard_of(const PoolSlot& slot) const;
  [[nodiscard]] PoolShard& lock_shard_again(const PoolSlot& slot, PoolShard& wrong) const;
  [[nodiscard]] tl::unexpected<Error> stale(PoolHandle handle) const;
  [[nodiscard]] static std::size_t size_class(std::uint64_t size_bytes) {
    return std::min<std::size_t>(static_cast<std::size_t>(std::bit_width(size_bytes)) - 1, 39);
  }
  [[nodiscard]] std::uint64_t block_count() const;  // REQUIRES: all shards locked

  [[nodiscard]] Result<PoolAllocation> pin(PoolHandle handle);
  [[nodiscard]] Result<> unpin(PoolHandle handle, Ticket last_use);

  // Released memory: pool_retire.cpp.
  [[nodiscard]] Result<> retain(PoolHandle handle);
  [[nodiscard]] Result<> release(PoolHandle handle, Ticket last_use);
  // REQUIRE: the shard is locked.
  [[nodiscard]] Result<> release_slowly(PoolShard& shard, PoolHandle handle, PoolSlot& slot,
                                        Ticket last_use);
  void end(PoolShard& shard, std::uint32_t index, PoolSlot& slot);
  void retire_resource(PoolShard& shard, std::uint32_t index);
  void give_back(PoolShard& shard, const PoolPlace& place, VkBuffer buffer, VkImage image);
  void give_back(PoolShard& shard, const RetiredResource& resource) {
    give_back(shard, resource.place, resource.buffer, resource.image);
  }
  void wait_in_line(PoolShard& shard, const RetiredResource& resource);
  [[nodiscard]] Result<std::array<Serial, 2>> completed() const;
  [[nodiscard]] Result<> collect(PoolShard& shard);
  [[nodiscard]] Result<> collect_all();  // REQUIRES: slow_mutex, all shards locked
  void wait_for_retired();
  void report_leaks();
  std::uint64_t drop_empty_blocks(std::uint64_t up_to_bytes);  // REQUIRES: all shards locked

  // The slow path of a request: pool_pressure.cpp.
  /// PoolBlocks::grow, told to the observer.
  [[nodiscard]] Result<std::uint32_t> grow_blocks(const PoolRequest& request, std::uint32_t shard);
  [[nodiscard]] Result<std::optional<PoolPlace>> grow(PoolShard& shard, std::uint32_t index,
                                                      const PoolRequest& request);
  [[nodiscard]] Result<std::optional<PoolAllocation>> emplace_elsewhere(
      std::uint32_t home, const PoolRequest& request, const NewResource& resource);
  [[nodiscard]] std::optional<PoolPlace> place_in(std::uint32_t index, const PoolRequest& request);
  [[nodiscard]] bool take_empty_block(PoolShard& shard, std::uint32_t index,
                                      const PoolRequest& request);
  [[nodiscard]] Result<PoolAllocation> press(const PoolRequest& request,
                                             const NewResource& resource);
  // From here on all REQUIRE slow_mutex and all shards locked.
  [[nodiscard]] std::optional<PoolPlace> find_anywhere(const PoolRequest& request);
  [[nodiscard]] Result<PoolPlace> drop_and_grow(const PoolRequest& request);
  [[nodiscard]] Result<std::optional<PoolPlace>> move_to_fit(AllLocked& all,
                                                             const PoolRequest& request,
                                                             Clock::time_point deadline);
  [[nodiscard]] Result<bool> wait_for_release(AllLocked& all, Clock::time_point deadline);
  [[nodiscard]] Error refusal(const PoolRequest& request, Error cause);

  // Moves: pool_moves.cpp.
  struct Ranges {
    std::vector<std::uint32_t> blocks;
    std::vector<Placement*> placements;
  };
  struct PendingMoves;
  struct WindowGuard;
  [[nodiscard]] Ranges ranges_of_type(std::uint32_t memory_type);
  [[nodiscard]] MoveRule move_rule(const Ranges& ranges, const std::array<Serial, 2>& done);
  [[nodiscard]] Result<bool> replace(PendingMoves& pending, const PlannedMove& move,
                                     std::uint32_t index, std::uint64_t offset_in_node,
                                     VkCommandBuffer commands);
  [[nodiscard]] Result<bool> record(PendingMoves& pending, VkCommandBuffer commands);
  [[nodiscard]] Result<std::optional<Serial>> submit_moves(const Ranges& ranges, MovePlan plan,
                                                           bool keep_window);
  void switch_over(PendingMoves& pending, MovesInFlight& batch);
  void move_accounts(const PoolSlot& slot, std::uint32_t to_block);
  /// Frees what batches up to `done` kept; the window that a request waits for, if it is there.
  std::optional<PlacedNode> finish_moves(Serial done);
  void give_up_windows();
  [[nodiscard]] std::uint64_t used_bytes() const;
  [[nodiscard]] double fragmentation() const;
  [[nodiscard]] Result<std::optional<Serial>> start_moves(const MoveLimits& limits,
                                                          MovePlan (MovePlanner::*next)());
  [[nodiscard]] Result<> tidy(const PoolUpkeep& slice, Clock::time_point end);
  [[nodiscard]] std::uint64_t changes() const;
  // These lock by themselves.
  [[nodiscard]] std::vector<PoolAllocation> take_moved();
  [[nodiscard]] Result<PoolMoves> upkeep(const PoolUpkeep& slice);
  [[nodiscard]] Result<PoolMoves> defragment(const std::function<bool(const PoolMoves&)>& go_on);

  /// Tells the observer, if there is one, of what began then and ends now.
  void observe(PoolActivity activity, Clock::time_point begin, std::uint64_t bytes) const;

  // Reports: pool_report.cpp. They lock by themselves, but for add_blocks.
  [[nodiscard]] PoolStats stats(bool detailed) const;
  void add_blocks(PoolStats& stats) const;
  void look_at_holes(PoolShard& shard) const;  // REQUIRES: the shard is locked
  [[nodiscard]] std::string dump_json();
};

// A slot may change shards until its lock is held.
FORGE3D_ALWAYS_INLINE PoolShard& MemoryPool::State::lock_shard_of(const PoolSlot& slot) const {
  const std::uint32_t index = blocks.shard_of(slot.block.load(std::memory_order_acquire));
  PoolShard& shard = shards[index];
  shard.mutex.lock();
  shard.changed = true;
  if (blocks.shard_of(slot.block.load(std::memory_order_acquire)) == index) [[likely]]
    return shard;
  return lock_shard_again(slot, shard);
}

}  // namespace forge3d
