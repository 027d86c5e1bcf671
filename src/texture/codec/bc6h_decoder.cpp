// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/bc6h_decoder.hpp"

#include "texture/codec/bc6h_layout.hpp"
#include "texture/codec/bc7_layout.hpp"

namespace forge3d::codec {
namespace {

constexpr std::uint16_t kHalfOne = 0x3c00;

/// `count` (up to 16) bits of a block.
int bits_at(const std::uint8_t* bytes, int offset, int count) {
  int value = 0;
  for (int i = 0; i < count; ++i) value |= (bytes[(offset + i) / 8] >> ((offset + i) % 8) & 1) << i;
  return value;
}

int sign_extend(int value, int bits) {
  const int sign = 1 << (bits - 1);
  return ((value & ((1 << bits) - 1)) ^ sign) - sign;
}

/// Endpoint, channel.
using Ends = std::array<std::array<int, 3>, 4>;

/// The endpoints as they are interpolated.
Ends read_ends(const std::uint8_t* bytes, std::size_t mode_index, bool is_signed) {
  const Bc6hMode& mode = kBc6hTable[mode_index];
  const Bc6hPieces& pieces = kBc6hPieces[mode_index];
  Ends ends{};
  for (std::size_t i = 0; i < pieces.count; ++i) {
    const Bc6hPiece& p = pieces.pieces[i];
    ends[p.end][p.channel] |= bits_at(bytes, p.offset, p.count) << p.bit;
  }
  for (std::size_t c = 0; c < 3; ++c) {
    const int first = ends[0][c];
    for (std::size_t e = 0; e < 4; ++e) {
      int& value = ends[e][c];
      if (mode.deltas && e > 0)
        value = (first + sign_extend(value, mode.delta_bits[c])) & ((1 << mode.end_bits) - 1);
      if (is_signed) value = sign_extend(value, mode.end_bits);
    }
  }
  for (auto& end : ends)
    for (int& value : end) value = bc6h_unquantize(value, mode.end_bits, is_signed);
  return ends;
}

}  // namespace

void decode_bc6h(const std::uint8_t* bytes, bool is_signed, HalfBlock& out) {
  for (std::size_t i = 0; i < kTexels; ++i) {
    out[4 * i] = out[4 * i + 1] = out[4 * i + 2] = 0;
    out[4 * i + 3] = kHalfOne;
  }
  const int mode_index = kBc6hModeOfPrefix[bytes[0] % 32];
  if (mode_index < 0) return;
  const auto m = static_cast<std::size_t>(mode_index);
  const Ends ends = read_ends(bytes, m, is_signed);
  const int subsets = kBc6hTable[m].subsets;
  const int partition = subsets == 2 ? bits_at(bytes, kBc6hPartitionOffset, 5) : 0;
  const int index_bits = subsets == 2 ? 3 : 4;
  int offset = subsets == 2 ? kBc6hTwoSubsetsIndices : kBc6hOneSubsetIndices;
  for (int i = 0; i < kTexels; ++i) {
    const int subset = bc7_subset(subsets, partition, i);
    const int bits = index_bits - (bc7_anchor(subsets, partition, subset) == i ? 1 : 0);
    const int weight = bc7_weight(bits_at(bytes, offset, bits), index_bits);
    offset += bits;
    for (std::size_t c = 0; c < 3; ++c) {
      const int a = ends[static_cast<std::size_t>(2 * subset)][c];
      const int b = ends[static_cast<std::size_t>(2 * subset + 1)][c];
      out[static_cast<std::size_t>(4 * i) + c] =
          bc6h_half(bc7_interpolate(a, b, weight), is_signed);
    }
  }
}

}  // namespace forge3d::codec
