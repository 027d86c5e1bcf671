// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "forge3d/resources.hpp"
#include "gpu/vulkan.hpp"

namespace forge3d {
namespace {

VkImageCreateInfo image_info(const DeviceImageDesc& desc) {
  VkImageCreateInfo info{VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO};
  info.flags = desc.cube ? VkImageCreateFlags{VK_IMAGE_CREATE_CUBE_COMPATIBLE_BIT} : 0;
  info.imageType = desc.depth > 1 ? VK_IMAGE_TYPE_3D : VK_IMAGE_TYPE_2D;
  info.format = static_cast<VkFormat>(desc.format);
  info.extent = {desc.width, desc.height, desc.depth};
  info.mipLevels = desc.levels;
  info.arrayLayers = desc.layers;
  info.samples = VK_SAMPLE_COUNT_1_BIT;
  info.tiling = VK_IMAGE_TILING_OPTIMAL;
  info.usage = desc.usage;
  info.sharingMode = VK_SHARING_MODE_EXCLUSIVE;
  info.initialLayout = VK_IMAGE_LAYOUT_UNDEFINED;
  return info;
}

VkImageViewType view_type(const DeviceImageDesc& desc) {
  if (desc.depth > 1) return VK_IMAGE_VIEW_TYPE_3D;
  const bool array = desc.array_view || desc.layers > (desc.cube ? 6u : 1u);
  if (desc.cube) return array ? VK_IMAGE_VIEW_TYPE_CUBE_ARRAY : VK_IMAGE_VIEW_TYPE_CUBE;
  return array ? VK_IMAGE_VIEW_TYPE_2D_ARRAY : VK_IMAGE_VIEW_TYPE_2D;
}

/// Vulkan specification, "Image Creation": 3D images have one layer, and a limit of their own.
Result<> check_volume(const Device& device, const DeviceImageDesc& desc) {
  if (desc.layers > 1 || desc.array_view || desc.cube)
    return fail(ErrorCode::kNotSupported,
                desc.debug_name + ": Vulkan has no arrays and no cubes of 3D images");
  const std::uint32_t most = device.info().limits.maxImageDimension3D;
  if (std::max({desc.width, desc.height, desc.depth}) > most)
    return fail(ErrorCode::kNotSupported,
                fmt::format("{}: {} x {} x {} texels pass the device's {} of 3D images",
                            desc.debug_name, desc.width, desc.height, desc.depth, most));
  if ((desc.usage & VK_IMAGE_USAGE_SAMPLED_BIT) != 0 && !device.can_sample(desc.format, true))
    return fail(ErrorCode::kNotSupported,
                fmt::format("{}: {} cannot sample 3D images of format {}", desc.debug_name,
                            device.info().name, static_cast<int>(desc.format)));
  return {};
}

Result<> check(const Device& device, const DeviceImageDesc& desc) {
  if (desc.width == 0 || desc.height == 0 || desc.depth == 0 || desc.levels == 0 ||
      desc.layers == 0)
    return fail(ErrorCode::kInvalidArgument,
                desc.debug_name + ": an extent, level or layer count is zero");
  if (desc.levels > full_mip_count(std::max(desc.width, desc.depth), desc.height) ||
      (desc.cube && desc.layers % 6 != 0))
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: {} levels and {} layers do not fit {} x {} x {}", desc.debug_name,
                            desc.levels, desc.layers, desc.width, desc.height, desc.depth));
  const VkPhysicalDeviceLimits& limits = device.info().limits;
  if (desc.depth > 1) return check_volume(device, desc);
  if (desc.width > limits.maxImageDimension2D || desc.height > limits.maxImageDimension2D ||
      desc.layers > limits.maxImageArrayLayers)
    return fail(ErrorCode::kNotSupported,
                fmt::format("{}: {} x {} x {} layers pass the device's {} and {} layers",
                            desc.debug_name, desc.width, desc.height, desc.layers,
                            limits.maxImageDimension2D, limits.maxImageArrayLayers));
  if (view_type(desc) == VK_IMAGE_VIEW_TYPE_CUBE_ARRAY && !device.info().cube_arrays)
    return fail(ErrorCode::kNotSupported,
                fmt::format("{}: {} has no arrays of cubes", desc.debug_name, device.info().name));
  if ((desc.usage & VK_IMAGE_USAGE_SAMPLED_BIT) != 0 && !device.can_sample(desc.format))
    return fail(ErrorCode::kNotSupported,
                fmt::format("{}: {} cannot sample format {}", desc.debug_name, device.info().name,
                            static_cast<int>(desc.format)));
  return {};
}

}  // namespace

Result<DeviceImage> DeviceImage::create(std::shared_ptr<const Device> device,
                                        const DeviceImageDesc& desc) {
  FORGE3D_TRY(check(*device, desc));
  DeviceImage image;
  image.device_ = std::move(device);
  image.desc_ = desc;
  const Device& owner = *image.device_;
  const VkImageCreateInfo info = image_info(desc);
  FORGE3D_VK_TRY(owner, owner.vk().vkCreateImage(owner.handle(), &info, nullptr, &image.image_));
  owner.set_debug_name(VK_OBJECT_TYPE_IMAGE, reinterpret_cast<std::uint64_t>(image.image_),
                       desc.debug_name);
  AllocateDesc allocate;
  owner.vk().vkGetImageMemoryRequirements(owner.handle(), image.image_, &allocate.requirements);
  allocate.category = desc.category;
  allocate.dedicated_image = image.image_;
  allocate.debug_name = desc.debug_name;
  FORGE3D_TRY_ASSIGN(image.memory_, owner.allocate(allocate));
  FORGE3D_VK_TRY(
      owner, owner.vk().vkBindImageMemory(owner.handle(), image.image_, image.memory_.handle(), 0));

  VkImageViewCreateInfo view{VK_STRUCTURE_TYPE_IMAGE_VIEW_CREATE_INFO};
  view.image = image.image_;
  view.viewType = view_type(desc);
  view.format = info.format;
  view.subresourceRange = {VK_IMAGE_ASPECT_COLOR_BIT, 0, desc.levels, 0, desc.layers};
  FORGE3D_VK_TRY(owner, owner.vk().vkCreateImageView(owner.handle(), &view, nullptr, &image.view_));
  image.id_ = owner.begin_lifetime();
  return image;
}

Result<std::uint64_t> DeviceImage::required_bytes(const std::shared_ptr<const Device>& device,
                                                  const DeviceImageDesc& desc) {
  FORGE3D_TRY(check(*device, desc));
  const VkImageCreateInfo info = image_info(desc);
  VkImage image = VK_NULL_HANDLE;
  FORGE3D_VK_TRY(*device, device->vk().vkCreateImage(device->handle(), &info, nullptr, &image));
  VkMemoryRequirements requirements{};
  device->vk().vkGetImageMemoryRequirements(device->handle(), image, &requirements);
  device->vk().vkDestroyImage(device->handle(), image, nullptr);
  return requirements.size;
}

DeviceImage::~DeviceImage() {
  if (device_ == nullptr) return;
  device_->end_lifetime(id_);
  if (view_ != VK_NULL_HANDLE) device_->vk().vkDestroyImageView(device_->handle(), view_, nullptr);
  if (image_ != VK_NULL_HANDLE) device_->vk().vkDestroyImage(device_->handle(), image_, nullptr);
}

void DeviceImage::swap(DeviceImage& other) noexcept {
  std::swap(device_, other.device_);
  std::swap(id_, other.id_);
  std::swap(desc_, other.desc_);
  std::swap(image_, other.image_);
  std::swap(view_, other.view_);
  memory_.swap(other.memory_);
}

}  // namespace forge3d
