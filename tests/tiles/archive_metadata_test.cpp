// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "tiles/archive_metadata.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tiles/pictures.hpp"

namespace forge3d::tiles {
namespace {

std::string metadata(const std::string& width = "515", const std::string& levels = "3",
                     const std::string& format = "\"BC7_SRGB_BLOCK\"",
                     const std::string& version = "1") {
  return R"({"forge3d":{"version":)" + version + R"(,"width":)" + width +
         R"(,"height":769,"page_texels":256,"border_texels":4,"format":)" + format +
         R"(,"levels":)" + levels + R"(,"zstd":3}})";
}

void expect_refusal(const std::string& json, ErrorCode code, const char* rule) {
  const auto parsed = parse_archive_metadata(json, "a.pmtiles");
  ASSERT_FALSE(parsed) << json;
  EXPECT_EQ(parsed.error().code, code) << json;
  EXPECT_THAT(parsed.error().message, testing::HasSubstr("a.pmtiles"));
  EXPECT_THAT(parsed.error().message, testing::HasSubstr(rule));
}

TEST(ArchiveMetadata, RoundTrips) {
  for (const Format format : {Format::kBC7Srgb, Format::kBC1RgbUnorm, Format::kRGBA8Unorm}) {
    const TilePyramid pyramid = *make_tile_pyramid(515, 769, format, 128, 8);
    const std::string json = make_archive_metadata(pyramid, "a \"name\" \xff", 3);
    const auto parsed = parse_archive_metadata(json, "a.pmtiles");
    ASSERT_TRUE(parsed) << parsed.error().to_string();
    EXPECT_EQ(parsed->width, 515u);
    EXPECT_EQ(parsed->height, 769u);
    EXPECT_EQ(parsed->page_texels, 128u);
    EXPECT_EQ(parsed->border_texels, 8u);
    EXPECT_EQ(parsed->levels, pyramid.levels);
    EXPECT_EQ(parsed->format, format);
  }
}

TEST(ArchiveMetadata, NamesTheKeyThatIsWrong) {
  ASSERT_TRUE(parse_archive_metadata(metadata(), "a.pmtiles"));
  const ErrorCode bad = ErrorCode::kInvalidFile, other = ErrorCode::kNotSupported;
  expect_refusal("", bad, "JSON object");
  expect_refusal("{", bad, "JSON object");
  expect_refusal("[1]", bad, "JSON object");
  expect_refusal("{}", other, "not made by forge3d");
  expect_refusal(R"({"forge3d":3})", bad, "forge3d must be an object");
  expect_refusal(R"({"forge3d":{}})", bad, "forge3d.version is missing");
  for (const char* width : {"-1", "1.5", "\"515\"", "null", "18446744073709551616", "[]"})
    expect_refusal(metadata(width), bad, "forge3d.width must be");
  expect_refusal(metadata("4294967296"), bad, "over 32 bits");
  expect_refusal(metadata("0"), bad, "width is 0");
  expect_refusal(metadata("515", "4"), bad, "forge3d.levels is 4, must be 3");
  expect_refusal(metadata("515", "3", "7"), bad, "forge3d.format");
  expect_refusal(metadata("515", "3", "\"QC9\""), other, "QC9");
  expect_refusal(metadata("515", "3", "\"BC7_SRGB_BLOCK\"", "2"), other, "version 2");
  expect_refusal(std::string(100'000, '['), bad, "JSON object");
}

TEST(ArchiveMetadata, EveryPageHasItsOwnTileId) {
  // 513 and 2049 leave one page more than 2^(levels - 1) a side.
  for (const auto& [width, height] :
       {std::pair{1u, 1u}, {513u, 513u}, {515u, 769u}, {2049u, 1u}, {256u * 16 + 15, 3000u}}) {
    const TilePyramid pyramid = *make_tile_pyramid(width, height, Format::kBC7Srgb);
    std::set<std::uint64_t> ids;
    for (const TileAddress page : all_pages(pyramid)) {
      const std::uint32_t zoom = archive_max_zoom(pyramid) - page.level;
      ASSERT_LT(page.x, 1u << zoom);
      ASSERT_LT(page.y, 1u << zoom);
      ids.insert(archive_tile_id(pyramid, page));
    }
    EXPECT_EQ(ids.size(), pyramid.page_count()) << width << " x " << height;
  }
}

}  // namespace
}  // namespace forge3d::tiles
