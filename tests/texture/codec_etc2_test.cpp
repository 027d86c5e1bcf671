// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// ETC2 RGB, RGB+A1 and RGBA. Blocks are put together field by field as the Khronos Data Format
// Specification 1.3 lays them out (chapters "ETC1" and "ETC2"), and decoded by hand.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "texture/codec_samples.hpp"

namespace forge3d {
namespace {

using test::decode;
using test::encode;
using test::noise;
using test::Picture;
using test::psnr;
using test::Texel;
using test::texel;
using test::waves;

constexpr std::array kQualities{Quality::kFast, Quality::kNormal, Quality::kHigh};
constexpr Format kRgb = Format::kETC2RgbUnorm;
constexpr Format kRgbA1 = Format::kETC2RgbA1Unorm;
constexpr Format kRgba = Format::kETC2RgbaUnorm;

/// A block of 64 bits, bit 63 the first of the first byte.
struct Block64 {
  std::uint64_t bits = 0;

  Block64& set(int lowest_bit, std::uint64_t value) {
    bits |= value << lowest_bit;
    return *this;
  }
  /// The index of the texel in column x and row y.
  Block64& index(int x, int y, std::uint64_t value) {
    const int texel = 4 * x + y;
    return set(16 + texel, value >> 1).set(texel, value & 1);
  }
  [[nodiscard]] std::vector<std::byte> bytes() const {
    std::vector<std::byte> out;
    for (int shift = 56; shift >= 0; shift -= 8)
      out.push_back(static_cast<std::byte>(bits >> shift));
    return out;
  }
};

Picture decode(Format format, const Block64& block) { return decode(format, block.bytes(), 4, 4); }

TEST(Etc2Decoder, IndividualHalvesHaveColoursOfFourBits) {
  Block64 block;
  block.set(60, 14).set(52, 3).set(44, 8).set(37, 2);  // 238, 51, 136; +-9, +-29
  block.set(56, 1).set(48, 2).set(40, 15).set(34, 7);  // 17, 34, 255; +-47, +-183
  for (int y = 0; y < 4; ++y)
    for (int x : {0, 2}) block.index(x, y, static_cast<std::uint64_t>(y));
  Picture out = decode(kRgb, block);
  EXPECT_EQ(texel(out, 0, 0), (Texel{247, 60, 145, 255}));
  EXPECT_EQ(texel(out, 0, 1), (Texel{255, 80, 165, 255}));
  EXPECT_EQ(texel(out, 0, 2), (Texel{229, 42, 127, 255}));
  EXPECT_EQ(texel(out, 0, 3), (Texel{209, 22, 107, 255}));
  EXPECT_EQ(texel(out, 1, 3), (Texel{247, 60, 145, 255}));
  EXPECT_EQ(texel(out, 2, 0), (Texel{64, 81, 255, 255}));
  EXPECT_EQ(texel(out, 2, 1), (Texel{200, 217, 255, 255}));
  EXPECT_EQ(texel(out, 2, 2), (Texel{0, 0, 208, 255}));
  EXPECT_EQ(texel(out, 2, 3), (Texel{0, 0, 72, 255}));
}

/// Halves above each other: (231, 33, 24) with +-2, +-8 and (198, 49, 24) with +-5, +-17.
Block64 differential_block() {
  Block64 block;
  block.set(59, 28).set(56, 4).set(51, 4).set(48, 2).set(43, 3).set(34, 1).set(32, 1);
  return block.index(0, 0, 1).index(3, 0, 2).index(0, 2, 3);
}

TEST(Etc2Decoder, DifferentialHalvesHaveAColourOfFiveBitsAndAStep) {
  Picture out = decode(kRgb, differential_block().set(33, 1));
  EXPECT_EQ(texel(out, 0, 0), (Texel{239, 41, 32, 255}));
  EXPECT_EQ(texel(out, 3, 0), (Texel{229, 31, 22, 255}));
  EXPECT_EQ(texel(out, 1, 1), (Texel{233, 35, 26, 255}));
  EXPECT_EQ(texel(out, 0, 2), (Texel{181, 32, 7, 255}));
  EXPECT_EQ(texel(out, 3, 3), (Texel{203, 54, 29, 255}));
}

/// Red 1 - 2 is below 0. The lone colour is (102, 51, 255), the line's (136, 17, 238), distance 32.
Block64 t_block() {
  Block64 block;
  block.set(59, 1).set(58, 1).set(56, 2).set(52, 3).set(48, 15);
  block.set(44, 8).set(40, 1).set(36, 14).set(34, 2).set(32, 1);
  return block.index(1, 0, 1).index(2, 0, 2).index(3, 0, 3);
}

TEST(Etc2Decoder, TBlocksHaveALoneColourAndThreeOnALine) {
  Picture out = decode(kRgb, t_block().set(33, 1));
  EXPECT_EQ(texel(out, 0, 0), (Texel{102, 51, 255, 255}));
  EXPECT_EQ(texel(out, 1, 0), (Texel{168, 49, 255, 255}));
  EXPECT_EQ(texel(out, 2, 0), (Texel{136, 17, 238, 255}));
  EXPECT_EQ(texel(out, 3, 0), (Texel{104, 0, 206, 255}));
}

/// Green 2 - 3 is below 0. The first colour is (17 * red, 85, 51), the second (68, 204, 119).
Block64 h_block(std::uint64_t red) {
  Block64 block;
  block.set(59, red).set(56, 2).set(52, 1).set(50, 1).set(47, 3);
  block.set(43, 4).set(39, 12).set(35, 7).set(34, 1).set(33, 1);
  return block.index(1, 0, 1).index(2, 0, 2).index(3, 0, 3);
}

TEST(Etc2Decoder, HBlocksHaveTwoColoursEitherSideOfTwo) {
  Picture out = decode(kRgb, h_block(9));
  EXPECT_EQ(texel(out, 0, 0), (Texel{185, 117, 83, 255}));
  EXPECT_EQ(texel(out, 1, 0), (Texel{121, 53, 19, 255}));
  EXPECT_EQ(texel(out, 2, 0), (Texel{100, 236, 151, 255}));
  EXPECT_EQ(texel(out, 3, 0), (Texel{36, 172, 87, 255}));
}

TEST(Etc2Decoder, TheOrderOfTheColoursIsTheLastBitOfAnHBlocksDistance) {
  Picture out = decode(kRgb, h_block(2));  // first below second: distance 23, not 32
  EXPECT_EQ(texel(out, 0, 0), (Texel{57, 108, 74, 255}));
  EXPECT_EQ(texel(out, 3, 0), (Texel{45, 181, 96, 255}));
}

/// Blue 31 + 2 is above 31. (65, 80, 117), to the right (255, 201, 0), down (0, 255, 255).
Block64 planar_block() {
  Block64 block;
  block.set(57, 16).set(49, 40).set(45, 7).set(43, 3).set(39, 5);
  return block.set(34, 31).set(32, 1).set(25, 100).set(6, 127).set(0, 63);
}

TEST(Etc2Decoder, PlanarBlocksAreSlopesBetweenThreeColours) {
  for (Format format : {kRgb, kRgbA1}) {
    Picture out = decode(format, planar_block().set(33, 1));
    EXPECT_EQ(texel(out, 0, 0), (Texel{65, 80, 117, 255}));
    EXPECT_EQ(texel(out, 1, 0), (Texel{113, 110, 88, 255}));
    EXPECT_EQ(texel(out, 0, 3), (Texel{16, 211, 221, 255}));
    EXPECT_EQ(texel(out, 3, 3), (Texel{159, 255, 133, 255}));
  }
}

TEST(Etc2Decoder, WithoutTheOpaqueBitIndexTwoIsAHoleAndIndexZeroTheBase) {
  Picture halves = decode(kRgbA1, differential_block());
  EXPECT_EQ(texel(halves, 0, 0), (Texel{239, 41, 32, 255}));
  EXPECT_EQ(texel(halves, 1, 1), (Texel{231, 33, 24, 255}));
  EXPECT_EQ(texel(halves, 3, 0), (Texel{0, 0, 0, 0}));
  EXPECT_EQ(texel(halves, 0, 2), (Texel{181, 32, 7, 255}));
  Picture t = decode(kRgbA1, t_block());
  EXPECT_EQ(texel(t, 0, 0), (Texel{102, 51, 255, 255}));
  EXPECT_EQ(texel(t, 1, 0), (Texel{168, 49, 255, 255}));
  EXPECT_EQ(texel(t, 2, 0), (Texel{0, 0, 0, 0}));
  EXPECT_EQ(texel(t, 3, 0), (Texel{104, 0, 206, 255}));
}

TEST(Etc2Decoder, PlanarBlocksHaveNoHoles) {
  EXPECT_EQ(decode(kRgbA1, planar_block()).pixels, decode(kRgb, planar_block().set(33, 1)).pixels);
}

TEST(Etc2Decoder, WithTheOpaqueBitEveryBlockIsThatOfRgb) {
  for (const Block64& block : {differential_block().set(33, 1), t_block().set(33, 1), h_block(9)})
    EXPECT_EQ(decode(kRgbA1, block).pixels, decode(kRgb, block).pixels);
}

TEST(Etc2Decoder, AlphaComesFirstAndIsABlockOfEac) {
  Block64 alpha;
  alpha.set(56, 103).set(52, 2).set(48, 13);  // modifiers -1 -2 -3 -10 0 1 2 9, twice
  alpha.set(45, 3).set(42, 7).set(39, 4).set(9, 1);
  std::vector<std::byte> block = alpha.bytes();
  const auto colors = differential_block().set(33, 1).bytes();
  block.insert(block.end(), colors.begin(), colors.end());
  Picture out = decode(kRgba, block, 4, 4);
  EXPECT_EQ(texel(out, 0, 0), (Texel{239, 41, 32, 83}));
  EXPECT_EQ(texel(out, 0, 1)[3], 121);
  EXPECT_EQ(texel(out, 0, 2), (Texel{181, 32, 7, 103}));
  EXPECT_EQ(texel(out, 3, 0), (Texel{229, 31, 22, 99}));
}

TEST(Etc2Decoder, AnAlphaMultiplierOfZeroLeavesTheBase) {
  Block64 alpha;
  alpha.set(56, 200).set(48, 5).set(0, 0x123456789abc);
  std::vector<std::byte> block = alpha.bytes();
  block.resize(16);
  Picture out = decode(kRgba, block, 4, 4);
  for (std::uint32_t i = 0; i < 16; ++i) EXPECT_EQ(texel(out, i % 4, i / 4)[3], 200);
}

Picture flat(const Texel& color, std::uint32_t side = 4) {
  Picture out(side, side);
  for (std::size_t i = 0; i < out.pixels.size(); ++i)
    out.pixels[i] = static_cast<std::uint8_t>(color[i % 4]);
  return out;
}

TEST(Etc2Encoder, FlatColoursComeBackWithinTwo) {
  for (Quality quality : kQualities)
    for (int value = 0; value < 256; value += quality == Quality::kFast ? 1 : 5) {
      const Picture picture = flat({value, 255 - value, (value * 7) & 255, 255});
      for (Format format : {kRgb, kRgbA1, kRgba}) {
        const Picture back =
            decode(format, encode(picture, {.format = format, .quality = quality}), 4, 4);
        for (std::size_t i = 0; i < back.pixels.size(); ++i)
          ASSERT_LE(std::abs(back.pixels[i] - picture.pixels[i]), i % 4 == 3 ? 0 : 2) << value;
      }
    }
}

TEST(Etc2Encoder, BlackAndWhiteComeBackAndAtHighEvenTogether) {
  Picture both(4, 4);
  for (std::uint32_t i = 0; i < 16; ++i)
    std::fill_n(both.at(i % 4, i / 4), 3, static_cast<std::uint8_t>(i * 7 % 3 == 0 ? 255 : 0));
  for (std::size_t i = 3; i < both.pixels.size(); i += 4) both.pixels[i] = 255;
  for (Quality quality : kQualities)
    for (Format format : {kRgb, kRgbA1, kRgba}) {
      const EncodeBlocksDesc desc{.format = format, .quality = quality};
      for (int value : {0, 255}) {
        const Picture one = flat({value, value, value, 255});
        EXPECT_EQ(decode(format, encode(one, desc), 4, 4).pixels, one.pixels);
      }
      if (quality == Quality::kHigh) {
        EXPECT_EQ(decode(format, encode(both, desc), 4, 4).pixels, both.pixels);
      }
    }
}

TEST(Etc2Encoder, SlopesBecomePlanarBlocks) {
  Picture slope(4, 4);
  for (std::uint32_t i = 0; i < 16; ++i) {
    const std::uint32_t x = i % 4, y = i / 4;
    const std::array<std::uint32_t, 4> color{40 + 12 * x + 8 * y, 200 - 10 * x - 5 * y, 100 + 3 * x,
                                             255};
    for (std::size_t c = 0; c < 4; ++c) slope.at(x, y)[c] = static_cast<std::uint8_t>(color[c]);
  }
  for (Quality quality : kQualities)
    for (Format format : {kRgb, kRgbA1, kRgba}) {
      const auto blocks = encode(slope, {.format = format, .quality = quality});
      EXPECT_GT(psnr(slope, decode(format, blocks, 4, 4), 4), 48.0);
    }
}

TEST(Etc2Encoder, TexelsBelowHalfAlphaBecomeHolesAndTheOthersOpaque) {
  const Picture picture = noise(64, 32, 3);
  for (Quality quality : kQualities) {
    const Picture back =
        decode(kRgbA1, encode(picture, {.format = kRgbA1, .quality = quality}), 64, 32);
    for (std::size_t i = 3; i < back.pixels.size(); i += 4)
      ASSERT_EQ(back.pixels[i], picture.pixels[i] >= 128 ? 255 : 0) << i / 4;
  }
}

TEST(Etc2Encoder, FullyTransparentBlocksAreBlackHoles) {
  Picture picture = noise(8, 8);
  for (std::size_t i = 3; i < picture.pixels.size(); i += 4) picture.pixels[i] = 127;
  for (Quality quality : kQualities)
    EXPECT_EQ(decode(kRgbA1, encode(picture, {.format = kRgbA1, .quality = quality}), 8, 8).pixels,
              std::vector<std::uint8_t>(8 * 8 * 4));
}

TEST(Etc2Encoder, WithoutAlphaTheAlphaOfTheInputChangesNothing) {
  Picture picture = waves(32, 16, false);
  const auto blocks = encode(picture, {.format = kRgb});
  for (std::size_t i = 3; i < picture.pixels.size(); i += 4) picture.pixels[i] = 255;
  EXPECT_EQ(blocks, encode(picture, {.format = kRgb}));
}

TEST(Etc2Encoder, RgbaBlocksAreThoseOfEacAndOfRgb) {
  const Picture picture = waves(100, 20, false, 4);
  Picture alpha = picture;
  for (std::size_t i = 0; i < alpha.pixels.size(); i += 4) alpha.pixels[i] = picture.pixels[i + 3];
  for (Quality quality : kQualities) {
    const auto both = encode(picture, {.format = kRgba, .quality = quality});
    const auto colors = encode(picture, {.format = kRgb, .quality = quality});
    const auto alphas = encode(alpha, {.format = Format::kEACR11Unorm, .quality = quality});
    for (std::size_t i = 0; i < both.size(); ++i)
      ASSERT_EQ(both[i], (i % 16 < 8 ? alphas : colors)[i / 16 * 8 + i % 8]) << i;
  }
}

TEST(Etc2Encoder, BlocksOfOneAlphaAreTheSameBesideOthersAndExact) {
  for (int value = 0; value < 256; ++value) {
    Picture alone = flat({10, 20, 30, value}), among = noise(60, 4);
    for (std::uint32_t y = 0; y < 4; ++y) std::copy_n(alone.at(0, y), 16, among.at(24, y));
    const auto block = encode(alone, {.format = kRgba});
    const auto blocks = encode(among, {.format = kRgba});
    EXPECT_TRUE(std::equal(block.begin(), block.end(), blocks.begin() + 6 * 16)) << value;
    EXPECT_EQ(decode(kRgba, block, 4, 4).pixels[3], value);
  }
}

TEST(Etc2Encoder, MoreTimeGivesMore) {
  const Picture picture = waves(128, 64, false, 9);
  for (Format format : {kRgb, kRgba}) {
    double last = 0;
    for (Quality quality : kQualities) {
      const auto blocks = encode(picture, {.format = format, .quality = quality});
      const double now = psnr(picture, decode(format, blocks, 128, 64), 4);
      EXPECT_GE(now, last);
      last = now;
    }
  }
}

}  // namespace
}  // namespace forge3d
