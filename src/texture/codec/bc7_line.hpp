// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// The inner optimiser of the BC7 encoder: S lines through C channels of a block, quantised as a
// mode prescribes, with the nearest index for each texel.

#include <array>
#include <cstdint>
#include <limits>
#include <span>

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

/// The parity bits of a line's ends: -1 where the mode has none.
using ParityPair = std::array<int, 2>;

/// Writes the given codes and what a decoder widens them to.
template <int C>
void set_code(CodedEnd<C>& end, int channel, int code, int bits, int parity) {
  end.code[channel] = static_cast<std::uint8_t>(code);
  end.value[channel] = static_cast<std::int16_t>(
      parity >= 0 ? bc7_expand(2 * code + parity, bits + 1) : bc7_expand(code, bits));
}

/// Rounds an end to its code with the given parity. Returns the squared error.
template <int C>
float quantize_end(const Vector<C>& end, int bits, int parity, CodedEnd<C>& out) {
  const int width = bits + (parity >= 0 ? 1 : 0);
  const float scale = static_cast<float>((1 << width) - 1) / 255.0f;
  const float shift = parity > 0 ? 0.0f : 0.5f;
  const float step = parity >= 0 ? 0.5f * scale : scale;
  const int last = (1 << bits) - 1;
  float error = 0;
  out.parity = static_cast<std::uint8_t>(parity > 0);
  for (int c = 0; c < C; ++c) {
    set_code<C>(out, c, std::min(static_cast<int>(end[c] * step + shift), last), bits, parity);
    const float difference = static_cast<float>(out.value[c]) - end[c];
    error += difference * difference;
  }
  return error;
}

template <int C>
void quantize_with(const Segment<C>& segment, int bits, const ParityPair& parity,
                   CodedLine<C>& line) {
  for (int e = 0; e < 2; ++e) quantize_end<C>(segment.end[e], bits, parity[e], line.end[e]);
}

/// Codes both ends with the parities that move them least.
template <int C>
void quantize(const Segment<C>& segment, const LineFormat& format, CodedLine<C>& line) {
  if (format.parity == ParityBits::kNone)
    return quantize_with<C>(segment, format.bits, {-1, -1}, line);
  if (format.parity_is_one) return quantize_with<C>(segment, format.bits, {1, 1}, line);
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

/// The parities to try where rounding alone shall not decide.
inline std::span<const ParityPair> parity_choices(const LineFormat& format) {
  static constexpr std::array<ParityPair, 4> kPairs{{{0, 0}, {1, 1}, {0, 1}, {1, 0}}};
  if (format.parity == ParityBits::kNone) return {};
  if (format.parity_is_one) return std::span(kPairs).subspan(1, 1);
  return std::span(kPairs).first(format.parity == ParityBits::kOnePerSubset ? 2 : 4);
}

/// weights[i] for index[i]; 16-bit lanes.
inline Shorts weights_of(const Shorts& index, int index_bits) {
  const auto step = static_cast<std::int16_t>(4096 / ((1 << index_bits) - 1));
  Shorts weights;
  for (int i = 0; i < kTexels; ++i)
    weights[i] = static_cast<std::int16_t>(static_cast<std::int16_t>(index[i] * step + 32) >> 6);
  return weights;
}

/// Where the mask is set, the lanes of `values` take those of `other`.
inline void replace(Shorts& values, const Shorts& other, const Shorts& mask) {
  for (int i = 0; i < kTexels; ++i)
    values[i] = static_cast<std::int16_t>(values[i] ^ ((values[i] ^ other[i]) & mask[i]));
}

/// One channel of the line each texel belongs to: its low end and the way to its high end.
struct ChannelLine {
  Shorts low;
  Shorts span;
};

template <int C, int S>
ChannelLine channel_line(const CodedLines<C, S>& lines, const SubsetMasks<S>& masks, int c) {
  const std::int16_t low0 = lines.line[0].end[0].value[c];
  const auto span0 = static_cast<std::int16_t>(lines.line[0].end[1].value[c] - low0);
  ChannelLine out;
  out.low.fill(low0);
  out.span.fill(span0);
  for (int s = 1; s < S; ++s) {
    const std::int16_t low = lines.line[s].end[0].value[c];
    const auto more_low = static_cast<std::int16_t>(low - low0);
    const auto more_span = static_cast<std::int16_t>(lines.line[s].end[1].value[c] - low - span0);
    for (int i = 0; i < kTexels; ++i)
      out.low[i] = static_cast<std::int16_t>(out.low[i] + (more_low & masks[s][i]));
    for (int i = 0; i < kTexels; ++i)
      out.span[i] = static_cast<std::int16_t>(out.span[i] + (more_span & masks[s][i]));
  }
  return out;
}

/// The error of each line as a decoder would see it.
template <int C, int S>
void measure(const Points<C>& points, const SubsetMasks<S>& masks, int index_bits,
             CodedLines<C, S>& lines) {
  const Shorts weights = weights_of(lines.index, index_bits);
  for (CodedLine<C>& line : lines.line) line.error = 0;
  for (int c = 0; c < C; ++c) {
    const ChannelLine ends = channel_line<C, S>(lines, masks, c);
    Shorts difference;
    for (int i = 0; i < kTexels; ++i) {
      // Each step fits 16 bits (at most 64 * 255 + 32), which keeps the loop in 16-bit lanes.
      const auto base = static_cast<std::int16_t>(ends.low[i] * 64 + 32);
      const auto move = static_cast<std::int16_t>(weights[i] * ends.span[i]);
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

/// Finds the index of each texel, then the errors.
template <int C, int S>
void assign_indices(const Points<C>& points, const SubsetMasks<S>& masks, int index_bits,
                    CodedLines<C, S>& lines) {
  const int last = (1 << index_bits) - 1;
  for (int s = 0; s < S; ++s) {
    const auto& end = lines.line[s].end;
    const Shorts index = nearest_steps<C>(points, end[0].value, end[1].value, last);
    if (s == 0)
      lines.index = index;
    else
      replace(lines.index, index, masks[s]);
  }
  measure<C, S>(points, masks, index_bits, lines);
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
    replace(best.index, trial.index, masks[s]);
  }
  return better;
}

/// A fit in progress: what stays the same over its rounds.
template <int C, int S>
class LineFitter {
 public:
  /// `whole`: the moments of all points.
  LineFitter(const Points<C>& points, const Moments<C>& whole, const SubsetMasks<S>& masks,
             const LineFormat& format)
      : points_(points), masks_(masks), format_(format) {
    moments_[0] = whole;
    for (int s = 1; s < S; ++s) {
      moments_[s] = moments_of<C>(points, masks[s]);
      moments_[0] = moments_[0] - moments_[s];
    }
  }

  /// Principal axes first, then up to `rounds` least-squares corrections while they help.
  [[nodiscard]] CodedLines<C, S> fit(int rounds) const {
    std::array<Segment<C>, S> segments;
    for (int s = 0; s < S; ++s)
      segments[s] =
          spanned_segment<C>(points_, moments_[s], principal_axis<C>(moments_[s]), masks_[s]);
    CodedLines<C, S> best = trial(segments);
    for (int round = 0; round < rounds; ++round) {
      solve(best.index, segments);
      if (!keep_better<C, S>(best, trial(segments), masks_)) break;
    }
    return best;
  }

  /// Tries all parities for the least-squares ends, then each code one step up and down, while that
  /// helps.
  void polish(CodedLines<C, S>& best, int sweeps) const {
    for (int sweep = 0; sweep < sweeps; ++sweep) {
      const bool better = try_parities(best);
      if (!try_steps(best) && !better) break;
    }
  }

 private:
  [[nodiscard]] CodedLines<C, S> trial(const std::array<Segment<C>, S>& segments) const {
    CodedLines<C, S> lines;
    for (int s = 0; s < S; ++s) quantize<C>(segments[s], format_, lines.line[s]);
    assign_indices<C, S>(points_, masks_, format_.index_bits, lines);
    return lines;
  }

  /// The ends that fit the given indices best; a line whose texels share one index keeps its ends.
  void solve(const Shorts& index, std::array<Segment<C>, S>& segments) const {
    const Shorts weights = weights_of(index, format_.index_bits);
    for (int s = 0; s < S; ++s) {
      const WeightSums<C> sums =
          weight_sums<C>(points_, S == 1 ? weights : masked(weights, masks_[s]));
      solve_segment<64, C>(sums, moments_[s].count, moments_[s].sum, segments[s]);
    }
  }

  bool try_parities(CodedLines<C, S>& best) const {
    std::array<Segment<C>, S> segments;
    for (int s = 0; s < S; ++s)
      for (int e = 0; e < 2; ++e)
        for (int c = 0; c < C; ++c) segments[s].end[e][c] = best.line[s].end[e].value[c];
    solve(best.index, segments);
    bool better = false;
    CodedLines<C, S> lines{};
    for (const ParityPair& pair : parity_choices(format_)) {
      for (int s = 0; s < S; ++s) quantize_with<C>(segments[s], format_.bits, pair, lines.line[s]);
      assign_indices<C, S>(points_, masks_, format_.index_bits, lines);
      better |= keep_better<C, S>(best, lines, masks_);
    }
    return better;
  }

  /// The lines do not see each other's texels, so all of them move in one trial.
  bool try_steps(CodedLines<C, S>& best) const {
    bool better = false;
    for (int e = 0; e < 2; ++e)
      for (int c = 0; c < C; ++c)
        for (int step : {-1, 1}) {
          CodedLines<C, S> lines = best;
          for (CodedLine<C>& line : lines.line) {
            const int code = std::clamp(line.end[e].code[c] + step, 0, (1 << format_.bits) - 1);
            set_code<C>(line.end[e], c, code, format_.bits,
                        format_.parity == ParityBits::kNone ? -1 : line.end[e].parity);
          }
          assign_indices<C, S>(points_, masks_, format_.index_bits, lines);
          better |= keep_better<C, S>(best, lines, masks_);
        }
    return better;
  }

  const Points<C>& points_;
  const SubsetMasks<S>& masks_;
  LineFormat format_;
  std::array<Moments<C>, S> moments_;
};

}  // namespace forge3d::codec
