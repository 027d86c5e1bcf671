// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// ViewMapping: the homography between a plane's texture coordinates and the pixels of a viewport.

#include <array>
#include <cmath>
#include <cstdint>
#include <optional>

#include "forge3d/result.hpp"
#include "forge3d/virtual_texture.hpp"

namespace forge3d::streaming {

struct Vec2 {
  double x = 0, y = 0;
};

/// A linear function of texture coordinates. Whatever is linear in clip space is one.
struct LinearForm {
  double u = 0, v = 0, one = 0;

  [[nodiscard]] double at(Vec2 uv) const { return u * uv.x + v * uv.y + one; }
  /// How far it moves from its value at the centre of a rectangle with these half extents.
  [[nodiscard]] double spread(Vec2 half) const {
    return std::abs(u) * half.x + std::abs(v) * half.y;
  }
};

/// A point in clip space.
struct ClipPoint {
  double x = 0, y = 0, z = 0, w = 0;
};

/// What one pixel sees: its texture coordinate and how it changes to the next pixel right and down.
struct PixelSample {
  Vec2 uv;
  Vec2 duv_dx, duv_dy;
};

/// Derivatives are analytic. With clip = M (u, v, 1), restricted to x, y and w, and A = inverse(M),
/// the texture coordinate is (A0 . p, A1 . p) / (A2 . p) at the screen point p = (x/w, y/w, 1), and
/// 1/w = A2 . p. Its derivative by the screen's x is then (a y + b w) w with a and b made of 2 x 2
/// minors of A: linear in clip space before the last factor, which is what makes it easy to bound
/// over a polygon; the same by y with (c x + d w) w.
class ViewMapping {
 public:
  /// nullopt: the plane is seen edge-on or from a point on it, no pixel shows it. Errors:
  /// kInvalidArgument names the field of the view that is not finite, empty or out of range.
  [[nodiscard]] static Result<std::optional<ViewMapping>> create(const VirtualView& view,
                                                                 std::uint32_t width_texels,
                                                                 std::uint32_t height_texels);

  [[nodiscard]] ClipPoint to_clip(Vec2 uv) const {
    return {u_.x * uv.x + v_.x * uv.y + origin_.x, u_.y * uv.x + v_.y * uv.y + origin_.y,
            u_.z * uv.x + v_.z * uv.y + origin_.z, u_.w * uv.x + v_.w * uv.y + origin_.w};
  }
  /// One coordinate of clip space.
  [[nodiscard]] LinearForm clip_form(double ClipPoint::*coordinate) const {
    return {u_.*coordinate, v_.*coordinate, origin_.*coordinate};
  }
  /// dx_over_w() of texture coordinates, its two components.
  [[nodiscard]] std::array<LinearForm, 2> dx_forms() const;
  [[nodiscard]] std::array<LinearForm, 2> dy_forms() const;
  /// The pixels that a piece of the plane covers, times w at three points around it, over its area
  /// in texture coordinates: a triangle covers area * this / (w0 w1 w2).
  [[nodiscard]] double pixels_over_area() const { return pixels_over_area_; }
  /// The change of texture coordinate in texels of level 0 for one pixel right, over w. Linear in
  /// `p`.
  [[nodiscard]] Vec2 dx_over_w(const ClipPoint& p) const {
    return {a_.x * p.y + b_.x * p.w, a_.y * p.y + b_.y * p.w};
  }
  [[nodiscard]] Vec2 dy_over_w(const ClipPoint& p) const {
    return {c_.x * p.x + d_.x * p.w, c_.y * p.x + d_.y * p.w};
  }
  /// What the pixel whose centre is at (x + 0.5, y + 0.5) sees; nullopt beside the texture, behind
  /// the near or beyond the far plane.
  [[nodiscard]] std::optional<PixelSample> sample(double x, double y) const;

  [[nodiscard]] std::uint32_t width() const { return width_; }
  [[nodiscard]] std::uint32_t height() const { return height_; }
  [[nodiscard]] double texels_x() const { return texels_.x; }
  [[nodiscard]] double texels_y() const { return texels_.y; }

 private:
  ViewMapping() = default;
  ClipPoint u_, v_, origin_;
  std::array<double, 9> inverse_{};  // rows A0, A1, A2
  Vec2 a_, b_, c_, d_;
  Vec2 texels_;
  double pixels_over_area_ = 0;
  std::uint32_t width_ = 0, height_ = 0;
};

}  // namespace forge3d::streaming
