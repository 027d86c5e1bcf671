// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "tiles/sources/sample_encoder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

namespace forge3d::tiles {
namespace {

constexpr std::uint32_t kSide = 4;

template <class To, class From>
std::vector<To> encode(const std::vector<From>& pixels, ImageInfo info,
                       const TileSourceOptions& options) {
  const auto encoder = SampleEncoder::create(info, options, "heights");
  EXPECT_TRUE(encoder) << encoder.error().to_string();
  std::vector<To> out(kSide * kSide * (image_bytes(encoder->format(), 4, 4).value() / 16) /
                      sizeof(To));
  EXPECT_TRUE(encoder->encode(std::as_bytes(std::span(pixels)), kSide,
                              std::as_writable_bytes(std::span(out))));
  return out;
}

const ImageInfo kFloats{kSide, kSide, 1, SampleType::kF32, false};

TEST(SampleEncoder, HeightsInARangeBecomeWholeNumbers) {
  std::vector<float> heights(16, -100.0f);
  heights[1] = 100.0f, heights[2] = 0.0f, heights[3] = 1e9f, heights[4] = -1e9f;
  heights[5] = std::numeric_limits<float>::quiet_NaN();
  TileSourceOptions options;
  options.range = HeightRange{-100, 100};
  const auto out = encode<std::uint16_t>(heights, kFloats, options);
  EXPECT_THAT(std::vector(out.begin(), out.begin() + 6),
              testing::ElementsAre(0, 65535, 32768, 65535, 0, 0));
  options.format = Format::kRGBA8Unorm;
  const auto texels = encode<std::uint8_t>(heights, kFloats, options);
  EXPECT_EQ(texels[4], 255);
  EXPECT_EQ(texels[8], 128);
}

TEST(SampleEncoder, HeightsWithoutARangeStayFloats) {
  std::vector<float> heights(16, -432.5f);
  EXPECT_EQ(encode<float>(heights, kFloats, {}), heights);
  TileSourceOptions options;
  options.format = Format::kR16Sfloat;
  EXPECT_EQ(encode<std::uint16_t>(heights, kFloats, options)[0], 0xdec2);  // -432.5
}

TEST(SampleEncoder, SixteenBitGreyIsR16) {
  const ImageInfo info{kSide, kSide, 1, SampleType::kU16, false};
  std::vector<std::uint16_t> heights(16, 4321);
  EXPECT_EQ(encode<std::uint16_t>(heights, info, {}), heights);
  TileSourceOptions options;
  options.format = Format::kR32Sfloat;
  EXPECT_FLOAT_EQ(encode<float>(heights, info, options)[3], 4321 / 65535.0f);
}

TEST(SampleEncoder, RefusesWhatItCannotMake) {
  TileSourceOptions options;
  options.range = HeightRange{1, 1};
  EXPECT_EQ(SampleEncoder::create(kFloats, options, "heights").error().code,
            ErrorCode::kInvalidArgument);
  options.range.reset();
  options.format = Format::kR16Unorm;
  EXPECT_EQ(SampleEncoder::create({4, 4, 3, SampleType::kU8, true}, options, "rgb").error().code,
            ErrorCode::kNotSupported);
  options.format = Format::kBC6HUfloat;
  EXPECT_EQ(SampleEncoder::create(kFloats, options, "heights").error().code,
            ErrorCode::kNotSupported);
}

}  // namespace
}  // namespace forge3d::tiles
