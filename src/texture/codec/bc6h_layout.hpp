// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// The constants of BC6H: modes and where their fields lie (Khronos Data Format Specification,
// chapter "BPTC Compressed Texture Image Formats"). Partitions, anchors and weights are those of
// BC7.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace forge3d::codec {

inline constexpr int kBc6hModes = 14;
inline constexpr int kBc6hPartitions = 32;
inline constexpr int kBc6hPartitionOffset = 77;    ///< Five bits, in modes of two subsets.
inline constexpr int kBc6hTwoSubsetsIndices = 82;  ///< 46 bits: three a texel, two anchors.
inline constexpr int kBc6hOneSubsetIndices = 65;   ///< 63 bits: four a texel, one anchor.

struct Bc6hMode {
  std::uint8_t prefix;       ///< The lowest bits of the block,
  std::uint8_t prefix_bits;  ///< 2 or 5 of them.
  std::uint8_t subsets;
  bool deltas;  ///< All endpoints but the first are differences to it.
  std::uint8_t end_bits;
  std::array<std::uint8_t, 3> delta_bits;  ///< R, G, B; end_bits where there are no deltas.
  /// The fields after the prefix, lowest bit of the block first: channel, endpoint, bits. [9:0]
  /// lies in the block as it is, [10:11] reversed.
  std::string_view fields;
};

inline constexpr std::array<Bc6hMode, kBc6hModes> kBc6hTable = {{
    {0,
     2,
     2,
     true,
     10,
     {5, 5, 5},
     "g2[4] b2[4] b3[4] r0[9:0] g0[9:0] b0[9:0] r1[4:0] g3[4] g2[3:0] g1[4:0] b3[0] g3[3:0] "
     "b1[4:0] b3[1] b2[3:0] r2[4:0] b3[2] r3[4:0] b3[3]"},
    {1,
     2,
     2,
     true,
     7,
     {6, 6, 6},
     "g2[5] g3[4] g3[5] r0[6:0] b3[0] b3[1] b2[4] g0[6:0] b2[5] b3[2] g2[4] b0[6:0] b3[3] b3[5] "
     "b3[4] r1[5:0] g2[3:0] g1[5:0] g3[3:0] b1[5:0] b2[3:0] r2[5:0] r3[5:0]"},
    {2,
     5,
     2,
     true,
     11,
     {5, 4, 4},
     "r0[9:0] g0[9:0] b0[9:0] r1[4:0] r0[10] g2[3:0] g1[3:0] g0[10] b3[0] g3[3:0] b1[3:0] b0[10] "
     "b3[1] b2[3:0] r2[4:0] b3[2] r3[4:0] b3[3]"},
    {6,
     5,
     2,
     true,
     11,
     {4, 5, 4},
     "r0[9:0] g0[9:0] b0[9:0] r1[3:0] r0[10] g3[4] g2[3:0] g1[4:0] g0[10] g3[3:0] b1[3:0] b0[10] "
     "b3[1] b2[3:0] r2[3:0] b3[0] b3[2] r3[3:0] g2[4] b3[3]"},
    {10,
     5,
     2,
     true,
     11,
     {4, 4, 5},
     "r0[9:0] g0[9:0] b0[9:0] r1[3:0] r0[10] b2[4] g2[3:0] g1[3:0] g0[10] b3[0] g3[3:0] b1[4:0] "
     "b0[10] b2[3:0] r2[3:0] b3[1] b3[2] r3[3:0] b3[4] b3[3]"},
    {14,
     5,
     2,
     true,
     9,
     {5, 5, 5},
     "r0[8:0] b2[4] g0[8:0] g2[4] b0[8:0] b3[4] r1[4:0] g3[4] g2[3:0] g1[4:0] b3[0] g3[3:0] "
     "b1[4:0] b3[1] b2[3:0] r2[4:0] b3[2] r3[4:0] b3[3]"},
    {18,
     5,
     2,
     true,
     8,
     {6, 5, 5},
     "r0[7:0] g3[4] b2[4] g0[7:0] b3[2] g2[4] b0[7:0] b3[3] b3[4] r1[5:0] g2[3:0] g1[4:0] b3[0] "
     "g3[3:0] b1[4:0] b3[1] b2[3:0] r2[5:0] r3[5:0]"},
    {22,
     5,
     2,
     true,
     8,
     {5, 6, 5},
     "r0[7:0] b3[0] b2[4] g0[7:0] g2[5] g2[4] b0[7:0] g3[5] b3[4] r1[4:0] g3[4] g2[3:0] g1[5:0] "
     "g3[3:0] b1[4:0] b3[1] b2[3:0] r2[4:0] b3[2] r3[4:0] b3[3]"},
    {26,
     5,
     2,
     true,
     8,
     {5, 5, 6},
     "r0[7:0] b3[1] b2[4] g0[7:0] b2[5] g2[4] b0[7:0] b3[5] b3[4] r1[4:0] g3[4] g2[3:0] g1[4:0] "
     "b3[0] g3[3:0] b1[5:0] b2[3:0] r2[4:0] b3[2] r3[4:0] b3[3]"},
    {30,
     5,
     2,
     false,
     6,
     {6, 6, 6},
     "r0[5:0] g3[4] b3[0] b3[1] b2[4] g0[5:0] g2[5] b2[5] b3[2] g2[4] b0[5:0] g3[5] b3[3] b3[5] "
     "b3[4] r1[5:0] g2[3:0] g1[5:0] g3[3:0] b1[5:0] b2[3:0] r2[5:0] r3[5:0]"},
    {3, 5, 1, false, 10, {10, 10, 10}, "r0[9:0] g0[9:0] b0[9:0] r1[9:0] g1[9:0] b1[9:0]"},
    {7,
     5,
     1,
     true,
     11,
     {9, 9, 9},
     "r0[9:0] g0[9:0] b0[9:0] r1[8:0] r0[10] g1[8:0] g0[10] b1[8:0] b0[10]"},
    {11,
     5,
     1,
     true,
     12,
     {8, 8, 8},
     "r0[9:0] g0[9:0] b0[9:0] r1[7:0] r0[10:11] g1[7:0] g0[10:11] b1[7:0] b0[10:11]"},
    {15,
     5,
     1,
     true,
     16,
     {4, 4, 4},
     "r0[9:0] g0[9:0] b0[9:0] r1[3:0] r0[10:15] g1[3:0] g0[10:15] b1[3:0] b0[10:15]"},
}};

/// The row of kBc6hTable for the first five bits of a block, -1 for the reserved ones.
inline constexpr std::array<std::int8_t, 32> kBc6hModeOfPrefix = [] {
  std::array<std::int8_t, 32> modes{};
  modes.fill(-1);
  for (unsigned bits = 0; bits < 32; ++bits)
    for (int m = 0; m < kBc6hModes; ++m) {
      const Bc6hMode& mode = kBc6hTable[static_cast<std::size_t>(m)];
      if ((bits & ((1u << mode.prefix_bits) - 1)) == mode.prefix &&
          (mode.prefix_bits == 5 || bits % 4 < 2))
        modes[bits] = static_cast<std::int8_t>(m);
    }
  return modes;
}();

/// `count` bits of an endpoint's channel, from bit `bit` on, that lie together in the block.
struct Bc6hPiece {
  std::uint8_t channel, end, bit, count, offset;
};
struct Bc6hPieces {
  std::array<Bc6hPiece, 24> pieces{};
  std::size_t count = 0;
};

/// What `fields` says.
constexpr Bc6hPieces bc6h_pieces(const Bc6hMode& mode) {
  Bc6hPieces out;
  std::uint8_t offset = mode.prefix_bits;
  std::string_view left = mode.fields;
  const auto number = [&left] {
    std::uint8_t value = 0;
    for (; left.front() >= '0' && left.front() <= '9'; left.remove_prefix(1))
      value = static_cast<std::uint8_t>(10 * value + left.front() - '0');
    return value;
  };
  const auto add = [&](char name, std::uint8_t end, std::uint8_t bit, std::uint8_t count) {
    const int channel = name == 'r' ? 0 : name == 'g' ? 1 : 2;
    out.pieces[out.count++] = {static_cast<std::uint8_t>(channel), end, bit, count, offset};
    offset = static_cast<std::uint8_t>(offset + count);
  };
  while (!left.empty()) {
    const char name = left.front();
    left.remove_prefix(1);
    const std::uint8_t end = number();
    left.remove_prefix(1);
    const std::uint8_t first = number();
    std::uint8_t last = first;
    if (left.front() == ':') {
      left.remove_prefix(1);
      last = number();
    }
    left.remove_prefix(left.size() > 1 ? 2 : 1);
    if (first >= last)
      add(name, end, last, static_cast<std::uint8_t>(first - last + 1));
    else
      for (std::uint8_t bit = last; bit >= first; --bit) add(name, end, bit, 1);
  }
  return out;
}

inline constexpr std::array<Bc6hPieces, kBc6hModes> kBc6hPieces = [] {
  std::array<Bc6hPieces, kBc6hModes> out{};
  for (std::size_t m = 0; m < kBc6hModes; ++m) out[m] = bc6h_pieces(kBc6hTable[m]);
  return out;
}();

/// Each field fills its mode's bits up to the partition or the indices, and each endpoint is whole.
constexpr bool bc6h_pieces_are_whole() {
  for (std::size_t m = 0; m < kBc6hModes; ++m) {
    const Bc6hMode& mode = kBc6hTable[m];
    std::array<std::array<int, 3>, 4> seen{};
    int end = mode.prefix_bits;
    for (std::size_t i = 0; i < kBc6hPieces[m].count; ++i) {
      const Bc6hPiece& piece = kBc6hPieces[m].pieces[i];
      seen[piece.end][piece.channel] |= ((1 << piece.count) - 1) << piece.bit;
      end += piece.count;
    }
    if (end != (mode.subsets == 2 ? kBc6hPartitionOffset : kBc6hOneSubsetIndices)) return false;
    for (std::size_t e = 0; e < std::size_t{2} * mode.subsets; ++e)
      for (std::size_t c = 0; c < 3; ++c) {
        const int bits = e == 0 ? mode.end_bits : mode.delta_bits[c];
        if (seen[e][c] != (1 << bits) - 1) return false;
      }
  }
  return true;
}
static_assert(bc6h_pieces_are_whole());

/// An endpoint of `bits` bits as the number that is interpolated: 0 .. 0xffff, or -0x7fff ..
/// 0x7fff where `is_signed` (16 bits stay as they are).
[[nodiscard]] constexpr int bc6h_unquantize(int code, int bits, bool is_signed) {
  if (bits == 16) return code;
  if (!is_signed) {
    if (code == 0) return 0;
    if (code == (1 << bits) - 1) return 0xffff;
    return ((code << 16) + 0x8000) >> bits;
  }
  const int magnitude = code < 0 ? -code : code;
  int value = ((magnitude << 15) + 0x4000) >> (bits - 1);
  if (magnitude == 0) value = 0;
  if (magnitude >= (1 << (bits - 1)) - 1) value = 0x7fff;
  return code < 0 ? -value : value;
}

/// The bits of the half float that an interpolated number stands for. Zero has no sign.
[[nodiscard]] constexpr std::uint16_t bc6h_half(int value, bool is_signed) {
  if (!is_signed) return static_cast<std::uint16_t>((value * 31) >> 6);
  const int magnitude = ((value < 0 ? -value : value) * 31) >> 5;
  return static_cast<std::uint16_t>(value < 0 && magnitude > 0 ? magnitude | 0x8000 : magnitude);
}

}  // namespace forge3d::codec
