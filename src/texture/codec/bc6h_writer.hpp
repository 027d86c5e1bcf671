// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

namespace forge3d::codec {

/// What a BC6H block says, before it is packed.
struct Bc6hBlock {
  int mode = 10;      ///< Row of kBc6hTable.
  int partition = 0;  ///< 0 where the mode has one subset.
  /// Codes of the mode's end_bits bits, endpoint by endpoint, R G B. Higher bits are ignored, and
  /// so are endpoints that the mode has not. REQUIRES: differences to the first that fit the
  /// mode's deltas.
  std::array<std::array<std::int32_t, 3>, 4> ends{};
  /// Of 3 bits a texel (two subsets) or 4, texel 0 lowest. REQUIRES: those of anchors have a
  /// leading zero.
  std::uint64_t indices = 0;
};

/// Packs the block into 16 bytes.
void write_bc6h(const Bc6hBlock& block, std::uint8_t* out);

}  // namespace forge3d::codec
