// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "streaming/view_planes.hpp"

#include <algorithm>
#include <limits>

namespace forge3d::streaming {
namespace {

constexpr double kFloatSlackPixels = 0.02;  // a rasteriser's pixel centres are no better
// Points on the camera's own plane have no place on the screen; this much before it they are far
// outside it.
constexpr double kSmallestW = 1e-12;
constexpr double kRounding = 1e-12;  // of texture coordinates, and of forms against their largest

LinearForm sum(double a, const LinearForm& f, double b, const LinearForm& g) {
  return {a * f.u + b * g.u, a * f.v + b * g.v, a * f.one + b * g.one};
}

double largest_in_texture(const LinearForm& form) {
  return std::max({std::abs(form.one), std::abs(form.one + form.u), std::abs(form.one + form.v),
                   std::abs(form.one + form.u + form.v)});
}

UvRect bounds_of(const UvPolygon& polygon) {
  if (polygon.count == 0) return {{0, 0}, {-1, -1}};
  constexpr double kFar = std::numeric_limits<double>::max();
  Vec2 low{kFar, kFar}, high{-kFar, -kFar};
  for (std::uint32_t i = 0; i < polygon.count; ++i) {
    const Vec2 p = polygon.points[i];
    low = {std::min(low.x, p.x), std::min(low.y, p.y)};
    high = {std::max(high.x, p.x), std::max(high.y, p.y)};
  }
  return {{(low.x + high.x) / 2, (low.y + high.y) / 2},
          {(high.x - low.x) / 2 + kRounding, (high.y - low.y) / 2 + kRounding}};
}

void begin(const UvRect& rect, UvPolygon& polygon) {
  const double u0 = rect.centre.x - rect.half.x, u1 = rect.centre.x + rect.half.x;
  const double v0 = rect.centre.y - rect.half.y, v1 = rect.centre.y + rect.half.y;
  polygon.points[0] = {u0, v0};
  polygon.points[1] = {u1, v0};
  polygon.points[2] = {u1, v1};
  polygon.points[3] = {u0, v1};
  polygon.count = 4;
}

/// Keeps what lies where the form is not negative (Sutherland and Hodgman, 1974).
void cut(const UvPolygon& from, const LinearForm& form, UvPolygon& into) {
  std::uint32_t kept = 0;
  const auto keep = [&](Vec2 point) {
    if (kept < UvPolygon::kMaxPoints) into.points[kept++] = point;
  };
  if (from.count != 0) {
    Vec2 a = from.points[from.count - 1];
    double da = form.at(a);
    for (std::uint32_t i = 0; i < from.count; ++i) {
      const Vec2 b = from.points[i];
      const double db = form.at(b);
      if ((da >= 0) != (db >= 0)) {
        const double t = da / (da - db);
        keep({a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t});
      }
      if (db >= 0) keep(b);
      a = b;
      da = db;
    }
  }
  into.count = kept;
}

}  // namespace

ViewPlanes::ViewPlanes(const ViewMapping& mapping) {
  const LinearForm x = mapping.clip_form(&ClipPoint::x), y = mapping.clip_form(&ClipPoint::y),
                   z = mapping.clip_form(&ClipPoint::z), w = mapping.clip_form(&ClipPoint::w);
  // Only pixel centres sample, so the half pixel at the rim counts for nothing.
  const double x_limit = 1 - (1 - 2 * kFloatSlackPixels) / mapping.width();
  const double y_limit = 1 - (1 - 2 * kFloatSlackPixels) / mapping.height();
  const double w_floor = std::max(largest_in_texture(w) * kSmallestW, 1e-300);
  planes_ = {sum(x_limit, w, 1, x),
             sum(x_limit, w, -1, x),
             sum(y_limit, w, 1, y),
             sum(y_limit, w, -1, y),
             z,
             sum(1, w, -1, z),
             {w.u, w.v, w.one - w_floor}};
  std::array<UvPolygon, 2> work;
  const UvPolygon& seen = clip({{0.5, 0.5}, {0.5, 0.5}}, (1u << kPlanes) - 1, work);
  seen_ = bounds_of(seen);
  // A plane that bounds what is seen passes through one of its corners.
  for (std::uint32_t plane = 0; plane < kPlanes; ++plane) {
    const double touching = kRounding * largest_in_texture(planes_[plane]);
    for (std::uint32_t i = 0; i < seen.count; ++i)
      if (planes_[plane].at(seen.points[i]) <= touching)
        bounding_ = static_cast<Mask>(bounding_ | (1u << plane));
  }
}

double ViewPlanes::share(const UvRect& rect, Mask mask) const {
  double share = 1;
  for (unsigned rest = mask; rest != 0; rest &= rest - 1) {
    const LinearForm& plane = planes_[static_cast<std::uint32_t>(std::countr_zero(rest))];
    const double distance = plane.at(rect.centre), spread = plane.spread(rect.half);
    share *= std::clamp((distance + spread) / (2 * spread), 0.0, 1.0);
  }
  return share;
}

const UvPolygon& ViewPlanes::clip(const UvRect& rect, Mask mask,
                                  std::array<UvPolygon, 2>& work) const {
  std::uint32_t now = 0;
  begin(rect, work[now]);
  for (unsigned rest = mask; rest != 0; rest &= rest - 1) {
    cut(work[now], planes_[static_cast<std::uint32_t>(std::countr_zero(rest))], work[1 - now]);
    now = 1 - now;
  }
  return work[now];
}

}  // namespace forge3d::streaming
