// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/astc_writer.hpp"

#include "texture/codec/astc_ends.hpp"

namespace forge3d::codec {
namespace {

/// From values back to codes, by range. Where several codes give a value any will do.
struct CodeTables {
  std::array<std::array<std::uint8_t, 65>, kAstcWeightRanges> weight{};
  std::array<std::array<std::uint8_t, 256>, kAstcRanges.size()> color{};
};

CodeTables make_code_tables() {
  CodeTables out;
  for (std::size_t r = 0; r < kAstcRanges.size(); ++r)
    for (int code = kAstcRanges[r].levels() - 1; code >= 0; --code) {
      const auto c = static_cast<std::size_t>(code);
      if (r < out.weight.size())
        out.weight[r][kAstcWeightOfCode[r][c]] = static_cast<std::uint8_t>(code);
      out.color[r][kAstcColorOfCode[r][c]] = static_cast<std::uint8_t>(code);
    }
  return out;
}

const CodeTables& code_tables() {
  static const CodeTables tables = make_code_tables();
  return tables;
}

constexpr unsigned kOnePartitionColors = 17;
constexpr unsigned kMorePartitionsColors = 29;

}  // namespace

int astc_color_range_of(const AstcBlockMode& mode, int partitions, int end_mode) {
  const int pairs = partitions * astc_end_values(end_mode) / 2;
  const auto start =
      static_cast<int>(partitions == 1 ? kOnePartitionColors : kMorePartitionsColors);
  const int bits = 128 - mode.weight_bits - start - (mode.dual_plane ? 2 : 0);
  return pairs > 9 || bits < 0 ? -1 : astc_color_range(pairs, bits);
}

void write_astc_block(const AstcEncoding& encoding, std::uint8_t* out) {
  const CodeTables& tables = code_tables();
  const AstcBlockMode& mode = kAstcModes[encoding.mode];
  std::array<std::uint8_t, kAstcMaxWeights> codes{};
  for (std::size_t i = 0; i < mode.weights; ++i)
    codes[i] = tables.weight[mode.range][encoding.weights[i]];
  AstcBits weights;
  write_astc_sequence(mode.range, codes.data(), mode.weights, 0, weights);

  AstcBits bits = weights.reversed();
  bits.put(0, 11, encoding.mode);
  bits.put(11, 2, encoding.partitions - 1u);
  unsigned colors = kOnePartitionColors;
  if (encoding.partitions == 1) {
    bits.put(13, 4, encoding.end_mode);
  } else {
    bits.put(13, 10, encoding.seed);
    bits.put(25, 4, encoding.end_mode);
    colors = kMorePartitionsColors;
  }
  if (mode.dual_plane) bits.put(126u - mode.weight_bits, 2, encoding.second_plane);
  const int range = astc_color_range_of(mode, encoding.partitions, encoding.end_mode);
  const int count = encoding.partitions * astc_end_values(encoding.end_mode);
  for (int i = 0; i < count; ++i)
    codes[static_cast<std::size_t>(i)] =
        tables.color[static_cast<std::size_t>(range)][encoding.values[static_cast<std::size_t>(i)]];
  write_astc_sequence(range, codes.data(), count, colors, bits);
  store_astc_bits(bits, out);
}

void write_astc_constant(const std::uint8_t* rgba, std::uint8_t* out) {
  AstcBits bits{0xfffffffffffffdfcu, 0};  // no extent
  for (unsigned c = 0; c < 4; ++c) bits.put(64 + 16 * c, 16, rgba[c] * 0x101u);
  store_astc_bits(bits, out);
}

}  // namespace forge3d::codec
