// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// What one frame of map_view.glsl is told, and what the CPU reference computes from.

#include <array>
#include <cstdint>

#include "forge3d/format.hpp"
#include "forge3d/virtual_texture.hpp"

namespace forge3d::view {

/// The push constants of map_view.glsl, word for word. The plane's coefficients come from double
/// and are relative to the point at the viewport's centre, so single precision stays below 1/256 of
/// a texel for textures up to 65,536 texels a side and below 1/16 at 2^20.
struct MapConstants {
  std::array<float, 4> plane_u{};  ///< (u - u0) * s by pixel right, pixel down, at the centre; u0.
  std::array<float, 4> plane_v{};
  std::array<float, 4> plane_s{};  ///< s > 0 in front of the camera.
  std::array<float, 4> background{};
  std::int32_t width = 0, height = 0;
  float max_anisotropy = 1;
  float lod_bias = 0;
  std::uint32_t texture_index = 0;
  std::uint32_t srgb = 0;
};
static_assert(sizeof(MapConstants) == 88);

/// Errors: kInvalidArgument (a matrix that is not finite, an empty viewport, anisotropy
/// outside 1..16).
[[nodiscard]] Result<MapConstants> make_map_constants(
    const VirtualView& view, Format format, const std::array<std::uint8_t, 4>& background);

/// The sRGB transfer functions for values in 0..1, as the shader computes them.
[[nodiscard]] float linear_from_srgb(float code);
[[nodiscard]] float srgb_from_linear(float value);

}  // namespace forge3d::view
