// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

#include "figures.hpp"

#include <algorithm>
#include <string>

namespace forge3d::python {
namespace {

double share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

bool is_texture(MemoryCategory category) {
  return category == MemoryCategory::kTexture || category == MemoryCategory::kAtlas ||
         category == MemoryCategory::kRenderTarget;
}

}  // namespace

nb::dict budget_dict(const BudgetStats& stats) {
  nb::dict result, by_category, peaks;
  std::uint64_t texture_bytes = 0;
  for (std::size_t i = 0; i < kMemoryCategoryCount; ++i) {
    const auto category = static_cast<MemoryCategory>(i);
    const std::string name(to_string(category));
    by_category[name.c_str()] = stats.by_category_bytes[i];
    peaks[name.c_str()] = stats.peak_by_category_bytes[i];
    if (is_texture(category)) texture_bytes += stats.by_category_bytes[i];
  }
  const std::uint64_t total = std::max(stats.total_bytes, texture_bytes);
  result["host_visible_bytes"] = stats.host_visible_bytes;
  result["total_bytes"] = stats.total_bytes;
  result["buffer_bytes"] = total - texture_bytes;
  result["texture_bytes"] = texture_bytes;
  result["limit_bytes"] = stats.limits.host_visible_bytes;
  result["total_limit_bytes"] = stats.limits.total_bytes;
  result["within_budget"] = stats.host_visible_bytes <= stats.limits.host_visible_bytes &&
                            stats.total_bytes <= stats.limits.total_bytes;
  result["utilization_ratio"] =
      std::max(share(stats.host_visible_bytes, stats.limits.host_visible_bytes),
               share(stats.total_bytes, stats.limits.total_bytes));
  result["peak_host_visible_bytes"] = stats.peak_host_visible_bytes;
  result["peak_total_bytes"] = stats.peak_total_bytes;
  result["allocations"] = stats.allocations;
  result["refusals"] = stats.refusals;
  result["by_category"] = by_category;
  result["peak_by_category"] = peaks;
  return result;
}

nb::dict staging_dict(const StagingStats& stats) {
  nb::dict result, by_path;
  for (std::size_t i = 0; i < kStagingPathCount; ++i)
    by_path[std::string(to_string(static_cast<StagingPath>(i))).c_str()] = stats.bytes_by_path[i];
  nb::list rings;
  for (std::uint32_t i = 0; i < stats.ring_count; ++i) {
    nb::dict ring;
    ring["index"] = i;
    ring["size"] = stats.segment_bytes;
    ring["is_current"] = i == stats.current_ring_index;
    rings.append(ring);
  }
  result["bytes_in_flight"] = stats.bytes_in_flight;
  result["peak_bytes_in_flight"] = stats.peak_bytes_in_flight;
  result["current_ring_index"] = stats.current_ring_index;
  result["buffer_stalls"] = stats.buffer_stalls;
  result["stall_ms"] = static_cast<double>(stats.stall_ns) / 1e6;
  result["ring_count"] = stats.ring_count;
  result["buffer_size"] = stats.segment_bytes;
  result["active_transfers"] = stats.active_transfers;
  result["rings"] = rings;
  result["uploads"] = stats.uploads;
  result["readbacks"] = stats.readbacks;
  result["bytes_uploaded"] = stats.bytes_uploaded;
  result["bytes_read_back"] = stats.bytes_read_back;
  result["submits"] = stats.submits;
  result["copies"] = stats.copies;
  result["dropped_copies"] = stats.dropped_copies;
  result["bytes_by_path"] = by_path;
  result["upload_bandwidth_mbps"] = stats.upload_bandwidth_mbps;
  result["latency_p50_ms"] = static_cast<double>(stats.latency_p50_ns) / 1e6;
  result["latency_p99_ms"] = static_cast<double>(stats.latency_p99_ns) / 1e6;
  return result;
}

nb::dict pool_dict(const HeldPool* pool, const PoolStats& stats) {
  nb::dict result;
  nb::list pools;
  for (std::size_t i = 0; i < stats.blocks.size(); ++i) {
    nb::dict block;
    block["pool_id"] = i;
    block["size"] = stats.blocks[i].size_bytes;
    block["used"] = stats.blocks[i].used_bytes;
    block["largest_free_block"] = stats.blocks[i].largest_free_bytes;
    block["active_blocks"] = stats.blocks[i].allocations;
    pools.append(block);
  }
  const std::uint64_t granted = pool == nullptr ? 0 : pool->granted_bytes();
  result["total_allocated"] = granted;
  result["total_freed"] = granted - std::min(granted, stats.used_bytes);
  result["used_bytes"] = stats.used_bytes;
  result["peak_used_bytes"] = stats.peak_used_bytes;
  result["fragmentation_ratio"] = stats.fragmentation_ratio;
  result["active_blocks"] = stats.active_allocations;
  result["pool_count"] = stats.block_count;
  result["largest_free_block"] = stats.largest_free_block_bytes;
  result["pools"] = pools;
  result["held_bytes"] = stats.block_bytes;
  result["free_bytes"] = stats.free_bytes;
  result["retiring_bytes"] = stats.retiring_bytes;
  result["allocations"] = stats.total_allocated;
  result["frees"] = stats.total_freed;
  result["device_allocations"] = stats.device_allocations;
  result["refusals"] = stats.refusals;
  result["moves"] = stats.moves;
  result["moved_bytes"] = stats.moved_bytes;
  result["allocation_p50_us"] = static_cast<double>(stats.allocation_p50_ns) / 1e3;
  result["allocation_p99_us"] = static_cast<double>(stats.allocation_p99_ns) / 1e3;
  return result;
}

}  // namespace forge3d::python
