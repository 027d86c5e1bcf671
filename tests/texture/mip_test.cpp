// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/mip.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <iterator>

#include "forge3d/format.hpp"
#include "texture/image_samples.hpp"
#include "texture/srgb.hpp"

namespace forge3d {
namespace {

/// The box filter written plainly: every output texel integrates the area it covers.
std::vector<double> area_average(const std::vector<float>& in, std::uint32_t width,
                                 std::uint32_t height) {
  const std::uint32_t out_width = mip_extent(width, 1);
  const std::uint32_t out_height = mip_extent(height, 1);
  const auto overlap = [](std::uint32_t texel, std::uint32_t out, std::uint32_t size,
                          std::uint32_t out_size) {
    const double scale = static_cast<double>(size) / out_size;
    const double begin = std::max<double>(texel, out * scale);
    const double end = std::min<double>(texel + 1.0, (out + 1.0) * scale);
    return std::max(0.0, end - begin) / scale;
  };
  std::vector<double> result(std::size_t{out_width} * out_height * 4);
  for (std::uint32_t oy = 0; oy < out_height; ++oy)
    for (std::uint32_t ox = 0; ox < out_width; ++ox)
      for (std::uint32_t y = 0; y < height; ++y)
        for (std::uint32_t x = 0; x < width; ++x) {
          const double weight =
              overlap(x, ox, width, out_width) * overlap(y, oy, height, out_height);
          for (std::size_t c = 0; c < 4; ++c)
            result[(std::size_t{oy} * out_width + ox) * 4 + c] +=
                weight * in[(std::size_t{y} * width + x) * 4 + c];
        }
  return result;
}

TEST(RowDownsampler, IsTheExactBoxForEveryExtent) {
  for (const std::uint32_t width : {1u, 2u, 3u, 4u, 5u, 7u, 16u, 33u})
    for (const std::uint32_t height : {1u, 2u, 3u, 4u, 5u, 7u, 16u, 33u}) {
      std::vector<float> in(std::size_t{width} * height * 4);
      for (std::size_t i = 0; i < in.size(); ++i)
        in[i] = static_cast<float>((i * 7919) % 1000) / 999;
      const auto expected = area_average(in, width, height);
      RowDownsampler filter(width, height);
      std::vector<float> out;
      for (std::uint32_t y = 0; y < height; ++y)
        if (filter.push(std::span(in).subspan(std::size_t{y} * width * 4, width * 4)))
          out.insert(out.end(), filter.row().begin(), filter.row().end());
      ASSERT_EQ(out.size(), expected.size()) << width << " x " << height;
      for (std::size_t i = 0; i < out.size(); ++i)
        ASSERT_NEAR(out[i], expected[i], 1e-6) << width << " x " << height << " at " << i;
    }
}

TEST(RowLinear, RoundTripsEvery8BitCode) {
  for (std::uint32_t channels = 1; channels <= 4; ++channels)
    for (const bool srgb : {true, false}) {
      const ImageInfo info{.width = 256, .height = 1, .channels = channels, .srgb = srgb};
      Image image = *make_image(info);
      for (std::size_t x = 0; x < 256; ++x)
        for (std::size_t c = 0; c < channels; ++c)
          image.pixels[x * channels + c] =
              info.has_alpha() && c == channels - 1 ? std::byte{255} : static_cast<std::byte>(x);
      std::vector<float> linear(256 * 4);
      row_to_linear(info, image.pixels, linear);
      std::vector<std::byte> back(image.pixels.size());
      row_from_linear(info, linear, back);
      EXPECT_EQ(back, image.pixels) << channels << " channels, srgb " << srgb;
    }
}

TEST(RowLinear, RoundTripsColoursUnderAnyAlpha) {
  const ImageInfo info{.width = 255, .height = 1, .channels = 4};
  for (int code = 0; code < 256; ++code) {
    Image image = *make_image(info);
    for (std::size_t x = 0; x < 255; ++x)
      for (std::size_t c = 0; c < 4; ++c)
        image.pixels[x * 4 + c] =
            static_cast<std::byte>(c == 3 ? x + 1 : static_cast<std::size_t>(code));
    std::vector<float> linear(255 * 4);
    row_to_linear(info, image.pixels, linear);
    std::vector<std::byte> back(image.pixels.size());
    row_from_linear(info, linear, back);
    ASSERT_EQ(back, image.pixels) << "code " << code;
  }
}

TEST(RowLinear, RoundTripsEvery16BitCode) {
  for (const bool srgb : {true, false}) {
    const ImageInfo info{
        .width = 65536, .height = 1, .channels = 1, .type = SampleType::kU16, .srgb = srgb};
    Image image = *make_image(info);
    for (std::uint32_t x = 0; x < 65536; ++x) {
      const auto code = static_cast<std::uint16_t>(x);
      std::memcpy(&image.pixels[x * 2], &code, 2);
    }
    std::vector<float> linear(65536 * 4);
    row_to_linear(info, image.pixels, linear);
    std::vector<std::byte> back(image.pixels.size());
    row_from_linear(info, linear, back);
    EXPECT_EQ(back, image.pixels) << "srgb " << srgb;
  }
}

TEST(RowLinear, FloatsPassUnchangedWhenLinear) {
  const ImageInfo info{
      .width = 2, .height = 1, .channels = 3, .type = SampleType::kF32, .srgb = false};
  const float samples[] = {-1.5f, 0.25f, 1e6f, 3.0f, 0.0f, 7.0f};
  std::vector<std::byte> row(sizeof(samples));
  std::memcpy(row.data(), samples, sizeof(samples));
  std::vector<float> linear(8);
  row_to_linear(info, row, linear);
  EXPECT_EQ(linear[2], 1e6f);
  EXPECT_EQ(linear[3], 1.0f);
  std::vector<std::byte> back(row.size());
  row_from_linear(info, linear, back);
  EXPECT_EQ(back, row);
}

TEST(Srgb8Table, RoundsToTheNearestCodeEverywhere) {
  const auto& table = texture::Srgb8Table::get();
  const auto exact = [](double linear) {
    const double encoded =
        linear <= 0.0031308 ? linear * 12.92 : 1.055 * std::pow(linear, 1 / 2.4) - 0.055;
    return encoded * 255.0;
  };
  for (std::uint32_t bits = 0; bits < 0x3f800000u; bits += 4099) {
    float value;
    std::memcpy(&value, &bits, 4);
    const double wanted = exact(value);
    // Both branches of the standard meet within 1e-6; a code may be off by that much at a tie.
    ASSERT_LE(std::fabs(table.from_linear(value) - wanted), 0.5 + 1e-4) << value;
  }
  EXPECT_EQ(table.from_linear(-1.0f), 0);
  EXPECT_EQ(table.from_linear(0.0f), 0);
  EXPECT_EQ(table.from_linear(1.0f), 255);
  EXPECT_EQ(table.from_linear(50.0f), 255);
  EXPECT_EQ(table.from_linear(std::nanf("")), 0);
}

TEST(MakeMips, AveragesInLinearLight) {
  Image image = *make_image({.width = 2, .height = 1, .channels = 3});
  for (std::size_t i = 3; i < 6; ++i) image.pixels[i] = std::byte{255};
  const auto mips = make_mips(image).value();
  ASSERT_EQ(mips.size(), 1u);
  EXPECT_EQ(mips[0].pixels[0], std::byte{188});  // half the light of white, sRGB encoded
  image.info.srgb = false;
  EXPECT_EQ(make_mips(image).value()[0].pixels[0], std::byte{128});
}

TEST(MakeMips, TransparentTexelsLendNoColour) {
  Image image = *make_image({.width = 2, .height = 1, .channels = 4});
  const std::uint8_t texels[] = {200, 100, 50, 255, 0, 255, 0, 0};
  std::memcpy(image.pixels.data(), texels, 8);
  const auto mips = make_mips(image).value();
  EXPECT_EQ(mips[0].pixels[0], std::byte{200});
  EXPECT_EQ(mips[0].pixels[1], std::byte{100});
  EXPECT_EQ(mips[0].pixels[2], std::byte{50});
  EXPECT_EQ(mips[0].pixels[3], std::byte{128});
}

TEST(MakeMips, CountsAndExtents) {
  const Image image = test::make_noise({.width = 37, .height = 5, .channels = 3});
  const auto all = make_mips(image).value();
  ASSERT_EQ(all.size(), 5u);
  EXPECT_EQ(all[0].info.width, 18u);
  EXPECT_EQ(all[0].info.height, 2u);
  EXPECT_EQ(all[4].info.width, 1u);
  EXPECT_EQ(all[4].info.height, 1u);
  EXPECT_EQ(make_mips(image, {.levels = 1})->size(), 0u);
  EXPECT_EQ(make_mips(image, {.levels = 3})->size(), 2u);
  EXPECT_EQ(make_mips(image, {.levels = 99})->size(), 5u);
}

constexpr std::array kFilters{MipFilter::kBox, MipFilter::kKaiser, MipFilter::kLanczos};

TEST(MakeMips, KeepsAConstantImageConstant) {
  for (const MipFilter filter : kFilters)
    for (const std::uint32_t width : {1u, 2u, 3u, 5u, 64u, 211u}) {
      Image image = *make_image({.width = width, .height = 13, .channels = 3});
      for (std::byte& byte : image.pixels) byte = std::byte{77};
      const auto mips = make_mips(image, {.filter = filter}).value();
      for (const Image& mip : mips)
        for (const std::byte byte : mip.pixels) ASSERT_EQ(byte, std::byte{77});
      const ImageInfo info{
          .width = width, .height = 7, .channels = 1, .type = SampleType::kF32, .srgb = false};
      const std::vector<float> samples(std::size_t{width} * 7, 1.0f / 3);
      Image floats = *make_image(info);
      std::memcpy(floats.pixels.data(), samples.data(), floats.pixels.size());
      const auto float_mips = make_mips(floats, {.filter = filter}).value();
      for (const Image& mip : float_mips)
        EXPECT_EQ(std::memcmp(mip.pixels.data(), samples.data(), mip.pixels.size()), 0)
            << to_string(filter) << " " << width;
    }
}

/// Windowed sincs written plainly, along x: weights normalised, the edge repeated.
std::vector<double> windowed_sinc(const std::vector<float>& in, std::uint32_t out_size,
                                  MipFilter filter) {
  const auto sinc = [](double x) { return x == 0 ? 1.0 : std::sin(M_PI * x) / (M_PI * x); };
  const auto kernel = [&](double x) {
    if (std::fabs(x) >= 3) return 0.0;
    if (filter == MipFilter::kLanczos) return sinc(x) * sinc(x / 3);
    return sinc(x) * std::cyl_bessel_i(0, 4 * std::sqrt(1 - x * x / 9)) / std::cyl_bessel_i(0, 4.0);
  };
  const double scale = static_cast<double>(in.size()) / out_size;
  std::vector<double> out;
  for (std::uint32_t i = 0; i < out_size; ++i) {
    double sum = 0, weights = 0;
    for (int j = -30; j < static_cast<int>(in.size()) + 30; ++j) {
      const double weight = kernel((j + 0.5) / scale - (i + 0.5));
      sum += weight *
             static_cast<double>(
                 in[static_cast<std::size_t>(std::clamp(j, 0, static_cast<int>(in.size()) - 1))]);
      weights += weight;
    }
    out.push_back(sum / weights);
  }
  return out;
}

TEST(MakeMips, WindowedSincsAreThoseOfTheBooks) {
  for (const MipFilter filter : {MipFilter::kKaiser, MipFilter::kLanczos})
    for (const std::uint32_t size : {2u, 3u, 5u, 8u, 37u}) {
      std::vector<float> samples(size);
      for (std::size_t i = 0; i < size; ++i) samples[i] = static_cast<float>((i * 7919) % 100) / 99;
      const auto expected = windowed_sinc(samples, size / 2, filter);
      for (const bool upright : {false, true}) {
        Image image = *make_image({.width = upright ? 1 : size,
                                   .height = upright ? size : 1,
                                   .channels = 1,
                                   .type = SampleType::kF32,
                                   .srgb = false});
        std::memcpy(image.pixels.data(), samples.data(), image.pixels.size());
        const Image mip = make_mips(image, {.levels = 2, .filter = filter}).value().at(0);
        for (std::size_t i = 0; i < expected.size(); ++i) {
          float value;
          std::memcpy(&value, mip.pixels.data() + i * 4, 4);
          EXPECT_NEAR(value, expected[i], 1e-5) << to_string(filter) << " " << size << " " << i;
        }
      }
    }
}

TEST(MakeMips, AreFilteredFromTheLevelAboveBeforeItIsRounded) {
  Image image = *make_image({.width = 4, .height = 1, .channels = 1, .srgb = false});
  for (std::size_t i = 0; i < 4; ++i) image.pixels[i] = static_cast<std::byte>(i == 0 ? 2 : i == 2);
  const auto mips = make_mips(image).value();  // 1, 0.5 -> 0.75
  EXPECT_EQ(mips[1].pixels[0], std::byte{1});
}

TEST(MakeMips, NormalsStayOfUnitLength) {
  Image image = *make_image({.width = 2, .height = 1, .channels = 4, .srgb = false});
  const std::uint8_t texels[] = {255, 128, 128, 0, 128, 255, 128, 255};  // +x and +y
  std::memcpy(image.pixels.data(), texels, 8);
  const Image mip = make_mips(image, {.normals = true}).value().at(0);
  const auto diagonal = static_cast<int>(std::lround((std::sqrt(0.5) + 1) * 127.5));
  EXPECT_NEAR(std::to_integer<int>(mip.pixels[0]), diagonal, 1);
  EXPECT_NEAR(std::to_integer<int>(mip.pixels[1]), diagonal, 1);
  EXPECT_NEAR(std::to_integer<int>(mip.pixels[2]), 128, 1);
  EXPECT_EQ(mip.pixels[3], std::byte{128}) << "alpha is a channel like any other";
}

TEST(MakeMips, OppositeNormalsPointUp) {
  const float samples[] = {1, 0.5f, 0.5f, 0, 0.5f, 0.5f};
  Image image = *make_image(
      {.width = 2, .height = 1, .channels = 3, .type = SampleType::kF32, .srgb = false});
  std::memcpy(image.pixels.data(), samples, sizeof(samples));
  const Image mip = make_mips(image, {.normals = true}).value().at(0);
  float normal[3];
  std::memcpy(normal, mip.pixels.data(), sizeof(normal));
  EXPECT_EQ(normal[0], 0.5f);
  EXPECT_EQ(normal[1], 0.5f);
  EXPECT_EQ(normal[2], 1.0f);
}

double passing(const Image& image, int cutoff) {
  std::size_t count = 0;
  for (std::size_t i = 3; i < image.pixels.size(); i += 4)
    count += std::to_integer<int>(image.pixels[i]) >= cutoff ? 1 : 0;
  return static_cast<double>(count) / (static_cast<double>(image.pixels.size()) / 4);
}

TEST(MakeMips, AlphaTestedLevelsKeepTheirCoverage) {
  Image image = test::make_noise({.width = 128, .height = 96, .channels = 4});
  for (std::size_t i = 3; i < image.pixels.size(); i += 4)  // a fifth of the texels pass
    image.pixels[i] =
        std::byte{std::to_integer<int>(image.pixels[i]) < 51 ? std::uint8_t{255} : std::uint8_t{0}};
  const double wanted = passing(image, 128);
  ASSERT_NEAR(wanted, 0.2, 0.02);
  for (const MipFilter filter : kFilters) {
    const auto thinned = make_mips(image, {.filter = filter}).value();
    const auto kept = make_mips(image, {.filter = filter, .alpha_cutoff = 0.5f}).value();
    EXPECT_LT(passing(thinned[2], 128), wanted / 2) << to_string(filter);
    for (std::size_t level = 0; level < 3; ++level)
      EXPECT_NEAR(passing(kept[level], 128), wanted, 0.05) << to_string(filter) << level;
    EXPECT_EQ(kept[0].pixels[0], thinned[0].pixels[0]) << "colours stay";
  }
}

TEST(MakeMips, RefusesWhatMakesNoSense) {
  const Image grey = test::make_gradient(4, 4, 1);
  EXPECT_EQ(make_mips(grey, {.normals = true}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(make_mips(grey, {.alpha_cutoff = 0.5f}).error().code, ErrorCode::kInvalidArgument);
  const Image rgba = test::make_gradient(4, 4, 4);
  EXPECT_EQ(make_mips(rgba, {.alpha_cutoff = 0.0f}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(make_mips(rgba, {.alpha_cutoff = std::nanf("")}).error().code,
            ErrorCode::kInvalidArgument);
}

TEST(MipFilterNames, GoBothWays) {
  for (const MipFilter filter : kFilters)
    EXPECT_EQ(mip_filter_from_name(to_string(filter)), filter);
  EXPECT_FALSE(mip_filter_from_name("bicubic"));
}

/// Floats may hold anything: nothing is undefined, and what is written is the same each time.
TEST(MakeMips, NanAndInfinityAreNoTrouble) {
  const float odd[] = {NAN, INFINITY, -INFINITY, 3e38f, -3e38f, 0, 1e-45f, 0.5f};
  Image image = *make_image(
      {.width = 9, .height = 7, .channels = 4, .type = SampleType::kF32, .srgb = false});
  for (std::size_t i = 0; i < image.pixels.size() / 4; ++i)
    std::memcpy(image.pixels.data() + i * 4, &odd[i * i % std::size(odd)], 4);
  for (const bool srgb : {false, true})
    for (const MipFilter filter : kFilters) {
      image.info.srgb = srgb;
      const MipDesc plain{.filter = filter}, cutout{.filter = filter, .alpha_cutoff = 0.5f};
      for (const MipDesc& desc : {plain, cutout}) {
        const auto mips = make_mips(image, desc);
        ASSERT_TRUE(mips.has_value());
        EXPECT_EQ(mips->size(), 3u);
        EXPECT_EQ(make_mips(image, desc)->back().pixels, mips->back().pixels);
      }
    }
}

TEST(MakeMips, AlphaOfACutoutStaysFromZeroToOne) {
  Image image = *make_image(
      {.width = 8, .height = 8, .channels = 2, .type = SampleType::kF32, .srgb = false});
  const float alphas[] = {NAN, INFINITY, -1, 1e-40f, 0.25f, 0.75f, 1, 7};
  for (std::size_t i = 0; i < 64; ++i)
    std::memcpy(image.pixels.data() + i * 8 + 4, &alphas[i % 8], 4);
  const auto mips = make_mips(image, {.alpha_cutoff = 0.5f}).value();
  for (const Image& mip : mips)
    for (std::size_t i = 1; i < mip.pixels.size() / 4; i += 2) {
      float alpha;
      std::memcpy(&alpha, mip.pixels.data() + i * 4, 4);
      EXPECT_TRUE(alpha >= 0 && alpha <= 1) << alpha;
    }
}

TEST(MakeMips, NormalsWithoutALengthPointUp) {
  for (const float odd : {NAN, INFINITY, -INFINITY, 3e38f}) {
    Image image = *make_image(
        {.width = 2, .height = 1, .channels = 3, .type = SampleType::kF32, .srgb = false});
    for (std::size_t i = 0; i < 6; ++i) std::memcpy(image.pixels.data() + i * 4, &odd, 4);
    const Image mip = make_mips(image, {.normals = true}).value().at(0);
    float normal[3];
    std::memcpy(normal, mip.pixels.data(), sizeof(normal));
    EXPECT_EQ(normal[0], 0.5f) << odd;
    EXPECT_EQ(normal[1], 0.5f) << odd;
    EXPECT_EQ(normal[2], 1.0f) << odd;
  }
}

TEST(MakeMips, FullyTransparentImagesStayTransparent) {
  Image image = test::make_noise({.width = 33, .height = 9, .channels = 4});
  for (std::size_t i = 3; i < image.pixels.size(); i += 4) image.pixels[i] = std::byte{0};
  for (const MipFilter filter : kFilters) {
    const auto mips = make_mips(image, {.filter = filter, .alpha_cutoff = 0.5f}).value();
    for (const Image& mip : mips)
      for (const std::byte byte : mip.pixels) ASSERT_EQ(byte, std::byte{0}) << to_string(filter);
  }
}

TEST(MakeMips, OneTexelHasNoLevelBelow) {
  for (const MipFilter filter : kFilters) {
    EXPECT_TRUE(make_mips(test::make_gradient(1, 1, 3), {.filter = filter})->empty());
    EXPECT_EQ(make_mips(test::make_gradient(1, 2, 3), {.filter = filter})->size(), 1u);
  }
}

TEST(MakeMips, RefusesAnImageThatIsNone) {
  EXPECT_EQ(make_mips(Image{}).error().code, ErrorCode::kInvalidArgument);
  const auto refused = [](ImageInfo info, std::size_t bytes) {
    const auto mips = make_mips(Image{info, std::vector<std::byte>(bytes)});
    return !mips && mips.error().code == ErrorCode::kInvalidArgument;
  };
  EXPECT_TRUE(refused({.width = 0, .height = 4, .channels = 3}, 0));
  EXPECT_TRUE(refused({.width = 4, .height = 0, .channels = 3}, 0));
  EXPECT_TRUE(refused({.width = 4, .height = 4, .channels = 0}, 48));
  EXPECT_TRUE(refused({.width = 4, .height = 4, .channels = 5}, 80));
  EXPECT_TRUE(refused({.width = 4, .height = 4, .channels = 3}, 47));
  EXPECT_TRUE(refused({.width = 4, .height = 4, .channels = 3}, 49));
  EXPECT_TRUE(refused({.width = ~0u, .height = ~0u, .channels = 4}, 64));
}

}  // namespace
}  // namespace forge3d
