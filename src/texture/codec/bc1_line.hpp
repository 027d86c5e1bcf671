// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the parts of the BC1 encoder share: 5:6:5 codes and the layout of the block.

#include <array>
#include <cstdint>

#include "texture/codec/texel_block.hpp"

namespace forge3d::codec {

/// A code of 5 or 6 bits as 8 bits: high bits repeated below.
constexpr int widen_bits(int code, int bits) { return code << (8 - bits) | code >> (2 * bits - 8); }

constexpr std::uint16_t pack_565(int r, int g, int b) {
  return static_cast<std::uint16_t>(r << 11 | g << 5 | b);
}

using CodePair = std::array<std::uint16_t, 2>;

/// Writes a block of four colours; `position` (0..3) counts thirds of the way from the first code
/// to the second.
void write_bc1_four(CodePair code, const Shorts& position, std::uint8_t* out);

/// Writes a block of three colours; `position` (0..2) counts halves. Texels outside the mask take
/// index 3.
void write_bc1_three(CodePair code, const Shorts& position, const Shorts& mask, std::uint8_t* out);

}  // namespace forge3d::codec
