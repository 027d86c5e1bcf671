// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "streaming/clip_polygon.hpp"

#include <algorithm>
#include <cmath>

namespace forge3d::streaming {
namespace {

constexpr std::uint32_t kPlanes = 7;
// Points on the camera's own plane have no place on the screen; this much before it they are far
// outside it.
constexpr double kSmallestW = 1e-12;

/// Distance to each plane, >= 0 inside. The last one keeps w positive where z alone does not.
double distance(const ClipPoint& p, std::uint32_t plane, const ClipLimits& limits, double w_floor) {
  switch (plane) {
    case 0:
      return limits.x_limit * p.w + p.x;
    case 1:
      return limits.x_limit * p.w - p.x;
    case 2:
      return limits.y_limit * p.w + p.y;
    case 3:
      return limits.y_limit * p.w - p.y;
    case 4:
      return p.z;
    case 5:
      return p.w - p.z;
    default:
      return p.w - w_floor;
  }
}

ClipPoint between(const ClipPoint& a, const ClipPoint& b, double t) {
  return {a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t, a.z + (b.z - a.z) * t,
          a.w + (b.w - a.w) * t};
}

}  // namespace

void ClipPolygon::clip(const ClipLimits& limits) {
  double largest = 0;
  for (std::uint32_t i = 0; i < count; ++i) largest = std::max(largest, std::abs(points[i].w));
  const double w_floor = std::max(largest * kSmallestW, 1e-300);
  std::uint32_t outside_any = 0, outside_all = (1u << kPlanes) - 1;
  for (std::uint32_t i = 0; i < count; ++i) {
    std::uint32_t outside = 0;
    for (std::uint32_t plane = 0; plane < kPlanes; ++plane)
      outside |= std::uint32_t{distance(points[i], plane, limits, w_floor) < 0} << plane;
    outside_any |= outside;
    outside_all &= outside;
  }
  if (outside_all != 0) count = 0;
  for (std::uint32_t plane = 0; plane < kPlanes && count != 0; ++plane)
    if ((outside_any & (1u << plane)) != 0) cut(plane, limits, w_floor);
}

void ClipPolygon::cut(std::uint32_t plane, const ClipLimits& limits, double w_floor) {
  std::array<ClipPoint, kMaxPoints> kept;
  std::uint32_t kept_count = 0;
  const auto keep = [&](const ClipPoint& point) {
    if (kept_count < kMaxPoints) kept[kept_count++] = point;
  };
  ClipPoint a = points[count - 1];
  double da = distance(a, plane, limits, w_floor);
  for (std::uint32_t i = 0; i < count; ++i) {
    const ClipPoint& b = points[i];
    const double db = distance(b, plane, limits, w_floor);
    if ((da >= 0) != (db >= 0)) keep(between(a, b, da / (da - db)));
    if (db >= 0) keep(b);
    a = b;
    da = db;
  }
  std::copy_n(kept.begin(), kept_count, points.begin());
  count = kept_count;
}

double ClipPolygon::area_px(std::uint32_t width, std::uint32_t height) const {
  double twice = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const ClipPoint &a = points[i], &b = points[(i + 1) % count];
    twice += (a.x * b.y - b.x * a.y) / (a.w * b.w);
  }
  return std::abs(twice) * 0.5 * (0.5 * width) * (0.5 * height);
}

}  // namespace forge3d::streaming
