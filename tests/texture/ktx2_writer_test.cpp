// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "forge3d/ktx2.hpp"
#include "support/shared_data.hpp"
#include "texture/ktx2/container.hpp"
#include "texture/ktx2/vk_format.hpp"
#include "texture/ktx2_samples.hpp"

namespace forge3d {
namespace {

constexpr std::uint32_t kFormats[] = {9,   15,  16,  22,  23,  29,  37,  43,  44,  50,
                                      70,  76,  77,  83,  84,  90,  91,  97,  98,  100,
                                      103, 106, 109, 131, 132, 133, 134, 135, 136, 137,
                                      138, 139, 140, 141, 142, 143, 144, 145, 146};

/// The basic descriptor block of a file.
std::vector<std::byte> descriptor_of(std::span<const std::byte> file) {
  const auto block = file.subspan(test::load32(file, 48), test::load32(file, 52));
  return {block.begin(), block.end()};
}

TEST(Ktx2Writer, IsDeterministic) {
  for (const Supercompression scheme : {Supercompression::kNone, Supercompression::kZstd}) {
    const Ktx2WriteDesc desc{.format = Format::kBC7Srgb,
                             .width = 33,
                             .height = 9,
                             .supercompression = scheme,
                             .key_values = {{"b", "2"}, {"a", "1"}}};
    EXPECT_EQ(test::make_ktx2(desc, 0).file, test::make_ktx2(desc, 0).file);
  }
}

TEST(Ktx2Writer, OrdersAndAlignsLevels) {
  for (const std::uint32_t number : kFormats) {
    const auto format = static_cast<Format>(number);
    const auto file = test::make_ktx2({.format = format, .width = 9, .height = 5}, 0).file;
    const std::uint64_t alignment = texture::level_alignment(format_info(format)->block_bytes);
    std::uint64_t end = file.size();
    for (std::size_t entry = 80; entry < 80 + 4 * 24; entry += 24) {
      const std::uint64_t offset = test::load64(file, entry);
      EXPECT_EQ(offset % alignment, 0u) << format_info(format)->name;
      const std::uint64_t gap = end - (offset + test::load64(file, entry + 8));
      EXPECT_LT(gap, alignment) << "levels stand as close as they may";
      end = offset;
    }
  }
}

TEST(Ktx2Writer, SupercompressedLevelsHaveNoPadding) {
  const auto file = test::make_ktx2({.format = Format::kRGB8Unorm,
                                     .width = 9,
                                     .height = 5,
                                     .supercompression = Supercompression::kZstd},
                                    0)
                        .file;
  for (std::size_t entry = 80; entry < 80 + 3 * 24; entry += 24)
    EXPECT_EQ(test::load64(file, entry),
              test::load64(file, entry + 24) + test::load64(file, entry + 32));
}

TEST(Ktx2Writer, SortsKeysAndNamesItself) {
  const auto sample =
      test::make_ktx2({.format = Format::kR8Unorm,
                       .width = 1,
                       .height = 1,
                       .key_values = {{"zebra", ""}, {"KTXorientation", "rd"}, {"apple", "x"}}},
                      1);
  const auto reader = Ktx2Reader::open(make_memory_source(sample.file)).value();
  std::vector<std::string> keys;
  for (const auto& entry : reader.info().key_values) keys.push_back(entry.first);
  EXPECT_EQ(keys, (std::vector<std::string>{"KTXorientation", "KTXwriter", "apple", "zebra"}));
  const auto& writer = reader.info().key_values[1].second;
  EXPECT_STREQ(reinterpret_cast<const char*>(writer.data()), "forge3d 0.1.0");
}

TEST(Ktx2Writer, MarksPremultipliedAlpha) {
  const auto straight = test::make_ktx2({.format = Format::kRGBA8Srgb, .width = 1, .height = 1}, 1);
  const auto premultiplied = test::make_ktx2(
      {.format = Format::kRGBA8Srgb, .width = 1, .height = 1, .premultiplied_alpha = true}, 1);
  EXPECT_EQ(descriptor_of(straight.file)[4 + 11], std::byte{0});
  EXPECT_EQ(descriptor_of(premultiplied.file)[4 + 11], std::byte{1});
}

TEST(Ktx2Writer, RefusesWhatIsNoTexture) {
  const std::vector<std::byte> texel(4);
  const auto code = [](const Ktx2WriteDesc& desc) {
    const auto file = write_ktx2(desc);
    return file ? ErrorCode::kInternal : file.error().code;
  };
  const Ktx2WriteDesc good{
      .format = Format::kRGBA8Unorm, .width = 1, .height = 1, .levels = {texel}};
  EXPECT_TRUE(write_ktx2(good));
  const auto with = [&](auto change) {
    Ktx2WriteDesc desc = good;
    change(desc);
    return code(desc);
  };
  EXPECT_EQ(with([](auto& d) { d.width = 0; }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(with([](auto& d) { d.width = 2; }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(with([](auto& d) { d.layers = 2; }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(with([](auto& d) { d.faces = 2; }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(with([](auto& d) { d.depth = 1, d.layers = 1; }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(with([](auto& d) { d.levels.clear(); }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(with([](auto& d) { d.levels.push_back(d.levels[0]); }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(with([](auto& d) { d.format = static_cast<Format>(999); }), ErrorCode::kNotSupported);
  EXPECT_EQ(with([](auto& d) { d.supercompression = Supercompression::kBasisLz; }),
            ErrorCode::kNotSupported);
  EXPECT_EQ(with([](auto& d) {
              d.format = Format::kASTC4x4Unorm;
              d.uastc = static_cast<UastcChannels>(1);
            }),
            ErrorCode::kInvalidArgument);
  for (const char* key : {"", "KTXglFormat", "ktxanything"})
    EXPECT_EQ(with([&](auto& d) {
                d.key_values = {{key, "x"}};
              }),
              ErrorCode::kInvalidArgument)
        << key;
  EXPECT_EQ(with([](auto& d) {
              d.key_values = {{"a", "x"}, {"a", "y"}};
            }),
            ErrorCode::kInvalidArgument);
}

// B7: an array writer sized its buffer from the first layer; here each level must hold all layers.
TEST(Ktx2Writer, B7LevelsMustHoldEveryLayer) {
  const std::vector<std::byte> bytes(4 * 4 * 4 * 3);
  Ktx2WriteDesc desc{
      .format = Format::kRGBA8Unorm, .width = 4, .height = 4, .layers = 3, .levels = {bytes}};
  EXPECT_TRUE(write_ktx2(desc));
  for (const std::size_t size : {bytes.size() - 1, bytes.size() / 3, std::size_t{0}}) {
    desc.levels = {std::span(bytes).first(size)};
    EXPECT_EQ(write_ktx2(desc).error().code, ErrorCode::kInvalidArgument) << size;
  }
  desc.width = desc.height = desc.layers = 0xFFFFFFFFu;
  desc.levels = {std::span(bytes).first(0)};
  EXPECT_EQ(write_ktx2(desc).error().code, ErrorCode::kInvalidArgument);
}

// The descriptors of files that the Khronos validator calls valid, format by format.
TEST(Ktx2Writer, DescriptorsEqualThoseOfValidFiles) {
  FORGE3D_REQUIRE_SHARED(folder, "data/ktx2");
  std::map<std::uint32_t, int> compared;
  for (const test::ManifestLine& line : test::read_manifest(folder / "MANIFEST.tsv")) {
    const auto source = open_file_source(folder / line.at("file")).value();
    std::vector<std::byte> file(static_cast<std::size_t>(source->size_bytes()));
    ASSERT_TRUE(source->read(0, file));
    const texture::Ktx2Header header = texture::parse_header(file);
    const auto layout = texture::vk_format_layout(header.vk_format);
    constexpr std::uint32_t kAstc4x4Float = 1000066000;  // may be labelled as UASTC HDR
    if (!layout || layout->subsampled || header.vk_format == kAstc4x4Float) continue;
    EXPECT_EQ(layout->type_size, header.type_size) << line.at("file");
    auto expected = texture::serialize(layout->descriptor);
    auto stored = descriptor_of(file);
    stored.resize(std::min(stored.size(), expected.size()));  // without extension blocks
    for (const std::size_t free_byte : {0u, 1u, 13u, 15u})    // total size, primaries, flags
      stored[free_byte] = expected[free_byte];
    if (stored[14] != expected[14]) continue;  // another transfer function, allowed for UNORM
    if (stored[20] == std::byte{0}) stored[20] = expected[20];  // unsized under supercompression
    EXPECT_EQ(stored, expected) << line.at("file");
    ++compared[header.vk_format];
  }
  EXPECT_GE(compared.size(), 100u);
}

}  // namespace
}  // namespace forge3d
