// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// forge3d probe: which device would be used, and what it can do.

#include <fmt/format.h>

#include <memory>

#include "cli/device_options.hpp"
#include "cli/files.hpp"
#include "cli/session.hpp"

namespace forge3d::cli {
namespace {

std::string version_text(std::uint32_t version) {
  return fmt::format("{}.{}.{}", VK_API_VERSION_MAJOR(version), VK_API_VERSION_MINOR(version),
                     VK_API_VERSION_PATCH(version));
}

Json heaps_json(const VkPhysicalDeviceMemoryProperties& memory) {
  Json heaps = Json::array();
  for (std::uint32_t i = 0; i < memory.memoryHeapCount; ++i)
    heaps.push_back(
        {{"bytes", memory.memoryHeaps[i].size},
         {"device_local", (memory.memoryHeaps[i].flags & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT) != 0}});
  return heaps;
}

Json types_json(const VkPhysicalDeviceMemoryProperties& memory) {
  Json types = Json::array();
  for (std::uint32_t i = 0; i < memory.memoryTypeCount; ++i) {
    const VkMemoryPropertyFlags flags = memory.memoryTypes[i].propertyFlags;
    types.push_back({{"heap", memory.memoryTypes[i].heapIndex},
                     {"device_local", (flags & VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT) != 0},
                     {"host_visible", (flags & VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT) != 0},
                     {"host_coherent", (flags & VK_MEMORY_PROPERTY_HOST_COHERENT_BIT) != 0},
                     {"host_cached", (flags & VK_MEMORY_PROPERTY_HOST_CACHED_BIT) != 0}});
  }
  return types;
}

Json features_json(const DeviceInfo& info) {
  return {{"unified_memory", info.unified_memory},
          {"memory_budget", info.memory_budget},
          {"external_memory_host", info.external_memory_host},
          {"host_image_copy", info.host_image_copy},
          {"sparse_residency", info.sparse_residency},
          {"debug_utils", info.debug_utils},
          {"validation", info.validation}};
}

Json limits_json(const VkPhysicalDeviceLimits& limits) {
  return {{"max_image_2d", limits.maxImageDimension2D},
          {"max_image_array_layers", limits.maxImageArrayLayers},
          {"max_storage_buffer_bytes", limits.maxStorageBufferRange},
          {"max_memory_allocations", limits.maxMemoryAllocationCount},
          {"buffer_image_granularity", limits.bufferImageGranularity},
          {"non_coherent_atom_bytes", limits.nonCoherentAtomSize}};
}

Json device_json(const Device& device) {
  const DeviceInfo& info = device.info();
  const BudgetStats budget = device.budget().stats();
  return {{"name", info.name},
          {"kind", to_string(info.kind)},
          {"driver", info.driver},
          {"api_version", version_text(info.api_version)},
          {"vendor_id", info.vendor_id},
          {"device_id", info.device_id},
          {"heaps", heaps_json(info.memory)},
          {"memory_types", types_json(info.memory)},
          {"queues",
           {{"graphics_family", info.graphics_family},
            {"transfer_family", info.transfer_family},
            {"dedicated_transfer", info.dedicated_transfer_queue}}},
          {"texture_compression",
           {{"bc", info.texture_compression_bc},
            {"etc2", info.texture_compression_etc2},
            {"astc", info.texture_compression_astc}}},
          {"features", features_json(info)},
          {"limits", limits_json(info.limits)},
          {"budget",
           {{"host_visible_bytes", budget.limits.host_visible_bytes},
            {"total_bytes", budget.limits.total_bytes}}}};
}

std::string yes_no(bool value) { return value ? "yes" : "no"; }

std::string plain_text(const Device& device) {
  const DeviceInfo& info = device.info();
  const BudgetStats budget = device.budget().stats();
  std::string text = fmt::format("{} ({})\n  driver          {}\n  Vulkan          {}\n", info.name,
                                 to_string(info.kind), info.driver, version_text(info.api_version));
  for (std::uint32_t i = 0; i < info.memory.memoryHeapCount; ++i) {
    const VkMemoryHeap& heap = info.memory.memoryHeaps[i];
    text += fmt::format("  heap {}          {}{}\n", i, human_bytes(heap.size),
                        (heap.flags & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT) ? ", device-local" : "");
  }
  text +=
      fmt::format("  transfer queue  {}\n", info.dedicated_transfer_queue ? "dedicated" : "shared");
  text += fmt::format("  samples         BC {}, ETC2 {}, ASTC {}\n",
                      yes_no(info.texture_compression_bc), yes_no(info.texture_compression_etc2),
                      yes_no(info.texture_compression_astc));
  const Json features = features_json(info);
  for (const auto& [name, value] : features.items())
    text += fmt::format("  {:<22}{}\n", name, yes_no(value.get<bool>()));
  text += fmt::format("  budget          {} in all, {} host-visible\n",
                      human_bytes(budget.limits.total_bytes),
                      human_bytes(budget.limits.host_visible_bytes));
  return text;
}

ExitCode run_probe(const DeviceOptions& options, const Output& output) {
  const auto device = Device::create(make_device_desc(options, {}, output));
  if (!device) return output.fail(device.error());
  return output.print(device_json(**device), plain_text(**device));
}

}  // namespace

void add_probe_command(Session& session) {
  auto options = std::make_shared<DeviceOptions>();
  CLI::App& command =
      session.add_command("probe", "Show the device that would be used and what it can do",
                          [options](const Output& output) { return run_probe(*options, output); });
  add_device_options(command, *options);
}

}  // namespace forge3d::cli
