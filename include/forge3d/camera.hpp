// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Cameras over a map, and paths for them.

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "forge3d/result.hpp"

namespace forge3d {

/// A camera above the plane z = 0. The world is right-handed with z up; one unit is one texel of
/// level 0. A texture of width x height texels covers 0..width in x and 0..height in y, its first
/// row at y = height (north up).
struct Camera {
  double x = 0, y = 0;                ///< World position in texels.
  double height = 1000;               ///< Above the plane, > 0.
  double yaw = 0;                     ///< Radians, 0 looks along +x, counter-clockwise from above.
  double pitch = 0.7;                 ///< Radians below the horizon, 0..pi/2.
  double fov_y = 1.0471975511965976;  ///< Vertical field of view in radians.
};

/// The clip_from_uv matrix of a camera for a texture of width x height texels seen in a viewport of
/// the given aspect ratio (width / height). Column-major, double. Near plane at height / 1000, no
/// far plane. Errors: kInvalidArgument for values that are not finite or out of range.
[[nodiscard]] Result<std::array<double, 16>> clip_from_uv(const Camera& camera,
                                                          std::uint32_t texture_width,
                                                          std::uint32_t texture_height,
                                                          double aspect);

/// A flight: a camera for each frame, and the frames at which it counts as having arrived.
class CameraPath {
 public:
  virtual ~CameraPath() = default;
  [[nodiscard]] virtual std::uint32_t frames() const = 0;
  /// REQUIRES: frame < frames().
  [[nodiscard]] virtual Camera at(std::uint32_t frame) const = 0;
  /// Frames worth a closer look, rising, the last frame always among them.
  [[nodiscard]] virtual std::vector<std::uint32_t> stops() const = 0;
};

/// The six traces pan, fly, look, zoom, teleport and map (docs/performance.md), scaled from the
/// 2^20 squared world they are defined in to a texture of width x height texels, or a path read
/// from a JSON file: {"cameras": [{"frame": 0, "x": .., "y": .., "height": .., "yaw": .., "pitch":
/// ..}, ...]} with linear interpolation between the entries. Errors: kInvalidArgument (unknown
/// name, no frames), kIo, kInvalidFile (JSON path and rule).
[[nodiscard]] Result<std::unique_ptr<CameraPath>> make_camera_path(std::string_view name_or_file,
                                                                   std::uint32_t width,
                                                                   std::uint32_t height,
                                                                   std::uint32_t frames);

}  // namespace forge3d
