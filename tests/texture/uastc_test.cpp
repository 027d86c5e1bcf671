// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <random>

#include "forge3d/ktx2.hpp"
#include "support/shared_data.hpp"
#include "texture/basis/uastc_block.hpp"
#include "texture/basis/uastc_transcoder.hpp"
#include "texture/codec/astc_layout.hpp"
#include "texture/ktx2_samples.hpp"

namespace forge3d {
namespace {

using basis::kUastcModeTable;
using basis::transcode_uastc;
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
Bytes transcode(const Bytes& blocks, Format target,
                basis::UastcChannels channels = basis::UastcChannels::kRgba) {
  const std::size_t count = blocks.size() / 16;
  Bytes out(count * basis::uastc_target_block_bytes(target));
  transcode_uastc({.blocks = blocks.data(),
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
  const Bytes red = transcode(blocks, Format::kRGBA8Unorm, basis::UastcChannels::kRed);
  const Bytes both = transcode(blocks, Format::kRGBA8Unorm, basis::UastcChannels::kRedGreen);
  for (std::size_t i = 0; i < plain.size(); i += 4) {
    EXPECT_EQ(red[i], plain[i]);
    EXPECT_EQ(red[i + 1], 0);
    EXPECT_EQ(both[i + 1], plain[i + 3]);
    EXPECT_EQ(both[i + 2], 0);
    EXPECT_EQ(both[i + 3], 255);
  }
  EXPECT_LE(
      largest_difference(decode_row(Format::kBC5Unorm, transcode(blocks, Format::kBC5Unorm,
                                                                 basis::UastcChannels::kRedGreen)),
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
    ASSERT_TRUE(basis::can_transcode_uastc(target));
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
  EXPECT_FALSE(basis::can_transcode_uastc(Format::kBC6HUfloat));
  EXPECT_FALSE(basis::can_transcode_uastc(Format::kASTC6x6Unorm));
  EXPECT_FALSE(basis::can_transcode_uastc(Format::kR8Unorm));
  EXPECT_FALSE(basis::can_transcode_uastc(Format::kUndefined));
  EXPECT_EQ(basis::uastc_target_block_bytes(Format::kBC1RgbUnorm), 8u);
  EXPECT_EQ(basis::uastc_target_block_bytes(Format::kRGBA8Srgb), 64u);
}

/// The color model and the first channel id of a file's descriptor.
std::pair<int, int> model_and_channel(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::array<char, 4> offset{};
  file.seekg(48).read(offset.data(), 4);
  std::uint32_t at = 0;
  std::memcpy(&at, offset.data(), 4);
  std::array<char, 28> descriptor{};
  file.seekg(at + 4).read(descriptor.data(), 28);
  return {static_cast<unsigned char>(descriptor[8]), descriptor[27] & 15};
}

/// Level 0 of face 0, decoded.
Bytes decode_level(const Ktx2Reader& reader, basis::UastcChannels channels) {
  const Ktx2Info& info = reader.info();
  const auto level = reader.read_level(0);
  EXPECT_TRUE(level) << level.error().to_string();
  const std::size_t columns = (info.width + 3) / 4;
  Bytes rows(columns * 64);
  Bytes out;
  for (std::uint32_t y = 0; y < info.height; y += 4) {
    transcode_uastc(
        {.blocks = reinterpret_cast<const std::uint8_t*>(level->data()) + y / 4 * columns * 16,
         .count = columns,
         .channels = channels,
         .out = rows.data(),
         .row_bytes = columns * 16});
    for (std::uint32_t k = 0; k < 4 && y + k < info.height; ++k)
      out.insert(out.end(), rows.begin() + static_cast<std::ptrdiff_t>(k * columns * 16),
                 rows.begin() + static_cast<std::ptrdiff_t>(k * columns * 16 + info.width * 4));
  }
  return out;
}

TEST(Uastc, SharedFilesHaveTheRecordedPixels) {
  FORGE3D_REQUIRE_SHARED(folder, "data/ktx2");
  constexpr int kUastcModel = 166;
  int files = 0;
  for (const test::ManifestLine& line : test::read_manifest(folder / "MANIFEST.tsv")) {
    const auto [model, channel] = model_and_channel(folder / line.at("file"));
    const std::string& recorded = line.at("sha256_level0_decoded");
    if (model != kUastcModel || recorded == "-") continue;
    const auto reader = Ktx2Reader::open(folder / line.at("file"));
    ASSERT_TRUE(reader) << reader.error().to_string();
    const Bytes pixels = decode_level(*reader, static_cast<basis::UastcChannels>(channel));
    EXPECT_EQ(test::sha256_hex(std::as_bytes(std::span(pixels))), recorded) << line.at("file");
    ++files;
  }
  EXPECT_GE(files, 30);
}

}  // namespace
}  // namespace forge3d
