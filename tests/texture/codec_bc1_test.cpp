// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>

#include "texture/codec_samples.hpp"

namespace forge3d {
namespace {

using test::bytes_of;
using test::decode;
using test::encode;
using test::noise;
using test::Picture;
using test::psnr;
using test::Texel;
using test::texel;
using test::waves;

// Index bits 0, 1, 2, 3 in the first row: 0b11100100.
TEST(Bc1Decoder, FourColoursLieAtThirds) {
  Picture out =
      decode(Format::kBC1RgbaUnorm, bytes_of({0x00, 0xf8, 0x1f, 0x00, 0xe4, 0, 0, 0xff}), 4, 4);
  EXPECT_EQ(texel(out, 0, 0), (Texel{255, 0, 0, 255}));
  EXPECT_EQ(texel(out, 1, 0), (Texel{0, 0, 255, 255}));
  EXPECT_EQ(texel(out, 2, 0), (Texel{170, 0, 85, 255}));
  EXPECT_EQ(texel(out, 3, 0), (Texel{85, 0, 170, 255}));
  EXPECT_EQ(texel(out, 0, 1), (Texel{255, 0, 0, 255}));
  EXPECT_EQ(texel(out, 3, 3), (Texel{85, 0, 170, 255}));
}

TEST(Bc1Decoder, ThreeColoursAndBlackWhenTheFirstCodeIsNotLarger) {
  const auto block = bytes_of({0x1f, 0x00, 0x00, 0xf8, 0xe4, 0, 0, 0});
  Picture clear = decode(Format::kBC1RgbaUnorm, block, 4, 4);
  EXPECT_EQ(texel(clear, 0, 0), (Texel{0, 0, 255, 255}));
  EXPECT_EQ(texel(clear, 1, 0), (Texel{255, 0, 0, 255}));
  EXPECT_EQ(texel(clear, 2, 0), (Texel{128, 0, 128, 255}));
  EXPECT_EQ(texel(clear, 3, 0), (Texel{0, 0, 0, 0}));
  Picture solid = decode(Format::kBC1RgbUnorm, block, 4, 4);
  EXPECT_EQ(texel(solid, 3, 0), (Texel{0, 0, 0, 255}));
  Picture equal = decode(Format::kBC1RgbaUnorm, bytes_of({0, 0, 0, 0, 0xff, 0, 0, 0}), 4, 4);
  EXPECT_EQ(texel(equal, 0, 0), (Texel{0, 0, 0, 0}));
}

TEST(Bc1Decoder, NarrowChannelsAreWidenedByRepeatingTheirHighBits) {
  // 5:6:5 codes 16, 33, 1 = 0x8421: 132 = 10000100, 134 = 10000110, 8 = 00001000.
  Picture out = decode(Format::kBC1RgbUnorm, bytes_of({0x21, 0x84, 0, 0, 0, 0, 0, 0}), 4, 4);
  EXPECT_EQ(texel(out, 0, 0), (Texel{132, 134, 8, 255}));
}

TEST(Bc1Encoder, FlatColoursComeBackWithinOne) {
  for (Quality quality : {Quality::kFast, Quality::kHigh})
    for (int value = 0; value < 256; ++value) {
      Picture flat(4, 4);
      const Texel color{value, 255 - value, (value * 7) & 255, 255};
      for (std::size_t i = 0; i < flat.pixels.size(); ++i)
        flat.pixels[i] = static_cast<std::uint8_t>(color[i % 4]);
      for (Format format : {Format::kBC1RgbUnorm, Format::kBC1RgbaUnorm}) {
        Picture back = decode(format, encode(flat, {.format = format, .quality = quality}), 4, 4);
        for (std::size_t i = 0; i < back.pixels.size(); ++i)
          ASSERT_LE(std::abs(back.pixels[i] - color[i % 4]), i % 4 == 3 ? 0 : 1) << value;
      }
    }
}

TEST(Bc1Encoder, ColoursThatTheFormatHoldsComeBackExactly) {
  Picture picture(4, 4);
  for (std::uint32_t i = 0; i < 16; ++i) {
    const std::array<std::uint8_t, 4> black{0, 0, 0, 255};
    const std::array<std::uint8_t, 4> orange{255, 130, 0, 255};
    std::copy_n((i * 5 % 3 == 0 ? orange : black).data(), 4, picture.at(i % 4, i / 4));
  }
  for (Quality quality : {Quality::kFast, Quality::kNormal, Quality::kHigh})
    EXPECT_EQ(decode(Format::kBC1RgbUnorm,
                     encode(picture, {.format = Format::kBC1RgbUnorm, .quality = quality}), 4, 4)
                  .pixels,
              picture.pixels);
}

TEST(Bc1Encoder, TexelsBelowHalfAlphaBecomeTransparentAndTheOthersOpaque) {
  Picture picture = noise(64, 64, 3);
  for (Quality quality : {Quality::kFast, Quality::kNormal, Quality::kHigh}) {
    const Picture back =
        decode(Format::kBC1RgbaUnorm,
               encode(picture, {.format = Format::kBC1RgbaUnorm, .quality = quality}), 64, 64);
    for (std::size_t i = 3; i < back.pixels.size(); i += 4)
      ASSERT_EQ(back.pixels[i], picture.pixels[i] >= 128 ? 255 : 0) << i / 4;
  }
}

TEST(Bc1Encoder, WhereHalfIsTransparentTheRestKeepsItsColours) {
  Picture picture = waves(32, 32, true);
  for (std::uint32_t y = 0; y < 32; ++y)
    for (std::uint32_t x = 0; x < 32; ++x)
      if ((x + y) % 2 == 0) std::fill_n(picture.at(x, y), 4, std::uint8_t{0});
  const Picture back =
      decode(Format::kBC1RgbaUnorm, encode(picture, {.format = Format::kBC1RgbaUnorm}), 32, 32);
  EXPECT_GT(psnr(picture, back, 4), 29.0);
}

TEST(Bc1Encoder, AFullyTransparentBlockIsOneDefinedPattern) {
  Picture picture = noise(4, 4);
  for (std::size_t i = 3; i < picture.pixels.size(); i += 4) picture.pixels[i] = 127;
  EXPECT_EQ(encode(picture, {.format = Format::kBC1RgbaUnorm}),
            bytes_of({0, 0, 0, 0, 255, 255, 255, 255}));
}

TEST(Bc1Encoder, WithoutAlphaTheAlphaOfTheInputChangesNothing) {
  Picture picture = waves(32, 32, false);
  const auto blocks = encode(picture, {.format = Format::kBC1RgbUnorm});
  for (std::size_t i = 3; i < picture.pixels.size(); i += 4) picture.pixels[i] = 255;
  EXPECT_EQ(blocks, encode(picture, {.format = Format::kBC1RgbUnorm}));
}

TEST(Bc1Encoder, OpaqueInputStaysOpaqueWhateverTheDecoderBelieves) {
  Picture picture = noise(64, 64, 5);
  for (std::size_t i = 3; i < picture.pixels.size(); i += 4) picture.pixels[i] = 255;
  for (Quality quality : {Quality::kFast, Quality::kNormal, Quality::kHigh}) {
    const auto blocks = encode(picture, {.format = Format::kBC1RgbUnorm, .quality = quality});
    const Picture back = decode(Format::kBC1RgbaUnorm, blocks, 64, 64);
    for (std::size_t i = 3; i < back.pixels.size(); i += 4) ASSERT_EQ(back.pixels[i], 255);
  }
}

TEST(Bc1Encoder, MoreTimeNeverMakesABlockWorse) {
  const Picture picture = waves(64, 64, true, 9);
  double last = 0;
  for (Quality quality : {Quality::kFast, Quality::kNormal, Quality::kHigh}) {
    const auto blocks = encode(picture, {.format = Format::kBC1RgbUnorm, .quality = quality});
    const double now = psnr(picture, decode(Format::kBC1RgbUnorm, blocks, 64, 64), 3);
    EXPECT_GT(now, last);
    last = now;
  }
  EXPECT_GT(last, 37.5);
}

}  // namespace
}  // namespace forge3d
