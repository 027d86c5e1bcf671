// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/bc1_flat.hpp"

#include <cstdlib>

#include "texture/codec/bc1_line.hpp"

namespace forge3d::codec {
namespace {

/// Two codes of a channel whose mix at 2 : 1 is, or comes nearest to, an 8-bit value.
struct Ends {
  std::uint8_t a = 0;
  std::uint8_t b = 0;
  bool found = false;
};
using FlatTable = std::array<Ends, 256>;

/// Of the pairs that give a value the closest is taken: decoders may mix in their own precision,
/// and the closer the ends the less that matters. Values that no pair gives take the pair of a
/// neighbour.
constexpr FlatTable make_flat_table(int bits) {
  FlatTable table{};
  const int codes = 1 << bits;
  for (int distance = 0; distance < codes; ++distance)
    for (int low = 0; low + distance < codes; ++low)
      for (const bool swapped : {false, true}) {
        const int a = swapped ? low + distance : low;
        const int b = swapped ? low : low + distance;
        const int value = (2 * widen_bits(a, bits) + widen_bits(b, bits) + 1) / 3;
        if (!table[value].found)
          table[value] = {static_cast<std::uint8_t>(a), static_cast<std::uint8_t>(b), true};
      }
  const FlatTable exact = table;
  for (int v = 0; v < 256; ++v)
    if (!exact[v].found)
      table[v] = exact[v > 0 && exact[v - 1].found ? v - 1 : (v < 255 ? v + 1 : v)];
  return table;
}
constexpr FlatTable kFlat5 = make_flat_table(5);
constexpr FlatTable kFlat6 = make_flat_table(6);

constexpr bool all_found(const FlatTable& table) {
  for (const Ends& ends : table)
    if (!ends.found) return false;
  return true;
}
static_assert(all_found(kFlat5) && all_found(kFlat6), "each value has a pair within 1");

}  // namespace

void encode_bc1_flat(const TexelBlock& block, std::uint8_t* out) {
  const Ends& r = kFlat5[block[0][0]];
  const Ends& g = kFlat6[block[1][0]];
  const Ends& b = kFlat5[block[2][0]];
  Shorts position;
  position.fill(1);  // One third of the way from a to b.
  write_bc1_four({pack_565(r.a, g.a, b.a), pack_565(r.b, g.b, b.b)}, position, out);
}

}  // namespace forge3d::codec
