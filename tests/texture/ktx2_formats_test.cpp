// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Every format of the specification's table in every layout: what is written is valid, reads back,
// and has the descriptor that files of the official tool have.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "forge3d/ktx2.hpp"
#include "forge3d/ktx2_image.hpp"
#include "support/shared_data.hpp"
#include "texture/ktx2/vk_format.hpp"
#include "texture/ktx2/vk_format_names.hpp"
#include "texture/ktx2_samples.hpp"

namespace forge3d {
namespace {

/// All numbers that KTX2 allows: core formats and those of extensions.
std::vector<std::uint32_t> all_formats() {
  std::vector<std::uint32_t> formats;
  const auto add = [&](std::uint32_t begin, std::uint32_t end) {
    for (std::uint32_t number = begin; number < end; ++number)
      if (texture::vk_format_layout(number)) formats.push_back(number);
  };
  add(1, 200);
  for (const std::uint32_t extension :
       {54u, 66u, 156u, 288u, 330u, 340u, 464u, 470u})  // thousands of extension numbers
    add(1000000000 + extension * 1000, 1000000000 + extension * 1000 + 60);
  return formats;
}

struct Shape {
  std::uint32_t height, depth, layers, faces;
};
constexpr Shape kShapes[] = {{0, 0, 0, 1}, {0, 0, 3, 1}, {5, 0, 0, 1}, {5, 0, 2, 1},
                             {7, 0, 0, 6}, {7, 0, 2, 6}, {5, 6, 0, 1}};

bool has_shape(const texture::VkFormatLayout& layout, const Shape& shape) {
  if (layout.block_compressed && shape.height == 0) return false;
  if (layout.depth_stencil && shape.depth != 0) return false;
  return layout.descriptor.block_extent[2] == 1 || shape.depth != 0;
}

void expect_sound(const test::Ktx2Sample& sample, std::string_view what) {
  const auto findings = validate_ktx2(*make_memory_source(sample.file)).value();
  for (const ValidationFinding& finding : findings)
    ADD_FAILURE() << what << ": " << finding.id << " " << finding.text;
  const auto reader = Ktx2Reader::open(make_memory_source(sample.file));
  ASSERT_TRUE(reader) << what << ": " << reader.error().to_string();
  for (std::uint32_t level = 0; level < reader->info().levels; ++level)
    ASSERT_EQ(reader->read_level(level).value(), sample.levels[level]) << what;
}

TEST(Ktx2Formats, EveryFormatInEveryLayoutIsValidAndReadsBack) {
  const std::vector<std::uint32_t> formats = all_formats();
  EXPECT_EQ(formats.size(), 229u);
  for (const std::uint32_t number : formats) {
    const texture::VkFormatLayout layout = *texture::vk_format_layout(number);
    for (const Shape& shape : kShapes) {
      if (!has_shape(layout, shape)) continue;
      for (const auto scheme :
           {Supercompression::kNone, Supercompression::kZstd, Supercompression::kZlib})
        expect_sound(test::make_ktx2({.format = static_cast<Format>(number),
                                      .width = 7,
                                      .height = shape.height,
                                      .depth = shape.depth,
                                      .layers = shape.layers,
                                      .faces = shape.faces,
                                      .supercompression = scheme},
                                     0),
                     layout.name);
    }
  }
}

TEST(Ktx2Formats, UastcAndFilesWhoseLoaderMakesMipsAreValid) {
  for (const auto channels : {UastcChannels::kRgb, UastcChannels::kRgba, UastcChannels::kRed,
                              UastcChannels::kRedGreen, UastcChannels::kPlainRedGreen})
    for (const Format format : {Format::kASTC4x4Unorm, Format::kASTC4x4Srgb})
      for (const auto scheme :
           {Supercompression::kNone, Supercompression::kZstd, Supercompression::kZlib})
        expect_sound(test::make_ktx2({.format = format,
                                      .width = 13,
                                      .height = 9,
                                      .supercompression = scheme,
                                      .uastc = channels},
                                     0),
                     "UASTC");
  const auto sample =
      test::make_ktx2({.format = Format::kR8Unorm, .width = 9, .height = 9, .wants_mips = true}, 1);
  expect_sound(sample, "levelCount 0");
  EXPECT_TRUE(Ktx2Reader::open(make_memory_source(sample.file))->info().wants_mips);
}

TEST(Ktx2Formats, WhatTheWriterRefuses) {
  const std::vector<std::byte> bytes(16);
  const auto code = [&](Ktx2WriteDesc desc) {
    desc.levels = {bytes};
    const auto file = write_ktx2(desc);
    return file ? ErrorCode::kInternal : file.error().code;
  };
  constexpr auto kAstc3d = static_cast<Format>(1000288000);
  constexpr auto kD16 = static_cast<Format>(124);
  constexpr auto kScaled = static_cast<Format>(11);
  EXPECT_EQ(code({.format = Format::kBC7Unorm, .width = 4}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code({.format = kAstc3d, .width = 3, .height = 3}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code({.format = kD16, .width = 2, .height = 2, .depth = 2}),
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(code({.format = kScaled, .width = 4, .height = 4}), ErrorCode::kNotSupported);
  EXPECT_EQ(code({.format = Format::kBC7Unorm, .width = 4, .height = 4, .wants_mips = true}),
            ErrorCode::kInvalidArgument);
  Ktx2WriteDesc plain{.format = Format::kRGBA8Unorm, .width = 2, .height = 2};
  EXPECT_EQ(code(plain), ErrorCode::kInternal) << "this one is right";
  plain.uastc = UastcChannels::kRgb;
  plain.format = Format::kBC1RgbUnorm;
  EXPECT_EQ(code(plain), ErrorCode::kInvalidArgument);
  plain = {.format = Format::kRGBA8Unorm, .width = 2, .height = 2};
  for (const auto scheme : {Supercompression::kZstd, Supercompression::kZlib}) {
    plain.supercompression = scheme;
    plain.zstd_level = plain.zlib_level = 23;
    EXPECT_EQ(code(plain), ErrorCode::kInvalidArgument);
  }
  plain.supercompression = Supercompression::kNone;
  plain.binary_values = {{"KTXanimData", std::vector<std::byte>(12)}};
  EXPECT_EQ(code(plain), ErrorCode::kInvalidArgument) << "no array";
  plain.binary_values = {{"KTXglFormat", std::vector<std::byte>(12)}};
  EXPECT_EQ(code(plain), ErrorCode::kInvalidArgument) << "there is a VkFormat";
  plain.binary_values = {};
  plain.key_values = {{"KTXorientation", "rdo"}};
  EXPECT_EQ(code(plain), ErrorCode::kInvalidArgument) << "three axes of two";
}

/// The descriptor of a file, without what tools choose: primaries, transfer, flags, and the linear
/// qualifier of alpha that follows the transfer.
std::vector<std::byte> comparable_descriptor(std::span<const std::byte> file) {
  const auto block = file.subspan(test::load32(file, 48), test::load32(file, 52));
  std::vector<std::byte> bytes(block.begin(), block.end());
  for (const std::size_t at : {13u, 14u, 15u}) bytes[at] = std::byte{0};
  for (std::size_t at = 28 + 3; at < bytes.size(); at += 16) bytes[at] &= std::byte{0xEF};
  return bytes;
}

// The plane sizes of packed files of older tools are 0: only files that name them are compared.
TEST(Ktx2Formats, DescriptorsAreThoseOfTheSharedFiles) {
  FORGE3D_REQUIRE_SHARED(folder, "data/ktx2");
  std::map<std::uint32_t, int> compared;
  for (const test::ManifestLine& line : test::read_manifest(folder / "MANIFEST.tsv")) {
    const auto source = open_file_source(folder / line.at("file")).value();
    std::vector<std::byte> file(source->size_bytes());
    ASSERT_TRUE(source->read(0, file));
    const auto info = Ktx2Reader::open(source).value().info();
    const bool is_uastc_hdr = file[test::load32(file, 48) + 12] == std::byte{167};
    const bool unsized = file[test::load32(file, 48) + 20] == std::byte{0};
    if (info.vk_format == 0 || is_uastc_hdr || unsized || info.chroma_between) continue;
    const bool deep = info.block_extent[2] > 1;
    const std::uint32_t side = info.block_extent[0] * 1u;
    const auto own = test::make_ktx2({.format = static_cast<Format>(info.vk_format),
                                      .width = side,
                                      .height = info.block_extent[1],
                                      .depth = deep ? info.block_extent[2] * 1u : 0},
                                     1);
    EXPECT_EQ(comparable_descriptor(own.file), comparable_descriptor(file)) << line.at("file");
    ++compared[info.vk_format];
  }
  EXPECT_GT(compared.size(), 110u);
}

}  // namespace
}  // namespace forge3d
