// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "streaming/visibility.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <limits>
#include <set>

#include "streaming/test_views.hpp"
#include "streaming/view_mapping.hpp"

namespace forge3d::streaming {
namespace {

using test::flat_view;
using test::perspective_view;
using test::random_view;

TilePyramid pyramid_of(std::uint32_t width, std::uint32_t height, std::uint32_t page) {
  TilePyramid p{
      .width = width, .height = height, .page_texels = page, .format = Format::kRGBA8Unorm};
  while (p.pages_x(p.levels - 1) > 1 || p.pages_y(p.levels - 1) > 1) ++p.levels;
  return p;
}

/// The pages that the taps of every pixel touch, as the shader finds them. Its own inverse: a
/// solved 3 x 3 system a pixel and differences between pixels' exact derivatives, so that it shares
/// no formula with the code under test.
class PixelOracle {
 public:
  PixelOracle(const TilePyramid& pyramid, const VirtualView& view) : p_(pyramid), view_(view) {}

  std::set<TileAddress> pages(float bias = 0) {
    std::set<TileAddress> found;
    for (std::uint32_t y = 0; y < view_.height; ++y)
      for (std::uint32_t x = 0; x < view_.width; ++x) add_pixel(x + 0.5, y + 0.5, bias, found);
    return found;
  }

 private:
  struct Uv {
    double u = 0, v = 0, w = 0;
  };
  /// Solves clip.xyw ~ (sx, sy, 1) for u and v by Cramer's rule on the two equations left after w
  /// is eliminated.
  [[nodiscard]] Uv solve(double px, double py) const {
    const double sx = px * 2 / view_.width - 1, sy = py * 2 / view_.height - 1;
    const auto& m = view_.clip_from_uv;
    const double a = m[0] - sx * m[3], b = m[4] - sx * m[7], c = sx * m[15] - m[12];
    const double d = m[1] - sy * m[3], e = m[5] - sy * m[7], f = sy * m[15] - m[13];
    const double det = a * e - b * d;
    const double u = (c * e - b * f) / det, v = (a * f - c * d) / det;
    return {u, v, m[3] * u + m[7] * v + m[15]};
  }
  void add_pixel(double px, double py, float bias, std::set<TileAddress>& found) const {
    const Uv at = solve(px, py);
    if (!(at.w > 0 && at.u >= 0 && at.u <= 1 && at.v >= 0 && at.v <= 1)) return;
    const auto& m = view_.clip_from_uv;
    const double z = m[2] * at.u + m[6] * at.v + m[14];
    if (!(z >= 0 && z <= at.w)) return;
    constexpr double kStep = 1e-4;
    const Uv l = solve(px - kStep, py), r = solve(px + kStep, py), t = solve(px, py - kStep),
             b = solve(px, py + kStep);
    const double dux = (r.u - l.u) / (2 * kStep), dvx = (r.v - l.v) / (2 * kStep);
    const double duy = (b.u - t.u) / (2 * kStep), dvy = (b.v - t.v) / (2 * kStep);
    const double dx = std::hypot(dux * p_.width, dvx * p_.height),
                 dy = std::hypot(duy * p_.width, dvy * p_.height);
    const Footprint f = texture_footprint(dx, dy, view_.max_anisotropy);
    const double lod = std::clamp(f.lod + view_.lod_bias + bias, 0.0, p_.levels - 1.0);
    for (int i = 0; i < f.taps; ++i) {
      const double o = (i + 0.5) / f.taps - 0.5;
      add_tap(at.u + o * (dx >= dy ? dux : duy), at.v + o * (dx >= dy ? dvx : dvy), lod, found);
    }
  }
  void add_tap(double u, double v, double lod, std::set<TileAddress>& found) const {
    u = std::clamp(u, 0.0, 1.0);
    v = std::clamp(v, 0.0, 1.0);
    for (const double level : {std::floor(lod), std::ceil(lod)}) {
      const auto m = static_cast<std::uint32_t>(level);
      const auto x = static_cast<std::uint32_t>(u * p_.level_width(m)) / p_.page_texels;
      const auto y = static_cast<std::uint32_t>(v * p_.level_height(m)) / p_.page_texels;
      found.insert({m, std::min(x, p_.pages_x(m) - 1), std::min(y, p_.pages_y(m) - 1)});
    }
  }
  const TilePyramid& p_;
  const VirtualView& view_;
};

std::set<TileAddress> wanted_of(const TilePyramid& pyramid, const VirtualView& view,
                                float bias = 0) {
  VisibleSet set;
  const Result<> done = find_visible(pyramid, view, {}, set);
  EXPECT_TRUE(done) << done.error().to_string();
  EXPECT_FALSE(set.truncated);
  std::set<TileAddress> wanted;
  for (const VisiblePage& page : set.pages)
    if (is_wanted(page, pyramid.levels, bias)) {
      EXPECT_TRUE(wanted.insert(page.tile).second);
    }
  return wanted;
}

std::size_t count_missing(const std::set<TileAddress>& needed,
                          const std::set<TileAddress>& wanted) {
  std::size_t missing = 0;
  for (const TileAddress& tile : needed) missing += wanted.count(tile) == 0;
  return missing;
}

struct OverRequest {
  std::size_t needed = 0, wanted = 0;
  [[nodiscard]] double ratio() const {
    return static_cast<double>(wanted) / static_cast<double>(needed);
  }
};

TEST(Visibility, MissesNoPageThatAPixelTouches) {
  std::mt19937 random(20261123);
  OverRequest total;
  for (int i = 0; i < 240; ++i) {
    const TilePyramid p = i % 3 == 0   ? pyramid_of(8192, 8192, 64)
                          : i % 3 == 1 ? pyramid_of(5001, 3333, 64)
                                       : pyramid_of(1 << 20, (1 << 19) + 77, 256);
    VirtualView view = random_view(random, p.width, p.height, 160, 90);
    if (i % 4 == 0) view.lod_bias = static_cast<float>(random() % 32) / 8 - 2;
    const float bias = i % 5 == 0 ? 0.625f : 0;
    const std::set<TileAddress> needed = PixelOracle(p, view).pages(bias);
    const std::set<TileAddress> wanted = wanted_of(p, view, bias);
    ASSERT_EQ(count_missing(needed, wanted), 0u) << "view " << i;
    total.needed += needed.size();
    total.wanted += wanted.size();
  }
  std::printf("[ measured ] over-request at 160 x 90: %.3f\n", total.ratio());
  EXPECT_LT(total.ratio(), 1.6);  // a small viewport: many pages are seen between two pixels
}

TEST(Visibility, AsksForFewPagesThatNoPixelTouches) {
  const TilePyramid p = pyramid_of(1 << 20, 1 << 20, 256);
  const test::TestCamera cameras[] = {{200000, 500000, 900, 0.2, 0.7},
                                      {300000, 400000, 1200, 0.5, 0.28},
                                      {500000, 500000, 700, 2.2, 0.35},
                                      {524288, 524288, 1 << 14, 0, 1.45},
                                      {400000, 600000, 2000, 3, 1.4}};
  OverRequest total;
  for (const test::TestCamera& camera : cameras) {
    const VirtualView view = perspective_view(camera, p.width, p.height, 960, 540);
    const std::set<TileAddress> needed = PixelOracle(p, view).pages();
    const std::set<TileAddress> wanted = wanted_of(p, view);
    EXPECT_EQ(count_missing(needed, wanted), 0u);
    total.needed += needed.size();
    total.wanted += wanted.size();
    std::printf("[ measured ] needed %zu, wanted %zu\n", needed.size(), wanted.size());
  }
  std::printf("[ measured ] over-request %.3f\n", total.ratio());
  EXPECT_LT(total.ratio(), 1.3);
}

TEST(Visibility, AFlatViewAtOneTexelAPixelWantsItsPagesAndTheNextLevelsOnly) {
  const TilePyramid p = pyramid_of(4096, 4096, 256);
  // 1024 x 512 texels from (512, 512) on 1024 x 512 pixels, and not one pixel of the neighbours.
  const VirtualView view =
      flat_view(512 / 4096.0, 512 / 4096.0, 1536 / 4096.0, 1024 / 4096.0, 1024, 512);
  std::size_t finest = 0;
  for (const TileAddress& tile : wanted_of(p, view)) {
    EXPECT_LE(tile.level, 1u);
    if (tile.level == 0) {
      ++finest;
      EXPECT_TRUE(tile.x >= 2 && tile.x < 6 && tile.y >= 2 && tile.y < 4)
          << tile.x << " " << tile.y;
    }
  }
  EXPECT_EQ(finest, 8u);
}

TEST(Visibility, AMipBiasOfOneMakesTheSetAboutAQuarter) {
  const TilePyramid p = pyramid_of(1 << 16, 1 << 16, 256);
  const VirtualView view =
      perspective_view({30000, 30000, 2000, 1, 1.2}, p.width, p.height, 1920, 1080);
  const double ratio =
      static_cast<double>(wanted_of(p, view, 1).size()) / wanted_of(p, view, 0).size();
  EXPECT_LT(ratio, 0.5);
  EXPECT_GT(ratio, 0.15);
}

TEST(Visibility, NothingIsWantedWhereNothingIsSeen) {
  const TilePyramid p = pyramid_of(4096, 4096, 64);
  VirtualView away = perspective_view({2000, 2000, 100, 0, 0.7}, 4096, 4096, 320, 200);
  for (double& value : away.clip_from_uv) value = -value;  // behind the camera
  EXPECT_TRUE(wanted_of(p, away).empty());
  VirtualView edge_on = perspective_view({2000, 2000, 0, 0, 0}, 4096, 4096, 320, 200);
  EXPECT_TRUE(wanted_of(p, edge_on).empty());
  EXPECT_TRUE(wanted_of(p, flat_view(2, 2, 3, 3, 320, 200)).empty());
  VirtualView zero{.width = 32, .height = 32};
  EXPECT_TRUE(wanted_of(p, zero).empty());
}

TEST(Visibility, RefusesWhatIsNotAView) {
  const TilePyramid p = pyramid_of(4096, 4096, 64);
  const VirtualView good = flat_view(0, 0, 1, 1, 64, 64);
  VisibleSet set;
  const auto expect_refused = [&](const VirtualView& view, const char* field) {
    const Result<> done = find_visible(p, view, {}, set);
    ASSERT_FALSE(done) << field;
    EXPECT_EQ(done.error().code, ErrorCode::kInvalidArgument);
    EXPECT_NE(done.error().message.find(field), std::string::npos) << done.error().message;
  };
  for (const double bad :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(), -1e300})
    for (std::size_t i = 0; i < 16; ++i) {
      VirtualView view = good;
      view.clip_from_uv[i] = bad;
      expect_refused(view, "clip_from_uv");
    }
  VirtualView view = good;
  view.width = 0;
  expect_refused(view, "viewport");
  view = good;
  view.max_anisotropy = std::numeric_limits<float>::quiet_NaN();
  expect_refused(view, "max_anisotropy");
  view = good;
  view.lod_bias = std::numeric_limits<float>::infinity();
  expect_refused(view, "lod_bias");
}

TEST(Visibility, DegenerateViewsEndAtTheLimitWithTheCoarsePages) {
  const TilePyramid p = pyramid_of(1 << 20, 1 << 20, 64);
  VirtualView view = flat_view(0, 0, 1, 1, 1920, 1080);
  view.lod_bias = -32;  // all 268 million pages
  VisibleSet set;
  ASSERT_TRUE(find_visible(p, view, {.max_nodes = 5000}, set));
  EXPECT_TRUE(set.truncated);
  EXPECT_EQ(set.nodes, 5000u);
  EXPECT_EQ(set.pages.front().tile.level, p.levels - 1);
  std::mt19937 random(3);
  for (int i = 0; i < 200; ++i) {  // any finite matrix is answered
    VirtualView wild{.width = 1 + static_cast<std::uint32_t>(random() % 4000), .height = 1};
    for (double& value : wild.clip_from_uv)
      value = std::ldexp(static_cast<double>(random()) - 2147483648.0,
                         static_cast<int>(random() % 60) - 60);
    ASSERT_TRUE(find_visible(p, wild, {.max_nodes = 2000}, set));
    for (const VisiblePage& page : set.pages) {
      ASSERT_TRUE(p.contains(page.tile));
      ASSERT_FALSE(std::isnan(page.lod_min) || std::isnan(page.lod_max) ||
                   std::isnan(page.area_px));
    }
  }
}

// What the descent costs, counted: times are the benchmark's.
TEST(Visibility, LooksAtFewNodesBesideThePagesItFinds) {
  const TilePyramid p = pyramid_of(1 << 20, 1 << 20, 256);
  VisibleSet set;
  for (int i = 0; i < 50; ++i) {
    const test::TestCamera camera{200000 + 240.0 * i, 500000 + 44.0 * i, 900, 0.2, 0.7};
    ASSERT_TRUE(find_visible(p, perspective_view(camera, p.width, p.height, 1920, 1080), {}, set));
    EXPECT_GT(set.pages.size(), 50u);
    EXPECT_LE(set.nodes, 2 * set.pages.size()) << i;
  }
}

}  // namespace
}  // namespace forge3d::streaming
