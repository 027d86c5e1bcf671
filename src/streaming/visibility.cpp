// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "streaming/visibility.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "streaming/clip_polygon.hpp"
#include "streaming/page_key.hpp"
#include "streaming/view_mapping.hpp"

namespace forge3d::streaming {
namespace {

// A shader finds texture coordinates in 32-bit floats: a page wants its neighbours' texels within
// this.
constexpr double kFloatSlackUv = 1.0 / (1 << 21);
constexpr double kFloatSlackLod = 1e-3;
constexpr double kFloatSlackPixels = 0.02;

struct Interval {
  double min = 0;
  double max = 0;
};

/// The lengths of the footprint's two axes over a polygon, in texels of level 0.
struct FootprintBounds {
  Interval dx, dy;
  double du = 0, dv = 0;  ///< Largest change of u and of v along either axis.
};

double squared(Vec2 v) { return v.x * v.x + v.y * v.y; }

double squared_distance_to_segment(Vec2 a, Vec2 b) {
  const Vec2 d{b.x - a.x, b.y - a.y};
  const double along = -(a.x * d.x + a.y * d.y), length2 = squared(d);
  if (along <= 0) return squared(a);
  if (along >= length2) return squared(b);
  const double t = along / length2;
  return squared({a.x + t * d.x, a.y + t * d.y});
}

double lod_of(double dx, double dy, double max_anisotropy) {
  return std::log2(std::max({std::min(dx, dy), std::max(dx, dy) / max_anisotropy, 1e-20}));
}

/// The quadtree descent of one view. Kept for one call.
class Descent {
 public:
  Descent(const TilePyramid& pyramid, const VirtualView& view, const ViewMapping& mapping)
      : pyramid_(pyramid),
        mapping_(mapping),
        anisotropy_(view.max_anisotropy),
        bias_(view.lod_bias) {
    // Only pixel centres sample, so the half pixel at the rim counts for nothing.
    limits_.x_limit = 1 - (1 - 2 * kFloatSlackPixels) / view.width;
    limits_.y_limit = 1 - (1 - 2 * kFloatSlackPixels) / view.height;
  }

  void run(const VisibilityLimits& limits, VisibleSet& out) {
    std::vector<TileAddress> level, finer;
    level.push_back({pyramid_.levels - 1, 0, 0});
    while (!level.empty()) {
      finer.clear();
      for (const TileAddress& tile : level) {
        if (out.nodes == limits.max_nodes) {
          out.truncated = true;
          return;
        }
        ++out.nodes;
        if (visit(tile, out)) push_children(tile, finer);
      }
      level.swap(finer);
    }
  }

 private:
  /// Lists the page if any bias wants it; true when finer pages below may be wanted.
  bool visit(const TileAddress& tile, VisibleSet& out) {
    const double m = tile.level;
    // Wherever this page or one below is read, level of detail + bias < m + 1, so that the longer
    // axis is below anisotropy * 2^(m + 1 - bias) texels, and the taps reach half of that from the
    // pixel's centre, less half a step. Two texels more for what floor extents shift the pages
    // below.
    const double reach = (anisotropy_ - 1) * std::exp2(std::max(-bias_, 0.0)) + 2;
    ClipPolygon polygon = quad(tile, {reach / extent_x(tile), reach / extent_y(tile)});
    polygon.clip(limits_);
    if (polygon.count == 0) return false;
    const FootprintBounds wide = bounds(polygon);
    const Interval wide_lod = lods(wide);
    const bool coarsest = tile.level + 1 == pyramid_.levels;
    if (wide_lod.min >= m + 1 && !coarsest) return false;
    list(tile, wide, out);
    return tile.level > 0 && wide_lod.min < m;
  }

  /// Takes the reach that the taps have here in place of the largest they may have anywhere.
  void list(const TileAddress& tile, const FootprintBounds& wide, VisibleSet& out) {
    const double longer = std::max(wide.dx.max, wide.dy.max);
    const double shorter = std::max(std::min(wide.dx.min, wide.dy.min), 1e-20);
    const double taps = longer <= 1 ? 1 : std::ceil(std::min(longer / shorter, anisotropy_));
    const double share = 0.5 * (1 - 1 / taps);
    ClipPolygon polygon =
        quad(tile, {share * wide.du / mapping_.texels_x() + 0.25 / extent_x(tile) + kFloatSlackUv,
                    share * wide.dv / mapping_.texels_y() + 0.25 / extent_y(tile) + kFloatSlackUv});
    polygon.clip(limits_);
    if (polygon.count == 0) return;
    const Interval lod = lods(bounds(polygon));
    VisiblePage page{tile, static_cast<float>(lod.min), static_cast<float>(lod.max), 0};
    const bool coarsest = tile.level + 1 == pyramid_.levels;
    if (lod.min >= static_cast<double>(tile.level) + 1 && !coarsest) return;
    page.area_px = static_cast<float>(polygon.area_px(mapping_.width(), mapping_.height()));
    out.pages.push_back(page);
  }

  void push_children(const TileAddress& tile, std::vector<TileAddress>& out) const {
    const std::uint32_t below = tile.level - 1;
    const PageRange x =
        descendants_of(tile.x, pyramid_.pages_x(tile.level), pyramid_.pages_x(below), 1);
    const PageRange y =
        descendants_of(tile.y, pyramid_.pages_y(tile.level), pyramid_.pages_y(below), 1);
    for (std::uint32_t iy = y.first; iy <= y.last; ++iy)
      for (std::uint32_t ix = x.first; ix <= x.last; ++ix) out.push_back({below, ix, iy});
  }

  double extent_x(const TileAddress& tile) const { return pyramid_.level_width(tile.level); }
  double extent_y(const TileAddress& tile) const { return pyramid_.level_height(tile.level); }

  /// The page's quad in clip space, widened by `margin_uv` but not beyond the texture.
  ClipPolygon quad(const TileAddress& tile, Vec2 margin_uv) const {
    const double page = pyramid_.page_texels;
    const double u0 = std::max(tile.x * page / extent_x(tile) - margin_uv.x, 0.0);
    const double u1 = std::min((tile.x + 1) * page / extent_x(tile) + margin_uv.x, 1.0);
    const double v0 = std::max(tile.y * page / extent_y(tile) - margin_uv.y, 0.0);
    const double v1 = std::min((tile.y + 1) * page / extent_y(tile) + margin_uv.y, 1.0);
    ClipPolygon polygon;
    polygon.points[0] = mapping_.to_clip({u0, v0});
    polygon.points[1] = mapping_.to_clip({u1, v0});
    polygon.points[2] = mapping_.to_clip({u1, v1});
    polygon.points[3] = mapping_.to_clip({u0, v1});
    polygon.count = 4;
    return polygon;
  }

  /// The derivative along an axis is a vector g, linear in clip space, times w: |g| is convex, so
  /// that its largest value is at a corner; its smallest is the origin's distance to g's polygon,
  /// which lies on an edge as g is zero nowhere before the camera or everything lies on one line.
  FootprintBounds bounds(const ClipPolygon& polygon) const {
    const double far = std::numeric_limits<double>::max();
    Interval w{far, 0}, dx{far, 0}, dy{far, 0};
    FootprintBounds result;
    Vec2 x0 = mapping_.dx_over_w(polygon.points[polygon.count - 1]);
    Vec2 y0 = mapping_.dy_over_w(polygon.points[polygon.count - 1]);
    for (std::uint32_t i = 0; i < polygon.count; ++i) {
      const ClipPoint& point = polygon.points[i];
      const Vec2 x1 = mapping_.dx_over_w(point), y1 = mapping_.dy_over_w(point);
      w = {std::min(w.min, point.w), std::max(w.max, point.w)};
      dx = {std::min(dx.min, squared_distance_to_segment(x0, x1)), std::max(dx.max, squared(x1))};
      dy = {std::min(dy.min, squared_distance_to_segment(y0, y1)), std::max(dy.max, squared(y1))};
      result.du = std::max({result.du, std::abs(x1.x), std::abs(y1.x)});
      result.dv = std::max({result.dv, std::abs(x1.y), std::abs(y1.y)});
      x0 = x1;
      y0 = y1;
    }
    result.dx = {std::sqrt(dx.min) * w.min, std::sqrt(dx.max) * w.max};
    result.dy = {std::sqrt(dy.min) * w.min, std::sqrt(dy.max) * w.max};
    result.du *= w.max;
    result.dv *= w.max;
    return result;
  }

  /// The level of detail rises with both axes, so that the ends of their intervals give its own.
  Interval lods(const FootprintBounds& b) const {
    return {lod_of(b.dx.min, b.dy.min, anisotropy_) + bias_ - kFloatSlackLod,
            lod_of(b.dx.max, b.dy.max, anisotropy_) + bias_ + kFloatSlackLod};
  }

  const TilePyramid& pyramid_;
  const ViewMapping& mapping_;
  double anisotropy_, bias_;
  ClipLimits limits_;
};

/// Levels of detail, open interval, that read a level.
Interval reading(const VisiblePage& page, std::uint32_t levels) {
  const double m = page.tile.level;
  const double never = std::numeric_limits<double>::infinity();
  return {page.tile.level == 0 ? -never : m - 1, page.tile.level + 1 == levels ? never : m + 1};
}

}  // namespace

bool is_wanted(const VisiblePage& page, std::uint32_t levels, float bias) {
  const Interval read = reading(page, levels);
  return page.lod_min + bias < read.max && page.lod_max + bias > read.min;
}

float wanted_share(const VisiblePage& page, std::uint32_t levels, float bias) {
  const Interval read = reading(page, levels);
  const double min = page.lod_min + bias, max = page.lod_max + bias;
  const double overlap = std::min(max, read.max) - std::max(min, read.min);
  if (overlap <= 0) return 0;
  return max > min ? static_cast<float>(std::min(overlap / (max - min), 1.0)) : 1.0f;
}

Result<> find_visible(const TilePyramid& pyramid, const VirtualView& view,
                      const VisibilityLimits& limits, VisibleSet& out) {
  out.pages.clear();
  out.nodes = 0;
  out.truncated = false;
  FORGE3D_TRY_ASSIGN(const std::optional<ViewMapping> mapping,
                     ViewMapping::create(view, pyramid.width, pyramid.height));
  if (mapping) Descent(pyramid, view, *mapping).run(limits, out);
  return {};
}

}  // namespace forge3d::streaming
