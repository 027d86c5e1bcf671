// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "tiles/tile_window.hpp"

#include <gtest/gtest.h>

#include "tiles/pictures.hpp"

namespace forge3d::tiles {
namespace {

std::vector<std::byte> texels(Rgba8View view) {
  std::vector<std::byte> out;
  for (std::uint32_t y = 0; y < view.height; ++y) {
    const auto* row = reinterpret_cast<const std::byte*>(view.pixels + y * view.row_bytes);
    out.insert(out.end(), row, row + view.width * 4);
  }
  return out;
}

void expect_reference(std::uint32_t width, std::uint32_t height, std::uint32_t border) {
  const std::vector<Image> levels{noise_picture({width, height, 4, SampleType::kU8, true})};
  const TilePyramid pyramid = *make_tile_pyramid(width, height, Format::kRGBA8Srgb, 64, border);
  TileWindow window(pyramid, 0);
  std::uint32_t page_rows = 0;
  for (std::uint32_t y = 0; y < height; ++y) {
    window.push(levels[0].row(y));
    for (; window.ready(); window.advance()) {
      ASSERT_EQ(window.page_y(), page_rows++);
      for (std::uint32_t x = 0; x < window.pages_x(); ++x)
        ASSERT_EQ(texels(window.tile(x)), reference_tile(levels, pyramid, {0, x, page_rows - 1}))
            << width << " x " << height << " border " << border << " page " << x;
    }
  }
  EXPECT_EQ(page_rows, pyramid.pages_y(0)) << width << " x " << height << " border " << border;
}

TEST(TileWindow, TilesEqualTheReferenceAtEverySizeAroundAPage) {
  for (const std::uint32_t border : {0u, 4u, 8u, 32u})
    for (const std::uint32_t extent :
         {1u, 2u, 3u, 60u, 63u, 64u, 65u, 68u, 69u, 96u, 97u, 128u, 132u})
      expect_reference(extent == 1 ? 1 : 200 - extent, extent, border);
  expect_reference(129, 1, 4);
  expect_reference(1, 200, 4);
}

}  // namespace
}  // namespace forge3d::tiles
