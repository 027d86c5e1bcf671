// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "forge3d/tile_source.hpp"

namespace forge3d {
namespace {

TEST(TilePyramid, EndsAtTheFirstLevelThatFitsOnePage) {
  struct Case {
    std::uint32_t width, height, page, levels;
  };
  for (const Case& c : {Case{1, 1, 256, 1},
                        {256, 256, 256, 1},
                        {257, 3, 256, 2},
                        {3, 513, 256, 2},
                        {514, 514, 256, 3},
                        {515, 769, 256, 3},
                        {1 << 20, 1 << 20, 256, 13},
                        {1 << 20, 1, 64, 15},
                        {512, 512, 512, 1}}) {
    const auto pyramid = make_tile_pyramid(c.width, c.height, Format::kBC7Srgb, c.page);
    ASSERT_TRUE(pyramid) << pyramid.error().to_string();
    EXPECT_EQ(pyramid->levels, c.levels) << c.width << " x " << c.height;
    EXPECT_EQ(pyramid->pages_x(c.levels - 1), 1u);
    EXPECT_EQ(pyramid->pages_y(c.levels - 1), 1u);
  }
}

TEST(TilePyramid, CountsPagesIn64Bits) {
  const auto pyramid = make_tile_pyramid(1 << 20, 1 << 20, Format::kBC1RgbUnorm, 64);
  ASSERT_TRUE(pyramid);
  EXPECT_EQ(pyramid->page_count(), ((std::uint64_t{1} << 30) - 1) / 3);
  const auto odd = make_tile_pyramid(515, 769, Format::kRGBA8Unorm);
  EXPECT_EQ(odd->page_count(), 3u * 4u + 2u * 2u + 1u);
}

TEST(TilePyramid, TileBytesFollowTheFormat) {
  EXPECT_EQ(make_tile_pyramid(9, 9, Format::kBC7Srgb)->tile_bytes(), 66u * 66u * 16u);
  EXPECT_EQ(make_tile_pyramid(9, 9, Format::kBC1RgbUnorm, 64, 0)->tile_bytes(), 16u * 16u * 8u);
  EXPECT_EQ(make_tile_pyramid(9, 9, Format::kRGBA8Unorm, 128, 8)->tile_bytes(), 144u * 144u * 4u);
}

TEST(TilePyramid, RefusesAndNamesTheField) {
  const auto expect_refusal = [](auto pyramid, const char* field) {
    ASSERT_FALSE(pyramid);
    EXPECT_EQ(pyramid.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(pyramid.error().message, testing::HasSubstr(field));
  };
  const Format bc7 = Format::kBC7Unorm;
  expect_refusal(make_tile_pyramid(0, 1, bc7), "width");
  expect_refusal(make_tile_pyramid(1, 0, bc7), "height");
  expect_refusal(make_tile_pyramid((1 << 20) + 1, 1, bc7), "width");
  expect_refusal(make_tile_pyramid(1, ~0u, bc7), "height");
  for (const std::uint32_t page : {0u, 32u, 100u, 255u, 1024u})
    expect_refusal(make_tile_pyramid(9, 9, bc7, page), "page_texels");
  for (const std::uint32_t border : {1u, 2u, 6u, 132u, ~0u - 3u})
    expect_refusal(make_tile_pyramid(9, 9, bc7, 256, border), "border_texels");
  EXPECT_EQ(make_tile_pyramid(9, 9, Format::kUndefined).error().code, ErrorCode::kNotSupported);
}

TEST(TilePyramid, ContainsExactlyItsPages) {
  const TilePyramid pyramid = *make_tile_pyramid(515, 769, Format::kBC7Unorm);
  EXPECT_TRUE(pyramid.contains({0, 2, 3}));
  EXPECT_FALSE(pyramid.contains({0, 3, 0}));
  EXPECT_FALSE(pyramid.contains({0, 0, 4}));
  EXPECT_TRUE(pyramid.contains({2, 0, 0}));
  EXPECT_FALSE(pyramid.contains({3, 0, 0}));
}

}  // namespace
}  // namespace forge3d
