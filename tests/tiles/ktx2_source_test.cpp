// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "tiles/sources/ktx2_source.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <cstring>
#include <thread>

#include "forge3d/compress.hpp"
#include "forge3d/ktx2_image.hpp"
#include "support/shared_data.hpp"
#include "tiles/archive_bytes.hpp"
#include "tiles/raw_picture.hpp"

namespace forge3d::tiles {
namespace {

constexpr ImageInfo kInfo{301, 166, 4, SampleType::kU8, true};

TileSourceOptions small_pages() {
  TileSourceOptions options;
  options.page_texels = 64;
  return options;
}

/// A file of the picture's first `levels` levels.
Bytes ktx2_of(const Image& image, Format format, std::uint32_t levels,
              Supercompression scheme = Supercompression::kNone) {
  const auto all = reference_levels(image, levels);
  std::vector<Bytes> blocks;
  for (const Image& level : all) {
    const ImageInfo& info = level.info;
    blocks.emplace_back(static_cast<std::size_t>(*image_bytes(format, info.width, info.height)));
    const auto* texels = reinterpret_cast<const std::uint8_t*>(level.pixels.data());
    EXPECT_TRUE(encode_blocks({format, Quality::kFast, 1},
                              {texels, info.width, info.height, info.row_bytes()}, blocks.back()));
  }
  Ktx2WriteDesc desc;
  desc.format = format;
  desc.width = image.info.width;
  desc.height = image.info.height;
  desc.supercompression = scheme;
  for (const Bytes& level : blocks) desc.levels.emplace_back(level);
  return *write_ktx2(desc);
}

Result<std::shared_ptr<TileSource>> open_bytes(const Bytes& bytes,
                                               const TileSourceOptions& options) {
  return open_ktx2_tile_source(make_memory_source(bytes, "a.ktx2"), options);
}

Bytes decoded(Format format, std::span<const std::byte> tile, std::uint32_t side) {
  Bytes texels(std::size_t{side} * side * 4);
  EXPECT_TRUE(decode_blocks(
      format, tile, {reinterpret_cast<std::uint8_t*>(texels.data()), side, side, side * 4u}));
  return texels;
}

double psnr(std::span<const std::byte> a, std::span<const std::byte> b) {
  double squares = 1e-9;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double d = std::to_integer<int>(a[i]) - std::to_integer<int>(b[i]);
    squares += d * d;
  }
  return 10 * std::log10(255.0 * 255 * static_cast<double>(a.size()) / squares);
}

TEST(Ktx2Source, PlainTexelsAreExact) {
  const Image image = noise_picture(kInfo);
  for (const auto scheme : {Supercompression::kNone, Supercompression::kZstd}) {
    const Bytes bytes = ktx2_of(image, Format::kRGBA8Srgb, 9, scheme);
    const auto source = open_bytes(bytes, small_pages());
    ASSERT_TRUE(source) << source.error().to_string();
    const auto expected = *make_image_tile_source(image, Format::kRGBA8Unorm, 64);
    for (const TileAddress page : all_pages((*source)->pyramid()))
      EXPECT_EQ(read_tile(**source, page), read_tile(*expected, page));
  }
}

/// Blocks inside the level are those of the file; outside they hold the edge's decoded texels.
TEST(Ktx2Source, BlocksAreThoseOfTheFile) {
  Image image = noise_picture(kInfo);
  for (std::size_t i = 0; i < image.pixels.size(); ++i)  // smooth enough to be encoded well
    image.pixels[i] = static_cast<std::byte>((i / 4 % kInfo.width + i / 4 / kInfo.width) / 2 +
                                             std::to_integer<std::size_t>(image.pixels[i]) / 32);
  for (const Format format : {Format::kBC7Srgb, Format::kBC1RgbSrgb, Format::kASTC4x4Srgb})
    for (const auto scheme : {Supercompression::kNone, Supercompression::kZstd}) {
      const Bytes bytes = ktx2_of(image, format, 9, scheme);
      const auto source = open_bytes(bytes, small_pages());
      ASSERT_TRUE(source) << source.error().to_string();
      EXPECT_EQ((*source)->pyramid().format, format);
      const auto expected = *make_image_tile_source(image, format, 64);
      const auto reader = *Ktx2Reader::open(make_memory_source(bytes));
      for (const TileAddress page : all_pages((*source)->pyramid())) {
        const auto tile = read_tile(**source, page), same = read_tile(*expected, page);
        const auto level = *decode_ktx2_slice(reader, {.level = page.level});
        const std::vector<Image> levels(page.level + 1, level);
        const auto texels = decoded(format, tile, 72);
        EXPECT_GT(psnr(texels, reference_tile(levels, (*source)->pyramid(), page)), 40)
            << page.level << " " << page.x << " " << page.y;
        if (page == TileAddress{0, 1, 1}) {  // wholly inside
          EXPECT_EQ(tile, same);
        }
      }
    }
}

TEST(Ktx2Source, MissingLevelsAreMade) {
  const Image image = noise_picture(kInfo);
  for (const Format format : {Format::kRGBA8Srgb, Format::kBC7Srgb}) {
    const Bytes bytes = ktx2_of(image, format, 2);
    const auto source = open_bytes(bytes, small_pages());
    ASSERT_TRUE(source) << source.error().to_string();
    EXPECT_EQ((*source)->pyramid().levels, 4u);
    const auto expected = *make_image_tile_source(image, format, 64);
    for (const TileAddress page : {TileAddress{2, 1, 0}, {3, 0, 0}}) {
      const auto tile = read_tile(**source, page), same = read_tile(*expected, page);
      if (format == Format::kRGBA8Srgb)
        EXPECT_LE(largest_difference(tile, same), 1);
      else
        EXPECT_GT(psnr(decoded(format, tile, 72), decoded(format, same, 72)), 28);
    }
  }
  Ktx2WriteDesc halves{.format = Format::kRG16Sfloat, .width = 100, .height = 100};
  const Bytes zeros(100 * 100 * 4);
  halves.levels = {zeros};
  const auto refused = open_bytes(*write_ktx2(halves), small_pages());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kNotSupported);
  EXPECT_THAT(refused.error().message, testing::HasSubstr("1 of 2 levels are missing"));
}

TEST(Ktx2Source, BasisIsTranscoded) {
  for (const char* relative : {"data/ktx2/apps/kodim23.ktx2",
                               "data/ktx2/deflate/toktx_R8G8B8A8_SRGB_2D_UASTC_2_RDO_ZCMP.ktx2"}) {
    FORGE3D_REQUIRE_SHARED(path, relative);
    const auto reader = *Ktx2Reader::open(path);
    const auto file = *open_file_source(path);
    for (const Format format : {Format::kUndefined, Format::kRGBA8Unorm}) {
      auto options = small_pages();
      options.format = format;
      const auto source = open_ktx2_tile_source(file, options);
      ASSERT_TRUE(source) << relative << ": " << source.error().to_string();
      const TilePyramid& pyramid = (*source)->pyramid();
      EXPECT_EQ(pyramid.format, with_srgb(format == Format::kUndefined ? Format::kBC7Unorm : format,
                                          reader.info().srgb));
      std::vector<Image> levels;
      for (std::uint32_t level = 0; level < std::min(pyramid.levels, reader.info().levels); ++level)
        levels.push_back(*to_rgba8(*decode_ktx2_slice(reader, {.level = level})));
      for (const TileAddress page : all_pages(pyramid)) {
        if (page.level >= levels.size()) continue;
        const auto tile = read_tile(**source, page);
        const auto texels = decoded(pyramid.format, tile, 72);
        EXPECT_GT(psnr(texels, reference_tile(levels, pyramid, page)), 30);
      }
    }
  }
}

TEST(Ktx2Source, LargerBlocksAreDecoded) {
  const Image image = noise_picture({150, 100, 4, SampleType::kU8, true});
  Ktx2WriteDesc desc{.format = Format::kASTC8x8Srgb, .width = 150, .height = 100};
  Bytes blocks(19 * 13 * 16);
  for (std::size_t i = 0; i < blocks.size(); i += 16) {  // void extents: one colour a block
    const Bytes code = {std::byte{0xfc}, std::byte{0xfd}, std::byte{0xff}, std::byte{0xff},
                        std::byte{0xff}, std::byte{0xff}, std::byte{0xff}, std::byte{0xff}};
    std::ranges::copy(code, blocks.begin() + static_cast<std::ptrdiff_t>(i));
    blocks[i + 9] = static_cast<std::byte>(i / 16);
    blocks[i + 15] = std::byte{0xff};
  }
  desc.levels = {blocks};
  const Bytes bytes = *write_ktx2(desc);
  auto options = small_pages();
  options.format = Format::kRGBA8Unorm;
  const auto source = open_bytes(bytes, options);
  ASSERT_TRUE(source) << source.error().to_string();
  const Image level = *decode_ktx2_slice(*Ktx2Reader::open(make_memory_source(bytes)), {});
  for (const TileAddress page : all_pages((*source)->pyramid())) {
    if (page.level > 0) continue;
    EXPECT_EQ(read_tile(**source, page), reference_tile({level}, (*source)->pyramid(), page));
  }
}

TEST(Ktx2Source, RefusesWhatIsNoPicture) {
  Ktx2WriteDesc desc{.format = Format::kRGBA8Srgb, .width = 8, .height = 8, .layers = 3};
  const Bytes zeros(8 * 8 * 4 * 3);
  desc.levels = {zeros};
  EXPECT_EQ(open_bytes(*write_ktx2(desc), {}).error().code, ErrorCode::kNotSupported);
  auto options = small_pages();
  options.max_picture_bytes = 1000;
  const Image image = noise_picture(kInfo);
  const Bytes packed = ktx2_of(image, Format::kBC7Srgb, 9, Supercompression::kZstd);
  const auto refused = open_bytes(packed, options);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, testing::HasSubstr("over the limit of 1000"));
  const Bytes plain = ktx2_of(image, Format::kBC7Srgb, 9);
  EXPECT_TRUE(open_bytes(plain, options));  // read by range
}

TEST(Ktx2Source, PlainLevelsAreReadByRange) {
  const Image image = noise_picture({1024, 1024, 4, SampleType::kU8, true});
  const Bytes bytes = ktx2_of(image, Format::kBC1RgbSrgb, 5);
  std::atomic<std::uint64_t> read = 0;
  const auto counted = make_function_source(
      bytes.size(), [&](std::uint64_t offset, std::span<std::byte> out) -> Result<> {
        read += out.size();
        std::memcpy(out.data(), bytes.data() + offset, out.size());
        return {};
      });
  const auto source = *open_ktx2_tile_source(counted, small_pages());
  read = 0;
  (void)read_tile(*source, {0, 7, 7});
  EXPECT_EQ(read, 18u * 18 * 8);
}

TEST(Ktx2Source, ThreadsReadAtOnceAndCutFilesFail) {
  const Image image = noise_picture(kInfo);
  const Bytes bytes = ktx2_of(image, Format::kBC7Srgb, 3, Supercompression::kZstd);
  const auto source = *open_bytes(bytes, small_pages());
  const auto pages = all_pages(source->pyramid());
  std::vector<Bytes> alone;
  for (const TileAddress page : pages) alone.push_back(read_tile(*source, page));
  const auto fresh = *open_bytes(bytes, small_pages());
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (std::size_t i = 0; i < pages.size(); ++i)
        EXPECT_EQ(read_tile(*fresh, pages[i]), alone[i]);
    });
  for (std::thread& thread : threads) thread.join();
  std::vector<std::byte> out(static_cast<std::size_t>(source->pyramid().tile_bytes()));
  for (std::size_t size = 0; size < bytes.size(); size += bytes.size() / 50) {
    const Bytes cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    const auto opened = open_bytes(cut, small_pages());
    EXPECT_FALSE(opened && (*opened)->read_tile({0, 0, 0}, out)) << size;
  }
}

}  // namespace
}  // namespace forge3d::tiles
