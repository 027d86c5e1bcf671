// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// The constants of UASTC LDR 4x4: modes, partition patterns and what they become in ASTC and BC7
// (Khronos Data Format Specification, "Universal ASTC Compressed Texture Images").

#include <array>
#include <cstdint>

#include "texture/codec/astc_sequence.hpp"
#include "texture/codec/bc7_layout.hpp"

namespace forge3d::basis {

inline constexpr int kUastcModes = 19;
inline constexpr int kUastcFlat = 8;      ///< The mode of blocks of one color.
inline constexpr int kUastcInvalid = 19;  ///< Reserved by the format; any invalid block here.
inline constexpr std::uint32_t kUastcErrorColor = 0xffff00ff;  ///< R in the lowest byte.

/// The fields of one mode. They lie in the block in the order of the members from `bc1_hints` on,
/// then the ends of the lines, then the weights.
struct UastcMode {
  std::uint8_t code;  ///< The lowest `code_bits` bits of the block.
  std::uint8_t code_bits;
  std::uint8_t subsets;
  std::uint8_t planes;
  std::uint8_t channels;  ///< 2: luminance and alpha; 3: RGB; 4: RGBA.
  std::uint8_t weight_bits;
  std::uint8_t range;      ///< Of the ends, in codec::kAstcRanges.
  std::uint8_t bc1_hints;  ///< Bits.
  bool etc1_bias;
  std::uint8_t pattern_bits;
  std::uint16_t astc_mode;
  std::uint8_t bc7_mode;

  [[nodiscard]] constexpr bool alpha() const { return channels != 3; }
  /// RGB and RGBA blocks of two planes name the channel of the second; else it is alpha.
  [[nodiscard]] constexpr bool names_channel() const { return planes == 2 && channels != 2; }
  [[nodiscard]] constexpr int end_values() const { return 2 * subsets * channels; }
  /// The color endpoint mode in ASTC.
  [[nodiscard]] constexpr int astc_end_mode() const {
    return channels == 2 ? 4 : channels == 3 ? 8 : 12;
  }
};

inline constexpr std::array<UastcMode, kUastcModes> kUastcModeTable{{
    {0x01, 4, 1, 1, 3, 4, 19, 2, true, 0, 578, 6},  {0x35, 6, 1, 1, 3, 2, 20, 2, true, 0, 66, 3},
    {0x1d, 5, 2, 1, 3, 3, 8, 2, true, 5, 83, 1},    {0x03, 5, 3, 1, 3, 2, 7, 2, true, 4, 66, 2},
    {0x13, 5, 2, 1, 3, 2, 12, 2, true, 5, 66, 3},   {0x0b, 5, 1, 1, 3, 3, 20, 2, true, 0, 83, 6},
    {0x1b, 5, 1, 2, 3, 2, 18, 2, true, 0, 1090, 5}, {0x07, 5, 2, 1, 3, 2, 12, 2, true, 5, 66, 2},
    {0x17, 5, 1, 1, 4, 0, 20, 0, false, 0, 0, 5},   {0x0f, 5, 2, 1, 4, 2, 8, 2, true, 5, 66, 7},
    {0x02, 3, 1, 1, 4, 4, 13, 1, false, 0, 578, 6}, {0x00, 2, 1, 2, 4, 2, 13, 1, false, 0, 1090, 5},
    {0x06, 3, 1, 1, 4, 3, 19, 1, false, 0, 83, 6},  {0x1f, 5, 1, 2, 4, 1, 20, 2, true, 0, 1089, 5},
    {0x0d, 5, 1, 1, 4, 2, 20, 2, true, 0, 66, 6},   {0x05, 7, 1, 1, 2, 4, 20, 2, true, 0, 578, 6},
    {0x15, 6, 2, 1, 2, 2, 20, 2, true, 5, 66, 7},   {0x25, 6, 1, 2, 2, 2, 20, 2, true, 0, 1090, 5},
    {0x09, 4, 1, 1, 3, 5, 11, 2, true, 0, 595, 6},
}};

/// Bit offsets of the parts of a mode's blocks.
struct UastcOffsets {
  int bc1_hints, etc1_hints, etc1_bias, etc2_hints, pattern, channel, digits, ends, weights;
};

inline constexpr int kEtc1HintBits = 8;  ///< Flip, differential, two tables.

/// Bits that the trits or quints of `count` numbers take: five trits in 8 bits or three quints in
/// 7, and what is left over in as few as its largest value needs.
constexpr int uastc_digit_bits(const codec::AstcRange& range, int count) {
  constexpr std::array<int, 5> kTritBits{0, 2, 4, 5, 7};
  if (range.trit) return count / 5 * 8 + kTritBits[static_cast<std::size_t>(count % 5)];
  return range.quint ? count / 3 * 7 : 0;
}

constexpr UastcOffsets uastc_offsets(const UastcMode& mode) {
  const codec::AstcRange& range = codec::kAstcRanges[mode.range];
  UastcOffsets at{};
  at.bc1_hints = mode.code_bits;
  at.etc1_hints = at.bc1_hints + mode.bc1_hints;
  at.etc1_bias = at.etc1_hints + kEtc1HintBits;
  at.etc2_hints = at.etc1_bias + (mode.etc1_bias ? 5 : 0);
  at.pattern = at.channel = at.etc2_hints + (mode.alpha() ? 8 : 0);
  at.digits = at.pattern + mode.pattern_bits + (mode.names_channel() ? 2 : 0);
  at.ends = at.digits + uastc_digit_bits(range, mode.end_values());
  at.weights = at.ends + mode.end_values() * range.bits;
  return at;
}
static_assert(uastc_offsets(kUastcModeTable[0]).weights == 65);
static_assert(uastc_offsets(kUastcModeTable[3]).weights == 89);
static_assert(uastc_offsets(kUastcModeTable[6]).weights == 66);
static_assert(uastc_offsets(kUastcModeTable[9]).weights == 97);
static_assert(uastc_offsets(kUastcModeTable[11]).weights == 66);
static_assert(uastc_offsets(kUastcModeTable[16]).weights == 98);

/// By the lowest 7 bits of a block: its mode, or kUastcInvalid.
constexpr std::array<std::uint8_t, 128> make_uastc_mode_of() {
  std::array<std::uint8_t, 128> out{};
  for (std::size_t low = 0; low < out.size(); ++low) {
    out[low] = kUastcInvalid;
    for (std::size_t m = 0; m < kUastcModes; ++m) {
      const UastcMode& mode = kUastcModeTable[m];
      if ((low & ((1u << mode.code_bits) - 1)) == mode.code)
        out[low] = static_cast<std::uint8_t>(m);
    }
  }
  return out;
}
inline constexpr std::array<std::uint8_t, 128> kUastcModeOf = make_uastc_mode_of();

/// A way to share the texels of a block between subsets, by the name of the same partition in ASTC
/// and in BC7.
struct UastcPattern {
  std::uint16_t seed;                  ///< ASTC
  std::uint8_t partition;              ///< BC7
  std::array<std::uint8_t, 3> subset;  ///< UASTC's, by that of BC7.
};

/// Modes 2, 4, 9 and 16: two subsets of two in BC7.
inline constexpr std::array<UastcPattern, 30> kUastcPatternsOfTwo{{
    {28, 0, {0, 1}},   {20, 1, {0, 1}},   {16, 2, {1, 0}},   {29, 3, {0, 1}},   {91, 4, {1, 0}},
    {9, 5, {0, 1}},    {107, 6, {1, 0}},  {72, 7, {1, 0}},   {149, 8, {0, 1}},  {204, 9, {1, 0}},
    {50, 10, {0, 1}},  {114, 11, {1, 0}}, {496, 12, {1, 0}}, {17, 13, {1, 0}},  {78, 14, {0, 1}},
    {39, 15, {1, 0}},  {252, 17, {1, 0}}, {828, 18, {1, 0}}, {43, 19, {0, 1}},  {156, 20, {0, 1}},
    {116, 21, {0, 1}}, {210, 22, {1, 0}}, {476, 23, {1, 0}}, {273, 24, {0, 1}}, {684, 25, {1, 0}},
    {359, 26, {0, 1}}, {246, 29, {1, 0}}, {195, 32, {1, 0}}, {694, 33, {1, 0}}, {524, 52, {1, 0}},
}};
/// Mode 3: three subsets of three.
inline constexpr std::array<UastcPattern, 11> kUastcPatternsOfThree{{
    {260, 4, {0, 1, 2}},
    {74, 8, {1, 0, 2}},
    {32, 9, {1, 0, 2}},
    {156, 10, {1, 2, 0}},
    {183, 11, {1, 2, 0}},
    {15, 12, {0, 1, 2}},
    {745, 13, {0, 2, 1}},
    {0, 20, {2, 0, 1}},
    {335, 35, {2, 0, 1}},
    {902, 36, {1, 0, 2}},
    {254, 57, {0, 1, 2}},
}};
/// Mode 7: two subsets of three in BC7.
inline constexpr std::array<UastcPattern, 19> kUastcPatternsOfTwoInThree{{
    {36, 10, {0, 1, 0}},  {48, 11, {0, 1, 0}},  {61, 0, {1, 0, 0}},   {137, 2, {0, 1, 0}},
    {161, 8, {1, 0, 1}},  {183, 13, {0, 1, 0}}, {226, 1, {0, 1, 1}},  {281, 33, {0, 1, 1}},
    {302, 40, {1, 0, 0}}, {307, 20, {0, 1, 0}}, {479, 21, {0, 0, 1}}, {495, 58, {1, 0, 0}},
    {593, 3, {0, 0, 1}},  {594, 32, {0, 1, 1}}, {605, 59, {1, 1, 0}}, {799, 34, {1, 0, 0}},
    {812, 20, {1, 1, 0}}, {988, 14, {0, 1, 0}}, {993, 31, {1, 0, 0}},
}};

/// What decoders need of a pattern.
struct UastcShape {
  std::array<std::uint8_t, 16> subset{};  ///< Of each texel.
  std::array<std::uint8_t, 3> anchor{};   ///< The first texel of each subset, in rising order.
  bool valid = false;
};

template <std::size_t kCount>
constexpr std::array<UastcShape, 32> make_uastc_shapes(
    const std::array<UastcPattern, kCount>& patterns, int bc7_subsets, int subsets) {
  std::array<UastcShape, 32> out{};
  for (std::size_t p = 0; p < kCount; ++p) {
    UastcShape& shape = out[p];
    shape.valid = true;
    std::array<bool, 3> seen{};
    std::size_t anchors = 0;
    for (int i = 0; i < 16; ++i) {
      const int of_bc7 = codec::bc7_subset(bc7_subsets, patterns[p].partition, i);
      const std::uint8_t subset = patterns[p].subset[static_cast<std::size_t>(of_bc7)];
      shape.subset[static_cast<std::size_t>(i)] = subset;
      if (!seen[subset]) shape.anchor[anchors++] = static_cast<std::uint8_t>(i);
      seen[subset] = true;
    }
    shape.valid = anchors == static_cast<std::size_t>(subsets);
  }
  return out;
}
inline constexpr auto kUastcShapesOfTwo = make_uastc_shapes(kUastcPatternsOfTwo, 2, 2);
inline constexpr auto kUastcShapesOfThree = make_uastc_shapes(kUastcPatternsOfThree, 3, 3);
inline constexpr auto kUastcShapesOfTwoInThree =
    make_uastc_shapes(kUastcPatternsOfTwoInThree, 3, 2);

/// The shapes and patterns of a mode of several subsets, by the block's pattern field.
constexpr const std::array<UastcShape, 32>& uastc_shapes(int mode) {
  return mode == 3 ? kUastcShapesOfThree : mode == 7 ? kUastcShapesOfTwoInThree : kUastcShapesOfTwo;
}
constexpr const UastcPattern& uastc_pattern(int mode, std::size_t pattern) {
  return mode == 3   ? kUastcPatternsOfThree[pattern]
         : mode == 7 ? kUastcPatternsOfTwoInThree[pattern]
                     : kUastcPatternsOfTwo[pattern];
}

/// The weight, in 64ths, of a code of `bits` bits: the code's bits repeated to six, and one more in
/// the upper half.
constexpr int uastc_weight(int code, int bits) {
  if (bits == 1) return code * 64;
  int six = 0;
  for (int at = 6 - bits; at > -bits; at -= bits) six |= at >= 0 ? code << at : code >> -at;
  return six > 32 ? six + 1 : six;
}
static_assert(uastc_weight(3, 4) == 12 && uastc_weight(8, 4) == 35 && uastc_weight(31, 5) == 64);
static_assert(uastc_weight(2, 2) == 43 && uastc_weight(3, 3) == 27 && uastc_weight(16, 5) == 34);

}  // namespace forge3d::basis
