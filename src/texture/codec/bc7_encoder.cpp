// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/bc7_encoder.hpp"

#include "texture/codec/bc7_flat.hpp"
#include "texture/codec/bc7_line.hpp"
#include "texture/codec/bc7_partition.hpp"
#include "texture/codec/bc7_writer.hpp"

namespace forge3d::codec {
namespace {

/// What each quality may spend.
struct Effort {
  int rounds;               ///< Least-squares corrections of a line.
  int two_subset_tries;     ///< Partitions fitted.
  std::int32_t good_error;  ///< A single line this good ends the search.
};

constexpr Effort effort_of(Quality quality) {
  switch (quality) {
    case Quality::kFast:
      return {1, 1, 60};
    case Quality::kNormal:
      return {2, 4, 16};
    case Quality::kHigh:
      break;
  }
  return {4, 16, 0};
}

LineFormat format_of(int mode, bool parity_is_one = false) {
  const Bc7Mode& m = kBc7Modes[mode];
  return {m.color_bits, m.parity, parity_is_one, m.index_bits};
}

/// The best block found so far.
struct Best {
  Bc7Block block;
  std::int32_t error = std::numeric_limits<std::int32_t>::max();
};

template <int C, int S>
void offer(Best& best, int mode, int partition, const CodedLines<C, S>& lines) {
  const std::int32_t error = lines.error();
  if (error >= best.error) return;
  best.error = error;
  best.block.mode = mode;
  best.block.partition = partition;
  for (int s = 0; s < S; ++s)
    for (int e = 0; e < 2; ++e) {
      const CodedEnd<C>& end = lines.line[s].end[e];
      for (int c = 0; c < C; ++c) best.block.codes[c][2 * s + e] = end.code[c];
      best.block.parity[2 * s + e] = end.parity;
    }
  best.block.color_index = lines.index;
}

template <int C, int S>
void try_mode(Best& best, const Points<C>& points, int mode, int partition,
              const LineFormat& format, int rounds) {
  offer<C, S>(best, mode, partition, LineFitter<C, S>(points, kSubsetMasks<S>[partition], format).fit(rounds));
}

bool is_opaque(const TexelBlock& block) {
  std::int16_t common = 255;
  for (int i = 0; i < kTexels; ++i) common = static_cast<std::int16_t>(common & block[3][i]);
  return common == 255;
}

Best encode_opaque(const TexelBlock& block, const Effort& effort) {
  const Points<3> points = make_points<3>(block, {0, 1, 2});
  Best best;
  best.block.codes[3] = {127, 127};
  try_mode<3, 1>(best, points, 6, 0, format_of(6, true), effort.rounds);
  if (best.error <= effort.good_error) return best;
  std::array<std::uint8_t, kPartitions> partitions;
  PartitionGuess(points, moments_of<3>(points)).best_of_two(8, effort.two_subset_tries, partitions.data());
  for (int k = 0; k < effort.two_subset_tries; ++k)
    try_mode<3, 2>(best, points, 1, partitions[k], format_of(1), effort.rounds);
  return best;
}

Best encode_translucent(const TexelBlock& block, const Effort& effort) {
  const Points<4> points = make_points<4>(block, {0, 1, 2, 3});
  Best best;
  try_mode<4, 1>(best, points, 6, 0, format_of(6), effort.rounds);
  return best;
}

}  // namespace

void encode_bc7(const TexelBlock& block, Quality quality, std::uint8_t* out) {
  if (is_flat(block)) return encode_bc7_flat(block, out);
  const Effort effort = effort_of(quality);
  const Best best =
      is_opaque(block) ? encode_opaque(block, effort) : encode_translucent(block, effort);
  write_bc7(best.block, out);
}

}  // namespace forge3d::codec
