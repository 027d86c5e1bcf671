// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "texture/basis/uastc_block.hpp"

namespace forge3d::basis {

/// An interpolated block as an encoder decided on it.
struct UastcCoding {
  std::uint32_t error = ~0u;
  std::uint8_t mode = 0;
  std::uint8_t pattern = 0;
  std::uint8_t second_plane = 3;
  /// 8-bit numbers that the mode's range has, in the order of the block: of each subset, of each
  /// channel, the two ends.
  std::array<std::uint8_t, 18> values{};
  std::array<std::array<std::uint8_t, 16>, 2> weights{};  ///< 0..64, by plane.
};

/// Writes the 16 bytes. Lines whose first texel's weight has its upper bit set are turned round.
/// REQUIRES: the values and weights are of the mode's ranges.
void write_uastc_block(const UastcCoding& coding, const UastcHints& hints, std::uint8_t* out);

/// A block of one color (R in the lowest byte) and its hints.
void write_uastc_flat(std::uint32_t color, std::uint8_t* out);

}  // namespace forge3d::basis
