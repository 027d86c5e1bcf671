// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

#include "staging.hpp"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include <optional>
#include <string>

#include "arguments.hpp"
#include "arrays.hpp"
#include "buffer.hpp"
#include "device.hpp"
#include "figures.hpp"
#include "readback.hpp"
#include "waiting.hpp"

namespace forge3d::python {
namespace {

StagingMode mode_of(const std::string& name) {
  if (name == "frame") return StagingMode::kFrame;
  if (name == "immediate") return StagingMode::kImmediate;
  throw_invalid("mode must be 'frame' or 'immediate', not '" + name + "'");
}

QueueKind queue_of(const std::string& name) {
  if (name == "graphics") return QueueKind::kGraphics;
  if (name == "transfer") return QueueKind::kTransfer;
  throw_invalid("queue must be 'graphics' or 'transfer', not '" + name + "'");
}

std::uint64_t timeout_of(std::optional<double> timeout_s) {
  return timeout_s ? to_ns(*timeout_s) : StagingRing::kDefaultTimeout;
}

StagingTicket upload(const PyRing& self, nb::handle data, nb::handle target,
                     nb::handle offset_bytes, std::optional<double> timeout_s) {
  const auto held = self.get();
  const Target where = target_argument(target, nullptr, held->device.get());
  const std::uint64_t offset = bytes_argument(offset_bytes, "offset");
  const ReadBytes source(data, "data");
  const std::uint64_t timeout_ns = timeout_of(timeout_s);
  return value(
      without_gil([&] { return where.upload(held->ring, offset, source.bytes(), timeout_ns); }));
}

nb::object write_in_place(const PyRing& self, nb::handle target, nb::handle size_bytes,
                          nb::handle offset_bytes, std::optional<double> timeout_s) {
  const auto held = self.get();
  const Target where = target_argument(target, nullptr, held->device.get());
  if (where.buffer == nullptr) throw_type_error("writing in place needs a forge3d.Buffer");
  const std::uint64_t size = bytes_argument(size_bytes, "size");
  const std::uint64_t offset = bytes_argument(offset_bytes, "offset");
  const std::uint64_t timeout_ns = timeout_of(timeout_s);
  auto write = value(without_gil([&] {
    where.buffer->used_by(held->ring);
    return held->ring->write_in_place(region_of(where.buffer->buffer(), offset), size, timeout_ns);
  }));
  return nb::cast(new PyWrite(held->ring, where.buffer, std::move(write)),
                  nb::rv_policy::take_ownership);
}

nb::object readback(const PyRing& self, nb::handle source, nb::handle offset_bytes, nb::handle size,
                    nb::handle out, bool in_place) {
  const auto held = self.get();
  return read_target(held->ring, target_argument(source, nullptr, held->device.get()),
                     bytes_argument(offset_bytes, "offset"), size, out, in_place);
}

void on_complete(const PyRing& self, StagingTicket ticket, nb::object callback) {
  const auto held = self.get();
  if (PyCallable_Check(callback.ptr()) == 0) throw_type_error("callback must be callable");
  // The last reference may go on any thread.
  const std::shared_ptr<nb::object> shared(
      new nb::object(std::move(callback)), [](nb::object* object) {
        if (Py_IsInitialized() == 0) return;  // leaked: there is no interpreter to give it to
        const nb::gil_scoped_acquire acquire;
        delete object;
      });
  without_gil([&] {
    held->ring->on_complete(ticket, [shared](Result<> result) {
      const nb::gil_scoped_acquire acquire;
      try {
        (*shared)(result ? nb::object(nb::none()) : to_exception(result.error()));
      } catch (nb::python_error& error) {
        error.discard_as_unraisable(*shared);
      }
    });
  });
}

void bind_ticket(nb::module_& module) {
  nb::class_<StagingTicket> ticket(module, "StagingTicket",
                                   "Where an upload stands in the order of its ring.");
  ticket.def_prop_ro(
      "first", [](const StagingTicket& self) { return self.first; },
      "Number of its first copy, from 1 on.");
  ticket.def_prop_ro(
      "last", [](const StagingTicket& self) { return self.last; }, "Number of its last copy.");
  ticket.def(
      "__repr__",
      [](const StagingTicket& self) {
        return "<forge3d.StagingTicket " + std::to_string(self.first) + " to " +
               std::to_string(self.last) + ">";
      },
      "Its numbers.");
  ticket.def(
      "__eq__",
      [](const StagingTicket& self, nb::handle other) {
        const StagingTicket* that = nullptr;
        return nb::try_cast(other, that) && that != nullptr && self == *that;
      },
      nb::arg("other").none(), nb::sig("def __eq__(self, other: object, /) -> bool"),
      "The same upload of the same ring.");
  ticket.def(
      "__hash__",
      [](const StagingTicket& self) { return self.first * 0x9E3779B97F4A7C15u ^ self.last; },
      "Of its numbers.");
}

void bind_write(nb::module_& module) {
  nb::class_<PyWrite> write(module, "StagingWrite",
                            R"(Ring memory to fill for one upload, without a copy on the CPU.

Fill array and commit() soon: the ring cannot use its segment again before. As a context manager it
commits at the end of the block, and gives the memory back when the block raised.)");
  bind_close(write);
  write.def(
      "__exit__",
      [](PyWrite& self, nb::handle kind, nb::handle, nb::handle) {
        if (kind.is_none() && !self.is_closed()) (void)self.commit();
        self.close();
      },
      nb::arg("kind").none(), nb::arg("error").none(), nb::arg("traceback").none(),
      "Commits, or gives the memory back after an exception.");
  write.def_prop_ro("array", &PyWrite::array,
                    nb::sig("def array(self) -> forge3d._types.ByteArray"),
                    "The memory. Write-only: it may be slow to read, holds anything at first, and "
                    "is read-only after the commit.");
  write.def("commit", &PyWrite::commit, "Records the copy and closes this object.");
}

void bind_ring_transfers(nb::class_<PyRing>& ring) {
  ring.def("upload", upload, nb::arg("data"), nb::arg("target"), nb::arg("offset") = 0,
           nb::arg("timeout_s") = nb::none(),
           nb::sig("def upload(self, data: forge3d._types.ReadableBuffer, target: Buffer | "
                   "PoolAllocation, offset: int = 0, timeout_s: float | None = None) "
                   "-> StagingTicket"),
           "Copies data towards the target; the array may change when this returns. timeout_s "
           "bounds the wait for ring space; 0 only tries. Raises Timeout, InvalidArgument.");
  ring.def("write_in_place", write_in_place, nb::arg("target"), nb::arg("size"),
           nb::arg("offset") = 0, nb::arg("timeout_s") = nb::none(),
           nb::sig("def write_in_place(self, target: Buffer, size: int, offset: int = 0, "
                   "timeout_s: float | None = None) -> StagingWrite"),
           "Ring memory to write into: an upload without a copy. At most max_in_place_bytes.");
  ring.def("readback", readback, nb::arg("source"), nb::arg("offset") = 0,
           nb::arg("size").none() = nb::none(), nb::arg("out").none() = nb::none(),
           nb::arg("in_place") = false,
           nb::sig("def readback(self, source: Buffer | PoolAllocation, offset: int = 0, "
                   "size: int | None = None, out: forge3d._types.WritableBuffer | None = None, "
                   "in_place: bool = False) -> Readback"),
           "Starts reading back, after the uploads before: into memory of the Readback, into out, "
           "or in place: the ring's own memory, taken until the Readback and its arrays are gone.");
}

void bind_ring_order(nb::class_<PyRing>& ring) {
  ring.def(
      "submit",
      [](const PyRing& self) {
        const auto held = self.get();
        check(without_gil([&] { return held->ring->submit(); }));
      },
      "Starts what is recorded.");
  ring.def(
      "flush",
      [](const PyRing& self) {
        const auto held = self.get();
        check(without_gil([&]() -> Result<> {
          FORGE3D_TRY(held->ring->flush());
          return {};
        }));
      },
      "Starts what is recorded and lets later graphics work see it.");
  ring.def(
      "poll",
      [](const PyRing& self) {
        const auto held = self.get();
        check(without_gil([&] { return held->ring->poll(); }));
      },
      "Takes note of what has finished and calls callbacks.");
  ring.def(
      "is_complete",
      [](const PyRing& self, StagingTicket ticket) {
        const auto held = self.get();
        return value(without_gil([&] { return held->ring->is_complete(ticket); }));
      },
      nb::arg("ticket"), "True when the last byte has landed.");
  ring.def(
      "wait",
      [](const PyRing& self, StagingTicket ticket, double timeout_s) {
        const auto held = self.get();
        wait_in_slices(timeout_s, [&](std::uint64_t ns) { return held->ring->wait(ticket, ns); });
      },
      nb::arg("ticket"), nb::arg("timeout_s") = 5.0,
      "Submits if need be, then waits. Raises Timeout, DeviceLost, Cancelled, StaleHandle.");
  ring.def(
      "cancel",
      [](const PyRing& self, StagingTicket ticket) {
        const auto held = self.get();
        return value(without_gil([&] { return held->ring->cancel(ticket); }));
      },
      nb::arg("ticket"),
      "Takes back an upload of which nothing was submitted; False: it was, and goes on.");
  ring.def(
      "on_complete", on_complete, nb::arg("ticket"), nb::arg("callback"),
      nb::sig("def on_complete(self, ticket: StagingTicket, callback: "
              "collections.abc.Callable[[forge3d._errors.Error | None], object]) -> None"),
      "callback(None), or with an exception, once the upload has ended; inside poll(), wait(), "
      "flush() or submit(), on their thread. What it raises goes to sys.unraisablehook.");
}

void bind_ring(nb::module_& module) {
  nb::class_<PyRing> ring(
      module, "StagingRing",
      R"(Transfers between arrays and the device through persistently mapped rings.

upload_bytes and readback_bytes: sizes; any transfer goes through any ring. ring_count: segments.
mode: 'frame' submits when a segment is full, when something waits, and on flush(); 'immediate' at
the end of each call. queue: 'graphics' or 'transfer'. Thread-safe.)");
  ring.def(
      "__init__",
      [](PyRing* self, nb::handle device, std::uint64_t upload_bytes, std::uint64_t readback_bytes,
         std::uint32_t ring_count, const std::string& mode, const std::string& queue,
         double timeout_s, const std::string& name) {
        StagingRingDesc desc{.upload_bytes = upload_bytes,
                             .readback_bytes = readback_bytes,
                             .ring_count = ring_count,
                             .timeout_ns = to_ns(timeout_s),
                             .mode = mode_of(mode),
                             .queue = queue_of(queue)};
        if (!name.empty()) desc.debug_name = name;
        auto where = device_argument(device);
        auto made = value(without_gil([&] { return StagingRing::create(where, desc); }));
        new (self) PyRing(std::make_shared<HeldRing>(std::move(where), std::move(made)));
      },
      nb::arg("device").none() = nb::none(), nb::kw_only(),
      nb::arg("upload_bytes") = 32 * kMebibyte, nb::arg("readback_bytes") = 8 * kMebibyte,
      nb::arg("ring_count") = 3, nb::arg("mode") = "frame", nb::arg("queue") = "graphics",
      nb::arg("timeout_s") = 5.0, nb::arg("name") = "",
      nb::sig("def __init__(self, device: Device | None = None, *, upload_bytes: int = 33554432, "
              "readback_bytes: int = 8388608, ring_count: int = 3, mode: str = 'frame', "
              "queue: str = 'graphics', timeout_s: float = 5.0, name: str = '') -> None"),
      "Takes the rings' memory. Raises BudgetExceeded, InvalidArgument.");
  bind_life(ring);
  bind_ring_transfers(ring);
  bind_ring_order(ring);
  ring.def_prop_ro(
      "max_in_place_bytes",
      [](const PyRing& self) { return self.get()->ring->max_in_place_bytes(); },
      "The most that one write_in_place() can have.");
  ring.def(
      "stats",
      [](const PyRing& self) {
        const auto held = self.get();
        return staging_dict(without_gil([&] { return held->ring->stats(); }));
      },
      nb::sig("def stats(self) -> dict[str, typing.Any]"),
      "Counters, all measured; the keys are those of forge3d.memory.staging_stats().");
}

}  // namespace

nb::object PyWrite::array() {
  require_open();
  if (!array_.is_valid()) array_ = array_over(ring_, write_->bytes(), true);
  return array_;
}

StagingTicket PyWrite::commit() {
  require_open();
  seal();
  const auto write = std::move(write_);  // another thread finds this object closed
  const auto keep = target_;
  close();
  return value(without_gil([&] { return write->commit(); }));
}

// The ring uses the memory again soon.
void PyWrite::seal() {
  if (array_.is_valid()) array_.attr("flags").attr("writeable") = false;
  array_.reset();
}

void PyWrite::drop() {
  if (is_foreign()) {
    (void)write_.release();
    new std::shared_ptr<StagingRing>(std::move(ring_));
    new std::shared_ptr<HeldBuffer>(std::move(target_));
    return;
  }
  if (write_ != nullptr) seal();
  without_gil(
      [write = std::move(write_), ring = std::move(ring_), target = std::move(target_)]() mutable {
        write.reset();
        target.reset();
        ring.reset();
      });
}

void bind_staging(nb::module_& module) {
  bind_ticket(module);
  bind_readback(module);
  bind_write(module);
  bind_ring(module);
}

}  // namespace forge3d::python
