// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "view/camera_path.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "support/shared_data.hpp"

namespace forge3d {
namespace {

constexpr std::uint32_t kWorld = 1u << 20;
constexpr const char* kNames[] = {"pan", "fly", "look", "zoom", "teleport", "map"};

std::unique_ptr<CameraPath> path_of(std::string_view name, std::uint32_t width,
                                    std::uint32_t height, std::uint32_t frames) {
  auto path = make_camera_path(name, width, height, frames);
  EXPECT_TRUE(path) << path.error().to_string();
  return path ? std::move(*path) : nullptr;
}

void expect_camera(const Camera& c, double x, double y, double height, double yaw, double pitch) {
  EXPECT_DOUBLE_EQ(c.x, x);
  EXPECT_DOUBLE_EQ(c.y, y);
  EXPECT_DOUBLE_EQ(c.height, height);
  EXPECT_DOUBLE_EQ(c.yaw, yaw);
  EXPECT_DOUBLE_EQ(c.pitch, pitch);
}

TEST(CameraPath, TracesAreTheFormulasInTheirOwnWorld) {
  const auto pan = path_of("pan", kWorld, kWorld, 3600), fly = path_of("fly", kWorld, kWorld, 3600);
  const auto look = path_of("look", kWorld, kWorld, 3600),
             zoom = path_of("zoom", kWorld, kWorld, 3600);
  for (std::uint32_t i = 0; i < 3600; i += 37) {
    const double t = i / 60.0;
    expect_camera(pan->at(i), 200000 + 60.0 * i, 500000 + 11.0 * i, 900, 0.2, 0.7);
    expect_camera(fly->at(i), 300000 + 7000 * t, 400000 + 20000 * std::sin(0.2 * t), 1200,
                  0.5 * std::sin(0.35 * t), 0.28);
    expect_camera(look->at(i), 500000 + 400 * t, 500000, 700, 2.2 * std::sin(0.8 * t), 0.35);
    expect_camera(zoom->at(i), 524288 + 3000 * std::sin(0.1 * t), 524288,
                  std::exp2(14 + 5.5 * std::cos(0.42 * t)), 0, 1.45);
  }
}

TEST(CameraPath, TeleportGoesRoundEightBookmarksByFive) {
  const auto path = path_of("teleport", kWorld, kWorld, 3600);
  for (std::uint32_t leg = 0; leg < 8; ++leg) {
    const Camera first = path->at(leg * 90), last = path->at(leg * 90 + 89);
    expect_camera(last, first.x + 6 * 89, first.y, first.height, first.yaw, first.pitch);
    EXPECT_TRUE(first.x >= 1e5 && first.x <= 9e5 && first.y >= 1e5 && first.y <= 9e5);
    EXPECT_TRUE(first.height >= 400 && first.height <= 3000);
    EXPECT_TRUE(first.pitch >= 0.3 && first.pitch <= 1.2 && first.yaw >= 0 && first.yaw <= 6);
    const Camera again = path->at((leg + 8) * 90);
    expect_camera(again, first.x, first.y, first.height, first.yaw, first.pitch);
    EXPECT_GT(
        std::hypot(path->at((leg + 1) * 90).x - first.x, path->at((leg + 1) * 90).y - first.y),
        1e4);
  }
}

TEST(CameraPath, MapGlidesSixPercentAFrame) {
  const auto path = path_of("map", kWorld, kWorld, 3600);
  double lowest = 1e9, highest = 0;
  for (std::uint32_t leg = 1; leg < 48; ++leg) {
    // Two steps of a glide give away its target; the third must head there too.
    const Camera a = path->at(leg * 75), b = path->at(leg * 75 + 1), c = path->at(leg * 75 + 2);
    EXPECT_NEAR(c.x - b.x, (b.x - a.x) * 0.94, 1e-6);
    EXPECT_NEAR(c.height - b.height, (b.height - a.height) * 0.94, 1e-6);
    EXPECT_DOUBLE_EQ(a.pitch, 1.4);
    lowest = std::min(lowest, a.height);
    highest = std::max(highest, a.height);
  }
  EXPECT_LT(lowest * 8, highest);
}

TEST(CameraPath, StaysOverThePictureAndMovesSmoothly) {
  const std::uint32_t extents[][2] = {
      {8192, 4096}, {20990, 29700}, {1000, 700}, {65536, 65536}, {1, 1}};
  for (const auto& [width, height] : extents) {
    for (const char* name : kNames) {
      const auto path = path_of(name, width, height, 3600);
      Camera before = path->at(0);
      for (std::uint32_t i = 0; i < 3600; ++i) {
        const Camera c = path->at(i);
        ASSERT_TRUE(check_camera(c)) << name << " frame " << i;
        ASSERT_TRUE(c.x >= 0.05 * width && c.x <= 0.95 * width) << name << " frame " << i;
        ASSERT_TRUE(c.y >= 0.05 * height && c.y <= 0.95 * height) << name << " frame " << i;
        // No jump: less than 6 % of the way a frame, as the map's glide does at most, besides
        // teleports.
        const bool jump = std::string_view(name) == "teleport" && i % 90 == 0;
        const double step = std::hypot(c.x - before.x, c.y - before.y);
        ASSERT_TRUE(jump || step <= 0.06 * 1.5 * std::max(width, height)) << name << " frame " << i;
        before = c;
      }
    }
  }
}

TEST(CameraPath, FlightsLookWhereTheyFlyOnTheWayBackToo) {
  for (const char* name : {"pan", "fly"}) {
    const auto path = path_of(name, 8192, 4096, 3600);
    int back = 0;
    for (std::uint32_t i = 1; i < 3600; ++i) {
      const Camera a = path->at(i - 1), b = path->at(i);
      EXPECT_LT(std::abs(b.yaw - a.yaw), 0.25) << name << " frame " << i;
      if (b.x - a.x > -20) continue;
      ++back;
      EXPECT_LT(std::cos(b.yaw), 0) << name << " frame " << i;
    }
    EXPECT_GT(back, 100) << name;
  }
}

TEST(CameraPath, KeepsTexelsWhereThePictureIsLargeEnough) {
  const auto large = path_of("pan", 20990, 29700, 300), small = path_of("pan", 8192, 4096, 300);
  EXPECT_DOUBLE_EQ(large->at(0).height, 900);
  EXPECT_NEAR(large->at(1).x - large->at(0).x, 60, 1e-9);
  EXPECT_DOUBLE_EQ(small->at(0).height, 450);
  EXPECT_NEAR(small->at(1).x - small->at(0).x, 30, 1e-9);
}

TEST(CameraPath, AShortZoomStillSeesBothEnds) {
  const auto path = path_of("zoom", 20990, 29700, 300);
  double lowest = 1e9, highest = 0;
  for (std::uint32_t i = 0; i < 300; ++i) {
    lowest = std::min(lowest, path->at(i).height);
    highest = std::max(highest, path->at(i).height);
  }
  EXPECT_LT(lowest, 365);
  EXPECT_GT(highest, 0.7 * 29700);
}

TEST(CameraPath, StopsRiseAndEndAtTheLastFrame) {
  EXPECT_EQ(path_of("pan", 8192, 8192, 300)->stops(),
            (std::vector<std::uint32_t>{74, 149, 224, 299}));
  EXPECT_EQ(path_of("teleport", 8192, 8192, 300)->stops(),
            (std::vector<std::uint32_t>{89, 179, 269, 299}));
  EXPECT_EQ(path_of("map", 8192, 8192, 150)->stops(), (std::vector<std::uint32_t>{74, 149}));
  for (const char* name : kNames)
    for (std::uint32_t frames : {1u, 2u, 3u, 90u, 91u}) {
      const auto stops = path_of(name, 8192, 8192, frames)->stops();
      EXPECT_EQ(stops.back(), frames - 1);
      EXPECT_TRUE(std::adjacent_find(stops.begin(), stops.end(), std::greater_equal<>()) ==
                  stops.end());
    }
}

TEST(CameraPath, RefusesUnknownNamesAndEmptyFlights) {
  EXPECT_EQ(make_camera_path("orbit", 10, 10, 5).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(make_camera_path("pan", 10, 10, 0).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(make_camera_path("pan", 0, 10, 5).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(make_camera_path("pan", 10, 10, 0xffffffffu).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(make_camera_path("./nowhere.json", 10, 10, 5).error().code, ErrorCode::kIo);
  EXPECT_EQ(make_camera_path("./", 10, 10, 5).error().code, ErrorCode::kIo);
}

TEST(CameraPathFile, InterpolatesBetweenEntriesAndStaysOutside) {
  test::TempFolder folder;
  const auto file = folder / "flight.json";
  std::ofstream(file) << R"({"cameras": [
    {"frame": 10, "x": 0, "y": 100, "height": 50, "yaw": 0, "pitch": 0.5},
    {"frame": 20, "x": 10, "y": 200, "height": 100.5, "yaw": -1, "pitch": 1, "fov_y": 0.5}]})";
  const auto path = path_of(file.string(), 10, 10, 0);
  ASSERT_EQ(path->frames(), 21u);
  EXPECT_DOUBLE_EQ(path->at(0).y, 100);
  expect_camera(path->at(15), 5, 150, 75.25, -0.5, 0.75);
  EXPECT_DOUBLE_EQ(path->at(20).fov_y, 0.5);
  EXPECT_DOUBLE_EQ(path_of(file.string(), 10, 10, 99)->at(98).x, 10);
  EXPECT_EQ(path_of(file.string(), 10, 10, 8)->stops(), (std::vector<std::uint32_t>{1, 3, 5, 7}));
}

TEST(CameraPathFile, NamesThePlaceAndTheRule) {
  const std::string good = R"("x": 0, "y": 1, "height": 2, "yaw": 3, "pitch": 0.4)";
  const std::pair<std::string, std::string> cases[] = {
      {"", "/: is not valid JSON"},
      {"{\"cameras\": [", "/: is not valid JSON"},
      {"[]", "/: must be an object"},
      {"{}", "/cameras: must be an array"},
      {"{\"cameras\": []}", "/cameras: must be an array"},
      {"{\"cameras\": [1]}", "/cameras/0: must be an object"},
      {"{\"cameras\": [{}], \"extra\": 1}", "/extra: is not a key"},
      {"{\"cameras\": [{" + good + "}]}", "/cameras/0/frame: must be an integer"},
      {"{\"cameras\": [{\"frame\": -1, " + good + "}]}", "/cameras/0/frame: must be an integer"},
      {"{\"cameras\": [{\"frame\": 1.5, " + good + "}]}", "/cameras/0/frame: must be an integer"},
      {"{\"cameras\": [{\"frame\": 4294967296, " + good + "}]}", "/cameras/0/frame: must be"},
      {"{\"cameras\": [{\"frame\": 0, \"x\": 1}]}", "/cameras/0/y: must be a number"},
      {"{\"cameras\": [{\"frame\": 0, \"x\": \"1\"}]}", "/cameras/0/x: must be a number"},
      {"{\"cameras\": [{\"frame\": 0, \"x\": 1e999}]}", "/: is not valid JSON"},
      {"{\"cameras\": [{\"frame\": 0, \"x\": 1e10}]}", "/cameras/0/x: must be a number in"},
      {"{\"cameras\": [{\"frame\": 0, " + good + ", \"roll\": 1}]}",
       "/cameras/0/roll: is not a key"},
      {"{\"cameras\": [{\"frame\": 0, " + good + ", \"fov_y\": 4}]}", "/cameras/0/fov_y: must be"},
      {"{\"cameras\": [{\"frame\": 5, " + good + "}, {\"frame\": 5, " + good + "}]}",
       "/cameras/1/frame: is 5, must be above the one before, 5"},
      {std::string(200000, '['), "/: is not valid JSON"},
  };
  for (const auto& [text, message] : cases) {
    const auto path = view::parse_camera_path(text, "flight.json", 10);
    ASSERT_FALSE(path) << text;
    EXPECT_EQ(path.error().code, ErrorCode::kInvalidFile);
    EXPECT_EQ(path.error().message.rfind("flight.json: " + message, 0), 0u) << path.error().message;
  }
}

}  // namespace
}  // namespace forge3d
