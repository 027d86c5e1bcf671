// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "streaming/atlas.hpp"

#include <fmt/format.h>

#include <numeric>
#include <utility>

#include "gpu/vulkan.hpp"
#include "streaming/page_table_layout.hpp"

namespace forge3d::streaming {
namespace {

constexpr std::uint64_t kTransitionTimeoutNs = 10'000'000'000;

/// How many tiles an image has, and in what arrangement.
struct Shape {
  std::uint32_t grid = 1;
  std::uint32_t layers = 1;
};

DeviceImageDesc image_desc(const AtlasDesc& desc, std::size_t index, const Shape& shape) {
  DeviceImageDesc image;
  image.format = desc.formats[index];
  image.width = image.height = shape.grid * desc.tile_texels;
  image.layers = shape.layers;
  image.array_view = true;
  // Source, too: what is resident can be read back and compared.
  image.usage = VK_IMAGE_USAGE_SAMPLED_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT |
                VK_IMAGE_USAGE_TRANSFER_SRC_BIT;
  image.category = MemoryCategory::kAtlas;
  image.debug_name = desc.debug_name + " atlas";
  if (desc.formats.size() > 1) image.debug_name += fmt::format(" {}", index);
  return image;
}

/// What images of this shape take from the ledger. Errors: DeviceImage::create's.
Result<std::uint64_t> required_bytes(const std::shared_ptr<Device>& device, const AtlasDesc& desc,
                                     const Shape& shape) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < desc.formats.size(); ++i) {
    FORGE3D_TRY_ASSIGN(const std::uint64_t bytes,
                       DeviceImage::required_bytes(device, image_desc(desc, i, shape)));
    sum += bytes;
  }
  return sum;
}

/// Finds shapes that fit the limit by asking the driver, whose padding nobody else knows.
class Planner {
 public:
  Planner(const std::shared_ptr<Device>& device, const AtlasDesc& desc)
      : device_(device), desc_(desc) {}

  [[nodiscard]] bool fits(std::uint32_t grid, std::uint32_t layers) const {
    const Result<std::uint64_t> bytes = required_bytes(device_, desc_, {grid, layers});
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
  [[nodiscard]] Shape best() const {
    const VkPhysicalDeviceLimits& limits = device_->info().limits;
    std::uint32_t grid = 1, layers = most_layers(1);
    // No more slots than the page table can name.
    for (std::uint32_t g = 2; layers == limits.maxImageArrayLayers &&
                              std::uint64_t{layers} * g * g <= layout::kMaxSlots &&
                              g * desc_.tile_texels <= limits.maxImageDimension2D;
         ++g) {
      const std::uint32_t more = most_layers(g);
      if (more * g * g <= layers * grid * grid) break;
      grid = g;
      layers = more;
    }
    return {grid, layers};
  }

 private:
  const std::shared_ptr<Device>& device_;
  const AtlasDesc& desc_;
};

Result<> bring_into_general(const std::shared_ptr<Device>& device,
                            std::span<const DeviceImage> images) {
  FORGE3D_TRY_ASSIGN(CommandRecorder recorder,
                     CommandRecorder::create(device, QueueKind::kGraphics));
  FORGE3D_TRY_ASSIGN(const VkCommandBuffer commands, recorder.begin());
  for (const DeviceImage& image : images)
    record_layout_transition(*device, commands, image.handle(), VK_IMAGE_LAYOUT_UNDEFINED,
                             VK_IMAGE_LAYOUT_GENERAL);
  FORGE3D_TRY_ASSIGN(const Ticket ticket, recorder.submit());
  return device->wait(ticket, kTransitionTimeoutNs);
}

}  // namespace

Result<Atlas> Atlas::create(const std::shared_ptr<Device>& device, const AtlasDesc& desc) {
  // Says in the driver's words what is wrong with the format or the tile, before bytes are the
  // matter.
  FORGE3D_TRY(required_bytes(device, desc, {}));
  const Shape shape = Planner(device, desc).best();
  Atlas atlas;
  atlas.device_ = device;
  atlas.tile_texels_ = desc.tile_texels;
  atlas.grid_ = shape.grid;
  if (atlas.grid_ * atlas.grid_ * shape.layers < desc.least_slots) {
    FORGE3D_TRY_ASSIGN(const std::uint64_t bytes,
                       required_bytes(device, desc, {1, desc.least_slots}));
    return fail(
        ErrorCode::kBudgetExceeded,
        fmt::format("{}: {} bytes are left for the atlas; {} slots of {} x {} texels need {}",
                    desc.debug_name, desc.limit_bytes, desc.least_slots, desc.tile_texels,
                    desc.tile_texels, bytes));
  }
  for (std::size_t i = 0; i < desc.formats.size(); ++i) {
    FORGE3D_TRY_ASSIGN(DeviceImage image, DeviceImage::create(device, image_desc(desc, i, shape)));
    atlas.images_.push_back(std::move(image));
  }
  VkSamplerCreateInfo sampler{VK_STRUCTURE_TYPE_SAMPLER_CREATE_INFO};
  sampler.magFilter = sampler.minFilter = VK_FILTER_LINEAR;
  sampler.mipmapMode = VK_SAMPLER_MIPMAP_MODE_NEAREST;
  sampler.addressModeU = sampler.addressModeV = sampler.addressModeW =
      VK_SAMPLER_ADDRESS_MODE_CLAMP_TO_EDGE;
  FORGE3D_VK_TRY(
      *device, device->vk().vkCreateSampler(device->handle(), &sampler, nullptr, &atlas.sampler_));
  device->set_debug_name(VK_OBJECT_TYPE_SAMPLER, reinterpret_cast<std::uint64_t>(atlas.sampler_),
                         desc.debug_name + " sampler");
  FORGE3D_TRY(bring_into_general(device, atlas.images_));
  return atlas;
}

Atlas::Atlas(Atlas&& other) noexcept
    : device_(std::move(other.device_)),
      images_(std::move(other.images_)),
      sampler_(std::exchange(other.sampler_, VK_NULL_HANDLE)),
      tile_texels_(other.tile_texels_),
      grid_(other.grid_) {}

Atlas::~Atlas() {
  if (sampler_ != VK_NULL_HANDLE)
    device_->vk().vkDestroySampler(device_->handle(), sampler_, nullptr);
}

std::uint64_t Atlas::size_bytes() const {
  return std::accumulate(
      images_.begin(), images_.end(), std::uint64_t{0},
      [](std::uint64_t sum, const DeviceImage& image) { return sum + image.size_bytes(); });
}

ImageRegion Atlas::region(std::uint32_t slot, std::uint32_t index) const {
  const DeviceImage& image = images_[index];
  const std::uint32_t cell = slot % (grid_ * grid_);
  ImageRegion region;
  region.image = image.handle();
  region.format = image.desc().format;
  region.image_width = image.desc().width;
  region.image_height = image.desc().height;
  region.layer = slot / (grid_ * grid_);
  region.x = cell % grid_ * tile_texels_;
  region.y = cell / grid_ * tile_texels_;
  region.width = region.height = tile_texels_;
  return region;
}

}  // namespace forge3d::streaming
