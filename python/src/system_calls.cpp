// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

#include "system_calls.hpp"

#include <string>

#include "arguments.hpp"
#include "arrays.hpp"
#include "figures.hpp"
#include "pool.hpp"
#include "readback.hpp"
#include "target.hpp"
#include "waiting.hpp"

namespace forge3d::python {
namespace {

[[noreturn]] void throw_without(const char* part, const char* argument) {
  throw ErrorException(Error{ErrorCode::kNotSupported,
                             0,
                             std::string("the memory system was initialized without ") + part +
                                 "; initialize it with " + argument,
                             {}},
                       "not_initialized");
}

StagingTicket ticket_of(HeldSystem& system, nb::handle upload) {
  if (!PyLong_Check(upload.ptr()))
    throw_type_error("an upload's id is the number that stage_upload() answered");
  return value(system.ticket(bytes_argument(upload, "upload id")));
}

nb::dict figure_dict(const MeasuredFigure& figure) {
  nb::dict result;
  result["samples"] = figure.samples;
  result["mean"] = figure.mean;
  result["p50"] = figure.p50;
  result["p99"] = figure.p99;
  result["max"] = figure.max;
  return result;
}

nb::dict compressed_dict(const SystemStats& stats) {
  const SystemStats::Compressed& figures = stats.compressed;
  nb::dict result;
  result["enabled"] = stats.has_compressed;
  result["textures"] = figures.textures;
  result["device_bytes"] = figures.device_bytes;
  result["uncompressed_bytes"] = figures.uncompressed_bytes;
  result["saved_bytes"] = figures.saved_bytes;
  result["memory_saved_mb"] = static_cast<double>(figures.saved_bytes) / double{kMebibyte};
  result["loads"] = figures.loads;
  return result;
}

nb::dict virtual_dict(const SystemStats& stats) {
  const SystemStats::Virtual& figures = stats.virtual_textures;
  nb::dict result;
  result["enabled"] = stats.has_virtual;
  result["systems"] = figures.systems;
  result["cache_hits"] = figures.cache_hits;
  result["cache_misses"] = figures.cache_misses;
  result["cache_hit_rate"] = figures.cache_hit_rate * 100;
  result["tiles_requested"] = figures.tiles_requested;
  result["tiles_loaded"] = figures.tiles_loaded;
  result["tiles_evicted"] = figures.tiles_evicted;
  result["tiles_failed"] = figures.tiles_failed;
  result["atlas_bytes"] = figures.atlas_bytes;
  result["page_table_bytes"] = figures.page_table_bytes;
  result["used_bytes"] = figures.used_bytes;
  return result;
}

}  // namespace

const std::shared_ptr<StagingRing>& ring_of(const HeldSystem& system) {
  if (system.ring() == nullptr) throw_without("staging rings", "staging_rings=True");
  return system.ring();
}

const std::shared_ptr<HeldPool>& pool_of(const HeldSystem& system) {
  if (system.pool() == nullptr) throw_without("memory pools", "memory_pools=True");
  return system.pool();
}

std::uint64_t stage_upload(HeldSystem& system, nb::handle data, nb::handle target,
                           nb::handle offset) {
  const auto& ring = ring_of(system);
  const Target where = target_argument(target, system.pool(), system.system().device().get());
  const std::uint64_t offset_bytes = bytes_argument(offset, "offset");
  const ReadBytes source(data, "data");
  const StagingTicket ticket = value(without_gil([&] {
    return where.upload(ring, offset_bytes, source.bytes(), StagingRing::kDefaultTimeout);
  }));
  return system.number(ticket);
}

bool is_upload_complete(HeldSystem& system, nb::handle upload) {
  const auto& ring = ring_of(system);
  const StagingTicket ticket = ticket_of(system, upload);
  return value(without_gil([&]() -> Result<bool> {
    FORGE3D_TRY_ASSIGN(const bool complete, ring->is_complete(ticket));
    if (complete) return true;
    // Who asks again and again shall see an end without calling anything else.
    FORGE3D_TRY(ring->submit());
    return ring->is_complete(ticket);
  }));
}

void wait_upload(HeldSystem& system, nb::handle upload, double timeout_s) {
  const auto& ring = ring_of(system);
  const StagingTicket ticket = ticket_of(system, upload);
  wait_in_slices(timeout_s, [&](std::uint64_t ns) { return ring->wait(ticket, ns); });
}

bool cancel_upload(HeldSystem& system, nb::handle upload) {
  const auto& ring = ring_of(system);
  const StagingTicket ticket = ticket_of(system, upload);
  return value(without_gil([&] { return ring->cancel(ticket); }));
}

nb::object start_readback(const HeldSystem& system, nb::handle source, nb::handle offset,
                          nb::handle size, nb::handle out) {
  const Target where = target_argument(source, system.pool(), system.system().device().get());
  return read_target(ring_of(system), where, bytes_argument(offset, "offset"), size, out, false);
}

nb::object allocate_from_pool(const HeldSystem& system, nb::handle size, bool required) {
  const auto& pool = pool_of(system);
  const std::uint64_t size_bytes = bytes_argument(size, "size");
  auto placed = without_gil([&] { return pool->allocate(size_bytes); });
  if (placed) return block_dict(*placed);
  const ErrorCode code = placed.error().code;
  if (!required && (code == ErrorCode::kBudgetExceeded || code == ErrorCode::kOutOfDeviceMemory))
    return nb::none();
  throw ErrorException(std::move(placed).error());
}

bool deallocate_pool_block(const HeldSystem& system, nb::handle block) {
  const auto& pool = pool_of(system);
  const PoolHandle handle = HeldPool::handle_of(block_id(block));
  auto released = without_gil([&] { return pool->release(handle); });
  if (!released && released.error().code == ErrorCode::kStaleHandle) return false;
  check(std::move(released));
  return true;
}

nb::object find_pool_block(const HeldSystem& system, nb::handle block) {
  const auto& pool = pool_of(system);
  const PoolHandle handle = HeldPool::handle_of(block_id(block));
  auto found = without_gil([&] { return pool->lookup(handle); });
  if (!found && found.error().code == ErrorCode::kStaleHandle) return nb::none();
  return block_dict(value(std::move(found)));
}

void retain_pool_block(const HeldSystem& system, nb::handle block) {
  const auto& pool = pool_of(system);
  const PoolHandle handle = HeldPool::handle_of(block_id(block));
  check(without_gil([&] { return pool->retain(handle); }));
}

nb::dict system_dict(const HeldSystem& system) {
  const SystemStats stats = without_gil([&] { return system.system().stats(); });
  nb::dict result;
  result["budget"] = budget_dict(stats.budget);
  nb::dict staging = staging_dict(stats.staging);
  staging["enabled"] = stats.has_staging;
  result["staging"] = staging;
  nb::dict pools = pool_dict(system.pool().get(), stats.pools);
  pools["enabled"] = stats.has_pools;
  result["pools"] = pools;
  result["compressed"] = compressed_dict(stats);
  result["virtual"] = virtual_dict(stats);
  return result;
}

nb::dict performance_dict(const HeldSystem& system) {
  const PerformanceMetrics metrics = without_gil([&] { return system.system().performance(); });
  nb::dict figures;
  figures["upload_latency_ms"] = figure_dict(metrics.upload_latency_ms);
  figures["allocation_latency_us"] = figure_dict(metrics.allocation_latency_us);
  figures["decode_time_ms"] = figure_dict(metrics.decode_time_ms);
  figures["streaming_update_ms"] = figure_dict(metrics.streaming_update_ms);
  nb::dict result;
  result["window_s"] = metrics.window_s;
  result["upload_bandwidth_mbps"] = metrics.upload_bandwidth_mbps;
  result["bytes_uploaded"] = metrics.bytes_uploaded;
  result["upload_latency_ms"] = metrics.upload_latency_ms.mean;
  result["allocation_latency_us"] = metrics.allocation_latency_us.mean;
  result["decode_time_ms"] = metrics.decode_time_ms.mean;
  result["streaming_update_ms"] = metrics.streaming_update_ms.mean;
  result["figures"] = figures;
  return result;
}

}  // namespace forge3d::python
