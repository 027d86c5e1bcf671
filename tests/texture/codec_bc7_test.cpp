// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cstdlib>
#include <set>

#include "texture/codec/bc7_decoder.hpp"
#include "texture/codec/bc7_layout.hpp"
#include "texture/codec/bc7_writer.hpp"
#include "texture/codec_samples.hpp"

namespace forge3d {
namespace {

using codec::Bc7Block;
using codec::Bc7Mode;
using codec::decode_bc7;
using codec::kBc7Modes;
using codec::Rgba8Block;
using test::decode;
using test::encode;
using test::noise;
using test::Picture;
using test::psnr;
using test::waves;

/// A block put together field by field, as the specification lists them.
class Fields {
 public:
  Fields& put(unsigned value, int count) {
    for (int i = 0; i < count; ++i, ++used_)
      bytes_[used_ / 8] =
          static_cast<std::uint8_t>(bytes_[used_ / 8] | (value >> i & 1) << (used_ % 8));
    return *this;
  }
  [[nodiscard]] Rgba8Block decoded() const {
    EXPECT_EQ(used_, 128u);
    Rgba8Block out;
    decode_bc7(bytes_.data(), out);
    return out;
  }

 private:
  std::array<std::uint8_t, 16> bytes_{};
  std::size_t used_ = 0;
};

TEST(Bc7Decoder, Mode6HasSixteenWeightsFromEndToEnd) {
  Fields f;
  f.put(1 << 6, 7);
  for (int c = 0; c < 4; ++c) f.put(0, 7).put(127, 7);
  f.put(0, 1).put(1, 1).put(0, 3);
  for (unsigned i = 1; i < 16; ++i) f.put(i, 4);
  const std::array<int, 16> weights{0, 4, 9, 13, 17, 21, 26, 30, 34, 38, 43, 47, 51, 55, 60, 64};
  const Rgba8Block out = f.decoded();
  for (std::size_t i = 0; i < 64; ++i) EXPECT_EQ(out[i], (255 * weights[i / 4] + 32) / 64) << i;
}

TEST(Bc7Decoder, Mode1SplitsTheBlockAndSharesAParityBitALine) {
  Fields f;  // Partition 13: the lower half is subset 1.
  f.put(2, 2).put(13, 6);
  f.put(63, 6).put(0, 6).put(0, 6).put(0, 6);   // Red: from 63 to 0 above.
  f.put(0, 6).put(0, 6).put(32, 6).put(32, 6);  // Green: 32 below.
  f.put(0, 24);
  f.put(1, 1).put(0, 1);
  f.put(0, 2);
  for (int i = 1; i < 16; ++i) f.put(i == 1 ? 7 : 0, i == 15 ? 2 : 3);
  const Rgba8Block out = f.decoded();
  // Seven bits 1111111 are 255, 0000001 are 2, 1000000 are 129.
  EXPECT_EQ((std::array{out[0], out[1], out[2], out[3]}),
            (std::array<std::uint8_t, 4>{255, 2, 2, 255}));
  EXPECT_EQ((std::array{out[4], out[5], out[6], out[7]}),
            (std::array<std::uint8_t, 4>{2, 2, 2, 255}));
  EXPECT_EQ((std::array{out[32], out[33], out[34], out[35]}),
            (std::array<std::uint8_t, 4>{0, 129, 0, 255}));
}

TEST(Bc7Decoder, Mode5RotatesAlphaIntoAColour) {
  for (unsigned rotation = 0; rotation < 4; ++rotation) {
    Fields f;
    f.put(1 << 5, 6).put(rotation, 2);
    for (unsigned code : {127u, 64u, 0u}) f.put(code, 7).put(code, 7);
    f.put(77, 8).put(77, 8).put(0, 31).put(0, 31);
    std::array<std::uint8_t, 4> expected{255, 129, 0, 77};
    if (rotation > 0) std::swap(expected[3], expected[rotation - 1]);
    const Rgba8Block out = f.decoded();
    for (std::size_t i = 0; i < 64; ++i) EXPECT_EQ(out[i], expected[i % 4]);
  }
}

TEST(Bc7Decoder, Mode4TradesItsIndexSets) {
  for (unsigned selection = 0; selection < 2; ++selection) {
    Fields f;
    f.put(1 << 4, 5).put(0, 2).put(selection, 1);
    for (int c = 0; c < 3; ++c) f.put(0, 5).put(31, 5);
    f.put(0, 6).put(63, 6);
    f.put(0, 1);
    for (int i = 1; i < 16; ++i) f.put(1, 2);
    f.put(0, 2);
    for (int i = 1; i < 16; ++i) f.put(6, 3);
    const Rgba8Block out = f.decoded();
    const int two_bits = (255 * 21 + 32) / 64;
    const int three_bits = (255 * 55 + 32) / 64;
    EXPECT_EQ(out[60], selection == 0 ? two_bits : three_bits);
    EXPECT_EQ(out[63], selection == 0 ? three_bits : two_bits);
  }
}

TEST(Bc7Decoder, TheReservedModeIsZero) {
  std::array<std::uint8_t, 16> bytes;
  bytes.fill(0xff);
  bytes[0] = 0;
  Rgba8Block out;
  out.fill(7);
  decode_bc7(bytes.data(), out);
  EXPECT_EQ(out, Rgba8Block{});
}

TEST(Bc7Decoder, EveryPatternOfEveryModeDecodes) {
  std::minstd_rand random(11);
  std::uint64_t sum = 0;
  for (int round = 0; round < 40'000; ++round) {
    std::array<std::uint8_t, 16> bytes;
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random() >> 8);
    const int mode = round % 9;
    bytes[0] = static_cast<std::uint8_t>((bytes[0] | 1) << mode);
    Rgba8Block out;
    decode_bc7(bytes.data(), out);
    for (std::size_t i = 3; mode < 4 && i < 64; i += 4) ASSERT_EQ(out[i], 255) << "mode " << mode;
    sum += out[0];
  }
  EXPECT_GT(sum, 40'000u);
}

TEST(Bc7Layout, AnchorsLieInTheirSubsets) {
  for (int subsets : {1, 2, 3})
    for (int partition = 0; partition < codec::kPartitions; ++partition)
      for (int subset = 0; subset < subsets; ++subset) {
        const int anchor = codec::bc7_anchor(subsets, partition, subset);
        EXPECT_EQ(codec::bc7_subset(subsets, partition, anchor), subset)
            << subsets << ' ' << partition;
      }
}

/// A block with random fields, and what it must decode to.
struct Sample {
  Bc7Block block;
  Rgba8Block texels;
};

/// An end of random codes, widened as the mode has it. `parity`: of the end.
std::uint32_t random_end(const Bc7Mode& mode, std::uint32_t parity, std::minstd_rand& random) {
  std::uint32_t out = 0;
  for (int c = 0; c < 4; ++c) {
    const int bits = c < 3 ? mode.color_bits : mode.alpha_bits;
    const auto code = static_cast<int>(random() >> 7 & ((1u << bits) - 1));
    int value = 255;
    if (bits > 0)
      value = mode.parity == codec::ParityBits::kNone
                  ? codec::bc7_expand(code, bits)
                  : codec::bc7_expand(2 * code + static_cast<int>(parity), bits + 1);
    out |= static_cast<std::uint32_t>(value) << (8 * c);
  }
  return out;
}

Sample random_block(int mode_index, std::minstd_rand& random) {
  const auto pick = [&](int bits) { return static_cast<int>(random() >> 7 & ((1u << bits) - 1)); };
  const Bc7Mode& mode = kBc7Modes[mode_index];
  Sample s;
  s.block.mode = mode_index;
  s.block.partition = pick(mode.partition_bits);
  s.block.rotation = pick(mode.rotation_bits);
  s.block.color_has_second_indices = pick(mode.index_selection_bits) != 0;
  std::uint32_t parity = 0;
  for (int e = 0; e < 2 * mode.subsets; ++e) {
    if (mode.parity != codec::ParityBits::kOnePerSubset || e % 2 == 0)
      parity = static_cast<std::uint32_t>(pick(1));
    s.block.ends[e] = random_end(mode, parity, random);
  }
  int color_bits = mode.index_bits;
  int alpha_bits = mode.second_index_bits;
  if (s.block.color_has_second_indices) std::swap(color_bits, alpha_bits);
  for (int i = 0; i < 16; ++i) {
    const int color_index = pick(color_bits);
    const int alpha_index = pick(alpha_bits);
    s.block.color_index |= static_cast<std::uint64_t>(color_index) << (4 * i);
    s.block.alpha_index |= static_cast<std::uint64_t>(alpha_index) << (4 * i);
    const int subset = codec::bc7_subset(mode.subsets, s.block.partition, i);
    for (int c = 0; c < 4; ++c) {
      const int weight = c == 3 && alpha_bits > 0 ? codec::bc7_weight(alpha_index, alpha_bits)
                                                  : codec::bc7_weight(color_index, color_bits);
      const auto a = static_cast<int>(s.block.ends[2 * subset] >> (8 * c) & 255);
      const auto b = static_cast<int>(s.block.ends[2 * subset + 1] >> (8 * c) & 255);
      s.texels[4 * i + c] = static_cast<std::uint8_t>(codec::bc7_interpolate(a, b, weight));
    }
    if (s.block.rotation > 0)
      std::swap(s.texels[4 * i + 3], s.texels[4 * i + s.block.rotation - 1]);
  }
  return s;
}

TEST(Bc7Writer, EachModeDecodesToWhatWasWritten) {
  std::minstd_rand random(5);
  for (int mode = 0; mode < 8; ++mode)
    for (int round = 0; round < 1000; ++round) {
      const Sample sample = random_block(mode, random);
      std::array<std::uint8_t, 16> bytes;
      codec::write_bc7(sample.block, bytes.data());
      ASSERT_EQ(std::countr_zero(bytes[0]), mode);
      Rgba8Block out;
      decode_bc7(bytes.data(), out);
      ASSERT_EQ(out, sample.texels) << "mode " << mode << " round " << round;
    }
}

TEST(Bc7Encoder, FlatColoursComeBackExactly) {
  for (int value = 0; value < 256; ++value) {
    Picture flat(4, 4);
    const std::array<int, 4> color{value, 255 - value, (value * 7) & 255, (value * 3 + 1) & 255};
    for (std::size_t i = 0; i < 64; ++i) flat.pixels[i] = static_cast<std::uint8_t>(color[i % 4]);
    const auto blocks = encode(flat, {.format = Format::kBC7Unorm, .quality = Quality::kFast});
    ASSERT_EQ(decode(Format::kBC7Unorm, blocks, 4, 4).pixels, flat.pixels) << value;
  }
}

TEST(Bc7Encoder, OpaqueBlocksDecodeToOpaque) {
  Picture picture = noise(64, 64, 7);
  for (std::size_t i = 3; i < picture.pixels.size(); i += 4) picture.pixels[i] = 255;
  for (Quality quality : {Quality::kFast, Quality::kNormal, Quality::kHigh}) {
    const auto blocks = encode(picture, {.format = Format::kBC7Unorm, .quality = quality});
    const Picture back = decode(Format::kBC7Unorm, blocks, 64, 64);
    for (std::size_t i = 3; i < back.pixels.size(); i += 4) ASSERT_EQ(back.pixels[i], 255) << i / 4;
  }
}

TEST(Bc7Encoder, ARampOfGreysIsNearlyExact) {
  Picture picture(64, 64);
  for (std::uint32_t y = 0; y < 64; ++y)
    for (std::uint32_t x = 0; x < 64; ++x) {
      std::fill_n(picture.at(x, y), 3, static_cast<std::uint8_t>(2 * x + 2 * y));
      picture.at(x, y)[3] = 255;
    }
  const auto blocks = encode(picture, {.format = Format::kBC7Unorm, .quality = Quality::kFast});
  const Picture back = decode(Format::kBC7Unorm, blocks, 64, 64);
  for (std::size_t i = 0; i < back.pixels.size(); ++i)
    ASSERT_LE(std::abs(back.pixels[i] - picture.pixels[i]), 1) << i;
}

TEST(Bc7Encoder, AlphaThatGoesItsOwnWayIsKept) {
  const Picture picture = waves(64, 64, false);
  double last = 0;
  for (Quality quality : {Quality::kFast, Quality::kNormal, Quality::kHigh}) {
    const auto blocks = encode(picture, {.format = Format::kBC7Unorm, .quality = quality});
    const double now = psnr(picture, decode(Format::kBC7Unorm, blocks, 64, 64), 4);
    EXPECT_GT(now, last);
    last = now;
  }
  EXPECT_GT(last, 40.3);
}

/// The modes of a run of blocks.
std::set<int> modes_of(const std::vector<std::byte>& blocks) {
  std::set<int> modes;
  for (std::size_t i = 0; i < blocks.size(); i += 16)
    modes.insert(std::countr_zero(std::to_integer<std::uint8_t>(blocks[i])));
  return modes;
}

TEST(Bc7Encoder, EachModeIsUsedWhereItPays) {
  Picture opaque = noise(128, 64, 2);
  for (std::uint32_t y = 0; y < 64; ++y)
    for (std::uint32_t x = 0; x < 128; ++x) {
      for (unsigned c = 0; c < 3; ++c)
        opaque.at(x, y)[c] = static_cast<std::uint8_t>(opaque.at(x, y)[c] % (2 + x));
      opaque.at(x, y)[3] = 255;
    }
  std::set<int> modes =
      modes_of(encode(opaque, {.format = Format::kBC7Unorm, .quality = Quality::kHigh}));
  modes.merge(modes_of(
      encode(waves(64, 64, true), {.format = Format::kBC7Unorm, .quality = Quality::kHigh})));
  modes.merge(
      modes_of(encode(noise(64, 64), {.format = Format::kBC7Unorm, .quality = Quality::kHigh})));
  modes.merge(modes_of(
      encode(waves(64, 64, false), {.format = Format::kBC7Unorm, .quality = Quality::kHigh})));
  EXPECT_EQ(modes, (std::set<int>{0, 1, 2, 3, 4, 5, 6, 7}));
}

}  // namespace
}  // namespace forge3d
