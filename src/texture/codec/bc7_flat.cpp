// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/bc7_flat.hpp"

#include "texture/codec/bc7_layout.hpp"
#include "texture/codec/bc7_writer.hpp"

namespace forge3d::codec {
namespace {

/// Two 7-bit codes that give an 8-bit value at index 1 of a 2-bit line.
struct Ends {
  std::uint8_t a = 0;
  std::uint8_t b = 0;
  bool found = false;
};
using FlatTable = std::array<Ends, 256>;

/// Codes that lie close together are enough: neighbours are two apart, and a third of the way
/// between them lies each value that 7 bits leave out.
constexpr FlatTable make_flat_table() {
  constexpr int kReach = 2;
  FlatTable table;
  for (int a = 0; a < 128; ++a)
    for (int b = a - kReach; b <= a + kReach; ++b) {
      if (b < 0 || b > 127) continue;
      const int value = bc7_interpolate(bc7_expand(a, 7), bc7_expand(b, 7), bc7_weight(1, 2));
      if (!table[value].found)
        table[value] = {static_cast<std::uint8_t>(a), static_cast<std::uint8_t>(b), true};
    }
  return table;
}
constexpr FlatTable kFlatTable = make_flat_table();

constexpr bool all_found() {
  for (const Ends& ends : kFlatTable)
    if (!ends.found) return false;
  return true;
}
static_assert(all_found());

}  // namespace

void encode_bc7_flat(const TexelBlock& block, std::uint8_t* out) {
  Bc7Block coded;
  coded.mode = 5;
  for (int c = 0; c < 3; ++c) {
    const Ends& ends = kFlatTable[block[c][0]];
    coded.codes[c] = {ends.a, ends.b};
  }
  const auto alpha = static_cast<std::uint8_t>(block[3][0]);
  coded.codes[3] = {alpha, alpha};
  coded.color_index.fill(1);
  write_bc7(coded, out);
}

}  // namespace forge3d::codec
