// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// ASTC's bounded integer sequences: numbers of a range that is a power of two, or 3 or 5 times one,
// packed so that five trits take 8 bits and three quints 7 (Khronos Data Format Specification,
// "ASTC Compressed Texture Image Formats", Integer Sequence Encoding).

#include <array>
#include <cstddef>
#include <cstdint>

namespace forge3d::codec {

/// A range: 2^bits, times 3 (trits) or 5 (quints).
struct AstcRange {
  std::uint8_t bits;
  bool trit;
  bool quint;
  [[nodiscard]] constexpr int levels() const { return (trit ? 3 : quint ? 5 : 1) << bits; }
  /// Bits that a sequence of `count` numbers takes.
  [[nodiscard]] constexpr int sequence_bits(int count) const {
    return count * bits + (trit ? (8 * count + 4) / 5 : quint ? (7 * count + 2) / 3 : 0);
  }
};

/// All ranges by number of levels: 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 40, ... 256.
inline constexpr std::array<AstcRange, 21> kAstcRanges{{
    {1, false, false}, {0, true, false},  {2, false, false}, {0, false, true},  {1, true, false},
    {3, false, false}, {1, false, true},  {2, true, false},  {4, false, false}, {2, false, true},
    {3, true, false},  {5, false, false}, {3, false, true},  {4, true, false},  {6, false, false},
    {4, false, true},  {5, true, false},  {7, false, false}, {5, false, true},  {6, true, false},
    {8, false, false},
}};
inline constexpr int kAstcWeightRanges = 12;    ///< Weights use the first 12, to 32 levels.
inline constexpr int kAstcFirstColorRange = 4;  ///< Colours use those from 6 levels.
inline constexpr int kAstcMaxWeights = 64;

/// By range and code: the weight, 0..64. Codes that a range does not have are 0.
using AstcWeightTable = std::array<std::array<std::uint8_t, 32>, kAstcWeightRanges>;
extern const AstcWeightTable kAstcWeightOfCode;
/// By range and code: the 8-bit colour value.
using AstcColorTable = std::array<std::array<std::uint8_t, 256>, kAstcRanges.size()>;
extern const AstcColorTable kAstcColorOfCode;

/// 128 bits of a block, lowest first.
struct AstcBits {
  std::uint64_t low = 0;
  std::uint64_t high = 0;

  /// The 64 bits from `position` on (0..127), zeros past the end.
  [[nodiscard]] std::uint64_t at(unsigned position) const {
    if (position >= 64) return high >> (position - 64);
    return low >> position | (high << 1) << (63 - position);
  }
  /// `count` bits (0..32) from `position` on.
  [[nodiscard]] std::uint32_t field(unsigned position, unsigned count) const {
    return static_cast<std::uint32_t>(at(position) & ((std::uint64_t{1} << count) - 1));
  }
  /// `count` bits (0..128) from `position` on, with zeros above.
  [[nodiscard]] AstcBits slice(unsigned position, unsigned count) const;
  /// Bit i becomes bit 127 - i.
  [[nodiscard]] AstcBits reversed() const;
  /// Adds `count` (1..32) bits of `value` at `position`; they were zero.
  void put(unsigned position, unsigned count, std::uint32_t value);
};

AstcBits load_astc_bits(const std::uint8_t* bytes);
void store_astc_bits(const AstcBits& bits, std::uint8_t* bytes);

/// Sequences are decoded in groups, so `out` takes up to this many numbers more than `count`.
inline constexpr std::size_t kAstcSequenceSlack = 8;

/// Reads `count` codes of a range from the bottom of `bits` (which has zeros above the sequence)
/// and writes table[code] for each. REQUIRES: count + kAstcSequenceSlack numbers fit `out`.
void read_astc_sequence(int range, const AstcBits& bits, int count, const std::uint8_t* table,
                        std::uint8_t* out);

/// Writes `count` codes of a range as a sequence from `position` on.
void write_astc_sequence(int range, const std::uint8_t* codes, int count, unsigned position,
                         AstcBits& bits);

}  // namespace forge3d::codec
