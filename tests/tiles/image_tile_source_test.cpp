// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <thread>

#include "forge3d/codec.hpp"
#include "forge3d/tile_source.hpp"
#include "tiles/pictures.hpp"

namespace forge3d::tiles {
namespace {

TEST(ImageTileSource, TilesEqualTheReference) {
  for (const auto& [width, height] : {std::pair{1u, 1u}, {257u, 3u}, {3u, 257u}, {515u, 769u}})
    for (const std::uint32_t channels : {1u, 3u, 4u}) {
      const Image image = noise_picture({width, height, channels, SampleType::kU8, true});
      const auto source = *make_image_tile_source(image, Format::kRGBA8Unorm);
      EXPECT_EQ(source->pyramid().format, Format::kRGBA8Srgb);
      const auto levels = reference_levels(image, source->pyramid().levels);
      for (const TileAddress page : all_pages(source->pyramid()))
        ASSERT_EQ(read_tile(*source, page), reference_tile(levels, source->pyramid(), page))
            << width << " x " << height << " level " << page.level;
    }
}

TEST(ImageTileSource, EncodesOnRead) {
  const Image image = noise_picture({300, 200, 3, SampleType::kU8, false});
  const auto source = *make_image_tile_source(image, Format::kBC7Srgb, 64, 8);
  EXPECT_EQ(source->pyramid().format, Format::kBC7Unorm);
  const auto levels = reference_levels(image, source->pyramid().levels);
  const auto texels = reference_tile(levels, source->pyramid(), {1, 1, 1});
  std::vector<std::byte> blocks(static_cast<std::size_t>(source->pyramid().tile_bytes()));
  const Rgba8View view{reinterpret_cast<const std::uint8_t*>(texels.data()), 80, 80, 320};
  ASSERT_TRUE(encode_blocks({Format::kBC7Unorm, Quality::kFast, 1}, view, blocks));
  EXPECT_EQ(read_tile(*source, {1, 1, 1}), blocks);
}

TEST(ImageTileSource, RefusesWrongTilesAndSizes) {
  const Image image = noise_picture({300, 200, 3, SampleType::kU8, true});
  const auto source = *make_image_tile_source(image, Format::kRGBA8Unorm);
  std::vector<std::byte> out(static_cast<std::size_t>(source->pyramid().tile_bytes()));
  for (const TileAddress wrong : {TileAddress{0, 2, 0}, {0, 0, 1}, {2, 0, 0}, {~0u, ~0u, ~0u}})
    EXPECT_EQ(source->read_tile(wrong, out).error().code, ErrorCode::kInvalidArgument);
  out.pop_back();
  EXPECT_EQ(source->read_tile({0, 0, 0}, out).error().code, ErrorCode::kInvalidArgument);
}

TEST(ImageTileSource, RefusesFormatsAndImagesItCannotTile) {
  const Image image = noise_picture({30, 20, 3, SampleType::kU8, true});
  EXPECT_EQ(make_image_tile_source(image, Format::kBC6HUfloat).error().code,
            ErrorCode::kNotSupported);
  EXPECT_EQ(make_image_tile_source(image, Format::kUndefined).error().code,
            ErrorCode::kNotSupported);
  EXPECT_EQ(make_image_tile_source(image, Format::kBC7Unorm, 100).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_FALSE(make_image_tile_source({}, Format::kBC7Unorm));
  Image short_of_pixels = image;
  short_of_pixels.pixels.pop_back();
  EXPECT_EQ(make_image_tile_source(short_of_pixels, Format::kBC7Unorm).error().code,
            ErrorCode::kInvalidArgument);
}

TEST(ImageTileSource, ThreadsReadAtOnce) {
  const Image image = noise_picture({300, 200, 4, SampleType::kU8, true});
  const auto source = *make_image_tile_source(image, Format::kBC1RgbUnorm, 64);
  const auto pages = all_pages(source->pyramid());
  std::vector<std::vector<std::byte>> alone;
  for (const TileAddress page : pages) alone.push_back(read_tile(*source, page));
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 3; ++t)
    threads.emplace_back([&, t] {
      for (std::size_t i = 0; i < pages.size(); ++i) {
        const std::size_t at = (i + t * 5) % pages.size();
        EXPECT_EQ(read_tile(*source, pages[at]), alone[at]);
      }
    });
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace forge3d::tiles
