// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// The picture that the view tests look at, and the cameras they look with.

#include <gtest/gtest.h>

#include <cmath>

#include "forge3d/map_view.hpp"
#include "forge3d/metrics.hpp"

namespace forge3d::test {

inline constexpr std::uint32_t kWidth = 160, kHeight = 90;
inline constexpr std::uint32_t kPictureWidth = 1000,
                               kPictureHeight = 700;  // no power of two, no multiple of 16
inline constexpr std::array<std::uint8_t, 4> kBackground{24, 26, 32, 255};

/// Waves, an edge a few texels wide across every page border, and a little grain.
inline Image make_picture(bool srgb) {
  auto image =
      make_image({.width = kPictureWidth, .height = kPictureHeight, .channels = 4, .srgb = srgb});
  EXPECT_TRUE(image);
  std::uint32_t grain = 1;
  for (std::uint32_t y = 0; y < kPictureHeight; ++y)
    for (std::uint32_t x = 0; x < kPictureWidth; ++x) {
      grain = grain * 1664525u + 1013904223u;
      const double wave = std::sin(x * 0.11) * std::sin(y * 0.07);
      std::byte* p = image->pixels.data() + 4 * (std::size_t{y} * kPictureWidth + x);
      p[0] = std::byte(int(128 + 90 * wave + (grain >> 28)));
      p[1] = std::byte((x / 5 + y / 7) % 2 != 0 ? 200 : 40);
      p[2] = std::byte(x * 255 / kPictureWidth);
      p[3] = std::byte{255};
    }
  return std::move(*image);
}

inline std::shared_ptr<TileSource> make_source(Format format) {
  auto source = make_image_tile_source(make_picture(format_info(format)->srgb), format, 64, 4);
  EXPECT_TRUE(source) << source.error().to_string();
  return *source;
}

inline VirtualView make_view(const Camera& camera) {
  VirtualView view;
  view.clip_from_uv =
      *clip_from_uv(camera, kPictureWidth, kPictureHeight, double(kWidth) / kHeight);
  view.width = kWidth;
  view.height = kHeight;
  return view;
}

/// Magnified, about one texel a pixel, strongly foreshortened towards the horizon, and all of it
/// far below.
inline const Camera kCameras[] = {{500, 350, 20, 0.3, 1.2},
                                  {500, 350, 90, 1.0, 1.3},
                                  {100, 100, 60, 0.6, 0.25},
                                  {500, 350, 900, 0.1, 1.5}};

inline void expect_close(const Image& a, const Image& b, double max_codes, double min_psnr_db) {
  const auto difference = compare_images(a, b);
  ASSERT_TRUE(difference) << difference.error().to_string();
  EXPECT_LE(difference->max_error_any * 255, max_codes + 0.01);
  EXPECT_GE(difference->psnr_rgb_db, min_psnr_db);
}

}  // namespace forge3d::test
