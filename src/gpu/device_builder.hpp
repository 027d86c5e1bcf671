// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// DeviceBuilder: the steps from nothing (or an engine's handles) to a Device. Used once a device,
// on one thread.

#include <string>
#include <vector>

#include "gpu/instance_functions.hpp"
#include "gpu/vulkan.hpp"

namespace forge3d {

class DeviceBuilder {
 public:
  [[nodiscard]] static Result<std::shared_ptr<Device>> create(const DeviceDesc& desc);
  [[nodiscard]] static Result<std::shared_ptr<Device>> adopt(const ExternalDevice& external);

 private:
  struct Families {
    std::uint32_t graphics = VK_QUEUE_FAMILY_IGNORED;
    std::uint32_t transfer = VK_QUEUE_FAMILY_IGNORED;
  };
  DeviceBuilder();
  [[nodiscard]] Result<> open_loader();
  [[nodiscard]] Result<> create_instance(const DeviceDesc& desc);
  [[nodiscard]] Result<> choose_physical_device(const DeviceDesc& desc);
  [[nodiscard]] Result<> create_logical_device();
  [[nodiscard]] Result<> create_timelines();
  [[nodiscard]] static Result<> create_timeline(Device& device, Queue& queue);
  [[nodiscard]] Families find_families(VkPhysicalDevice physical) const;
  [[nodiscard]] std::string unfit_reason(VkPhysicalDevice physical) const;
  void describe_physical_device();
  void describe_host_import(bool offered);
  void describe_transfer_family();
  [[nodiscard]] std::vector<VkQueueFamilyProperties> queue_families(
      VkPhysicalDevice physical) const;
  void load_device_functions();
  void set_queue(Queue& queue, VkQueue handle, std::uint32_t family);

  std::shared_ptr<Device> device_;
  PFN_vkGetInstanceProcAddr get_ = nullptr;
};

}  // namespace forge3d
