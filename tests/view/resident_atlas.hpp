// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// An atlas and a page table that hold every tile of a source but those left out: what MapPass
// samples, without a streaming system.

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <memory>

#include "forge3d/resources.hpp"
#include "forge3d/staging_ring.hpp"
#include "gpu/vulkan.hpp"
#include "streaming/page_table.hpp"

namespace forge3d::test {

class ResidentAtlas {
 public:
  using Keep = std::function<bool(TileAddress)>;

  ResidentAtlas(std::shared_ptr<Device> device, StagingRing& ring, const TileSource& source,
                const Keep& keep)
      : device_(std::move(device)), pyramid_(source.pyramid()) {
    grid_ = std::uint32_t(std::ceil(std::sqrt(double(pyramid_.page_count()))));
    auto table = streaming::PageTable::create({.page_texels = pyramid_.page_texels,
                                               .border_texels = pyramid_.border_texels,
                                               .atlas_grid = grid_});
    EXPECT_TRUE(table && table->add_texture(0, pyramid_));
    create_atlas();
    std::uint32_t slot = 0;
    for (std::uint32_t level = 0; level < pyramid_.levels; ++level)
      for (std::uint32_t y = 0; y < pyramid_.pages_y(level); ++y)
        for (std::uint32_t x = 0; x < pyramid_.pages_x(level); ++x) {
          const TileAddress tile{level, x, y};
          EXPECT_TRUE(table->want({0, tile}, 1));
          if (!keep(tile)) continue;
          upload_tile(ring, source, tile, slot);
          table->set_resident({0, tile}, slot++);
        }
    upload_table(ring, table->words());
    EXPECT_TRUE(ring.flush());
  }
  ~ResidentAtlas() { device_->vk().vkDestroySampler(device_->handle(), sampler_, nullptr); }
  ResidentAtlas(const ResidentAtlas&) = delete;
  ResidentAtlas& operator=(const ResidentAtlas&) = delete;

  [[nodiscard]] VkBuffer page_table() const { return table_.handle(); }
  [[nodiscard]] VkImageView atlas() const { return atlas_.view(); }
  [[nodiscard]] VkSampler sampler() const { return sampler_; }

 private:
  void create_atlas() {
    DeviceImageDesc desc;
    desc.format = pyramid_.format;
    desc.width = desc.height = grid_ * pyramid_.tile_texels();
    desc.array_view = true;
    auto atlas = DeviceImage::create(device_, desc);
    ASSERT_TRUE(atlas) << atlas.error().to_string();
    atlas_ = std::move(*atlas);
    auto recorder = CommandRecorder::create(device_, QueueKind::kGraphics);
    ASSERT_TRUE(recorder);
    const auto commands = recorder->begin();
    record_layout_transition(*device_, *commands, atlas_.handle(), VK_IMAGE_LAYOUT_UNDEFINED,
                             VK_IMAGE_LAYOUT_GENERAL);
    ASSERT_TRUE(recorder->submit());
    VkSamplerCreateInfo info{VK_STRUCTURE_TYPE_SAMPLER_CREATE_INFO};
    info.magFilter = info.minFilter = VK_FILTER_LINEAR;
    ASSERT_EQ(device_->vk().vkCreateSampler(device_->handle(), &info, nullptr, &sampler_),
              VK_SUCCESS);
  }

  void upload_tile(StagingRing& ring, const TileSource& source, TileAddress tile,
                   std::uint32_t slot) {
    std::vector<std::byte> stored(pyramid_.tile_bytes());
    ASSERT_TRUE(source.read_tile(tile, stored));
    ImageRegion region;
    region.image = atlas_.handle();
    region.format = pyramid_.format;
    region.image_width = region.image_height = atlas_.desc().width;
    region.x = slot % grid_ * pyramid_.tile_texels();
    region.y = slot / grid_ * pyramid_.tile_texels();
    region.width = region.height = pyramid_.tile_texels();
    const auto uploaded = ring.upload(region, stored);
    ASSERT_TRUE(uploaded) << uploaded.error().to_string();
  }

  void upload_table(StagingRing& ring, std::span<const std::uint32_t> words) {
    BufferDesc desc;
    desc.size_bytes = words.size_bytes();
    desc.usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT;
    auto table = Buffer::create(device_, desc);
    ASSERT_TRUE(table) << table.error().to_string();
    table_ = std::move(*table);
    ASSERT_TRUE(ring.upload({table_.handle(), 0, table_.size_bytes()}, std::as_bytes(words)));
  }

  std::shared_ptr<Device> device_;
  TilePyramid pyramid_;
  std::uint32_t grid_ = 1;
  DeviceImage atlas_;
  Buffer table_;
  VkSampler sampler_ = VK_NULL_HANDLE;
};

}  // namespace forge3d::test
