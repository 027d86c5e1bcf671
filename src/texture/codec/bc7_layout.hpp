// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// The constants of BC7: modes, partitions, anchors and weights (Khronos Data Format Specification,
// chapter "BPTC Compressed Texture Image Formats").

#include <array>
#include <cstdint>

namespace forge3d::codec {

/// How the lowest bits of the endpoints of a mode are coded.
enum class ParityBits : std::uint8_t { kNone, kOnePerSubset, kOnePerEndpoint };

/// The fields of one mode, in the order in which they lie in the block after the mode's unary
/// prefix.
struct Bc7Mode {
  std::uint8_t subsets;
  std::uint8_t partition_bits;
  std::uint8_t rotation_bits;
  std::uint8_t index_selection_bits;
  std::uint8_t color_bits;
  std::uint8_t alpha_bits;
  ParityBits parity;
  std::uint8_t index_bits;
  std::uint8_t second_index_bits;
};

inline constexpr std::array<Bc7Mode, 8> kBc7Modes = {{
    {3, 4, 0, 0, 4, 0, ParityBits::kOnePerEndpoint, 3, 0},
    {2, 6, 0, 0, 6, 0, ParityBits::kOnePerSubset, 3, 0},
    {3, 6, 0, 0, 5, 0, ParityBits::kNone, 2, 0},
    {2, 6, 0, 0, 7, 0, ParityBits::kOnePerEndpoint, 2, 0},
    {1, 0, 2, 1, 5, 6, ParityBits::kNone, 2, 3},
    {1, 0, 2, 0, 7, 8, ParityBits::kNone, 2, 2},
    {1, 0, 0, 0, 7, 7, ParityBits::kOnePerEndpoint, 4, 0},
    {2, 6, 0, 0, 5, 5, ParityBits::kOnePerEndpoint, 2, 0},
}};

inline constexpr int kPartitions = 64;

/// Bit i: texel i belongs to subset 1.
extern const std::array<std::uint16_t, kPartitions> kTwoSubsets;
/// Bits 2i and 2i + 1: the subset of texel i.
extern const std::array<std::uint32_t, kPartitions> kThreeSubsets;

/// The subset of a texel under one of the 64 partitions of `subsets` (1, 2 or 3) subsets.
[[nodiscard]] int bc7_subset(int subsets, int partition, int texel);

/// The texel whose index has its highest bit left out, for subset 0, 1 or 2.
[[nodiscard]] int bc7_anchor(int subsets, int partition, int subset);

/// The weight of index `index` of 2, 3 or 4 bits, in 64ths: index * 64 / (2^bits - 1), rounded.
[[nodiscard]] constexpr int bc7_weight(int index, int bits) {
  return (index * (4096 / ((1 << bits) - 1)) + 32) >> 6;
}
static_assert(bc7_weight(1, 2) == 21 && bc7_weight(2, 2) == 43 && bc7_weight(3, 2) == 64);
static_assert(bc7_weight(2, 3) == 18 && bc7_weight(5, 3) == 46 && bc7_weight(7, 3) == 64);
static_assert(bc7_weight(4, 4) == 17 && bc7_weight(11, 4) == 47 && bc7_weight(15, 4) == 64);

/// The interpolation every decoder must do.
[[nodiscard]] constexpr int bc7_interpolate(int a, int b, int weight) {
  return (a * (64 - weight) + b * weight + 32) >> 6;
}

/// A code of `bits` (4..8) bits as 8 bits: high bits repeated below.
[[nodiscard]] constexpr int bc7_expand(int code, int bits) {
  return (code << (8 - bits)) | (code >> (2 * bits - 8));
}

}  // namespace forge3d::codec
