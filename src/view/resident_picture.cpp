// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "view/resident_picture.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gpu/vulkan.hpp"

namespace forge3d::view {
namespace {

/// Where the payload of a tile lies in the picture.
ImageRegion payload_region(const TilePyramid& pyramid, TileAddress tile, VkImage image) {
  ImageRegion region;
  region.image = image;
  region.format = pyramid.format;
  region.level = tile.level;
  region.image_width = pyramid.level_width(tile.level);
  region.image_height = pyramid.level_height(tile.level);
  region.x = tile.x * pyramid.page_texels;
  region.y = tile.y * pyramid.page_texels;
  region.width = std::min(pyramid.page_texels, region.image_width - region.x);
  region.height = std::min(pyramid.page_texels, region.image_height - region.y);
  const FormatInfo& format = *format_info(pyramid.format);
  region.row_bytes = std::size_t{pyramid.tile_texels() / format.block_width} * format.block_bytes;
  return region;
}

/// The stored blocks of the payload, rows region.row_bytes apart.
std::span<const std::byte> payload(const TilePyramid& pyramid, const ImageRegion& region,
                                   std::span<const std::byte> stored) {
  const FormatInfo& format = *format_info(pyramid.format);
  const std::size_t first =
      pyramid.border_texels / format.block_height * region.row_bytes +
      std::size_t{pyramid.border_texels / format.block_width} * format.block_bytes;
  const std::size_t rows = (region.height + format.block_height - 1) / format.block_height;
  const std::size_t columns = (region.width + format.block_width - 1) / format.block_width;
  return stored.subspan(first, (rows - 1) * region.row_bytes + columns * format.block_bytes);
}

}  // namespace

ResidentPicture::ResidentPicture(std::shared_ptr<Device> device) : device_(std::move(device)) {}

ResidentPicture::~ResidentPicture() {
  (void)device_->wait_idle();  // uploads may still be under way, after an error in particular
  if (sampler_ != VK_NULL_HANDLE)
    device_->vk().vkDestroySampler(device_->handle(), sampler_, nullptr);
}

DeviceImageDesc ResidentPicture::image_desc(const TilePyramid& pyramid) {
  DeviceImageDesc desc;
  desc.format = pyramid.format;
  desc.width = pyramid.width;
  desc.height = pyramid.height;
  desc.levels = pyramid.levels;
  desc.debug_name = "reference picture";
  return desc;
}

Result<std::unique_ptr<ResidentPicture>> ResidentPicture::create(std::shared_ptr<Device> device,
                                                                 StagingRing& ring,
                                                                 const TileSource& source) {
  std::unique_ptr<ResidentPicture> picture(new ResidentPicture(std::move(device)));
  FORGE3D_TRY(picture->create_image(source.pyramid()));
  FORGE3D_TRY(picture->create_sampler());
  FORGE3D_TRY(picture->upload(ring, source));
  return picture;
}

Result<> ResidentPicture::create_image(const TilePyramid& pyramid) {
  FORGE3D_TRY_ASSIGN(image_, DeviceImage::create(device_, image_desc(pyramid)));
  FORGE3D_TRY_ASSIGN(CommandRecorder recorder,
                     CommandRecorder::create(device_, QueueKind::kGraphics));
  FORGE3D_TRY_ASSIGN(const VkCommandBuffer commands, recorder.begin());
  record_layout_transition(*device_, commands, image_.handle(), VK_IMAGE_LAYOUT_UNDEFINED,
                           VK_IMAGE_LAYOUT_GENERAL);
  FORGE3D_TRY(recorder.submit());
  return {};
}

Result<> ResidentPicture::create_sampler() {
  VkSamplerCreateInfo info{VK_STRUCTURE_TYPE_SAMPLER_CREATE_INFO};
  info.magFilter = info.minFilter = VK_FILTER_LINEAR;
  info.mipmapMode = VK_SAMPLER_MIPMAP_MODE_LINEAR;
  info.addressModeU = info.addressModeV = info.addressModeW = VK_SAMPLER_ADDRESS_MODE_CLAMP_TO_EDGE;
  info.maxLod = VK_LOD_CLAMP_NONE;
  FORGE3D_VK_TRY(*device_,
                 device_->vk().vkCreateSampler(device_->handle(), &info, nullptr, &sampler_));
  return {};
}

Result<> ResidentPicture::upload(StagingRing& ring, const TileSource& source) {
  const TilePyramid& pyramid = source.pyramid();
  std::vector<std::byte> stored(pyramid.tile_bytes());
  for (std::uint32_t level = 0; level < pyramid.levels; ++level)
    for (std::uint32_t y = 0; y < pyramid.pages_y(level); ++y)
      for (std::uint32_t x = 0; x < pyramid.pages_x(level); ++x) {
        const TileAddress tile{level, x, y};
        FORGE3D_TRY(source.read_tile(tile, stored));
        const ImageRegion region = payload_region(pyramid, tile, image_.handle());
        FORGE3D_TRY(ring.upload(region, payload(pyramid, region, stored)));
      }
  FORGE3D_TRY(ring.flush());
  return {};
}

}  // namespace forge3d::view
