// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

namespace forge3d::codec {

/// Everything a BC7 block says, before its bits are laid out.
struct Bc7Block {
  int mode = 6;
  int partition = 0;
  int rotation = 0;
  bool color_has_second_indices = false;  ///< Mode 4: colours take the 3-bit indices.
  /// The ends of the lines as a decoder widens them, R in the lowest byte: 2 s and 2 s + 1 are
  /// those of subset s. Bits that the mode does not store are ignored.
  std::array<std::uint32_t, 6> ends{};
  std::uint64_t color_index = 0;  ///< Four bits a texel, the first texel lowest.
  std::uint64_t alpha_index = 0;  ///< Modes 4 and 5.
};

/// Writes the 16 bytes of the block. Turns lines round where an anchor's index would not fit its
/// bits.
void write_bc7(Bc7Block block, std::uint8_t* out);

}  // namespace forge3d::codec
