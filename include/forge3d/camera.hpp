// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Cameras over a map, and paths for them.

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "forge3d/result.hpp"

namespace forge3d {

/// A camera above the plane z = 0. The world is right-handed with z up; one unit is one texel of
/// level 0. A texture of width x height texels covers 0..width in x and 0..height in y, its first
/// row at y = height (north up).
struct Camera {
  double x = 0, y = 0;                ///< World position in texels, +-1e9.
  double height = 1000;               ///< Above the plane, 0.001..1e9.
  double yaw = 0;                     ///< Radians, 0 looks along +x, counter-clockwise from above.
  double pitch = 0.7;                 ///< Radians below the horizon, 0..pi/2.
  double fov_y = 1.0471975511965976;  ///< Vertical field of view in radians, 0.01..3.1.
};

/// Checks the ranges above. Errors: kInvalidArgument names the field and its range.
[[nodiscard]] Result<> check_camera(const Camera& camera);

/// The clip_from_uv matrix of a camera (see VirtualView) for a texture of width x height texels
/// seen in a viewport of the given aspect ratio (width / height). Column-major; the third column is
/// the world's z in texels. Near plane at height / 1000, no far plane. Errors: kInvalidArgument for
/// an empty texture and values that are not finite or out of range.
[[nodiscard]] Result<std::array<double, 16>> clip_from_uv(const Camera& camera,
                                                          std::uint32_t texture_width,
                                                          std::uint32_t texture_height,
                                                          double aspect);

/// A flight: a camera for each frame, and the frames at which it counts as having arrived.
/// Immutable.
class CameraPath {
 public:
  virtual ~CameraPath() = default;
  [[nodiscard]] virtual std::uint32_t frames() const = 0;
  /// REQUIRES: frame < frames().
  [[nodiscard]] virtual Camera at(std::uint32_t frame) const = 0;
  /// Frames worth a closer look, rising, the last frame always among them: for teleport and map the
  /// last frame of each leg, for the others the quarter points.
  [[nodiscard]] virtual std::vector<std::uint32_t> stops() const = 0;
};

/// The traces pan, fly, look, zoom, teleport and map at 60 frames a second, or a path read from a
/// JSON file.
///
/// The traces are defined over a texture of 2^20 x 2^20 texels and are exactly those there. For
/// another extent W x H:
/// - places scale with the picture (x by W / 2^20, y by H / 2^20);
/// - heights and motion keep their texels, so that the same levels of detail and the same share of
/// the screen pass a
///   frame, while the shorter side is 8192 texels or more; below that both scale with it (by min(W,
///   H) / 8192);
/// - the highest points of zoom and map scale with the longer side, so that all of the picture
/// comes into view;
/// - a path that would leave the picture turns back softly within the outer 9 % of it; pan and fly
/// within 17 %, and look where they fly; the weave of fly is at most a quarter of the height.
/// A flight of fewer than 3600 frames is the beginning of the long one, except that zoom runs
/// faster when it has to, so that one whole way down and up (898 frames at normal speed) always
/// fits.
///
/// A file holds {"cameras": [{"frame": 0, "x": .., "y": .., "height": .., "yaw": .., "pitch": ..,
/// "fov_y": ..}, ...]} in texels of the picture at hand, frames rising, fov_y optional; cameras
/// between entries are interpolated linearly, before the first and after the last they stay.
/// `frames` 0 means as many as the file's last entry asks for. Errors: kInvalidArgument (unknown
/// name, empty picture, no frames), kIo, kInvalidFile (file, JSON path and rule).
[[nodiscard]] Result<std::unique_ptr<CameraPath>> make_camera_path(std::string_view name_or_file,
                                                                   std::uint32_t width,
                                                                   std::uint32_t height,
                                                                   std::uint32_t frames);

}  // namespace forge3d
