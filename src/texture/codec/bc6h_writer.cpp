// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/bc6h_writer.hpp"

#include <cstring>
#include <utility>

#include "texture/codec/bc6h_layout.hpp"
#include "texture/codec/bc7_layout.hpp"

namespace forge3d::codec {
namespace {

/// 128 bits that fields are or-ed into.
struct Bits {
  std::uint64_t low = 0, high = 0;

  template <int offset>
  void put(std::uint64_t value) {
    if constexpr (offset >= 64) {
      high |= value << (offset - 64);
    } else {
      low |= value << offset;
      if constexpr (offset > 0) high |= value >> (64 - offset);
    }
  }
};

template <std::size_t kMode>
void put_ends(const Bc6hBlock& block, Bits& bits) {
  std::array<std::array<std::uint32_t, 3>, 4> codes;
  for (std::size_t e = 0; e < 4; ++e)
    for (std::size_t c = 0; c < 3; ++c)
      codes[e][c] = static_cast<std::uint32_t>(e > 0 && kBc6hTable[kMode].deltas
                                                   ? block.ends[e][c] - block.ends[0][c]
                                                   : block.ends[e][c]);
  bits.put<0>(kBc6hTable[kMode].prefix);
  [&]<std::size_t... i>(std::index_sequence<i...>) {
    const auto put = [&]<std::size_t k>(std::integral_constant<std::size_t, k>) {
      constexpr Bc6hPiece kPiece = kBc6hPieces[kMode].pieces[k];
      bits.put<kPiece.offset>(codes[kPiece.end][kPiece.channel] >> kPiece.bit &
                              ((1u << kPiece.count) - 1));
    };
    (put(std::integral_constant<std::size_t, i>()), ...);
  }
  (std::make_index_sequence<kBc6hPieces[kMode].count>());
}

using PutEnds = void (*)(const Bc6hBlock&, Bits&);
constexpr std::array<PutEnds, kBc6hModes> kPutEnds =
    []<std::size_t... m>(std::index_sequence<m...>) {
  return std::array<PutEnds, kBc6hModes>{put_ends<m>...};
}
(std::make_index_sequence<kBc6hModes>());

/// Takes bit `at` out.
std::uint64_t without_bit(std::uint64_t row, int at) {
  const std::uint64_t low = row & ((std::uint64_t{1} << at) - 1);
  return low | (row >> at >> 1) << at;
}

}  // namespace

void write_bc6h(const Bc6hBlock& block, std::uint8_t* out) {
  Bits bits;
  const auto mode = static_cast<std::size_t>(block.mode);
  kPutEnds[mode](block, bits);
  if (kBc6hTable[mode].subsets == 1) {
    bits.put<kBc6hOneSubsetIndices>(without_bit(block.indices, 3));
  } else {
    const int anchor = bc7_anchor(2, block.partition, 1);
    bits.put<kBc6hPartitionOffset>(static_cast<std::uint64_t>(block.partition));
    bits.put<kBc6hTwoSubsetsIndices>(without_bit(without_bit(block.indices, 3 * anchor + 2), 2));
  }
  std::memcpy(out, &bits.low, 8);
  std::memcpy(out + 8, &bits.high, 8);
}

}  // namespace forge3d::codec
