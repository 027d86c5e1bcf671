// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Tiles that functions of the caller fill: stored tiles as they are, or raw pages.

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "forge3d/tile_sources.hpp"
#include "tiles/sources/raw_tile_source.hpp"

namespace forge3d {
namespace {

class StoredTiles final : public TileSource {
 public:
  StoredTiles(const TilePyramid& pyramid, StoredTileFunction function, std::string name)
      : pyramid_(pyramid), function_(std::move(function)), name_(std::move(name)) {}

  [[nodiscard]] const TilePyramid& pyramid() const override { return pyramid_; }
  [[nodiscard]] std::string name() const override { return name_; }
  [[nodiscard]] Result<> read_tile(TileAddress address, std::span<std::byte> out) const override {
    FORGE3D_TRY(tiles::check_tile_request(pyramid_, name_, address, out.size()));
    auto filled = function_(address, out);
    if (filled) return {};
    return fail_from(std::move(filled).error(), tiles::tile_label(name_, address));
  }

 private:
  TilePyramid pyramid_;
  StoredTileFunction function_;
  std::string name_;
};

class FunctionPages final : public tiles::RawPages {
 public:
  FunctionPages(const ImageInfo& info, RawPageFunction function, std::uint32_t levels,
                std::uint32_t page_texels, std::string name)
      : info_(info),
        function_(std::move(function)),
        levels_(levels),
        page_texels_(page_texels),
        name_(std::move(name)) {}

  [[nodiscard]] const ImageInfo& info() const override { return info_; }
  [[nodiscard]] std::string name() const override { return name_; }
  [[nodiscard]] std::optional<tiles::RawLevel> level(std::uint32_t level) const override {
    if (level >= levels_) return std::nullopt;
    return tiles::RawLevel{mip_extent(info_.width, level), mip_extent(info_.height, level),
                           page_texels_, page_texels_};
  }

  [[nodiscard]] Result<> read_block(std::uint32_t level, std::uint32_t x, std::uint32_t y,
                                    std::span<std::byte> out) const override {
    ImageInfo shape = info_;
    shape.width = std::min(page_texels_, mip_extent(info_.width, level) - x * page_texels_);
    shape.height = std::min(page_texels_, mip_extent(info_.height, level) - y * page_texels_);
    const std::size_t rows_bytes = shape.height * shape.row_bytes();
    FORGE3D_TRY(function_({level, x, y}, shape, out.first(rows_bytes)));
    // Rows of a page that the level cuts move to where a whole page has them, from the last.
    const std::size_t stride = page_texels_ * tiles::pixel_bytes(info_);
    for (std::uint32_t row = shape.height; row-- > 1;)
      std::memmove(out.data() + row * stride, out.data() + row * shape.row_bytes(),
                   shape.row_bytes());
    return {};
  }

 private:
  ImageInfo info_;
  RawPageFunction function_;
  std::uint32_t levels_, page_texels_;
  std::string name_;
};

Result<> check_function(bool is_there, const std::string& name) {
  if (is_there) return {};
  return fail(ErrorCode::kInvalidArgument, name + ": there is no function to ask for tiles");
}

}  // namespace

Result<std::shared_ptr<TileSource>> make_callback_tile_source(const TilePyramid& pyramid,
                                                              StoredTileFunction function,
                                                              std::string name) {
  FORGE3D_TRY(check_function(static_cast<bool>(function), name));
  FORGE3D_TRY_ASSIGN(const TilePyramid made,
                     make_tile_pyramid(pyramid.width, pyramid.height, pyramid.format,
                                       pyramid.page_texels, pyramid.border_texels));
  if (made.levels != pyramid.levels)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: the pyramid has {} levels, must have {}", name, pyramid.levels,
                            made.levels));
  return std::make_shared<StoredTiles>(pyramid, std::move(function), std::move(name));
}

Result<std::shared_ptr<TileSource>> make_callback_tile_source(const ImageInfo& info,
                                                              RawPageFunction function,
                                                              std::uint32_t levels,
                                                              const TileSourceOptions& options,
                                                              std::string name) {
  FORGE3D_TRY(check_function(static_cast<bool>(function), name));
  if (info.channels < 1 || info.channels > 4)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: {} channels, must be 1 to 4", name, info.channels));
  return tiles::make_raw_tile_source(
      std::make_shared<FunctionPages>(info, std::move(function), levels == 0 ? ~0u : levels,
                                      options.page_texels, std::move(name)),
      options);
}

}  // namespace forge3d
