// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "forge3d/codec.hpp"
#include "forge3d/tile_source.hpp"
#include "tiles/guard_memory.hpp"
#include "tiles/mip_rows.hpp"

namespace forge3d {
namespace {

constexpr std::size_t kTexelBytes = 4;

/// All levels as RGBA8; immutable once made, so reads need no lock.
class ImageTileSource final : public TileSource {
 public:
  ImageTileSource(TilePyramid pyramid, std::vector<Image> levels)
      : pyramid_(pyramid), levels_(std::move(levels)) {}

  [[nodiscard]] const TilePyramid& pyramid() const override { return pyramid_; }
  [[nodiscard]] std::string name() const override { return "image in memory"; }

  [[nodiscard]] Result<> read_tile(TileAddress address, std::span<std::byte> out) const override {
    if (!pyramid_.contains(address))
      return fail(ErrorCode::kInvalidArgument, fmt::format("image in memory: no tile {}/{}/{}",
                                                           address.level, address.x, address.y));
    if (out.size() != pyramid_.tile_bytes())
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("image in memory: a tile has {} bytes, the output {}",
                              pyramid_.tile_bytes(), out.size()));
    const std::uint32_t side = pyramid_.tile_texels();
    std::vector<std::byte> texels(std::size_t{side} * side * kTexelBytes);
    cut(address, texels);
    const Rgba8View view{reinterpret_cast<const std::uint8_t*>(texels.data()), side, side,
                         side * kTexelBytes};
    return encode_blocks({pyramid_.format, Quality::kFast, 1}, view, out);
  }

 private:
  /// Copies the tile with its border; what lies outside the level repeats its edge.
  void cut(TileAddress address, std::span<std::byte> out) const {
    const Image& level = levels_[address.level];
    const auto side = static_cast<std::int64_t>(pyramid_.tile_texels());
    const std::int64_t left = first_texel(address.x), top = first_texel(address.y);
    for (std::int64_t y = 0; y < side; ++y) {
      const auto row_y = std::clamp<std::int64_t>(top + y, 0, level.info.height - 1);
      const auto row = level.row(static_cast<std::uint32_t>(row_y));
      cut_row(row, left, level.info.width,
              out.subspan(static_cast<std::size_t>(y * side) * kTexelBytes,
                          static_cast<std::size_t>(side) * kTexelBytes));
    }
  }

  static void cut_row(std::span<const std::byte> row, std::int64_t left, std::int64_t width,
                      std::span<std::byte> out) {
    const auto side = static_cast<std::int64_t>(out.size() / kTexelBytes);
    const auto copy = [&](std::int64_t to, std::int64_t from, std::int64_t count) {
      std::memcpy(out.data() + static_cast<std::size_t>(to) * kTexelBytes,
                  row.data() + static_cast<std::size_t>(from) * kTexelBytes,
                  static_cast<std::size_t>(count) * kTexelBytes);
    };
    const std::int64_t begin = std::clamp<std::int64_t>(-left, 0, side);
    const std::int64_t end = std::clamp<std::int64_t>(width - left, begin, side);
    for (std::int64_t x = 0; x < begin; ++x) copy(x, 0, 1);
    copy(begin, left + begin, end - begin);
    for (std::int64_t x = end; x < side; ++x) copy(x, width - 1, 1);
  }

  [[nodiscard]] std::int64_t first_texel(std::uint32_t page) const {
    return std::int64_t{page} * pyramid_.page_texels - pyramid_.border_texels;
  }

  TilePyramid pyramid_;
  std::vector<Image> levels_;
};

Result<std::vector<Image>> make_levels(const Image& image, const TilePyramid& pyramid) {
  std::vector<Image> levels(1);
  FORGE3D_TRY_ASSIGN(levels[0], to_rgba8(image));
  for (std::uint32_t level = 1; level < pyramid.levels; ++level) {
    FORGE3D_TRY_ASSIGN(Image made,
                       make_image({pyramid.level_width(level), pyramid.level_height(level), 4,
                                   SampleType::kU8, image.info.srgb}));
    levels.push_back(std::move(made));
  }
  std::vector<std::uint32_t> rows_done(pyramid.levels, 0);
  tiles::MipRows mips(image.info, pyramid.levels,
                      [&](std::uint32_t level, std::span<const std::byte> row) -> Result<> {
                        std::ranges::copy(row, levels[level].row(rows_done[level]++).begin());
                        return {};
                      });
  for (std::uint32_t y = 0; y < image.info.height; ++y) FORGE3D_TRY(mips.push(image.row(y)));
  return levels;
}

}  // namespace

Result<std::shared_ptr<TileSource>> make_image_tile_source(Image image, Format format,
                                                           std::uint32_t page_texels,
                                                           std::uint32_t border_texels) {
  const Format stored = with_srgb(format, image.info.srgb);
  if (!can_encode(stored) || is_hdr(stored))
    return fail(ErrorCode::kNotSupported,
                fmt::format("image in memory: tiles cannot be encoded as format {}",
                            static_cast<std::uint32_t>(format)));
  FORGE3D_TRY_ASSIGN(
      const TilePyramid pyramid,
      make_tile_pyramid(image.info.width, image.info.height, stored, page_texels, border_texels));
  if (image.pixels.size() != image.info.height * image.info.row_bytes())
    return fail(ErrorCode::kInvalidArgument,
                "image in memory: the pixels do not have the size that the shape says");
  FORGE3D_TRY_ASSIGN(auto levels, tiles::guard_memory("no memory for the levels of a picture",
                                                      [&] { return make_levels(image, pyramid); }));
  return std::make_shared<ImageTileSource>(pyramid, std::move(levels));
}

}  // namespace forge3d
