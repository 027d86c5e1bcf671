// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Mip chains: exact box filtering of any size, in linear light for sRGB, alpha-weighted.

#include <cstdint>
#include <span>
#include <vector>

#include "forge3d/image.hpp"

namespace forge3d {

/// Halves an image row by row: push source rows from the top, take finished rows as they come.
/// Output extents are mip_extent(extent, 1); every source texel counts with the area it covers, odd
/// extents included (the polyphase box of "Non-Power-of-Two Mipmapping", NVIDIA 2007). Rows are
/// linear-light RGBA floats with premultiplied alpha, so a chain of these loses nothing between
/// levels. Not thread-safe.
class RowDownsampler {
 public:
  RowDownsampler(std::uint32_t width, std::uint32_t height);

  [[nodiscard]] std::uint32_t out_width() const { return out_width_; }
  [[nodiscard]] std::uint32_t out_height() const { return out_height_; }

  /// Takes the next source row (width * 4 floats). True when an output row became ready: read it
  /// with row() before the next push.
  bool push(std::span<const float> row);
  [[nodiscard]] std::span<const float> row() const { return finished_; }

 private:
  void filter_horizontally(std::span<const float> row);
  void add_row(float weight);

  std::uint32_t width_, height_, out_width_, out_height_;
  std::uint32_t source_y_ = 0;
  std::vector<float> narrow_;    // the current source row after horizontal filtering
  std::vector<float> sum_;       // weighted rows of the output row being built
  std::vector<float> finished_;  // the last output row that became whole
};

/// One row of stored samples to linear-light premultiplied RGBA floats (row width * 4), and back
/// with rounding.
void row_to_linear(const ImageInfo& info, std::span<const std::byte> row, std::span<float> out);
void row_from_linear(const ImageInfo& info, std::span<const float> row, std::span<std::byte> out);

/// Levels 1..n of `image` (level 0 is the image itself and not repeated), n = min(levels, full
/// count) - 1; `levels` 0 means all. Errors: kInvalidArgument, kOutOfHostMemory.
[[nodiscard]] Result<std::vector<Image>> make_mips(const Image& image, std::uint32_t levels = 0);

}  // namespace forge3d
