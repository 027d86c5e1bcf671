// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

#include "pool.hpp"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include <array>
#include <string>

#include "arguments.hpp"
#include "device.hpp"
#include "figures.hpp"

namespace forge3d::python {
namespace {

std::shared_ptr<HeldPool> create(const std::shared_ptr<Device>& device, std::uint64_t max_bytes,
                                 std::uint64_t block_bytes, double wait_s,
                                 std::uint64_t event_limit, const std::string& name) {
  MemoryPoolDesc desc{.block_bytes = block_bytes,
                      .max_bytes = max_bytes,
                      .wait_ns = static_cast<std::uint64_t>(wait_s * 1e9),
                      .event_limit = event_limit};
  if (!name.empty()) desc.debug_name = name;
  return value(without_gil([&] {
    return MemoryPool::create(device, desc).map([&](std::shared_ptr<MemoryPool> pool) {
      return std::make_shared<HeldPool>(device, std::move(pool));
    });
  }));
}

nb::object allocate(const PyPool& self, nb::handle size_bytes) {
  const auto pool = self.get();
  const std::uint64_t size = bytes_argument(size_bytes, "size");
  const PoolAllocation at = value(without_gil([&] { return pool->allocate(size); }));
  return nb::cast(new PyBlock(pool, at.handle), nb::rv_policy::take_ownership);
}

PoolAllocation where(const PyBlock& self) {
  const auto pool = self.pool();
  return value(pool->lookup(self.handle()));
}

void bind_block(nb::module_& module) {
  nb::class_<PyBlock> block(module, "PoolAllocation",
                            R"(A block of a MemoryPool, released with the object.

Its memory may move between transfers; offset and pool_id tell where it is at the moment.)");
  bind_life(block);
  block.def(
      "__repr__",
      [](const PyBlock& self) {
        return self.is_closed() ? std::string("<forge3d.PoolAllocation closed>")
                                : "<forge3d.PoolAllocation of " +
                                      std::to_string(where(self).size_bytes) + " bytes>";
      },
      "Its size.");
  block.def_prop_ro(
      "id", [](const PyBlock& self) { return HeldPool::id_of(self.handle()); },
      "Its number, never used again for another block of the pool.");
  block.def_prop_ro(
      "size", [](const PyBlock& self) { return where(self).size_bytes; },
      "Bytes granted; at least what was asked for.");
  block.def_prop_ro(
      "offset", [](const PyBlock& self) { return where(self).offset_bytes; },
      "Where it is now inside its block of device memory.");
  block.def_prop_ro(
      "pool_id", [](const PyBlock& self) { return where(self).block; },
      "Which of the pool's blocks of device memory holds it now.");
}

}  // namespace

void PyBlock::drop() {
  auto pool = std::move(pool_);
  if (is_foreign()) {
    new std::shared_ptr<HeldPool>(std::move(pool));  // never destroyed
    return;
  }
  without_gil([&] {
    (void)pool->release(handle_);  // stale when it was released by number
    pool.reset();
  });
}

nb::dict moves_dict(const PoolMoves& moves) {
  nb::dict result;
  result["blocks_moved"] = moves.blocks_moved;
  result["bytes_compacted"] = moves.bytes_compacted;
  result["time_ms"] = moves.time_ms;
  result["fragmentation_before"] = moves.fragmentation_before;
  result["fragmentation_after"] = moves.fragmentation_after;
  result["blocks_released"] = moves.blocks_released;
  return result;
}

nb::object block_dict(const PoolAllocation& at) {
  static const std::array<PyObject*, 4> keys{
      PyUnicode_InternFromString("id"), PyUnicode_InternFromString("size"),
      PyUnicode_InternFromString("offset"), PyUnicode_InternFromString("pool_id")};
  const std::array<PyObject*, 4> values{PyLong_FromUnsignedLongLong(HeldPool::id_of(at.handle)),
                                        PyLong_FromUnsignedLongLong(at.size_bytes),
                                        PyLong_FromUnsignedLongLong(at.offset_bytes),
                                        PyLong_FromUnsignedLong(at.block)};
  nb::object dict = nb::steal(PyDict_New());
  bool made = dict.is_valid();
  for (std::size_t i = 0; i < keys.size(); ++i) {
    made = made && values[i] != nullptr && PyDict_SetItem(dict.ptr(), keys[i], values[i]) == 0;
    Py_XDECREF(values[i]);
  }
  if (!made) throw nb::python_error();
  return dict;
}

void bind_pool(nb::module_& module) {
  bind_block(module);
  nb::class_<PyPool> bound(module, "MemoryPool",
                           R"(Many blocks over few device allocations, moved when a hole is missing.

max_bytes: what it may hold (0: what the budget allows). block_bytes: its unit of growth (0: chosen).
wait_s: how long a request that finds no room waits for released memory. event_limit: events kept
for events_csv(). Thread-safe.)");
  bound.def(
      "__init__",
      [](PyPool* self, nb::handle device, std::uint64_t max_bytes, std::uint64_t block_bytes,
         double wait_s, std::uint64_t event_limit, const std::string& name) {
        if (!(wait_s >= 0 && wait_s <= 1e6)) throw_invalid("wait_s must be 0 to 1000000 seconds");
        new (self) PyPool(
            create(device_argument(device), max_bytes, block_bytes, wait_s, event_limit, name));
      },
      nb::arg("device").none() = nb::none(), nb::kw_only(), nb::arg("max_bytes") = 0,
      nb::arg("block_bytes") = 0, nb::arg("wait_s") = 0.02, nb::arg("event_limit") = 0,
      nb::arg("name") = "",
      nb::sig("def __init__(self, device: Device | None = None, *, max_bytes: int = 0, "
              "block_bytes: int = 0, wait_s: float = 0.02, event_limit: int = 0, name: str = '') "
              "-> None"),
      "Takes no memory yet.");
  bind_life(bound);
  bound.def("allocate", allocate, nb::arg("size"),
            nb::sig("def allocate(self, size: int) -> PoolAllocation"),
            "A block of at least so many bytes. Raises BudgetExceeded with what is free, the "
            "largest hole and what would help.");
  bound.def(
      "stats",
      [](const PyPool& self) {
        const auto pool = self.get();
        return pool_dict(pool.get(), without_gil([&] { return pool->pool().stats(true); }));
      },
      nb::sig("def stats(self) -> dict[str, typing.Any]"),
      "Counters, all measured; the keys are those of forge3d.memory.pool_stats().");
  bound.def(
      "defragment",
      [](const PyPool& self) {
        const auto pool = self.get();
        return moves_dict(value(without_gil([&] { return pool->defragment(); })));
      },
      nb::sig("def defragment(self) -> dict[str, typing.Any]"),
      "Moves until nothing is gained any more and gives empty blocks back.");
  bound.def(
      "upkeep",
      [](const PyPool& self, std::uint64_t max_moved_bytes, std::uint64_t max_us) {
        const auto pool = self.get();
        return moves_dict(value(without_gil([&] {
          return pool->pool().upkeep({.max_moved_bytes = max_moved_bytes, .max_us = max_us});
        })));
      },
      nb::arg("max_moved_bytes") = 4 * kMebibyte, nb::arg("max_us") = 500,
      nb::sig("def upkeep(self, max_moved_bytes: int = 4194304, max_us: int = 500) "
              "-> dict[str, typing.Any]"),
      "A slice of work against fragmentation, for once a frame; never waits for the GPU.");
  bound.def(
      "trim",
      [](const PyPool& self) {
        const auto pool = self.get();
        return without_gil([&] { return pool->pool().trim(); });
      },
      "Gives empty blocks back to the ledger; bytes given back.");
  bound.def(
      "dump_json",
      [](const PyPool& self) {
        const auto pool = self.get();
        return value(without_gil([&] { return pool->pool().dump_json(); }));
      },
      "The blocks and what is in them, as the JSON that VMA's GpuMemDumpVis draws.");
  bound.def(
      "events_csv",
      [](const PyPool& self) {
        const auto pool = self.get();
        return value(without_gil([&] { return pool->pool().events_csv(); }));
      },
      "The events so far, as the CSV that 'forge3d replay' plays.");
}

}  // namespace forge3d::python
