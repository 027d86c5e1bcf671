// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "system/system_json.hpp"

#include <nlohmann/json.hpp>

namespace forge3d::system {
namespace {

using Json = nlohmann::ordered_json;

std::string format_name(Format format) {
  const FormatInfo* info = format_info(format);
  return info != nullptr ? std::string(info->name) : std::string();
}

Json by_category(const std::array<std::uint64_t, kMemoryCategoryCount>& bytes) {
  Json json = Json::object();
  for (std::size_t i = 0; i < bytes.size(); ++i)
    json[std::string(to_string(static_cast<MemoryCategory>(i)))] = bytes[i];
  return json;
}

Json limits_json(const BudgetLimits& limits) {
  return {{"total_bytes", limits.total_bytes}, {"host_visible_bytes", limits.host_visible_bytes}};
}

Json budget_json(const BudgetStats& budget) {
  return {{"limits", limits_json(budget.limits)},
          {"total_bytes", budget.total_bytes},
          {"host_visible_bytes", budget.host_visible_bytes},
          {"peak_total_bytes", budget.peak_total_bytes},
          {"peak_host_visible_bytes", budget.peak_host_visible_bytes},
          {"allocations", budget.allocations},
          {"refusals", budget.refusals},
          {"by_category_bytes", by_category(budget.by_category_bytes)},
          {"peak_by_category_bytes", by_category(budget.peak_by_category_bytes)}};
}

Json staging_json(const StagingStats& staging) {
  Json paths = Json::object();
  for (std::size_t i = 0; i < kStagingPathCount; ++i)
    paths[std::string(to_string(static_cast<StagingPath>(i)))] = staging.bytes_by_path[i];
  return {{"ring_count", staging.ring_count},
          {"segment_bytes", staging.segment_bytes},
          {"current_ring_index", staging.current_ring_index},
          {"bytes_in_flight", staging.bytes_in_flight},
          {"peak_bytes_in_flight", staging.peak_bytes_in_flight},
          {"active_transfers", staging.active_transfers},
          {"buffer_stalls", staging.buffer_stalls},
          {"stall_ns", staging.stall_ns},
          {"uploads", staging.uploads},
          {"readbacks", staging.readbacks},
          {"bytes_uploaded", staging.bytes_uploaded},
          {"bytes_read_back", staging.bytes_read_back},
          {"submits", staging.submits},
          {"bytes_by_path", paths},
          {"latency_ns",
           {{"p50", staging.latency_p50_ns},
            {"p90", staging.latency_p90_ns},
            {"p99", staging.latency_p99_ns}}}};
}

Json pools_json(const PoolStats& pool) {
  Json blocks = Json::array();
  for (const PoolStats::Block& block : pool.blocks)
    blocks.push_back({{"size_bytes", block.size_bytes},
                      {"used_bytes", block.used_bytes},
                      {"largest_free_bytes", block.largest_free_bytes},
                      {"allocations", block.allocations}});
  return {{"block_count", pool.block_count},
          {"block_bytes", pool.block_bytes},
          {"used_bytes", pool.used_bytes},
          {"free_bytes", pool.free_bytes},
          {"largest_free_block_bytes", pool.largest_free_block_bytes},
          {"retiring_bytes", pool.retiring_bytes},
          {"active_allocations", pool.active_allocations},
          {"total_allocated", pool.total_allocated},
          {"total_freed", pool.total_freed},
          {"device_allocations", pool.device_allocations},
          {"refusals", pool.refusals},
          {"moves", pool.moves},
          {"moved_bytes", pool.moved_bytes},
          {"fragmentation_ratio", pool.fragmentation_ratio},
          {"blocks", blocks}};
}

Json figure_json(const MeasuredFigure& figure) {
  return {{"samples", figure.samples},
          {"mean", figure.mean},
          {"p50", figure.p50},
          {"p99", figure.p99},
          {"max", figure.max}};
}

Json performance_json(const PerformanceMetrics& metrics) {
  return {{"window_s", metrics.window_s},
          {"upload_bandwidth_mbps", metrics.upload_bandwidth_mbps},
          {"bytes_uploaded", metrics.bytes_uploaded},
          {"upload_latency_ms", figure_json(metrics.upload_latency_ms)},
          {"allocation_latency_us", figure_json(metrics.allocation_latency_us)},
          {"decode_time_ms", figure_json(metrics.decode_time_ms)},
          {"streaming_update_ms", figure_json(metrics.streaming_update_ms)}};
}

Json texture_json(const SystemTextureInfo& texture) {
  return {{"name", texture.name},
          {"index", texture.id.index},
          {"generation", texture.id.generation},
          {"file_format", format_name(texture.file_format)},
          {"basis_model", std::string(to_string(texture.basis_model))},
          {"format", format_name(texture.format)},
          {"reason", texture.reason},
          {"width", texture.width},
          {"height", texture.height},
          {"levels", texture.levels},
          {"depth", texture.depth},
          {"layers", texture.layers},
          {"stored_bytes", texture.stored_bytes},
          {"device_bytes", texture.device_bytes},
          {"uncompressed_bytes", texture.uncompressed_bytes},
          {"saved_bytes", texture.saved_bytes},
          {"compression_ratio", texture.compression_ratio},
          {"decode_ms", texture.decode_ms},
          {"psnr_db", texture.psnr_db ? Json(*texture.psnr_db) : Json()}};
}

Json streaming_json(const StreamingSnapshot& system) {
  const VirtualTextureStats& stats = system.stats;
  return {{"name", system.name},
          {"format", system.format},
          {"page_texels", system.page_texels},
          {"frames", stats.frames},
          {"cache_hits", stats.cache_hits},
          {"cache_misses", stats.cache_misses},
          {"tiles_requested", stats.tiles_requested},
          {"tiles_loaded", stats.tiles_loaded},
          {"tiles_evicted", stats.tiles_evicted},
          {"tiles_failed", stats.tiles_failed},
          {"bytes_uploaded", stats.bytes_uploaded},
          {"slots_total", stats.slots_total},
          {"slots_used", stats.slots_used},
          {"slots_pinned", stats.slots_pinned},
          {"atlas_bytes", stats.atlas_bytes},
          {"page_table_bytes", stats.page_table_bytes},
          {"update_ms", {{"p50", stats.update_ms_p50}, {"p99", stats.update_ms_p99}}},
          {"request_to_visible_frames",
           {{"p50", stats.request_to_visible_p50}, {"p99", stats.request_to_visible_p99}}},
          {"errors", stats.errors}};
}

Json history_json(const SystemSnapshot& snapshot) {
  Json samples = Json::array();
  for (const LedgerSample& sample : snapshot.history)
    samples.push_back(
        {{"time_s",
          (static_cast<double>(sample.time_ns) - static_cast<double>(snapshot.origin_ns)) * 1e-9},
         {"total_bytes", sample.total_bytes},
         {"host_visible_bytes", sample.host_visible_bytes},
         {"limits", limits_json(sample.limits)},
         {"by_category_bytes", by_category(sample.by_category_bytes)}});
  return samples;
}

}  // namespace

std::string system_json(const SystemSnapshot& snapshot) {
  Json json = {{"name", snapshot.name},
               {"device",
                {{"name", snapshot.device.name},
                 {"driver", snapshot.device.driver},
                 {"kind", std::string(to_string(snapshot.device.kind))}}},
               {"budget", budget_json(snapshot.stats.budget)},
               {"performance", performance_json(snapshot.performance)}};
  const SystemStats& stats = snapshot.stats;
  json["staging"] = stats.has_staging ? staging_json(stats.staging) : Json();
  json["pools"] = stats.has_pools ? pools_json(snapshot.pool_detail) : Json();
  json["compressed"] = {{"textures", stats.compressed.textures},
                        {"device_bytes", stats.compressed.device_bytes},
                        {"uncompressed_bytes", stats.compressed.uncompressed_bytes},
                        {"saved_bytes", stats.compressed.saved_bytes},
                        {"loads", stats.compressed.loads}};
  json["virtual"] = {{"systems", stats.virtual_textures.systems},
                     {"cache_hit_rate", stats.virtual_textures.cache_hit_rate},
                     {"tiles_loaded", stats.virtual_textures.tiles_loaded},
                     {"tiles_evicted", stats.virtual_textures.tiles_evicted},
                     {"atlas_bytes", stats.virtual_textures.atlas_bytes},
                     {"page_table_bytes", stats.virtual_textures.page_table_bytes}};
  json["textures"] = Json::array();
  for (const SystemTextureInfo& texture : snapshot.textures)
    json["textures"].push_back(texture_json(texture));
  json["streaming"] = Json::array();
  for (const StreamingSnapshot& system : snapshot.streaming)
    json["streaming"].push_back(streaming_json(system));
  json["history"] = history_json(snapshot);
  json["events_dropped"] = snapshot.events_dropped;
  return json.dump(1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace forge3d::system
