// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// MapPass: the compute pipeline of map_view.glsl with the image it renders into.

#include <cstdint>
#include <memory>

#include "forge3d/device.hpp"
#include "forge3d/feedback.hpp"
#include "forge3d/image.hpp"
#include "forge3d/resources.hpp"
#include "forge3d/staging_ring.hpp"
#include "view/map_constants.hpp"

namespace forge3d::view {

/// Renders frames on the graphics queue, up to three in flight, all into one image. Not
/// thread-safe.
class MapPass {
 public:
  enum class Picture : std::uint8_t { kVirtual, kVirtualWithFeedback, kResident };
  struct Inputs {
    VkBuffer page_table = VK_NULL_HANDLE;  ///< Not for kResident.
    VkImageView picture =
        VK_NULL_HANDLE;  ///< The atlas, or the whole texture. In VK_IMAGE_LAYOUT_GENERAL.
    VkSampler sampler = VK_NULL_HANDLE;
    Feedback* feedback = nullptr;  ///< kVirtualWithFeedback only: begun by the frame.
  };

  /// Errors: kInvalidArgument (empty extent), kNotSupported (extent beyond the device),
  /// Device::allocate's.
  [[nodiscard]] static Result<std::unique_ptr<MapPass>> create(std::shared_ptr<Device> device,
                                                               Picture picture, std::uint32_t width,
                                                               std::uint32_t height);
  ~MapPass();  ///< Waits for the frames in flight.

  /// Renders after all earlier work on the queue. REQUIRES: constants of this pass's extent.
  /// Errors: kDeviceLost, kTimeout, those of CommandRecorder.
  [[nodiscard]] Result<Ticket> render(const Inputs& inputs, const MapConstants& constants);
  /// The last frame. Errors: StagingRing::readback's, kInvalidArgument before the first frame.
  [[nodiscard]] Result<Image> read_pixels(StagingRing& ring);

 private:
  MapPass();
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace forge3d::view
