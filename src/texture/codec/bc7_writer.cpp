// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/bc7_writer.hpp"

#include <utility>

#include "texture/codec/bc7_layout.hpp"
#include "texture/codec/nibbles.hpp"

namespace forge3d::codec {
namespace {

constexpr int kTexels = 16;

/// Appends fields to a 128-bit block, lowest bits first.
class BitWriter {
 public:
  void put(std::uint64_t value, int count) {
    if (used_ < 64) {
      low_ |= value << used_;
      if (used_ + count > 64) high_ |= value >> (64 - used_);
    } else {
      high_ |= value << (used_ - 64);
    }
    used_ += count;
  }
  void store(std::uint8_t* out) const {
    for (int i = 0; i < 8; ++i) out[i] = static_cast<std::uint8_t>(low_ >> (8 * i));
    for (int i = 0; i < 8; ++i) out[i + 8] = static_cast<std::uint8_t>(high_ >> (8 * i));
  }

 private:
  std::uint64_t low_ = 0;
  std::uint64_t high_ = 0;
  int used_ = 0;
};

/// The low bit of the four of each texel in a subset.
using SubsetBits = std::array<std::array<std::uint64_t, 3>, kPartitions>;
constexpr SubsetBits make_subset_bits(int subsets) {
  SubsetBits table{};
  for (int p = 0; p < kPartitions; ++p)
    for (int i = 0; i < kTexels; ++i)
      table[p][bc7_subset(subsets, p, i)] |= std::uint64_t{1} << (4 * i);
  return table;
}
template <int kSubsets>
constexpr SubsetBits kSubsetBits = make_subset_bits(kSubsets);

constexpr std::uint64_t without_bit(std::uint64_t value, int bit) {
  const std::uint64_t below = (std::uint64_t{1} << bit) - 1;
  return (value & below) | (value >> 1 & ~below);
}

/// Whether the index of texel `anchor` has its highest bit set.
constexpr bool must_turn(std::uint64_t index, int anchor, int bits) {
  return (index >> (4 * anchor + bits - 1) & 1) != 0;
}

/// The bits of an index set. Turned already.
template <int kSubsets, int kBits>
void put_indices(std::uint64_t index, int partition, BitWriter& bits) {
  std::uint64_t word = close_nibbles(index, kBits);
  std::array<int, kSubsets> anchors{};
  for (int s = 1; s < kSubsets; ++s) anchors[s] = bc7_anchor(kSubsets, partition, s);
  if (kSubsets == 3 && anchors[1] > anchors[2]) std::swap(anchors[1], anchors[2]);
  for (int s = kSubsets - 1; s >= 0; --s) word = without_bit(word, (anchors[s] + 1) * kBits - 1);
  bits.put(word, kTexels * kBits - kSubsets);
}

template <int kMode>
void put_endpoints(const Bc7Block& block, BitWriter& bits) {
  constexpr Bc7Mode kM = kBc7Modes[kMode];
  constexpr int kEnds = 2 * kM.subsets;
  constexpr int kExtra = kM.parity == ParityBits::kNone ? 0 : 1;
  for (int c = 0; c < 4; ++c) {
    const int width = c < 3 ? kM.color_bits : kM.alpha_bits;
    if (width == 0) continue;
    std::uint64_t word = 0;
    for (int e = kEnds - 1; e >= 0; --e)
      word = word << width | (block.ends[e] >> (8 * c + 8 - width) & ((1u << width) - 1));
    bits.put(word, kEnds * width);
  }
  if (kExtra == 0) return;
  constexpr int kStep = kM.parity == ParityBits::kOnePerSubset ? 2 : 1;
  for (int e = 0; e < kEnds; e += kStep) bits.put(block.ends[e] >> (7 - kM.color_bits) & 1, 1);
}

/// Turns the lines whose anchors' indices are in the upper half. Modes of one index set.
template <int kMode>
void turn_lines(Bc7Block& block) {
  constexpr Bc7Mode kM = kBc7Modes[kMode];
  constexpr std::uint64_t kLast = (1u << kM.index_bits) - 1;
  for (int s = 0; s < kM.subsets; ++s) {
    if (!must_turn(block.color_index, bc7_anchor(kM.subsets, block.partition, s), kM.index_bits))
      continue;
    std::swap(block.ends[2 * s], block.ends[2 * s + 1]);
    block.color_index ^= kSubsetBits<kM.subsets>[block.partition][s] * kLast;
  }
}

template <int kMode>
void write_mode(Bc7Block& block, std::uint8_t* out) {
  constexpr Bc7Mode kM = kBc7Modes[kMode];
  turn_lines<kMode>(block);
  BitWriter bits;
  bits.put(std::uint64_t{1} << kMode, kMode + 1);
  bits.put(static_cast<std::uint64_t>(block.partition), kM.partition_bits);
  put_endpoints<kMode>(block, bits);
  put_indices<kM.subsets, kM.index_bits>(block.color_index, block.partition, bits);
  bits.store(out);
}

/// Swaps the ends of a line in the channels of `mask`.
void swap_ends(Bc7Block& block, std::uint32_t mask) {
  const std::uint32_t difference = (block.ends[0] ^ block.ends[1]) & mask;
  block.ends[0] ^= difference;
  block.ends[1] ^= difference;
}

/// Modes 4 and 5: colours and alpha have indices of their own.
template <int kMode>
void write_two_planes(Bc7Block& block, std::uint8_t* out) {
  constexpr Bc7Mode kM = kBc7Modes[kMode];
  constexpr std::uint64_t kOnes = 0x1111111111111111;
  constexpr std::uint32_t kColors = 0xffffff;
  const bool swapped = block.color_has_second_indices;
  const int color_bits = swapped ? kM.second_index_bits : kM.index_bits;
  const int alpha_bits = swapped ? kM.index_bits : kM.second_index_bits;
  if (must_turn(block.color_index, 0, color_bits)) {
    swap_ends(block, kColors);
    block.color_index ^= kOnes * ((1u << color_bits) - 1);
  }
  if (must_turn(block.alpha_index, 0, alpha_bits)) {
    swap_ends(block, ~kColors);
    block.alpha_index ^= kOnes * ((1u << alpha_bits) - 1);
  }
  if (swapped) std::swap(block.color_index, block.alpha_index);
  BitWriter bits;
  bits.put(std::uint64_t{1} << kMode, kMode + 1);
  bits.put(static_cast<std::uint64_t>(block.rotation), kM.rotation_bits);
  bits.put(swapped ? 1 : 0, kM.index_selection_bits);
  put_endpoints<kMode>(block, bits);
  put_indices<1, kM.index_bits>(block.color_index, 0, bits);
  put_indices<1, kM.second_index_bits>(block.alpha_index, 0, bits);
  bits.store(out);
}

}  // namespace

void write_bc7(Bc7Block block, std::uint8_t* out) {
  switch (block.mode) {
    case 0:
      return write_mode<0>(block, out);
    case 1:
      return write_mode<1>(block, out);
    case 2:
      return write_mode<2>(block, out);
    case 3:
      return write_mode<3>(block, out);
    case 4:
      return write_two_planes<4>(block, out);
    case 5:
      return write_two_planes<5>(block, out);
    case 6:
      return write_mode<6>(block, out);
    default:
      return write_mode<7>(block, out);
  }
}

}  // namespace forge3d::codec
