// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "tiles/tile_window.hpp"

#include <cstring>

namespace forge3d::tiles {
namespace {

constexpr std::size_t kTexelBytes = 4;

void fill_texels(std::byte* out, const std::byte* texel, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) std::memcpy(out + i * kTexelBytes, texel, kTexelBytes);
}

}  // namespace

TileWindow::TileWindow(const TilePyramid& pyramid, std::uint32_t level)
    : width_(pyramid.level_width(level)),
      height_(pyramid.level_height(level)),
      page_texels_(pyramid.page_texels),
      border_texels_(pyramid.border_texels),
      tile_texels_(pyramid.tile_texels()),
      pages_x_(pyramid.pages_x(level)),
      pages_y_(pyramid.pages_y(level)),
      stride_((std::size_t{pages_x_} * page_texels_ + 2 * border_texels_) * kTexelBytes),
      rows_(stride_ * tile_texels_) {}

void TileWindow::push(std::span<const std::byte> rgba8_row) {
  std::byte* out = row_at(filled_++);
  const std::size_t row_bytes = std::size_t{width_} * kTexelBytes;
  std::byte* inner = out + border_texels_ * kTexelBytes;
  fill_texels(out, rgba8_row.data(), border_texels_);
  std::memcpy(inner, rgba8_row.data(), row_bytes);
  const std::size_t right = stride_ / kTexelBytes - border_texels_ - width_;
  fill_texels(inner + row_bytes, inner + row_bytes - kTexelBytes, right);
  if (level_y_ == 0) repeat_last(border_texels_ + 1);
  if (++level_y_ == height_) repeat_last(tile_texels_);
}

void TileWindow::repeat_last(std::uint32_t until) {
  for (; filled_ < until; ++filled_) std::memcpy(row_at(filled_), row_at(filled_ - 1), stride_);
}

Rgba8View TileWindow::tile(std::uint32_t x) const {
  const std::byte* corner = rows_.data() + std::size_t{x} * page_texels_ * kTexelBytes;
  return {reinterpret_cast<const std::uint8_t*>(corner), tile_texels_, tile_texels_, stride_};
}

void TileWindow::advance() {
  const std::uint32_t kept = 2 * border_texels_;
  if (kept > 0) std::memmove(row_at(0), row_at(page_texels_), kept * stride_);
  filled_ = kept;
  ++page_y_;
  if (level_y_ < height_ || page_y_ == pages_y_) return;
  // The level has ended within the border of the page before: all that is left is its last row.
  if (kept > 0) repeat_last(tile_texels_);
}

}  // namespace forge3d::tiles
