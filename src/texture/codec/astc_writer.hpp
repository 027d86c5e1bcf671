// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "texture/codec/astc_layout.hpp"

namespace forge3d::codec {

/// A weighted block as an encoder decided on it. All partitions have the same mode of ends.
struct AstcEncoding {
  std::uint32_t error = ~0u;
  std::uint16_t mode = 0;  ///< Of kAstcModes.
  std::uint16_t seed = 0;
  std::uint8_t partitions = 1;
  std::uint8_t end_mode = 8;
  std::uint8_t second_plane = 0;
  std::array<std::uint8_t, 18> values{};  ///< 8-bit numbers that the color range has.
  /// 0..64, that the weight range has; planes take turns.
  std::array<std::uint8_t, kAstcMaxWeights> weights{};
};

/// The color range that the bits of a block leave, or -1.
[[nodiscard]] int astc_color_range_of(const AstcBlockMode& mode, int partitions, int end_mode);

void write_astc_block(const AstcEncoding& encoding, std::uint8_t* out);

/// A block of one color: decodes to exactly these codes.
void write_astc_constant(const std::uint8_t* rgba, std::uint8_t* out);

}  // namespace forge3d::codec
