// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// What Python says of a camera, as the library's views.

#include <nanobind/nanobind.h>

#include <array>
#include <cstdint>
#include <optional>

#include "forge3d/camera.hpp"
#include "forge3d/tile_source.hpp"
#include "forge3d/virtual_texture.hpp"

namespace forge3d::python {

namespace nb = nanobind;

/// Row-major, for column vectors: clip = M world.
using Matrix4 = std::array<double, 16>;

/// How projection matrices count depth and which way y points in clip space.
enum class ClipSpace : std::uint8_t {
  kOpenGl,  ///< y up, z in -w..w
  kWgpu,    ///< y up, z in 0..w; Direct3D and Metal, too
  kVulkan,  ///< y down, z in 0..w
};
/// Throws InvalidArgument.
[[nodiscard]] ClipSpace clip_space_argument(std::string_view name);
[[nodiscard]] const char* to_string(ClipSpace space);

/// A camera as it was given: a forge3d.streaming.Camera, or a position and perhaps matrices.
class CameraInput {
 public:
  /// `camera` is a Camera or three numbers. Throws TypeError and InvalidArgument that name the
  /// argument. None for a matrix: see view_of().
  CameraInput(nb::handle camera, nb::handle view_matrix, nb::handle projection_matrix);

  /// The view of a texture in the plane z = 0. Without matrices the library's camera looks straight
  /// down from the position, north up; with one of the two the other is that camera's (60 degrees,
  /// near plane at a thousandth of the height, none far). Errors: those of clip_from_uv().
  [[nodiscard]] Result<VirtualView> view_of(const TilePyramid& pyramid, std::uint32_t width,
                                            std::uint32_t height, ClipSpace space) const;

 private:
  [[nodiscard]] Matrix4 projection(double aspect, ClipSpace space) const;
  [[nodiscard]] Matrix4 clip_from_world(double aspect, ClipSpace space) const;
  std::optional<Camera> camera_;
  std::array<double, 3> position_{};
  std::optional<Matrix4> view_, projection_;
};

void bind_camera(nb::module_& module);

}  // namespace forge3d::python
