// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "gpu/device_builder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <mutex>

namespace forge3d {
namespace {

constexpr const char* kValidationLayer = "VK_LAYER_KHRONOS_validation";

// volk keeps the loader's entry points in globals; devices are opened one at a time.
std::mutex& volk_mutex() {
  static std::mutex mutex;
  return mutex;
}

template <class Item, class Enumerate>
std::vector<Item> enumerate(Enumerate&& call) {
  std::uint32_t count = 0;
  if (call(&count, nullptr) < 0) return {};
  std::vector<Item> items(count);
  if (count > 0 && call(&count, items.data()) < 0) return {};
  items.resize(count);
  return items;
}

bool contains(const std::vector<VkExtensionProperties>& extensions, const char* name) {
  return std::ranges::any_of(
      extensions, [&](const auto& e) { return std::strcmp(e.extensionName, name) == 0; });
}

bool layer_present() {
  const auto layers =
      enumerate<VkLayerProperties>([](std::uint32_t* count, VkLayerProperties* out) {
        return vkEnumerateInstanceLayerProperties(count, out);
      });
  return std::ranges::any_of(
      layers, [](const auto& l) { return std::strcmp(l.layerName, kValidationLayer) == 0; });
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

DeviceKind kind_of(VkPhysicalDeviceType type) {
  switch (type) {
    case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU:
    case VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU:
      return DeviceKind::kDiscrete;
    case VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU:
      return DeviceKind::kIntegrated;
    default:
      return DeviceKind::kSoftware;
  }
}

struct Wish {
  DeviceKind kind;
  std::string name;
};

// The environment wins, so that a user can force a device into any program.
Wish wish_of(const DeviceDesc& desc) {
  const char* forced = std::getenv("FORGE3D_DEVICE");
  if (forced == nullptr || *forced == '\0') return {desc.kind, lower(desc.name)};
  for (DeviceKind kind : {DeviceKind::kDiscrete, DeviceKind::kIntegrated, DeviceKind::kSoftware})
    if (lower(forced) == to_string(kind)) return {kind, ""};
  return {DeviceKind::kAny, lower(forced)};
}

// Images that shaders and copies share are kept in GENERAL on purpose; the layer would rather see
// two layout changes around each copy.
bool is_general_layout_advice(VkDebugUtilsMessageTypeFlagsEXT types, std::string_view message) {
  return (types & VK_DEBUG_UTILS_MESSAGE_TYPE_PERFORMANCE_BIT_EXT) != 0 &&
         message.find("instead of GENERAL") != std::string_view::npos;
}

VKAPI_ATTR VkBool32 VKAPI_CALL on_message(VkDebugUtilsMessageSeverityFlagBitsEXT severity,
                                          VkDebugUtilsMessageTypeFlagsEXT types,
                                          const VkDebugUtilsMessengerCallbackDataEXT* data,
                                          void* user) {
  if (is_general_layout_advice(types, data->pMessage)) return VK_FALSE;
  auto report = *static_cast<std::function<void(LogLevel, std::string_view)>*>(user);
  report(severity >= VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT ? LogLevel::kError
                                                                   : LogLevel::kWarning,
         data->pMessage);
  return VK_FALSE;
}

VkDebugUtilsMessengerCreateInfoEXT messenger_info(void* user) {
  VkDebugUtilsMessengerCreateInfoEXT info{VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT};
  info.messageSeverity = VK_DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT |
                         VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT;
  info.messageType = VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT |
                     VK_DEBUG_UTILS_MESSAGE_TYPE_PERFORMANCE_BIT_EXT;
  info.pfnUserCallback = on_message;
  info.pUserData = user;
  return info;
}

}  // namespace

DeviceBuilder::DeviceBuilder() : device_(new Device()) {
  device_->table_ = std::make_unique<VolkDeviceTable>();
  device_->instance_functions_ = std::make_unique<Device::InstanceFunctions>();
}

Result<std::shared_ptr<Device>> DeviceBuilder::create(const DeviceDesc& desc) {
  std::lock_guard lock(volk_mutex());
  DeviceBuilder builder;
  Device& device = *builder.device_;
  device.log_ = desc.log;
  FORGE3D_TRY(device.budget_.set_limits(desc.limits));
  FORGE3D_TRY(builder.open_loader());
  FORGE3D_TRY(builder.create_instance(desc));
  FORGE3D_TRY(builder.choose_physical_device(desc));
  builder.describe_physical_device();
  FORGE3D_TRY(builder.create_logical_device());
  FORGE3D_TRY(builder.create_timelines());
  device.set_debug_name(VK_OBJECT_TYPE_DEVICE, reinterpret_cast<std::uint64_t>(device.device_),
                        desc.debug_name);
  return std::move(builder.device_);
}

Result<std::shared_ptr<Device>> DeviceBuilder::adopt(const ExternalDevice& external) {
  if (external.get_instance_proc_addr == nullptr || external.instance == VK_NULL_HANDLE ||
      external.physical_device == VK_NULL_HANDLE || external.device == VK_NULL_HANDLE ||
      external.graphics_queue == VK_NULL_HANDLE)
    return fail(ErrorCode::kInvalidArgument,
                "Device::adopt needs get_instance_proc_addr, instance, "
                "physical device, device and graphics queue");
  std::lock_guard lock(volk_mutex());
  DeviceBuilder builder;
  Device& device = *builder.device_;
  device.log_ = external.log;
  device.info_.adopted = true;
  device.info_.debug_utils = external.debug_utils;
  FORGE3D_TRY(device.budget_.set_limits(external.limits));
  builder.get_ = external.get_instance_proc_addr;
  volkInitializeCustom(builder.get_);
  device.instance_ = external.instance;
  device.physical_device_ = external.physical_device;
  device.device_ = external.device;
  device.instance_functions_->load(builder.get_, device.instance_, external.debug_utils);
  if (std::string reason = builder.unfit_reason(external.physical_device); !reason.empty())
    return fail(ErrorCode::kNotSupported, "Device::adopt: " + reason);
  builder.describe_physical_device();
  builder.describe_host_import(external.external_memory_host);
  device.info_.cube_arrays = device.info_.cube_arrays && external.cube_arrays;
  builder.load_device_functions();
  builder.set_queue(device.graphics_, external.graphics_queue, external.graphics_family);
  device.info_.graphics_family = external.graphics_family;
  device.info_.dedicated_transfer_queue = external.transfer_queue != VK_NULL_HANDLE;
  if (device.info_.dedicated_transfer_queue)
    builder.set_queue(device.transfer_, external.transfer_queue, external.transfer_family);
  device.info_.transfer_family =
      device.info_.dedicated_transfer_queue ? external.transfer_family : external.graphics_family;
  builder.describe_transfer_family();
  FORGE3D_TRY(builder.create_timelines());
  return std::move(builder.device_);
}

Result<> DeviceBuilder::open_loader() {
  if (volkInitialize() != VK_SUCCESS)
    return fail(ErrorCode::kNotSupported, "no Vulkan loader (libvulkan.so.1) was found");
  if (volkGetInstanceVersion() < VK_API_VERSION_1_2)
    return fail(ErrorCode::kNotSupported, "the Vulkan loader is older than 1.2");
  get_ = vkGetInstanceProcAddr;
  return {};
}

Result<> DeviceBuilder::create_instance(const DeviceDesc& desc) {
  Device& device = *device_;
  if (desc.validation && !layer_present())
    return fail(ErrorCode::kNotSupported,
                std::string("validation was asked for, but the layer is not installed: ") +
                    kValidationLayer);
  const auto extensions =
      enumerate<VkExtensionProperties>([](std::uint32_t* count, VkExtensionProperties* out) {
        return vkEnumerateInstanceExtensionProperties(nullptr, count, out);
      });
  device.info_.debug_utils =
      desc.validation || contains(extensions, VK_EXT_DEBUG_UTILS_EXTENSION_NAME);
  device.info_.validation = desc.validation;
  device.report_ = [d = device_.get()](LogLevel level, std::string_view line) {
    d->validation_messages_.fetch_add(1);
    d->log(level, line);
  };

  VkApplicationInfo application{VK_STRUCTURE_TYPE_APPLICATION_INFO};
  application.pApplicationName = desc.debug_name.c_str();
  application.pEngineName = "forge3d";
  application.apiVersion = VK_API_VERSION_1_2;
  VkDebugUtilsMessengerCreateInfoEXT messenger = messenger_info(&device.report_);
  const VkValidationFeatureEnableEXT enables[] = {
      VK_VALIDATION_FEATURE_ENABLE_SYNCHRONIZATION_VALIDATION_EXT};
  VkValidationFeaturesEXT features{VK_STRUCTURE_TYPE_VALIDATION_FEATURES_EXT};
  features.pNext = &messenger;
  features.enabledValidationFeatureCount = 1;
  features.pEnabledValidationFeatures = enables;
  const char* debug_utils = VK_EXT_DEBUG_UTILS_EXTENSION_NAME;
  VkInstanceCreateInfo info{VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO};
  info.pApplicationInfo = &application;
  info.enabledExtensionCount = device.info_.debug_utils ? 1 : 0;
  info.ppEnabledExtensionNames = &debug_utils;
  if (desc.validation) {
    info.pNext = &features;
    info.enabledLayerCount = 1;
    info.ppEnabledLayerNames = &kValidationLayer;
  }
  FORGE3D_VK_TRY(device, vkCreateInstance(&info, nullptr, &device.instance_));
  device.instance_functions_->load(get_, device.instance_, device.info_.debug_utils);
  if (desc.validation)
    FORGE3D_VK_TRY(device, device.instance_functions_->create_messenger(
                               device.instance_, &messenger, nullptr, &device.messenger_));
  return {};
}

std::string DeviceBuilder::unfit_reason(VkPhysicalDevice physical) const {
  const Device::InstanceFunctions& vk = *device_->instance_functions_;
  VkPhysicalDeviceProperties2 properties{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2};
  vk.get_properties(physical, &properties);
  if (properties.properties.apiVersion < VK_API_VERSION_1_2)
    return "the driver is older than Vulkan 1.2";
  VkPhysicalDeviceVulkan12Features features12{
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES};
  VkPhysicalDeviceFeatures2 features{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2, &features12, {}};
  vk.get_features(physical, &features);
  if (!features12.timelineSemaphore) return "no timeline semaphores";
  if (find_families(physical).graphics == VK_QUEUE_FAMILY_IGNORED)
    return "no queue family with graphics and compute";
  return {};
}

std::vector<VkQueueFamilyProperties> DeviceBuilder::queue_families(
    VkPhysicalDevice physical) const {
  std::uint32_t count = 0;
  device_->instance_functions_->get_queue_families(physical, &count, nullptr);
  std::vector<VkQueueFamilyProperties> families(count);
  device_->instance_functions_->get_queue_families(physical, &count, families.data());
  return families;
}

DeviceBuilder::Families DeviceBuilder::find_families(VkPhysicalDevice physical) const {
  const std::vector<VkQueueFamilyProperties> families = queue_families(physical);
  constexpr VkQueueFlags kBoth = VK_QUEUE_GRAPHICS_BIT | VK_QUEUE_COMPUTE_BIT;
  Families found;
  for (std::uint32_t i = 0; i < families.size(); ++i) {
    const VkQueueFlags flags = families[i].queueFlags;
    if ((flags & kBoth) == kBoth && found.graphics == VK_QUEUE_FAMILY_IGNORED) found.graphics = i;
    if ((flags & VK_QUEUE_TRANSFER_BIT) != 0 && (flags & kBoth) == 0 &&
        found.transfer == VK_QUEUE_FAMILY_IGNORED)
      found.transfer = i;
  }
  return found;
}

Result<> DeviceBuilder::choose_physical_device(const DeviceDesc& desc) {
  const Device::InstanceFunctions& vk = *device_->instance_functions_;
  const auto devices =
      enumerate<VkPhysicalDevice>([&](std::uint32_t* count, VkPhysicalDevice* out) {
        return vk.enumerate_physical_devices(device_->instance_, count, out);
      });
  const Wish wish = wish_of(desc);
  std::string seen;
  int best_rank = 99;
  for (VkPhysicalDevice physical : devices) {
    VkPhysicalDeviceProperties2 properties{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2};
    vk.get_properties(physical, &properties);
    const DeviceKind kind = kind_of(properties.properties.deviceType);
    const std::string reason = unfit_reason(physical);
    seen += fmt::format("{}{} ({}{}{})", seen.empty() ? "" : ", ", properties.properties.deviceName,
                        to_string(kind), reason.empty() ? "" : "; ", reason);
    const bool wanted =
        (wish.kind == DeviceKind::kAny || wish.kind == kind) &&
        lower(properties.properties.deviceName).find(wish.name) != std::string::npos;
    const int rank = static_cast<int>(kind);
    if (!reason.empty() || !wanted || rank >= best_rank) continue;
    best_rank = rank;
    device_->physical_device_ = physical;
  }
  if (best_rank < 99) return {};
  return fail(ErrorCode::kNotSupported,
              fmt::format("no Vulkan device fits (kind {}, name \"{}\"); found: {}",
                          to_string(wish.kind), wish.name, seen.empty() ? "none" : seen));
}

void DeviceBuilder::describe_physical_device() {
  Device& device = *device_;
  DeviceInfo& info = device.info_;
  const Device::InstanceFunctions& vk = *device.instance_functions_;
  VkPhysicalDeviceDriverProperties driver{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DRIVER_PROPERTIES};
  VkPhysicalDeviceProperties2 properties{
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2, &driver, {}};
  vk.get_properties(device.physical_device_, &properties);
  info.name = properties.properties.deviceName;
  info.driver = fmt::format("{} {}", driver.driverName, driver.driverInfo);
  info.kind = kind_of(properties.properties.deviceType);
  info.api_version = properties.properties.apiVersion;
  info.vendor_id = properties.properties.vendorID;
  info.device_id = properties.properties.deviceID;
  info.limits = properties.properties.limits;
  vk.get_memory_properties(device.physical_device_, &info.memory);
  info.unified_memory = std::all_of(
      info.memory.memoryHeaps, info.memory.memoryHeaps + info.memory.memoryHeapCount,
      [](const VkMemoryHeap& heap) { return (heap.flags & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT) != 0; });
  VkPhysicalDeviceFeatures2 features{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2};
  vk.get_features(device.physical_device_, &features);
  info.texture_compression_bc = features.features.textureCompressionBC == VK_TRUE;
  info.texture_compression_etc2 = features.features.textureCompressionETC2 == VK_TRUE;
  info.texture_compression_astc = features.features.textureCompressionASTC_LDR == VK_TRUE;
  info.cube_arrays = features.features.imageCubeArray == VK_TRUE;
  info.sparse_residency = features.features.sparseResidencyImage2D == VK_TRUE;
  const auto extensions =
      enumerate<VkExtensionProperties>([&](std::uint32_t* count, VkExtensionProperties* out) {
        return vk.enumerate_device_extensions(device.physical_device_, nullptr, count, out);
      });
  info.memory_budget = contains(extensions, VK_EXT_MEMORY_BUDGET_EXTENSION_NAME);
  describe_host_import(contains(extensions, VK_EXT_EXTERNAL_MEMORY_HOST_EXTENSION_NAME));
  info.host_image_copy = contains(extensions, "VK_EXT_host_image_copy");
}

void DeviceBuilder::describe_host_import(bool offered) {
  Device& device = *device_;
  device.info_.external_memory_host = offered;
  device.info_.host_import_alignment = 0;
  if (!offered) return;
  VkPhysicalDeviceExternalMemoryHostPropertiesEXT host{
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_EXTERNAL_MEMORY_HOST_PROPERTIES_EXT};
  VkPhysicalDeviceProperties2 properties{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2, &host, {}};
  device.instance_functions_->get_properties(device.physical_device_, &properties);
  device.info_.host_import_alignment = host.minImportedHostPointerAlignment;
}

Result<> DeviceBuilder::create_logical_device() {
  Device& device = *device_;
  const Families families = find_families(device.physical_device_);
  const bool transfer = families.transfer != VK_QUEUE_FAMILY_IGNORED;
  const float priority = 1.0f;
  VkDeviceQueueCreateInfo queues[2] = {
      {VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO, nullptr, 0, families.graphics, 1, &priority},
      {VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO, nullptr, 0, families.transfer, 1, &priority}};
  VkPhysicalDeviceVulkan12Features features12{
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES};
  features12.timelineSemaphore = VK_TRUE;
  VkPhysicalDeviceFeatures2 features{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2, &features12, {}};
  features.features.textureCompressionBC = device.info_.texture_compression_bc;
  features.features.textureCompressionETC2 = device.info_.texture_compression_etc2;
  features.features.textureCompressionASTC_LDR = device.info_.texture_compression_astc;
  features.features.imageCubeArray = device.info_.cube_arrays;
  std::vector<const char*> extensions;
  if (device.info_.memory_budget) extensions.push_back(VK_EXT_MEMORY_BUDGET_EXTENSION_NAME);
  if (device.info_.external_memory_host)
    extensions.push_back(VK_EXT_EXTERNAL_MEMORY_HOST_EXTENSION_NAME);
  VkDeviceCreateInfo info{VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO, &features};
  info.queueCreateInfoCount = transfer ? 2 : 1;
  info.pQueueCreateInfos = queues;
  info.enabledExtensionCount = static_cast<std::uint32_t>(extensions.size());
  info.ppEnabledExtensionNames = extensions.data();
  FORGE3D_VK_TRY(device, device.instance_functions_->create_device(device.physical_device_, &info,
                                                                   nullptr, &device.device_));
  load_device_functions();
  VkQueue handle = VK_NULL_HANDLE;
  device.table_->vkGetDeviceQueue(device.device_, families.graphics, 0, &handle);
  set_queue(device.graphics_, handle, families.graphics);
  if (transfer) {
    device.table_->vkGetDeviceQueue(device.device_, families.transfer, 0, &handle);
    set_queue(device.transfer_, handle, families.transfer);
  }
  device.info_.dedicated_transfer_queue = transfer;
  device.info_.graphics_family = families.graphics;
  device.info_.transfer_family = transfer ? families.transfer : families.graphics;
  describe_transfer_family();
  return {};
}

void DeviceBuilder::describe_transfer_family() {
  const std::vector<VkQueueFamilyProperties> families = queue_families(device_->physical_device_);
  if (device_->info_.transfer_family >= families.size()) return;  // an engine's mistake
  const VkExtent3D granularity =
      families[device_->info_.transfer_family].minImageTransferGranularity;
  device_->info_.fine_transfer_granularity =
      granularity.width == 1 && granularity.height == 1 && granularity.depth == 1;
}

void DeviceBuilder::load_device_functions() {
  vkGetDeviceProcAddr = device_->instance_functions_->get_device_proc_addr;
  volkLoadDeviceTable(device_->table_.get(), device_->device_);
}

void DeviceBuilder::set_queue(Queue& queue, VkQueue handle, std::uint32_t family) {
  queue.device_ = device_.get();
  queue.queue_ = handle;
  queue.family_ = family;
}

Result<> DeviceBuilder::create_timelines() {
  FORGE3D_TRY(create_timeline(*device_, device_->graphics_));
  if (device_->transfer_.queue_ != VK_NULL_HANDLE)
    FORGE3D_TRY(create_timeline(*device_, device_->transfer_));
  return {};
}

Result<> DeviceBuilder::create_timeline(Device& device, Queue& queue) {
  VkSemaphoreTypeCreateInfo type{VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO, nullptr,
                                 VK_SEMAPHORE_TYPE_TIMELINE, 0};
  VkSemaphoreCreateInfo info{VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO, &type, 0};
  FORGE3D_VK_TRY(
      device, device.table_->vkCreateSemaphore(device.device_, &info, nullptr, &queue.timeline_));
  device.set_debug_name(VK_OBJECT_TYPE_SEMAPHORE, reinterpret_cast<std::uint64_t>(queue.timeline_),
                        "forge3d timeline");
  return {};
}

}  // namespace forge3d
