// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// What a request does that finds no room: grow, drop empty blocks, move others, wait, refuse.

#include <fmt/format.h>

#include <algorithm>

#include "gpu/vulkan.hpp"
#include "memory/pool_state.hpp"

namespace forge3d {
namespace {

// Windows prepared for blocks in the way of one request.
constexpr int kPreparations = 4;

bool is_out_of_memory(ErrorCode code) {
  return code == ErrorCode::kBudgetExceeded || code == ErrorCode::kOutOfDeviceMemory;
}

std::uint64_t nanoseconds_until(std::chrono::steady_clock::time_point deadline) {
  const auto left = deadline - std::chrono::steady_clock::now();
  return left.count() > 0 ? static_cast<std::uint64_t>(
                                std::chrono::duration_cast<std::chrono::nanoseconds>(left).count())
                          : 0;
}

}  // namespace

Result<std::uint32_t> MemoryPool::State::grow_blocks(const PoolRequest& request,
                                                     std::uint32_t shard) {
  const Clock::time_point begin = Clock::now();
  auto grown = blocks.grow(request, shard);
  if (grown) observe(PoolActivity::kGrow, begin, blocks[*grown].memory.size_bytes());
  return grown;
}

// Within one shard: what has retired, an empty block of another shard, a new block. Nothing when
// that is not enough.
Result<std::optional<PoolPlace>> MemoryPool::State::grow(PoolShard& shard, std::uint32_t index,
                                                         const PoolRequest& request) {
  FORGE3D_TRY(collect(shard));
  if (auto place = find(shard, request)) return place;
  shard.blocks.reserve(shard.blocks.size() + 1);
  if (take_empty_block(shard, index, request))
    if (auto place = find(shard, request)) return place;
  if (short_of_blocks.load(std::memory_order_relaxed)) return std::nullopt;
  const auto grown = grow_blocks(request, index);
  if (!grown) {
    if (!is_out_of_memory(grown.error().code)) return tl::unexpected(grown.error());
    short_of_blocks = true;
    return std::nullopt;
  }
  shard.blocks.push_back(*grown);
  return place_in(*grown, request);
}

std::optional<PoolPlace> MemoryPool::State::place_in(std::uint32_t index,
                                                     const PoolRequest& request) {
  const auto got = blocks[index].places.allocate(request.size_bytes, request.alignment_bytes);
  if (!got) return std::nullopt;
  return PoolPlace{index, got->id, got->offset_bytes, got->size_bytes};
}

// In the blocks of the other shards, one after the other; a nullopt says that none has room.
Result<std::optional<PoolAllocation>> MemoryPool::State::emplace_elsewhere(
    std::uint32_t home, const PoolRequest& request, const NewResource& resource) {
  const std::uint32_t in_use = shards_in_use.load();
  for (std::uint32_t step = 1; step < in_use; ++step) {
    PoolShard& shard = shards[(home + step) % in_use];
    const std::unique_lock lock(shard.mutex);
    shard.changed = true;
    FORGE3D_TRY(collect(shard));
    if (const auto place = find(shard, request)) return settle(shard, *place, request, resource);
  }
  return std::nullopt;
}

// Tries others' locks only, as one is held already.
bool MemoryPool::State::take_empty_block(PoolShard& shard, std::uint32_t index,
                                         const PoolRequest& request) {
  if (request.is_dedicated()) return false;
  const std::uint32_t in_use = shards_in_use.load();
  for (std::uint32_t other = 0; other < in_use; ++other) {
    if (other == index) continue;
    const std::unique_lock lock(shards[other].mutex, std::try_to_lock);
    if (!lock.owns_lock()) continue;
    std::vector<std::uint32_t>& list = shards[other].blocks;
    const auto found = std::find_if(list.begin(), list.end(), [&](std::uint32_t i) {
      const PoolBlock& block = blocks[i];
      return block.places.range().allocation_count() == 0 &&
             block.memory_type == request.memory_type &&
             block.places.range_bytes() >= request.size_bytes;
    });
    if (found == list.end()) continue;
    const std::uint32_t taken = *found;
    list.erase(found);
    shards[other].recent = nullptr;
    shards[other].changed = true;
    blocks.set_shard(taken, index);
    shard.blocks.push_back(taken);
    return true;
  }
  return false;
}

std::optional<PoolPlace> MemoryPool::State::find_anywhere(const PoolRequest& request) {
  for (std::uint32_t i = 0; i < shard_count; ++i)
    if (auto place = find(shards[i], request)) return place;
  return std::nullopt;
}

// One rung of the ladder after the other, until the request fits or the time is up.
Result<PoolAllocation> MemoryPool::State::press(const PoolRequest& request,
                                                const NewResource& resource) {
  const Clock::time_point deadline = Clock::now() + std::chrono::nanoseconds(desc.wait_ns);
  std::lock_guard slow(slow_mutex);
  AllLocked all(*this);
  const auto settle_at = [&](const PoolPlace& place) {
    return settle(shards[blocks.shard_of(place.block)], place, request, resource);
  };
  for (;;) {
    FORGE3D_TRY(collect_all());
    if (const auto place = find_anywhere(request)) return settle_at(*place);
    auto grown = drop_and_grow(request);
    if (grown) return settle_at(*grown);
    if (!is_out_of_memory(grown.error().code)) return tl::unexpected(std::move(grown).error());
    FORGE3D_TRY_ASSIGN(const auto moved, move_to_fit(all, request, deadline));
    if (moved) return settle_at(*moved);
    FORGE3D_TRY_ASSIGN(const bool released, wait_for_release(all, deadline));
    if (!released) return tl::unexpected(refusal(request, std::move(grown).error()));
  }
}

Result<PoolPlace> MemoryPool::State::drop_and_grow(const PoolRequest& request) {
  shards[0].blocks.reserve(shards[0].blocks.size() + 1);
  auto grown = grow_blocks(request, 0);
  if (!grown && is_out_of_memory(grown.error().code) && drop_empty_blocks(~std::uint64_t{0}) > 0)
    grown = grow_blocks(request, 0);
  if (!grown) return tl::unexpected(std::move(grown).error());
  short_of_blocks = false;
  shards[0].blocks.push_back(*grown);
  if (shards_in_use.load() == 0) shards_in_use = 1;
  return *place_in(*grown, request);
}

/// However the request ends, no window stays reserved for it in vain.
struct MemoryPool::State::WindowGuard {
  ~WindowGuard() { state.give_up_windows(); }
  State& state;
};

// Makes a hole. The locks are open while the device copies; the window stays reserved meanwhile.
Result<std::optional<PoolPlace>> MemoryPool::State::move_to_fit(AllLocked& all,
                                                                const PoolRequest& request,
                                                                Clock::time_point deadline) {
  if (request.is_dedicated() || nanoseconds_until(deadline) == 0) return std::nullopt;
  for (int round = 0; round <= kPreparations; ++round) {
    const Ranges ranges = ranges_of_type(request.memory_type);
    std::uint64_t free_bytes = 0;
    for (const Placement* places : ranges.placements) free_bytes += places->free_bytes();
    if (free_bytes < request.size_bytes) return std::nullopt;
    FORGE3D_TRY_ASSIGN(const auto done, completed());
    MovePlanner planner(ranges.placements, move_rule(ranges, done));
    auto plan = planner.fit(request.size_bytes, request.alignment_bytes);
    const bool fits = plan.has_value();
    if (!fits && round < kPreparations)
      plan = planner.prepare(request.size_bytes, request.alignment_bytes);
    if (!plan) return std::nullopt;
    const WindowGuard guard{*this};
    FORGE3D_TRY_ASSIGN(const auto serial, submit_moves(ranges, std::move(*plan), fits));
    if (!serial) continue;
    all.unlock();
    const auto arrived =
        device->queue(QueueKind::kGraphics).wait(*serial, nanoseconds_until(deadline));
    all.lock();
    const auto window = finish_moves(arrived ? *serial : Serial{});
    if (!arrived) {
      if (arrived.error().code == ErrorCode::kTimeout) return std::nullopt;
      return tl::unexpected(arrived.error());
    }
    if (!fits) continue;
    ++requests_moved_for;
    const Placement::Allocation got = blocks[window->range].places.adopt(window->node);
    return PoolPlace{window->range, got.id, got.offset_bytes, got.size_bytes};
  }
  return std::nullopt;
}

// Waits for the serial that is reached next; false when there is none or the time is up.
Result<bool> MemoryPool::State::wait_for_release(AllLocked& all, Clock::time_point deadline) {
  std::optional<Ticket> next;
  for (std::uint32_t i = 0; i < shard_count; ++i)
    for (std::size_t queue = 0; queue < 2; ++queue)
      if (const auto& heap = shards[i].retired[queue]; !heap.empty()) {
        const Ticket ticket{static_cast<QueueKind>(queue), heap.front().after[queue]};
        if (!next || ticket.serial < next->serial) next = ticket;
      }
  if (!in_flight.empty()) next = Ticket{QueueKind::kGraphics, in_flight.front().serial};
  const std::uint64_t left_ns = nanoseconds_until(deadline);
  if (!next || left_ns == 0) return false;
  all.unlock();
  const auto waited = device->wait(*next, left_ns);
  all.lock();
  if (waited) return true;
  if (waited.error().code == ErrorCode::kDeviceLost) return tl::unexpected(waited.error());
  return false;
}

Error MemoryPool::State::refusal(const PoolRequest& request, Error cause) {
  ++refusals;
  last_refused_bytes = request.size_bytes;
  if (events.enabled())
    events.add(PoolEvents::Kind::kRefuse, {}, {0, 0, 0, request.size_bytes},
               request.alignment_bytes);
  std::uint64_t free_bytes = 0, largest_bytes = 0, retiring_bytes = 0, pinned_bytes = 0;
  for (std::uint32_t i = 0; i < shard_count; ++i) {
    retiring_bytes += shards[i].retiring_bytes;
    for (const std::uint32_t index : shards[i].blocks) {
      free_bytes += blocks[index].places.free_bytes();
      largest_bytes = std::max(largest_bytes, blocks[index].places.largest_free_bytes());
    }
  }
  slots.for_each([&](PoolHandle, const PoolSlot& slot) {
    pinned_bytes += slot.pins > 0 ? slot.size_bytes : 0;
  });
  std::string help;
  if (free_bytes >= request.size_bytes && pinned_bytes > 0)
    help = fmt::format("; {} bytes are pinned: unpinned, they could be moved to make a hole",
                       pinned_bytes);
  else if (retiring_bytes > 0)
    help = fmt::format("; {} bytes are released and wait for their tickets", retiring_bytes);
  return fail_from(std::move(cause),
                   fmt::format(
                       "{}: {} bytes were asked; its blocks have {} free, the largest hole is {}; "
                       "the ledger has {} left{}",
                       desc.debug_name, request.size_bytes, free_bytes, largest_bytes,
                       device->budget().remaining_bytes(desc.memory != MemoryUse::kDevice), help))
      .value();
}

}  // namespace forge3d
