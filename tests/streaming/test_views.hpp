// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Views of a plane for the streaming tests: perspective cameras, straight-down maps, and random
// ones.

#include <array>
#include <cmath>
#include <cstdint>
#include <random>

#include "forge3d/virtual_texture.hpp"

namespace forge3d::test {

struct TestCamera {
  double x = 0, y = 0, height = 1000, yaw = 0, pitch = 0.7, roll = 0;
  double fov_y = 1.0471975511965976;
};

/// Looks at the plane z = 0 that a texture of the given extent covers, its first row at the top of
/// y.
inline VirtualView perspective_view(const TestCamera& c, std::uint32_t texture_width,
                                    std::uint32_t texture_height, std::uint32_t width,
                                    std::uint32_t height) {
  using Vec3 = std::array<double, 3>;
  const Vec3 forward{std::cos(c.yaw) * std::cos(c.pitch), std::sin(c.yaw) * std::cos(c.pitch),
                     -std::sin(c.pitch)};
  const Vec3 flat_right{std::sin(c.yaw), -std::cos(c.yaw), 0};
  const Vec3 flat_up{flat_right[1] * forward[2] - flat_right[2] * forward[1],
                     flat_right[2] * forward[0] - flat_right[0] * forward[2],
                     flat_right[0] * forward[1] - flat_right[1] * forward[0]};
  Vec3 right{}, up{};
  for (std::size_t i = 0; i < 3; ++i) {
    right[i] = std::cos(c.roll) * flat_right[i] + std::sin(c.roll) * flat_up[i];
    up[i] = -std::sin(c.roll) * flat_right[i] + std::cos(c.roll) * flat_up[i];
  }
  const double tangent = std::tan(c.fov_y / 2), aspect = static_cast<double>(width) / height;
  const double near = c.height / 1000;
  VirtualView view{.width = width, .height = height};
  const auto column = [&](std::size_t index, Vec3 v, double one) {
    const auto dot = [&](const Vec3& axis) {
      return axis[0] * (v[0] - one * c.x) + axis[1] * (v[1] - one * c.y) +
             axis[2] * (v[2] - one * c.height);
    };
    view.clip_from_uv[index * 4 + 0] = dot(right) / (tangent * aspect);
    view.clip_from_uv[index * 4 + 1] = -dot(up) / tangent;
    view.clip_from_uv[index * 4 + 2] = dot(forward) - one * near;
    view.clip_from_uv[index * 4 + 3] = dot(forward);
  };
  column(0, {static_cast<double>(texture_width), 0, 0}, 0);
  column(1, {0, -static_cast<double>(texture_height), 0}, 0);
  column(2, {0, 0, 1}, 0);
  column(3, {0, static_cast<double>(texture_height), 0}, 1);
  return view;
}

/// Straight down without perspective: the viewport shows u0..u1 and v0..v1.
inline VirtualView flat_view(double u0, double v0, double u1, double v1, std::uint32_t width,
                             std::uint32_t height) {
  VirtualView view{.width = width, .height = height};
  view.clip_from_uv = {
      2 / (u1 - u0),          0,   0, 0, 0, 2 / (v1 - v0), 0, 0, 0, 0, 1, 0, -(u1 + u0) / (u1 - u0),
      -(v1 + v0) / (v1 - v0), 0.5, 1};
  return view;
}

/// Any camera above the texture, from ten texels to far beyond it, at any tilt.
inline VirtualView random_view(std::mt19937& random, std::uint32_t texture_width,
                               std::uint32_t texture_height, std::uint32_t width,
                               std::uint32_t height) {
  const auto uniform = [&](double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random);
  };
  const double extent = std::max(texture_width, texture_height);
  TestCamera camera;
  camera.x = uniform(-0.2, 1.2) * texture_width;
  camera.y = uniform(-0.2, 1.2) * texture_height;
  camera.height = 10 * std::exp2(uniform(0, std::log2(extent / 5)));
  camera.yaw = uniform(0, 6.3);
  camera.pitch = uniform(0.03, 1.57);
  camera.roll = uniform(0, 1) < 0.5 ? 0 : uniform(-3, 3);
  VirtualView view = perspective_view(camera, texture_width, texture_height, width, height);
  view.max_anisotropy = std::array<float, 5>{1, 2, 8, 8, 16}[random() % 5];
  return view;
}

}  // namespace forge3d::test
