// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Pictures for the tile tests, and tiles cut from them texel by texel.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <utility>
#include <vector>

#include "forge3d/image.hpp"
#include "forge3d/mip.hpp"
#include "forge3d/tile_source.hpp"

namespace forge3d::tiles {

/// Noise with the same bytes on every machine.
inline Image noise_picture(ImageInfo info, std::uint64_t seed = 1) {
  Image image = *make_image(info);
  for (std::byte& byte : image.pixels) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    byte = static_cast<std::byte>(seed >> 56);
  }
  return image;
}

/// One colour, with a block of noise of `side` texels in the middle.
inline Image mostly_flat_picture(std::uint32_t width, std::uint32_t height, std::uint32_t side) {
  const ImageInfo info{width, height, 3, SampleType::kU8, true};
  Image image = *make_image(info);
  std::ranges::fill(image.pixels, std::byte{200});
  const Image noise = noise_picture({side, side, 3, SampleType::kU8, true});
  for (std::uint32_t y = 0; y < side; ++y)
    std::ranges::copy(noise.row(y), image.row(height / 2 + y).begin() + (width / 2) * 3);
  return image;
}

/// Hands out the rows of an image held in memory, or fails at a row.
class ImageRows final : public RowReader {
 public:
  explicit ImageRows(const Image& image, std::uint32_t bad_row = ~0u)
      : image_(image), bad_row_(bad_row) {}
  [[nodiscard]] const ImageInfo& info() const override { return image_.info; }
  [[nodiscard]] Result<> read_row(std::span<std::byte> row) override {
    if (next_ == bad_row_) return fail(ErrorCode::kInvalidFile, "row 7 is torn");
    if (next_ == image_.info.height) return fail(ErrorCode::kInvalidArgument, "no more rows");
    std::ranges::copy(image_.row(next_++), row.begin());
    return {};
  }

 private:
  const Image& image_;
  std::uint32_t bad_row_;
  std::uint32_t next_ = 0;
};

/// Every level of a picture as RGBA8, level 0 first.
inline std::vector<Image> reference_levels(const Image& image, std::uint32_t levels) {
  std::vector<Image> all{*to_rgba8(image)};
  auto mips = *make_mips(all[0], {.levels = levels});
  std::ranges::move(mips, std::back_inserter(all));
  return all;
}

/// The texels of one stored tile, each looked up on its own.
inline std::vector<std::byte> reference_tile(const std::vector<Image>& levels,
                                             const TilePyramid& pyramid, TileAddress address) {
  const Image& level = levels[address.level];
  const auto inside = [](std::int64_t at, std::uint32_t extent) {
    return static_cast<std::size_t>(std::clamp<std::int64_t>(at, 0, extent - 1));
  };
  std::vector<std::byte> tile;
  const std::int64_t side = pyramid.tile_texels(), page = pyramid.page_texels;
  const std::int64_t border = pyramid.border_texels;
  for (std::int64_t y = 0; y < side; ++y)
    for (std::int64_t x = 0; x < side; ++x) {
      const std::size_t from_x = inside(address.x * page + x - border, level.info.width);
      const std::size_t from_y = inside(address.y * page + y - border, level.info.height);
      const std::byte* texel = level.pixels.data() + (from_y * level.info.width + from_x) * 4;
      tile.insert(tile.end(), texel, texel + 4);
    }
  return tile;
}

/// All pages of a pyramid.
inline std::vector<TileAddress> all_pages(const TilePyramid& pyramid) {
  std::vector<TileAddress> pages;
  for (std::uint32_t level = 0; level < pyramid.levels; ++level)
    for (std::uint32_t y = 0; y < pyramid.pages_y(level); ++y)
      for (std::uint32_t x = 0; x < pyramid.pages_x(level); ++x) pages.push_back({level, x, y});
  return pages;
}

inline std::vector<std::byte> read_tile(const TileSource& source, TileAddress address) {
  std::vector<std::byte> tile(static_cast<std::size_t>(source.pyramid().tile_bytes()));
  const auto read = source.read_tile(address, tile);
  EXPECT_TRUE(read) << read.error().to_string();
  return tile;
}

}  // namespace forge3d::tiles
