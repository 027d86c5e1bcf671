// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// EAC R11 and RG11.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
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

/// The tables as the specification prints them.
constexpr int kModifiers[16][8] = {
    {-3, -6, -9, -15, 2, 5, 8, 14}, {-3, -7, -10, -13, 2, 6, 9, 12}, {-2, -5, -8, -13, 1, 4, 7, 12},
    {-2, -4, -6, -13, 1, 3, 5, 12}, {-3, -6, -8, -12, 2, 5, 7, 11},  {-3, -7, -9, -11, 2, 6, 8, 10},
    {-4, -7, -8, -11, 3, 6, 7, 10}, {-3, -5, -8, -11, 2, 4, 7, 10},  {-2, -6, -8, -10, 1, 5, 7, 9},
    {-2, -5, -8, -10, 1, 4, 7, 9},  {-2, -4, -8, -10, 1, 3, 7, 9},   {-2, -5, -7, -10, 1, 4, 6, 9},
    {-3, -4, -7, -10, 2, 3, 6, 9},  {-1, -2, -3, -10, 0, 1, 2, 9},   {-4, -6, -8, -9, 3, 5, 7, 8},
    {-3, -5, -7, -9, 2, 4, 6, 8}};

Texel texel(Picture& picture, std::uint32_t i) {
  const std::uint8_t* p = picture.at(i % 4, i / 4);
  return {p[0], p[1], p[2], p[3]};
}

Picture block_of(const Codes& codes) {
  Picture out = noise(4, 4);
  for (std::uint32_t i = 0; i < 16; ++i)
    out.at(i % 4, i / 4)[0] = static_cast<std::uint8_t>(codes[i]);
  return out;
}

std::uint32_t block_error(const Picture& block, Format format, Quality quality) {
  std::array<std::byte, 8> bytes;
  std::array<std::uint32_t, 1> error;
  EXPECT_TRUE(encode_blocks({.format = format, .quality = quality}, block.view(), bytes, error));
  return error[0];
}

/// The specification's formula in real numbers, to the nearest 8-bit code.
int expected_unorm(int base, int multiplier, int modifier) {
  const int value = 8 * base + 4 + (multiplier == 0 ? modifier : 8 * multiplier * modifier);
  return static_cast<int>(std::lround(std::clamp(value, 0, 2047) * 255.0 / 2047.0));
}
int expected_snorm(int base, int multiplier, int modifier) {
  const int value =
      8 * std::max(base, -127) + (multiplier == 0 ? modifier : 8 * multiplier * modifier);
  return static_cast<int>(std::lround(std::clamp(value, -1023, 1023) * 127.0 / 1023.0));
}

// 3-bit indices 0..7, the first in the highest bits, are the bytes 0x05 0x39 0x77.
TEST(EacDecoder, TexelsRunDownTheColumns) {
  // Base 100, multiplier 2, table 13.
  Picture out =
      decode(Format::kEACR11Unorm, bytes_of({100, 0x2d, 0x05, 0x39, 0x77, 0, 0, 0}), 4, 4);
  const std::array<int, 8> expected{98, 96, 94, 80, 100, 102, 104, 118};
  for (std::uint32_t i = 0; i < 8; ++i)
    EXPECT_EQ(texel(out, i % 4 * 4 + i / 4), (Texel{expected[i], 0, 0, 255})) << i;
  EXPECT_EQ(texel(out, 2)[0], 98);
}

TEST(EacDecoder, EveryBlockHeaderGivesTheNearestCodes) {
  // A block for each multiplier and table, one row of blocks for each base.
  std::vector<std::byte> blocks;
  for (int base = 0; base < 256; ++base)
    for (int header = 0; header < 256; ++header)
      for (int byte : {base, header, 0x05, 0x39, 0x77, 0, 0, 0})
        blocks.push_back(static_cast<std::byte>(byte));
  Picture unorm = decode(Format::kEACR11Unorm, blocks, 1024, 1024);
  Picture snorm = decode(Format::kEACR11Snorm, blocks, 1024, 1024);
  int wrong = 0;
  for (int base = 0; base < 256; ++base)
    for (int header = 0; header < 256; ++header)
      for (int i = 0; i < 8; ++i) {
        const auto x = static_cast<std::uint32_t>(4 * header + i / 4);
        const auto y = static_cast<std::uint32_t>(4 * base + i % 4);
        const int modifier = kModifiers[header % 16][i];
        const auto signed_base = static_cast<std::int8_t>(base);
        wrong += unorm.at(x, y)[0] != expected_unorm(base, header / 16, modifier);
        wrong += static_cast<std::int8_t>(snorm.at(x, y)[0]) !=
                 expected_snorm(signed_base, header / 16, modifier);
      }
  EXPECT_EQ(wrong, 0);
}

TEST(EacDecoder, TwoChannelsAreTwoBlocks) {
  Picture out = decode(Format::kEACRG11Snorm,
                       bytes_of({-50, 0x1d, 0x92, 0x49, 0x24, 0x92, 0x49, 0x24,  //
                                 -128, 0x1d, 0x92, 0x49, 0x24, 0x92, 0x49, 0x24}),
                       4, 4);
  for (std::uint32_t i = 0; i < 16; ++i)
    EXPECT_EQ(texel(out, i), (Texel{256 - 50, 256 - 126, 0, 127})) << i;
}

TEST(EacEncoder, FlatBlocksAreExactAndTheirIndicesAllTheSame) {
  for (Quality quality : kQualities)
    for (Format format : {Format::kEACR11Unorm, Format::kEACR11Snorm})
      for (int value = 0; value < 256; ++value) {
        Codes codes;
        codes.fill(value);
        const auto bytes = encode(block_of(codes), {.format = format, .quality = quality});
        Picture back = decode(format, bytes, 4, 4);
        const bool least = format == Format::kEACR11Snorm && value == 128;  // -128 becomes -127
        EXPECT_EQ(texel(back, 0)[0], least ? 129 : value);
        EXPECT_TRUE(std::equal(bytes.begin() + 2, bytes.begin() + 5, bytes.begin() + 5));
      }
}

TEST(EacEncoder, FiveNeighbouringCodesAreExact) {
  for (Quality quality : kQualities)
    for (Format format : {Format::kEACR11Unorm, Format::kEACR11Snorm})
      for (int low : {0, 1, 50, 72, 123, 130, 180, 185, 251}) {
        if (format == Format::kEACR11Snorm && low == 72) continue;  // levels skip a code at 73
        if (format == Format::kEACR11Snorm && low == 180) continue;
        Codes codes;
        for (int i = 0; i < 16; ++i) codes[static_cast<std::size_t>(i)] = low + i * 3 % 5;
        EXPECT_EQ(block_error(block_of(codes), format, quality), 0u) << low;
      }
}

TEST(EacEncoder, TheWholeRangeIsWithinReach) {
  for (Quality quality : kQualities)
    for (Format format : {Format::kEACR11Unorm, Format::kEACR11Snorm}) {
      Codes codes;
      for (int i = 0; i < 16; ++i) codes[static_cast<std::size_t>(i)] = i % 2 == 0 ? 127 : 129;
      if (format == Format::kEACR11Unorm)
        for (int& code : codes) code = code == 127 ? 255 : 0;
      EXPECT_EQ(block_error(block_of(codes), format, quality), 0u);
    }
}

/// The least error of any unorm block.
int least_error(const Codes& codes) {
  int least = std::numeric_limits<int>::max();
  for (const auto& table : kModifiers)
    for (int multiplier = 1; multiplier < 16; ++multiplier)
      for (int base = 0; base < 256; ++base) {
        int sum = 0;
        for (int code : codes) {
          int nearest = 255;
          for (int modifier : table)
            nearest = std::min(nearest,
                               std::abs(code - std::clamp(base + modifier * multiplier, 0, 255)));
          sum += nearest * nearest;
          if (sum >= least) break;
        }
        least = std::min(least, sum);
      }
  return least;
}

TEST(EacEncoder, HighIsCloseToTheBestThereIs) {
  std::minstd_rand random(5);
  double best = 0, high = 0;
  for (int n = 0; n < 12; ++n) {
    Codes codes;
    const int base = static_cast<int>(random() % 160);
    for (int& code : codes) code = base + static_cast<int>(random() % 60 + random() % 30);
    best += least_error(codes);
    high += block_error(block_of(codes), Format::kEACR11Unorm, Quality::kHigh);
  }
  EXPECT_LE(high, best * 1.08);
}

}  // namespace
}  // namespace forge3d
