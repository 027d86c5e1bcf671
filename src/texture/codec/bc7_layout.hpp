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
inline constexpr std::array<std::uint16_t, kPartitions> kTwoSubsets = {
    0xcccc, 0x8888, 0xeeee, 0xecc8, 0xc880, 0xfeec, 0xfec8, 0xec80, 0xc800, 0xffec, 0xfe80,
    0xe800, 0xffe8, 0xff00, 0xfff0, 0xf000, 0xf710, 0x008e, 0x7100, 0x08ce, 0x008c, 0x7310,
    0x3100, 0x8cce, 0x088c, 0x3110, 0x6666, 0x366c, 0x17e8, 0x0ff0, 0x718e, 0x399c, 0xaaaa,
    0xf0f0, 0x5a5a, 0x33cc, 0x3c3c, 0x55aa, 0x9696, 0xa55a, 0x73ce, 0x13c8, 0x324c, 0x3bdc,
    0x6996, 0xc33c, 0x9966, 0x0660, 0x0272, 0x04e4, 0x4e40, 0x2720, 0xc936, 0x936c, 0x39c6,
    0x639c, 0x9336, 0x9cc6, 0x817e, 0xe718, 0xccf0, 0x0fcc, 0x7744, 0xee22,
};

/// Bits 2i and 2i + 1: the subset of texel i.
inline constexpr std::array<std::uint32_t, kPartitions> kThreeSubsets = {
    0xaa685050, 0x6a5a5040, 0x5a5a4200, 0x5450a0a8, 0xa5a50000, 0xa0a05050, 0x5555a0a0, 0x5a5a5050,
    0xaa550000, 0xaa555500, 0xaaaa5500, 0x90909090, 0x94949494, 0xa4a4a4a4, 0xa9a59450, 0x2a0a4250,
    0xa5945040, 0x0a425054, 0xa5a5a500, 0x55a0a0a0, 0xa8a85454, 0x6a6a4040, 0xa4a45000, 0x1a1a0500,
    0x0050a4a4, 0xaaa59090, 0x14696914, 0x69691400, 0xa08585a0, 0xaa821414, 0x50a4a450, 0x6a5a0200,
    0xa9a58000, 0x5090a0a8, 0xa8a09050, 0x24242424, 0x00aa5500, 0x24924924, 0x24499224, 0x50a50a50,
    0x500aa550, 0xaaaa4444, 0x66660000, 0xa5a0a5a0, 0x50a050a0, 0x69286928, 0x44aaaa44, 0x66666600,
    0xaa444444, 0x54a854a8, 0x95809580, 0x96969600, 0xa85454a8, 0x80959580, 0xaa141414, 0x96960000,
    0xaaaa1414, 0xa05050a0, 0xa0a5a5a0, 0x96000000, 0x40804080, 0xa9a8a9a8, 0xaaaaaa44, 0x2a4a5254,
};

/// The subset of a texel under one of the 64 partitions of `subsets` (1, 2 or 3) subsets.
[[nodiscard]] constexpr int bc7_subset(int subsets, int partition, int texel) {
  if (subsets == 1) return 0;
  if (subsets == 2) return kTwoSubsets[partition] >> texel & 1;
  return static_cast<int>(kThreeSubsets[partition] >> (2 * texel) & 3);
}

inline constexpr std::array<std::uint8_t, kPartitions> kAnchorOfTwo = {
    15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 2,  8, 2,  2, 8,
    8,  15, 2,  8,  2,  2,  8,  8,  2,  2,  15, 15, 6,  8,  2,  8,  15, 15, 2, 8,  2, 2,
    2,  15, 15, 6,  6,  2,  6,  8,  15, 15, 2,  2,  15, 15, 15, 15, 15, 2,  2, 15,
};
inline constexpr std::array<std::uint8_t, kPartitions> kFirstAnchorOfThree = {
    3,  3,  15, 15, 8, 3,  15, 15, 8,  8,  6, 6,  6, 5,  3, 3,  3,  3,  8,  15, 3,  3,
    6,  10, 5,  8,  8, 6,  8,  5,  15, 15, 8, 15, 3, 5,  6, 10, 8,  15, 15, 3,  15, 5,
    15, 15, 15, 15, 3, 15, 5,  5,  5,  8,  5, 10, 5, 10, 8, 13, 15, 12, 3,  3,
};
inline constexpr std::array<std::uint8_t, kPartitions> kSecondAnchorOfThree = {
    15, 8, 8, 3,  15, 15, 3,  8,  15, 15, 15, 15, 15, 15, 15, 8,  15, 8,  15, 3,  15, 8,
    15, 8, 3, 15, 6,  10, 15, 15, 10, 8,  15, 3,  15, 10, 10, 8,  9,  10, 6,  15, 8,  15,
    3,  6, 6, 8,  15, 3,  15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 3,  15, 15, 8,
};

/// The texel whose index has its highest bit left out, for subset 0, 1 or 2.
[[nodiscard]] constexpr int bc7_anchor(int subsets, int partition, int subset) {
  if (subset == 0) return 0;
  if (subsets == 2) return kAnchorOfTwo[partition];
  return subset == 1 ? kFirstAnchorOfThree[partition] : kSecondAnchorOfThree[partition];
}

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
