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
  std::uint8_t used = 0;   ///< Bit s where selector s occurs.
  std::uint8_t first = 0;  ///< The selector of the first texel.

  [[nodiscard]] std::uint64_t indices(const LineMap& map) const {
    return mask[0] * map[0] + mask[1] * map[1] + mask[2] * map[2] + mask[3] * map[3];
  }
};

/// `bit_of(x, y)`: where the index of a texel begins.
template <class BitOf>
[[nodiscard]] SelectorMasks make_selector_masks(Etc1sSelectors selectors, const BitOf& bit_of) {
  SelectorMasks out;
  out.first = selectors & 3;
  for (std::uint32_t y = 0; y < 4; ++y)
    for (std::uint32_t x = 0; x < 4; ++x) {
      const std::uint32_t selector = selectors >> (8 * y + 2 * x) & 3;
      out.mask[selector] |= std::uint64_t{1} << bit_of(x, y);
      out.used = static_cast<std::uint8_t>(out.used | 1u << selector);
    }
  return out;
}

/// Indices of kBits each, the first texel lowest.
template <std::uint32_t kBits>
[[nodiscard]] SelectorMasks make_raster_masks(Etc1sSelectors selectors) {
  return make_selector_masks(selectors,
                             [](std::uint32_t x, std::uint32_t y) { return kBits * (4 * y + x); });
}

}  // namespace forge3d::basis
