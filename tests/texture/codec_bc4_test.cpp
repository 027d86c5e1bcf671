// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// BC4 and BC5.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <limits>

#include "texture/codec_samples.hpp"

namespace forge3d {
namespace {

using test::bytes_of;
using test::decode;
using test::encode;
using test::noise;
using test::Picture;
using test::Texel;

using Codes = std::array<int, 16>;

constexpr std::array kQualities{Quality::kFast, Quality::kNormal, Quality::kHigh};

Texel texel(Picture& picture, std::uint32_t i) {
  const std::uint8_t* p = picture.at(i % 4, i / 4);
  return {p[0], p[1], p[2], p[3]};
}

int red(Picture& picture, std::uint32_t i) { return texel(picture, i)[0]; }
int signed_red(Picture& picture, std::uint32_t i) {
  return static_cast<std::int8_t>(picture.at(i % 4, i / 4)[0]);
}

/// A block with the codes in red and something else in the other channels.
Picture block_of(const Codes& codes) {
  Picture out = noise(4, 4);
  for (std::uint32_t i = 0; i < 16; ++i)
    out.at(i % 4, i / 4)[0] = static_cast<std::uint8_t>(codes[i]);
  return out;
}

/// Encodes one block; its error, which is compared with the decoded texels.
std::uint32_t block_error(const Picture& block, Format format, Quality quality) {
  std::array<std::byte, 16> bytes;
  std::array<std::uint32_t, 1> error;
  const std::span out(bytes.data(), format_info(format)->block_bytes);
  EXPECT_TRUE(encode_blocks({.format = format, .quality = quality}, block.view(), out, error));
  return error[0];
}

// 3-bit indices 0..7 in texels 0..7 are the bytes 0x88 0xc6 0xfa.
TEST(Bc4Decoder, EightValuesLieAtSevenths) {
  Picture out = decode(Format::kBC4Unorm, bytes_of({255, 0, 0x88, 0xc6, 0xfa, 0, 0, 0}), 4, 4);
  const std::array<int, 8> expected{255, 0, 219, 182, 146, 109, 73, 36};
  for (std::uint32_t i = 0; i < 8; ++i)
    EXPECT_EQ(texel(out, i), (Texel{expected[i], 0, 0, 255})) << i;
}

TEST(Bc4Decoder, SixValuesLieAtFifthsBesideBlackAndWhite) {
  Picture out = decode(Format::kBC4Unorm, bytes_of({10, 200, 0x88, 0xc6, 0xfa, 0, 0, 0}), 4, 4);
  const std::array<int, 8> expected{10, 200, 48, 86, 124, 162, 0, 255};
  for (std::uint32_t i = 0; i < 8; ++i) EXPECT_EQ(red(out, i), expected[i]) << i;
}

TEST(Bc4Decoder, IndicesRunThroughAllSixBytes) {
  // Index 1 in texel 5 (across bytes 3 and 4), 2 in texel 10, 3 in texel 15.
  const auto block = bytes_of({70, 0, 0, 0x80, 0, 0x80, 0, 0x60});
  Picture out = decode(Format::kBC4Unorm, block, 4, 4);
  for (std::uint32_t i = 0; i < 16; ++i)
    EXPECT_EQ(red(out, i), i == 5 ? 0 : i == 10 ? 60 : i == 15 ? 50 : 70) << i;
}

TEST(Bc4Decoder, SnormIsTwosComplement) {
  Picture eight = decode(Format::kBC4Snorm, bytes_of({70, 0, 0x88, 0xc6, 0xfa, 0, 0, 0}), 4, 4);
  EXPECT_EQ(texel(eight, 2), (Texel{60, 0, 0, 127}));
  Picture six = decode(Format::kBC4Snorm, bytes_of({-100, 100, 0x88, 0xc6, 0xfa, 0, 0, 0}), 4, 4);
  const std::array<int, 8> expected{-100, 100, -60, -20, 20, 60, -127, 127};
  for (std::uint32_t i = 0; i < 8; ++i) EXPECT_EQ(signed_red(six, i), expected[i]) << i;
}

TEST(Bc4Decoder, SnormsLeastNumberCountsAsTheNextButOrdersTheEnds) {
  Picture out = decode(Format::kBC4Snorm, bytes_of({0, -128, 0x88, 0xc6, 0xfa, 0, 0, 0}), 4, 4);
  EXPECT_EQ(signed_red(out, 1), -127);
  EXPECT_EQ(signed_red(out, 7), -109);  // 6/7 of -127, not of -128
  Picture eight = decode(Format::kBC4Snorm, bytes_of({-127, -128, 255, 255, 255, 0, 0, 0}), 4, 4);
  EXPECT_EQ(signed_red(eight, 0), -127);  // index 7 of eight values
  Picture six = decode(Format::kBC4Snorm, bytes_of({-128, -127, 255, 255, 255, 0, 0, 0}), 4, 4);
  EXPECT_EQ(signed_red(six, 0), 127);  // index 7 of six values
}

TEST(Bc5Decoder, IsTwoChannelBlocks) {
  Picture out = decode(
      Format::kBC5Unorm,
      bytes_of({255, 0, 0x88, 0xc6, 0xfa, 0, 0, 0, 10, 200, 0x88, 0xc6, 0xfa, 0, 0, 0}), 4, 4);
  EXPECT_EQ(texel(out, 2), (Texel{219, 48, 0, 255}));
  EXPECT_EQ(texel(out, 7), (Texel{36, 255, 0, 255}));
}

TEST(Bc4Encoder, FlatBlocksAreExactAndTheirIndicesZero) {
  for (Quality quality : kQualities)
    for (Format format : {Format::kBC4Unorm, Format::kBC4Snorm})
      for (int value = 0; value < 256; ++value) {
        Codes codes;
        codes.fill(value);
        Picture block = block_of(codes);
        const auto bytes = encode(block, {.format = format, .quality = quality});
        Picture back = decode(format, bytes, 4, 4);
        const bool least = format == Format::kBC4Snorm && value == 128;  // -128 becomes -127
        EXPECT_EQ(red(back, 0), least ? 129 : value);
        EXPECT_TRUE(std::all_of(bytes.begin() + 2, bytes.end(),
                                [](std::byte byte) { return byte == std::byte{0}; }));
      }
}

TEST(Bc4Encoder, EightNeighbouringCodesAreExact) {
  for (Quality quality : kQualities)
    for (Format format : {Format::kBC4Unorm, Format::kBC4Snorm})
      for (int low : {0, 1, 60, 121, 130, 200, 248}) {
        if (format == Format::kBC4Snorm && low == 121) continue;  // 127 and -128 are far apart
        Codes codes;
        for (int i = 0; i < 16; ++i) codes[static_cast<std::size_t>(i)] = low + i * 5 % 8;
        EXPECT_EQ(block_error(block_of(codes), format, quality), 0u) << low;
      }
}

TEST(Bc4Encoder, ExtremesBesideASmoothPartTakeTheSixValues) {
  for (Quality quality : kQualities) {
    const Codes unorm{0, 255, 100, 104, 108, 112, 116, 120, 0, 100, 104, 255, 120, 116, 0, 255};
    EXPECT_EQ(block_error(block_of(unorm), Format::kBC4Unorm, quality), 0u);
    Codes snorm = unorm;
    for (int& code : snorm) code = code == 0 ? 129 : code == 255 ? 127 : code - 100;
    EXPECT_EQ(block_error(block_of(snorm), Format::kBC4Snorm, quality), 0u);
  }
}

/// The least error of any eight-value block.
int least_error(const Codes& codes) {
  int least = std::numeric_limits<int>::max();
  for (int high = 0; high < 256; ++high)
    for (int low = 0; low < high; ++low) {
      int sum = 0;
      for (int code : codes) {
        int nearest = 255;
        for (int k = 0; k < 8; ++k)
          nearest = std::min(nearest, std::abs(code - (low * (7 - k) + high * k + 3) / 7));
        sum += nearest * nearest;
      }
      least = std::min(least, sum);
    }
  return least;
}

TEST(Bc4Encoder, HighIsCloseToTheBestThereIs) {
  std::minstd_rand random(3);
  double best = 0, high = 0;
  for (int n = 0; n < 12; ++n) {
    Codes codes;
    const int base = static_cast<int>(random() % 160);
    for (int& code : codes) code = base + static_cast<int>(random() % 60 + random() % 30);
    best += least_error(codes);
    high += block_error(block_of(codes), Format::kBC4Unorm, Quality::kHigh);
  }
  EXPECT_LE(high, best * 1.05);
}

TEST(Bc5Encoder, CodesItsChannelsApart) {
  Picture picture = noise(20, 8, 4);
  Picture swapped = picture;
  for (std::size_t i = 0; i < picture.pixels.size(); i += 4)
    std::swap(swapped.pixels[i], swapped.pixels[i + 1]);
  const auto both = encode(picture, {.format = Format::kBC5Unorm});
  const auto first = encode(picture, {.format = Format::kBC4Unorm});
  const auto second = encode(swapped, {.format = Format::kBC4Unorm});
  for (std::size_t i = 0; i < first.size(); ++i) {
    EXPECT_EQ(both[i / 8 * 16 + i % 8], first[i]);
    EXPECT_EQ(both[i / 8 * 16 + 8 + i % 8], second[i]);
  }
}

}  // namespace
}  // namespace forge3d
