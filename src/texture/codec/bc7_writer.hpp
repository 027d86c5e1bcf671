// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "texture/codec/texel_block.hpp"

namespace forge3d::codec {

/// Everything a BC7 block says, before its bits are laid out.
struct Bc7Block {
  int mode = 6;
  int partition = 0;
  int rotation = 0;
  bool color_has_second_indices = false;  ///< Mode 4: colours take the 3-bit indices.
  std::array<std::array<std::uint8_t, 6>, 4>
      codes{};                           ///< By channel, then endpoint; no parity bits.
  std::array<std::uint8_t, 6> parity{};  ///< By endpoint.
  Shorts color_index{};
  Shorts alpha_index{};  ///< Modes 4 and 5.
};

/// Writes the 16 bytes of the block. Turns lines round where an anchor's index would not fit its
/// bits.
void write_bc7(Bc7Block block, std::uint8_t* out);

}  // namespace forge3d::codec
