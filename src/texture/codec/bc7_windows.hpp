// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Where the vector decoder of BC7 finds the fields of a block. A field of up to 8 bits lies within
// two neighbouring bytes of the block: a byte shuffle brings those into a 16-bit lane (the window),
// a multiplication by a power of two moves the field to the top of the lane, a mask cuts off what
// is below. So eight fields are read at once, wherever they lie.

#include <array>
#include <cstddef>
#include <cstdint>

#include "texture/codec/bc7_layout.hpp"

namespace forge3d::codec {

/// Eight fields, one a 16-bit lane.
struct Bc7Windows {
  alignas(16) std::array<std::uint8_t, 16> bytes{};   ///< The shuffle; 0x80 gives a zero byte.
  alignas(16) std::array<std::uint16_t, 8> factor{};  ///< Moves the field to its place.
  alignas(16) std::array<std::uint16_t, 8> mask{};    ///< The bits of the field there.

  /// The `width` bits from bit `offset` on become bits top - width .. top - 1 of lane `lane`.
  constexpr void set(std::size_t lane, int offset, int width, int top) {
    const int first = offset / 8;
    bytes[2 * lane] = static_cast<std::uint8_t>(first);
    bytes[2 * lane + 1] = static_cast<std::uint8_t>(offset % 8 + width > 8 ? first + 1 : 0x80);
    factor[lane] = static_cast<std::uint16_t>(1 << (top - width - offset % 8));
    mask[lane] = static_cast<std::uint16_t>(((1 << width) - 1) << (top - width));
  }
};

/// Bit offsets of the parts of a mode's blocks.
struct Bc7Offsets {
  int partition, rotation, index_selection, ends, parity, indices, second_indices;
};
constexpr Bc7Offsets bc7_offsets(int mode_index) {
  const Bc7Mode& mode = kBc7Modes[static_cast<std::size_t>(mode_index)];
  const int ends = 2 * mode.subsets;
  Bc7Offsets at{};
  at.partition = mode_index + 1;
  at.rotation = at.partition + mode.partition_bits;
  at.index_selection = at.rotation + mode.rotation_bits;
  at.ends = at.index_selection + mode.index_selection_bits;
  at.parity = at.ends + ends * (3 * mode.color_bits + mode.alpha_bits);
  at.indices = at.parity;
  if (mode.parity == ParityBits::kOnePerEndpoint) at.indices += ends;
  if (mode.parity == ParityBits::kOnePerSubset) at.indices += mode.subsets;
  at.second_indices = at.indices + 16 * mode.index_bits - mode.subsets;
  return at;
}

/// How endpoint `end` (0, 1) of two subsets is read: R G B A of the first in lanes 0..3, of the
/// second in lanes 4..7. Codes with their parity bits come out at the top of the lanes.
struct Bc7EndWindows {
  Bc7Windows codes;
  Bc7Windows parities;
  /// 2^(8 - bits): the high half of a product with it is the code moved down by 8 + bits, the high
  /// bits that are repeated below.
  alignas(16) std::array<std::uint16_t, 8> repeat{};
  alignas(16) std::array<std::uint16_t, 8> opaque{};  ///< 255 where the mode has no alpha.
};
constexpr Bc7EndWindows bc7_end_windows(int mode_index, int first_subset, int second_subset,
                                        int end) {
  const Bc7Mode& mode = kBc7Modes[static_cast<std::size_t>(mode_index)];
  const Bc7Offsets at = bc7_offsets(mode_index);
  const int ends = 2 * mode.subsets;
  Bc7EndWindows out;
  out.codes.bytes.fill(0x80);
  out.parities.bytes.fill(0x80);
  for (int lane = 0; lane < 8; ++lane) {
    const auto i = static_cast<std::size_t>(lane);
    const int channel = lane % 4;
    const int subset = lane < 4 ? first_subset : second_subset;
    const int width = channel < 3 ? mode.color_bits : mode.alpha_bits;
    if (width == 0) {
      out.opaque[i] = 255;
      continue;
    }
    const int e = 2 * subset + end;
    const int offset = at.ends + channel * ends * mode.color_bits + e * width;
    out.codes.set(i, offset, width, 16);
    const bool parity = mode.parity != ParityBits::kNone;
    if (parity) {
      const int bit = mode.parity == ParityBits::kOnePerSubset ? subset : e;
      out.parities.set(i, at.parity + bit, 1, 16 - width);
    }
    out.repeat[i] = static_cast<std::uint16_t>(1 << (8 - width - (parity ? 1 : 0)));
  }
  return out;
}

/// How the indices of texels first .. first + 7 are read from a row of 16 indices of `bits` bits
/// (the leading bits of the anchors put back): to the top of the lanes.
constexpr Bc7Windows bc7_index_windows(int bits, int first) {
  Bc7Windows out;
  for (int i = 0; i < 8; ++i) out.set(static_cast<std::size_t>(i), (first + i) * bits, bits, 16);
  return out;
}

/// What the decoder must know of a partition.
struct Bc7PartitionRow {
  alignas(16) std::array<std::uint8_t, 16> texels{};  ///< 8 * subset, or 0x80 for the third.
  std::array<std::uint8_t, 2> anchors{};              ///< Of the further subsets, lowest first.
};
using Bc7PartitionRows = std::array<Bc7PartitionRow, kPartitions>;

constexpr Bc7PartitionRows bc7_partition_rows(int subsets) {
  Bc7PartitionRows rows;
  for (int p = 0; p < kPartitions; ++p) {
    Bc7PartitionRow& row = rows[static_cast<std::size_t>(p)];
    for (int i = 0; i < 16; ++i) {
      const int subset = bc7_subset(subsets, p, i);
      row.texels[static_cast<std::size_t>(i)] =
          static_cast<std::uint8_t>(subset < 2 ? 8 * subset : 0x80);
    }
    const int a = bc7_anchor(subsets, p, 1);
    const int b = subsets == 3 ? bc7_anchor(subsets, p, 2) : a;
    row.anchors = {static_cast<std::uint8_t>(a < b ? a : b),
                   static_cast<std::uint8_t>(a < b ? b : a)};
  }
  return rows;
}
inline constexpr Bc7PartitionRows kBc7RowsOfTwo = bc7_partition_rows(2);
inline constexpr Bc7PartitionRows kBc7RowsOfThree = bc7_partition_rows(3);

}  // namespace forge3d::codec
