// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/metrics.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

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

}  // namespace
}  // namespace forge3d
