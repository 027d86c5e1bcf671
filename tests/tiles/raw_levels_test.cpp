// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "tiles/sources/raw_levels.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "tiles/raw_picture.hpp"
#include "tiles/sources/raw_tile_source.hpp"

namespace forge3d::tiles {
namespace {

constexpr ImageInfo kInfo{333, 201, 4, SampleType::kU8, true};

TileSourceOptions rgba8_options() {
  TileSourceOptions options;
  options.format = Format::kRGBA8Unorm;
  options.page_texels = 64;
  return options;
}

/// A smooth picture: noise would hide what is only nearly right.
Image smooth_picture(ImageInfo info) {
  Image image = *make_image(info);
  for (std::uint32_t y = 0; y < info.height; ++y)
    for (std::uint32_t x = 0; x < info.width; ++x) {
      std::byte* const texel = image.row(y).data() + std::size_t{x} * 4;
      texel[0] = static_cast<std::byte>(x * 255 / info.width);
      texel[1] = static_cast<std::byte>(y * 255 / info.height);
      texel[2] = static_cast<std::byte>((x + y) % 200);
      texel[3] = std::byte{255};
    }
  return image;
}

void expect_all_tiles(const TileSource& source, const Image& picture, int tolerance) {
  const auto levels = reference_levels(picture, source.pyramid().levels);
  for (const TileAddress page : all_pages(source.pyramid())) {
    const auto expected = reference_tile(levels, source.pyramid(), page);
    EXPECT_LE(largest_difference(read_tile(source, page), expected), tolerance)
        << page.level << " " << page.x << " " << page.y;
  }
}

TEST(RawLevels, StoredLevelsAreExactWhateverTheBlocks) {
  const auto levels = with_mips(noise_picture(kInfo));
  for (const auto& [width, height, origin] :
       {std::array{64u, 64u, 0u}, {48u, 16u, 0u}, {512u, 5u, 0u}, {100u, 100u, 37u}}) {
    const auto source = make_raw_tile_source(
        std::make_shared<RawPicture>(levels, width, height, origin), rgba8_options());
    ASSERT_TRUE(source) << source.error().to_string();
    expect_all_tiles(**source, levels.at(0), 0);
  }
}

TEST(RawLevels, MissingLevelsAreFilteredFromFinerOnes) {
  for (const Image& picture : {smooth_picture(kInfo), noise_picture(kInfo)}) {
    auto kept = with_mips(picture);
    std::erase_if(kept, [](const auto& level) { return level.first == 1 || level.first > 2; });
    const auto source =
        make_raw_tile_source(std::make_shared<RawPicture>(kept, 64, 64), rgba8_options());
    ASSERT_TRUE(source) << source.error().to_string();
    EXPECT_EQ((*source)->pyramid().levels, 4u);
    // Rounded once per level on the way, where the chain of make_mips is not.
    expect_all_tiles(**source, picture, 1);
  }
}

TEST(RawLevels, LevelsRoundedUpAreResampled) {
  const Image picture = smooth_picture(kInfo);
  const auto levels = reference_levels(picture, 4);
  // The overview that a writer of TIFF makes: 2 x 2 boxes, the last column and row of one.
  Image overview = *make_image({167, 101, 4, SampleType::kU8, true});
  for (std::uint32_t y = 0; y < 101; ++y)
    for (std::uint32_t x = 0; x < 167; ++x)
      for (std::size_t c = 0; c < 4; ++c) {
        int sum = 0;
        for (const auto& [dx, dy] : {std::pair{0u, 0u}, {1u, 0u}, {0u, 1u}, {1u, 1u}})
          sum += std::to_integer<int>(
              picture.row(std::min(2 * y + dy, 200u))[std::min(2 * x + dx, 332u) * 4 + c]);
        overview.row(y)[x * 4 + c] = static_cast<std::byte>((sum + 2) / 4);
      }
  const auto source =
      make_raw_tile_source(std::make_shared<RawPicture>(
                               std::map<std::uint32_t, Image>{{0, picture}, {1, overview}}, 64, 64),
                           rgba8_options());
  ASSERT_TRUE(source) << source.error().to_string();
  const TilePyramid& pyramid = (*source)->pyramid();
  for (const TileAddress page : all_pages(pyramid)) {
    if (page.level != 1) continue;
    const auto tile = read_tile(**source, page);
    const auto expected = reference_tile(levels, pyramid, page);
    // Red is a ramp of 0.77 a texel: half a texel's shift would show. Blue wraps around.
    for (std::size_t i = 0; i < tile.size(); i += 4)
      ASSERT_LE(
          largest_difference(std::span(tile).subspan(i, 2), std::span(expected).subspan(i, 2)), 2)
          << page.x << " " << page.y << " texel " << i / 4;
  }
}

TEST(RawLevels, RefusesToMakeTooMuch) {
  const auto picture = std::make_shared<RawPicture>(
      std::map<std::uint32_t, Image>{{0, noise_picture(kInfo)}}, 64, 64);
  auto options = rgba8_options();
  options.max_made_pages = 23;  // 6 x 4 pages
  const auto refused = make_raw_tile_source(picture, options);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kNotSupported);
  EXPECT_THAT(refused.error().message, testing::HasSubstr("24 pages of level 0"));
  options.max_made_pages = 24;
  EXPECT_TRUE(make_raw_tile_source(picture, options));
}

TEST(RawLevels, ThreadsShareASmallCache) {
  auto kept = with_mips(noise_picture(kInfo));
  std::erase_if(kept, [](const auto& level) { return level.first > 1; });
  auto options = rgba8_options();
  options.cache_bytes = 5 * 64 * 64 * 4;
  const auto source = *make_raw_tile_source(std::make_shared<RawPicture>(kept, 48, 32), options);
  const auto pages = all_pages(source->pyramid());
  std::vector<std::vector<std::byte>> alone;
  for (const TileAddress page : pages) alone.push_back(read_tile(*source, page));
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (std::size_t i = 0; i < 3 * pages.size(); ++i) {
        const std::size_t at = (i + t * 5) % pages.size();
        EXPECT_EQ(read_tile(*source, pages[at]), alone[at]);
      }
    });
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace forge3d::tiles
