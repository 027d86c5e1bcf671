// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "texture/basis/uastc_layout.hpp"

namespace forge3d::basis {

/// What a UASTC block says, unpacked: everything but the hints.
struct UastcBlock {
  int mode = kUastcInvalid;
  std::uint8_t pattern = 0;       ///< Of modes with several subsets; in range.
  std::uint8_t second_plane = 3;  ///< The channel of the second plane.
  /// Two a subset, R in the lowest byte. Of flat blocks the first is the color.
  std::array<std::uint32_t, 6> ends{};
  /// Four bits a texel, the first texel lowest: the codes of the weights of each plane. Mode 18,
  /// whose codes have five bits: the upper four, and the lowest.
  std::array<std::uint64_t, 2> index{};
};

/// What an encoder knew and a transcoder may use, as the block has it.
struct UastcHints {
  bool bc1_ends = false;     ///< BC1: the first line and its weights do.
  bool bc1_weights = false;  ///< BC1: the weights do.
  bool flip = false;
  bool differential = false;
  std::array<std::uint8_t, 2> table{};
  std::uint8_t bias = 0;
  std::uint8_t etc2_table = 13;
  std::uint8_t etc2_multiplier = 1;
  std::uint8_t selector = 0;            ///< Flat blocks: of all texels.
  std::array<std::uint8_t, 3> color{};  ///< Flat blocks: of 5 or 4 bits.
};

/// Unpacks 16 bytes. Total: blocks that the format forbids (a reserved mode, a pattern that is not
/// there) come out as kUastcInvalid.
void unpack_uastc_block(const std::uint8_t* bytes, UastcBlock& out);

/// The hints of a block of this (valid) mode. Modes that leave one out have its default.
[[nodiscard]] UastcHints read_uastc_hints(const std::uint8_t* bytes, int mode);

}  // namespace forge3d::basis
