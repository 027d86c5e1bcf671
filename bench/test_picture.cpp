// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/test_picture.hpp"

#include <algorithm>
#include <cmath>

namespace forge3d::bench {
namespace {

float lattice(std::uint32_t x, std::uint32_t y) {
  std::uint32_t h = x * 0x9E3779B1u ^ y * 0x85EBCA77u;
  h = (h ^ h >> 15) * 0x2C1B3C6Du;
  h = (h ^ h >> 12) * 0x297A2D39u;
  return static_cast<float>((h ^ h >> 15) >> 8) / 16777216.0f;
}

float value_noise(float x, float y) {
  const auto x0 = static_cast<std::uint32_t>(x), y0 = static_cast<std::uint32_t>(y);
  const float fx = x - static_cast<float>(x0), fy = y - static_cast<float>(y0);
  const float sx = fx * fx * (3 - 2 * fx), sy = fy * fy * (3 - 2 * fy);
  const float top = lattice(x0, y0) + (lattice(x0 + 1, y0) - lattice(x0, y0)) * sx;
  const float bottom = lattice(x0, y0 + 1) + (lattice(x0 + 1, y0 + 1) - lattice(x0, y0 + 1)) * sx;
  return top + (bottom - top) * sy;
}

float hills(float x, float y) {
  float height = 0, weight = 0.5f;
  for (float scale = 1.0f / 256; scale < 1.0f / 10; scale *= 2.2f, weight *= 0.55f)
    height += weight * value_noise(x * scale, y * scale);
  return height;
}

std::byte code(float value) {
  return static_cast<std::byte>(static_cast<int>(std::clamp(value, 0.0f, 1.0f) * 255.0f + 0.5f));
}

}  // namespace

Result<Image> make_test_picture(std::uint32_t width, std::uint32_t height) {
  FORGE3D_TRY_ASSIGN(Image image, make_image({.width = width, .height = height, .channels = 3}));
  for (std::uint32_t y = 0; y < height; ++y) {
    std::byte* out = image.row(y).data();
    for (std::uint32_t x = 0; x < width; ++x, out += 3) {
      const float h = hills(static_cast<float>(x), static_cast<float>(y));
      const bool contour = std::fmod(h * 20, 1.0f) < 0.08f;
      const float grain = 0.06f * lattice(x, y + 77777);
      out[0] = code(contour ? 0.15f : 0.2f + 0.7f * h + grain);
      out[1] = code(contour ? 0.12f : 0.9f - 0.6f * h + grain);
      out[2] = code(contour ? 0.10f : 0.3f + 0.4f * h * h + grain);
    }
  }
  return image;
}

}  // namespace forge3d::bench
