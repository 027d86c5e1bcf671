// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// ClipPolygon: a convex polygon in clip space cut by the viewport's planes.

#include <array>
#include <cstdint>

#include "streaming/view_mapping.hpp"

namespace forge3d::streaming {

/// The planes that bound what is seen: |x| <= x_limit w, |y| <= y_limit w, 0 <= z <= w.
struct ClipLimits {
  double x_limit = 1;
  double y_limit = 1;
};

/// A convex polygon of at most 4 corners and one more for each plane.
struct ClipPolygon {
  static constexpr std::uint32_t kMaxPoints = 12;
  std::array<ClipPoint, kMaxPoints> points;
  std::uint32_t count = 0;

  /// Cuts by all planes (Sutherland and Hodgman, 1974, in homogeneous coordinates). Afterwards w >
  /// 0 at every point, or the polygon is empty.
  void clip(const ClipLimits& limits);
  /// Area on the screen in pixels. REQUIRES: clipped.
  [[nodiscard]] double area_px(std::uint32_t width, std::uint32_t height) const;

 private:
  void cut(std::uint32_t plane, const ClipLimits& limits, double w_floor);
};

}  // namespace forge3d::streaming
