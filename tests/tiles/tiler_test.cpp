// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/tiler.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "forge3d/pmtiles.hpp"
#include "support/shared_data.hpp"
#include "tiles/archive_bytes.hpp"
#include "tiles/pictures.hpp"

namespace forge3d::tiles {
namespace {

namespace fs = std::filesystem;

Result<TilerResult> tile_picture(const Image& image, const fs::path& out, const TilerDesc& desc) {
  ImageRows reader(image);
  return tile_image(reader, out, desc);
}

TilerDesc rgba8(std::uint32_t page = 256, std::uint32_t border = 4) {
  TilerDesc desc;
  desc.format = Format::kRGBA8Unorm;
  desc.page_texels = page;
  desc.border_texels = border;
  desc.zstd_level = 1;
  return desc;
}

void expect_reference_tiles(const Image& image, const TilerDesc& desc) {
  test::TempFolder folder;
  const auto result = tile_picture(image, folder / "a.pmtiles", desc);
  ASSERT_TRUE(result) << result.error().to_string();
  const auto source = open_archive_tile_source(folder / "a.pmtiles");
  ASSERT_TRUE(source) << source.error().to_string();
  const TilePyramid& pyramid = (*source)->pyramid();
  EXPECT_EQ(result->tiles, pyramid.page_count());
  EXPECT_EQ(result->levels, pyramid.levels);
  EXPECT_EQ(result->bytes_out, fs::file_size(folder / "a.pmtiles"));
  EXPECT_EQ(pyramid.format, with_srgb(desc.format, image.info.srgb));
  const auto levels = reference_levels(image, pyramid.levels);
  for (const TileAddress page : all_pages(pyramid))
    ASSERT_EQ(read_tile(**source, page), reference_tile(levels, pyramid, page))
        << image.info.width << " x " << image.info.height << " level " << page.level << " x "
        << page.x << " y " << page.y;
  const auto findings = validate_pmtiles(*open_file_source(folder / "a.pmtiles"));
  ASSERT_TRUE(findings);
  EXPECT_TRUE(findings->empty()) << findings->front().text;
}

TEST(Tiler, TilesEqualTheReferenceAtOddSizes) {
  for (const auto& [width, height] : {std::pair{1u, 1u}, {257u, 3u}, {3u, 513u}, {515u, 769u}})
    expect_reference_tiles(noise_picture({width, height, 4, SampleType::kU8, true}), rgba8());
}

TEST(Tiler, TilesEqualTheReferenceForEveryPageAndBorder) {
  const Image image = noise_picture({333, 190, 3, SampleType::kU8, false});
  for (const std::uint32_t page : {64u, 128u, 512u})
    for (const std::uint32_t border : {0u, 4u, 32u})
      expect_reference_tiles(image, rgba8(page, border));
}

TEST(Tiler, GreyAndGreyAlphaBecomeRgba) {
  for (const std::uint32_t channels : {1u, 2u})
    expect_reference_tiles(noise_picture({300, 70, channels, SampleType::kU8, true}), rgba8(64));
}

TEST(Tiler, PlainTilesAreStoredWithoutZstd) {
  TilerDesc desc = rgba8(64);
  desc.zstd_level = 0;
  expect_reference_tiles(noise_picture({130, 70, 3, SampleType::kU8, true}), desc);
}

TEST(Tiler, SixteenBitPicturesAreRoundedAfterFiltering) {
  const Image image = noise_picture({200, 150, 1, SampleType::kU16, true});
  test::TempFolder folder;
  ASSERT_TRUE(tile_picture(image, folder / "a.pmtiles", rgba8(64)));
  const auto source = *open_archive_tile_source(folder / "a.pmtiles");
  std::vector<Image> levels{*to_rgba8(image)};
  const auto mips = *make_mips(image, {.levels = source->pyramid().levels});
  for (const Image& mip : mips) levels.push_back(*to_rgba8(mip));
  // Rounding 16 bits to 8 bits at the end may differ by one step from rounding twice.
  for (const TileAddress page : all_pages(source->pyramid())) {
    const auto tile = read_tile(*source, page);
    const auto reference = reference_tile(levels, source->pyramid(), page);
    ASSERT_EQ(tile.size(), reference.size());
    for (std::size_t i = 0; i < tile.size(); ++i)
      ASSERT_NEAR(std::to_integer<int>(tile[i]), std::to_integer<int>(reference[i]),
                  page.level == 0 ? 0 : 1);
  }
}

TEST(Tiler, ArchiveAndImageSourceGiveTheSameTiles) {
  const Image image = noise_picture({400, 300, 3, SampleType::kU8, true});
  for (const Format format : {Format::kBC7Unorm, Format::kBC1RgbUnorm}) {
    test::TempFolder folder;
    TilerDesc desc = rgba8(128);
    desc.format = format;
    ASSERT_TRUE(tile_picture(image, folder / "a.pmtiles", desc));
    const auto archive = *open_archive_tile_source(folder / "a.pmtiles");
    const auto memory = *make_image_tile_source(image, format, 128);
    EXPECT_EQ(archive->pyramid().format, memory->pyramid().format);
    for (const TileAddress page : all_pages(archive->pyramid()))
      EXPECT_TRUE(read_tile(*archive, page) == read_tile(*memory, page)) << page.level;
  }
}

TEST(Tiler, BytesAreTheSameForEveryThreadCount) {
  test::TempFolder folder;
  const Image image = noise_picture({900, 700, 3, SampleType::kU8, true});
  std::vector<Bytes> archives;
  for (const std::uint32_t threads : {1u, 2u, 5u}) {
    TilerDesc desc = rgba8(64);
    desc.format = Format::kBC1RgbUnorm;
    desc.threads = threads;
    ASSERT_TRUE(tile_picture(image, folder / "a.pmtiles", desc));
    archives.push_back(file_bytes(folder / "a.pmtiles"));
  }
  EXPECT_TRUE(archives[1] == archives[0]);
  EXPECT_TRUE(archives[2] == archives[0]);
}

TEST(Tiler, RepeatedTilesAreStoredOnce) {
  test::TempFolder folder;
  const Image image = mostly_flat_picture(2000, 1500, 100);
  const auto result = tile_picture(image, folder / "a.pmtiles", rgba8(64));
  ASSERT_TRUE(result);
  EXPECT_GT(result->tiles, 900u);
  EXPECT_LT(result->unique_tiles, 60u);
  const auto reader = *PmtilesReader::open(folder / "a.pmtiles");
  EXPECT_EQ(reader->header().addressed_tiles, result->tiles);
  EXPECT_EQ(reader->header().tile_contents, result->unique_tiles);
  EXPECT_LT(reader->header().tile_entries, result->tiles / 2);
  expect_reference_tiles(image, rgba8(64));
}

TEST(Tiler, ProgressCancels) {
  test::TempFolder folder;
  const Image image = noise_picture({2000, 1500, 4, SampleType::kU8, true});
  TilerDesc desc = rgba8();
  std::uint32_t last = 0, calls = 0;
  desc.progress = [&](std::uint32_t rows_done, std::uint32_t rows) {
    EXPECT_GT(rows_done, last);
    EXPECT_EQ(rows, 1500u);
    last = rows_done;
    return ++calls < 3;
  };
  const auto result = tile_picture(image, folder / "a.pmtiles", desc);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kCancelled);
  EXPECT_EQ(calls, 3u);
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(Tiler, ProgressReachesTheEnd) {
  test::TempFolder folder;
  const Image image = noise_picture({2000, 1000, 1, SampleType::kU8, true});
  TilerDesc desc = rgba8();
  std::uint32_t last = 0;
  desc.progress = [&](std::uint32_t rows_done, std::uint32_t) { return last = rows_done, true; };
  ASSERT_TRUE(tile_picture(image, folder / "a.pmtiles", desc));
  EXPECT_EQ(last, 1000u);
}

TEST(Tiler, AReaderThatFailsLeavesNoArchive) {
  test::TempFolder folder;
  const Image image = noise_picture({600, 500, 4, SampleType::kU8, true});
  ImageRows reader(image, 400);
  const auto result = tile_image(reader, folder / "a.pmtiles", rgba8());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kInvalidFile);
  EXPECT_EQ(result.error().message, "row 7 is torn");
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(Tiler, RefusesWhatItCannotDo) {
  test::TempFolder folder;
  const Image image = noise_picture({60, 50, 4, SampleType::kU8, true});
  const auto code_of = [&](const TilerDesc& desc) {
    return tile_picture(image, folder / "a.pmtiles", desc).error().code;
  };
  TilerDesc desc = rgba8(100);
  EXPECT_EQ(code_of(desc), ErrorCode::kInvalidArgument);
  desc = rgba8();
  desc.zstd_level = 23;
  EXPECT_EQ(code_of(desc), ErrorCode::kInvalidArgument);
  desc = rgba8();
  desc.format = Format::kBC6HUfloat;
  EXPECT_EQ(code_of(desc), ErrorCode::kNotSupported);
  desc = rgba8();
  desc.limits.max_extent = 59;
  EXPECT_EQ(code_of(desc), ErrorCode::kInvalidArgument);
  EXPECT_EQ(tile_picture(image, folder / "no/a.pmtiles", rgba8()).error().code, ErrorCode::kIo);
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

}  // namespace
}  // namespace forge3d::tiles
