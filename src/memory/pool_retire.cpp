// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Memory on its way out of a pool: released, retiring, given back, leaked.

#include <fmt/format.h>

#include <algorithm>

#include "gpu/vulkan.hpp"
#include "memory/pool_state.hpp"

namespace forge3d {
namespace {

constexpr std::uint64_t kShutdownNs = 10'000'000'000;
constexpr std::size_t kReportedLeaks = 16;
constexpr std::array kQueues{QueueKind::kGraphics, QueueKind::kTransfer};

// The heap's top has the lowest serial of its queue.
auto later(std::size_t queue) {
  return [queue](const RetiredResource& a, const RetiredResource& b) {
    return a.after[queue] > b.after[queue];
  };
}

bool has_retired(const RetiredResource& resource, const std::array<Serial, 2>& done) {
  return resource.after[0] <= done[0] && resource.after[1] <= done[1];
}

void push(PoolShard& shard, std::size_t queue, const RetiredResource& resource) {
  auto& heap = shard.retired[queue];
  heap.push_back(resource);
  std::push_heap(heap.begin(), heap.end(), later(queue));
}

}  // namespace

Result<> MemoryPool::State::retain(PoolHandle handle) {
  ShardLock lock;
  PoolSlot* slot = lock_slot(handle, lock);
  if (slot == nullptr) return stale(handle);
  if (PoolSlots::retain(*slot) == std::numeric_limits<std::uint32_t>::max())
    return fail(ErrorCode::kInvalidArgument,
                desc.debug_name + ": a handle with 2^32 - 1 references");
  return {};
}

// The allocation is over: the slot is spare again, unless its generations are used up.
FORGE3D_ALWAYS_INLINE void MemoryPool::State::end(PoolShard& shard, std::uint32_t index,
                                                  PoolSlot& slot) {
  ++shard.total_freed;
  shard.used_bytes -= slot.size_bytes;
  if (slots.close(slot)) slot.id = std::exchange(shard.spare_slot, index);
}

// As with requests, the usual case is one short function: the last reference to plain memory.
FORGE3D_ALWAYS_INLINE Result<> MemoryPool::State::release(PoolHandle handle, Ticket last_use) {
  PoolSlot* slot = slots.at(handle);
  if (slot == nullptr) return stale(handle);
  PoolShard& shard = lock_shard_of(*slot);
  const std::lock_guard lock(shard.mutex, std::adopt_lock);
  if (slot->state.load(std::memory_order_relaxed) != PoolSlots::only_reference(handle) ||
      !slot->plain || last_use.serial.value != 0 || events.enabled())
    return release_slowly(shard, handle, *slot, last_use);
  blocks[slot->block.load(std::memory_order_relaxed)].places.free(slot->id);
  end(shard, handle.index, *slot);
  Result<> done;  // not {}, which would clear the room of an error
  return done;
}

Result<> MemoryPool::release(PoolHandle handle, Ticket last_use) {
  return guard_host_memory([&] { return state_->release(handle, last_use); });
}

FORGE3D_NEVER_INLINE Result<> MemoryPool::State::release_slowly(PoolShard& shard, PoolHandle handle,
                                                                PoolSlot& slot, Ticket last_use) {
  if (!PoolSlots::names(handle, slot)) return stale(handle);
  slots.note_use(handle.index, last_use);
  if (PoolSlots::release(slot) == PoolSlots::Release::kShared) return {};
  if (events.enabled())
    events.add(PoolEvents::Kind::kFree, handle, slot.place(), slot.alignment_bytes());
  retire_resource(shard, handle.index);
  slots.clean(handle.index);
  end(shard, handle.index, slot);
  return {};
}

// Destroyed and given back at once, or when its serials have passed.
void MemoryPool::State::retire_resource(PoolShard& shard, std::uint32_t index) {
  const PoolSlot& slot = slots[index];
  const std::array<Serial, 2>& last_use = slots.extra(index).last_use;
  RetiredResource resource{{slot.ready, Serial{}}, slot.place(), slot.buffer, slot.image};
  if (slot.used) resource.after = {std::max(last_use[0], slot.ready), last_use[1]};
  if ((resource.after[0].value | resource.after[1].value) == 0)
    give_back(shard, resource);
  else
    wait_in_line(shard, resource);
}

void MemoryPool::State::wait_in_line(PoolShard& shard, const RetiredResource& resource) {
  const std::size_t queue = resource.after[0].value > 0 ? 0 : 1;
  try {
    push(shard, queue, resource);
  } catch (const std::bad_alloc&) {  // no memory for a note: waits here instead
    for (const QueueKind kind : kQueues)
      (void)device->wait({kind, resource.after[static_cast<std::size_t>(kind)]}, kShutdownNs);
    return give_back(shard, resource);
  }
  blocks[resource.place.block].places.reserve_block(resource.place.id);
  shard.retiring_bytes += resource.place.size_bytes;
}

// Nothing uses the resource any more.
void MemoryPool::State::give_back(PoolShard& shard, const PoolPlace& place, VkBuffer buffer,
                                  VkImage image) {
  if (buffer != VK_NULL_HANDLE) device->vk().vkDestroyBuffer(device->handle(), buffer, nullptr);
  if (image != VK_NULL_HANDLE) device->vk().vkDestroyImage(device->handle(), image, nullptr);
  PoolBlock& block = blocks[place.block];
  block.places.free(place.id);
  if (!block.dedicated) return;
  std::erase(shard.blocks, place.block);
  shard.recent = nullptr;
  blocks.drop(place.block);
}

Result<std::array<Serial, 2>> MemoryPool::State::completed() const {
  std::array<Serial, 2> done;
  FORGE3D_TRY_ASSIGN(done[0], device->queue(QueueKind::kGraphics).completed());
  FORGE3D_TRY_ASSIGN(done[1], device->queue(QueueKind::kTransfer).completed());
  return done;
}

// On a lost device nothing is in use any more, so all of it is freed before the error is passed on.
Result<> MemoryPool::State::collect(PoolShard& shard) {
  if (shard.retired[0].empty() && shard.retired[1].empty()) return {};
  const auto now = completed();
  constexpr Serial kEnd{~std::uint64_t{0}};
  const std::array<Serial, 2> done = now ? *now : std::array<Serial, 2>{kEnd, kEnd};
  for (std::size_t queue = 0; queue < 2; ++queue) {
    auto& heap = shard.retired[queue];
    while (!heap.empty() && heap.front().after[queue] <= done[queue]) {
      std::pop_heap(heap.begin(), heap.end(), later(queue));
      const RetiredResource resource = heap.back();
      heap.pop_back();
      if (!has_retired(resource, done)) {
        push(shard, 1 - queue, resource);  // the other queue still has it
        continue;
      }
      shard.retiring_bytes -= resource.place.size_bytes;
      give_back(shard, resource);
    }
  }
  if (!now) return tl::unexpected(now.error());
  return {};
}

Result<> MemoryPool::State::collect_all() {
  Result<> result;
  const auto now = completed();
  finish_moves(now ? (*now)[0] : Serial{~std::uint64_t{0}});
  if (!now) result = tl::unexpected(now.error());
  for (std::uint32_t i = 0; i < shard_count; ++i)
    if (auto collected = collect(shards[i]); !collected) result = std::move(collected);
  return result;
}

std::uint64_t MemoryPool::State::drop_empty_blocks(std::uint64_t up_to_bytes) {
  const Clock::time_point begin = Clock::now();
  std::uint64_t dropped_bytes = 0;
  for (std::uint32_t i = 0; i < shard_count; ++i) {
    std::vector<std::uint32_t>& list = shards[i].blocks;
    for (std::size_t k = list.size(); k-- > 0 && dropped_bytes < up_to_bytes;) {
      if (blocks[list[k]].places.range().allocation_count() > 0) continue;
      dropped_bytes += blocks.drop(list[k]);
      list.erase(list.begin() + static_cast<std::ptrdiff_t>(k));
    }
    shards[i].recent = nullptr;
  }
  if (dropped_bytes > 0) observe(PoolActivity::kShrink, begin, dropped_bytes);
  return dropped_bytes;
}

void MemoryPool::State::wait_for_retired() {
  std::array<Serial, 2> last{};
  for (std::uint32_t i = 0; i < shard_count; ++i)
    for (const auto& heap : shards[i].retired)
      for (const RetiredResource& r : heap)
        for (std::size_t queue = 0; queue < 2; ++queue)
          last[queue] = std::max(last[queue], r.after[queue]);
  if (!in_flight.empty()) last[0] = std::max(last[0], in_flight.back().serial);
  std::uint64_t live = 0;
  for (const PoolShard& shard : shards) live += shard.total_allocated - shard.total_freed;
  const bool leaks = live > 0;
  for (const QueueKind kind : kQueues) {
    const Queue& queue = device->queue(kind);
    // Nobody said when leaked ones are done.
    const Serial serial = leaks ? queue.last_submitted() : last[static_cast<std::size_t>(kind)];
    if (auto waited = queue.wait(std::min(serial, queue.last_submitted()), kShutdownNs); !waited)
      device->log(LogLevel::kError, fmt::format("{}: freeing memory although {}", desc.debug_name,
                                                waited.error().message));
  }
}

void MemoryPool::State::report_leaks() {
  std::string names;
  std::size_t count = 0;
  slots.for_each([&](PoolHandle handle, const PoolSlot& slot) {
    if (++count > kReportedLeaks) return;
    names += fmt::format("{}{} ({} bytes)", count > 1 ? ", " : "",
                         slot.named ? slots.extra(handle.index).name : "unnamed", slot.size_bytes);
  });
  if (count == 0) return;
  device->log(LogLevel::kWarning,
              fmt::format("{}: {} allocations were never released: {}{}", desc.debug_name, count,
                          names, count > kReportedLeaks ? ", ..." : ""));
}

MemoryPool::State::~State() {
  std::lock_guard slow(slow_mutex);
  const AllLocked all(*this);
  report_leaks();
  wait_for_retired();
  finish_moves({~std::uint64_t{0}});
  mover.give_up();
  for (std::uint32_t i = 0; i < shard_count; ++i)
    for (const auto& heap : shards[i].retired)
      for (const RetiredResource& r : heap) give_back(shards[i], r);
  slots.for_each([&](PoolHandle, const PoolSlot& slot) {
    give_back(shards[blocks.shard_of(slot.place().block)],
              {{}, slot.place(), slot.buffer, slot.image});
  });
}

}  // namespace forge3d
