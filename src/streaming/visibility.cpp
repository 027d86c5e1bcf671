// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "streaming/visibility.hpp"

#include <algorithm>
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

struct Interval {
  double min = 0;
  double max = 0;
};

/// What is known of a part of the plane: the squared lengths of the footprint's two axes in texels
/// of level 0, and the screen area.
struct SeenPart {
  Interval dx2, dy2;
  double area_px = 0;
};

double squared(Vec2 v) { return v.x * v.x + v.y * v.y; }
double dot(Vec2 a, Vec2 b) { return a.x * b.x + a.y * b.y; }

/// A vector that is linear over the plane: a footprint axis over w. Its length is convex, so that
/// it is largest at a corner. It is at least the distance to the origin of any line that has all of
/// the vectors on its far side; here the line across the vector at the centre.
class VectorForm {
 public:
  explicit VectorForm(const std::array<LinearForm, 2>& components)
      : x_(components[0]),
        y_(components[1]),
        u_{x_.u, y_.u},
        v_{x_.v, y_.v},
        u2_(squared(u_)),
        v2_(squared(v_)),
        uv_(dot(u_, v_)) {}

  [[nodiscard]] Vec2 at(Vec2 uv) const { return {x_.at(uv), y_.at(uv)}; }
  /// Bounds of the squared length over a rectangle. The corners are centre +- u +- v: the largest
  /// of their squares is that of the signs for which the mixed products add up most.
  [[nodiscard]] Interval squares(const UvRect& rect) const {
    const Vec2 centre = at(rect.centre);
    const double c2 = squared(centre);
    const double cu = dot(centre, u_) * rect.half.x, cv = dot(centre, v_) * rect.half.y;
    const double uv = uv_ * rect.half.x * rect.half.y;
    const double mixed = std::max(std::abs(cu + cv) + uv, std::abs(cu - cv) - uv);
    const double largest =
        c2 + u2_ * rect.half.x * rect.half.x + v2_ * rect.half.y * rect.half.y + 2 * mixed;
    const double along = c2 - std::abs(cu) - std::abs(cv);
    return {along > 0 ? along * (along / c2) : 0, largest};
  }
  [[nodiscard]] Interval squares(const UvPolygon& polygon, Vec2 centre_uv) const {
    const Vec2 centre = at(centre_uv);
    double largest = 0, along = std::numeric_limits<double>::max();
    for (std::uint32_t i = 0; i < polygon.count; ++i) {
      const Vec2 corner = at(polygon.points[i]);
      largest = std::max(largest, squared(corner));
      along = std::min(along, dot(centre, corner));
    }
    return {along > 0 ? along * (along / squared(centre)) : 0, largest};
  }

 private:
  LinearForm x_, y_;
  Vec2 u_, v_;
  double u2_, v2_, uv_;
};

/// The quadtree descent of one view. Kept for one call.
class Descent {
 public:
  Descent(const TilePyramid& pyramid, const VirtualView& view, const ViewMapping& mapping)
      : pyramid_(pyramid),
        planes_(mapping),
        w_(mapping.clip_form(&ClipPoint::w)),
        dx_(mapping.dx_forms()),
        dy_(mapping.dy_forms()),
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
  }

  /// Lists the page if any bias wants it, and queues those below that may be wanted.
  void visit(VisitedPage page, VisibleSet& out) {
    const UvRect rect = rect_of(page.tile, margin_uv_);
    if (!planes_.narrow(rect, page.planes)) return;
    SeenPart part;
    if (page.planes == 0) {
      part = whole(rect);
    } else {
      const UvPolygon& polygon = planes_.clip(rect, page.planes, polygons_);
      if (polygon.count == 0) return;
      part = piece(polygon);
    }
    const float m = static_cast<float>(page.tile.level);
    const float lod_min = lod_of(part.dx2.min, part.dy2.min) - kFloatSlackLod;
    if (lod_min >= m + 1 && page.tile.level + 1 != pyramid_.levels) return;
    if (page.planes == 0 || is_reached(page, part)) {
      const float lod_max = lod_of(part.dx2.max, part.dy2.max) + kFloatSlackLod;
      out.pages.push_back({page.tile, lod_min, lod_max, static_cast<float>(part.area_px)});
    }
    if (page.tile.level > 0 && lod_min < m) push_children(page, out.queue);
  }

  /// Takes the reach that the taps have here in place of the largest they may have anywhere: most
  /// pages beside the edge of the screen are reached from it by the latter only.
  [[nodiscard]] bool is_reached(VisitedPage page, const SeenPart& part) const {
    const double longer2 = std::max(part.dx2.max, part.dy2.max);
    const double texels = longer2 <= 1 ? 0 : 0.5 * std::sqrt(longer2);  // of level 0
    const Vec2 margin{texels / pyramid_.width + kLeastMarginPages * page_uv_.x + kFloatSlackUv,
                      texels / pyramid_.height + kLeastMarginPages * page_uv_.y + kFloatSlackUv};
    const UvRect rect =
        rect_of(page.tile, {std::min(margin.x, margin_uv_.x), std::min(margin.y, margin_uv_.y)});
    return planes_.narrow(rect, page.planes);
  }

  void push_children(const VisitedPage& page, std::vector<VisitedPage>& queue) const {
    const TileAddress& tile = page.tile;
    const std::uint32_t below = tile.level - 1;
    const PageRange x =
        descendants_of(tile.x, pyramid_.pages_x(tile.level), pyramid_.pages_x(below), 1);
    const PageRange y =
        descendants_of(tile.y, pyramid_.pages_y(tile.level), pyramid_.pages_y(below), 1);
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

  /// A rectangle that is seen wholly.
  [[nodiscard]] SeenPart whole(const UvRect& rect) const {
    const double w = w_.at(rect.centre);
    const double u = w_.u * rect.half.x, v = w_.v * rect.half.y;
    const double spread = std::abs(u) + std::abs(v);
    // Two triangles whose common corners lie across the centre from one another.
    const double corners = (w + u + v) * (w - u - v) * (w + u - v) * (w - u + v);
    const double area = 4 * rect.half.x * rect.half.y * w / corners;
    return scaled(dx_.squares(rect), dy_.squares(rect), {w - spread, w + spread}, area);
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
    return scaled(dx_.squares(polygon, centre), dy_.squares(polygon, centre), w, area);
  }

  [[nodiscard]] SeenPart scaled(const Interval& dx2, const Interval& dy2, const Interval& w,
                                double area_over_w) const {
    const double near2 = w.min * w.min, far2 = w.max * w.max;
    return {{dx2.min * near2, dx2.max * far2},
            {dy2.min * near2, dy2.max * far2},
            area_over_w * pixels_over_area_};
  }

  /// The level of detail rises with both axes, so that the ends of their intervals give its own.
  [[nodiscard]] float lod_of(double dx2, double dy2) const {
    constexpr double kTiny = 1e-36, kHuge = 1e36;  // what a 32-bit float holds
    const double width2 = std::max(std::min(dx2, dy2), std::max(dx2, dy2) * inverse_anisotropy2_);
    const double held = width2 > kTiny ? std::min(width2, kHuge) : kTiny;
    return 0.5f * std::log2(static_cast<float>(held)) + bias_;
  }

  const TilePyramid& pyramid_;
  ViewPlanes planes_;
  LinearForm w_;
  VectorForm dx_, dy_;
  double pixels_over_area_, inverse_anisotropy2_;
  float bias_;
  double reach_texels_;
  std::size_t level_begin_ = 0;  ///< In the queue, of the next level to enter.
  Vec2 page_uv_, margin_uv_;
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
