// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

#include "system.hpp"

#include <nanobind/stl/string.h>

#include <string>

#include "device.hpp"
#include "figures.hpp"
#include "pool.hpp"
#include "system_calls.hpp"
#include "waiting.hpp"

namespace forge3d::python {
namespace {

constexpr std::uint64_t kNumberBits = 48;
constexpr std::size_t kManyWideUploads = 1024;

std::uint64_t next_tag() {
  static std::atomic<std::uint64_t> systems{0};
  return (1 + systems.fetch_add(1) % 0x7FFF) << kNumberBits;  // numbers stay below 2^63
}

nb::object device_object(nb::handle device) {
  if (device.is_none()) return default_device();
  (void)device_argument(device);  // the right type, and open
  return nb::borrow(device);
}

std::shared_ptr<HeldSystem> create(const MemorySystemDesc& desc) {
  return value(without_gil([&] {
    return MemorySystem::create(desc).map([](std::shared_ptr<MemorySystem> system) {
      return std::make_shared<HeldSystem>(std::move(system));
    });
  }));
}

struct Parts {
  bool staging, pools, compressed_textures, virtual_textures;
};

void construct(PySystem* self, nb::handle device, std::uint64_t upload_bytes,
               std::uint64_t readback_bytes, std::uint32_t ring_count, std::uint64_t pool_bytes,
               double window_s, const Parts& parts) {
  nb::object owner = device_object(device);
  MemorySystemDesc desc;
  desc.device = device_argument(owner);
  desc.staging = parts.staging;
  desc.pools = parts.pools;
  desc.compressed_textures = parts.compressed_textures;
  desc.virtual_textures = parts.virtual_textures;
  desc.pool.max_bytes = pool_bytes;
  desc.window_ns = to_ns(window_s);
  desc.ring.upload_bytes = upload_bytes;
  desc.ring.readback_bytes = readback_bytes;
  desc.ring.ring_count = ring_count;
  new (self) PySystem(create(desc), std::move(owner));
}

void bind_constructor(nb::class_<PySystem>& system) {
  system.def(
      "__init__",
      [](PySystem* self, nb::handle device, std::uint64_t upload_bytes,
         std::uint64_t readback_bytes, std::uint32_t ring_count, std::uint64_t pool_bytes,
         bool staging, bool pools, bool compressed_textures, bool virtual_textures,
         double window_s) {
        construct(self, device, upload_bytes, readback_bytes, ring_count, pool_bytes, window_s,
                  {staging, pools, compressed_textures, virtual_textures});
      },
      nb::arg("device").none() = nb::none(), nb::kw_only(),
      nb::arg("upload_bytes") = 32 * kMebibyte, nb::arg("readback_bytes") = 8 * kMebibyte,
      nb::arg("ring_count") = 3, nb::arg("pool_bytes") = 128 * kMebibyte, nb::arg("staging") = true,
      nb::arg("pools") = true, nb::arg("compressed_textures") = true,
      nb::arg("virtual_textures") = true, nb::arg("window_s") = 10.0,
      nb::sig("def __init__(self, device: Device | None = None, *, upload_bytes: int = 33554432, "
              "readback_bytes: int = 8388608, ring_count: int = 3, pool_bytes: int = 134217728, "
              "staging: bool = True, pools: bool = True, compressed_textures: bool = True, "
              "virtual_textures: bool = True, window_s: float = 10.0) -> None"),
      "Makes the parts on the device (the default device). Raises BudgetExceeded, "
      "InvalidArgument.");
}

void bind_figures(nb::class_<PySystem>& system) {
  system.def(
      "stats", [](const PySystem& self) { return system_dict(*self.get()); },
      nb::sig("def stats(self) -> dict[str, typing.Any]"), "The figures of get_system_stats().");
  system.def(
      "performance", [](const PySystem& self) { return performance_dict(*self.get()); },
      nb::sig("def performance(self) -> dict[str, typing.Any]"),
      "The figures of get_performance_metrics().");
  system.def(
      "staging_stats",
      [](const PySystem& self) {
        const auto held = self.get();
        const auto& ring = ring_of(*held);
        return staging_dict(without_gil([&] { return ring->stats(); }));
      },
      nb::sig("def staging_stats(self) -> dict[str, typing.Any]"), "Counters of the staging ring.");
  system.def(
      "pool_stats",
      [](const PySystem& self) {
        const auto held = self.get();
        const auto& pool = pool_of(*held);
        return pool_dict(pool.get(), without_gil([&] { return pool->pool().stats(true); }));
      },
      nb::sig("def pool_stats(self) -> dict[str, typing.Any]"), "Counters of the pool.");
  system.def(
      "sample",
      [](const PySystem& self) {
        const auto held = self.get();
        without_gil([&] { held->system().sample(); });
      },
      "Adds a sample of the ledger to the report's history; once a frame, say.");
  system.def(
      "report_json",
      [](const PySystem& self) {
        const auto held = self.get();
        return value(without_gil([&] { return held->system().report_json(); }));
      },
      "All figures as one JSON object.");
  system.def(
      "report_html",
      [](const PySystem& self) {
        const auto held = self.get();
        return value(without_gil([&] { return held->system().report_html(); }));
      },
      "One HTML page that asks nothing of the network.");
  system.def(
      "trace_json",
      [](const PySystem& self) {
        const auto held = self.get();
        return value(without_gil([&] { return held->system().trace_json(); }));
      },
      "What happened, as Chrome's trace event format, which Perfetto opens.");
}

void bind_pool_calls(nb::class_<PySystem>& system) {
  system.def(
      "defragment",
      [](const PySystem& self) {
        const auto held = self.get();
        const auto& pool = pool_of(*held);
        return moves_dict(value(without_gil([&] { return pool->defragment(); })));
      },
      nb::sig("def defragment(self) -> dict[str, typing.Any]"),
      "Moves blocks until nothing is gained any more and gives empty ones back.");
  system.def(
      "upkeep",
      [](const PySystem& self) {
        const auto held = self.get();
        const auto& pool = pool_of(*held);
        return moves_dict(value(without_gil([&] { return pool->pool().upkeep(); })));
      },
      nb::sig("def upkeep(self) -> dict[str, typing.Any]"),
      "A slice of work against fragmentation, for once a frame; never waits for the GPU.");
}

nb::object& process_object() {
  static auto* object = new nb::object();
  return *object;
}

}  // namespace

HeldSystem::HeldSystem(std::shared_ptr<MemorySystem> system)
    : system_(std::move(system)), ring_(system_->ring()), tag_(next_tag()) {
  if (auto pool = system_->pool())
    pool_ = std::make_shared<HeldPool>(system_->device(), std::move(pool));
}

std::uint64_t HeldSystem::number(StagingTicket ticket) {
  std::uint64_t highest = highest_.load(std::memory_order_relaxed);
  while (highest < ticket.last && !highest_.compare_exchange_weak(highest, ticket.last)) {
  }
  if (ticket.first != ticket.last) {
    const std::lock_guard lock(mutex_);
    if (first_of_.size() >= kManyWideUploads) forget_finished();
    first_of_[ticket.last] = ticket.first;
  }
  return tag_ | ticket.last;
}

Result<StagingTicket> HeldSystem::ticket(std::uint64_t number) {
  const std::uint64_t last = number & ((std::uint64_t{1} << kNumberBits) - 1);
  if ((number ^ last) != tag_ || last > highest_.load())
    return fail(ErrorCode::kStaleHandle,
                "no upload of this memory system has the id " + std::to_string(number));
  const std::lock_guard lock(mutex_);
  const auto found = first_of_.find(last);
  return StagingTicket{found == first_of_.end() ? last : found->second, last};
}

void HeldSystem::forget_finished() {
  std::erase_if(first_of_, [&](const auto& upload) {
    const auto complete = ring_->is_complete(StagingTicket{upload.second, upload.first});
    return complete && *complete;
  });
}

std::shared_ptr<HeldSystem> process_system() {
  const nb::object& object = process_object();
  if (!object.is_valid() || nb::inst_ptr<PySystem>(object)->is_closed()) [[unlikely]]
    throw ErrorException(Error{ErrorCode::kInvalidArgument,
                               0,
                               "there is no memory system; call "
                               "forge3d.memory.init_memory_system() first",
                               {}},
                         "not_initialized");
  return nb::inst_ptr<PySystem>(object)->get();
}

void bind_system(nb::module_& module) {
  nb::class_<PySystem> bound(module, "MemorySystem",
                             R"(Staging, pools, compressed and virtual textures under one ledger.

forge3d.memory works on one that the process shares; others may be made beside it. close() waits for
what is in flight and gives all memory back that no array, Buffer or PoolAllocation still holds.
Thread-safe.)");
  bind_constructor(bound);
  bind_life(bound);
  bound.def_prop_ro(
      "device", [](const PySystem& self) { return self.device(); },
      nb::sig("def device(self) -> Device"), "The device that all parts share.");
  bound.def(
      "set_limits",
      [](const PySystem& self, nb::handle limits) {
        const auto held = self.get();
        const BudgetLimits wanted = limits_argument(limits);
        check(without_gil([&] { return held->system().set_limits(wanted); }));
      },
      nb::arg("limits").none(),
      nb::sig("def set_limits(self, limits: int | tuple[int, int] | None) -> None"),
      "Replaces the ledger's limits, after giving back what nobody uses. Raises "
      "BudgetExceeded with what is still held; the old limits then stay.");
  bind_figures(bound);
  bind_pool_calls(bound);
  module.def(
      "process_system",
      []() -> nb::object {
        const nb::object& object = process_object();
        if (!object.is_valid() || nb::cast<PySystem&>(object).is_closed()) return nb::none();
        return object;
      },
      nb::sig("def process_system() -> MemorySystem | None"),
      "The system that forge3d.memory works on; None before init_memory_system().");
  module.def(
      "set_process_system",
      [](nb::handle system) {
        if (!system.is_none()) (void)nb::cast<PySystem&>(system).get();
        process_object() = nb::borrow(system.is_none() ? nb::handle() : system);
      },
      nb::arg("system").none(),
      nb::sig("def set_process_system(system: MemorySystem | None) -> None"),
      "Makes forge3d.memory work on this system; closes none.");
}

}  // namespace forge3d::python
