// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>

#include "forge3d/pmtiles.hpp"
#include "forge3d/tile_sources.hpp"
#include "forge3d/tiler.hpp"
#include "support/shared_data.hpp"
#include "tiles/archive_bytes.hpp"
#include "tiles/archive_metadata.hpp"
#include "tiles/raw_picture.hpp"

namespace forge3d::tiles {
namespace {

TileSourceOptions options_of(Format format = Format::kRGBA8Unorm) {
  TileSourceOptions options;
  options.format = format;
  options.page_texels = 64;
  return options;
}

TEST(OpenTileSource, TakesPicturesByTheirContent) {
  test::TempFolder folder;
  const Image image = noise_picture({150, 90, 3, SampleType::kU8, true});
  const auto path = folder / "picture.ktx2";  // the name is wrong on purpose
  ASSERT_TRUE(save_png(path, image));
  for (const Format format : {Format::kRGBA8Unorm, Format::kUndefined}) {
    const auto source = open_tile_source(path, options_of(format));
    ASSERT_TRUE(source) << source.error().to_string();
    EXPECT_EQ((*source)->name(), path.string());
    const auto expected = *make_image_tile_source(
        image, format == Format::kUndefined ? Format::kBC7Unorm : format, 64);
    for (const TileAddress page : all_pages((*source)->pyramid()))
      EXPECT_EQ(read_tile(**source, page), read_tile(*expected, page));
  }
}

TEST(OpenTileSource, SixteenBitGreyIsHeights) {
  const Image image = noise_picture({100, 80, 1, SampleType::kU16, true});
  const Bytes png = *encode_png(image);
  const auto source = *open_tile_source(make_memory_source(png), options_of(Format::kUndefined));
  EXPECT_EQ(source->pyramid().format, Format::kR16Unorm);
  const auto tile = read_tile(*source, {0, 0, 0});
  EXPECT_EQ(std::memcmp(&tile[(4 * 72 + 4) * 2], image.pixels.data(), 64 * 2), 0);
}

TEST(OpenTileSource, LargePicturesAreTiledOnceOrRefused) {
  test::TempFolder folder;
  const Image image = noise_picture({150, 90, 3, SampleType::kU8, true});
  ASSERT_TRUE(save_png(folder / "a.png", image));
  auto options = options_of();
  options.max_picture_bytes = 1000;
  const auto refused = open_tile_source(folder / "a.png", options);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kNotSupported);
  EXPECT_THAT(refused.error().message, testing::HasSubstr("54000 bytes decoded, over the limit"));
  options.cache_file = folder / "a.pmtiles";
  const auto expected = *make_image_tile_source(image, Format::kRGBA8Unorm, 64);
  for (int times = 0; times < 2; ++times) {
    const auto source = open_tile_source(folder / "a.png", options);
    ASSERT_TRUE(source) << source.error().to_string();
    EXPECT_EQ((*source)->name(), options.cache_file.string());
    EXPECT_EQ(read_tile(**source, {0, 1, 1}), read_tile(*expected, {0, 1, 1}));
  }
}

TEST(OpenTileSource, TakesArchivesOfItsOwn) {
  test::TempFolder folder;
  const Image image = noise_picture({150, 90, 3, SampleType::kU8, true});
  ImageRows rows(image);
  TilerDesc desc;
  desc.page_texels = 64;
  ASSERT_TRUE(tile_image(rows, folder / "a.pmtiles", desc));
  const auto source = open_tile_source(folder / "a.pmtiles");
  ASSERT_TRUE(source) << source.error().to_string();
  EXPECT_EQ((*source)->pyramid().format, Format::kBC7Srgb);  // not what the options say
}

/// A million squared, with so many entries that most of them lie in leaf directories.
TEST(OpenTileSource, OpeningTheLargestArchiveReadsLittle) {
  test::TempFolder folder;
  const TilePyramid pyramid =
      *make_tile_pyramid(kMaxPyramidExtent, kMaxPyramidExtent, Format::kBC1RgbSrgb);
  const Bytes blocks(static_cast<std::size_t>(pyramid.tile_bytes()));
  Ktx2WriteDesc desc{.format = pyramid.format, .width = 264, .height = 264};
  desc.levels = {blocks};
  const Bytes tile = *write_ktx2(desc);
  auto writer = *PmtilesWriter::create(folder / "a.pmtiles");
  const std::uint64_t first = *writer.add_content(tile),
                      second = *writer.add_content(to_bytes("x"));
  for (std::uint32_t i = 0; i < 200'000; ++i)
    writer.add_reference(archive_tile_id(pyramid, {0, i % 4096, i / 4096 * 80 + i % 7}),
                         i % 2 == 0 ? first : second);
  ASSERT_TRUE(writer.finish(make_archive_metadata(pyramid, "world", 0), archive_max_zoom(pyramid)));
  const auto file = *open_file_source(folder / "a.pmtiles");
  std::uint64_t bytes_read = 0;
  const auto counted =
      make_function_source(file->size_bytes(), [&](std::uint64_t offset, std::span<std::byte> out) {
        bytes_read += out.size();
        return file->read(offset, out);
      });
  const auto source = open_tile_source(counted);
  ASSERT_TRUE(source) << source.error().to_string();
  EXPECT_EQ((*source)->pyramid().page_count(), 22'369'621u);
  EXPECT_LE(bytes_read, 64u << 10);
  EXPECT_EQ(read_tile(**source, {0, 0, 0}), blocks);
}

TEST(OpenTileSource, RefusesTheRest) {
  test::TempFolder folder;
  EXPECT_EQ(open_tile_source(folder / "absent").error().code, ErrorCode::kIo);
  const auto code = [](const Bytes& bytes, const TileSourceOptions& options) {
    return open_tile_source(make_memory_source(bytes), options).error().code;
  };
  EXPECT_EQ(code({}, {}), ErrorCode::kInvalidFile);
  for (const char* words : {"PMTiles", "II*", "\xabKTX 20\xbb\r\n\x1a\n", "words"})
    EXPECT_THAT(code(to_bytes(words), {}),
                testing::AnyOf(ErrorCode::kInvalidFile, ErrorCode::kNotSupported));
  const Bytes png = *encode_png(noise_picture({20, 20, 3, SampleType::kU8, true}));
  auto options = options_of();
  for (const std::uint32_t page : {0u, 63u, 1024u}) {
    options.page_texels = page;
    EXPECT_EQ(code(png, options), ErrorCode::kInvalidArgument);
  }
  EXPECT_EQ(code(png, options_of(Format::kBC6HUfloat)), ErrorCode::kNotSupported);
}

}  // namespace
}  // namespace forge3d::tiles
