// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

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

}  // namespace
}  // namespace forge3d
