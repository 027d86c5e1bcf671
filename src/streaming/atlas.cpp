// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "streaming/atlas.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "gpu/vulkan.hpp"

namespace forge3d::streaming {
namespace {

constexpr std::uint64_t kTransitionTimeoutNs = 10'000'000'000;

DeviceImageDesc image_desc(const AtlasDesc& desc, std::uint32_t grid, std::uint32_t layers) {
  DeviceImageDesc image;
  image.format = desc.format;
  image.width = image.height = grid * desc.tile_texels;
  image.layers = layers;
  image.array_view = true;
  // Source, too: what is resident can be read back and compared.
  image.usage = VK_IMAGE_USAGE_SAMPLED_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT |
                VK_IMAGE_USAGE_TRANSFER_SRC_BIT;
  image.category = MemoryCategory::kAtlas;
  image.debug_name = desc.debug_name + " atlas";
  return image;
}

/// Finds shapes that fit the limit by asking the driver, whose padding nobody else knows.
class Planner {
 public:
  Planner(const std::shared_ptr<Device>& device, const AtlasDesc& desc)
      : device_(device), desc_(desc) {}

  [[nodiscard]] bool fits(std::uint32_t grid, std::uint32_t layers) const {
    const Result<std::uint64_t> bytes =
        DeviceImage::required_bytes(device_, image_desc(desc_, grid, layers));
    return bytes && *bytes <= desc_.limit_bytes;
  }
  /// The most layers that fit; 0 when not even one does.
  [[nodiscard]] std::uint32_t most_layers(std::uint32_t grid) const {
    std::uint32_t low = 0, high = device_->info().limits.maxImageArrayLayers;
    while (low < high) {
      const std::uint32_t middle = low + (high - low + 1) / 2;
      if (fits(grid, middle))
        low = middle;
      else
        high = middle - 1;
    }
    return low;
  }
  /// The shape with the most slots. A larger grid is only tried when the layers of a smaller one
  /// run out.
  [[nodiscard]] DeviceImageDesc best() const {
    const VkPhysicalDeviceLimits& limits = device_->info().limits;
    std::uint32_t grid = 1, layers = most_layers(1);
    for (std::uint32_t g = 2; layers == limits.maxImageArrayLayers &&
                              g * desc_.tile_texels <= limits.maxImageDimension2D;
         ++g) {
      const std::uint32_t more = most_layers(g);
      if (more * g * g <= layers * grid * grid) break;
      grid = g;
      layers = more;
    }
    return image_desc(desc_, grid, layers);
  }

 private:
  const std::shared_ptr<Device>& device_;
  const AtlasDesc& desc_;
};

Result<> bring_into_general(const std::shared_ptr<Device>& device, VkImage image) {
  FORGE3D_TRY_ASSIGN(CommandRecorder recorder,
                     CommandRecorder::create(device, QueueKind::kGraphics));
  FORGE3D_TRY_ASSIGN(const VkCommandBuffer commands, recorder.begin());
  record_layout_transition(*device, commands, image, VK_IMAGE_LAYOUT_UNDEFINED,
                           VK_IMAGE_LAYOUT_GENERAL);
  FORGE3D_TRY_ASSIGN(const Ticket ticket, recorder.submit());
  return device->wait(ticket, kTransitionTimeoutNs);
}

}  // namespace

Result<Atlas> Atlas::create(const std::shared_ptr<Device>& device, const AtlasDesc& desc) {
  // Says in the driver's words what is wrong with the format or the tile, before bytes are the
  // matter.
  FORGE3D_TRY(DeviceImage::required_bytes(device, image_desc(desc, 1, 1)));
  const DeviceImageDesc shape = Planner(device, desc).best();
  Atlas atlas;
  atlas.device_ = device;
  atlas.tile_texels_ = desc.tile_texels;
  atlas.grid_ = shape.width / desc.tile_texels;
  if (atlas.grid_ * atlas.grid_ * shape.layers < desc.least_slots) {
    FORGE3D_TRY_ASSIGN(const std::uint64_t bytes,
                       DeviceImage::required_bytes(device, image_desc(desc, 1, desc.least_slots)));
    return fail(
        ErrorCode::kBudgetExceeded,
        fmt::format("{}: {} bytes are left for the atlas; {} slots of {} x {} texels need {}",
                    desc.debug_name, desc.limit_bytes, desc.least_slots, desc.tile_texels,
                    desc.tile_texels, bytes));
  }
  FORGE3D_TRY_ASSIGN(atlas.image_, DeviceImage::create(device, shape));
  VkSamplerCreateInfo sampler{VK_STRUCTURE_TYPE_SAMPLER_CREATE_INFO};
  sampler.magFilter = sampler.minFilter = VK_FILTER_LINEAR;
  sampler.mipmapMode = VK_SAMPLER_MIPMAP_MODE_NEAREST;
  sampler.addressModeU = sampler.addressModeV = sampler.addressModeW =
      VK_SAMPLER_ADDRESS_MODE_CLAMP_TO_EDGE;
  FORGE3D_VK_TRY(
      *device, device->vk().vkCreateSampler(device->handle(), &sampler, nullptr, &atlas.sampler_));
  device->set_debug_name(VK_OBJECT_TYPE_SAMPLER, reinterpret_cast<std::uint64_t>(atlas.sampler_),
                         desc.debug_name + " sampler");
  FORGE3D_TRY(bring_into_general(device, atlas.image_.handle()));
  return atlas;
}

Atlas::Atlas(Atlas&& other) noexcept
    : device_(std::move(other.device_)),
      image_(std::move(other.image_)),
      sampler_(std::exchange(other.sampler_, VK_NULL_HANDLE)),
      tile_texels_(other.tile_texels_),
      grid_(other.grid_) {}

Atlas::~Atlas() {
  if (sampler_ != VK_NULL_HANDLE)
    device_->vk().vkDestroySampler(device_->handle(), sampler_, nullptr);
}

ImageRegion Atlas::region(std::uint32_t slot) const {
  const std::uint32_t cell = slot % (grid_ * grid_);
  ImageRegion region;
  region.image = image_.handle();
  region.format = image_.desc().format;
  region.image_width = image_.desc().width;
  region.image_height = image_.desc().height;
  region.layer = slot / (grid_ * grid_);
  region.x = cell % grid_ * tile_texels_;
  region.y = cell / grid_ * tile_texels_;
  region.width = region.height = tile_texels_;
  return region;
}

}  // namespace forge3d::streaming
