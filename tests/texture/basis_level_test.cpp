// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "forge3d/basis.hpp"
#include "texture/codec_samples.hpp"
#include "texture/etc1s_samples.hpp"

namespace forge3d {
namespace {

using Bytes = std::vector<std::byte>;

constexpr std::uint32_t kWidth = 331, kHeight = 203;  // no whole blocks
constexpr std::uint32_t kColumns = (kWidth + 3) / 4, kRows = (kHeight + 3) / 4;

/// Three images, two of which keep blocks where they are frames.
Bytes etc1s_file(const std::vector<std::uint8_t>& channel_ids, bool animated) {
  test::Etc1sSample sample = test::four_blocks();
  sample.width = kWidth;
  sample.height = kHeight;
  sample.layers = 3;
  sample.channel_ids = channel_ids;
  sample.animated = animated;
  sample.images.clear();
  for (std::uint32_t i = 0; i < 3; ++i) {
    const bool kept = animated && i > 0;
    sample.images.push_back({.flags = kept ? 2u : 0u,
                             .color = test::random_slice(kColumns, kRows, 2 * i + 1, kept),
                             .alpha = test::random_slice(kColumns, kRows, 2 * i + 2, kept)});
  }
  return sample.file();
}

/// Two layers of noise: what the blocks are does not matter.
Bytes uastc_file(Supercompression scheme) {
  std::vector<std::byte> blocks(std::size_t{16} * kColumns * kRows * 2);
  std::uint32_t state = 7;
  for (std::byte& byte : blocks) {
    state = state * 1664525 + 1013904223;
    byte = static_cast<std::byte>(state >> 24);
  }
  return write_ktx2({.format = Format::kASTC4x4Unorm,
                     .width = kWidth,
                     .height = kHeight,
                     .layers = 2,
                     .supercompression = scheme,
                     .uastc = UastcChannels::kRgba,
                     .levels = {blocks}})
      .value();
}

BasisTexture open(const Bytes& file) {
  return BasisTexture::open(Ktx2Reader::open(make_memory_source(file)).value()).value();
}

/// The level in parts of some rows, which lie one after another.
Bytes in_parts(const BasisTexture& texture, const BasisLevelDesc& desc, std::uint32_t rows) {
  const std::uint32_t images = texture.info().layers;
  Bytes out(image_bytes(desc.target, kWidth, kHeight).value() * images);
  auto level = texture.open_level(0, desc);
  EXPECT_TRUE(level) << level.error().to_string();
  std::size_t at = 0;
  for (std::uint32_t image = 0; image < images; ++image)
    for (std::uint32_t row = 0; row < kRows; row += rows) {
      const std::uint32_t count = std::min(rows, kRows - row);
      const std::uint32_t height = std::min(count * 4, kHeight - row * 4);
      const std::size_t size = image_bytes(desc.target, kWidth, height).value();
      const auto done = level->write_rows(image, row, count, std::span(out).subspan(at, size));
      EXPECT_TRUE(done) << done.error().to_string();
      at += size;
    }
  EXPECT_EQ(at, out.size());
  return out;
}

void expect_parts_are_the_level(const Bytes& file) {
  const BasisTexture texture = open(file);
  for (const Format target : {Format::kRGBA8Unorm, Format::kBC7Unorm, Format::kBC1RgbUnorm})
    for (const std::uint32_t threads : {1u, 3u}) {
      const BasisLevelDesc desc{.target = target, .threads = threads};
      const auto whole = texture.transcode_level(0, desc);
      ASSERT_TRUE(whole) << whole.error().to_string();
      for (const std::uint32_t rows : {1u, 7u, kRows})
        EXPECT_EQ(in_parts(texture, desc, rows), *whole) << static_cast<int>(target) << " " << rows;
    }
}

TEST(BasisLevel, PartsOfEtc1sAreTheLevel) {
  expect_parts_are_the_level(etc1s_file({0}, false));
  expect_parts_are_the_level(etc1s_file({0, 15}, false));
}

TEST(BasisLevel, PartsOfFramesAreTheLevel) {
  expect_parts_are_the_level(etc1s_file({0, 15}, true));
}

TEST(BasisLevel, PartsOfUastcAreTheLevel) {
  for (const Supercompression scheme : {Supercompression::kNone, Supercompression::kZstd})
    expect_parts_are_the_level(uastc_file(scheme));
}

TEST(BasisLevel, ArgumentsAreChecked) {
  const Bytes file = uastc_file(Supercompression::kNone);
  const BasisTexture texture = open(file);
  EXPECT_EQ(texture.open_level(1, {}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(texture.open_level(0, {.target = Format::kR8Unorm}).error().code,
            ErrorCode::kNotSupported);
  auto level = texture.open_level(0, {.target = Format::kBC7Unorm});
  ASSERT_TRUE(level);
  Bytes row(std::size_t{16} * kColumns);
  EXPECT_TRUE(level->write_rows(1, kRows - 1, 1, row));
  const auto refused = [&](std::uint64_t image, std::uint32_t first, std::uint32_t rows) {
    const auto done = level->write_rows(image, first, rows, row);
    return !done && done.error().code == ErrorCode::kInvalidArgument;
  };
  EXPECT_TRUE(refused(2, 0, 1)) << "no such image";
  EXPECT_TRUE(refused(0, kRows, 1)) << "no such row";
  EXPECT_TRUE(refused(0, 1, ~0u)) << "past the end";
  EXPECT_TRUE(refused(0, 0, 0)) << "nothing";
  EXPECT_TRUE(refused(0, 0, 2)) << "more than there is room for";
}

TEST(BasisLevel, ABrokenSliceFailsWhereItIsUsed) {
  test::Etc1sSample sample = test::four_blocks();
  sample.images[0].color.resize(1);
  const Bytes file = sample.file();
  auto level = open(file).open_level(0, {.target = Format::kBC7Unorm});
  ASSERT_TRUE(level);
  Bytes row(32);
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(level->write_rows(0, 0, 1, row).error().code, ErrorCode::kInvalidFile);
}

}  // namespace
}  // namespace forge3d
