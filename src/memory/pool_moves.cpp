// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Moves: from a plan to copies on the device, and what becomes of the old places.

#include <algorithm>
#include <bit>

#include "gpu/vulkan.hpp"
#include "memory/pool_state.hpp"

namespace forge3d {
namespace {

constexpr std::uint64_t kStepBytes = 32 * kMebibyte;  // of defragment()
constexpr std::uint64_t kMaxTurns = 4;  // the used bytes may move so many times without a gain
constexpr std::uint64_t kStepNs = 10'000'000'000;    // until a step is given up
constexpr std::size_t kMaxInFlight = 12;             // submissions of upkeep
constexpr std::uint64_t kVisitsPerMicrosecond = 10;  // planning, with room to spare
constexpr std::uint64_t kMovesPerMicrosecond = 1;    // a new VkBuffer and a copy each

double milliseconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
      .count();
}

}  // namespace

/// A plan until it is submitted: undone by the destructor unless it was.
struct MemoryPool::State::PendingMoves {
  struct Replacement {
    std::uint32_t slot;
    VkBuffer buffer;
    VkImage image;
  };

  PendingMoves(State& s, const Ranges& r, MovePlan p) : state(s), ranges(r), plan(std::move(p)) {}
  ~PendingMoves() {
    if (submitted) return;
    if (queued) {  // nobody can tell whether the device got the copies
      (void)state.device->wait_idle();
      state.in_flight.pop_back();
    }
    const VolkDeviceTable& vk = state.device->vk();
    for (const Replacement& r : replacements) {
      if (r.buffer != VK_NULL_HANDLE) vk.vkDestroyBuffer(state.device->handle(), r.buffer, nullptr);
      if (r.image != VK_NULL_HANDLE) vk.vkDestroyImage(state.device->handle(), r.image, nullptr);
    }
    for (const PlannedMove& m : plan.moves) ranges.placements[m.to.range]->range().free(m.to.node);
    for (const Placement::Node hole : plan.holes)
      ranges.placements[plan.window_range]->range().free(hole);
    state.mover.give_up();
  }
  PendingMoves(const PendingMoves&) = delete;
  PendingMoves& operator=(const PendingMoves&) = delete;

  [[nodiscard]] PoolBlock& block(std::uint32_t range) const {
    return state.blocks[ranges.blocks[range]];
  }

  State& state;
  const Ranges& ranges;
  MovePlan plan;
  std::vector<Replacement> replacements;  // in the order of for_each_block
  bool queued = false;                    // in_flight has a place for them
  bool submitted = false;
};

MemoryPool::State::Ranges MemoryPool::State::ranges_of_type(std::uint32_t memory_type) {
  Ranges ranges;
  for (std::uint32_t i = 0; i < shard_count; ++i)
    for (const std::uint32_t index : shards[i].blocks) {
      PoolBlock& block = blocks[index];
      if (block.memory_type != memory_type || block.dedicated || block.cannot_copy) continue;
      ranges.blocks.push_back(index);
      ranges.placements.push_back(&block.places);
    }
  return ranges;
}

// Walls: what is pinned, in use by the device, on its way out or just arriving; images that nobody
// recreates.
MoveRule MemoryPool::State::move_rule(const Ranges& ranges, const std::array<Serial, 2>& done) {
  return [this, &ranges, done](PlacedNode at) {
    const Placement& places = *ranges.placements[at.range];
    const bool slab = places.holds_slab(at.node);
    std::uint64_t alignment = slab ? places.slab_alignment(at.node) : Placement::kGranuleBytes;
    places.for_each_block(at.node, [&](std::uint32_t owner, const Placement::Allocation&) {
      if (alignment == 0) return;
      if (owner == Placement::kReserved) {
        alignment = 0;
        return;
      }
      const PoolSlot& slot = slots[owner];
      const std::array<Serial, 2>& last_use = slots.extra(owner).last_use;
      const bool idle = slot.pins == 0 && slot.is_live() && last_use[0] <= done[0] &&
                        last_use[1] <= done[1] && slot.ready <= done[0];
      const bool can_move =
          slot.image == VK_NULL_HANDLE || (desc.recreate_image && !slot.stays && !slab);
      alignment = idle && can_move ? std::max(alignment, slot.alignment_bytes()) : 0;
    });
    return alignment;
  };
}

// Makes the buffer or image at the new place; false when an image has to stay.
Result<bool> MemoryPool::State::replace(PendingMoves& pending, const PlannedMove& move,
                                        std::uint32_t index, std::uint64_t offset_in_node,
                                        VkCommandBuffer commands) {
  PoolSlot& slot = slots[index];
  PendingMoves::Replacement made{index, VK_NULL_HANDLE, VK_NULL_HANDLE};
  const VkDeviceMemory memory = pending.block(move.to.range).memory.handle();
  const std::uint64_t offset_bytes = move.to_bytes + offset_in_node;
  if (slot.image != VK_NULL_HANDLE) {
    const auto image = desc.recreate_image(
        commands, {{index, slot.generation()}, slot.image, memory, offset_bytes});
    if (!image) {
      slot.stays = true;
      return false;
    }
    made.image = *image;
  }
  if (slot.buffer != VK_NULL_HANDLE) {
    VkBufferCreateInfo info{VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO};
    const PoolSlotExtra& extra = slots.extra(index);
    info.size = extra.buffer_bytes;
    info.usage = extra.usage;
    const VolkDeviceTable& vk = device->vk();
    FORGE3D_VK_TRY(*device, vk.vkCreateBuffer(device->handle(), &info, nullptr, &made.buffer));
    pending.replacements.push_back(made);  // room was reserved
    VkMemoryRequirements needs{};
    vk.vkGetBufferMemoryRequirements(device->handle(), made.buffer, &needs);
    FORGE3D_VK_TRY(*device,
                   vk.vkBindBufferMemory(device->handle(), made.buffer, memory, offset_bytes));
    if (slot.named)
      device->set_debug_name(VK_OBJECT_TYPE_BUFFER, reinterpret_cast<std::uint64_t>(made.buffer),
                             extra.name);
    return true;
  }
  pending.replacements.push_back(made);
  return true;
}

// Records all copies; false when the plan has to be made anew.
Result<bool> MemoryPool::State::record(PendingMoves& pending, VkCommandBuffer commands) {
  for (const PlannedMove& move : pending.plan.moves) {
    const Placement& places = pending.block(move.from.range).places;
    std::size_t count = 0;
    bool is_image = false;
    std::vector<std::pair<std::uint32_t, std::uint64_t>> parts;
    places.for_each_block(move.from.node, [&](std::uint32_t owner, const auto& at) {
      parts.emplace_back(owner, at.offset_bytes - move.from_bytes);
      is_image = is_image || slots[owner].image != VK_NULL_HANDLE;
      ++count;
    });
    pending.replacements.reserve(pending.replacements.size() + count);
    for (const auto& [owner, offset] : parts) {
      FORGE3D_TRY_ASSIGN(const bool made, replace(pending, move, owner, offset, commands));
      if (!made) return false;
    }
    if (is_image) continue;  // its owner recorded the copy
    const auto copied = mover.copy(pending.block(move.from.range), move.from_bytes,
                                   pending.block(move.to.range), move.to_bytes, move.size_bytes);
    if (copied) continue;
    if (copied.error().code == ErrorCode::kNotSupported) return false;
    return tl::unexpected(copied.error());
  }
  return true;
}

// After this the blocks are at their new places; the old ones are kept until the serial is reached.
// Nothing when the plan has to be made anew.
Result<std::optional<Serial>> MemoryPool::State::submit_moves(const Ranges& ranges, MovePlan plan,
                                                              bool keep_window) {
  PendingMoves pending(*this, ranges, std::move(plan));
  if (pending.plan.moves.empty()) {  // the window is a hole that was only hard to find
    in_flight.push_front({std::move(pending.plan), ranges.blocks, {}, {}, {}, keep_window});
    pending.submitted = true;
    return Serial{};
  }
  FORGE3D_TRY_ASSIGN(const VkCommandBuffer commands, mover.begin());
  FORGE3D_TRY_ASSIGN(const bool recorded, record(pending, commands));
  if (!recorded) return std::nullopt;
  // All that may fail for lack of memory comes before the submission.
  MovesInFlight batch;
  batch.ranges = ranges.blocks;
  batch.keep_window = keep_window;
  batch.old_buffers.reserve(pending.replacements.size());
  batch.old_images.reserve(pending.replacements.size());
  std::vector<std::size_t> slabs(ranges.blocks.size());
  for (const PlannedMove& m : pending.plan.moves)
    if (ranges.placements[m.from.range]->holds_slab(m.from.node)) ++slabs[m.to.range];
  for (std::size_t i = 0; i < slabs.size(); ++i)
    if (slabs[i] > 0) ranges.placements[i]->reserve_slab_records(slabs[i]);
  {
    std::lock_guard lock(moved_mutex);
    moved_handles.reserve(moved_handles.size() + pending.replacements.size());
  }
  in_flight.emplace_back();
  pending.queued = true;
  Serial after;
  for (const auto& r : pending.replacements)
    after = std::max(after, slots.extra(r.slot).last_use[1]);
  FORGE3D_TRY_ASSIGN(const Serial serial, mover.submit(after));
  pending.submitted = true;
  batch.serial = serial;
  switch_over(pending, batch);
  batch.plan = std::move(pending.plan);
  in_flight.back() = std::move(batch);
  return serial;
}

void MemoryPool::State::switch_over(PendingMoves& pending, MovesInFlight& batch) {
  std::size_t next = 0;
  std::lock_guard lock(moved_mutex);
  for (const PlannedMove& move : pending.plan.moves) {
    Placement& from = *pending.ranges.placements[move.from.range];
    Placement& to = *pending.ranges.placements[move.to.range];
    const std::uint32_t to_block = pending.ranges.blocks[move.to.range];
    from.relocate(move.from.node, to, move.to.node,
                  [&](std::uint32_t owner, const Placement::Allocation& at) {
                    const PendingMoves::Replacement& made = pending.replacements[next++];
                    PoolSlot& slot = slots[owner];
                    move_accounts(slot, to_block);
                    slot.set_place({to_block, at.id, at.offset_bytes, at.size_bytes});
                    if (made.buffer != VK_NULL_HANDLE)
                      batch.old_buffers.push_back(std::exchange(slot.buffer, made.buffer));
                    if (made.image != VK_NULL_HANDLE)
                      batch.old_images.push_back(std::exchange(slot.image, made.image));
                    slot.ready = batch.serial;
                    slot.plain = false;
                    const PoolHandle handle{owner, slot.generation()};
                    if (events.enabled())
                      events.add(PoolEvents::Kind::kMove, handle, slot.place(),
                                 slot.alignment_bytes());
                    if (!std::exchange(slot.reported, true)) moved_handles.push_back(handle);
                    ++moves;
                  });
  }
  moved_bytes += pending.plan.moved_bytes;
}

// The block that a slot moves to may belong to another shard.
void MemoryPool::State::move_accounts(const PoolSlot& slot, std::uint32_t to_block) {
  PoolShard& from = shards[blocks.shard_of(slot.place().block)];
  PoolShard& to = shards[blocks.shard_of(to_block)];
  if (&from == &to) return;
  from.used_bytes -= slot.size_bytes;
  to.used_bytes += slot.size_bytes;
  to.peak_used_bytes = std::max(to.peak_used_bytes, to.used_bytes);
}

std::optional<PlacedNode> MemoryPool::State::finish_moves(Serial done) {
  std::optional<PlacedNode> window;
  const VolkDeviceTable& vk = device->vk();
  while (!in_flight.empty() && in_flight.front().serial <= done) {
    const MovesInFlight& batch = in_flight.front();
    const MovePlan& plan = batch.plan;
    std::vector<Placement*> placements(batch.ranges.size());
    for (const PlannedMove& move : plan.moves)
      placements[move.from.range] = &blocks[batch.ranges[move.from.range]].places;
    if (plan.size_bytes > 0)
      placements[plan.window_range] = &blocks[batch.ranges[plan.window_range]].places;
    const Placement::Node node = finish(plan, placements);
    if (plan.size_bytes > 0 && batch.keep_window)
      window = PlacedNode{batch.ranges[plan.window_range], node};
    else if (plan.size_bytes > 0)
      placements[plan.window_range]->range().free(node);
    for (const VkBuffer buffer : batch.old_buffers)
      vk.vkDestroyBuffer(device->handle(), buffer, nullptr);
    for (const VkImage image : batch.old_images)
      vk.vkDestroyImage(device->handle(), image, nullptr);
    in_flight.pop_front();
  }
  return window;
}

void MemoryPool::State::give_up_windows() {
  for (MovesInFlight& batch : in_flight) batch.keep_window = false;
}

// The list is only emptied when all of it can be told.
std::vector<PoolAllocation> MemoryPool::State::take_moved() {
  std::vector<PoolHandle> handles;
  std::vector<PoolAllocation> allocations;
  {
    std::lock_guard lock(moved_mutex);
    allocations.reserve(moved_handles.size());
    handles.swap(moved_handles);
  }
  for (const PoolHandle handle : handles) {
    ShardLock lock;
    PoolSlot* slot = lock_slot(handle, lock);
    if (slot == nullptr) continue;  // released since
    slot->reported = false;
    allocations.push_back(describe(handle, *slot));
  }
  return allocations;
}

// Of the free bytes, those that can be had neither as the largest hole nor as empty blocks, which
// can be given back whole.
double MemoryPool::State::fragmentation() const {
  std::uint64_t free_bytes = 0, empty_bytes = 0, largest_bytes = 0;
  for (std::uint32_t i = 0; i < shard_count; ++i)
    for (const std::uint32_t index : shards[i].blocks) {
      const Placement& places = blocks[index].places;
      free_bytes += places.free_bytes();
      if (places.range().allocation_count() == 0)
        empty_bytes += places.free_bytes();
      else
        largest_bytes = std::max(largest_bytes, places.largest_free_bytes());
    }
  const std::uint64_t whole_bytes = largest_bytes + empty_bytes;
  return free_bytes == 0 ? 0
                         : 1 - static_cast<double>(whole_bytes) / static_cast<double>(free_bytes);
}

// Starts the next moves of one memory type; nothing when there are none.
Result<std::optional<Serial>> MemoryPool::State::start_moves(const MoveLimits& limits,
                                                             MovePlan (MovePlanner::*next)()) {
  FORGE3D_TRY_ASSIGN(const auto done, completed());
  for (std::uint32_t type = 0; type < device->info().memory.memoryTypeCount; ++type) {
    const Ranges ranges = ranges_of_type(type);
    if (ranges.blocks.empty()) continue;
    for (;;) {
      MovePlanner planner(ranges.placements, move_rule(ranges, done), limits);
      MovePlan plan = (planner.*next)();
      if (plan.moves.empty()) break;
      FORGE3D_TRY_ASSIGN(const auto serial, submit_moves(ranges, std::move(plan), false));
      if (serial) return serial;
    }
  }
  return std::nullopt;
}

std::uint64_t MemoryPool::State::used_bytes() const {
  std::uint64_t sum = 0;
  for (const PoolShard& shard : shards) sum += shard.used_bytes;
  return sum;
}

std::uint64_t MemoryPool::State::changes() const {
  std::uint64_t sum = 0;
  for (std::uint32_t i = 0; i < shard_count; ++i)
    sum += shards[i].total_allocated + shards[i].total_freed;
  return sum;
}

// Starts moves until the slice is used up, fragmentation is half of the target, or nothing is left
// to move: what found nothing finds nothing until something changes.
Result<> MemoryPool::State::tidy(const PoolUpkeep& slice, Clock::time_point end) {
  std::uint64_t rest = slice.max_moved_bytes;
  while (rest > 0 && in_flight.size() < kMaxInFlight && settled_at != changes()) {
    tidying = fragmentation() > slice.target_fragmentation * (tidying ? 0.5 : 1);
    if (!tidying || Clock::now() >= end) break;
    const std::uint64_t bytes_before = moved_bytes;
    const MoveLimits limits{.visited_nodes = static_cast<std::uint32_t>(std::min<std::uint64_t>(
                                slice.max_us * kVisitsPerMicrosecond, 1u << 20)),
                            .moved_bytes = rest,
                            .moves = static_cast<std::size_t>(slice.max_us * kMovesPerMicrosecond)};
    FORGE3D_TRY_ASSIGN(const auto serial, start_moves(limits, &MovePlanner::tidy));
    const std::uint64_t bytes = moved_bytes - bytes_before;
    rest -= std::min(rest, bytes);
    worked_bytes = worked_at == changes() ? worked_bytes + bytes : bytes;
    worked_at = changes();
    if ((!serial && in_flight.empty()) || worked_bytes > kMaxTurns * used_bytes())
      settled_at = changes();
    if (!serial) break;
  }
  return {};
}

Result<PoolMoves> MemoryPool::State::upkeep(const PoolUpkeep& slice) {
  const Clock::time_point start = Clock::now();
  std::lock_guard slow(slow_mutex);
  const AllLocked all(*this);
  FORGE3D_TRY(collect_all());
  PoolMoves report;
  report.fragmentation_before = fragmentation();
  const std::uint64_t moves_before = moves, bytes_before = moved_bytes;
  const BudgetLimits limits = device->budget().stats().limits;
  const std::uint64_t held_before = blocks.held_bytes();
  if (device->budget().remaining_bytes(desc.memory != MemoryUse::kDevice) < limits.total_bytes / 8)
    drop_empty_blocks(1);
  if (blocks.held_bytes() < held_before) report.blocks_released = 1;
  FORGE3D_TRY(tidy(slice, start + std::chrono::microseconds(slice.max_us)));
  report.blocks_moved = moves - moves_before;
  report.bytes_compacted = moved_bytes - bytes_before;
  report.fragmentation_after = fragmentation();
  report.time_ms = milliseconds_since(start);
  if (report.blocks_moved > 0) observe(PoolActivity::kUpkeep, start, report.bytes_compacted);
  return report;
}

// Compaction ends with blocks that have one hole each; from there tidying fills the fuller ones.
// Waits with all locks open. Errors: kTimeout, kDeviceLost.
Result<PoolMoves> MemoryPool::State::defragment(
    const std::function<bool(const PoolMoves&)>& go_on) {
  const Clock::time_point start = Clock::now();
  PoolMoves report;
  const std::uint64_t moves_before = moves, bytes_before = moved_bytes;
  constexpr MoveLimits kStep{.moved_bytes = kStepBytes};
  MovePlan (MovePlanner::*next)() = &MovePlanner::compact;
  for (bool first = true;; first = false) {
    if (go_on && !go_on(report)) {
      report.cancelled = true;
      break;
    }
    std::optional<Serial> serial;
    {
      std::lock_guard slow(slow_mutex);
      const AllLocked all(*this);
      FORGE3D_TRY(collect_all());
      if (first) report.fragmentation_before = fragmentation();
      if (moved_bytes - bytes_before > kMaxTurns * used_bytes()) break;
      FORGE3D_TRY_ASSIGN(serial, start_moves(kStep, next));
      if (!serial && in_flight.empty() && next == &MovePlanner::compact) {
        next = &MovePlanner::tidy;
        FORGE3D_TRY_ASSIGN(serial, start_moves(kStep, next));
      }
      if (!serial && !in_flight.empty()) serial = in_flight.back().serial;
    }
    if (!serial) break;
    FORGE3D_TRY(device->queue(QueueKind::kGraphics).wait(*serial, kStepNs));
    report.blocks_moved = moves - moves_before;
    report.bytes_compacted = moved_bytes - bytes_before;
    report.time_ms = milliseconds_since(start);
  }
  std::lock_guard slow(slow_mutex);
  const AllLocked all(*this);
  FORGE3D_TRY(collect_all());
  if (!report.cancelled) {
    const std::uint64_t count = block_count();
    drop_empty_blocks(~std::uint64_t{0});
    report.blocks_released = count - block_count();
  }
  report.fragmentation_after = fragmentation();
  report.time_ms = milliseconds_since(start);
  observe(PoolActivity::kDefragment, start, report.bytes_compacted);
  return report;
}

}  // namespace forge3d
