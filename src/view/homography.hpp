// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Homography: which point of a textured plane each pixel shows, and how fast it moves across the
// screen.

#include <array>
#include <cstdint>
#include <optional>

#include "forge3d/result.hpp"

namespace forge3d::view {

/// A point of the plane under a pixel, with the derivatives of (u, v) by one pixel right and one
/// pixel down.
struct PlanePoint {
  double u = 0, v = 0;
  double du_dx = 0, dv_dx = 0;
  double du_dy = 0, dv_dy = 0;
};

/// The map between (u, v) on the plane and pixels of a viewport, in double. Pixel (i, j) has its
/// centre at (i + 0.5, j + 0.5). Immutable.
class Homography {
 public:
  using Matrix3 = std::array<double, 9>;  ///< Row-major.

  /// From VirtualView::clip_from_uv (column-major 4 x 4). A plane seen edge-on is valid and shows
  /// nothing. Errors: kInvalidArgument (a value that is not finite, an empty viewport).
  [[nodiscard]] static Result<Homography> create(const std::array<double, 16>& clip_from_uv,
                                                 std::uint32_t width, std::uint32_t height);

  /// The point that pixel position (x, y) shows, or nullopt where the ray misses the plane or meets
  /// it behind the camera. The point may lie outside the texture.
  [[nodiscard]] std::optional<PlanePoint> at(double x, double y) const;

  /// Rows x, y and w of clip_from_uv for the columns u, v and 1.
  [[nodiscard]] const Matrix3& clip_from_plane() const { return clip_from_plane_; }
  /// (u / w, v / w, 1 / w) = plane_from_pixel * (x, y, 1), with w the clip coordinate; all zero
  /// when edge-on.
  [[nodiscard]] const Matrix3& plane_from_pixel() const { return plane_from_pixel_; }
  [[nodiscard]] bool edge_on() const { return edge_on_; }

 private:
  Homography() = default;
  Matrix3 clip_from_plane_{};
  Matrix3 plane_from_pixel_{};
  bool edge_on_ = false;
};

}  // namespace forge3d::view
