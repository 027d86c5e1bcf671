// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// MapView: a virtual texture as a plane in the world under a camera, rendered offscreen; and the
// same picture from texels that are all resident, to hold it against.

#include <array>
#include <cstdint>
#include <memory>

#include "forge3d/camera.hpp"
#include "forge3d/device.hpp"
#include "forge3d/feedback.hpp"
#include "forge3d/image.hpp"
#include "forge3d/staging_ring.hpp"
#include "forge3d/virtual_texture.hpp"

namespace forge3d {

struct MapViewDesc {
  std::shared_ptr<Device> device;
  std::shared_ptr<StagingRing> ring;
  std::uint32_t width = 1280, height = 720;
  float max_anisotropy = 8;
  std::array<std::uint8_t, 4> background{24, 26, 32, 255};  ///< sRGB codes outside the texture.
  /// Each render() is a frame of it, begun and ended. Null: none is written.
  std::shared_ptr<Feedback> feedback;
};

/// Renders with a compute shader into an RGBA8 image of its own (category render target), composed
/// over the background where the texture is transparent. Coordinates are exact to 1/256 of a texel
/// for textures up to 65,536 texels a side, to 1/16 at 2^20. Up to three frames in flight. Not
/// thread-safe.
class MapView {
 public:
  /// Errors: kInvalidArgument (extent), kNotSupported, Device::allocate's.
  [[nodiscard]] static Result<std::unique_ptr<MapView>> create(const MapViewDesc& desc);
  ~MapView();

  /// The view to hand to VirtualTextureSystem::update. Errors: as clip_from_uv, kStaleHandle.
  [[nodiscard]] Result<VirtualView> view(VirtualTextureId texture, const TilePyramid& pyramid,
                                         const Camera& camera) const;
  /// Renders what is resident and tells the system the frame's ticket. Errors: kStaleHandle,
  /// kDeviceLost, kInvalidArgument.
  [[nodiscard]] Result<Ticket> render(VirtualTextureSystem& system, const VirtualView& view,
                                      const TilePyramid& pyramid);
  /// The last rendered frame as 8-bit sRGB RGBA. Errors: StagingRing::readback's.
  [[nodiscard]] Result<Image> read_pixels();
  [[nodiscard]] const MapViewDesc& desc() const;

 private:
  MapView();
  struct State;
  std::unique_ptr<State> state_;
};

/// The same picture with every texel of `source` resident: on a device of its own (so outside the
/// ledger of the one under test) where it can hold the mip chain, else by the CPU. The arithmetic
/// is MapView's; only paging differs.
class ReferenceView {
 public:
  /// kAuto: the device where it holds the mip chain within max_device_bytes, else the CPU; the CPU
  /// also for BC7 on software devices, where it is faster.
  enum class Method : std::uint8_t { kAuto, kDevice, kCpu };
  struct Desc {
    std::shared_ptr<TileSource> source;
    std::uint32_t width = 1280, height = 720;
    float max_anisotropy = 8;
    std::array<std::uint8_t, 4> background{24, 26, 32, 255};
    Method method = Method::kAuto;
    std::uint64_t max_device_bytes = std::uint64_t{1} << 30;  ///< For kAuto.
    DeviceDesc device;
  };
  /// Errors: as Device::create and the source's.
  [[nodiscard]] static Result<std::unique_ptr<ReferenceView>> create(const Desc& desc);
  ~ReferenceView();
  [[nodiscard]] Result<Image> render(const VirtualView& view);
  [[nodiscard]] Method method() const;  ///< kDevice or kCpu.

 private:
  ReferenceView();
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace forge3d
