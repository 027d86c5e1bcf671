// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// AreaFilter: a rectangle of a level from the texels that it covers in a finer one.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "forge3d/image.hpp"

namespace forge3d::tiles {

/// One axis of a resampling: `out` texels cover `covered` source texels in all, which need not be a
/// whole number, of `source` there are. Every source texel counts with the length it covers (for
/// halves this is the polyphase box of "Non-Power-of-Two Mipmapping", NVIDIA 2007).
/// REQUIRES: 1 <= covered / out <= 3, covered <= source.
struct AreaAxis {
  std::uint32_t out = 1;
  double covered = 1;
  std::uint32_t source = 1;

  static constexpr std::size_t kMaxTaps = 4;
  struct Taps {
    std::uint32_t first = 0, count = 1;
    std::array<float, kMaxTaps> weights{};
  };
  /// The source texels of one texel; the weights' sum is 1.
  [[nodiscard]] Taps taps(std::uint32_t texel) const;
};

/// A part of an axis: texels [first, first + count) of the output.
struct AreaSpan {
  std::uint32_t first = 0, count = 0;
};

/// Source texels that a part of the output needs.
[[nodiscard]] AreaSpan needed_texels(const AreaAxis& axis, AreaSpan out);

/// Filters a rectangle in linear light with premultiplied alpha. `source` holds the rows of
/// needed_texels() of both axes, tightly packed, in the samples of `samples` (whose extent is not
/// looked at); rows of `out` lie `out_row_bytes` apart.
void filter_area(const ImageInfo& samples, const AreaAxis& across, const AreaAxis& down, AreaSpan x,
                 AreaSpan y, std::span<const std::byte> source, std::span<std::byte> out,
                 std::size_t out_row_bytes);

}  // namespace forge3d::tiles
