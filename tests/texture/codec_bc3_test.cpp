// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// BC2 and BC3.

#include <gtest/gtest.h>

#include <algorithm>
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

constexpr std::array kQualities{Quality::kFast, Quality::kNormal, Quality::kHigh};
constexpr Format kBc3 = Format::kBC3Unorm;

Picture flat(const Texel& color) {
  Picture out(4, 4);
  for (std::size_t i = 0; i < out.pixels.size(); ++i)
    out.pixels[i] = static_cast<std::uint8_t>(color[i % 4]);
  return out;
}

TEST(Bc2Decoder, AlphasAreFourBitsAndColoursAlwaysFour) {
  // First code below the second: BC1 would take three colours.
  Picture out = decode(
      Format::kBC2Unorm,
      bytes_of({0x10, 0x32, 0, 0, 0, 0, 0, 0xf0, 0x1f, 0x00, 0x00, 0xf8, 0xe4, 0, 0, 0}), 4, 4);
  EXPECT_EQ(texel(out, 0, 0), (Texel{0, 0, 255, 0}));
  EXPECT_EQ(texel(out, 1, 0), (Texel{255, 0, 0, 17}));
  EXPECT_EQ(texel(out, 2, 0), (Texel{85, 0, 170, 34}));
  EXPECT_EQ(texel(out, 3, 0), (Texel{170, 0, 85, 51}));
  EXPECT_EQ(texel(out, 3, 3)[3], 255);
}

// The first indices of alpha are 0 to 7, those of the colours 0 to 3; the first colour code is the
// smaller.
TEST(Bc3Decoder, EightAlphasLieAtSeventhsAndColoursAreAlwaysFour) {
  Picture out = decode(
      kBc3, bytes_of({240, 100, 0x88, 0xc6, 0xfa, 0, 0, 0, 0x1f, 0, 0, 0xf8, 0xe4, 0, 0, 0}), 4, 4);
  EXPECT_EQ(texel(out, 0, 0), (Texel{0, 0, 255, 240}));
  EXPECT_EQ(texel(out, 1, 0), (Texel{255, 0, 0, 100}));
  EXPECT_EQ(texel(out, 2, 0), (Texel{85, 0, 170, 220}));
  EXPECT_EQ(texel(out, 3, 0), (Texel{170, 0, 85, 200}));
  EXPECT_EQ(texel(out, 0, 1)[3], 180);
  EXPECT_EQ(texel(out, 3, 1)[3], 120);
  EXPECT_EQ(texel(out, 3, 3), (Texel{0, 0, 255, 240}));
}

TEST(Bc3Decoder, SixAlphasLieAtFifthsBesideNoneAndAll) {
  Picture out =
      decode(kBc3, bytes_of({10, 60, 0x88, 0xc6, 0xfa, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}), 4, 4);
  constexpr std::array<int, 8> kExpected{10, 60, 20, 30, 40, 50, 0, 255};
  for (std::uint32_t i = 0; i < 8; ++i) EXPECT_EQ(texel(out, i % 4, i / 4)[3], kExpected[i]);
}

TEST(Bc3Encoder, FlatColoursComeBackWithinOneAndFlatAlphasExactly) {
  for (Quality quality : kQualities)
    for (int value = 0; value < 256; ++value) {
      const Picture picture = flat({value, 255 - value, (value * 7) & 255, (value * 3) & 255});
      const Picture back =
          decode(kBc3, encode(picture, {.format = kBc3, .quality = quality}), 4, 4);
      for (std::size_t i = 0; i < back.pixels.size(); ++i)
        ASSERT_LE(std::abs(back.pixels[i] - picture.pixels[i]), i % 4 == 3 ? 0 : 1) << value;
    }
}

TEST(Bc3Encoder, AlphaIsTheBlockOfBc4AndFastColoursThoseOfBc1) {
  const Picture picture = waves(100, 20, false, 4);
  Picture alpha = picture;
  for (std::size_t i = 0; i < alpha.pixels.size(); i += 4) alpha.pixels[i] = picture.pixels[i + 3];
  for (Quality quality : kQualities) {
    const auto both = encode(picture, {.format = kBc3, .quality = quality});
    const auto alphas = encode(alpha, {.format = Format::kBC4Unorm, .quality = quality});
    const auto colors = encode(picture, {.format = Format::kBC1RgbUnorm, .quality = quality});
    for (std::size_t i = 0; i < both.size(); ++i) {
      if (i % 16 >= 8 && quality != Quality::kFast) continue;
      ASSERT_EQ(both[i], (i % 16 < 8 ? alphas : colors)[i / 16 * 8 + i % 8]) << i;
    }
  }
}

TEST(Bc3Encoder, BlocksOfOneAlphaAreTheSameBesideOthers) {
  for (int value = 0; value < 256; ++value) {
    Picture alone = flat({10, 20, 30, value}), among = noise(60, 4);
    for (std::uint32_t y = 0; y < 4; ++y) std::copy_n(alone.at(0, y), 16, among.at(24, y));
    const auto block = encode(alone, {.format = kBc3});
    const auto blocks = encode(among, {.format = kBc3});
    EXPECT_TRUE(std::equal(block.begin(), block.end(), blocks.begin() + 6 * 16)) << value;
  }
}

TEST(Bc3Encoder, DecodersThatTakeTheColoursForThoseOfBc1SeeTheSame) {
  const Picture picture = noise(64, 32, 5);
  for (Quality quality : kQualities) {
    const auto blocks = encode(picture, {.format = kBc3, .quality = quality});
    std::vector<std::byte> colors;
    for (std::size_t i = 0; i < blocks.size(); ++i)
      if (i % 16 >= 8) colors.push_back(blocks[i]);
    const Picture mine = decode(kBc3, blocks, 64, 32);
    const Picture theirs = decode(Format::kBC1RgbUnorm, colors, 64, 32);
    EXPECT_TRUE(std::isinf(psnr(mine, theirs, 3)));
  }
}

TEST(Bc3Encoder, MoreTimeNeverMakesItWorse) {
  const Picture picture = waves(128, 64, false, 9);
  double last = 0;
  for (Quality quality : kQualities) {
    const auto blocks = encode(picture, {.format = kBc3, .quality = quality});
    const double now = psnr(picture, decode(kBc3, blocks, 128, 64), 4);
    EXPECT_GT(now, last);
    last = now;
  }
  EXPECT_GT(last, 38.5);
}

}  // namespace
}  // namespace forge3d
