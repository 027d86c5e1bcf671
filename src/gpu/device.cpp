// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/device.hpp"

#include <fmt/format.h>

#include "gpu/device_builder.hpp"
#include "gpu/instance_functions.hpp"
#include "gpu/lifetime_table.hpp"
#include "gpu/vulkan.hpp"

namespace forge3d {

std::string_view to_string(DeviceKind kind) {
  switch (kind) {
    case DeviceKind::kAny:
      return "any";
    case DeviceKind::kDiscrete:
      return "discrete";
    case DeviceKind::kIntegrated:
      return "integrated";
    case DeviceKind::kSoftware:
      return "software";
  }
  return "unknown";
}

Device::Device() : lifetimes_(std::make_unique<LifetimeTable>()) {}

Result<std::shared_ptr<Device>> Device::create(const DeviceDesc& desc) {
  return DeviceBuilder::create(desc);
}

Result<std::shared_ptr<Device>> Device::adopt(const ExternalDevice& external) {
  return DeviceBuilder::adopt(external);
}

Device::~Device() {
  if (device_ != VK_NULL_HANDLE && table_->vkDeviceWaitIdle != nullptr) {
    // An engine's device may be in use by the engine: only our own submissions are waited for.
    if (info_.adopted) {
      (void)graphics_.wait(graphics_.last_submitted(), 1'000'000'000);
      if (transfer_.timeline_ != VK_NULL_HANDLE)
        (void)transfer_.wait(transfer_.last_submitted(), 1'000'000'000);
    } else {
      table_->vkDeviceWaitIdle(device_);
    }
    for (Queue* queue : {&graphics_, &transfer_})
      if (queue->timeline_ != VK_NULL_HANDLE)
        table_->vkDestroySemaphore(device_, queue->timeline_, nullptr);
    if (!info_.adopted) table_->vkDestroyDevice(device_, nullptr);
  }
  if (messenger_ != VK_NULL_HANDLE)
    instance_functions_->destroy_messenger(instance_, messenger_, nullptr);
  if (instance_ != VK_NULL_HANDLE && !info_.adopted)
    instance_functions_->destroy_instance(instance_, nullptr);
}

Queue& Device::queue(QueueKind kind) const {
  return kind == QueueKind::kTransfer && transfer_.queue_ != VK_NULL_HANDLE ? transfer_ : graphics_;
}

bool Device::can_sample(Format format, bool volume) const {
  if (format == Format::kUndefined) return false;
  VkFormatProperties properties{};
  instance_functions_->get_format_properties(physical_device_, static_cast<VkFormat>(format),
                                             &properties);
  constexpr VkFormatFeatureFlags kNeeded =
      VK_FORMAT_FEATURE_SAMPLED_IMAGE_BIT | VK_FORMAT_FEATURE_SAMPLED_IMAGE_FILTER_LINEAR_BIT;
  if ((properties.optimalTilingFeatures & kNeeded) != kNeeded) return false;
  VkImageFormatProperties of_volumes{};
  return !volume ||
         instance_functions_->get_image_format_properties(
             physical_device_, static_cast<VkFormat>(format), VK_IMAGE_TYPE_3D,
             VK_IMAGE_TILING_OPTIMAL, VK_IMAGE_USAGE_SAMPLED_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT,
             0, &of_volumes) == VK_SUCCESS;
}

Result<bool> Device::is_complete(Ticket ticket) const {
  return queue(ticket.queue).completed().map([&](Serial done) { return done >= ticket.serial; });
}

Result<> Device::wait(Ticket ticket, std::uint64_t timeout_ns) const {
  return queue(ticket.queue).wait(ticket.serial, timeout_ns);
}

Result<> Device::wait_idle() const {
  // Waiting on the timelines needs no external synchronisation of the queues, unlike
  // vkDeviceWaitIdle.
  for (QueueKind kind : {QueueKind::kGraphics, QueueKind::kTransfer}) {
    Queue& one = queue(kind);
    FORGE3D_TRY(one.wait(one.last_submitted(), ~std::uint64_t{0}));
  }
  return {};
}

ResourceId Device::begin_lifetime() const { return lifetimes_->begin(); }
void Device::end_lifetime(ResourceId id) const { lifetimes_->end(id); }
bool Device::is_alive(ResourceId id) const { return lifetimes_->alive(id); }

std::optional<StagingTuning> Device::staging_tuning() const {
  std::lock_guard lock(tuning_mutex_);
  return staging_tuning_;
}

void Device::remember(const StagingTuning& tuning) const {
  std::lock_guard lock(tuning_mutex_);
  staging_tuning_ = tuning;
}

void Device::set_debug_name(VkObjectType type, std::uint64_t handle, std::string_view name) const {
  if (instance_functions_->set_object_name == nullptr || name.empty()) return;
  const std::string text(name);
  VkDebugUtilsObjectNameInfoEXT info{VK_STRUCTURE_TYPE_DEBUG_UTILS_OBJECT_NAME_INFO_EXT, nullptr,
                                     type, handle, text.c_str()};
  (void)instance_functions_->set_object_name(device_, &info);
}

void Device::begin_label(VkCommandBuffer commands, const char* name) const {
  if (instance_functions_->begin_label == nullptr) return;
  VkDebugUtilsLabelEXT label{VK_STRUCTURE_TYPE_DEBUG_UTILS_LABEL_EXT, nullptr, name, {}};
  instance_functions_->begin_label(commands, &label);
}

void Device::end_label(VkCommandBuffer commands) const {
  if (instance_functions_->end_label != nullptr) instance_functions_->end_label(commands);
}

void Device::log(LogLevel level, std::string_view line) const {
  if (log_) log_(level, line);
}

Error Device::error(VkResult result, std::string_view what) const {
  if (result == VK_ERROR_DEVICE_LOST) lost_.store(true, std::memory_order_release);
  return Error{gpu::error_code(result),
               result,
               fmt::format("{} from {}", gpu::result_name(result), what),
               {}};
}

}  // namespace forge3d
