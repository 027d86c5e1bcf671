// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <set>
#include <thread>

#include "forge3d/tile_sources.hpp"
#include "tiles/raw_picture.hpp"
#include "tiles/sources/terrain.hpp"

namespace forge3d::tiles {
namespace {

constexpr std::uint32_t kWorld = 1u << 20;

TEST(Terrain, EachHeightIsTheMeanOfTheFourBelow) {
  const Terrain terrain(18, 7);
  Terrain::Heights coarse, fine;
  for (const std::uint32_t level : {17u, 9u, 3u, 1u}) {
    terrain.read(level, {-3, 5, 20, 10}, coarse);
    terrain.read(level - 1, {-6, 10, 40, 20}, fine);
    for (std::int32_t y = 5; y < 15; ++y)
      for (std::int32_t x = -3; x < 17; ++x) {
        const std::int64_t sum = std::int64_t{*fine.at(2 * x, 2 * y)} + *fine.at(2 * x + 1, 2 * y) +
                                 *fine.at(2 * x, 2 * y + 1) + *fine.at(2 * x + 1, 2 * y + 1);
        ASSERT_EQ(sum, 4 * std::int64_t{*coarse.at(x, y)});
      }
  }
}

TEST(Terrain, HeightsDoNotDependOnTheRectangle) {
  const Terrain terrain(18, 7);
  Terrain::Heights one, other;
  terrain.read(0, {1000, 2000, 100, 100}, one);
  terrain.read(0, {1037, 1990, 5, 33}, other);
  for (std::int32_t y = 2000; y < 2023; ++y)
    for (std::int32_t x = 1037; x < 1042; ++x) ASSERT_EQ(*one.at(x, y), *other.at(x, y));
}

TEST(ProceduralSource, IsAWholeWorld) {
  const auto source = make_procedural_source(ProceduralKind::kTerrain, kWorld, 1);
  ASSERT_TRUE(source) << source.error().to_string();
  EXPECT_EQ((*source)->pyramid().width, kWorld);
  EXPECT_EQ((*source)->pyramid().levels, 13u);
  EXPECT_EQ((*source)->pyramid().format, Format::kRGBA8Srgb);
  const auto whole = read_tile(**source, {12, 0, 0});
  std::set<std::uint32_t> colours;
  std::size_t sea = 0;
  for (std::size_t i = 0; i < whole.size(); i += 4) {
    std::uint32_t colour = 0;
    std::memcpy(&colour, &whole[i], sizeof(colour));
    colours.insert(colour);
    sea += whole[i + 2] > whole[i] ? 1 : 0;
    EXPECT_EQ(whole[i + 3], std::byte{255});
  }
  EXPECT_GT(colours.size(), 200u);
  EXPECT_GT(sea, whole.size() / 4 / 8);
  EXPECT_LT(sea, whole.size() / 4 * 7 / 8);
  const auto other = *make_procedural_source(ProceduralKind::kTerrain, kWorld, 2);
  EXPECT_NE(read_tile(*other, {12, 0, 0}), whole);
}

TEST(ProceduralSource, NeighboursShareTheirBorders) {
  const auto source = *make_procedural_source(ProceduralKind::kTerrain, kWorld, 3);
  for (const std::uint32_t level : {0u, 4u, 11u}) {
    const auto left = read_tile(*source, {level, 0, 1}), right = read_tile(*source, {level, 1, 1});
    for (std::uint32_t y = 0; y < 264; ++y)
      for (std::uint32_t x = 0; x < 8; ++x)
        for (std::size_t c = 0; c < 4; ++c)
          ASSERT_EQ(left[(y * 264 + 256 + x) * 4 + c], right[(y * 264 + x) * 4 + c]);
  }
}

/// The mean of 2 x 2 texels of the finer level, where the coarser tile shows it.
TEST(ProceduralSource, CoarserLevelsShowTheSameWorld) {
  const auto source = *make_procedural_source(ProceduralKind::kHeights, kWorld, 3);
  const auto texel = [](std::span<const std::byte> tile, std::uint32_t x, std::uint32_t y) {
    std::uint16_t value = 0;
    std::memcpy(&value, &tile[((y + 4) * 264 + x + 4) * 2], 2);
    return static_cast<int>(value);
  };
  for (const std::uint32_t level : {0u, 5u, 11u}) {
    const auto coarse = read_tile(*source, {level + 1, 0, 0}),
               fine = read_tile(*source, {level, 1, 1});
    for (std::uint32_t y = 0; y < 128; ++y)
      for (std::uint32_t x = 0; x < 128; ++x) {
        const int mean = (texel(fine, 2 * x, 2 * y) + texel(fine, 2 * x + 1, 2 * y) +
                          texel(fine, 2 * x, 2 * y + 1) + texel(fine, 2 * x + 1, 2 * y + 1)) /
                         4;
        ASSERT_LE(std::abs(mean - texel(coarse, 128 + x, 128 + y)), 1);
      }
  }
}

TEST(ProceduralSource, TakesAnyExtentAndFormat) {
  TileSourceOptions options;
  options.page_texels = 64;
  for (const std::uint32_t extent : {1u, 2u, 5u, 64u, 65u, 1000u}) {
    options.format = Format::kUndefined;
    const auto source = *make_procedural_source(ProceduralKind::kTerrain, extent, 9, options);
    for (const TileAddress page : all_pages(source->pyramid())) {
      const auto tile = read_tile(*source, page);
      const std::uint32_t last = source->pyramid().level_width(page.level) - page.x * 64 + 3;
      // What lies outside the level repeats its edge.
      if (last + 1 >= 72) continue;
      EXPECT_TRUE(std::ranges::equal(std::span(tile).subspan(std::size_t{last} * 4, 4),
                                     std::span(tile).subspan(71 * 4, 4)));
    }
    options.format = Format::kBC1RgbUnorm;
    const auto blocks = *make_procedural_source(ProceduralKind::kTerrain, extent, 9, options);
    EXPECT_EQ(blocks->pyramid().format, Format::kBC1RgbSrgb);
    (void)read_tile(*blocks, {0, 0, 0});
  }
  for (const std::uint32_t extent : {0u, kWorld + 1})
    EXPECT_EQ(make_procedural_source(ProceduralKind::kTerrain, extent, 9).error().code,
              ErrorCode::kInvalidArgument);
  options.format = Format::kR16Unorm;
  EXPECT_EQ(make_procedural_source(ProceduralKind::kTerrain, 100, 9, options).error().code,
            ErrorCode::kNotSupported);
}

TEST(ProceduralSource, ThreadsReadAtOnce) {
  const auto source = *make_procedural_source(ProceduralKind::kTerrain, 4096, 5);
  const auto pages = all_pages(source->pyramid());
  std::vector<std::size_t> sums(4);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < sums.size(); ++t)
    threads.emplace_back([&, t] {
      for (const TileAddress page : pages) {
        const auto tile = read_tile(*source, page);
        for (std::size_t i = 0; i < tile.size(); i += 41)
          sums[t] = sums[t] * 31 + std::to_integer<std::size_t>(tile[i]);
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(sums, testing::Each(sums[0]));
}

}  // namespace
}  // namespace forge3d::tiles
