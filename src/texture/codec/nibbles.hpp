// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// The indices of a block's sixteen texels in one number, four bits each, and packed more tightly.

#include <array>
#include <cstdint>

namespace forge3d::codec {

/// Sixteen fields of four bits, of which the lower `bits` (1..3) are used, pushed together.
constexpr std::uint64_t close_nibbles(std::uint64_t nibbles, int bits) {
  int gap = 4 - bits;
  constexpr std::array<std::uint64_t, 4> kKeep{0x0f0f0f0f0f0f0f0f, 0x00ff00ff00ff00ff,
                                               0x0000ffff0000ffff, 0x00000000ffffffff};
  for (const std::uint64_t keep : kKeep) {
    nibbles = (nibbles & keep) | (nibbles & ~keep) >> gap;
    gap *= 2;
  }
  return nibbles;
}
static_assert(close_nibbles(0x7777777777777777, 3) == 0xffffffffffff);
static_assert(close_nibbles(0x3333333333333333, 2) == 0xffffffff);

/// Sixteen fields of `bits` (1..3) bits, side by side, to four bits each: halves are moved apart,
/// then quarters, eighths, sixteenths.
constexpr std::uint64_t spread_to_nibbles(std::uint64_t fields, int bits) {
  constexpr std::array<std::uint64_t, 4> kGroups{1, 0x100000001, 0x0001000100010001,
                                                 0x0101010101010101};
  for (int step = 0; step < 4; ++step) {
    const int low_bits = (8 >> step) * bits;
    const std::uint64_t low =
        ((std::uint64_t{1} << low_bits) - 1) * kGroups[static_cast<std::size_t>(step)];
    fields = (fields & low) | (fields & ~low) << ((32 >> step) - low_bits);
  }
  return fields;
}
static_assert(spread_to_nibbles(0xffffffffffff, 3) == 0x7777777777777777);
static_assert(spread_to_nibbles(0xffffffff, 2) == 0x3333333333333333);
static_assert(spread_to_nibbles(0x8001, 1) == 0x1000000000000001);

}  // namespace forge3d::codec
