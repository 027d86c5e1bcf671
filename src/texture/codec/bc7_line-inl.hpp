// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// The inner optimiser of the BC7 encoder: S lines through C channels of a block, quantised as a
// mode prescribes, with the nearest index for each texel. Included once a target.

#if defined(FORGE3D_BC7_LINE_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef FORGE3D_BC7_LINE_INL
#undef FORGE3D_BC7_LINE_INL
#else
#define FORGE3D_BC7_LINE_INL
#endif

#include "texture/codec/bc7_lanes-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace forge3d::codec {
namespace HWY_NAMESPACE {

/// How the ends and indices of a line are coded.
struct LineFormat {
  int bits;  ///< Of an endpoint channel, the parity bit included.
  ParityBits parity;
  bool parity_is_one;  ///< Only parity 1 may be used (an opaque block in a mode with alpha).
  int index_bits;
  [[nodiscard]] int last() const { return (1 << index_bits) - 1; }

  /// The parities of low and high end that there are to choose from; -1 for no parity bit.
  [[nodiscard]] int parity_choices() const {
    if (parity == ParityBits::kNone || parity_is_one) return 1;
    return parity == ParityBits::kOnePerSubset ? 2 : 4;
  }
  [[nodiscard]] std::array<int, 2> parity_choice(int k) const {
    if (parity == ParityBits::kNone) return {-1, -1};
    if (parity_is_one) return {1, 1};
    if (parity == ParityBits::kOnePerSubset) return {k, k};
    return {k & 1, k >> 1};
  }
};

constexpr LineFormat line_format(int mode, bool opaque) {
  const Bc7Mode& m = kBc7Modes[static_cast<std::size_t>(mode)];
  return {m.color_bits + (m.parity == ParityBits::kNone ? 0 : 1), m.parity,
          opaque && m.alpha_bits > 0, m.index_bits};
}

/// Which texels belong to which line: masks for subsets 1 and up.
template <int S>
struct Subsets {
  VI32 mask[S - 1][kTexelCount];
  VF32 count[S];
};
template <>
struct Subsets<1> {};

/// S lines, the index of each texel on its own, and the squared error of each line.
template <int C, int S>
struct Fit {
  VI32 end[S][2][C];
  VI32 index[kTexelCount];
  VI32 error[S];

  [[nodiscard]] HWY_INLINE VI32 total() const {
    VI32 sum = error[0];
    for (int s = 1; s < S; ++s) sum = hn::Add(sum, error[s]);
    return sum;
  }
};

/// The two ends of a line before they are quantised.
template <int C>
struct Segment {
  VF32 end[2][C];
};

HWY_INLINE VF32 clamp_code(VF32 value) { return hn::Min(hn::Max(value, real(0.0f)), real(255.0f)); }

/// For texels of a subset other than 0 takes the value of their own line.
template <int S, class V>
HWY_INLINE V choose(const Subsets<S>& subsets, int i, const V (&of_subset)[S]) {
  V out = of_subset[0];
  if constexpr (S > 1) {
    using D = hn::DFromV<V>;
    for (int s = 1; s < S; ++s)
      out = hn::IfVecThenElse(hn::BitCast(D(), subsets.mask[s - 1][i]), of_subset[s], out);
  }
  return out;
}

/// Values whose texels lie outside subset s become zero.
template <int S, class V>
HWY_INLINE V only(const Subsets<S>& subsets, int i, int s, V value) {
  if constexpr (S == 1) {
    return value;
  } else {
    using D = hn::DFromV<V>;
    return hn::And(hn::BitCast(D(), subsets.mask[s - 1][i]), value);
  }
}

/// Widens a code of `bits` bits.
HWY_INLINE VI32 expand(VI32 code, int bits) {
  return hn::Or(hn::ShiftLeftSame(code, 8 - bits), hn::ShiftRightSame(code, 2 * bits - 8));
}

/// Rounds a code value to the grid of `bits` with the given parity (-1: none), and widens it.
HWY_INLINE VI32 quantize(VF32 value, int bits, int parity) {
  const float scale = static_cast<float>((1 << bits) - 1) / 255.0f;
  const float step = parity >= 0 ? 0.5f * scale : scale;
  const float shift = parity > 0 ? 0.0f : 0.5f;
  const int last = (1 << (parity >= 0 ? bits - 1 : bits)) - 1;
  VI32 code = whole(hn::Add(hn::Mul(value, real(step)), real(shift)));
  code = hn::Min(code, whole(last));
  if (parity >= 0) code = hn::Add(hn::Add(code, code), whole(parity));
  return expand(code, bits);
}

/// The same, but the code below (or one above that, with `up` 1).
HWY_INLINE VI32 quantize_down(VF32 value, int bits, int parity, int up) {
  const float scale = static_cast<float>((1 << bits) - 1) / 255.0f;
  const float step = parity >= 0 ? 0.5f * scale : scale;
  // Truncation rounds down only what is positive.
  const float shift = (parity > 0 ? 0.5f : 1.0f);
  const int last = (1 << (parity >= 0 ? bits - 1 : bits)) - 1;
  VI32 code = whole(hn::Add(hn::Mul(value, real(step)), real(shift)));
  code = hn::Min(hn::Max(hn::Add(code, whole(up - 1)), whole(0)), whole(last));
  if (parity >= 0) code = hn::Add(hn::Add(code, code), whole(parity));
  return expand(code, bits);
}

/// The value `step` codes away, or the same where there is none.
HWY_INLINE VI32 stepped(VI32 value, int bits, int step) {
  const VI32 code = hn::ShiftRightSame(value, 8 - bits);
  const VI32 next = hn::Add(code, whole(step));
  const VI32 outside = hn::Or(next, hn::Sub(whole((1 << bits) - 1), next));
  return expand(hn::IfThenElse(hn::Lt(outside, whole(0)), code, next), bits);
}

/// A neighbouring code of the other parity: the one above, or below, where there are both.
HWY_INLINE VI32 flipped(VI32 value, int bits, bool up) {
  const VI32 code = hn::ShiftRightSame(value, 8 - bits);
  const VI32 odd = hn::And(code, whole(1));
  const VI32 next = hn::Add(code, whole(up ? 1 : -1));
  const VI32 least = hn::Sub(whole(1), odd);
  return expand(hn::Min(hn::Max(next, least), hn::Sub(whole((1 << bits) - 1), odd)), bits);
}

template <int C>
HWY_INLINE void copy_ends(const VI32 (&from)[2][C], VI32 (&to)[2][C]) {
  for (int e = 0; e < 2; ++e)
    for (int c = 0; c < C; ++c) to[e][c] = from[e][c];
}

template <int C>
HWY_INLINE VF32 quantize_end(const VF32 (&end)[C], int bits, int parity, VI32 (&out)[C]) {
  VF32 error = real(0.0f);
  for (int c = 0; c < C; ++c) {
    out[c] = quantize(end[c], bits, parity);
    const VF32 difference = hn::Sub(real(out[c]), end[c]);
    error = hn::Add(error, hn::Mul(difference, difference));
  }
  return error;
}

template <int C>
HWY_INLINE void replace(VI32 (&values)[C], const VI32 (&by)[C], hn::Mask<TagI32> where) {
  for (int c = 0; c < C; ++c) values[c] = hn::IfThenElse(where, by[c], values[c]);
}

/// Codes both ends with the parities that move them least.
template <int C>
HWY_INLINE void quantize_line(const Segment<C>& segment, const LineFormat& format,
                              VI32 (&end)[2][C]) {
  const bool fixed = format.parity == ParityBits::kNone || format.parity_is_one;
  const int parity = format.parity == ParityBits::kNone ? -1 : format.parity_is_one ? 1 : 0;
  VF32 error[2];
  for (int e = 0; e < 2; ++e)
    error[e] = quantize_end<C>(segment.end[e], format.bits, parity, end[e]);
  if (fixed) return;
  VI32 odd[2][C];
  VF32 odd_error[2];
  for (int e = 0; e < 2; ++e)
    odd_error[e] = quantize_end<C>(segment.end[e], format.bits, 1, odd[e]);
  if (format.parity == ParityBits::kOnePerSubset) {
    error[0] = error[1] = hn::Add(error[0], error[1]);
    odd_error[0] = odd_error[1] = hn::Add(odd_error[0], odd_error[1]);
  }
  for (int e = 0; e < 2; ++e)
    replace<C>(end[e], odd[e], hn::RebindMask(TagI32(), hn::Lt(odd_error[e], error[e])));
}

/// The nearest index for each texel, by projection.
template <int C, int S>
HWY_INLINE void assign_indices(const Pixels<C>& pixels, const Subsets<S>& subsets, int last,
                               const VI32 (&end)[S][2][C], VI32 (&index)[kTexelCount]) {
  VF32 direction[C][S];
  VF32 offset[S];
  for (int s = 0; s < S; ++s) {
    VF32 length = real(0.0f);
    for (int c = 0; c < C; ++c) {
      direction[c][s] = real(hn::Sub(end[s][1][c], end[s][0][c]));
      length = hn::Add(length, hn::Mul(direction[c][s], direction[c][s]));
    }
    const VF32 scale = hn::Div(real(static_cast<float>(last)), hn::Max(length, real(1.0f)));
    offset[s] = real(0.5f);
    for (int c = 0; c < C; ++c) {
      direction[c][s] = hn::Mul(direction[c][s], scale);
      offset[s] = hn::Sub(offset[s], hn::Mul(direction[c][s], real(end[s][0][c])));
    }
  }
  const VF32 most = real(static_cast<float>(last));
  for (int i = 0; i < kTexelCount; ++i) {
    VF32 t = choose<S>(subsets, i, offset);
    for (int c = 0; c < C; ++c)
      t = hn::Add(t, hn::Mul(choose<S>(subsets, i, direction[c]), pixels.value[c][i]));
    index[i] = whole(hn::Min(hn::Max(t, real(0.0f)), most));
  }
}

/// A line as the decoder interpolates it, channels in pairs.
template <int S>
struct PairLines {
  VU32 even[S], odd[S];            ///< 64 * low end + 32
  VU32 even_span[S], odd_span[S];  ///< high end - low end
};

template <int C, int S>
HWY_INLINE PairLines<S> pair_lines(const VI32 (&end)[S][2][C]) {
  PairLines<S> lines;
  const VU32 half = word(0x00200020);
  for (int s = 0; s < S; ++s) {
    VU32 even[2];
    VU32 odd[2];
    for (int e = 0; e < 2; ++e) {
      if constexpr (C == 1) {
        even[e] = odd[e] = as_word(end[s][e][0]);
      } else {
        even[e] = make_pair(end[s][e][0], end[s][e][2]);
        odd[e] = make_pair(end[s][e][1], C == 4 ? end[s][e][3] : whole(255));
      }
    }
    lines.even[s] = hn::Add(hn::ShiftLeft<6>(even[0]), half);
    lines.odd[s] = hn::Add(hn::ShiftLeft<6>(odd[0]), half);
    lines.even_span[s] = pair_sub(even[1], even[0]);
    lines.odd_span[s] = pair_sub(odd[1], odd[0]);
  }
  return lines;
}

/// The weights of an index (in 64ths) as a pair of twice the same.
HWY_INLINE VU32 pair_weights(VI32 index, VU32 step) {
  const VU32 twice = hn::Or(as_word(index), hn::ShiftLeft<16>(as_word(index)));
  return pair_shift_right<6>(pair_add(pair_mul(twice, step), word(0x00200020)));
}
HWY_INLINE VU32 pair_weight_step(int last) {
  return word(static_cast<std::uint32_t>(4096 / last) * 0x10001u);
}

/// The error of each line as a decoder would see it. (With one channel, the upper halves of the
/// pairs: 32 >> 6 = 0.)
template <int C, int S>
HWY_INLINE void measure(const Pixels<C>& pixels, const Subsets<S>& subsets, int last,
                        Fit<C, S>& fit) {
  const PairLines<S> lines = pair_lines<C, S>(fit.end);
  const VU32 step = pair_weight_step(last);
  for (int s = 0; s < S; ++s) fit.error[s] = whole(0);
  for (int i = 0; i < kTexelCount; ++i) {
    const VU32 weight = pair_weights(fit.index[i], step);
    const auto error_of = [&](const VU32(&base)[S], const VU32(&span)[S], VU32 texel, VI32 sum) {
      const VU32 move = pair_mul(weight, choose<S>(subsets, i, span));
      const VU32 value = pair_shift_right<6>(pair_add(choose<S>(subsets, i, base), move));
      return add_squares(pair_sub(texel, value), sum);
    };
    VI32 error = error_of(lines.even, lines.even_span, pixels.even[i], whole(0));
    if constexpr (C > 1) error = error_of(lines.odd, lines.odd_span, pixels.odd[i], error);
    fit.error[0] = hn::Add(fit.error[0], error);
    for (int s = 1; s < S; ++s) fit.error[s] = hn::Add(fit.error[s], only<S>(subsets, i, s, error));
  }
  for (int s = 1; s < S; ++s) fit.error[0] = hn::Sub(fit.error[0], fit.error[s]);
}

/// Sums over the texels of a line: of weight, its square, and weight times channel.
template <int C>
struct WeightSums {
  VF32 weight, square;
  VF32 weighted[C];
};

/// A fit in progress: what stays the same over its rounds.
template <int C, int S>
class LineFitter {
 public:
  /// `all`: the moments of all texels.
  HWY_INLINE LineFitter(const Pixels<C>& pixels, const Moments<C>& all, const Subsets<S>& subsets,
                        const LineFormat& format)
      : pixels_(pixels), subsets_(subsets), format_(format) {
    moments_[0] = all;
    if constexpr (S > 1)
      for (int s = 1; s < S; ++s) {
        moments_[s] = moments_of<C>(pixels, subsets.mask[s - 1]);
        moments_[s].count = subsets.count[s];
        subtract(moments_[0], moments_[s]);
      }
  }

  HWY_INLINE void fit(const Bc7Fit& how, Fit<C, S>& best) const {
    if (how.quick)
      fit_quickly(best);
    else
      fit_well(how, best);
    if (how.sweeps > 0) polish(how.sweeps, best);
  }

 private:
  /// Principal axes, then one least-squares correction. Measured only then.
  HWY_NOINLINE void fit_quickly(Fit<C, S>& fit) const {
    Segment<C> segments[S];
    Equations equations[S];
    span_segments(segments);
    for (int s = 0; s < S; ++s) quantize_line<C>(segments[s], format_, fit.end[s]);
    assign_indices<C, S>(pixels_, subsets_, format_.last(), fit.end, fit.index);
    set_up(fit.index, equations);
    for (int s = 0; s < S; ++s) {
      solve(equations[s], segments[s]);
      quantize_line<C>(segments[s], format_, fit.end[s]);
    }
    assign_indices<C, S>(pixels_, subsets_, format_.last(), fit.end, fit.index);
    measure<C, S>(pixels_, subsets_, format_.last(), fit);
  }

  /// Principal axes first, then up to `rounds` least-squares corrections, with the codes near the
  /// solution that suit it best; each line the best of its rounds. Further starts from stretched
  /// lines, whose outer levels stay empty at first, end in other minima, often better ones.
  HWY_NOINLINE void fit_well(const Bc7Fit& how, Fit<C, S>& best) const {
    Segment<C> spanned[S];
    span_segments(spanned);
    start(spanned, how.rounds, best);
    constexpr float kStretch = 0.1f;
    for (int k = 1; k < how.starts; ++k) {
      Segment<C> stretched[S];
      Fit<C, S> next;
      for (int s = 0; s < S; ++s)
        stretch(spanned[s], kStretch * static_cast<float>(k), stretched[s]);
      start(stretched, how.rounds, next);
      take_better(next, best);
    }
  }

  HWY_NOINLINE void start(const Segment<C> (&from)[S], int rounds, Fit<C, S>& fit) const {
    Segment<C> segments[S];
    for (int s = 0; s < S; ++s) {
      segments[s] = from[s];
      quantize_line<C>(segments[s], format_, fit.end[s]);
    }
    assign_indices<C, S>(pixels_, subsets_, format_.last(), fit.end, fit.index);
    measure<C, S>(pixels_, subsets_, format_.last(), fit);
    for (int round = 0; round < rounds; ++round)
      if (!correct(segments, fit)) break;
  }

  /// Both ends further out, by a part of the segment's length.
  static HWY_INLINE void stretch(const Segment<C>& from, float part, Segment<C>& to) {
    for (int c = 0; c < C; ++c) {
      const VF32 more = hn::Mul(hn::Sub(from.end[1][c], from.end[0][c]), real(part));
      to.end[0][c] = clamp_code(hn::Sub(from.end[0][c], more));
      to.end[1][c] = clamp_code(hn::Add(from.end[1][c], more));
    }
  }

  /// Tries the codes next to those of the ends, one at a time, while that helps.
  HWY_NOINLINE void polish(int sweeps, Fit<C, S>& best) const {
    const bool choice = format_.parity_choices() > 1;
    for (int sweep = 0; sweep < sweeps; ++sweep) {
      const bool better = choice && try_parities(best);
      if (!try_steps(best) && !better) break;
    }
  }

  /// The parts of the principal axes that the texels span.
  HWY_INLINE void span_segments(Segment<C> (&segments)[S]) const {
    VF32 axis[C][S];
    VF32 mean[C][S];
    VF32 offset[S];
    VF32 low[S];
    VF32 high[S];
    for (int s = 0; s < S; ++s) {
      const Vector<C> principal = principal_axis(moments_[s]);
      const VF32 share = hn::Div(real(1.0f), moments_[s].count);
      offset[s] = low[s] = high[s] = real(0.0f);
      for (int c = 0; c < C; ++c) {
        axis[c][s] = principal.at[c];
        mean[c][s] = hn::Mul(moments_[s].sum[c], share);
        offset[s] = hn::Sub(offset[s], hn::Mul(axis[c][s], mean[c][s]));
      }
    }
    for (int i = 0; i < kTexelCount; ++i) {
      VF32 t = choose<S>(subsets_, i, offset);
      for (int c = 0; c < C; ++c)
        t = hn::Add(t, hn::Mul(choose<S>(subsets_, i, axis[c]), pixels_.value[c][i]));
      VF32 first = t;
      for (int s = 1; s < S; ++s) {
        const VF32 own = only<S>(subsets_, i, s, t);
        low[s] = hn::Min(low[s], own);
        high[s] = hn::Max(high[s], own);
        first = hn::Sub(first, own);
      }
      low[0] = hn::Min(low[0], first);
      high[0] = hn::Max(high[0], first);
    }
    for (int s = 0; s < S; ++s)
      for (int c = 0; c < C; ++c) {
        segments[s].end[0][c] = clamp_code(hn::Add(mean[c][s], hn::Mul(axis[c][s], low[s])));
        segments[s].end[1][c] = clamp_code(hn::Add(mean[c][s], hn::Mul(axis[c][s], high[s])));
      }
  }

  /// One least-squares correction. Returns whether a line of any block became better.
  HWY_INLINE bool correct(Segment<C> (&segments)[S], Fit<C, S>& best) const {
    Equations equations[S];
    Fit<C, S> next;
    set_up(best.index, equations);
    for (int s = 0; s < S; ++s) quantize_solution(equations[s], segments[s], next.end[s]);
    return keep_better(next, best);
  }

  /// Flips the parities of ends, all their codes one up or one down.
  HWY_INLINE bool try_parities(Fit<C, S>& best) const {
    const bool shared = format_.parity == ParityBits::kOnePerSubset;
    bool better = false;
    for (int ends = shared ? 3 : 1; ends < 4; ++ends)
      for (const bool up : {false, true}) {
        Fit<C, S> next;
        for (int s = 0; s < S; ++s)
          for (int e = 0; e < 2; ++e)
            for (int c = 0; c < C; ++c) {
              const VI32 value = best.end[s][e][c];
              next.end[s][e][c] = (ends >> e & 1) != 0 ? flipped(value, format_.bits, up) : value;
            }
        better |= keep_better(next, best);
      }
    return better;
  }

  /// The lines do not see each other's texels, so all of them move in one trial.
  HWY_INLINE bool try_steps(Fit<C, S>& best) const {
    const bool parity = format_.parity != ParityBits::kNone;
    bool better = false;
    for (int e = 0; e < 2; ++e)
      for (int c = 0; c < C; ++c)
        for (const int step : {-1, 1}) {
          Fit<C, S> next;
          for (int s = 0; s < S; ++s) {
            copy_ends(best.end[s], next.end[s]);
            next.end[s][e][c] = stepped(best.end[s][e][c], format_.bits, parity ? 2 * step : step);
          }
          better |= keep_better(next, best);
        }
    return better;
  }

  /// Finds the indices of `next` and takes each line that is better.
  HWY_INLINE bool keep_better(Fit<C, S>& next, Fit<C, S>& best) const {
    assign_indices<C, S>(pixels_, subsets_, format_.last(), next.end, next.index);
    measure<C, S>(pixels_, subsets_, format_.last(), next);
    return take_better(next, best);
  }

  /// Takes each line that is better. Returns whether one was.
  HWY_INLINE bool take_better(const Fit<C, S>& next, Fit<C, S>& best) const {
    VI32 better[S];
    VI32 any = whole(0);
    for (int s = 0; s < S; ++s) {
      const auto lower = hn::Lt(next.error[s], best.error[s]);
      better[s] = hn::VecFromMask(TagI32(), lower);
      any = hn::Or(any, better[s]);
      best.error[s] = hn::Min(next.error[s], best.error[s]);
      for (int e = 0; e < 2; ++e) replace<C>(best.end[s][e], next.end[s][e], lower);
    }
    if (hn::AllTrue(TagI32(), hn::Eq(any, whole(0)))) return false;
    for (int i = 0; i < kTexelCount; ++i)
      best.index[i] =
          hn::IfVecThenElse(choose<S>(subsets_, i, better), next.index[i], best.index[i]);
    return true;
  }

  /// The normal equations of the ends: p = (last - t) / last * low + t / last * high for texels p
  /// of index t, times last^2.
  struct Equations {
    VF32 aa, ab, bb;
    VF32 a[C], b[C];
  };

  HWY_INLINE void set_up(const VI32 (&index)[kTexelCount], Equations (&equations)[S]) const {
    WeightSums<C> sums[S];
    sum_weights(index, sums);
    const VF32 unit = real(64.0f);
    for (int s = 0; s < S; ++s) {
      Equations& q = equations[s];
      const VF32 t = hn::Mul(unit, sums[s].weight);
      q.bb = sums[s].square;
      q.ab = hn::Sub(t, q.bb);
      q.aa = hn::Sub(hn::Sub(hn::Mul(real(64.0f * 64.0f), moments_[s].count), t), q.ab);
      for (int c = 0; c < C; ++c) {
        const VF32 all = hn::Mul(unit, moments_[s].sum[c]);
        q.a[c] = hn::Mul(unit, hn::Sub(all, sums[s].weighted[c]));
        q.b[c] = hn::Mul(unit, sums[s].weighted[c]);
      }
    }
  }

  HWY_INLINE void sum_weights(const VI32 (&index)[kTexelCount], WeightSums<C> (&sums)[S]) const {
    const VU32 weight_step = pair_weight_step(format_.last());
    for (int s = 0; s < S; ++s) {
      sums[s].weight = sums[s].square = real(0.0f);
      for (int c = 0; c < C; ++c) sums[s].weighted[c] = real(0.0f);
    }
    for (int i = 0; i < kTexelCount; ++i) {
      const VU32 weight = hn::And(pair_weights(index[i], weight_step), word(0xffff));
      const VF32 t = real(as_whole(weight));
      for (int s = 0; s < S; ++s) {
        const VF32 own = s == 0 ? t : only<S>(subsets_, i, s, t);
        sums[s].weight = hn::Add(sums[s].weight, own);
        sums[s].square = hn::Add(sums[s].square, hn::Mul(own, t));
        for (int c = 0; c < C; ++c)
          sums[s].weighted[c] = hn::Add(sums[s].weighted[c], hn::Mul(own, pixels_.value[c][i]));
      }
    }
    for (int s = 1; s < S; ++s) {
      sums[0].weight = hn::Sub(sums[0].weight, sums[s].weight);
      sums[0].square = hn::Sub(sums[0].square, sums[s].square);
      for (int c = 0; c < C; ++c)
        sums[0].weighted[c] = hn::Sub(sums[0].weighted[c], sums[s].weighted[c]);
    }
  }

  /// The ends that fit the indices of the equations best; a line whose texels share one index keeps
  /// its ends. Returns where there was a solution.
  static HWY_INLINE hn::Mask<TagF32> solve(const Equations& q, Segment<C>& segment) {
    // Weights that differ give at least 64^2 * 4^2; rounding stays far below that.
    constexpr float kLeast = 2048;
    const VF32 determinant = hn::Sub(hn::Mul(q.aa, q.bb), hn::Mul(q.ab, q.ab));
    const auto solvable = hn::Gt(determinant, real(kLeast));
    const VF32 scale = hn::Div(real(1.0f), hn::Max(determinant, real(kLeast)));
    for (int c = 0; c < C; ++c) {
      const VF32 low = hn::Mul(hn::Sub(hn::Mul(q.bb, q.a[c]), hn::Mul(q.ab, q.b[c])), scale);
      const VF32 high = hn::Mul(hn::Sub(hn::Mul(q.aa, q.b[c]), hn::Mul(q.ab, q.a[c])), scale);
      segment.end[0][c] = hn::IfThenElse(solvable, clamp_code(low), segment.end[0][c]);
      segment.end[1][c] = hn::IfThenElse(solvable, clamp_code(high), segment.end[1][c]);
    }
    return solvable;
  }

  /// One channel of the codes next to a solution that cost least by the equations: both neighbours
  /// of the low end, each with the high end that suits it.
  HWY_INLINE VF32 quantize_channel(const Equations& q, VF32 inverse_bb, VF32 low, int c,
                                   int low_parity, int high_parity, VI32 (&end)[2][C]) const {
    VF32 best = real(0.0f);
    for (int up = 0; up < 2; ++up) {
      const VI32 a = quantize_down(low, format_.bits, low_parity, up);
      const VF32 x = real(a);
      const VF32 wish = hn::Mul(hn::Sub(q.b[c], hn::Mul(q.ab, x)), inverse_bb);
      const VI32 b = quantize(clamp_code(wish), format_.bits, high_parity);
      const VF32 y = real(b);
      // aa x^2 + 2 ab x y + bb y^2 - 2 a x - 2 b y
      const VF32 of_x = hn::Sub(hn::Mul(q.aa, x), hn::Add(q.a[c], q.a[c]));
      const VF32 of_y = hn::Sub(hn::Add(hn::Mul(q.bb, y), hn::Mul(hn::Add(q.ab, q.ab), x)),
                                hn::Add(q.b[c], q.b[c]));
      const VF32 cost = hn::Add(hn::Mul(of_x, x), hn::Mul(of_y, y));
      if (up == 0) {
        best = cost;
        end[0][c] = a;
        end[1][c] = b;
        continue;
      }
      const auto better = hn::Lt(cost, best);
      best = hn::IfThenElse(better, cost, best);
      end[0][c] = hn::IfThenElse(hn::RebindMask(TagI32(), better), a, end[0][c]);
      end[1][c] = hn::IfThenElse(hn::RebindMask(TagI32(), better), b, end[1][c]);
    }
    return best;
  }

  /// The codes near a solution of the equations that cost least, with the k-th choice of parities.
  HWY_INLINE VF32 quantize_with(const Equations& q, const Segment<C>& solution, int k,
                                VI32 (&end)[2][C]) const {
    const auto [low_parity, high_parity] = format_.parity_choice(k);
    const VF32 inverse_bb = hn::Div(real(1.0f), hn::Max(q.bb, real(0.5f)));
    VF32 cost = real(0.0f);
    for (int c = 0; c < C; ++c)
      cost = hn::Add(cost, quantize_channel(q, inverse_bb, solution.end[0][c], c, low_parity,
                                            high_parity, end));
    return cost;
  }

  /// Solves the equations, and finds the codes near that which cost least, over all parities.
  HWY_INLINE void quantize_solution(const Equations& q, Segment<C>& segment,
                                    VI32 (&end)[2][C]) const {
    const auto solvable = hn::RebindMask(TagI32(), solve(q, segment));
    VI32 chosen[2][C];
    VF32 best = quantize_with(q, segment, 0, chosen);
    for (int k = 1; k < format_.parity_choices(); ++k) {
      VI32 next[2][C];
      const VF32 cost = quantize_with(q, segment, k, next);
      const auto better = hn::RebindMask(TagI32(), hn::Lt(cost, best));
      best = hn::Min(cost, best);
      for (int e = 0; e < 2; ++e) replace<C>(chosen[e], next[e], better);
    }
    quantize_line<C>(segment, format_, end);
    for (int e = 0; e < 2; ++e) replace<C>(end[e], chosen[e], solvable);
  }

  const Pixels<C>& pixels_;
  const Subsets<S>& subsets_;
  LineFormat format_;
  Moments<C> moments_[S];
};

/// One line through all texels.
template <int C>
HWY_NOINLINE void fit_line(const Pixels<C>& pixels, const LineFormat& format, const Bc7Fit& how,
                           Fit<C, 1>& fit) {
  const Subsets<1> subsets{};
  const LineFitter<C, 1> fitter(pixels, moments_of(pixels), subsets, format);
  fitter.fit(how, fit);
}

template <int C>
HWY_INLINE VU32 pack_end(const VI32 (&end)[C]) {
  if constexpr (C == 1) return hn::ShiftLeft<24>(as_word(end[0]));
  VU32 out = C == 3 ? word(0xff000000) : hn::ShiftLeft<24>(as_word(end[C - 1]));
  out = hn::Or(out, as_word(end[0]));
  if constexpr (C > 1) out = hn::Or(out, hn::ShiftLeft<8>(as_word(end[1])));
  if constexpr (C > 2) out = hn::Or(out, hn::ShiftLeft<16>(as_word(end[2])));
  return out;
}

HWY_INLINE void pack_indices(const VI32 (&index)[kTexelCount], VU32 (&out)[2]) {
  for (int half = 0; half < 2; ++half) {
    out[half] = as_word(index[8 * half + 7]);
    for (int i = 6; i >= 0; --i)
      out[half] = hn::Or(hn::ShiftLeft<4>(out[half]), as_word(index[8 * half + i]));
  }
}

template <int C, int S>
HWY_INLINE Encoding encoding_of(const Fit<C, S>& fit) {
  Encoding out;
  out.error = fit.total();
  for (int s = 0; s < 3; ++s)
    for (int e = 0; e < 2; ++e)
      out.ends[2 * s + e] = s < S ? pack_end<C>(fit.end[s < S ? s : 0][e]) : word(0);
  pack_indices(fit.index, out.color_index);
  for (VU32& half : out.alpha_index) half = word(0);
  return out;
}

}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#endif  // FORGE3D_BC7_LINE_INL
