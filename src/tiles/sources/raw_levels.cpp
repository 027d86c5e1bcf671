// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "tiles/sources/raw_levels.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "forge3d/format.hpp"

namespace forge3d::tiles {
namespace {

std::uint64_t pages_along(std::uint32_t texels, std::uint32_t page_texels) {
  return (std::uint64_t{texels} + page_texels - 1) / page_texels;
}

}  // namespace

RawLevels::RawLevels(std::shared_ptr<const RawPages> pages, const Desc& desc)
    : pages_(std::move(pages)),
      desc_(desc),
      pixel_bytes_(pixel_bytes(pages_->info())),
      cache_(desc.cache_bytes) {}

Result<std::unique_ptr<RawLevels>> RawLevels::create(std::shared_ptr<const RawPages> pages,
                                                     const Desc& desc) {
  std::unique_ptr<RawLevels> levels(new RawLevels(std::move(pages), desc));
  FORGE3D_TRY(levels->plan());
  return levels;
}

void RawLevels::add_stored(std::uint32_t level, const RawLevel& shape) {
  Grid grid;
  grid.number = static_cast<std::uint32_t>(grids_.size());
  grid.shape = shape;
  grid.stored = true;
  grid.level = level;
  grids_.push_back(grid);
}

void RawLevels::add_made(std::uint32_t level, double covered_x, double covered_y) {
  const ImageInfo& info = pages_->info();
  const Grid& base = grids_.back();
  Grid grid;
  grid.number = static_cast<std::uint32_t>(grids_.size());
  grid.base = base.number;
  grid.shape = {mip_extent(info.width, level), mip_extent(info.height, level), desc_.page_texels,
                desc_.page_texels};
  grid.across = {grid.shape.width, covered_x, base.shape.width};
  grid.down = {grid.shape.height, covered_y, base.shape.height};
  grids_.push_back(grid);
}

Result<> RawLevels::plan() {
  const ImageInfo& info = pages_->info();
  std::uint32_t base = 0;  // the last level that is stored
  for (std::uint32_t level = 0; level < desc_.levels; ++level) {
    const std::uint32_t width = mip_extent(info.width, level);
    const std::uint32_t height = mip_extent(info.height, level);
    if (const auto shape = pages_->level(level)) {
      add_stored(level, *shape);
      base = level;
      // The texels of a level rounded up are exactly 2^level texels of level 0 wide; its last
      // column and row reach beyond the picture.
      const auto covered = [&](std::uint32_t whole, std::uint32_t stored, std::uint32_t mip) {
        return stored == mip ? static_cast<double>(mip)
                             : std::clamp(whole / static_cast<double>(std::uint64_t{1} << level),
                                          static_cast<double>(mip), static_cast<double>(stored));
      };
      if (shape->width != width || shape->height != height)
        add_made(level, covered(info.width, shape->width, width),
                 covered(info.height, shape->height, height));
    } else {
      FORGE3D_TRY(check_cost(level, base));
      add_made(level, grids_.back().shape.width, grids_.back().shape.height);
    }
    of_level_.push_back(grids_.back().number);
  }
  return {};
}

Result<> RawLevels::check_cost(std::uint32_t level, std::uint32_t base) const {
  const ImageInfo& info = pages_->info();
  const std::uint64_t side = std::uint64_t{1} << std::min(level - base, 31u);
  const auto along = [&](std::uint32_t texels) {
    return std::min(side, pages_along(mip_extent(texels, base), desc_.page_texels));
  };
  const std::uint64_t cost = along(info.width) * along(info.height);
  if (cost <= desc_.max_made_pages) return {};
  return fail(ErrorCode::kNotSupported,
              fmt::format("{}: level {} is missing, and a page of it would be made of {} pages of "
                          "level {}, over the limit of {}: add overviews, or tile it",
                          pages_->name(), level, cost, base, desc_.max_made_pages));
}

Result<> RawLevels::read(std::uint32_t level, std::int64_t x, std::int64_t y, std::uint32_t width,
                         std::uint32_t height, std::span<std::byte> out) const {
  const Grid& grid = grids_[of_level_[level]];
  const auto inside = [](std::int64_t at, std::uint32_t extent) {
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(at, 0, extent));
  };
  const std::uint32_t x0 = inside(x, grid.shape.width), x1 = inside(x + width, grid.shape.width);
  const std::uint32_t y0 = inside(y, grid.shape.height), y1 = inside(y + height, grid.shape.height);
  const std::size_t row_bytes = width * pixel_bytes_;
  const auto left = static_cast<std::uint32_t>(x0 - x), top = static_cast<std::uint32_t>(y0 - y);
  FORGE3D_TRY(read_inside(grid, {x0, y0, x1 - x0, y1 - y0},
                          out.subspan(top * row_bytes + left * pixel_bytes_), row_bytes));
  repeat_edges(out, pixel_bytes_, width, height, left, top, left + (x1 - x0), top + (y1 - y0));
  return {};
}

Result<> RawLevels::read_inside(const Grid& grid, Rectangle rectangle, std::span<std::byte> out,
                                std::size_t row_bytes) const {
  const RawLevel& shape = grid.shape;
  // From here on in texels of the grid of blocks.
  const std::uint64_t left = std::uint64_t{rectangle.x} + shape.origin_x;
  const std::uint64_t top = std::uint64_t{rectangle.y} + shape.origin_y;
  const std::uint64_t right = left + rectangle.width, bottom = top + rectangle.height;
  for (std::uint64_t by = top / shape.block_height; by * shape.block_height < bottom; ++by)
    for (std::uint64_t bx = left / shape.block_width; bx * shape.block_width < right; ++bx) {
      const BlockKey key{grid.number, static_cast<std::uint32_t>(bx),
                         static_cast<std::uint32_t>(by)};
      FORGE3D_TRY_ASSIGN(const BlockCache::Block block,
                         cache_.get(key, [&] { return make_block(grid, key.x, key.y); }));
      const std::uint64_t block_x = bx * shape.block_width, block_y = by * shape.block_height;
      const std::uint64_t x0 = std::max(left, block_x);
      const std::uint64_t x1 = std::min(right, block_x + shape.block_width);
      const std::uint64_t y1 = std::min(bottom, block_y + shape.block_height);
      for (std::uint64_t y = std::max(top, block_y); y < y1; ++y)
        std::memcpy(
            out.data() + (y - top) * row_bytes + (x0 - left) * pixel_bytes_,
            block->data() + ((y - block_y) * shape.block_width + (x0 - block_x)) * pixel_bytes_,
            (x1 - x0) * pixel_bytes_);
    }
  return {};
}

Result<BlockCache::Bytes> RawLevels::make_block(const Grid& grid, std::uint32_t x,
                                                std::uint32_t y) const {
  if (!grid.stored) return filter_block(grid, x, y);
  BlockCache::Bytes bytes(block_bytes(pages_->info(), grid.shape));
  FORGE3D_TRY(pages_->read_block(grid.level, x, y, bytes));
  return bytes;
}

Result<BlockCache::Bytes> RawLevels::filter_block(const Grid& grid, std::uint32_t x,
                                                  std::uint32_t y) const {
  const RawLevel& shape = grid.shape;
  const AreaSpan across{x * shape.block_width,
                        std::min(shape.block_width, shape.width - x * shape.block_width)};
  const AreaSpan down{y * shape.block_height,
                      std::min(shape.block_height, shape.height - y * shape.block_height)};
  const AreaSpan source_x = needed_texels(grid.across, across);
  const AreaSpan source_y = needed_texels(grid.down, down);
  const std::size_t row_bytes = source_x.count * pixel_bytes_;
  BlockCache::Bytes source(source_y.count * row_bytes);
  FORGE3D_TRY(read_inside(grids_[grid.base],
                          {source_x.first, source_y.first, source_x.count, source_y.count}, source,
                          row_bytes));
  BlockCache::Bytes bytes(block_bytes(pages_->info(), shape));
  filter_area(pages_->info(), grid.across, grid.down, across, down, source, bytes,
              shape.block_width * pixel_bytes_);
  return bytes;
}

void repeat_edges(std::span<std::byte> pixels, std::size_t pixel_bytes, std::uint32_t width,
                  std::uint32_t height, std::uint32_t left, std::uint32_t top, std::uint32_t right,
                  std::uint32_t bottom) {
  const std::size_t row_bytes = width * pixel_bytes;
  for (std::uint32_t y = top; y < bottom; ++y) {
    std::byte* const row = pixels.data() + y * row_bytes;
    for (std::uint32_t x = 0; x < left; ++x)
      std::memcpy(row + x * pixel_bytes, row + left * pixel_bytes, pixel_bytes);
    for (std::uint32_t x = right; x < width; ++x)
      std::memcpy(row + x * pixel_bytes, row + (right - 1) * pixel_bytes, pixel_bytes);
  }
  for (std::uint32_t y = 0; y < height; ++y)
    if (y < top || y >= bottom)
      std::memcpy(pixels.data() + y * row_bytes,
                  pixels.data() + (y < top ? top : bottom - 1) * row_bytes, row_bytes);
}

}  // namespace forge3d::tiles
