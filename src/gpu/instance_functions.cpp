// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "gpu/instance_functions.hpp"

namespace forge3d {

void Device::InstanceFunctions::load(PFN_vkGetInstanceProcAddr get, VkInstance instance,
                                     bool debug_utils) {
  auto fetch = [&]<class F>(F& function, const char* name) {
    function = reinterpret_cast<F>(get(instance, name));
  };
  fetch(destroy_instance, "vkDestroyInstance");
  fetch(enumerate_physical_devices, "vkEnumeratePhysicalDevices");
  fetch(get_properties, "vkGetPhysicalDeviceProperties2");
  fetch(get_features, "vkGetPhysicalDeviceFeatures2");
  fetch(get_memory_properties, "vkGetPhysicalDeviceMemoryProperties");
  fetch(get_queue_families, "vkGetPhysicalDeviceQueueFamilyProperties");
  fetch(get_format_properties, "vkGetPhysicalDeviceFormatProperties");
  fetch(get_image_format_properties, "vkGetPhysicalDeviceImageFormatProperties");
  fetch(enumerate_device_extensions, "vkEnumerateDeviceExtensionProperties");
  fetch(create_device, "vkCreateDevice");
  fetch(get_device_proc_addr, "vkGetDeviceProcAddr");
  if (!debug_utils) return;
  fetch(create_messenger, "vkCreateDebugUtilsMessengerEXT");
  fetch(destroy_messenger, "vkDestroyDebugUtilsMessengerEXT");
  fetch(set_object_name, "vkSetDebugUtilsObjectNameEXT");
  fetch(begin_label, "vkCmdBeginDebugUtilsLabelEXT");
  fetch(end_label, "vkCmdEndDebugUtilsLabelEXT");
}

}  // namespace forge3d
