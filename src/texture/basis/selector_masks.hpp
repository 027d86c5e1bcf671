// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Selectors as indices of other formats: a mask a selector with a 1 in the lowest bit of each
// texel's index makes "sum of mask times index" the indices of the block.

#include <array>
#include <cstdint>

#include "texture/basis/channel_lines.hpp"
#include "texture/basis/etc1s_codebooks.hpp"

namespace forge3d::basis {

struct SelectorMasks {
  std::array<std::uint64_t, 4> mask{};

  /// `low`, `high`: the bits of the selectors, each where the texel's index begins; `all`: a 1 in
  /// each such place.
  SelectorMasks(std::uint64_t low, std::uint64_t high, std::uint64_t all)
      : mask{all & ~(low | high), low & ~high, high & ~low, low & high} {}

  /// Bit s where selector s occurs.
  [[nodiscard]] std::uint32_t used() const {
    return std::uint32_t{mask[0] != 0} | std::uint32_t{mask[1] != 0} << 1 |
           std::uint32_t{mask[2] != 0} << 2 | std::uint32_t{mask[3] != 0} << 3;
  }
  [[nodiscard]] std::uint64_t indices(const LineMap& map) const {
    return mask[0] * map[0] + mask[1] * map[1] + mask[2] * map[2] + mask[3] * map[3];
  }
};

/// Indices of 2 bits, the first texel lowest.
[[nodiscard]] inline SelectorMasks masks_of_2_bits(Etc1sSelectors selectors) {
  constexpr std::uint32_t kAll = 0x55555555;
  return {selectors & kAll, selectors >> 1 & kAll, kAll};
}

/// Indices of 4 bits, the first texel lowest.
[[nodiscard]] inline SelectorMasks masks_of_4_bits(Etc1sSelectors selectors) {
  constexpr std::uint64_t kAll = 0x1111111111111111;
  std::uint64_t bits = selectors;
  bits = (bits | bits << 16) & 0x0000FFFF0000FFFF;
  bits = (bits | bits << 8) & 0x00FF00FF00FF00FF;
  bits = (bits | bits << 4) & 0x0F0F0F0F0F0F0F0F;
  bits = (bits | bits << 2) & 0x3333333333333333;
  return {bits & kAll, bits >> 1 & kAll, kAll};
}

/// The four selectors of a row, spread: 256 rows, selector x at bit first + step * x.
template <int kFirst, int kStep>
inline constexpr auto kSpreadRows = [] {
  std::array<std::uint64_t, 256> rows{};
  for (std::uint32_t row = 0; row < 256; ++row)
    for (int x = 0; x < 4; ++x)
      rows[row] |= std::uint64_t{row >> (2 * x) & 3} << (kFirst + kStep * x);
  return rows;
}();

/// Indices of 3 bits, the first texel lowest.
[[nodiscard]] inline SelectorMasks masks_of_3_bits(Etc1sSelectors selectors) {
  constexpr std::uint64_t kAll = 0x0000249249249249;
  const auto& rows = kSpreadRows<0, 3>;
  const std::uint64_t bits = rows[selectors & 0xFF] | rows[selectors >> 8 & 0xFF] << 12 |
                             rows[selectors >> 16 & 0xFF] << 24 | rows[selectors >> 24] << 36;
  return {bits & kAll, bits >> 1 & kAll, kAll};
}

/// Indices of 3 bits, texels down columns, the first one highest.
[[nodiscard]] inline SelectorMasks masks_of_columns(Etc1sSelectors selectors) {
  constexpr std::uint64_t kAll = 0x0000249249249249;
  const auto& rows = kSpreadRows<45, -12>;
  const std::uint64_t bits = rows[selectors & 0xFF] | rows[selectors >> 8 & 0xFF] >> 3 |
                             rows[selectors >> 16 & 0xFF] >> 6 | rows[selectors >> 24] >> 9;
  return {bits & kAll, bits >> 1 & kAll, kAll};
}

}  // namespace forge3d::basis
