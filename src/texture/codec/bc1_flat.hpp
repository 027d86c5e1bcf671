// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// One colour as a BC1 line: for each 8-bit value of a channel two codes whose mix at 2 : 1 is, or
// comes nearest to, that value.

#include <array>
#include <cstdint>

namespace forge3d::codec {

/// The first code in the low half, the second in the high half.
using FlatTable = std::array<std::int32_t, 256>;

/// Of the pairs that give a value the closest is taken: decoders may mix in their own precision,
/// and the closer the ends the less that matters. Values that no pair gives take the pair of a
/// neighbour.
constexpr FlatTable make_flat_table(int bits) {
  constexpr std::int32_t kNone = -1;
  const auto widen = [bits](int code) { return code << (8 - bits) | code >> (2 * bits - 8); };
  FlatTable exact{};
  exact.fill(kNone);
  const int codes = 1 << bits;
  for (int distance = 0; distance < codes; ++distance)
    for (int low = 0; low + distance < codes; ++low)
      for (const bool swapped : {false, true}) {
        const int a = swapped ? low + distance : low;
        const int b = swapped ? low : low + distance;
        std::int32_t& entry = exact[static_cast<std::size_t>((2 * widen(a) + widen(b) + 1) / 3)];
        if (entry == kNone) entry = a | b << 16;
      }
  FlatTable table = exact;
  for (std::size_t v = 0; v < 256; ++v)
    if (exact[v] == kNone) table[v] = v > 0 && exact[v - 1] != kNone ? exact[v - 1] : exact[v + 1];
  return table;
}
inline constexpr FlatTable kFlat5 = make_flat_table(5);
inline constexpr FlatTable kFlat6 = make_flat_table(6);

constexpr bool all_found(const FlatTable& table) {
  for (const std::int32_t codes : table)
    if (codes < 0) return false;
  return true;
}
static_assert(all_found(kFlat5) && all_found(kFlat6), "each value has a pair within 1");

}  // namespace forge3d::codec
