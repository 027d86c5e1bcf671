// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// The inner optimiser of the BC7 encoder: S lines through C channels of a block, quantised as a
// mode prescribes, with the nearest index for each texel.

#include <array>
#include <cstdint>
#include <limits>

#include "texture/codec/bc7_layout.hpp"
#include "texture/codec/line_fit.hpp"

namespace forge3d::codec {

/// How the ends and indices of a line are coded.
struct LineFormat {
  int bits;  ///< Of an endpoint channel, without the parity bit.
  ParityBits parity;
  bool parity_is_one;  ///< Only parity 1 may be used (an opaque block in a mode with alpha).
  int index_bits;
};

/// Masks (0 or -1 a lane) of the subsets of a partition; they cover each texel once.
template <int S>
using SubsetMasks = std::array<Shorts, S>;

/// The masks of each partition into S subsets (one, the whole block, for S = 1).
template <int S>
inline constexpr auto kSubsetMasks = [] {
  std::array<SubsetMasks<S>, S == 1 ? 1 : kPartitions> all{};
  for (std::size_t p = 0; p < all.size(); ++p)
    for (int s = 0; s < S; ++s)
      for (int i = 0; i < kTexels; ++i)
        all[p][s][i] = bc7_subset(S, static_cast<int>(p), i) == s ? -1 : 0;
  return all;
}();

/// A coded endpoint and what a decoder makes of it.
template <int C>
struct CodedEnd {
  std::array<std::uint8_t, C> code;  ///< Without the parity bit.
  std::uint8_t parity;
  std::array<std::int16_t, C> value;  ///< 8 bits.
};

template <int C>
struct CodedLine {
  std::array<CodedEnd<C>, 2> end;
  std::int32_t error =
      std::numeric_limits<std::int32_t>::max();  ///< Sum of squares over its texels.
};

/// S lines and the index of each texel on its own.
template <int C, int S>
struct CodedLines {
  std::array<CodedLine<C>, S> line;
  Shorts index;
  [[nodiscard]] std::int32_t error() const {
    std::int32_t sum = 0;
    for (const CodedLine<C>& l : line) sum += l.error;
    return sum;
  }
};

/// Rounds an end to its code with the given parity (-1: the mode has none). Returns the squared
/// error.
template <int C>
float quantize_end(const Vector<C>& end, int bits, int parity, CodedEnd<C>& out) {
  const int width = bits + (parity >= 0 ? 1 : 0);
  const float scale = static_cast<float>((1 << width) - 1) / 255.0f;
  const float shift = parity >= 0 ? 0.5f - 0.5f * static_cast<float>(parity) : 0.5f;
  const float step = parity >= 0 ? 0.5f * scale : scale;
  const int last = (1 << bits) - 1;
  float error = 0;
  out.parity = static_cast<std::uint8_t>(parity > 0);
  for (int c = 0; c < C; ++c) {
    const int code = std::min(static_cast<int>(end[c] * step + shift), last);
    const int value = bc7_expand(parity >= 0 ? 2 * code + parity : code, width);
    out.code[c] = static_cast<std::uint8_t>(code);
    out.value[c] = static_cast<std::int16_t>(value);
    const float difference = static_cast<float>(value) - end[c];
    error += difference * difference;
  }
  return error;
}

/// Codes both ends with the parities that move them least.
template <int C>
void quantize(const Segment<C>& segment, const LineFormat& format, CodedLine<C>& line) {
  if (format.parity == ParityBits::kNone || format.parity_is_one) {
    const int parity = format.parity_is_one ? 1 : -1;
    for (int e = 0; e < 2; ++e) quantize_end<C>(segment.end[e], format.bits, parity, line.end[e]);
    return;
  }
  std::array<std::array<CodedEnd<C>, 2>, 2> coded;
  std::array<std::array<float, 2>, 2> error;
  for (int parity = 0; parity < 2; ++parity)
    for (int e = 0; e < 2; ++e)
      error[parity][e] = quantize_end<C>(segment.end[e], format.bits, parity, coded[parity][e]);
  if (format.parity == ParityBits::kOnePerSubset) {
    line.end = coded[error[1][0] + error[1][1] < error[0][0] + error[0][1] ? 1 : 0];
    return;
  }
  for (int e = 0; e < 2; ++e) line.end[e] = coded[error[1][e] < error[0][e] ? 1 : 0][e];
}

/// Finds the index of each texel and the error of each line, as a decoder would see them.
template <int C, int S>
void assign_indices(const Points<C>& points, const SubsetMasks<S>& masks, int index_bits,
                    CodedLines<C, S>& lines) {
  const int last = (1 << index_bits) - 1;
  const auto weight_step = static_cast<std::int16_t>(4096 / last);
  lines.index =
      nearest_steps<C>(points, lines.line[0].end[0].value, lines.line[0].end[1].value, last);
  for (int s = 1; s < S; ++s) {
    const Shorts other =
        nearest_steps<C>(points, lines.line[s].end[0].value, lines.line[s].end[1].value, last);
    for (int i = 0; i < kTexels; ++i)
      lines.index[i] =
          static_cast<std::int16_t>(lines.index[i] ^ ((lines.index[i] ^ other[i]) & masks[s][i]));
  }
  Shorts weights;
  for (int i = 0; i < kTexels; ++i)
    weights[i] = static_cast<std::int16_t>(
        static_cast<std::int16_t>(lines.index[i] * weight_step + 32) >> 6);
  for (CodedLine<C>& line : lines.line) line.error = 0;
  for (int c = 0; c < C; ++c) {
    Shorts low;
    Shorts span;
    const std::int16_t low0 = lines.line[0].end[0].value[c];
    const auto span0 = static_cast<std::int16_t>(lines.line[0].end[1].value[c] - low0);
    low.fill(low0);
    span.fill(span0);
    for (int s = 1; s < S; ++s) {
      const auto dl = static_cast<std::int16_t>(lines.line[s].end[0].value[c] - low0);
      const auto ds = static_cast<std::int16_t>(lines.line[s].end[1].value[c] -
                                                lines.line[s].end[0].value[c] - span0);
      for (int i = 0; i < kTexels; ++i)
        low[i] = static_cast<std::int16_t>(low[i] + (dl & masks[s][i]));
      for (int i = 0; i < kTexels; ++i)
        span[i] = static_cast<std::int16_t>(span[i] + (ds & masks[s][i]));
    }
    Shorts difference;
    for (int i = 0; i < kTexels; ++i) {
      // Each step fits 16 bits (at most 64 * 255 + 32), which keeps the loop in 16-bit lanes.
      const auto base = static_cast<std::int16_t>(low[i] * 64 + 32);
      const auto move = static_cast<std::int16_t>(weights[i] * span[i]);
      const auto sum = static_cast<std::int16_t>(base + move);
      difference[i] =
          static_cast<std::int16_t>(points.value[c][i] - static_cast<std::int16_t>(sum >> 6));
    }
    std::int32_t rest = dot(difference, difference);
    for (int s = 1; s < S; ++s) {
      const std::int32_t part = dot(masked(difference, masks[s]), difference);
      lines.line[s].error += part;
      rest -= part;
    }
    lines.line[0].error += rest;
  }
}

/// Takes from `trial` each line that is better than that of `best`. Returns whether one was.
template <int C, int S>
bool keep_better(CodedLines<C, S>& best, const CodedLines<C, S>& trial,
                 const SubsetMasks<S>& masks) {
  bool better = false;
  for (int s = 0; s < S; ++s) {
    if (trial.line[s].error >= best.line[s].error) continue;
    better = true;
    best.line[s] = trial.line[s];
    for (int i = 0; i < kTexels; ++i)
      best.index[i] = static_cast<std::int16_t>(best.index[i] ^
                                                ((best.index[i] ^ trial.index[i]) & masks[s][i]));
  }
  return better;
}

/// A fit in progress: what stays the same over its rounds.
template <int C, int S>
class LineFitter {
 public:
  LineFitter(const Points<C>& points, const SubsetMasks<S>& masks, const LineFormat& format)
      : points_(points), masks_(masks), format_(format) {
    Moments<C> rest = moments_of<C>(points);
    for (int s = 1; s < S; ++s) {
      moments_[s] = moments_of<C>(points, masks[s]);
      rest = rest - moments_[s];
    }
    moments_[0] = rest;
  }

  /// Principal axes first, then up to `rounds` least-squares corrections while they help.
  [[nodiscard]] CodedLines<C, S> fit(int rounds) const {
    std::array<Segment<C>, S> segments;
    for (int s = 0; s < S; ++s)
      segments[s] =
          spanned_segment<C>(points_, moments_[s], principal_axis<C>(moments_[s]), masks_[s]);
    CodedLines<C, S> best = trial(segments);
    for (int round = 0; round < rounds; ++round) {
      refine(best.index, segments);
      if (!keep_better<C, S>(best, trial(segments), masks_)) break;
    }
    return best;
  }

 private:
  [[nodiscard]] CodedLines<C, S> trial(const std::array<Segment<C>, S>& segments) const {
    CodedLines<C, S> lines;
    for (int s = 0; s < S; ++s) quantize<C>(segments[s], format_, lines.line[s]);
    assign_indices<C, S>(points_, masks_, format_.index_bits, lines);
    return lines;
  }

  /// The ends that fit the given indices best; a line whose texels share one index keeps its ends.
  void refine(const Shorts& index, std::array<Segment<C>, S>& segments) const {
    const auto weight_step = static_cast<std::int16_t>(4096 / ((1 << format_.index_bits) - 1));
    Shorts weights;
    for (int i = 0; i < kTexels; ++i)
      weights[i] =
          static_cast<std::int16_t>(static_cast<std::int16_t>(index[i] * weight_step + 32) >> 6);
    for (int s = 0; s < S; ++s) {
      const WeightSums<C> sums =
          weight_sums<C>(points_, S == 1 ? weights : masked(weights, masks_[s]));
      solve_segment<64, C>(sums, moments_[s].count, moments_[s].sum, segments[s]);
    }
  }

  const Points<C>& points_;
  const SubsetMasks<S>& masks_;
  LineFormat format_;
  std::array<Moments<C>, S> moments_;
};

}  // namespace forge3d::codec
