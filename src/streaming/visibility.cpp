// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "streaming/visibility.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <optional>

#include "streaming/page_key.hpp"
#include "streaming/view_mapping.hpp"
#include "streaming/view_planes.hpp"

namespace forge3d::streaming {
namespace {

constexpr float kFloatSlackLod = 1e-3f;  // a shader computes in 32-bit floats, and so does lod_of()

// A shader finds texture coordinates in 32-bit floats, too: a page wants its neighbours' texels
// within this.
constexpr double kFloatSlackUv = 1.0 / (1 << 21);
constexpr double kLeastMarginPages = 1.0 / 1024;
// Clipping a page costs as much as four bounds without it. Where w at the centre is this many times
// its spread, the farthest corner is at most twice as far away as the nearest.
constexpr double kFlatEnough = 3;

struct Interval {
  double min = 0;
  double max = 0;
};

/// A value for each axis of the footprint, computed side by side.
struct Both {
  double dx = 0, dy = 0;
};

Both operator+(Both a, Both b) { return {a.dx + b.dx, a.dy + b.dy}; }
Both operator-(Both a, Both b) { return {a.dx - b.dx, a.dy - b.dy}; }
Both operator*(Both a, Both b) { return {a.dx * b.dx, a.dy * b.dy}; }
Both operator*(Both a, double s) { return {a.dx * s, a.dy * s}; }
Both operator/(Both a, Both b) { return {a.dx / b.dx, a.dy / b.dy}; }
Both abs(Both a) { return {std::abs(a.dx), std::abs(a.dy)}; }
Both min(Both a, Both b) { return {std::min(a.dx, b.dx), std::min(a.dy, b.dy)}; }
Both max(Both a, Both b) { return {std::max(a.dx, b.dx), std::max(a.dy, b.dy)}; }

/// A vector for each axis.
struct BothVectors {
  Both x, y;
};

Both dot(const BothVectors& a, const BothVectors& b) { return a.x * b.x + a.y * b.y; }

/// What is known of a part of the plane: bounds of the squared lengths of the footprint's axes in
/// texels of level 0, and the screen area.
struct SeenPart {
  Both least2, most2;
  double area_px = 0;
};

struct AxisBounds {
  Both least2, most2;
};

/// log2 to within 2e-5: the polynomial through its values at the six Chebyshev nodes of 1..2, where
/// the mantissa lies. REQUIRES: positive, not denormal.
float fast_log2(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  const float t = std::bit_cast<float>((bits & 0x007fffffu) | 0x3f800000u) - 1;
  const auto exponent = static_cast<float>(static_cast<std::int32_t>(bits >> 23) - 127);
  return exponent + 1.6514671e-5f +
         t * (1.4414924f +
              t * (-0.70648645f + t * (0.40947030f + t * (-0.18748860f + t * 0.043004958f))));
}

/// The axes of the footprint over w, which are linear over the plane. Lengths are convex, so that
/// they are largest at a corner. They are at least the distance to the origin of any line that has
/// all of the vectors on its far side; here the line across the vector at the centre.
class FootprintForms {
 public:
  explicit FootprintForms(const ViewMapping& mapping) {
    const std::array<LinearForm, 2> dx = mapping.dx_forms(), dy = mapping.dy_forms();
    u_ = {{dx[0].u, dy[0].u}, {dx[1].u, dy[1].u}};
    v_ = {{dx[0].v, dy[0].v}, {dx[1].v, dy[1].v}};
    one_ = {{dx[0].one, dy[0].one}, {dx[1].one, dy[1].one}};
    uu_ = dot(u_, u_);
    vv_ = dot(v_, v_);
    uv_ = dot(u_, v_);
  }

  /// The corners are centre +- u +- v: the largest of their squares is that of the signs for which
  /// the mixed products add up most.
  [[nodiscard]] AxisBounds squares(const UvRect& rect) const {
    const double hu = rect.half.x, hv = rect.half.y;
    const BothVectors centre = at(rect.centre);
    const Both cc = dot(centre, centre);
    const Both cu = dot(centre, u_) * hu, cv = dot(centre, v_) * hv, uv = uv_ * (hu * hv);
    const Both mixed = max(abs(cu + cv) + uv, abs(cu - cv) - uv);
    const Both along = max(cc - abs(cu) - abs(cv), {});
    return {along * (along / max(cc, kLeast)), cc + uu_ * (hu * hu) + vv_ * (hv * hv) + mixed * 2};
  }
  [[nodiscard]] AxisBounds squares(const UvPolygon& polygon, Vec2 centre_uv) const {
    const BothVectors centre = at(centre_uv);
    constexpr double kFar = std::numeric_limits<double>::max();
    Both largest, along{kFar, kFar};
    for (std::uint32_t i = 0; i < polygon.count; ++i) {
      const BothVectors corner = at(polygon.points[i]);
      largest = max(largest, dot(corner, corner));
      along = min(along, dot(centre, corner));
    }
    along = max(along, {});
    return {along * (along / max(dot(centre, centre), kLeast)), largest};
  }

 private:
  static constexpr Both kLeast{std::numeric_limits<double>::min(),
                               std::numeric_limits<double>::min()};

  [[nodiscard]] BothVectors at(Vec2 uv) const {
    return {u_.x * uv.x + v_.x * uv.y + one_.x, u_.y * uv.x + v_.y * uv.y + one_.y};
  }

  BothVectors u_, v_, one_;
  Both uu_, vv_, uv_;
};

/// The quadtree descent of one view. Kept for one call.
class Descent {
 public:
  Descent(const TilePyramid& pyramid, const VirtualView& view, const ViewMapping& mapping)
      : pyramid_(pyramid),
        planes_(mapping),
        w_(mapping.clip_form(&ClipPoint::w)),
        axes_(mapping),
        pixels_over_area_(mapping.pixels_over_area()),
        inverse_anisotropy2_(1.0 / (double{view.max_anisotropy} * view.max_anisotropy)),
        bias_(view.lod_bias),
        // Wherever a page or one below is read, level of detail + bias < m + 1, so that the longer
        // axis is below anisotropy * 2^(m + 1 - bias) texels, and the taps reach half of that from
        // the pixel's centre, less half a step. Two texels more for what floor extents shift the
        // pages below and for a shader's 32-bit coordinates.
        reach_texels_((view.max_anisotropy - 1) * std::exp2(std::max(-bias_, 0.0f)) + 2) {}

  void run(const VisibilityLimits& limits, VisibleSet& out) {
    std::vector<VisitedPage>& queue = out.queue;
    queue.clear();
    queue.push_back({{pyramid_.levels - 1, 0, 0}, planes_.bounding()});
    for (std::size_t next = 0; next < queue.size(); ++next) {
      if (out.nodes == limits.max_nodes) {
        out.truncated = true;
        return;
      }
      ++out.nodes;
      if (next == level_begin_) enter_level(queue[next].tile.level, queue.size());
      visit(VisitedPage(queue[next]), out);
    }
  }

 private:
  /// What is the same for all pages of a level.
  void enter_level(std::uint32_t level, std::size_t end) {
    level_begin_ = end;
    const double width = pyramid_.level_width(level), height = pyramid_.level_height(level);
    page_uv_ = {pyramid_.page_texels / width, pyramid_.page_texels / height};
    margin_uv_ = {reach_texels_ / width, reach_texels_ / height};
    const std::uint32_t below = level == 0 ? 0 : level - 1;
    pages_x_ = pyramid_.pages_x(level);
    pages_y_ = pyramid_.pages_y(level);
    pages_x_below_ = pyramid_.pages_x(below);
    pages_y_below_ = pyramid_.pages_y(below);
  }

  /// Lists the page if any bias wants it, and queues those below that may be wanted.
  void visit(VisitedPage page, VisibleSet& out) {
    const UvRect rect = rect_of(page.tile, margin_uv_);
    if (!planes_.narrow(rect, page.planes)) return;
    SeenPart part;
    if (!see(rect, page.planes, part)) return;
    const auto m = static_cast<float>(page.tile.level);
    const float lod_min = lod_of(part.least2) - kFloatSlackLod;
    if (lod_min >= m + 1 && page.tile.level + 1 != pyramid_.levels) return;
    if (page.planes == 0 || is_reached(page, part)) {
      const float lod_max = lod_of(part.most2) + kFloatSlackLod;
      out.pages.push_back({page.tile, lod_min, lod_max, static_cast<float>(part.area_px)});
    }
    if (page.tile.level > 0 && lod_min < m) push_children(page, out.queue);
  }

  /// False when nothing of the rectangle is seen. Where the camera's distance changes little, what
  /// the planes cut off may stay for the bounds.
  [[nodiscard]] bool see(const UvRect& rect, ViewPlanes::Mask planes, SeenPart& part) {
    if (planes == 0) {
      part = whole(rect);
    } else if (w_.at(rect.centre) > kFlatEnough * w_.spread(rect.half)) {
      part = whole(rect);
      part.area_px *= planes_.share(rect, planes);
    } else {
      const UvPolygon& polygon = planes_.clip(rect, planes, polygons_);
      if (polygon.count == 0) return false;
      part = piece(polygon);
    }
    return true;
  }

  /// Takes the reach that the taps have here in place of the largest they may have anywhere: most
  /// pages beside the edge of the screen are reached from it by the latter only.
  [[nodiscard]] bool is_reached(VisitedPage page, const SeenPart& part) const {
    const double longer2 = std::max(part.most2.dx, part.most2.dy);
    const double texels = longer2 <= 1 ? 0 : 0.5 * std::sqrt(longer2);  // of level 0
    const Vec2 margin{texels / pyramid_.width + kLeastMarginPages * page_uv_.x + kFloatSlackUv,
                      texels / pyramid_.height + kLeastMarginPages * page_uv_.y + kFloatSlackUv};
    const UvRect rect =
        rect_of(page.tile, {std::min(margin.x, margin_uv_.x), std::min(margin.y, margin_uv_.y)});
    return planes_.narrow(rect, page.planes);
  }

  void push_children(const VisitedPage& page, std::vector<VisitedPage>& queue) const {
    const std::uint32_t below = page.tile.level - 1;
    const PageRange x = descendants_of(page.tile.x, pages_x_, pages_x_below_, 1);
    const PageRange y = descendants_of(page.tile.y, pages_y_, pages_y_below_, 1);
    for (std::uint32_t iy = y.first; iy <= y.last; ++iy)
      for (std::uint32_t ix = x.first; ix <= x.last; ++ix)
        queue.push_back({{below, ix, iy}, page.planes});
  }

  /// The page, widened but not beyond the texture.
  [[nodiscard]] UvRect rect_of(const TileAddress& tile, Vec2 margin) const {
    const double u0 = std::max(tile.x * page_uv_.x - margin.x, 0.0);
    const double u1 = std::min((tile.x + 1) * page_uv_.x + margin.x, 1.0);
    const double v0 = std::max(tile.y * page_uv_.y - margin.y, 0.0);
    const double v1 = std::min((tile.y + 1) * page_uv_.y + margin.y, 1.0);
    return {{(u0 + u1) / 2, (v0 + v1) / 2}, {(u1 - u0) / 2, (v1 - v0) / 2}};
  }

  /// A rectangle as if all of it were seen. REQUIRES: w > 0 at its corners.
  [[nodiscard]] SeenPart whole(const UvRect& rect) const {
    const double w = w_.at(rect.centre);
    const double u = w_.u * rect.half.x, v = w_.v * rect.half.y;
    const double spread = std::abs(u) + std::abs(v);
    // Two triangles whose common corners lie across the centre from one another.
    const double corners = (w + u + v) * (w - u - v) * (w + u - v) * (w - u + v);
    const double area = 4 * rect.half.x * rect.half.y * w / corners;
    return scaled(axes_.squares(rect), {w - spread, w + spread}, area);
  }

  [[nodiscard]] SeenPart piece(const UvPolygon& polygon) const {
    Interval w{std::numeric_limits<double>::max(), 0};
    std::array<double, UvPolygon::kMaxPoints> ws;
    Vec2 sum;
    for (std::uint32_t i = 0; i < polygon.count; ++i) {
      const Vec2 corner = polygon.points[i];
      ws[i] = w_.at(corner);
      w = {std::min(w.min, ws[i]), std::max(w.max, ws[i])};
      sum = {sum.x + corner.x, sum.y + corner.y};
    }
    const Vec2 centre{sum.x / polygon.count, sum.y / polygon.count};
    double area = 0;
    for (std::uint32_t i = 2; i < polygon.count; ++i) {
      const Vec2 a = polygon.points[0], b = polygon.points[i - 1], c = polygon.points[i];
      const double twice = (b.x - a.x) * (c.y - a.y) - (c.x - a.x) * (b.y - a.y);
      area += 0.5 * std::abs(twice) / (ws[0] * ws[i - 1] * ws[i]);
    }
    return scaled(axes_.squares(polygon, centre), w, area);
  }

  [[nodiscard]] SeenPart scaled(const AxisBounds& over_w, const Interval& w,
                                double area_over_w) const {
    return {over_w.least2 * (w.min * w.min), over_w.most2 * (w.max * w.max),
            area_over_w * pixels_over_area_};
  }

  /// The level of detail rises with both axes, so that the ends of their intervals give its own.
  [[nodiscard]] float lod_of(Both axes2) const {
    constexpr double kTiny = 1e-36, kHuge = 1e36;  // what a 32-bit float holds
    const double width2 =
        std::max(std::min(axes2.dx, axes2.dy), std::max(axes2.dx, axes2.dy) * inverse_anisotropy2_);
    const double held = width2 > kTiny ? std::min(width2, kHuge) : kTiny;
    return 0.5f * fast_log2(static_cast<float>(held)) + bias_;
  }

  const TilePyramid& pyramid_;
  ViewPlanes planes_;
  LinearForm w_;
  FootprintForms axes_;
  double pixels_over_area_, inverse_anisotropy2_;
  float bias_;
  double reach_texels_;
  std::size_t level_begin_ = 0;  ///< In the queue, of the next level to enter.
  Vec2 page_uv_, margin_uv_;
  std::uint32_t pages_x_ = 0, pages_y_ = 0, pages_x_below_ = 0, pages_y_below_ = 0;
  std::array<UvPolygon, 2> polygons_;  ///< What clipping works in.
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
