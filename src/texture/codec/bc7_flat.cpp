// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/bc7_flat.hpp"

#include <array>

#include "texture/codec/bc7_layout.hpp"
#include "texture/codec/bc7_writer.hpp"

namespace forge3d::codec {
namespace {

/// Two 7-bit codes, widened, that give an 8-bit value at index 1 of a 2-bit line.
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
  for (int i = 0; i < 128; ++i)
    for (int k = i - kReach; k <= i + kReach; ++k) {
      if (k < 0 || k > 127) continue;
      const int a = bc7_expand(i, 7);
      const int b = bc7_expand(k, 7);
      const int value = bc7_interpolate(a, b, bc7_weight(1, 2));
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

void encode_bc7_flat(std::uint32_t texel, std::uint8_t* out) {
  Bc7Block coded;
  coded.mode = 5;
  coded.ends[0] = coded.ends[1] = texel & 0xff000000;
  for (int c = 0; c < 3; ++c) {
    const Ends& ends = kFlatTable[texel >> (8 * c) & 255];
    coded.ends[0] |= std::uint32_t{ends.a} << (8 * c);
    coded.ends[1] |= std::uint32_t{ends.b} << (8 * c);
  }
  coded.color_index = 0x1111111111111111;
  write_bc7(coded, out);
}

}  // namespace forge3d::codec
