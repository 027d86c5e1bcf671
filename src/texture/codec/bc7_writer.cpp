// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/bc7_writer.hpp"

#include <utility>

#include "texture/codec/bc7_layout.hpp"

namespace forge3d::codec {
namespace {

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

/// Swaps the ends of a line in the given channels, and mirrors its indices.
void turn_line(Bc7Block& block, const Bc7Mode& mode, int subset, int first_channel,
               int last_channel, int index_bits, Shorts& index) {
  for (int c = first_channel; c <= last_channel; ++c)
    std::swap(block.codes[c][2 * subset], block.codes[c][2 * subset + 1]);
  std::swap(block.parity[2 * subset], block.parity[2 * subset + 1]);
  const int last = (1 << index_bits) - 1;
  for (int i = 0; i < kTexels; ++i)
    if (mode.subsets == 1 || bc7_subset(mode.subsets, block.partition, i) == subset)
      index[i] = static_cast<std::int16_t>(last - index[i]);
}

void clear_anchor_bits(Bc7Block& block, const Bc7Mode& mode, int color_bits, int alpha_bits) {
  const int last_channel = alpha_bits > 0 ? 2 : 3;
  for (int s = 0; s < mode.subsets; ++s)
    if (block.color_index[bc7_anchor(mode.subsets, block.partition, s)] >> (color_bits - 1) != 0)
      turn_line(block, mode, s, 0, last_channel, color_bits, block.color_index);
  if (alpha_bits > 0 && block.alpha_index[0] >> (alpha_bits - 1) != 0)
    turn_line(block, mode, 0, 3, 3, alpha_bits, block.alpha_index);
}

void put_endpoints(const Bc7Block& block, const Bc7Mode& mode, BitWriter& bits) {
  const int ends = 2 * mode.subsets;
  for (int c = 0; c < 4; ++c)
    for (int e = 0; e < ends; ++e)
      if (const int width = c < 3 ? mode.color_bits : mode.alpha_bits; width > 0)
        bits.put(block.codes[c][e], width);
  if (mode.parity == ParityBits::kNone) return;
  const int step = mode.parity == ParityBits::kOnePerSubset ? 2 : 1;
  for (int e = 0; e < ends; e += step) bits.put(block.parity[e], 1);
}

void put_indices(const Shorts& index, int index_bits, int subsets, int partition, BitWriter& bits) {
  std::array<int, 3> anchors{0, -1, -1};
  for (int s = 1; s < subsets; ++s) anchors[s] = bc7_anchor(subsets, partition, s);
  std::uint64_t word = 0;
  int used = 0;
  for (int i = 0; i < kTexels; ++i) {
    word |= static_cast<std::uint64_t>(index[i]) << used;
    used += index_bits - (i == anchors[0] || i == anchors[1] || i == anchors[2] ? 1 : 0);
  }
  bits.put(word, used);
}

}  // namespace

void write_bc7(Bc7Block block, std::uint8_t* out) {
  const Bc7Mode& mode = kBc7Modes[block.mode];
  int color_bits = mode.index_bits;
  int alpha_bits = mode.second_index_bits;
  if (block.color_has_second_indices) std::swap(color_bits, alpha_bits);
  clear_anchor_bits(block, mode, color_bits, alpha_bits);
  BitWriter bits;
  bits.put(std::uint64_t{1} << block.mode, block.mode + 1);
  bits.put(block.partition, mode.partition_bits);
  bits.put(block.rotation, mode.rotation_bits);
  bits.put(block.color_has_second_indices ? 1 : 0, mode.index_selection_bits);
  put_endpoints(block, mode, bits);
  if (block.color_has_second_indices) std::swap(block.color_index, block.alpha_index);
  put_indices(block.color_index, mode.index_bits, mode.subsets, block.partition, bits);
  if (mode.second_index_bits > 0)
    put_indices(block.alpha_index, mode.second_index_bits, 1, 0, bits);
  bits.store(out);
}

}  // namespace forge3d::codec
