// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// TileWindow: the rows of one level that the current row of pages needs.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "forge3d/codec.hpp"
#include "forge3d/tile_source.hpp"

namespace forge3d::tiles {

/// Rows go in from the top of the level; whenever a row of pages is complete, its tiles can be
/// looked at in place, borders included. Holds one tile height of rows, padded with edge texels to
/// whole pages. Use:
///   window.push(row);
///   for (; window.ready(); window.advance()) use(window.page_y(), window.tile(x));
/// Not thread-safe.
class TileWindow {
 public:
  TileWindow(const TilePyramid& pyramid, std::uint32_t level);

  /// The next row, level_width * 4 bytes. REQUIRES: not ready().
  void push(std::span<const std::byte> rgba8_row);

  [[nodiscard]] bool ready() const { return filled_ == tile_texels_ && page_y_ < pages_y_; }
  [[nodiscard]] std::uint32_t page_y() const { return page_y_; }
  [[nodiscard]] std::uint32_t pages_x() const { return pages_x_; }
  /// REQUIRES: ready(), x < pages_x(). Valid until advance().
  [[nodiscard]] Rgba8View tile(std::uint32_t x) const;
  /// Goes on to the next row of pages. REQUIRES: ready().
  void advance();

 private:
  [[nodiscard]] std::byte* row_at(std::uint32_t row) { return rows_.data() + row * stride_; }
  /// Repeats the last row until the row of pages is complete.
  void repeat_last(std::uint32_t until);

  std::uint32_t width_, height_, page_texels_, border_texels_, tile_texels_, pages_x_, pages_y_;
  std::size_t stride_;
  std::vector<std::byte> rows_;
  std::uint32_t filled_ = 0;
  std::uint32_t level_y_ = 0;
  std::uint32_t page_y_ = 0;
};

}  // namespace forge3d::tiles
