// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// What a pool tells about itself: counters, a dump for GpuMemDumpVis, events.

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "memory/pool_state.hpp"

namespace forge3d {

std::string_view to_string(PoolActivity activity) {
  switch (activity) {
    case PoolActivity::kRequest:
      return "request";
    case PoolActivity::kGrow:
      return "grow";
    case PoolActivity::kShrink:
      return "shrink";
    case PoolActivity::kUpkeep:
      return "upkeep";
    case PoolActivity::kDefragment:
      return "defragment";
  }
  return "unknown";
}

namespace {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\')
      out += {'\\', c};
    else if (static_cast<unsigned char>(c) < 0x20)
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
    else
      out += c;
  }
  return out;
}

// Statistics as VMA writes them.
struct DumpStats {
  std::uint64_t blocks = 0, block_bytes = 0, allocations = 0, allocation_bytes = 0;
  std::uint64_t allocation_min = ~std::uint64_t{0}, allocation_max = 0;
  std::uint64_t holes = 0, hole_min = ~std::uint64_t{0}, hole_max = 0;

  void add(std::uint64_t size_bytes, bool used) {
    if (used) {
      ++allocations;
      allocation_bytes += size_bytes;
      allocation_min = std::min(allocation_min, size_bytes);
      allocation_max = std::max(allocation_max, size_bytes);
    } else {
      ++holes;
      hole_min = std::min(hole_min, size_bytes);
      hole_max = std::max(hole_max, size_bytes);
    }
  }
  void add(const DumpStats& o) {
    blocks += o.blocks;
    block_bytes += o.block_bytes;
    allocations += o.allocations;
    allocation_bytes += o.allocation_bytes;
    allocation_min = std::min(allocation_min, o.allocation_min);
    allocation_max = std::max(allocation_max, o.allocation_max);
    holes += o.holes;
    hole_min = std::min(hole_min, o.hole_min);
    hole_max = std::max(hole_max, o.hole_max);
  }
  [[nodiscard]] std::string json() const {
    std::string text = fmt::format(
        R"({{"BlockCount": {}, "BlockBytes": {}, "AllocationCount": {}, "AllocationBytes": {}, )"
        R"("UnusedRangeCount": {})",
        blocks, block_bytes, allocations, allocation_bytes, holes);
    if (allocations > 1)
      fmt::format_to(std::back_inserter(text),
                     R"(, "AllocationSizeMin": {}, "AllocationSizeMax": {})", allocation_min,
                     allocation_max);
    if (holes > 1)
      fmt::format_to(std::back_inserter(text),
                     R"(, "UnusedRangeSizeMin": {}, "UnusedRangeSizeMax": {})", hole_min, hole_max);
    return text + "}";
  }
};

/// A block as "Blocks" lists it, and what it adds to the sums.
struct DumpBlock {
  std::string json, parts;
  DumpStats stats;
};

class BlockWriter {
 public:
  explicit BlockWriter(const PoolSlots& slots) : slots_(slots) {}

  DumpBlock write(const PoolBlock& block) {
    out_ = {};
    out_.stats.blocks = 1;
    out_.stats.block_bytes = block.places.range_bytes();
    std::string parts;
    block.places.for_each_place(
        [&](std::uint64_t offset, std::uint64_t size, bool used, std::uint32_t owner) {
          out_.stats.add(size, used);
          if (!parts.empty()) parts += ", ";
          parts += part(offset, size, used, owner);
        });
    out_.json = fmt::format(
        R"({{"TotalBytes": {}, "UnusedBytes": {}, "Allocations": {}, "UnusedRanges": {}, )"
        R"("Suballocations": [{}]}})",
        out_.stats.block_bytes, block.places.free_bytes(), out_.stats.allocations, out_.stats.holes,
        parts);
    out_.parts = std::move(parts);
    return std::move(out_);
  }

 private:
  // Offsets and sizes are numbers; of what is free, retiring or reserved only the extent is told.
  std::string part(std::uint64_t offset, std::uint64_t size, bool used, std::uint32_t owner) const {
    if (!used) return fmt::format(R"({{"Offset": {}, "Type": "FREE", "Size": {}}})", offset, size);
    if (owner == Placement::kReserved)
      return fmt::format(R"({{"Offset": {}, "Type": "UNKNOWN", "Size": {}, "Usage": 0}})", offset,
                         size);
    const PoolSlot& slot = slots_[owner];
    const PoolSlotExtra& extra = slots_.extra(owner);
    const char* type = slot.buffer != VK_NULL_HANDLE  ? "BUFFER"
                       : slot.image == VK_NULL_HANDLE ? "UNKNOWN"
                       : slot.linear                  ? "IMAGE_LINEAR"
                                                      : "IMAGE_OPTIMAL";
    std::string text =
        fmt::format(R"({{"Offset": {}, "Type": "{}", "Size": {}, "Usage": {})", offset, type, size,
                    slot.buffer != VK_NULL_HANDLE ? extra.usage : extra.image_usage);
    if (slot.named)
      fmt::format_to(std::back_inserter(text), R"(, "Name": "{}")", escaped(extra.name));
    return text + "}";
  }

  const PoolSlots& slots_;
  DumpBlock out_;
};

}  // namespace

void MemoryPool::State::add_blocks(PoolStats& stats) const {
  std::uint64_t unusable_bytes = 0;
  for (std::uint32_t i = 0; i < shard_count; ++i)
    for (const std::uint32_t index : shards[i].blocks) {
      const Placement& places = blocks[index].places;
      stats.blocks.push_back({places.range_bytes(), places.used_bytes(),
                              places.largest_free_bytes(), places.allocation_count()});
      places.for_each([&](std::uint64_t, std::uint64_t size, bool used) {
        if (!used && size < stats.last_refused_bytes) unusable_bytes += size;
      });
    }
  if (stats.free_bytes > 0)
    stats.unusable_share =
        static_cast<double>(unusable_bytes) / static_cast<double>(stats.free_bytes);
}

void MemoryPool::State::look_at_holes(PoolShard& shard) const {
  shard.free_bytes = shard.largest_free_bytes = 0;
  for (const std::uint32_t index : shard.blocks) {
    const Placement& places = blocks[index].places;
    shard.free_bytes += places.free_bytes();
    shard.largest_free_bytes = std::max(shard.largest_free_bytes, places.largest_free_bytes());
  }
}

void MemoryPool::State::observe(PoolActivity activity, Clock::time_point begin,
                                std::uint64_t bytes) const {
  if (!desc.observer) return;
  const auto ns = [](Clock::time_point time) {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count());
  };
  desc.observer({activity, ns(begin), ns(Clock::now()), bytes});
}

PoolStats MemoryPool::State::stats(bool detailed) const {
  PoolStats stats;
  stats.last_refused_bytes = last_refused_bytes;
  std::array<ShardLock, kMaxShards> locks;
  const std::uint32_t in_use = shards_in_use.load();
  for (std::uint32_t i = 0; i < in_use; ++i) {
    locks[i] = ShardLock(shards[i].mutex);
    PoolShard& shard = shards[i];
    if (std::exchange(shard.changed, false)) look_at_holes(shard);
    stats.used_bytes += shard.used_bytes;
    stats.peak_used_bytes += shard.peak_used_bytes;
    stats.retiring_bytes += shard.retiring_bytes;
    stats.total_allocated += shard.total_allocated;
    stats.total_freed += shard.total_freed;
    stats.block_count += shard.blocks.size();
    stats.free_bytes += shard.free_bytes;
    stats.largest_free_block_bytes =
        std::max(stats.largest_free_block_bytes, shard.largest_free_bytes);
  }
  stats.active_allocations = stats.total_allocated - stats.total_freed;
  stats.block_bytes = blocks.held_bytes();
  stats.device_allocations = blocks.device_allocations();
  stats.refusals = refusals.load(std::memory_order_relaxed);
  stats.moves = moves.load(std::memory_order_relaxed);
  stats.moved_bytes = moved_bytes.load(std::memory_order_relaxed);
  stats.requests_moved_for = requests_moved_for.load(std::memory_order_relaxed);
  if (stats.free_bytes > 0)
    stats.fragmentation_ratio = 1 - static_cast<double>(stats.largest_free_block_bytes) /
                                        static_cast<double>(stats.free_bytes);
  if (!detailed) return stats;
  {
    const std::lock_guard lock(latency_mutex);
    stats.allocations_timed = latency.count();
    stats.allocation_p50_ns = latency.quantile_ns(0.5);
    stats.allocation_p99_ns = latency.quantile_ns(0.99);
  }
  slots.for_each([&](PoolHandle, const PoolSlot& slot) {
    ++stats.size_histogram[size_class(slot.size_bytes)];
  });
  try {
    add_blocks(stats);
  } catch (const std::bad_alloc&) {
    stats.blocks.clear();
  }
  return stats;
}

std::string MemoryPool::State::dump_json() {
  std::lock_guard slow(slow_mutex);
  const AllLocked all(*this);
  BlockWriter writer(slots);
  DumpStats total;
  std::string dedicated, listed;
  for (std::uint32_t i = 0; i < shard_count; ++i)
    for (const std::uint32_t index : shards[i].blocks) {
      const DumpBlock block = writer.write(blocks[index]);
      total.add(block.stats);
      if (blocks[index].dedicated) {
        if (!dedicated.empty()) dedicated += ", ";
        dedicated += block.parts;
        continue;
      }
      if (!listed.empty()) listed += ", ";
      fmt::format_to(std::back_inserter(listed), R"("{}": {})", index, block.json);
    }
  const DeviceInfo& info = device->info();
  return fmt::format(R"({{"General": {{"API": "Vulkan", "apiVersion": "{}.{}.{}", "GPU": "{}"}}, )"
                     R"("Total": {}, "MemoryInfo": {{}}, "DefaultPools": {{}}, )"
                     R"("CustomPools": {{"{}": [{{"Name": "{}", "PreferredBlockSize": {}, )"
                     R"("Blocks": {{{}}}, "DedicatedAllocations": [{}]}}]}}}})",
                     VK_API_VERSION_MAJOR(info.api_version), VK_API_VERSION_MINOR(info.api_version),
                     VK_API_VERSION_PATCH(info.api_version), escaped(info.name), total.json(),
                     desc.memory == MemoryUse::kDevice ? "device" : "mapped",
                     escaped(desc.debug_name), blocks.block_bytes(), listed, dedicated);
}

}  // namespace forge3d
