// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Atlas: the one array image that holds all resident tiles, as large as its bytes allow.

#include <cstdint>
#include <memory>
#include <string>

#include "forge3d/resources.hpp"
#include "forge3d/staging_ring.hpp"

namespace forge3d::streaming {

struct AtlasDesc {
  Format format = Format::kUndefined;
  std::uint32_t tile_texels = 0;
  std::uint32_t least_slots = 1;  ///< Fewer are an error.
  std::uint64_t limit_bytes = 0;
  std::string debug_name;
};

/// Slot s is cell s % grid^2 of layer s / grid^2. One tile a layer while the device has enough
/// layers, else a square of them. Move-only.
class Atlas {
 public:
  /// Makes the image with the most slots whose memory is within the limit, its sampler, and brings
  /// it into layout GENERAL. Errors: kBudgetExceeded names the bytes that least_slots need;
  /// DeviceImage::create's.
  [[nodiscard]] static Result<Atlas> create(const std::shared_ptr<Device>& device,
                                            const AtlasDesc& desc);
  Atlas(Atlas&& other) noexcept;
  Atlas& operator=(Atlas&& other) = delete;
  ~Atlas();

  [[nodiscard]] std::uint32_t slots() const { return image_.desc().layers * grid_ * grid_; }
  [[nodiscard]] std::uint32_t grid() const { return grid_; }
  [[nodiscard]] std::uint64_t size_bytes() const { return image_.size_bytes(); }
  [[nodiscard]] VkImageView view() const { return image_.view(); }
  [[nodiscard]] VkSampler sampler() const { return sampler_; }
  /// Where a slot's tile is copied to, or read back from.
  [[nodiscard]] ImageRegion region(std::uint32_t slot) const;

 private:
  Atlas() = default;
  std::shared_ptr<Device> device_;
  DeviceImage image_;
  VkSampler sampler_ = VK_NULL_HANDLE;
  std::uint32_t tile_texels_ = 0;
  std::uint32_t grid_ = 1;
};

}  // namespace forge3d::streaming
