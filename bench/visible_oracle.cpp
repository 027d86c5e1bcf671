// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/visible_oracle.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace forge3d::bench {
namespace {

using Row = std::array<double, 3>;

Row cross(const Row& a, const Row& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}
double dot(const Row& a, const Row& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

struct Uv {
  double u = 0, v = 0;
};

class PixelWalk {
 public:
  PixelWalk(const TilePyramid& pyramid, const VirtualView& view) : p_(pyramid), view_(view) {
    // The rows of the inverse of (u, v, 1) -> (x, y, w) are the columns' cross products over the
    // determinant.
    const auto& m = view.clip_from_uv;
    const Row u{m[0], m[1], m[3]}, v{m[4], m[5], m[7]}, one{m[12], m[13], m[15]};
    const double determinant = dot(u, cross(v, one));
    rows_ = {cross(v, one), cross(one, u), cross(u, v)};
    for (Row& row : rows_)
      for (double& value : row) value /= determinant;
  }

  std::set<TileAddress> run() {
    for (std::uint32_t y = 0; y < view_.height; ++y)
      for (std::uint32_t x = 0; x < view_.width; ++x) add_pixel(x, y);
    return std::move(found_);
  }

 private:
  void add_pixel(std::uint32_t x, std::uint32_t y) {
    const Row screen{(x + 0.5) * 2 / view_.width - 1, (y + 0.5) * 2 / view_.height - 1, 1};
    const double one = dot(rows_[2], screen), w = 1 / one;
    if (!(one > 0)) return;
    const Uv at{dot(rows_[0], screen) * w, dot(rows_[1], screen) * w};
    const auto& m = view_.clip_from_uv;
    const double z = m[2] * at.u + m[6] * at.v + m[14];
    if (!(at.u >= 0 && at.u <= 1 && at.v >= 0 && at.v <= 1 && z >= 0 && z <= w)) return;
    const auto slope = [&](std::size_t axis, std::uint32_t pixels) {
      const double step = 2.0 / pixels * w;  // the quotient rule
      return Uv{(rows_[0][axis] - at.u * rows_[2][axis]) * step,
                (rows_[1][axis] - at.v * rows_[2][axis]) * step};
    };
    add_taps(at, slope(0, view_.width), slope(1, view_.height));
  }

  void add_taps(Uv at, Uv dx, Uv dy) {
    const double length_x = std::hypot(dx.u * p_.width, dx.v * p_.height);
    const double length_y = std::hypot(dy.u * p_.width, dy.v * p_.height);
    const Footprint footprint = texture_footprint(length_x, length_y, view_.max_anisotropy);
    const double lod = std::clamp(footprint.lod + view_.lod_bias, 0.0, p_.levels - 1.0);
    const Uv longer = length_x >= length_y ? dx : dy;
    for (int i = 0; i < footprint.taps; ++i) {
      const double o = (i + 0.5) / footprint.taps - 0.5;
      const Uv tap{std::clamp(at.u + o * longer.u, 0.0, 1.0),
                   std::clamp(at.v + o * longer.v, 0.0, 1.0)};
      add_tap(tap, static_cast<std::uint32_t>(lod), last_fine_);
      add_tap(tap, static_cast<std::uint32_t>(std::ceil(lod)), last_coarse_);
    }
  }

  /// `last` saves the search for what the tap before touched already.
  void add_tap(Uv at, std::uint32_t level, std::optional<TileAddress>& last) {
    const auto page = [&](double t, std::uint32_t extent, std::uint32_t pages) {
      return std::min(static_cast<std::uint32_t>(t * extent) / p_.page_texels, pages - 1);
    };
    const TileAddress tile{level, page(at.u, p_.level_width(level), p_.pages_x(level)),
                           page(at.v, p_.level_height(level), p_.pages_y(level))};
    if (last == tile) return;
    last = tile;
    found_.insert(tile);
  }

  const TilePyramid& p_;
  const VirtualView& view_;
  std::array<Row, 3> rows_;
  std::optional<TileAddress> last_fine_, last_coarse_;
  std::set<TileAddress> found_;
};

}  // namespace

std::set<TileAddress> tiles_of_every_pixel(const TilePyramid& pyramid, const VirtualView& view) {
  return PixelWalk(pyramid, view).run();
}

}  // namespace forge3d::bench
