// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

#include "readback.hpp"

#include <algorithm>
#include <string>

#include "arguments.hpp"
#include "waiting.hpp"

namespace forge3d::python {

Result<bool> HeldReadback::is_ready() {
  const std::lock_guard lock(mutex_);
  return reading_.is_ready();
}

void HeldReadback::wait(double timeout_s) {
  wait_in_slices(timeout_s, [&](std::uint64_t ns) -> Result<> {
    std::shared_ptr<StagingRing> served;  // its last holder, perhaps: goes after the lock
    const std::lock_guard lock(mutex_);
    FORGE3D_TRY_ASSIGN(const auto bytes, reading_.get(ns));
    // Memory of the readback or the caller's; in place, where it is const, arrays are read-only.
    bytes_ = {const_cast<std::byte*>(bytes.data()), bytes.size()};
    if (!in_place_) served = std::move(ring_);  // an array does not keep the rings' memory
    return {};
  });
}

std::shared_ptr<HeldReadback> start_reading(const std::shared_ptr<StagingRing>& ring,
                                            const Target& source, std::uint64_t offset_bytes,
                                            std::uint64_t size_bytes,
                                            const std::span<std::byte>* destination,
                                            bool in_place) {
  return value(without_gil([&]() -> Result<std::shared_ptr<HeldReadback>> {
    FORGE3D_TRY_ASSIGN(auto reading,
                       source.readback(ring, offset_bytes, [&](const BufferRegion& region) {
                         if (destination != nullptr) return ring->readback(region, *destination);
                         if (in_place) return ring->read_in_place(region, size_bytes);
                         return ring->readback(region, size_bytes);
                       }));
    return std::make_shared<HeldReadback>(ring, std::move(reading), in_place);
  }));
}

bool PyReadback::is_ready() const {
  require_open();
  const auto reading = reading_;
  return value(without_gil([&] { return reading->is_ready(); }));
}

nb::object PyReadback::get(double timeout_s) {
  require_open();
  const auto out = out_;  // ends after the readback that writes there
  const auto reading = reading_;
  reading->wait(timeout_s);
  require_open();  // another thread may have closed it meanwhile
  if (!array_.is_valid()) array_ = array_over(reading, reading->bytes(), !reading->in_place());
  return array_;
}

void PyReadback::drop() {
  array_.reset();
  if (is_foreign()) {
    new std::shared_ptr<HeldReadback>(std::move(reading_));  // never destroyed
  } else {
    without_gil([reading = std::move(reading_)]() mutable { reading.reset(); });
  }
  reading_.reset();
  out_.reset();
}

nb::object read_target(const std::shared_ptr<StagingRing>& ring, const Target& source,
                       std::uint64_t offset, nb::handle size, nb::handle out, bool in_place) {
  std::shared_ptr<WriteBytes> destination;
  std::uint64_t size_bytes = 0;
  if (!out.is_none()) {
    if (in_place) throw_invalid("in_place shows the ring's own memory: it takes no out");
    destination = std::make_shared<WriteBytes>(out, "out");
    size_bytes = destination->bytes().size();
  } else if (size.is_none()) {
    const std::uint64_t whole = value(source.size_bytes());
    size_bytes = whole - std::min(whole, offset);
  } else {
    size_bytes = bytes_argument(size, "size");
  }
  const std::span<std::byte> bytes =
      destination == nullptr ? std::span<std::byte>() : destination->bytes();
  auto reading = start_reading(ring, source, offset, size_bytes,
                               destination == nullptr ? nullptr : &bytes, in_place);
  return nb::cast(new PyReadback(std::move(reading), std::move(destination),
                                 out.is_none() ? nb::object() : nb::borrow(out)),
                  nb::rv_policy::take_ownership);
}

void bind_readback(nb::module_& module) {
  nb::class_<PyReadback> readback(module, "Readback", R"(Bytes on their way from the device.

close() gives up what has not arrived. Arrays over the bytes stay valid after it.)");
  bind_life(readback);
  readback.def("is_ready", &PyReadback::is_ready,
               "True when the bytes are there; false also while nothing was submitted.");
  readback.def("get", &PyReadback::get, nb::arg("timeout_s") = 5.0,
               nb::sig("def get(self, timeout_s: float = 5.0) -> numpy.typing.NDArray[typing.Any]"),
               "Waits; an array of uint8 over the library's memory, without a copy, or out itself. "
               "Raises Timeout, DeviceLost, Cancelled, StaleHandle.");
}

}  // namespace forge3d::python
