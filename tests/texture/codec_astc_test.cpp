// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "texture/codec_samples.hpp"

namespace forge3d {
namespace {

using test::decode;
using test::Picture;

using Block = std::array<std::uint8_t, 16>;
using Texel = std::array<std::uint8_t, 4>;

constexpr Texel kMagenta{255, 0, 255, 255};

/// Writes fields of a block, from its bit 0 up or (for weights) from its bit 127 down.
class BlockWriter {
 public:
  BlockWriter& put(unsigned bits, unsigned value) {
    for (unsigned i = 0; i < bits; ++i) set(low_++, value >> i & 1);
    return *this;
  }
  BlockWriter& skip_to(unsigned bit) {
    low_ = bit;
    return *this;
  }
  BlockWriter& put_weight(unsigned bits, unsigned value) {
    for (unsigned i = 0; i < bits; ++i) set(--high_, value >> i & 1);
    return *this;
  }
  [[nodiscard]] const Block& block() const { return block_; }

 private:
  void set(unsigned bit, unsigned value) {
    block_[bit / 8] = static_cast<std::uint8_t>(block_[bit / 8] | value << bit % 8);
  }

  Block block_{};
  unsigned low_ = 0;
  unsigned high_ = 128;
};

std::vector<std::byte> bytes_of(const Block& block) {
  std::vector<std::byte> out;
  for (std::uint8_t b : block) out.push_back(static_cast<std::byte>(b));
  return out;
}

Picture decode_block(const Block& block, Format format = Format::kASTC4x4Unorm) {
  const FormatInfo& info = *format_info(format);
  return decode(format, bytes_of(block), info.block_width, info.block_height);
}

Texel texel_of(Picture picture, std::uint32_t x, std::uint32_t y) {
  const std::uint8_t* at = picture.at(x, y);
  return {at[0], at[1], at[2], at[3]};
}

std::vector<std::uint16_t> decode_half(const Block& block, Format format) {
  const FormatInfo& info = *format_info(format);
  const std::uint32_t width = info.block_width, height = info.block_height;
  std::vector<std::uint16_t> out(std::size_t{4} * width * height);
  EXPECT_TRUE(decode_blocks(format, bytes_of(block),
                            Rgba16fMutableView{out.data(), width, height, std::size_t{8} * width}));
  return out;
}

/// A constant block without an extent. Channels are 16-bit numbers.
Block constant_block(bool hdr, std::array<unsigned, 4> color) {
  BlockWriter writer;
  writer.put(9, 0x1fc).put(1, hdr ? 1 : 0).put(2, 3);
  for (int i = 0; i < 4; ++i) writer.put(13, 0x1fff);
  for (unsigned c : color) writer.put(16, c);
  return writer.block();
}

/// Mode of a 4 x 4 grid of weights: B = 0, A = 2 and the range's three bits.
constexpr unsigned grid_4x4(unsigned r, bool high) {
  return r >> 1 | (r & 1) << 4 | 2u << 5 | (high ? 1u << 9 : 0);
}
constexpr unsigned kRange8 = 7;   // 8 levels of weight, without the high bit.
constexpr unsigned kRange16 = 4;  // 16 levels, with it.

TEST(AstcDecoder, ConstantBlocksAreTheUpperEightBits) {
  const Block block = constant_block(false, {0x12ff, 0x8000, 0xffff, 0x7f00});
  EXPECT_EQ(texel_of(decode_block(block), 3, 3), (Texel{0x12, 0x80, 0xff, 0x7f}));
  EXPECT_EQ(texel_of(decode_block(block, Format::kASTC12x12Srgb), 11, 11),
            (Texel{0x12, 0x80, 0xff, 0x7f}));
}

TEST(AstcDecoder, ConstantBlocksOfHalfFloats) {
  const Block hdr = constant_block(true, {0x3c00, 0x4000, 0x0001, 0x3800});
  EXPECT_EQ(texel_of(decode_block(hdr), 0, 0), kMagenta);
  const auto texels = decode_half(hdr, Format::kASTC8x8Sfloat);
  EXPECT_EQ(texels[0], 0x3c00);
  EXPECT_EQ(texels[4 * 63 + 1], 0x4000);
  EXPECT_EQ(texels[2], 1);
  const auto fractions =
      decode_half(constant_block(false, {0xffff, 0x8000, 2, 0}), Format::kASTC4x4Sfloat);
  EXPECT_EQ(fractions[0], 0x3c00);
  EXPECT_EQ(fractions[1], 0x3800);
  EXPECT_EQ(fractions[2], 0x0200);  // 2 / 65536 = 512 * 2^-24
  EXPECT_EQ(fractions[3], 0);
}

TEST(AstcDecoder, ForbiddenBlocksAreMagenta) {
  std::vector<Block> blocks;
  blocks.push_back(Block{});                               // a reserved mode
  blocks.push_back(BlockWriter().put(11, 0x1e0).block());  // another
  Block extent = constant_block(false, {1, 2, 3, 4});
  extent[1] = static_cast<std::uint8_t>(extent[1] & ~0x08);  // a reserved bit of 2D blocks
  blocks.push_back(extent);
  extent = constant_block(false, {1, 2, 3, 4});
  extent[2] = 0x10;  // an extent whose lower end is not below its upper one
  extent[3] = extent[2];
  extent[4] = 0;
  blocks.push_back(extent);
  // 4 x 4 weights of two planes and four partitions.
  blocks.push_back(BlockWriter().put(11, grid_4x4(2, false) | 1u << 10).put(2, 3).block());
  // A grid of 6 x 2 in a block of 4 x 4 texels.
  blocks.push_back(BlockWriter().put(11, 1u | 2u << 7 | 1u << 9).block());
  // Three partitions of RGBA: 24 numbers.
  blocks.push_back(
      BlockWriter().put(11, grid_4x4(2, false)).put(2, 2).put(10, 5).put(2, 0).put(4, 12).block());
  // Four partitions of RGB, 24 weights of 3 bits: no bits left for 24 numbers.
  blocks.push_back(BlockWriter()
                       .put(11, grid_4x4(kRange8, false))
                       .put(2, 3)
                       .put(10, 5)
                       .put(2, 0)
                       .put(4, 8)
                       .block());
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    EXPECT_EQ(texel_of(decode_block(blocks[i]), 1, 2), kMagenta) << i;
    EXPECT_EQ(texel_of(decode_block(blocks[i], Format::kASTC4x4Srgb), 3, 0), kMagenta) << i;
    EXPECT_EQ(decode_half(blocks[i], Format::kASTC4x4Sfloat)[5], 0xffff) << i;
  }
}

/// One partition, 4 x 4 weights of 3 bits, 63 bits of colour: 8-bit numbers.
Block direct_block(unsigned end_mode, const std::vector<unsigned>& values) {
  BlockWriter writer;
  writer.put(11, grid_4x4(kRange8, false)).put(2, 0).put(4, end_mode);
  for (unsigned v : values) writer.put(8, v);
  for (unsigned i = 0; i < 16; ++i) writer.put_weight(3, i % 8);
  return writer.block();
}

TEST(AstcDecoder, DirectColoursByHand) {
  const Block block = direct_block(8, {10, 200, 20, 100, 30, 255});
  // Weights 0, 9, 18, 27, 37, 46, 55, 64: the first row is 0 .. 27.
  const Picture unorm = decode_block(block);
  EXPECT_EQ(texel_of(unorm, 0, 0), (Texel{10, 20, 30, 255}));
  EXPECT_EQ(texel_of(unorm, 3, 1), (Texel{200, 100, 255, 255}));
  // (257 * (10 * 37 + 200 * 27) + 32) >> 14 = 90, ...
  EXPECT_EQ(texel_of(unorm, 3, 0), (Texel{90, 53, 125, 255}));
  // (10 * 37 + 200 * 27 + 32) >> 6 = 90, ...
  EXPECT_EQ(texel_of(decode_block(block, Format::kASTC4x4Srgb), 3, 0), (Texel{90, 54, 125, 255}));
}

TEST(AstcDecoder, ALargerFirstEndMeansBlueContraction) {
  const Picture p = decode_block(direct_block(8, {200, 10, 100, 20, 40, 30}));
  EXPECT_EQ(texel_of(p, 0, 0), (Texel{20, 25, 30, 255}));
  EXPECT_EQ(texel_of(p, 3, 1), (Texel{120, 70, 40, 255}));
}

TEST(AstcDecoder, OtherEndModesByHand) {
  const auto ends = [](unsigned mode, const std::vector<unsigned>& values) {
    const Picture p = decode_block(direct_block(mode, values));
    return std::array{texel_of(p, 0, 0), texel_of(p, 3, 1)};
  };
  EXPECT_EQ(ends(0, {50, 7}), (std::array{Texel{50, 50, 50, 255}, Texel{7, 7, 7, 255}}));
  EXPECT_EQ(ends(1, {0x83, 0x45}), (std::array{Texel{96, 96, 96, 255}, Texel{101, 101, 101, 255}}));
  EXPECT_EQ(ends(4, {50, 7, 9, 200}), (std::array{Texel{50, 50, 50, 9}, Texel{7, 7, 7, 200}}));
  EXPECT_EQ(ends(6, {200, 100, 50, 128}),
            (std::array{Texel{100, 50, 25, 255}, Texel{200, 100, 50, 255}}));
  // Base 100 with the offset's top bit as its own; offsets 5, 5, -3.
  EXPECT_EQ(ends(9, {200, 10, 200, 10, 200, 0x7a}),
            (std::array{Texel{100, 100, 100, 255}, Texel{105, 105, 97, 255}}));
  // HDR ends have no place among 8-bit codes.
  EXPECT_EQ(ends(2, {50, 7}), (std::array{kMagenta, kMagenta}));
  EXPECT_EQ(ends(11, {1, 2, 3, 4, 5, 6}), (std::array{kMagenta, kMagenta}));
}

TEST(AstcDecoder, HdrLuminanceByHand) {
  // Ends 100 << 8 and 200 << 8, a first weight of 0: m = 0, e = 12; alpha is 1.
  const auto texels = decode_half(direct_block(2, {96, 200}), Format::kASTC4x4Sfloat);
  EXPECT_EQ(texels[0], 12 << 10);
  EXPECT_EQ(texels[3], 0x3c00);
}

constexpr std::array kEncoded{Format::kASTC4x4Unorm, Format::kASTC4x4Srgb, Format::kASTC6x6Unorm,
                              Format::kASTC6x6Srgb};
constexpr std::array kQualities{Quality::kFast, Quality::kNormal, Quality::kHigh};

/// The picture encoded and decoded again.
Picture round_trip(const Picture& picture, Format format, Quality quality) {
  const auto blocks = test::encode(picture, {.format = format, .quality = quality});
  return decode(format, blocks, picture.width, picture.height);
}

TEST(AstcEncoder, FlatBlocksComeBackExactly) {
  Picture picture(12 * 16, 12 * 16);
  for (std::uint32_t y = 0; y < picture.height; ++y)
    for (std::uint32_t x = 0; x < picture.width; ++x) {
      const std::uint32_t block = y / 12 * 16 + x / 12;
      const Texel texel{static_cast<std::uint8_t>(block), static_cast<std::uint8_t>(255 - block),
                        static_cast<std::uint8_t>(block * 7), static_cast<std::uint8_t>(block * 3)};
      std::ranges::copy(texel, picture.at(x, y));
    }
  for (Format format : kEncoded)
    EXPECT_EQ(round_trip(picture, format, Quality::kFast).pixels, picture.pixels);
}

TEST(AstcEncoder, OpaqueBlocksDecodeToOpaque) {
  const Picture picture = test::waves(96, 48, true);
  for (Format format : kEncoded)
    for (Quality quality : kQualities) {
      const Picture decoded = round_trip(picture, format, quality);
      for (std::size_t i = 3; i < decoded.pixels.size(); i += 4)
        ASSERT_EQ(decoded.pixels[i], 255) << i;
    }
}

TEST(AstcEncoder, TwoColoursComeBackNearly) {
  // The ends of one line: black and white, and colours whose order the block has to turn around.
  for (const auto& [a, b] : {std::pair{Texel{0, 0, 0, 255}, Texel{255, 255, 255, 255}},
                             std::pair{Texel{250, 240, 10, 255}, Texel{10, 20, 200, 255}},
                             std::pair{Texel{255, 0, 0, 0}, Texel{0, 255, 255, 255}}}) {
    Picture picture(48, 48);
    for (std::uint32_t y = 0; y < picture.height; ++y)
      for (std::uint32_t x = 0; x < picture.width; ++x)
        std::ranges::copy((x ^ y) % 2 != 0 ? a : b, picture.at(x, y));
    for (Quality quality : kQualities) {
      EXPECT_GE(test::psnr(picture, round_trip(picture, Format::kASTC4x4Unorm, quality), 4), 46.0);
      EXPECT_GE(test::psnr(picture, round_trip(picture, Format::kASTC6x6Unorm, quality), 4), 37.0);
    }
  }
}

TEST(AstcEncoder, TransparencyIsKept) {
  const Picture picture = test::waves(96, 96, false);
  EXPECT_GE(test::psnr(picture, round_trip(picture, Format::kASTC4x4Srgb, Quality::kNormal), 4),
            38.0);
  EXPECT_GE(test::psnr(picture, round_trip(picture, Format::kASTC6x6Unorm, Quality::kNormal), 4),
            34.0);
}

TEST(AstcEncoder, HighQualityIsBetterThanFast) {
  for (const Picture& picture : {test::waves(96, 48, true), test::noise(48, 48)})
    for (Format format : kEncoded)
      EXPECT_GT(test::psnr(picture, round_trip(picture, format, Quality::kHigh), 4),
                test::psnr(picture, round_trip(picture, format, Quality::kFast), 4) + 0.05);
}

}  // namespace
}  // namespace forge3d
