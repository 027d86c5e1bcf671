// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// MipRows: the mip chain of a picture that passes by row by row.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "forge3d/image.hpp"
#include "forge3d/mip.hpp"

namespace forge3d::tiles {

/// Takes the rows of level 0 from the top and hands out the rows of levels 1.. as 8-bit RGBA, as
/// soon as they are known. Levels are filtered from each other in linear-light floats; rounding
/// happens only on the way out. What repeats the row above is not converted again, which halves the
/// work for charts and drawings. Not thread-safe.
class MipRows {
 public:
  using Sink = std::function<Result<>(std::uint32_t level, std::span<const std::byte> rgba8_row)>;

  MipRows(const ImageInfo& info, std::uint32_t levels, Sink sink);

  /// The next row of the picture, in its own samples. Errors: those of the sink.
  [[nodiscard]] Result<> push(std::span<const std::byte> row);

 private:
  /// A row and what it was converted to.
  template <class From, class To>
  struct Converted {
    std::vector<From> from;
    std::vector<To> to;
  };
  struct Level {
    RowDownsampler downsampler;
    Converted<float, std::byte> rounded;
  };

  ImageInfo info_;
  Sink sink_;
  Converted<std::byte, float> linear_;
  std::vector<Level> levels_;  // [i] makes level i + 1
};

}  // namespace forge3d::tiles
