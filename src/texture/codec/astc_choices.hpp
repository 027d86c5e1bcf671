// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Which block modes the ASTC encoders try, and the tables by which a lane quantizes.

#include <array>
#include <cstdint>
#include <vector>

#include "texture/codec/astc_layout.hpp"

namespace forge3d::codec {

/// A way to spend the bits of a block.
struct AstcChoice {
  std::uint16_t mode;  ///< Of kAstcModes.
  std::uint8_t grid_width;
  std::uint8_t grid_height;
  std::uint8_t weight_range;
  std::uint8_t color_range;
  /// Mean squared errors of rounding, of a weight in 0..1 and of a channel of an end.
  float weight_noise;
  float color_noise;
};

/// Every way to code a square block of the encoders, for grids from `smallest` to `side` wide and
/// high.
[[nodiscard]] std::vector<AstcChoice> make_astc_choices(int side, int smallest, int partitions,
                                                        int end_mode, bool dual_plane);

/// How `count` weights beside each other are interpolated to `side` texels, and the other way
/// around, by count. Grids are about the product of one such row and one such column.
struct AstcLine {
  static constexpr int kMaxSide = 6;
  template <class T>
  using Row = std::array<T, kMaxSide>;
  Row<std::int32_t> at{};                      ///< By texel: the weight before it.
  Row<std::int32_t> sixteenth{};               ///< By texel: how far it is to the next one.
  std::array<Row<float>, kMaxSide> project{};  ///< By weight and texel: least squares.
  std::array<Row<float>, kMaxSide> basis{};    ///< Orthonormal, of all that can be interpolated.
};
using AstcLines = std::array<AstcLine, AstcLine::kMaxSide + 1>;
[[nodiscard]] AstcLines make_astc_lines(int side);

/// Tables that lanes read one number of at a time.
struct AstcRoundTables {
  /// By range and weight 0..64: the nearest weight of the range.
  std::array<std::int32_t, std::size_t{kAstcWeightRanges} * 65> weight;
  /// By range and value 0..255: the nearest value of the range.
  std::array<std::int32_t, kAstcRanges.size() * 256> color;
  /// The nearest of those not above and of those not below.
  std::array<std::int32_t, kAstcRanges.size() * 256> color_down;
  std::array<std::int32_t, kAstcRanges.size() * 256> color_up;
  /// The nearest value, but within the 64 values that share its two highest bits.
  std::array<std::int32_t, kAstcRanges.size() * 256> color_in_quarter;
};
[[nodiscard]] const AstcRoundTables& astc_round_tables();

}  // namespace forge3d::codec
