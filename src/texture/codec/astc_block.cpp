// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/astc_block.hpp"

#include "texture/codec/astc_ends.hpp"

namespace forge3d::codec {
namespace {

using Kind = AstcBlock::Kind;

constexpr unsigned kVoidExtent = 0x1fc;  // bits 0..8
constexpr unsigned kVoidExtentOne = 0x1fff;

Kind unpack_constant(const AstcBits& bits, AstcBlock& out) {
  if (bits.field(10, 2) != 3) return Kind::kError;
  const unsigned s0 = bits.field(12, 13), s1 = bits.field(25, 13);
  const unsigned t0 = bits.field(38, 13), t1 = bits.field(51, 13);
  const bool none = (s0 & s1 & t0 & t1) == kVoidExtentOne;
  if (!none && (s0 >= s1 || t0 >= t1)) return Kind::kError;
  for (std::size_t c = 0; c < 4; ++c)
    out.constant[c] = static_cast<std::uint16_t>(bits.high >> (16 * c));
  return bits.field(9, 1) != 0 ? Kind::kConstantHdr : Kind::kConstant;
}

/// Reads the modes of the ends. `top`: the first bit after the fields below the weights; moved down
/// past the bits of the modes that lie there. `count`: the values of all ends; false where these
/// are too many.
bool unpack_end_modes(const AstcBits& bits, unsigned& top, int& count, AstcBlock& out) {
  const int n = out.partitions;
  if (n == 1) {
    out.end_mode[0] = static_cast<std::uint8_t>(bits.field(13, 4));
  } else if (bits.field(23, 2) == 0) {
    out.end_mode.fill(static_cast<std::uint8_t>(bits.field(25, 4)));
  } else {
    const auto high_bits = static_cast<unsigned>(3 * n - 4);
    top -= high_bits;
    const unsigned field = bits.field(23, 6) | bits.field(top, high_bits) << 6;
    const unsigned base = (field & 3) - 1;
    for (unsigned i = 0; i < static_cast<unsigned>(n); ++i)
      out.end_mode[i] =
          static_cast<std::uint8_t>((base + (field >> (2 + i) & 1)) << 2 |
                                    (field >> (2 + static_cast<unsigned>(n) + 2 * i) & 3));
  }
  int first = 0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) {
    out.first_value[i] = static_cast<std::uint8_t>(first);
    first += astc_end_values(out.end_mode[i]);
  }
  count = first;
  return count <= 18;
}

void unpack_weights(const AstcBits& bits, AstcBlock& out) {
  const AstcBits weights = bits.reversed().slice(0, out.mode.weight_bits);
  const std::uint8_t* table = kAstcWeightOfCode[out.mode.range].data();
  if (!out.mode.dual_plane)
    return read_astc_sequence(out.mode.range, weights, out.mode.weights, table,
                              out.weights[0].data());
  std::array<std::uint8_t, kAstcMaxWeights + kAstcSequenceSlack> both;
  read_astc_sequence(out.mode.range, weights, out.mode.weights, table, both.data());
  for (std::size_t i = 0; 2 * i < out.mode.weights; ++i) {
    out.weights[0][i] = both[2 * i];
    out.weights[1][i] = both[2 * i + 1];
  }
}

Kind unpack_weighted(const AstcBits& bits, const AstcFootprint& footprint, AstcBlock& out) {
  out.mode = kAstcModes[bits.field(0, 11)];
  if (out.mode.weights == 0 || out.mode.grid_width > footprint.width() ||
      out.mode.grid_height > footprint.height())
    return Kind::kError;
  out.partitions = static_cast<int>(bits.field(11, 2)) + 1;
  if (out.mode.dual_plane && out.partitions == 4) return Kind::kError;
  out.seed = static_cast<int>(bits.field(13, 10));
  unsigned top = 128u - out.mode.weight_bits;
  int count = 0;
  if (!unpack_end_modes(bits, top, count, out)) return Kind::kError;
  if (out.mode.dual_plane) {
    top -= 2;
    out.second_plane = static_cast<int>(bits.field(top, 2));
  }
  const unsigned bottom = out.partitions == 1 ? 17 : 29;
  const int range = top > bottom ? astc_color_range(count / 2, static_cast<int>(top - bottom)) : -1;
  if (range < 0) return Kind::kError;
  const auto color_bits =
      static_cast<unsigned>(kAstcRanges[static_cast<std::size_t>(range)].sequence_bits(count));
  read_astc_sequence(range, bits.slice(bottom, color_bits), count,
                     kAstcColorOfCode[static_cast<std::size_t>(range)].data(), out.values.data());
  unpack_weights(bits, out);
  return Kind::kWeighted;
}

}  // namespace

void unpack_astc_block(const std::uint8_t* bytes, const AstcFootprint& footprint, AstcBlock& out) {
  const AstcBits bits = load_astc_bits(bytes);
  out.kind = bits.field(0, 9) == kVoidExtent ? unpack_constant(bits, out)
                                             : unpack_weighted(bits, footprint, out);
}

}  // namespace forge3d::codec
