// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

#include "device.hpp"

#include <nanobind/stl/string.h>

#include <cstdint>
#include <string>

#include "figures.hpp"

namespace forge3d::python {
namespace {

std::uint64_t limit_of(nb::handle value) {
  std::uint64_t bytes = 0;
  if (!nb::try_cast(value, bytes) || bytes == 0) {
    throw_invalid("a limit must be a positive number of bytes, not " +
                  std::string(nb::repr(value).c_str()));
  }
  return bytes;
}

DeviceKind kind_of(const std::string& name) {
  for (const DeviceKind kind :
       {DeviceKind::kAny, DeviceKind::kDiscrete, DeviceKind::kIntegrated, DeviceKind::kSoftware}) {
    if (name == to_string(kind)) return kind;
  }
  throw_invalid("kind must be 'any', 'discrete', 'integrated' or 'software', not '" + name + "'");
}

std::shared_ptr<Device> open(nb::handle limits, const std::string& kind, const std::string& name,
                             bool validation) {
  const DeviceDesc desc{.kind = kind_of(kind),
                        .name = name,
                        .validation = validation,
                        .limits = limits_argument(limits),
                        .log = log_callback()};
  return value(without_gil([&] { return Device::create(desc); }));
}

std::string version_text(std::uint32_t version) {
  return std::to_string(VK_API_VERSION_MAJOR(version)) + "." +
         std::to_string(VK_API_VERSION_MINOR(version)) + "." +
         std::to_string(VK_API_VERSION_PATCH(version));
}

nb::dict info(const PyDevice& self) {
  const auto device = self.get();
  const DeviceInfo& found = device->info();
  nb::dict result;
  result["name"] = found.name;
  result["driver"] = found.driver;
  result["kind"] = std::string(to_string(found.kind));
  result["api_version"] = version_text(found.api_version);
  result["vendor_id"] = found.vendor_id;
  result["device_id"] = found.device_id;
  result["unified_memory"] = found.unified_memory;
  result["dedicated_transfer_queue"] = found.dedicated_transfer_queue;
  result["texture_compression_bc"] = found.texture_compression_bc;
  result["texture_compression_etc2"] = found.texture_compression_etc2;
  result["texture_compression_astc"] = found.texture_compression_astc;
  result["external_memory_host"] = found.external_memory_host;
  result["validation"] = found.validation;
  return result;
}

std::string describe(const PyDevice& self) {
  if (self.is_closed()) return "<forge3d.Device closed>";
  return "<forge3d.Device '" + self.get()->info().name + "'>";
}

void bind_budget(nb::class_<PyDevice>& device) {
  device.def(
      "memory", [](const PyDevice& self) { return budget_dict(self.get()->budget().stats()); },
      nb::sig("def memory(self) -> dict[str, typing.Any]"),
      "What the ledger holds and allows; the keys are those of forge3d.memory_metrics().");
  device.def(
      "budget_remaining",
      [](const PyDevice& self, bool host_visible) {
        return self.get()->budget().remaining_bytes(host_visible);
      },
      nb::arg("host_visible") = true,
      "Bytes that could still be taken right now, of host-visible or of any memory.");
  device.def(
      "set_limits",
      [](const PyDevice& self, nb::handle limits) {
        const auto found = self.get();
        const BudgetLimits wanted =
            limits.is_none() ? self.first_limits() : limits_argument(limits);
        check(without_gil([&] { return found->budget().set_limits(wanted); }));
      },
      nb::arg("limits").none(),
      nb::sig("def set_limits(self, limits: int | tuple[int, int] | None) -> None"),
      "Replaces the ledger's limits; None: those it was opened with. Raises BudgetExceeded "
      "when more is held; the old limits then stay.");
  device.def_prop_ro(
      "first_limits",
      [](const PyDevice& self) {
        const BudgetLimits limits = self.first_limits();
        return nb::make_tuple(limits.host_visible_bytes, limits.total_bytes);
      },
      nb::sig("def first_limits(self) -> tuple[int, int]"),
      "The limits it was opened with: host visible, total.");
}

nb::object& kept_device() {
  static auto* device = new nb::object();
  return *device;
}

}  // namespace

BudgetLimits limits_argument(nb::handle limits) {
  if (limits.is_none()) return {};
  if (!nb::isinstance<nb::tuple>(limits)) {
    const std::uint64_t bytes = limit_of(limits);
    return {.host_visible_bytes = bytes, .total_bytes = bytes};
  }
  const auto pair = nb::cast<nb::tuple>(limits);
  if (pair.size() != 2) throw_invalid("limits: one number, or (host visible bytes, total bytes)");
  return {.host_visible_bytes = limit_of(pair[0]), .total_bytes = limit_of(pair[1])};
}

nb::object default_device() {
  nb::object& kept = kept_device();
  if (!kept.is_valid() || nb::cast<PyDevice&>(kept).is_closed()) {
    nb::object opened = nb::cast(new PyDevice(open(nb::none(), "any", "", false)));
    // Another thread may have been faster while the GIL was away.
    if (!kept.is_valid() || nb::cast<PyDevice&>(kept).is_closed()) kept = opened;
  }
  return kept;
}

std::shared_ptr<Device> device_argument(nb::handle device) {
  if (device.is_none()) return nb::cast<PyDevice&>(default_device()).get();
  const PyDevice* given = nullptr;
  if (!nb::try_cast(device, given)) throw_type_error("device must be a forge3d.Device or None");
  return given->get();
}

void bind_device(nb::module_& module) {
  nb::class_<PyDevice> device(module, "Device", R"(One GPU with its ledger of memory.

limits: bytes that may be held at once, as one number or (host visible, total); 512 MiB each by
default. kind: 'any', 'discrete', 'integrated' or 'software'; name: part of the device's name. The
environment variable FORGE3D_DEVICE wins over both. validation: Khronos validation; its messages go
to logging.getLogger('forge3d'). Without a GPU software Vulkan is used. Thread-safe.)");
  device.def(
      "__init__",
      [](PyDevice* self, nb::handle limits, const std::string& kind, const std::string& name,
         bool validation) { new (self) PyDevice(open(limits, kind, name, validation)); },
      nb::arg("limits").none() = nb::none(), nb::arg("kind") = "any", nb::arg("name") = "",
      nb::arg("validation") = false,
      nb::sig("def __init__(self, limits: int | tuple[int, int] | None = None, kind: str = 'any', "
              "name: str = '', validation: bool = False) -> None"),
      "Opens a device. Raises NotSupported when there is none of the kind.");
  bind_life(device);
  device.def("__repr__", describe, "Its name.");
  device.def_prop_ro(
      "name", [](const PyDevice& self) { return self.get()->info().name; },
      "The name the driver gives it.");
  device.def_prop_ro("info", info, nb::sig("def info(self) -> dict[str, typing.Any]"),
                     "What was found when it was opened.");
  bind_budget(device);
  device.def_prop_ro(
      "validation_messages", [](const PyDevice& self) { return self.get()->validation_messages(); },
      "Warnings and errors of the validation layer so far.");
  module.def("get_device", default_device, nb::sig("def get_device() -> Device"),
             "The process's default device: the best there is, software Vulkan without a GPU.");
}

}  // namespace forge3d::python
