// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// A picture in memory as raw blocks, with the levels that a test wants it to have.

#include <algorithm>
#include <map>
#include <utility>

#include "tiles/pictures.hpp"
#include "tiles/sources/raw_pages.hpp"

namespace forge3d::tiles {

/// Levels by number; their blocks are block_width x block_height from `origin` on.
class RawPicture final : public RawPages {
 public:
  RawPicture(std::map<std::uint32_t, Image> levels, std::uint32_t block_width,
             std::uint32_t block_height, std::uint32_t origin = 0)
      : levels_(std::move(levels)),
        block_width_(block_width),
        block_height_(block_height),
        origin_(origin) {}

  [[nodiscard]] const ImageInfo& info() const override { return levels_.at(0).info; }
  [[nodiscard]] std::string name() const override { return "raw picture"; }
  [[nodiscard]] std::optional<RawLevel> level(std::uint32_t level) const override {
    const auto found = levels_.find(level);
    if (found == levels_.end()) return std::nullopt;
    const ImageInfo& info = found->second.info;
    return RawLevel{info.width, info.height, block_width_, block_height_, origin_, origin_};
  }
  [[nodiscard]] Result<> read_block(std::uint32_t level, std::uint32_t x, std::uint32_t y,
                                    std::span<std::byte> out) const override {
    const Image& image = levels_.at(level);
    const std::size_t pixel = pixel_bytes(image.info);
    for (std::uint32_t row = 0; row < block_height_; ++row)
      for (std::uint32_t column = 0; column < block_width_; ++column) {
        const std::int64_t from_x = std::int64_t{x} * block_width_ + column - origin_;
        const std::int64_t from_y = std::int64_t{y} * block_height_ + row - origin_;
        if (from_x < 0 || from_y < 0 || from_x >= image.info.width || from_y >= image.info.height)
          continue;  // whatever `out` held
        const auto texel = image.row(static_cast<std::uint32_t>(from_y))
                               .subspan(static_cast<std::size_t>(from_x) * pixel, pixel);
        std::ranges::copy(texel, out.begin() + static_cast<std::ptrdiff_t>(
                                                   (row * block_width_ + column) * pixel));
      }
    return {};
  }

 private:
  std::map<std::uint32_t, Image> levels_;
  std::uint32_t block_width_, block_height_, origin_;
};

/// The picture and all its mips.
inline std::map<std::uint32_t, Image> with_mips(Image image) {
  std::map<std::uint32_t, Image> levels;
  auto mips = *make_mips(image);
  for (std::uint32_t level = 1; level <= mips.size(); ++level)
    levels[level] = std::move(mips[level - 1]);
  levels[0] = std::move(image);
  return levels;
}

/// The largest difference of two byte sequences.
inline int largest_difference(std::span<const std::byte> a, std::span<const std::byte> b) {
  int largest = a.size() == b.size() ? 0 : 256;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    largest = std::max(largest, std::abs(std::to_integer<int>(a[i]) - std::to_integer<int>(b[i])));
  return largest;
}

}  // namespace forge3d::tiles
