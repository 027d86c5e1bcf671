// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "forge3d/tile_sources.hpp"
#include "tiles/raw_picture.hpp"

namespace forge3d::tiles {
namespace {

constexpr ImageInfo kInfo{150, 90, 3, SampleType::kU8, true};

TileSourceOptions options_of(Format format) {
  TileSourceOptions options;
  options.format = format;
  options.page_texels = 64;
  return options;
}

/// Fills pages from levels, but for one that fails.
RawPageFunction pages_of(const std::map<std::uint32_t, Image>& levels,
                         TileAddress failing = {9, 9, 9}) {
  return [&levels, failing](TileAddress address, const ImageInfo& shape,
                            std::span<std::byte> rows) -> Result<> {
    if (address == failing) return fail(ErrorCode::kIo, "the server is down");
    const std::size_t row_bytes = shape.row_bytes();
    EXPECT_EQ(rows.size(), shape.height * row_bytes);
    for (std::uint32_t y = 0; y < shape.height; ++y) {
      const auto row = levels.at(address.level).row(address.y * 64 + y);
      std::ranges::copy(row.subspan(std::size_t{address.x} * 64 * 3, row_bytes),
                        rows.begin() + static_cast<std::ptrdiff_t>(y * row_bytes));
    }
    return {};
  };
}

TEST(CallbackSource, RawPagesBecomeTilesWithBorders) {
  const auto levels = with_mips(noise_picture(kInfo));
  const auto image = *make_image_tile_source(levels.at(0), Format::kRGBA8Unorm, 64);
  for (const Format format : {Format::kRGBA8Unorm, Format::kBC7Unorm}) {
    const auto expected = *make_image_tile_source(levels.at(0), format, 64);
    const auto source = make_callback_tile_source(kInfo, pages_of(levels), 0, options_of(format));
    ASSERT_TRUE(source) << source.error().to_string();
    EXPECT_EQ((*source)->pyramid().format, with_srgb(format, true));
    for (const TileAddress page : all_pages((*source)->pyramid()))
      EXPECT_EQ(read_tile(**source, page), read_tile(*expected, page));
  }
}

TEST(CallbackSource, AsksOnlyForTheLevelsThatThereAre) {
  auto levels = with_mips(noise_picture(kInfo));
  const auto all = levels;
  levels.erase(1), levels.erase(2);
  const auto source =
      *make_callback_tile_source(kInfo, pages_of(levels), 1, options_of(Format::kRGBA8Unorm));
  const auto expected = *make_image_tile_source(all.at(0), Format::kRGBA8Unorm, 64);
  const TileAddress coarse{1, 0, 0};
  EXPECT_LE(largest_difference(read_tile(*source, coarse), read_tile(*expected, coarse)), 1);
}

TEST(CallbackSource, AFailingPageIsAnErrorOfItsTilesAlone) {
  const auto levels = with_mips(noise_picture(kInfo));
  const auto source = *make_callback_tile_source(kInfo, pages_of(levels, {0, 0, 0}), 0,
                                                 options_of(Format::kRGBA8Unorm), "world");
  std::vector<std::byte> out(static_cast<std::size_t>(source->pyramid().tile_bytes()));
  for (int tries = 0; tries < 2; ++tries) {
    const auto read = source->read_tile({0, 1, 0}, out);  // its border needs the page
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, ErrorCode::kIo);
    EXPECT_THAT(read.error().to_string(), testing::HasSubstr("world: tile level 0 x 1 y 0"));
  }
  EXPECT_TRUE(source->read_tile({0, 2, 0}, out));
  EXPECT_TRUE(source->read_tile({1, 0, 0}, out));
}

TEST(CallbackSource, StoredTilesAreGivenAsTheyAre) {
  const TilePyramid pyramid = *make_tile_pyramid(150, 90, Format::kBC1RgbUnorm, 64);
  const auto source = *make_callback_tile_source(
      pyramid, [](TileAddress address, std::span<std::byte> out) -> Result<> {
        if (address.x == 1) return fail(ErrorCode::kCancelled, "not today");
        std::ranges::fill(out, static_cast<std::byte>(address.x));
        return {};
      });
  EXPECT_EQ(read_tile(*source, {0, 2, 1})[7], std::byte{2});
  std::vector<std::byte> out(static_cast<std::size_t>(pyramid.tile_bytes()));
  EXPECT_EQ(source->read_tile({0, 1, 0}, out).error().code, ErrorCode::kCancelled);
  EXPECT_EQ(source->read_tile({0, 3, 0}, out).error().code, ErrorCode::kInvalidArgument);
  out.pop_back();
  EXPECT_EQ(source->read_tile({0, 0, 0}, out).error().code, ErrorCode::kInvalidArgument);
}

TEST(CallbackSource, RefusesBadArguments) {
  TilePyramid pyramid = *make_tile_pyramid(150, 90, Format::kBC1RgbUnorm, 64);
  const auto code = [](const auto& made) { return made.error().code; };
  EXPECT_EQ(code(make_callback_tile_source(pyramid, StoredTileFunction())),
            ErrorCode::kInvalidArgument);
  const auto nothing = [](TileAddress, std::span<std::byte>) -> Result<> { return {}; };
  pyramid.levels = 5;
  EXPECT_EQ(code(make_callback_tile_source(pyramid, nothing)), ErrorCode::kInvalidArgument);
  const auto no_page = [](TileAddress, const ImageInfo&, std::span<std::byte>) -> Result<> {
    return {};
  };
  for (const ImageInfo bad : {ImageInfo{0, 5, 3}, {5, 5, 0}, {5, 5, 5}, {5, 1u << 21, 3}})
    EXPECT_EQ(code(make_callback_tile_source(bad, no_page)), ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace forge3d::tiles
