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
  bool fast;                 ///< Opaque blocks: modes 6 and 1 only.
  int rounds;                ///< Least-squares corrections of a line.
  int sweeps;                ///< Rounds of trying neighbouring codes.
  std::array<int, 8> tries;  ///< Partitions (or rotations) fitted, by mode.
  std::int32_t good_error;   ///< A single line this good ends the search.
};

constexpr Effort effort_of(Quality quality) {
  switch (quality) {
    case Quality::kFast:
      return {true, 1, 0, {0, 1, 0, 0, 0, 1, 1, 1}, 100};
    case Quality::kNormal:
      return {false, 2, 0, {1, 4, 1, 2, 1, 4, 1, 3}, 24};
    case Quality::kHigh:
      break;
  }
  return {false, 3, 2, {8, 16, 8, 16, 4, 4, 1, 16}, 0};
}

/// Searches the modes for one block and keeps the best.
class Search {
 public:
  Search(const TexelBlock& block, const Effort& effort, bool opaque)
      : block_(block), effort_(effort), opaque_(opaque) {}

  /// Fits the lines of a mode under each of the partitions, and polishes the best of them.
  template <int C, int S>
  void try_lines(const Points<C>& points, const Moments<C>& whole, int mode,
                 std::span<const std::uint8_t> partitions) {
    const Bc7Mode& m = kBc7Modes[mode];
    const LineFormat format{m.color_bits, m.parity, opaque_ && m.alpha_bits > 0, m.index_bits};
    CodedLines<C, S> lines;
    int partition = -1;
    for (const std::uint8_t p : partitions) {
      const CodedLines<C, S> next =
          LineFitter<C, S>(points, whole, kSubsetMasks<S>[p], format).fit(effort_.rounds);
      if (partition >= 0 && next.error() >= lines.error()) continue;
      lines = next;
      partition = p;
    }
    if (partition < 0) return;
    if (effort_.sweeps > 0)
      LineFitter<C, S>(points, whole, kSubsetMasks<S>[partition], format)
          .polish(lines, effort_.sweeps);
    offer<C, S>(lines, mode, partition);
  }

  /// Modes 4 and 5: three channels on one line, the channel that the rotation puts in alpha on
  /// another.
  void try_two_planes(int mode, int rotation, bool color_has_second_indices) {
    const Bc7Mode& m = kBc7Modes[mode];
    std::array<int, 3> color{0, 1, 2};
    if (rotation > 0) color[rotation - 1] = 3;
    const std::array<int, 1> scalar{rotation > 0 ? rotation - 1 : 3};
    int color_bits = m.index_bits;
    int alpha_bits = m.second_index_bits;
    if (color_has_second_indices) std::swap(color_bits, alpha_bits);
    const CodedLines<3, 1> colors = fit_plane<3>(color, m.color_bits, color_bits);
    const CodedLines<1, 1> alphas = fit_plane<1>(scalar, m.alpha_bits, alpha_bits);
    if (colors.error() + alphas.error() >= error_) return;
    error_ = colors.error() + alphas.error();
    best_ = Bc7Block{};
    best_.mode = mode;
    best_.rotation = rotation;
    best_.color_has_second_indices = color_has_second_indices;
    take<3>(colors.line[0], 0, 0);
    take<1>(alphas.line[0], 3, 0);
    best_.color_index = colors.index;
    best_.alpha_index = alphas.index;
  }

  void try_all_two_planes() {
    for (int rotation = 0; rotation < effort_.tries[5]; ++rotation)
      try_two_planes(5, rotation, false);
    for (int rotation = 0; rotation < effort_.tries[4]; ++rotation)
      for (bool second : {false, true}) try_two_planes(4, rotation, second);
  }

  [[nodiscard]] bool good_enough() const { return error_ <= effort_.good_error; }
  [[nodiscard]] const Bc7Block& best() const { return best_; }

 private:
  template <int C, int S>
  void offer(const CodedLines<C, S>& lines, int mode, int partition) {
    if (lines.error() >= error_) return;
    error_ = lines.error();
    best_ = Bc7Block{};
    best_.mode = mode;
    best_.partition = partition;
    if (C == 3) best_.codes[3] = {127, 127};  // Opaque, in the modes that have alpha.
    for (int s = 0; s < S; ++s) take<C>(lines.line[s], 0, s);
    best_.color_index = lines.index;
  }

  template <int C>
  [[nodiscard]] CodedLines<C, 1> fit_plane(const std::array<int, C>& channels, int bits,
                                           int index_bits) const {
    const Points<C> points = make_points<C>(block_, channels);
    const LineFormat format{bits, ParityBits::kNone, false, index_bits};
    const LineFitter<C, 1> fitter(points, moments_of<C>(points), kSubsetMasks<1>[0], format);
    CodedLines<C, 1> lines = fitter.fit(effort_.rounds);
    fitter.polish(lines, effort_.sweeps);
    return lines;
  }

  template <int C>
  void take(const CodedLine<C>& line, int first_channel, int subset) {
    for (int e = 0; e < 2; ++e) {
      for (int c = 0; c < C; ++c)
        best_.codes[first_channel + c][2 * subset + e] = line.end[e].code[c];
      best_.parity[2 * subset + e] = line.end[e].parity;
    }
  }

  const TexelBlock& block_;
  const Effort& effort_;
  bool opaque_;
  Bc7Block best_;
  std::int32_t error_ = std::numeric_limits<std::int32_t>::max();
};

using Partitions = std::array<std::uint8_t, kPartitions>;
constexpr std::array<std::uint8_t, 1> kNoPartition{0};

void search_opaque(Search& search, const TexelBlock& block, const Effort& effort) {
  const Points<3> points = make_points<3>(block, {0, 1, 2});
  const Moments<3> whole = moments_of<3>(points);
  search.try_lines<3, 1>(points, whole, 6, kNoPartition);
  if (search.good_enough()) return;
  const PartitionGuess guess(points, whole);
  Partitions order;
  const std::span<const std::uint8_t> partitions(order);
  guess.best_of_two(8, effort.tries[1], order.data());
  search.try_lines<3, 2>(points, whole, 1, partitions.first(effort.tries[1]));
  if (effort.fast) return;
  guess.best_of_two(4, effort.tries[3], order.data());
  search.try_lines<3, 2>(points, whole, 3, partitions.first(effort.tries[3]));
  guess.best_of_three(8, 16, effort.tries[0], order.data());
  search.try_lines<3, 3>(points, whole, 0, partitions.first(effort.tries[0]));
  guess.best_of_three(4, kPartitions, effort.tries[2], order.data());
  search.try_lines<3, 3>(points, whole, 2, partitions.first(effort.tries[2]));
  search.try_all_two_planes();
}

void search_translucent(Search& search, const TexelBlock& block, const Effort& effort) {
  const Points<4> points = make_points<4>(block, {0, 1, 2, 3});
  const Moments<4> whole = moments_of<4>(points);
  search.try_lines<4, 1>(points, whole, 6, kNoPartition);
  if (search.good_enough()) return;
  search.try_all_two_planes();
  Partitions order;
  PartitionGuess(points, whole).best_of_two(4, effort.tries[7], order.data());
  search.try_lines<4, 2>(points, whole, 7, std::span(order).first(effort.tries[7]));
}

bool is_opaque(const TexelBlock& block) {
  std::int16_t common = 255;
  for (int i = 0; i < kTexels; ++i) common = static_cast<std::int16_t>(common & block[3][i]);
  return common == 255;
}

}  // namespace

void encode_bc7(const TexelBlock& block, Quality quality, std::uint8_t* out) {
  if (is_flat(block)) return encode_bc7_flat(block, out);
  const Effort effort = effort_of(quality);
  const bool opaque = is_opaque(block);
  Search search(block, effort, opaque);
  if (opaque)
    search_opaque(search, block, effort);
  else
    search_translucent(search, block, effort);
  write_bc7(search.best(), out);
}

}  // namespace forge3d::codec
