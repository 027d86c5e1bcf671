// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Atlas: the array images that hold all resident tiles, one image for each layer of a texture, as
// large as their bytes allow.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "forge3d/resources.hpp"
#include "forge3d/staging_ring.hpp"

namespace forge3d::streaming {

struct AtlasDesc {
  std::vector<Format> formats;  ///< One for each layer.
  std::uint32_t tile_texels = 0;
  std::uint32_t least_slots = 1;  ///< Fewer are an error.
  std::uint64_t limit_bytes = 0;  ///< For all images.
  std::string debug_name;
};

/// Slot s is cell s % grid^2 of array layer s / grid^2, in every image. One tile an array layer
/// while the device has enough of them, else a square of tiles. Move-only.
class Atlas {
 public:
  /// Makes the images with the most slots whose memory is within the limit, their sampler, and
  /// brings them into layout GENERAL. Errors: kBudgetExceeded names the bytes that least_slots
  /// need; DeviceImage::create's.
  [[nodiscard]] static Result<Atlas> create(const std::shared_ptr<Device>& device,
                                            const AtlasDesc& desc);
  Atlas(Atlas&& other) noexcept;
  Atlas& operator=(Atlas&& other) = delete;
  ~Atlas();

  [[nodiscard]] std::uint32_t slots() const {
    return images_.front().desc().layers * grid_ * grid_;
  }
  [[nodiscard]] std::uint32_t grid() const { return grid_; }
  [[nodiscard]] std::uint64_t size_bytes() const;
  [[nodiscard]] std::uint32_t images() const { return static_cast<std::uint32_t>(images_.size()); }
  [[nodiscard]] VkImageView view(std::uint32_t image) const { return images_[image].view(); }
  [[nodiscard]] VkSampler sampler() const { return sampler_; }
  /// Where a slot's tile of one image is copied to, or read back from.
  [[nodiscard]] ImageRegion region(std::uint32_t slot, std::uint32_t image) const;

 private:
  Atlas() = default;
  std::shared_ptr<Device> device_;
  std::vector<DeviceImage> images_;
  VkSampler sampler_ = VK_NULL_HANDLE;
  std::uint32_t tile_texels_ = 0;
  std::uint32_t grid_ = 1;
};

}  // namespace forge3d::streaming
