// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// ResidentPicture: all levels of a tile source as one ordinary texture.

#include <memory>

#include "forge3d/resources.hpp"
#include "forge3d/staging_ring.hpp"
#include "forge3d/tile_source.hpp"

namespace forge3d::view {

/// The texture, in VK_IMAGE_LAYOUT_GENERAL, and a trilinear sampler clamped to its edge.
class ResidentPicture {
 public:
  /// The image that create() makes.
  [[nodiscard]] static DeviceImageDesc image_desc(const TilePyramid& pyramid);
  /// Reads every tile once and uploads its payload. Errors: kNotSupported (format, extent),
  /// Device::allocate's, the source's, the ring's.
  [[nodiscard]] static Result<std::unique_ptr<ResidentPicture>> create(
      std::shared_ptr<Device> device, StagingRing& ring, const TileSource& source);
  ~ResidentPicture();  ///< Waits until the device is idle.
  ResidentPicture(const ResidentPicture&) = delete;
  ResidentPicture& operator=(const ResidentPicture&) = delete;

  [[nodiscard]] VkImageView view() const { return image_.view(); }
  [[nodiscard]] VkSampler sampler() const { return sampler_; }

 private:
  explicit ResidentPicture(std::shared_ptr<Device> device);
  [[nodiscard]] Result<> create_image(const TilePyramid& pyramid);
  [[nodiscard]] Result<> create_sampler();
  [[nodiscard]] Result<> upload(StagingRing& ring, const TileSource& source);
  std::shared_ptr<Device> device_;
  DeviceImage image_;
  VkSampler sampler_ = VK_NULL_HANDLE;
};

}  // namespace forge3d::view
