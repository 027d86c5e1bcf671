// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <random>
#include <set>

#include "forge3d/basis.hpp"
#include "forge3d/image.hpp"
#include "support/shared_data.hpp"
#include "texture/basis/uastc_block.hpp"
#include "texture/basis/uastc_encoder.hpp"
#include "texture/basis/uastc_transcoder.hpp"
#include "texture/codec/astc_layout.hpp"
#include "texture/ktx2_samples.hpp"

namespace forge3d {
namespace {

using basis::kUastcModeTable;
using basis::UastcRun;

using Bytes = std::vector<std::uint8_t>;

constexpr std::array<std::uint8_t, 4> kMagenta{255, 0, 255, 255};

/// Random blocks of one mode, with patterns that there are.
Bytes random_blocks(std::size_t mode_index, std::size_t count, std::uint32_t seed) {
  const basis::UastcMode& mode = kUastcModeTable[mode_index];
  const int at = basis::uastc_offsets(mode).pattern;
  std::mt19937 random(seed);
  Bytes out(16 * count);
  for (std::size_t b = 0; b < count; ++b) {
    codec::AstcBits bits{random() | std::uint64_t{random()} << 32,
                         random() | std::uint64_t{random()} << 32};
    bits.low = bits.low >> mode.code_bits << mode.code_bits | mode.code;
    if (mode.subsets > 1) {
      const unsigned patterns = mode_index == 3 ? 11 : mode_index == 7 ? 19 : 30;
      const std::uint64_t field = ((std::uint64_t{1} << mode.pattern_bits) - 1) << at;
      bits.low = (bits.low & ~field) | std::uint64_t{random() % patterns} << at;
    }
    codec::store_astc_bits(bits, out.data() + 16 * b);
  }
  return out;
}

/// Transcodes blocks as one row; RGBA8 comes as four rows of texels.
Bytes transcode(const Bytes& blocks, Format target, UastcChannels channels = UastcChannels::kRgba) {
  const std::size_t count = blocks.size() / 16;
  Bytes out(count * basis::uastc_target_block_bytes(target));
  basis::transcode_uastc_run({.blocks = blocks.data(),
                              .count = count,
                              .channels = channels,
                              .target = target,
                              .out = out.data(),
                              .row_bytes = 16 * count});
  return out;
}

/// Decodes a row of blocks of another format.
Bytes decode_row(Format format, const Bytes& blocks) {
  const auto width =
      static_cast<std::uint32_t>(blocks.size() / format_info(format)->block_bytes * 4);
  Bytes out(std::size_t{16} * width);
  EXPECT_TRUE(decode_blocks(format, std::as_bytes(std::span(blocks)),
                            {out.data(), width, 4, std::size_t{4} * width}));
  return out;
}

std::array<std::uint8_t, 4> texel(const Bytes& rows, std::size_t x, std::size_t y) {
  std::array<std::uint8_t, 4> out{};
  std::copy_n(rows.data() + y * rows.size() / 4 + 4 * x, 4, out.data());
  return out;
}

int largest_difference(const Bytes& a, const Bytes& b) {
  int largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

template <std::size_t kCount>
void expect_partitions_of_astc(const std::array<basis::UastcPattern, kCount>& patterns, int mode) {
  for (std::size_t p = 0; p < kCount; ++p)
    for (int i = 0; i < 16; ++i)
      EXPECT_EQ(basis::uastc_shapes(mode)[p].subset[static_cast<std::size_t>(i)],
                codec::astc_partition(patterns[p].seed,
                                      kUastcModeTable[static_cast<std::size_t>(mode)].subsets,
                                      i % 4, i / 4, true))
          << "mode " << mode << ", pattern " << p << ", texel " << i;
}

TEST(Uastc, PatternsAreThoseOfBothFormats) {
  expect_partitions_of_astc(basis::kUastcPatternsOfTwo, 2);
  expect_partitions_of_astc(basis::kUastcPatternsOfThree, 3);
  expect_partitions_of_astc(basis::kUastcPatternsOfTwoInThree, 7);
}

TEST(Uastc, AnchorsAreThoseOfTheSpecification) {
  using Anchors = std::array<std::uint8_t, 3>;
  // Tables "anchor indices" of the specification, sorted: patterns 4 and 11 of mode 2, 0, 7 and 10
  // of mode 3, 4 and 16 of mode 7.
  EXPECT_EQ(basis::kUastcShapesOfTwo[4].anchor, (Anchors{0, 7, 0}));
  EXPECT_EQ(basis::kUastcShapesOfTwo[11].anchor, (Anchors{0, 11, 0}));
  EXPECT_EQ(basis::kUastcShapesOfThree[0].anchor, (Anchors{0, 8, 10}));
  EXPECT_EQ(basis::kUastcShapesOfThree[7].anchor, (Anchors{0, 1, 9}));
  EXPECT_EQ(basis::kUastcShapesOfThree[10].anchor, (Anchors{0, 2, 6}));
  EXPECT_EQ(basis::kUastcShapesOfTwoInThree[4].anchor, (Anchors{0, 8, 0}));
  EXPECT_EQ(basis::kUastcShapesOfTwoInThree[16].anchor, (Anchors{0, 9, 0}));
}

TEST(Uastc, AFlatBlockIsItsColorEverywhere) {
  // Mode bits 10111, then R G B A = 0x12 0x34 0x56 0x78.
  codec::AstcBits bits{0x17, 0};
  bits.put(5, 32, 0x78563412);
  Bytes block(16);
  codec::store_astc_bits(bits, block.data());
  for (const Format target : {Format::kRGBA8Unorm, Format::kBC7Unorm, Format::kASTC4x4Unorm}) {
    Bytes texels = transcode(block, target);
    if (target != Format::kRGBA8Unorm) texels = decode_row(target, texels);
    for (std::size_t i = 0; i < 16; ++i)
      EXPECT_EQ(texel(texels, i % 4, i / 4), (std::array<std::uint8_t, 4>{0x12, 0x34, 0x56, 0x78}));
  }
}

/// Mode 1: codes of 8 bits, weights of 2, of which the first has its upper bit left out.
TEST(Uastc, AnInterpolatedBlockIsReadFieldByField) {
  codec::AstcBits bits{0x35, 0};
  const std::array<std::uint8_t, 6> ends{10, 250, 200, 20, 0, 255};  // RL RH GL GH BL BH
  for (unsigned i = 0; i < 6; ++i) bits.put(21 + 8 * i, 8, ends[i]);
  bits.put(69, 1, 1);  // texel 0: 1
  for (unsigned i = 1; i < 16; ++i) bits.put(68 + 2 * i, 2, i % 4);
  Bytes block(16);
  codec::store_astc_bits(bits, block.data());
  const Bytes texels = transcode(block, Format::kRGBA8Unorm);
  constexpr std::array<int, 4> kWeight{0, 21, 43, 64};
  for (unsigned i = 0; i < 16; ++i) {
    const int w = kWeight[i == 0 ? 1 : i % 4];
    const auto expected = [&](int a, int b) {
      return static_cast<std::uint8_t>((a * 257 * (64 - w) + b * 257 * w + 32) >> 14);
    };
    EXPECT_EQ(
        texel(texels, i % 4, i / 4),
        (std::array<std::uint8_t, 4>{expected(10, 250), expected(200, 20), expected(0, 255), 255}))
        << "texel " << i;
  }
}

TEST(Uastc, AstcIsTheSameTexels) {
  for (std::size_t mode = 0; mode < kUastcModeTable.size(); ++mode) {
    const Bytes blocks = random_blocks(mode, 500, 7);
    EXPECT_EQ(decode_row(Format::kASTC4x4Unorm, transcode(blocks, Format::kASTC4x4Unorm)),
              transcode(blocks, Format::kRGBA8Unorm))
        << "mode " << mode;
  }
}

TEST(Uastc, Bc7IsNearlyTheSameTexels) {
  // 5 where weights of four bits differ by a 64th between the formats or ends have five bits, also
  // with a parity shared by the channels; 3 for shared parities of finer ends; 9 where weights lose
  // a bit.
  constexpr std::array<int, 19> kBound{5, 2, 3, 5, 2, 5, 2, 5, 0, 5, 5, 2, 5, 2, 2, 5, 5, 2, 9};
  for (std::size_t mode = 0; mode < kUastcModeTable.size(); ++mode) {
    const Bytes blocks = random_blocks(mode, 500, 11);
    EXPECT_LE(
        largest_difference(decode_row(Format::kBC7Unorm, transcode(blocks, Format::kBC7Unorm)),
                           transcode(blocks, Format::kRGBA8Unorm)),
        kBound[mode])
        << "mode " << mode;
  }
}

TEST(Uastc, ForbiddenBlocksAreMagentaInEveryFormat) {
  Bytes blocks;
  const auto add = [&](std::uint64_t low) {
    Bytes block(16);
    codec::store_astc_bits({low, 0}, block.data());
    blocks.insert(blocks.end(), block.begin(), block.end());
  };
  add(0x45);                            // the reserved mode
  add(0x1d | std::uint64_t{30} << 20);  // mode 2: patterns 30 and 31
  add(0x1d | std::uint64_t{31} << 20);
  add(0x03 | std::uint64_t{11} << 20);  // mode 3
  add(0x07 | std::uint64_t{19} << 20);  // mode 7
  for (const Format target : {Format::kRGBA8Unorm, Format::kBC7Unorm, Format::kASTC4x4Unorm}) {
    Bytes texels = transcode(blocks, target);
    if (target != Format::kRGBA8Unorm) texels = decode_row(target, texels);
    for (std::size_t x = 0; x < texels.size() / 16; ++x) EXPECT_EQ(texel(texels, x, 1), kMagenta);
  }
}

TEST(Uastc, RedAndRedGreenFilesHaveTheirChannels) {
  const Bytes blocks = random_blocks(17, 20, 3);  // luminance and alpha in planes of their own
  const Bytes plain = transcode(blocks, Format::kRGBA8Unorm);
  const Bytes red = transcode(blocks, Format::kRGBA8Unorm, UastcChannels::kRed);
  const Bytes both = transcode(blocks, Format::kRGBA8Unorm, UastcChannels::kRedGreen);
  for (std::size_t i = 0; i < plain.size(); i += 4) {
    EXPECT_EQ(red[i], plain[i]);
    EXPECT_EQ(red[i + 1], 0);
    EXPECT_EQ(both[i + 1], plain[i + 3]);
    EXPECT_EQ(both[i + 2], 0);
    EXPECT_EQ(both[i + 3], 255);
  }
  EXPECT_LE(largest_difference(decode_row(Format::kBC5Unorm, transcode(blocks, Format::kBC5Unorm,
                                                                       UastcChannels::kRedGreen)),
                               both),
            24);
}

/// Some blocks of all modes and some of any bytes.
Bytes all_kinds_of_blocks() {
  Bytes out;
  for (std::size_t mode = 0; mode < kUastcModeTable.size(); ++mode) {
    const Bytes blocks = random_blocks(mode, 40, 5);
    out.insert(out.end(), blocks.begin(), blocks.end());
  }
  std::mt19937 random(9);
  for (int i = 0; i < 16 * 200; ++i) out.push_back(static_cast<std::uint8_t>(random()));
  return out;
}

constexpr std::array kTargets{Format::kRGBA8Unorm,   Format::kBC1RgbUnorm, Format::kBC4Unorm,
                              Format::kBC5Unorm,     Format::kBC7Unorm,    Format::kASTC4x4Unorm,
                              Format::kETC2RgbUnorm, Format::kEACRG11Unorm};

TEST(Uastc, EveryInstructionSetGivesTheSameBytes) {
  const Bytes blocks = all_kinds_of_blocks();
  for (const Format target : kTargets) {
    ASSERT_TRUE(can_transcode_uastc(target));
    ASSERT_TRUE(use_simd_target("scalar"));
    const Bytes expected = transcode(blocks, target);
    for (const std::string_view name : simd_targets()) {
      ASSERT_TRUE(use_simd_target(name));
      EXPECT_EQ(transcode(blocks, target), expected) << format_info(target)->name << ", " << name;
    }
    ASSERT_TRUE(use_simd_target(simd_targets().front()));
  }
}

TEST(Uastc, ARunMayBeCutAnywhere) {
  const Bytes blocks = all_kinds_of_blocks();
  for (const Format target : kTargets) {
    if (target == Format::kRGBA8Unorm) continue;
    const Bytes whole = transcode(blocks, target);
    const std::size_t cut = 16 * 77;
    Bytes parts = transcode({blocks.begin(), blocks.begin() + cut}, target);
    const Bytes rest = transcode({blocks.begin() + cut, blocks.end()}, target);
    parts.insert(parts.end(), rest.begin(), rest.end());
    EXPECT_EQ(parts, whole) << format_info(target)->name;
  }
}

TEST(Uastc, OnlyFormatsOfEightBitsAndFourByFourTexelsAreTargets) {
  EXPECT_FALSE(can_transcode_uastc(Format::kBC6HUfloat));
  EXPECT_FALSE(can_transcode_uastc(Format::kASTC6x6Unorm));
  EXPECT_FALSE(can_transcode_uastc(Format::kR8Unorm));
  EXPECT_FALSE(can_transcode_uastc(Format::kUndefined));
  EXPECT_EQ(basis::uastc_target_block_bytes(Format::kBC1RgbUnorm), 8u);
  EXPECT_EQ(basis::uastc_target_block_bytes(Format::kRGBA8Srgb), 64u);
}

/// A picture with smooth parts, edges, alpha and gray, of a size that is no multiple of four.
Bytes make_picture(std::uint32_t width, std::uint32_t height) {
  Bytes out;
  std::mt19937 random(21);
  for (std::uint32_t y = 0; y < height; ++y)
    for (std::uint32_t x = 0; x < width; ++x) {
      const auto noise = static_cast<std::uint32_t>(random() % 16);
      const bool gray = x >= width / 2;
      const bool flat = x < 8 && y < 8;
      const std::uint32_t value = flat ? 77 : 3 * x + y + noise;
      out.push_back(static_cast<std::uint8_t>(value));
      out.push_back(static_cast<std::uint8_t>(gray || flat ? value : 255 - 2 * x + noise));
      out.push_back(static_cast<std::uint8_t>(gray || flat ? value : (x / 5 % 2) * 90 + y));
      out.push_back(static_cast<std::uint8_t>(y < height / 2 || flat ? 255 : 4 * y + noise));
    }
  return out;
}
Rgba8View view_of(const Bytes& picture, std::uint32_t width) {
  return {picture.data(), width, static_cast<std::uint32_t>(picture.size() / 4 / width),
          std::size_t{4} * width};
}

constexpr std::array kQualities{Quality::kFast, Quality::kNormal, Quality::kHigh};

TEST(UastcEncoder, ErrorsAreThoseThatDecodingFinds) {
  const Bytes picture = make_picture(64, 32);
  for (const Quality quality : kQualities)
    for (std::size_t y = 0; y < 32; y += 4) {
      const std::uint8_t* texels = picture.data() + y * 256;
      Bytes blocks(16 * 16);
      std::array<std::uint32_t, 16> errors{};
      basis::encode_uastc_run(
          {texels, 256, 16, Format::kRGBA8Unorm, quality, blocks.data(), errors.data()});
      const Bytes decoded = transcode(blocks, Format::kRGBA8Unorm);
      std::array<std::uint32_t, 16> expected{};
      for (std::size_t i = 0; i < decoded.size(); ++i) {
        const int difference = decoded[i] - texels[i];
        expected[i % 256 / 16] += static_cast<std::uint32_t>(difference * difference);
      }
      EXPECT_EQ(errors, expected) << to_string(quality) << ", row " << y;
    }
}

TEST(UastcEncoder, EveryInstructionSetAndThreadCountGivesTheSameBytes) {
  const Bytes picture = make_picture(67, 35);
  for (const Quality quality : kQualities) {
    ASSERT_TRUE(use_simd_target("scalar"));
    const auto expected = encode_uastc({quality, 1}, view_of(picture, 67));
    ASSERT_TRUE(expected);
    EXPECT_EQ(expected->size(), 17u * 9 * 16);
    for (const std::string_view name : simd_targets()) {
      ASSERT_TRUE(use_simd_target(name));
      EXPECT_EQ(encode_uastc({quality, 3}, view_of(picture, 67)).value(), *expected) << name;
    }
  }
  ASSERT_TRUE(use_simd_target(simd_targets().front()));
}

double psnr(const Bytes& a, std::span<const std::byte> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double difference = a[i] - std::to_integer<int>(b[i]);
    sum += difference * difference;
  }
  return 10 * std::log10(255.0 * 255.0 * static_cast<double>(a.size()) / sum);
}

/// Encodes and transcodes an image, and decodes that.
std::vector<std::byte> round_trip(const Bytes& picture, std::uint32_t width, Quality quality,
                                  TranscodeUastcDesc desc) {
  const Rgba8View view = view_of(picture, width);
  const auto blocks = encode_uastc({quality, 1}, view);
  EXPECT_TRUE(blocks);
  desc.width = width;
  desc.height = view.height;
  std::vector<std::byte> out(image_bytes(desc.target, width, view.height).value());
  EXPECT_TRUE(transcode_uastc(desc, *blocks, out));
  std::vector<std::byte> texels(picture.size());
  EXPECT_TRUE(decode_blocks(desc.target, out,
                            {reinterpret_cast<std::uint8_t*>(texels.data()), width, view.height,
                             std::size_t{4} * width}));
  return texels;
}

TEST(UastcEncoder, MoreTimeGivesMore) {
  const Bytes picture = make_picture(130, 62);
  const TranscodeUastcDesc plain{.target = Format::kRGBA8Unorm};
  const double fast = psnr(picture, round_trip(picture, 130, Quality::kFast, plain));
  const double normal = psnr(picture, round_trip(picture, 130, Quality::kNormal, plain));
  const double high = psnr(picture, round_trip(picture, 130, Quality::kHigh, plain));
  EXPECT_GT(fast, 38);
  EXPECT_GT(normal, fast);
  EXPECT_GT(high, normal);
}

TEST(UastcEncoder, PhotographsKeepTheFloors) {
  FORGE3D_REQUIRE_SHARED(folder, "data/photos");
  if (std::getenv("FORGE3D_SANITIZER") != nullptr)
    GTEST_SKIP() << "whole photographs take minutes under a sanitizer";
  double fast = 0, normal = 0;
  int photos = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".png") continue;
    const auto loaded = load_image(entry.path());
    ASSERT_TRUE(loaded) << entry.path();
    const Image image = to_rgba8(*loaded).value();
    const std::uint32_t width = image.info.width, height = image.info.height;
    const Rgba8View view{reinterpret_cast<const std::uint8_t*>(image.pixels.data()), width, height,
                         std::size_t{4} * width};
    for (double* sum : {&fast, &normal}) {
      const Quality quality = sum == &fast ? Quality::kFast : Quality::kNormal;
      const auto blocks = encode_uastc({quality, 0}, view);
      ASSERT_TRUE(blocks);
      std::vector<std::byte> texels(image.pixels.size());
      ASSERT_TRUE(transcode_uastc({.width = width, .height = height, .target = Format::kRGBA8Unorm},
                                  *blocks, texels));
      double squares = 0;  // alpha is 255 on both sides
      for (std::size_t i = 0; i < texels.size(); ++i) {
        const int difference =
            std::to_integer<int>(texels[i]) - std::to_integer<int>(image.pixels[i]);
        squares += difference * difference;
      }
      *sum += 10 * std::log10(255.0 * 255.0 * 3 * width * height / squares);
    }
    ++photos;
  }
  ASSERT_EQ(photos, 12);
  EXPECT_GE(fast / photos, 43.2);
  EXPECT_GE(normal / photos, 43.8);
}

TEST(UastcEncoder, EveryTargetIsNearThePicture) {
  const Bytes picture = make_picture(61, 30);
  const Quality quality = Quality::kNormal;
  const auto of = [&](TranscodeUastcDesc desc) {
    return psnr(picture, round_trip(picture, 61, quality, desc));
  };
  const double plain = of({.target = Format::kRGBA8Unorm});
  EXPECT_DOUBLE_EQ(of({.target = Format::kASTC4x4Unorm}), plain);
  EXPECT_GT(of({.target = Format::kBC7Unorm}), plain - 2);
  EXPECT_GT(of({.target = Format::kBC3Unorm}), 30);
  EXPECT_GT(of({.target = Format::kETC2RgbaUnorm}), 25);
}

TEST(UastcEncoder, HintsLeadToTheEtcBlocksOfTheFastEncoder) {
  const Bytes picture = make_picture(64, 32);
  const auto blocks = encode_uastc({Quality::kFast, 1}, view_of(picture, 64));
  ASSERT_TRUE(blocks);
  std::vector<std::byte> etc1(64 * 32 / 2);
  ASSERT_TRUE(transcode_uastc(
      {.width = 64, .height = 32, .target = Format::kETC2RgbUnorm, .etc1_only = true}, *blocks,
      etc1));
  int same = 0, all = 0, with_alpha = 0;
  for (std::size_t b = 0; b < blocks->size() / 16; ++b) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(blocks->data()) + 16 * b;
    basis::UastcBlock block;
    basis::unpack_uastc_block(bytes, block);
    ASSERT_LT(block.mode, basis::kUastcModes);
    const basis::UastcHints hints = basis::read_uastc_hints(bytes, block.mode);
    if (block.mode == basis::kUastcFlat) continue;
    const auto control = std::to_integer<unsigned>(etc1[8 * b + 3]);
    same +=
        hints.flip == ((control & 1) != 0) && hints.differential == ((control & 2) != 0) ? 1 : 0;
    ++all;
    EXPECT_GE(hints.etc2_multiplier, 1);
    with_alpha += hints.etc2_table != 13 || hints.etc2_multiplier != 1 ? 1 : 0;
  }
  EXPECT_GT(same, all * 3 / 4);
  EXPECT_GT(with_alpha, 10);
}

TEST(UastcEncoder, HintsOfAFlatBlockNameItsColor) {
  Bytes picture;
  for (int i = 0; i < 16; ++i) picture.insert(picture.end(), {200, 100, 77, 255});
  const auto blocks = encode_uastc({}, view_of(picture, 4));
  ASSERT_TRUE(blocks);
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(blocks->data());
  basis::UastcBlock block;
  basis::unpack_uastc_block(bytes, block);
  ASSERT_EQ(block.mode, basis::kUastcFlat);
  const basis::UastcHints hints = basis::read_uastc_hints(bytes, block.mode);
  constexpr std::array<std::array<int, 2>, 8> kModifiers{
      {{2, 8}, {5, 17}, {9, 29}, {13, 42}, {18, 60}, {24, 80}, {33, 106}, {47, 183}}};
  const std::array<int, 2> sizes = kModifiers[hints.table[0]];
  const std::array<int, 4> modifier{-sizes[1], -sizes[0], sizes[0], sizes[1]};
  for (std::size_t c = 0; c < 3; ++c) {
    const int code = hints.color[c];
    const int base = hints.differential ? code << 3 | code >> 2 : code * 17;
    EXPECT_NEAR(base + modifier[hints.selector], picture[c], 3);
  }
}

TEST(UastcImage, WrongArgumentsAreNamed) {
  const Bytes picture = make_picture(8, 8);
  EXPECT_EQ(encode_uastc({}, {nullptr, 8, 8, 32}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(encode_uastc({}, {picture.data(), 8, 8, 31}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(encode_uastc({}, {picture.data(), 0, 8, 32}).error().code, ErrorCode::kInvalidArgument);
  std::vector<std::byte> blocks(64), out(64);
  EXPECT_TRUE(transcode_uastc({.width = 8, .height = 8, .target = Format::kBC7Unorm}, blocks, out));
  EXPECT_EQ(transcode_uastc({.width = 8, .height = 8, .target = Format::kBC1RgbUnorm}, blocks, out)
                .error()
                .code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(transcode_uastc({.width = 12, .height = 8, .target = Format::kBC7Unorm}, blocks, out)
                .error()
                .code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(transcode_uastc({.width = 8, .height = 8, .target = Format::kBC6HUfloat}, blocks, out)
                .error()
                .code,
            ErrorCode::kNotSupported);
}

TEST(UastcImage, HdrBlocksAreThoseOfAstc) {
  FORGE3D_REQUIRE_SHARED(folder, "data/ktx2");
  const auto reader = Ktx2Reader::open(folder / "made/hdr_uastc_hdr4x4.ktx2");
  ASSERT_TRUE(reader) << reader.error().to_string();
  const auto level = reader->read_level(0);
  ASSERT_TRUE(level);
  TranscodeUastcDesc desc{
      .width = 256, .height = 128, .hdr = true, .target = Format::kRGBA16Sfloat};
  std::vector<std::uint16_t> halves(256 * 128 * 4), expected(halves.size());
  ASSERT_TRUE(transcode_uastc(desc, *level, std::as_writable_bytes(std::span(halves))));
  ASSERT_TRUE(decode_blocks(Format::kASTC4x4Sfloat, *level,
                            Rgba16fMutableView{expected.data(), 256, 128, 2048}));
  EXPECT_EQ(halves, expected);
  desc.target = Format::kBC6HUfloat;
  std::vector<std::byte> bc6h(level->size());
  ASSERT_TRUE(transcode_uastc(desc, *level, bc6h));
  ASSERT_TRUE(
      decode_blocks(desc.target, bc6h, Rgba16fMutableView{expected.data(), 256, 128, 2048}));
  // Halves are ordered as their bits; 1024 of those are a factor of two.
  double sum = 0;
  for (std::size_t i = 0; i < halves.size(); ++i) sum += std::abs(halves[i] - expected[i]);
  EXPECT_LT(sum / static_cast<double>(halves.size()), 40);
}

TEST(UastcImage, FilesOfUastcAreValidAndReadBack) {
  const Bytes picture = make_picture(24, 20);
  const auto blocks = encode_uastc({}, view_of(picture, 24));
  ASSERT_TRUE(blocks);
  for (const auto scheme : {Supercompression::kNone, Supercompression::kZstd}) {
    const auto file = write_ktx2({.format = Format::kASTC4x4Srgb,
                                  .width = 24,
                                  .height = 20,
                                  .supercompression = scheme,
                                  .uastc = UastcChannels::kRgba,
                                  .levels = {*blocks}});
    ASSERT_TRUE(file) << file.error().to_string();
    const auto source = make_memory_source(*file);
    const auto findings = validate_ktx2(*source);
    ASSERT_TRUE(findings);
    for (const ValidationFinding& finding : *findings)
      ADD_FAILURE() << finding.id << ": " << finding.text;
    const auto reader = Ktx2Reader::open(source);
    ASSERT_TRUE(reader) << reader.error().to_string();
    EXPECT_EQ(reader->info().vk_format, 0u);
    EXPECT_EQ(reader->read_level(0).value(), *blocks);
  }
  EXPECT_FALSE(write_ktx2({.format = Format::kBC7Srgb,
                           .width = 24,
                           .height = 20,
                           .uastc = UastcChannels::kRgba,
                           .levels = {*blocks}}));
}

TEST(UastcFile, SharedFilesHaveTheRecordedPixels) {
  FORGE3D_REQUIRE_SHARED(folder, "data/ktx2");
  int files = 0;
  for (const test::ManifestLine& line : test::read_manifest(folder / "MANIFEST.tsv")) {
    const auto reader = Ktx2Reader::open(folder / line.at("file"));
    const std::string& recorded = line.at("sha256_level0_decoded");
    if (!reader || reader->info().basis_model != BasisModel::kUastc || recorded == "-") continue;
    const auto image = decode_ktx2_slice(*reader, {});
    ASSERT_TRUE(image) << image.error().to_string();
    EXPECT_EQ(test::sha256_hex(image->pixels), recorded) << line.at("file");
    ++files;
  }
  EXPECT_GE(files, 30);
}

TEST(UastcFile, EveryFaceAndLevelIsItsOwn) {
  FORGE3D_REQUIRE_SHARED(folder, "data/ktx2");
  const auto reader = Ktx2Reader::open(folder / "made/cube_uastc_zstd.ktx2");
  ASSERT_TRUE(reader) << reader.error().to_string();
  const auto texture = BasisTexture::open(*reader);
  ASSERT_TRUE(texture) << texture.error().to_string();
  EXPECT_EQ(texture->channels(), BasisChannels::kRgb);
  std::set<std::string> faces;
  for (std::uint32_t level = 0; level < 7; ++level)
    for (std::uint32_t face = 0; face < 6; ++face) {
      const auto plain = texture->transcode({.level = level, .face = face}, Format::kRGBA8Unorm);
      ASSERT_TRUE(plain) << plain.error().to_string();
      const std::uint32_t side = 64u >> level;
      ASSERT_EQ(plain->size(), std::size_t{4} * side * side);
      const auto bc7 = texture->transcode({.level = level, .face = face}, Format::kBC7Unorm);
      ASSERT_TRUE(bc7) << bc7.error().to_string();
      Bytes decoded(plain->size()), texels(plain->size());
      ASSERT_TRUE(decode_blocks(Format::kBC7Unorm, *bc7,
                                {decoded.data(), side, side, std::size_t{4} * side}));
      std::memcpy(texels.data(), plain->data(), texels.size());
      EXPECT_LE(largest_difference(texels, decoded), 9) << "level " << level << ", face " << face;
      if (level == 0) faces.insert(test::sha256_hex(*plain));
    }
  EXPECT_EQ(faces.size(), 6u);
  EXPECT_EQ(texture->transcode({.face = 6}, Format::kBC7Unorm).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(texture->transcode({}, Format::kBC6HUfloat).error().code, ErrorCode::kNotSupported);
}

TEST(UastcFile, HdrFilesBecomeBc6h) {
  FORGE3D_REQUIRE_SHARED(folder, "data/ktx2");
  const auto reader = Ktx2Reader::open(folder / "ktx2/valid_UASTC_HDR_4x4_2D_MIP.ktx2");
  ASSERT_TRUE(reader) << reader.error().to_string();
  ASSERT_EQ(reader->info().basis_model, BasisModel::kUastcHdr);
  const auto texture = BasisTexture::open(*reader);
  ASSERT_TRUE(texture) << texture.error().to_string();
  for (std::uint32_t level = 0; level < 5; ++level) {
    const auto bc6h = texture->transcode({.level = level}, Format::kBC6HUfloat);
    ASSERT_TRUE(bc6h) << bc6h.error().to_string();
    const std::uint32_t blocks = (std::max(16u >> level, 1u) + 3) / 4;
    EXPECT_EQ(bc6h->size(), std::size_t{16} * blocks * blocks);
  }
  EXPECT_EQ(texture->transcode({}, Format::kBC7Unorm).error().code, ErrorCode::kNotSupported);
}

}  // namespace
}  // namespace forge3d
