// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// The visible set along the six traces, against the taps of pixels.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <set>

#include "forge3d/camera.hpp"
#include "streaming/visibility.hpp"

namespace forge3d::view {
namespace {

constexpr std::uint32_t kExtent = 1u << 20, kWidth = 1920, kHeight = 1080, kFrames = 3600;
constexpr std::array kTraces{"pan", "fly", "look", "zoom", "teleport", "map"};

/// What pixels read, found as a ray tracer would: by casting rays from the camera to the plane and
/// differencing the hits a hundredth of a pixel apart. Shares nothing with the code under test but
/// the footprint.
class RayOracle {
 public:
  RayOracle(const TilePyramid& pyramid, const Camera& camera) : p_(pyramid), camera_(camera) {
    const double cp = std::cos(camera.pitch), sp = std::sin(camera.pitch);
    const double cy = std::cos(camera.yaw), sy = std::sin(camera.yaw);
    const double tangent = std::tan(camera.fov_y / 2), aspect = double{kWidth} / kHeight;
    forward_ = {cp * cy, cp * sy, -sp};
    right_ = {sy * tangent * aspect, -cy * tangent * aspect, 0};
    down_ = {-sp * cy * tangent, -sp * sy * tangent, -cp * tangent};
  }

  void add_pixel(std::uint32_t px, std::uint32_t py, std::set<TileAddress>& found) {
    const double x = px + 0.5, y = py + 0.5;
    constexpr double kStep = 0.01;
    Hit hit, right, left, below, above;
    if (!cast(x, y, hit) || hit.u < 0 || hit.u > 1 || hit.v < 0 || hit.v > 1) return;
    if (!cast(x + kStep, y, right) || !cast(x - kStep, y, left) || !cast(x, y + kStep, below) ||
        !cast(x, y - kStep, above))
      return;  // on the horizon, where nothing but the coarsest page is read
    const Hit dx{(right.u - left.u) / (2 * kStep), (right.v - left.v) / (2 * kStep)};
    const Hit dy{(below.u - above.u) / (2 * kStep), (below.v - above.v) / (2 * kStep)};
    const double length_x = std::hypot(dx.u, dx.v) * kExtent;
    const double length_y = std::hypot(dy.u, dy.v) * kExtent;
    const Footprint f = texture_footprint(length_x, length_y, 8);
    const double lod = std::clamp(f.lod, 0.0, p_.levels - 1.0);
    const Hit longer = length_x >= length_y ? dx : dy;
    for (int i = 0; i < f.taps; ++i) {
      const double o = (i + 0.5) / f.taps - 0.5;
      for (const double level : {std::floor(lod), std::ceil(lod)})
        found.insert(
            page(static_cast<std::uint32_t>(level), hit.u + o * longer.u, hit.v + o * longer.v));
    }
  }

 private:
  struct Hit {
    double u = 0, v = 0;
  };
  bool cast(double x, double y, Hit& hit) const {
    const double a = 2 * x / kWidth - 1, b = 2 * y / kHeight - 1;
    std::array<double, 3> ray;
    for (std::size_t i = 0; i < 3; ++i) ray[i] = forward_[i] + a * right_[i] + b * down_[i];
    if (ray[2] >= 0) return false;
    const double t = camera_.height / -ray[2];
    hit = {(camera_.x + t * ray[0]) / kExtent, 1 - (camera_.y + t * ray[1]) / kExtent};
    return true;
  }
  [[nodiscard]] TileAddress page(std::uint32_t level, double u, double v) const {
    const auto along = [&](double t) {
      const double texel = std::clamp(t, 0.0, 1.0) * p_.level_width(level);
      return std::min(static_cast<std::uint32_t>(texel) / p_.page_texels, p_.pages_x(level) - 1);
    };
    return {level, along(u), along(v)};
  }

  const TilePyramid& p_;
  Camera camera_;
  std::array<double, 3> forward_{}, right_{}, down_{};
};

TilePyramid world() { return make_tile_pyramid(kExtent, kExtent, Format::kBC7Srgb).value(); }

std::set<TileAddress> wanted_of(const TilePyramid& pyramid, const Camera& camera) {
  VirtualView view;
  view.clip_from_uv = clip_from_uv(camera, kExtent, kExtent, double{kWidth} / kHeight).value();
  view.width = kWidth;
  view.height = kHeight;
  streaming::VisibleSet set;
  EXPECT_TRUE(streaming::find_visible(pyramid, view, {}, set));
  std::set<TileAddress> wanted;
  for (const streaming::VisiblePage& page : set.pages)
    if (streaming::is_wanted(page, pyramid.levels, 0)) wanted.insert(page.tile);
  return wanted;
}

std::size_t missing_of(const std::set<TileAddress>& needed, const std::set<TileAddress>& wanted) {
  return static_cast<std::size_t>(std::count_if(
      needed.begin(), needed.end(), [&](const TileAddress& t) { return wanted.count(t) == 0; }));
}

// Every 13th pixel of every 11th row, other ones in each frame, and the rim of the screen, where
// pages are easiest to miss.
TEST(VisibleTraces, MissNoPageThatAPixelReads) {
  const TilePyramid pyramid = world();
  for (const char* trace : kTraces) {
    const auto path = make_camera_path(trace, kExtent, kExtent, kFrames).value();
    for (std::uint32_t i = 0; i < 12; ++i) {
      const std::uint32_t frame = 17 + i * 299;
      RayOracle oracle(pyramid, path->at(frame));
      std::set<TileAddress> needed;
      for (std::uint32_t y = i % 11; y < kHeight; y += 11)
        for (std::uint32_t x = i; x < kWidth; x += 13) oracle.add_pixel(x, y, needed);
      for (std::uint32_t x = 0; x < kWidth; ++x) {
        oracle.add_pixel(x, 0, needed);
        oracle.add_pixel(x, kHeight - 1, needed);
      }
      for (std::uint32_t y = 0; y < kHeight; ++y) {
        oracle.add_pixel(0, y, needed);
        oracle.add_pixel(kWidth - 1, y, needed);
      }
      ASSERT_EQ(missing_of(needed, wanted_of(pyramid, path->at(frame))), 0u)
          << trace << " frame " << frame;
    }
  }
}

// A page that is listed for nothing is smaller on the screen than the lattice, or at its rim: a
// lattice of 3 x 2 pixels finds nearly every page that all of the pixels would.
TEST(VisibleTraces, AskForFewPagesThatNoPixelReads) {
  const TilePyramid pyramid = world();
  for (const char* trace : kTraces) {
    const auto path = make_camera_path(trace, kExtent, kExtent, kFrames).value();
    RayOracle oracle(pyramid, path->at(1234));
    std::set<TileAddress> needed;
    for (std::uint32_t y = 0; y < kHeight; y += y + 2 < kHeight ? 2 : 1)
      for (std::uint32_t x = 0; x < kWidth; x += x + 3 < kWidth ? 3 : 1)
        oracle.add_pixel(x, y, needed);
    const std::set<TileAddress> wanted = wanted_of(pyramid, path->at(1234));
    EXPECT_EQ(missing_of(needed, wanted), 0u) << trace;
    const double ratio = static_cast<double>(wanted.size()) / static_cast<double>(needed.size());
    std::printf("[ measured ] %s: needed %zu, wanted / needed %.3f\n", trace, needed.size(), ratio);
    EXPECT_LE(ratio, 1.10) << trace;
  }
}

}  // namespace
}  // namespace forge3d::view
