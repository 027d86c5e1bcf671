// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/metrics.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "texture/image_samples.hpp"

namespace forge3d {
namespace {

TEST(CompareImages, EqualImagesAreInfinitelyClose) {
  const Image image = test::make_noise({.width = 9, .height = 7, .channels = 3});
  const auto difference = compare_images(image, image).value();
  EXPECT_TRUE(std::isinf(difference.psnr_rgb_db));
  EXPECT_TRUE(std::isinf(difference.psnr_rgba_db));
  EXPECT_EQ(difference.max_error_any, 0);
}

TEST(CompareImages, FollowsTheDefinition) {
  Image a = *make_image({.width = 2, .height = 2, .channels = 4});
  Image b = a;
  b.pixels[0] = std::byte{10};  // red of one texel of four
  const auto difference = compare_images(a, b).value();
  EXPECT_NEAR(difference.psnr_db[0], 10 * std::log10(255.0 * 255.0 / (100.0 / 4)), 1e-9);
  EXPECT_TRUE(std::isinf(difference.psnr_db[1]));
  EXPECT_NEAR(difference.psnr_rgb_db, 10 * std::log10(255.0 * 255.0 / (100.0 / 12)), 1e-9);
  EXPECT_NEAR(difference.psnr_rgba_db, 10 * std::log10(255.0 * 255.0 / (100.0 / 16)), 1e-9);
  EXPECT_NEAR(difference.max_error[0], 10.0 / 255.0, 1e-12);
  EXPECT_EQ(difference.max_error_any, difference.max_error[0]);
}

TEST(CompareImages, ExpandsMissingChannels) {
  const Image grey = test::make_gradient(8, 8, 1);
  const Image rgba = to_rgba8(grey).value();
  EXPECT_EQ(compare_images(grey, rgba)->max_error_any, 0);
}

TEST(CompareImages, MeasuresOtherSampleTypesAgainstTheirScale) {
  Image a = *make_image({.width = 1, .height = 1, .channels = 1, .type = SampleType::kU16});
  Image b = a;
  const std::uint16_t code = 65535;
  std::memcpy(b.pixels.data(), &code, 2);
  EXPECT_NEAR(compare_images(a, b)->psnr_rgb_db, 0, 1e-9);
  EXPECT_EQ(compare_images(a, b)->max_error_any, 1.0);

  a = *make_image({.width = 1, .height = 1, .channels = 1, .type = SampleType::kF32});
  b = a;
  const float nan = std::nanf("");
  std::memcpy(b.pixels.data(), &nan, 4);
  EXPECT_TRUE(std::isinf(compare_images(a, b)->max_error_any));
}

TEST(CompareImages, RefusesDifferentShapes) {
  const Image a = test::make_gradient(4, 4, 3);
  EXPECT_EQ(compare_images(a, test::make_gradient(4, 5, 3)).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(
      compare_images(
          a, test::make_noise({.width = 4, .height = 4, .channels = 3, .type = SampleType::kU16}))
          .error()
          .code,
      ErrorCode::kInvalidArgument);
  EXPECT_EQ(compare_images(a, Image{}).error().code, ErrorCode::kInvalidArgument);
}

Image make_floats(std::uint32_t width, std::uint32_t height, std::uint32_t channels,
                  const std::vector<float>& samples) {
  Image image = *make_image({.width = width,
                             .height = height,
                             .channels = channels,
                             .type = SampleType::kF32,
                             .srgb = false});
  std::memcpy(image.pixels.data(), samples.data(), image.pixels.size());
  return image;
}

Image make_bytes(std::uint32_t width, std::uint32_t height, std::uint32_t channels,
                 const std::vector<std::uint8_t>& samples) {
  Image image = *make_image({.width = width, .height = height, .channels = channels});
  std::memcpy(image.pixels.data(), samples.data(), image.pixels.size());
  return image;
}

TEST(AlphaWeightedPsnr, CountsWhatBlendingShows) {
  const Image a = make_bytes(2, 1, 4, {10, 20, 30, 255, 0, 0, 0, 0});
  Image b = a;
  b.pixels[4] = std::byte{200};  // below alpha 0
  EXPECT_TRUE(std::isinf(alpha_weighted_psnr(a, b).value()));
  b.pixels[0] = std::byte{13};
  EXPECT_NEAR(alpha_weighted_psnr(a, b).value(), 10 * std::log10(255.0 * 255.0 / (9.0 / 3)), 1e-9);
  Image half = a;
  half.pixels[7] = std::byte{51};  // a fifth of the weight, error 200 in red
  EXPECT_NEAR(alpha_weighted_psnr(half, b).value(),
              10 * std::log10(255.0 * 255.0 * 3 * 306 / (9.0 * 255 + 40000.0 * 51)), 1e-9);
  const Image clear = make_bytes(1, 1, 4, {1, 2, 3, 0});
  EXPECT_TRUE(std::isinf(alpha_weighted_psnr(clear, make_bytes(1, 1, 4, {9, 9, 9, 0})).value()));
}

TEST(LogPsnr, MeasuresRatiosOfLight) {
  const Image a = make_floats(1, 1, 3, {1, 3, 7});  // log2(1 + x): 1, 2, 3
  const Image b = make_floats(1, 1, 3, {1, 3, 3});  // 1, 2, 2
  EXPECT_NEAR(log_psnr(a, b).value(), 10 * std::log10(9.0 * 3), 1e-9);
  EXPECT_TRUE(std::isinf(log_psnr(a, a).value()));
  const Image negative = make_floats(1, 1, 3, {-1, 3, 7});  // -1 for 1: an error of 2
  EXPECT_NEAR(log_psnr(a, negative).value(), 10 * std::log10(9.0 * 3 / 4), 1e-9);
  const Image nan = make_floats(1, 1, 3, {std::nanf(""), 3, 7});
  EXPECT_EQ(log_psnr(a, nan).value(), -std::numeric_limits<double>::infinity());
  const Image bytes = make_bytes(1, 1, 3, {1, 2, 3});
  EXPECT_EQ(log_psnr(bytes, bytes).error().code, ErrorCode::kInvalidArgument);
}

/// The definition written plainly for one window over the whole of two grey images.
double one_window(const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b,
                  int side) {
  double sum = 0, mean_a = 0, mean_b = 0, square_a = 0, square_b = 0, product = 0;
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x) {
      const double dx = x - side / 2, dy = y - side / 2;
      const double weight = std::exp(-(dx * dx + dy * dy) / 4.5);
      const double p = a[static_cast<std::size_t>(y * side + x)] / 255.0;
      const double q = b[static_cast<std::size_t>(y * side + x)] / 255.0;
      sum += weight;
      mean_a += weight * p;
      mean_b += weight * q;
      square_a += weight * p * p;
      square_b += weight * q * q;
      product += weight * p * q;
    }
  mean_a /= sum, mean_b /= sum;
  const double variance_a = square_a / sum - mean_a * mean_a;
  const double variance_b = square_b / sum - mean_b * mean_b;
  const double covariance = product / sum - mean_a * mean_b;
  return (2 * mean_a * mean_b + 1e-4) * (2 * covariance + 9e-4) /
         ((mean_a * mean_a + mean_b * mean_b + 1e-4) * (variance_a + variance_b + 9e-4));
}

TEST(Ssim, FollowsTheDefinition) {
  for (const int side : {11, 5, 1}) {
    std::vector<std::uint8_t> a(static_cast<std::size_t>(side * side)), b(a.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
      a[i] = static_cast<std::uint8_t>(i * 37 % 251);
      b[i] = static_cast<std::uint8_t>((i * 37 % 251 + i * 11 % 40) % 256);
    }
    const auto extent = static_cast<std::uint32_t>(side);
    EXPECT_NEAR(ssim(make_bytes(extent, extent, 1, a), make_bytes(extent, extent, 1, b)).value(),
                one_window(a, b, side), 1e-5)
        << side;
  }
}

TEST(Ssim, KnowsFlatImagesAndStructure) {
  const Image dark = make_bytes(12, 16, 1, std::vector<std::uint8_t>(192, 51));
  const Image bright = make_bytes(12, 16, 1, std::vector<std::uint8_t>(192, 102));
  EXPECT_EQ(ssim(dark, dark).value(), 1.0);
  // Flat images differ in the luminance term alone: (2 a b + C1) / (a^2 + b^2 + C1).
  EXPECT_NEAR(ssim(dark, bright).value(), (2 * 0.2 * 0.4 + 1e-4) / (0.04 + 0.16 + 1e-4), 1e-4);
  const Image noise = test::make_noise({.width = 64, .height = 48, .channels = 3}, 1);
  const Image other = test::make_noise({.width = 64, .height = 48, .channels = 3}, 2);
  EXPECT_LT(ssim(noise, other).value(), 0.1);
  EXPECT_EQ(ssim(noise, dark).error().code, ErrorCode::kInvalidArgument);
}

TEST(CompareNormals, MeasuresAnglesByHand) {
  const Image up = make_floats(1, 1, 3, {0.5f, 0.5f, 1.0f});
  const Image tilted = make_floats(1, 1, 3, {0.75f, 0.5f, 0.5f + 0.43301270f});  // 30 degrees
  for (const NormalEncoding encoding : {NormalEncoding::kXyz, NormalEncoding::kXy}) {
    const auto difference = compare_normals(up, tilted, encoding).value();
    EXPECT_NEAR(difference.mean_degrees, 30, 1e-3);
    EXPECT_NEAR(difference.max_degrees, 30, 1e-3);
    EXPECT_NEAR(difference.p99_degrees, 30, 1e-3);
  }
  // The length of a vector does not matter, and none at all is up.
  const Image shorter = make_floats(1, 1, 3, {0.5f, 0.5f, 0.75f});
  EXPECT_NEAR(compare_normals(up, shorter, NormalEncoding::kXyz)->max_degrees, 0, 1e-3);
  const Image zero = make_floats(1, 1, 3, {0.5f, 0.5f, 0.5f});
  EXPECT_NEAR(compare_normals(up, zero, NormalEncoding::kXyz)->max_degrees, 0, 1e-3);
  // Outside the unit circle z is 0.
  const Image far = make_floats(1, 1, 3, {1.0f, 1.0f, 0.0f});
  EXPECT_NEAR(compare_normals(up, far, NormalEncoding::kXy)->max_degrees, 90, 1e-3);
}

TEST(CompareNormals, RanksTheWorstTexels) {
  std::vector<float> a, b;
  for (int i = 0; i < 200; ++i) {
    a.insert(a.end(), {0.5f, 0.5f, 1.0f});
    b.insert(b.end(), {0.5f, 0.5f, i == 17 ? 0.0f : 1.0f});  // one texel points down
  }
  const auto difference =
      compare_normals(make_floats(20, 10, 3, a), make_floats(20, 10, 3, b), NormalEncoding::kXyz)
          .value();
  EXPECT_NEAR(difference.mean_degrees, 180.0 / 200, 1e-4);
  EXPECT_NEAR(difference.p99_degrees, 0, 1e-4);
  EXPECT_NEAR(difference.max_degrees, 180, 1e-4);
}

/// Alpha beyond its range weighs as its nearest end, a NaN as nothing.
TEST(AlphaWeightedPsnr, ClampsTheWeightsOfFloats) {
  const Image odd = make_floats(4, 1, 2, {0, NAN, 0, -5, 0, INFINITY, 0, 3});
  const Image same = make_floats(4, 1, 2, {0, 0, 0, 0, 0, 1, 0, 1});
  const Image other = make_floats(4, 1, 2, {1, 1, 1, 1, 0.5f, 1, 0.25f, 1});
  const double wanted = alpha_weighted_psnr(same, other).value();
  EXPECT_TRUE(std::isfinite(wanted));
  EXPECT_EQ(alpha_weighted_psnr(odd, other).value(), wanted);
}

TEST(CompareNormals, WhatHasNoFiniteLengthPointsUp) {
  const Image up =
      make_floats(5, 1, 3, {.5f, .5f, 1, .5f, .5f, 1, .5f, .5f, 1, .5f, .5f, 1, .5f, .5f, 1});
  const Image odd = make_floats(
      5, 1, 3, {NAN, 0, 0, INFINITY, 1, 1, 3e38f, 1, 1, .5f, .5f, .5f, -INFINITY, NAN, 0});
  for (const NormalEncoding encoding : {NormalEncoding::kXyz, NormalEncoding::kXy}) {
    EXPECT_EQ(compare_normals(up, odd, encoding)->max_degrees, 0);
    EXPECT_EQ(compare_normals(odd, up, encoding)->p99_degrees, 0);
  }
}

TEST(Metrics, RefuseImagesThatAreNone) {
  const Image good = test::make_gradient(4, 4, 3);
  Image shorter = good, longer = good, endless = good;
  shorter.pixels.pop_back();
  longer.pixels.push_back({});
  endless.info.width = endless.info.height = ~0u;
  for (const Image& bad : {Image{}, shorter, longer, endless}) {
    EXPECT_EQ(compare_images(bad, good).error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(compare_images(good, bad).error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(alpha_weighted_psnr(good, bad).error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(log_psnr(bad, bad).error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(ssim(bad, good).error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(compare_normals(good, bad, NormalEncoding::kXy).error().code,
              ErrorCode::kInvalidArgument);
  }
}

TEST(Metrics, TakeOneTexelAndFloatsThatAreNone) {
  const Image one = test::make_gradient(1, 1, 3);
  EXPECT_TRUE(std::isinf(compare_images(one, one)->psnr_rgb_db));
  EXPECT_EQ(ssim(one, one).value(), 1);
  const Image odd = make_floats(2, 2, 1, {NAN, INFINITY, -INFINITY, 1});
  const Image black = make_floats(2, 2, 1, {0, 0, 0, 0});
  EXPECT_EQ(compare_images(odd, black)->psnr_rgb_db, -std::numeric_limits<double>::infinity());
  EXPECT_EQ(log_psnr(black, odd).value(), -std::numeric_limits<double>::infinity());
  EXPECT_TRUE(ssim(odd, black).has_value());
}

}  // namespace
}  // namespace forge3d
