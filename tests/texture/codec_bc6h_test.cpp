// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "forge3d/image.hpp"
#include "support/shared_data.hpp"
#include "texture/codec/bc6h_decoder.hpp"
#include "texture/codec/bc6h_layout.hpp"
#include "texture/codec_samples.hpp"

namespace forge3d {
namespace {

using codec::decode_bc6h;
using codec::HalfBlock;

/// A block put together field by field, as the specification lists them.
class Fields {
 public:
  Fields& put(unsigned value, int count) {
    for (int i = 0; i < count; ++i, ++used_)
      bytes_[used_ / 8] =
          static_cast<std::uint8_t>(bytes_[used_ / 8] | (value >> i & 1) << (used_ % 8));
    return *this;
  }
  [[nodiscard]] HalfBlock decoded(bool is_signed) const {
    EXPECT_EQ(used_, 128u);
    HalfBlock out;
    decode_bc6h(bytes_.data(), is_signed, out);
    return out;
  }

 private:
  std::array<std::uint8_t, 16> bytes_{};
  std::size_t used_ = 0;
};

std::array<int, 4> texel(const HalfBlock& block, std::size_t i) {
  return {block[4 * i], block[4 * i + 1], block[4 * i + 2], block[4 * i + 3]};
}

TEST(Bc6hDecoder, TenBitEndsReachTheLargestHalf) {
  Fields f;
  f.put(3, 5);
  f.put(0, 10).put(1023, 10).put(512, 10);  // The first end's R, G, B.
  f.put(1023, 10).put(0, 10).put(512, 10);
  f.put(0, 3).put(15, 4);
  for (int i = 2; i < 16; ++i) f.put(8, 4);
  const HalfBlock out = f.decoded(false);
  // 512 is ((512 << 16) + 0x8000) >> 10 = 32800, times 31 / 64; 0x7bff is 65504.
  EXPECT_EQ(texel(out, 0), (std::array{0, 0x7bff, 32800 * 31 / 64, 0x3c00}));
  EXPECT_EQ(texel(out, 1), (std::array{0x7bff, 0, 32800 * 31 / 64, 0x3c00}));
  // Index 8 weighs 34 of 64.
  EXPECT_EQ(texel(out, 2), (std::array{(65535 * 34 + 32) / 64 * 31 / 64,
                                       (65535 * 30 + 32) / 64 * 31 / 64, 32800 * 31 / 64, 0x3c00}));
}

TEST(Bc6hDecoder, SignedEndsAreMirroredAndZeroHasNoSign) {
  Fields f;
  f.put(3, 5);
  f.put(0x200, 10).put(0x201, 10).put(0x3ff, 10);  // -512, -511, -1
  f.put(0x1ff, 10).put(0x001, 10).put(0x000, 10);  // 511, 1, 0
  f.put(0, 3);
  for (int i = 1; i < 16; ++i) f.put(i == 1 ? 15 : 0, 4);
  const HalfBlock out = f.decoded(true);
  const int one = ((1 << 15) + 0x4000) >> 9;  // 96
  EXPECT_EQ(texel(out, 0), (std::array{0xfbff, 0xfbff, 0x8000 | (one * 31 >> 5), 0x3c00}));
  EXPECT_EQ(texel(out, 1), (std::array{0x7bff, one * 31 >> 5, 0, 0x3c00}));
}

TEST(Bc6hDecoder, DeltasWrapAroundAndReversedBitsAreRead) {
  Fields f;  // Mode 15: 16 bits and deltas of four.
  f.put(15, 5);
  f.put(0x3ff, 10).put(0, 10).put(5, 10);
  f.put(1, 4).put(0b111111, 6);  // Red: 0xffff + 1 wraps to 0.
  f.put(8, 4).put(0b000001, 6);  // Green: 0x8000 - 8; bit 15 comes first.
  f.put(7, 4).put(0b100000, 6);  // Blue: 0x0405 + 7; bit 10 comes last.
  f.put(0, 3);
  for (int i = 1; i < 16; ++i) f.put(15, 4);
  const HalfBlock out = f.decoded(false);
  const auto half = [](int value) { return value * 31 / 64; };
  EXPECT_EQ(texel(out, 0), (std::array{half(0xffff), half(0x8000), half(0x0405), 0x3c00}));
  EXPECT_EQ(texel(out, 1), (std::array{0, half(0x7ff8), half(0x040c), 0x3c00}));
}

TEST(Bc6hDecoder, TwoSubsetsHaveTheirOwnEnds) {
  Fields f;  // Mode 30: six bits each, no deltas; red 1 above, 62 below.
  f.put(30, 5);
  f.put(1, 6).put(0, 4).put(0, 6).put(0, 4).put(0, 6).put(0, 4);
  f.put(1, 6).put(0, 4).put(0, 6).put(0, 4).put(0, 6).put(0, 4);
  f.put(62, 6).put(62, 6);
  f.put(13, 5);  // The lower half is subset 1.
  f.put(0, 46);
  const HalfBlock out = f.decoded(false);
  const auto half = [](int code) { return (((code << 16) + 0x8000) >> 6) * 31 / 64; };
  for (std::size_t i = 0; i < 16; ++i)
    EXPECT_EQ(texel(out, i), (std::array{half(i < 8 ? 1 : 62), 0, 0, 0x3c00})) << i;
}

TEST(Bc6hDecoder, ReservedModesAreBlackAndOpaque) {
  for (unsigned prefix : {19u, 23u, 27u, 31u}) {
    Fields f;
    f.put(prefix, 5);
    for (int i = 0; i < 41; ++i) f.put(~0u, 3);
    for (bool is_signed : {false, true}) {
      const HalfBlock out = f.decoded(is_signed);
      for (std::size_t i = 0; i < 16; ++i) EXPECT_EQ(texel(out, i), (std::array{0, 0, 0, 0x3c00}));
    }
  }
}

/// Blocks of all modes, many of them with extreme ends.
std::vector<std::byte> random_blocks(std::size_t count) {
  std::minstd_rand random(11);
  std::vector<std::byte> blocks(16 * count);
  for (std::byte& byte : blocks) byte = static_cast<std::byte>(random() >> 8);
  for (std::size_t i = 0; i < count; i += 3)
    for (std::size_t k = 1; k < 9; ++k)
      blocks[16 * i + k] = static_cast<std::byte>(0 - (random() >> 9) % 2);
  return blocks;
}

TEST(Bc6hDecodeRun, GivesTheTexelsOfTheReference) {
  constexpr std::uint32_t kAcross = 64;
  const std::vector<std::byte> blocks = random_blocks(kAcross * kAcross);
  for (Format format : {Format::kBC6HUfloat, Format::kBC6HSfloat}) {
    const std::size_t row_texels = std::size_t{4} * 4 * kAcross;
    std::vector<std::uint16_t> expected(row_texels * 4 * kAcross), decoded(expected.size());
    for (std::size_t i = 0; i < kAcross * kAcross; ++i) {
      HalfBlock block;
      decode_bc6h(reinterpret_cast<const std::uint8_t*>(blocks.data()) + 16 * i,
                  format == Format::kBC6HSfloat, block);
      for (std::size_t y = 0; y < 4; ++y)
        std::copy_n(block.data() + 16 * y, 16,
                    expected.data() + (i / kAcross * 4 + y) * row_texels + i % kAcross * 16);
    }
    for (std::string_view target : simd_targets()) {
      ASSERT_TRUE(use_simd_target(target));
      const Rgba16fMutableView view{decoded.data(), 4 * kAcross, 4 * kAcross, 2 * row_texels};
      ASSERT_TRUE(decode_blocks(format, blocks, view));
      EXPECT_EQ(decoded, expected) << target;
    }
    ASSERT_TRUE(use_simd_target(simd_targets().front()));
  }
}

double value_of(std::uint16_t half) {
  const int exponent = half >> 10 & 31;
  const double size = exponent == 0 ? std::ldexp(half & 1023, -24)
                                    : std::ldexp(1024 + (half & 1023), exponent - 25);
  return half < 0x8000 ? size : -size;
}

/// The half float nearest to a number of at least 2^-14, or 0.
std::uint16_t half_of(double x) {
  const double size = std::fabs(x);
  if (size < 0x1p-14) return 0;
  const int exponent = std::ilogb(size);
  const int bits =
      ((exponent + 14) << 10) + static_cast<int>(std::lround(std::ldexp(size, 10 - exponent)));
  return static_cast<std::uint16_t>(std::min(bits, 0x7bff) | (x < 0 ? 0x8000 : 0));
}

double log_of(std::uint16_t half) {
  const double x = value_of(half);
  return std::copysign(std::log2(1 + std::fabs(x)), x);
}

/// Half floats that own their memory.
struct HdrPicture {
  std::uint32_t width, height;
  std::vector<std::uint16_t> pixels;

  HdrPicture(std::uint32_t w, std::uint32_t h)
      : width(w), height(h), pixels(std::size_t{4} * w * h) {}
  [[nodiscard]] Rgba16fView view() const {
    return {pixels.data(), width, height, std::size_t{8} * width};
  }
  void fill(std::array<std::uint16_t, 4> texel) {
    for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = texel[i % 4];
  }
};

/// Soft waves over nine octaves; a third of the texels negative where `is_signed`.
HdrPicture hdr_waves(std::uint32_t width, std::uint32_t height, bool is_signed) {
  HdrPicture out(width, height);
  for (std::uint32_t i = 0; i < out.pixels.size(); ++i) {
    const unsigned x = i / 4 % width, y = i / 4 / width, c = i % 4;
    const double wave = std::sin(0.05 * (c + 1) * x + 0.04 * (4 - c) * y);
    const double light = std::exp2(4.5 * wave + std::sin(0.9 * x + 0.7 * y));
    out.pixels[i] = half_of(is_signed ? light * wave - 0.3 : light);
  }
  return out;
}

struct Encoded {
  std::vector<std::byte> blocks;
  std::vector<std::uint32_t> errors;
  HdrPicture decoded;
};
Encoded encode_hdr(const HdrPicture& picture, Format format, Quality quality) {
  const std::size_t blocks = std::size_t{(picture.width + 3) / 4} * ((picture.height + 3) / 4);
  Encoded out{std::vector<std::byte>(16 * blocks), std::vector<std::uint32_t>(blocks),
              HdrPicture(picture.width, picture.height)};
  EXPECT_TRUE(encode_blocks({.format = format, .quality = quality}, picture.view(), out.blocks,
                            out.errors));
  EXPECT_TRUE(decode_blocks(
      format, out.blocks,
      {out.decoded.pixels.data(), picture.width, picture.height, std::size_t{8} * picture.width}));
  return out;
}

constexpr std::array kQualities = {Quality::kFast, Quality::kNormal, Quality::kHigh};
constexpr std::array kFormats = {Format::kBC6HUfloat, Format::kBC6HSfloat};

/// The squared differences of log2(1 + |x|) over R, G, B.
double squares(const HdrPicture& a, const HdrPicture& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i)
    if (i % 4 < 3) sum += std::pow(log_of(a.pixels[i]) - log_of(b.pixels[i]), 2);
  return sum;
}

TEST(Bc6hEncoder, FlatBlocksAreExact) {
  constexpr std::array<std::uint16_t, 4> kTexels{0x3c01, 0x0001, 0x7bff, 0x1234};
  for (Format format : kFormats)
    for (Quality quality : kQualities)
      for (std::size_t shift = 0; shift < 4; ++shift) {
        HdrPicture flat(4, 4);
        std::array<std::uint16_t, 4> texel{kTexels[shift], kTexels[(shift + 1) % 4],
                                           kTexels[(shift + 2) % 4], 0x3c00};
        if (format == Format::kBC6HSfloat) texel[shift % 3] |= 0x8000;
        flat.fill(texel);
        const Encoded out = encode_hdr(flat, format, quality);
        EXPECT_EQ(out.decoded.pixels, flat.pixels) << shift;
        EXPECT_EQ(out.errors[0], 0u);
      }
}

TEST(Bc6hEncoder, WhatNoBlockHoldsBecomesTheNearestThatItDoes) {
  HdrPicture odd(4, 4), expected(4, 4);
  odd.fill({0x7e00, 0x7c00, 0xfc00, 0xffff});  // NaN, infinity, minus infinity
  expected.fill({0, 0x7bff, 0, 0x3c00});
  Encoded out = encode_hdr(odd, Format::kBC6HUfloat, Quality::kNormal);
  EXPECT_EQ(out.decoded.pixels, expected.pixels);
  EXPECT_EQ(out.errors[0], 0u);
  expected.fill({0, 0x7bff, 0xfbff, 0x3c00});
  out = encode_hdr(odd, Format::kBC6HSfloat, Quality::kNormal);
  EXPECT_EQ(out.decoded.pixels, expected.pixels);
  EXPECT_EQ(out.errors[0], 0u);
}

TEST(Bc6hEncoder, AlphaIsIgnored) {
  HdrPicture picture = hdr_waves(32, 16, false);
  const Encoded opaque = encode_hdr(picture, Format::kBC6HUfloat, Quality::kNormal);
  for (std::size_t i = 3; i < picture.pixels.size(); i += 4) picture.pixels[i] = 0x7e00;
  EXPECT_EQ(encode_hdr(picture, Format::kBC6HUfloat, Quality::kNormal).blocks, opaque.blocks);
}

TEST(Bc6hEncoder, ErrorsAreThoseOfTheDecodedTexels) {
  for (Format format : kFormats)
    for (Quality quality : kQualities) {
      const HdrPicture picture = hdr_waves(4, 4 * 60, format == Format::kBC6HSfloat);
      const Encoded out = encode_hdr(picture, format, quality);
      for (std::size_t b = 0; b < 60; ++b) {
        HdrPicture block(4, 4), decoded(4, 4);
        std::copy_n(picture.pixels.data() + 64 * b, 64, block.pixels.data());
        std::copy_n(out.decoded.pixels.data() + 64 * b, 64, decoded.pixels.data());
        EXPECT_NEAR(out.errors[b], squares(block, decoded) * 65536, 0.6) << b;
      }
    }
}

TEST(Bc6hEncoder, AnyBitsGiveFiniteTexels) {
  const test::Picture bytes = test::noise(2 * 256, 64, 3);
  HdrPicture picture(256, 64);
  std::memcpy(picture.pixels.data(), bytes.pixels.data(), bytes.pixels.size());
  for (Format format : kFormats)
    for (Quality quality : kQualities) {
      const Encoded out = encode_hdr(picture, format, quality);
      EXPECT_TRUE(std::ranges::all_of(
          out.decoded.pixels, [](std::uint16_t half) { return (half & 0x7c00) != 0x7c00; }));
    }
}

TEST(Bc6hEncoder, AllTargetsGiveTheSameBytes) {
  for (Format format : kFormats)
    for (Quality quality : kQualities) {
      const HdrPicture picture = hdr_waves(150, 90, format == Format::kBC6HSfloat);
      ASSERT_TRUE(use_simd_target(simd_targets().back()));
      const Encoded expected = encode_hdr(picture, format, quality);
      for (std::string_view target : simd_targets()) {
        ASSERT_TRUE(use_simd_target(target));
        EXPECT_EQ(encode_hdr(picture, format, quality).blocks, expected.blocks) << target;
      }
    }
  ASSERT_TRUE(use_simd_target(simd_targets().front()));
}

TEST(Bc6hEncoder, MoreTimeGivesMore) {
  for (Format format : kFormats) {
    const HdrPicture picture = hdr_waves(128, 128, format == Format::kBC6HSfloat);
    std::array<double, 3> sums{};
    for (std::size_t q = 0; q < 3; ++q)
      sums[q] = squares(picture, encode_hdr(picture, format, kQualities[q]).decoded);
    EXPECT_LT(sums[1], sums[0]);
    EXPECT_LT(sums[2], sums[1]);
    EXPECT_GT(sums[2], 0);
  }
}

/// A photograph's light.
HdrPicture load_linear(const std::filesystem::path& file) {
  const auto loaded = load_image(file);
  const auto image = loaded ? to_rgba8(*loaded) : loaded;
  EXPECT_TRUE(image) << file;
  HdrPicture out(image->info.width, image->info.height);
  for (std::size_t i = 0; i < out.pixels.size(); ++i) {
    const double code = std::to_integer<int>(image->pixels[i]) / 255.0;
    out.pixels[i] = half_of(code <= 0.04045 ? code / 12.92 : std::pow((code + 0.055) / 1.055, 2.4));
  }
  return out;
}

TEST(Bc6hPhotos, QualitiesKeepTheFloors) {
  FORGE3D_REQUIRE_SHARED(folder, "data/photos");
  if (std::getenv("FORGE3D_SANITIZER") != nullptr) GTEST_SKIP() << "slow under a sanitizer";
  std::array<double, 3> psnr{};
  for (const char* name : {"kodim02.png", "kodim08.png", "kodim20.png"}) {
    const HdrPicture photo = load_linear(folder / name);
    const double samples = 3.0 * photo.width * photo.height;
    for (std::size_t q = 0; q < 3; ++q) {
      const Encoded out = encode_hdr(photo, Format::kBC6HUfloat, kQualities[q]);
      psnr[q] += 10 * std::log10(16 * 16 * samples / squares(photo, out.decoded)) / 3;
    }
  }
  EXPECT_GE(psnr[0], 64.7);
  EXPECT_GE(psnr[1], 67.8);
  EXPECT_GE(psnr[2], 68.0);
}

}  // namespace
}  // namespace forge3d
