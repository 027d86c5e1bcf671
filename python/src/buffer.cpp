// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

#include "buffer.hpp"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include <cstring>
#include <optional>
#include <string>

#include "arguments.hpp"
#include "arrays.hpp"
#include "device.hpp"
#include "readback.hpp"
#include "target.hpp"
#include "waiting.hpp"

namespace forge3d::python {
namespace {

constexpr VkBufferUsageFlags kAllUsual =
    VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT |
    VK_BUFFER_USAGE_UNIFORM_BUFFER_BIT | VK_BUFFER_USAGE_STORAGE_BUFFER_BIT |
    VK_BUFFER_USAGE_VERTEX_BUFFER_BIT | VK_BUFFER_USAGE_INDEX_BUFFER_BIT |
    VK_BUFFER_USAGE_INDIRECT_BUFFER_BIT;

MemoryUse memory_use(nb::handle mapped) {
  if (PyBool_Check(mapped.ptr()))
    return mapped.ptr() == Py_True ? MemoryUse::kUpload : MemoryUse::kDevice;
  std::string word;
  if (nb::try_cast(mapped, word)) {
    if (word == "upload") return MemoryUse::kUpload;
    if (word == "readback") return MemoryUse::kReadback;
    if (word == "device") return MemoryUse::kDeviceMapped;
  }
  throw_invalid("mapped must be False, True, 'upload', 'readback' or 'device', not " +
                std::string(nb::repr(mapped).c_str()));
}

MemoryCategory category_of(MemoryUse use) {
  if (use == MemoryUse::kUpload) return MemoryCategory::kStaging;
  return use == MemoryUse::kReadback ? MemoryCategory::kReadback : MemoryCategory::kOther;
}

std::shared_ptr<HeldBuffer> create(const std::shared_ptr<Device>& device, nb::handle size,
                                   nb::handle mapped, std::optional<std::uint32_t> usage,
                                   const std::string& name) {
  BufferDesc desc{.usage = usage.value_or(kAllUsual), .memory = memory_use(mapped)};
  desc.size_bytes = bytes_argument(size, "size");
  if (!name.empty()) desc.debug_name = name;
  desc.category = category_of(desc.memory);
  const bool readable = desc.memory == MemoryUse::kReadback;
  return value(without_gil([&] {
    return Buffer::create(device, desc).map([&](Buffer buffer) {
      return std::make_shared<HeldBuffer>(device, std::move(buffer), readable);
    });
  }));
}

// The range of a read or write; throws InvalidArgument.
void require_range(const HeldBuffer& held, std::uint64_t offset, std::uint64_t size) {
  const std::uint64_t whole = held.buffer().size_bytes();
  if (offset > whole || size > whole - offset)
    throw_invalid("bytes " + std::to_string(offset) + " to " + std::to_string(offset + size) +
                  " are outside the buffer of " + std::to_string(whole) + " bytes");
}

nb::object mapping(const PyBuffer& self) {
  const auto held = self.get();
  const std::span<std::byte> mapped = held->buffer().mapped();
  if (mapped.empty())
    throw ErrorException(Error{
        ErrorCode::kNotSupported, 0, "the buffer is not mapped; create it with mapped=True", {}});
  return array_over(held, mapped, true);
}

nb::object read(nb::handle self, nb::handle offset_bytes, nb::handle size, nb::handle out,
                double timeout_s) {
  const auto held = nb::cast<PyBuffer&>(self).get();
  const std::uint64_t offset = bytes_argument(offset_bytes, "offset");
  nb::object array = nb::borrow(out);
  if (out.is_none()) {
    const std::uint64_t whole = held->buffer().size_bytes();
    const std::uint64_t wanted =
        size.is_none() ? whole - std::min(offset, whole) : bytes_argument(size, "size");
    require_range(*held, offset, wanted);
    array = new_array(wanted);
  }
  WriteBytes destination(array, "out");
  const std::span<std::byte> bytes = destination.bytes();
  require_range(*held, offset, bytes.size());
  if (bytes.empty()) return array;
  if (const std::span<std::byte> mapped = held->buffer().mapped(); !mapped.empty()) {
    check(without_gil([&]() -> Result<> {
      FORGE3D_TRY(held->buffer().memory().invalidate(offset, bytes.size()));
      std::memcpy(bytes.data(), mapped.data() + offset, bytes.size());
      return {};
    }));
    return array;
  }
  const auto ring = value(without_gil([&] {
    held->flush_rings();
    return held->transfer_ring();
  }));
  const auto reading = start_reading(ring, {.buffer = held}, offset, bytes.size(), &bytes, false);
  reading->wait(timeout_s);
  return array;
}

void write(const PyBuffer& self, nb::handle data, nb::handle offset_bytes, double timeout_s) {
  const auto held = self.get();
  const std::uint64_t offset = bytes_argument(offset_bytes, "offset");
  const ReadBytes source(data, "data");
  const std::span<const std::byte> bytes = source.bytes();
  require_range(*held, offset, bytes.size());
  if (bytes.empty()) return;
  if (const std::span<std::byte> mapped = held->buffer().mapped(); !mapped.empty()) {
    check(without_gil([&]() -> Result<> {
      std::memcpy(mapped.data() + offset, bytes.data(), bytes.size());
      return held->buffer().memory().flush(offset, bytes.size());
    }));
    return;
  }
  const auto ring = value(without_gil([&] {
    held->flush_rings();
    return held->transfer_ring();
  }));
  const Target target{.buffer = held};
  const StagingTicket ticket =
      value(without_gil([&] { return target.upload(ring, offset, bytes, to_ns(timeout_s)); }));
  wait_in_slices(timeout_s, [&](std::uint64_t ns) { return ring->wait(ticket, ns); });
}

}  // namespace

void bind_buffer(nb::module_& module) {
  nb::class_<PyBuffer> buffer(module, "Buffer",
                              R"(Bytes on a device, in an allocation of their own under the ledger.

mapped: False for device memory; True or 'upload' for memory the CPU writes, 'readback' for memory
it reads, 'device' for device memory that is mapped where the device offers that. usage: Vulkan's
usage flags; transfer, uniform, storage, vertex, index and indirect by default. Thread-safe; the
memory stays valid while an array over it lives.)");
  buffer.def(
      "__init__",
      [](PyBuffer* self, nb::handle device, nb::handle size, nb::handle mapped,
         std::optional<std::uint32_t> usage, const std::string& name) {
        new (self) PyBuffer(create(device_argument(device), size, mapped, usage, name));
      },
      nb::arg("device").none(), nb::arg("size"), nb::kw_only(), nb::arg("mapped") = false,
      nb::arg("usage") = nb::none(), nb::arg("name") = "",
      nb::sig("def __init__(self, device: Device | None, size: int, *, mapped: bool | str = False, "
              "usage: int | None = None, name: str = '') -> None"),
      "Takes the memory. Raises BudgetExceeded with what was asked, held and the limit.");
  bind_life(buffer);
  buffer.def(
      "__repr__",
      [](const PyBuffer& self) {
        return self.is_closed() ? std::string("<forge3d.Buffer closed>")
                                : "<forge3d.Buffer of " +
                                      std::to_string(self.get()->buffer().size_bytes()) + " bytes>";
      },
      "Its size.");
  buffer.def_prop_ro(
      "size", [](const PyBuffer& self) { return self.get()->buffer().size_bytes(); }, "Bytes.");
  buffer.def_prop_ro(
      "is_mapped", [](const PyBuffer& self) { return !self.get()->buffer().mapped().empty(); },
      "The CPU sees the memory.");
  buffer.def_prop_ro("array", mapping, nb::sig("def array(self) -> forge3d._types.ByteArray"),
                     "The mapping itself as an array, without a copy. Raises NotSupported when it "
                     "is not mapped. Whoever writes while the GPU reads gets a mixture.");
  buffer.def("read", read, nb::arg("offset") = 0, nb::arg("size").none() = nb::none(),
             nb::arg("out").none() = nb::none(), nb::arg("timeout_s") = 10.0,
             nb::sig("def read(self, offset: int = 0, size: int | None = None, "
                     "out: forge3d._types.WritableBuffer | None = None, timeout_s: float = 10.0) "
                     "-> numpy.typing.NDArray[typing.Any]"),
             "The bytes, after the uploads before: a new array of uint8, or the array given as "
             "out, filled.");
  buffer.def("write", write, nb::arg("data"), nb::arg("offset") = 0, nb::arg("timeout_s") = 10.0,
             nb::sig("def write(self, data: forge3d._types.ReadableBuffer, offset: int = 0, "
                     "timeout_s: float = 10.0) -> None"),
             "Writes and waits until the bytes are there; StagingRing.upload() does not wait.");
}

}  // namespace forge3d::python
