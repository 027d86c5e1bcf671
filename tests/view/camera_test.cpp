// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/camera.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "view/homography.hpp"

namespace forge3d {
namespace {

constexpr double kPi = std::numbers::pi;

struct Clip {
  double x, y, z, w;
};

Clip project(const std::array<double, 16>& m, double u, double v) {
  auto row = [&](std::size_t r) { return m[r] * u + m[4 + r] * v + m[12 + r]; };
  return {row(0), row(1), row(2), row(3)};
}

TEST(Camera, LooksStraightDownWithNorthWhereYawSays) {
  // Above the middle of 1000 x 500, 90 degrees of view: half a height of 100 texels up and down.
  const Camera camera{500, 250, 100, 0, kPi / 2, kPi / 2};
  const auto m = clip_from_uv(camera, 1000, 500, 2.0);
  ASSERT_TRUE(m) << m.error().to_string();
  const Clip centre = project(*m, 0.5, 0.5);
  EXPECT_NEAR(centre.x, 0, 1e-9);
  EXPECT_NEAR(centre.y, 0, 1e-9);
  EXPECT_NEAR(centre.w, 100, 1e-9);
  EXPECT_NEAR(centre.z, 100 - 0.1, 1e-9);
  // Yaw 0: +x of the world is up on the screen (y = -w), north (smaller v) is left.
  const Clip east = project(*m, 0.6, 0.5);
  EXPECT_NEAR(east.x / east.w, 0, 1e-9);
  EXPECT_NEAR(east.y / east.w, -1, 1e-9);
  const Clip north = project(*m, 0.5, 0.5 - 200.0 / 500);
  EXPECT_NEAR(north.x / north.w, -1, 1e-9);
  EXPECT_NEAR(north.y / north.w, 0, 1e-9);
}

TEST(Camera, TheFirstRowLiesInTheNorth) {
  // At the origin of a 64 x 64 texture looking north (+y), 45 degrees down: the screen's centre
  // meets y = height.
  const auto m = clip_from_uv({0, 0, 32, kPi / 2, kPi / 4, kPi / 3}, 64, 64, 1.0);
  ASSERT_TRUE(m);
  const Clip centre = project(*m, 0, 0.5);  // y = 64 - 0.5 * 64 = 32
  EXPECT_NEAR(centre.x, 0, 1e-9);
  EXPECT_NEAR(centre.y, 0, 1e-9);
  EXPECT_NEAR(centre.w, 32 * std::sqrt(2.0), 1e-9);
  EXPECT_LT(project(*m, 0, 0).y / project(*m, 0, 0).w, 0);  // further north is higher up
  EXPECT_GT(project(*m, 0.2, 0.5).x, 0);                    // east is to the right
}

TEST(Camera, ScalesWithFieldOfViewAndAspect) {
  const Camera camera{0, 0, 10, 0, 0.5, 1.2};
  const auto wide = clip_from_uv(camera, 100, 100, 16.0 / 9);
  ASSERT_TRUE(wide);
  // A point one half-field to the right of the axis: 20 ahead along it, 20 * tan(0.6) * 16 / 9
  // aside.
  const double ahead = 20, aside = ahead * std::tan(0.6) * 16 / 9;
  const double x = 10 / std::tan(0.5), y = -aside;
  const Clip edge = project(*wide, x / 100, (100 - y) / 100);
  EXPECT_NEAR(edge.x / edge.w, aside / (std::hypot(10, x) * std::tan(0.6) * 16 / 9), 1e-9);
  EXPECT_NEAR(edge.y, 0, 1e-9);
}

TEST(Camera, RefusesWhatIsOutOfRange) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  const Camera broken[] = {{nan, 0, 1, 0, 0.5, 1}, {0, infinity, 1, 0, 0.5, 1},
                           {0, 0, 0, 0, 0.5, 1},   {0, 0, -1, 0, 0.5, 1},
                           {0, 0, 1, nan, 0.5, 1}, {0, 0, 1, 0, -0.1, 1},
                           {0, 0, 1, 0, 1.6, 1},   {0, 0, 1, 0, 0.5, 0},
                           {0, 0, 1, 0, 0.5, 3.2}, {0, 0, 1, 0, nan, 1}};
  for (const Camera& camera : broken) {
    const auto m = clip_from_uv(camera, 10, 10, 1);
    ASSERT_FALSE(m);
    EXPECT_EQ(m.error().code, ErrorCode::kInvalidArgument);
  }
  EXPECT_NE(check_camera(broken[3]).error().message.find("height is -1"), std::string::npos);
  EXPECT_FALSE(clip_from_uv({}, 0, 10, 1));
  EXPECT_FALSE(clip_from_uv({}, 10, 0, 1));
  EXPECT_FALSE(clip_from_uv({}, 10, 10, 0));
  EXPECT_FALSE(clip_from_uv({}, 10, 10, nan));
}

TEST(Homography, InvertsTheCameraToAMillionthOfATexel) {
  const Camera camera{300123.5, 400321.25, 900, 0.2, 0.7};
  const auto m = clip_from_uv(camera, 1u << 20, 1u << 20, 16.0 / 9);
  ASSERT_TRUE(m);
  const auto h = view::Homography::create(*m, 1920, 1080);
  ASSERT_TRUE(h);
  for (const auto& [px, py] : {std::pair{0.5, 0.5}, {960.0, 540.0}, {1919.5, 1079.5}}) {
    const auto point = h->at(px, py);
    ASSERT_TRUE(point);
    const Clip clip = project(*m, point->u, point->v);
    EXPECT_NEAR((clip.x / clip.w + 1) * 960, px, 1e-6);
    EXPECT_NEAR((clip.y / clip.w + 1) * 540, py, 1e-6);
  }
}

TEST(Homography, DerivativesAreThoseOfTheMap) {
  const auto m = clip_from_uv({500, 250, 80, 1.1, 0.4}, 1000, 700, 1.5);
  const auto h = view::Homography::create(*m, 300, 200);
  ASSERT_TRUE(h);
  const double step = 1e-4, x = 120.5, y = 150.5;
  const auto p = h->at(x, y), right = h->at(x + step, y), left = h->at(x - step, y);
  const auto below = h->at(x, y + step), above = h->at(x, y - step);
  EXPECT_NEAR(p->du_dx, (right->u - left->u) / (2 * step), 1e-9);
  EXPECT_NEAR(p->dv_dx, (right->v - left->v) / (2 * step), 1e-9);
  EXPECT_NEAR(p->du_dy, (below->u - above->u) / (2 * step), 1e-9);
  EXPECT_NEAR(p->dv_dy, (below->v - above->v) / (2 * step), 1e-9);
}

TEST(Homography, SeesNothingAboveTheHorizonOrEdgeOn) {
  const auto m = clip_from_uv({0, 0, 100, 0, 0.0}, 1000, 1000, 1);
  const auto h = view::Homography::create(*m, 100, 100);
  ASSERT_TRUE(h);
  EXPECT_FALSE(h->at(50, 49));
  EXPECT_TRUE(h->at(50, 51));

  auto flat = *m;
  for (std::size_t column = 0; column < 4; ++column) flat[column * 4 + 1] = 0;
  const auto edge_on = view::Homography::create(flat, 100, 100);
  ASSERT_TRUE(edge_on);
  EXPECT_TRUE(edge_on->edge_on());
  EXPECT_FALSE(edge_on->at(50, 50));

  flat[3] = std::numeric_limits<double>::infinity();
  EXPECT_FALSE(view::Homography::create(flat, 100, 100));
  EXPECT_FALSE(view::Homography::create(*m, 0, 100));
}

}  // namespace
}  // namespace forge3d
