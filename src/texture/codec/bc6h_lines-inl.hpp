// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Lines through the subsets of BC6H blocks: least squares, codes of their ends, indices and errors.
// A block a lane. Included once a target, inside foreach_target.

#if defined(FORGE3D_BC6H_LINES_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef FORGE3D_BC6H_LINES_INL
#undef FORGE3D_BC6H_LINES_INL
#else
#define FORGE3D_BC6H_LINES_INL
#endif

#include <hwy/highway.h>

#include "texture/codec/bc6h_layout.hpp"
#include "texture/codec/bc6h_texels-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace forge3d::codec {
namespace HWY_NAMESPACE {
namespace {

using MF32 = hn::Mask<TagF32>;

/// The largest index of blocks of one and of two subsets.
template <int kSubsets>
constexpr float kLastIndex = kSubsets == 1 ? 15.0f : 7.0f;

/// Which texels belong to subset 1, and which of them is its anchor.
struct Shape {
  VI32 texels;  ///< Bit i: texel i.
  VI32 anchor;
  [[nodiscard]] HWY_INLINE MF32 has(std::size_t i) const {
    return hn::RebindMask(TagF32(), hn::TestBit(texels, hn::Set(TagI32(), 1 << i)));
  }
  [[nodiscard]] HWY_INLINE MF32 is_anchor(std::size_t i) const {
    return hn::RebindMask(TagF32(),
                          hn::Eq(anchor, hn::Set(TagI32(), static_cast<std::int32_t>(i))));
  }
};

/// One number a texel.
using PerTexel = VF32[16];

/// The two ends of a line and the sums that say how the error grows as they move: by first * a^2 +
/// 2 * both * a * b + second * b^2 when they are moved by a and b from where it is least.
struct LineFit {
  VF32 ends[2][3];  ///< Less the block's mean.
  VF32 first[3], both[3], second[3];
};

/// Where along its line a weight of a decoder lies: of index i, 0 .. 1.
template <int kSubsets>
HWY_INLINE VF32 place_of_index(VF32 index) {
  const VF32 weight =
      hn::Floor(hn::Add(hn::Mul(index, fill(64.0f / kLastIndex<kSubsets>)), fill(0.5f)));
  return hn::Mul(weight, fill(1.0f / 64));
}

/// Sums over the texels of a subset and a channel. w: weight, v: value, t: place.
struct FitSums {
  VF32 w, v, wt, wtt, vt;
};

HWY_INLINE void solve(const FitSums& s, VF32 mean, const Bc6hRange& range, std::size_t c,
                      LineFit& line) {
  line.second[c] = s.wtt;
  line.both[c] = hn::Sub(s.wt, s.wtt);
  line.first[c] = hn::Sub(hn::Sub(s.w, s.wt), line.both[c]);
  const VF32 to_second = s.vt;
  const VF32 to_first = hn::Sub(s.v, s.vt);
  const VF32 det =
      hn::Sub(hn::Mul(line.first[c], line.second[c]), hn::Mul(line.both[c], line.both[c]));
  const auto line_like = hn::Gt(det, hn::Mul(fill(1e-4f), hn::Mul(s.w, s.w)));
  const VF32 scale = hn::Div(fill(1), hn::IfThenElse(line_like, det, fill(1)));
  const VF32 a =
      hn::Mul(scale, hn::Sub(hn::Mul(to_first, line.second[c]), hn::Mul(to_second, line.both[c])));
  const VF32 b =
      hn::Mul(scale, hn::Sub(hn::Mul(to_second, line.first[c]), hn::Mul(to_first, line.both[c])));
  const VF32 centre = hn::Div(s.v, hn::Max(s.w, fill(kTiny)));
  const VF32 low = hn::Sub(range.is_signed ? fill(-range.largest) : fill(0), mean);
  const VF32 high = hn::Sub(fill(range.largest), mean);
  line.ends[0][c] = hn::Min(hn::Max(hn::IfThenElse(line_like, a, centre), low), high);
  line.ends[1][c] = hn::Min(hn::Max(hn::IfThenElse(line_like, b, centre), low), high);
}

/// The lines of least error for texels at `places`.
template <int kSubsets>
HWY_INLINE void fit_lines(const Bc6hTexels& t, const Shape& shape, const PerTexel& places,
                          const Bc6hRange& range, LineFit (&lines)[kSubsets]) {
  const VF32 zero = hn::Zero(TagF32());
  for (std::size_t c = 0; c < 3; ++c) {
    FitSums all{t.weight_sum[c], t.value_sum[c], zero, zero, zero};
    FitSums one{zero, zero, zero, zero, zero};
    for (std::size_t i = 0; i < 16; ++i) {
      const VF32 w = t.weight[c][i];
      const VF32 wt = hn::Mul(w, places[i]);
      const VF32 wtt = hn::Mul(wt, places[i]);
      const VF32 vt = hn::Mul(wt, t.value[c][i]);
      all.wt = hn::Add(all.wt, wt);
      all.wtt = hn::Add(all.wtt, wtt);
      all.vt = hn::Add(all.vt, vt);
      if constexpr (kSubsets == 2) {
        const MF32 in = shape.has(i);
        one.w = hn::Add(one.w, hn::IfThenElseZero(in, w));
        one.v = hn::Add(one.v, hn::IfThenElseZero(in, hn::Mul(w, t.value[c][i])));
        one.wt = hn::Add(one.wt, hn::IfThenElseZero(in, wt));
        one.wtt = hn::Add(one.wtt, hn::IfThenElseZero(in, wtt));
        one.vt = hn::Add(one.vt, hn::IfThenElseZero(in, vt));
      }
    }
    if constexpr (kSubsets == 2) {
      solve(one, t.mean[c], range, c, lines[1]);
      all = {hn::Sub(all.w, one.w), hn::Sub(all.v, one.v), hn::Sub(all.wt, one.wt),
             hn::Sub(all.wtt, one.wtt), hn::Sub(all.vt, one.vt)};
    }
    solve(all, t.mean[c], range, c, lines[0]);
  }
}

/// A mode a lane: what coding needs to know of it.
struct ModeLanes {
  VI32 mode;      ///< Row of kBc6hTable.
  VF32 step;      ///< Numbers a code: 2^(16 - bits).
  VF32 reach[3];  ///< 2^(delta bits - 1): differences lie in [-reach, reach).
};

/// Chooses the mode where the ends are no further from the first than `slack` times its reach.
HWY_INLINE void offer_mode(std::size_t mode, const VF32 (&spread)[3], float slack,
                           ModeLanes& chosen) {
  const Bc6hMode& fields = kBc6hTable[mode];
  const float step = static_cast<float>(1 << (16 - fields.end_bits));
  float reach[3];
  for (std::size_t c = 0; c < 3; ++c)
    reach[c] = fields.deltas ? static_cast<float>(1 << (fields.delta_bits[c] - 1)) : 1e6f;
  const auto fits = [&](std::size_t c) HWY_ATTR {
    return hn::Lt(spread[c], fill((reach[c] - 0.5f) * step * slack));
  };
  const MF32 all = hn::And(hn::And(fits(0), fits(1)), fits(2));
  chosen.mode = hn::IfThenElse(hn::RebindMask(TagI32(), all),
                               hn::Set(TagI32(), static_cast<std::int32_t>(mode)), chosen.mode);
  chosen.step = hn::IfThenElse(all, fill(step), chosen.step);
  for (std::size_t c = 0; c < 3; ++c)
    chosen.reach[c] = hn::IfThenElse(all, fill(reach[c]), chosen.reach[c]);
}

/// The finest mode whose differences reach all ends; with a `slack` above 1 they need not quite.
template <int kSubsets>
HWY_INLINE ModeLanes choose_mode(const LineFit (&lines)[kSubsets], float slack) {
  VF32 spread[3];
  for (std::size_t c = 0; c < 3; ++c) {
    spread[c] = hn::Abs(hn::Sub(lines[0].ends[1][c], lines[0].ends[0][c]));
    if constexpr (kSubsets == 2)
      for (std::size_t e = 0; e < 2; ++e)
        spread[c] = hn::Max(spread[c], hn::Abs(hn::Sub(lines[1].ends[e][c], lines[0].ends[0][c])));
  }
  ModeLanes chosen{};
  chosen.mode = hn::Zero(TagI32());
  chosen.step = fill(1);
  for (VF32& reach : chosen.reach) reach = fill(1);
  // From coarse to fine.
  constexpr std::array<std::uint8_t, 4> kOneSubset{10, 11, 12, 13};
  constexpr std::array<std::uint8_t, 10> kTwoSubsets{9, 1, 8, 7, 6, 5, 0, 4, 3, 2};
  if constexpr (kSubsets == 1)
    for (std::size_t mode : kOneSubset) offer_mode(mode, spread, slack, chosen);
  else
    for (std::size_t mode : kTwoSubsets) offer_mode(mode, spread, slack, chosen);
  return chosen;
}

/// Numbers as codes and back, for the modes of the lanes.
struct Quantiser {
  VF32 step, per_step;
  VF32 middle;   ///< Where in a code's interval its number lies: 0.5, or 0 for 16 bits.
  VF32 largest;  ///< The largest code.
  VF32 top;      ///< Its number.
  bool is_signed;

  HWY_INLINE Quantiser(const ModeLanes& modes, const Bc6hRange& range)
      : step(modes.step), is_signed(range.is_signed) {
    per_step = hn::Div(fill(1), step);
    middle = hn::IfThenElse(hn::Gt(step, fill(1)), fill(0.5f), hn::Zero(TagF32()));
    largest = hn::Floor(hn::Mul(fill(range.largest), per_step));
    top = fill(range.largest);
  }
  /// The codes on both sides of a number, the one nearer to zero first.
  HWY_INLINE void around(VF32 number, VF32& inner, VF32& outer) const {
    const VF32 place = hn::Floor(hn::Sub(hn::Mul(hn::Abs(number), per_step), middle));
    inner = hn::Min(hn::Max(place, hn::Zero(TagF32())), largest);
    outer = hn::Min(hn::Add(inner, fill(1)), largest);
    if (!is_signed) return;
    inner = hn::CopySign(inner, number);
    outer = hn::CopySign(outer, number);
  }
  [[nodiscard]] HWY_INLINE VF32 number_of(VF32 code) const {
    const VF32 size = hn::Abs(code);
    VF32 number = hn::Mul(hn::Add(size, middle), step);
    number = hn::IfThenElse(hn::Ge(size, largest), top, number);
    number = hn::IfThenElseZero(hn::Gt(size, hn::Zero(TagF32())), number);
    return is_signed ? hn::CopySign(number, code) : number;
  }
};

/// The codes of all ends of a block, R G B each, and their numbers less the block's mean.
template <int kSubsets>
struct Coded {
  VF32 codes[2 * kSubsets][3];
  VF32 ends[2 * kSubsets][3];
};

/// Of the four ways to round a channel's two ends, the one of least error.
HWY_INLINE void round_ends(const LineFit& line, std::size_t c, VF32 mean, const Quantiser& q,
                           VF32& first, VF32& second) {
  VF32 codes_a[2], codes_b[2], off_a[2], off_b[2];
  q.around(hn::Add(line.ends[0][c], mean), codes_a[0], codes_a[1]);
  q.around(hn::Add(line.ends[1][c], mean), codes_b[0], codes_b[1]);
  for (std::size_t k = 0; k < 2; ++k) {
    off_a[k] = hn::Sub(hn::Sub(q.number_of(codes_a[k]), mean), line.ends[0][c]);
    off_b[k] = hn::Sub(hn::Sub(q.number_of(codes_b[k]), mean), line.ends[1][c]);
  }
  VF32 least = fill(1e30f);
  first = codes_a[0];
  second = codes_b[0];
  for (std::size_t i = 0; i < 2; ++i)
    for (std::size_t k = 0; k < 2; ++k) {
      const VF32 aa = hn::Mul(line.first[c], hn::Mul(off_a[i], off_a[i]));
      const VF32 ab = hn::Mul(line.both[c], hn::Mul(off_a[i], off_b[k]));
      const VF32 bb = hn::Mul(line.second[c], hn::Mul(off_b[k], off_b[k]));
      const VF32 error = hn::Add(hn::Add(aa, bb), hn::Add(ab, ab));
      const MF32 better = hn::Lt(error, least);
      least = hn::IfThenElse(better, error, least);
      first = hn::IfThenElse(better, codes_a[i], first);
      second = hn::IfThenElse(better, codes_b[k], second);
    }
}

template <int kSubsets>
HWY_INLINE void code_lines(const Bc6hTexels& t, const LineFit (&lines)[kSubsets],
                           const ModeLanes& modes, const Bc6hRange& range, Coded<kSubsets>& out) {
  const Quantiser q(modes, range);
  for (std::size_t c = 0; c < 3; ++c) {
    for (std::size_t s = 0; s < kSubsets; ++s)
      round_ends(lines[s], c, t.mean[c], q, out.codes[2 * s][c], out.codes[2 * s + 1][c]);
    const VF32 low = hn::Sub(out.codes[0][c], modes.reach[c]);
    const VF32 high = hn::Sub(hn::Add(out.codes[0][c], modes.reach[c]), fill(1));
    for (std::size_t e = 1; e < 2 * kSubsets; ++e)
      out.codes[e][c] = hn::Min(hn::Max(out.codes[e][c], low), high);
    for (std::size_t e = 0; e < 2 * kSubsets; ++e)
      out.ends[e][c] = hn::Sub(q.number_of(out.codes[e][c]), t.mean[c]);
  }
}

/// A channel of the line of a texel.
template <int kSubsets>
struct TexelLine {
  VF32 base, step;
  HWY_INLINE TexelLine(const Coded<kSubsets>& coded, const Shape& shape, std::size_t i,
                       std::size_t c) {
    base = coded.ends[0][c];
    step = hn::Sub(coded.ends[1][c], base);
    if constexpr (kSubsets == 2) {
      const MF32 in = shape.has(i);
      step = hn::IfThenElse(in, hn::Sub(coded.ends[3][c], coded.ends[2][c]), step);
      base = hn::IfThenElse(in, coded.ends[2][c], base);
    }
  }
};

/// The best index of each texel, and its place; returns the block's error.
template <int kSubsets>
HWY_INLINE VF32 assign(const Bc6hTexels& t, const Shape& shape, const Coded<kSubsets>& coded,
                       PerTexel& indices, PerTexel& places) {
  constexpr float kLast = kLastIndex<kSubsets>;
  VF32 error = hn::Zero(TagF32());
  for (std::size_t i = 0; i < 16; ++i) {
    VF32 along = hn::Zero(TagF32()), square = fill(kTiny);
    const TexelLine<kSubsets> line[3] = {
        {coded, shape, i, 0}, {coded, shape, i, 1}, {coded, shape, i, 2}};
    VF32 away[3];
    for (std::size_t c = 0; c < 3; ++c) {
      away[c] = hn::Sub(t.value[c][i], line[c].base);
      const VF32 heavy = hn::Mul(t.weight[c][i], line[c].step);
      along = hn::Add(along, hn::Mul(heavy, away[c]));
      square = hn::Add(square, hn::Mul(heavy, line[c].step));
    }
    VF32 last = fill(kLast);
    const VF32 half = fill((kLast - 1) / 2);
    if (i == 0) last = half;
    if constexpr (kSubsets == 2) last = hn::IfThenElse(shape.is_anchor(i), half, last);
    const VF32 exact = hn::Mul(hn::Div(along, square), fill(kLast));
    indices[i] = hn::Floor(hn::Add(hn::Min(hn::Max(exact, hn::Zero(TagF32())), last), fill(0.5f)));
    places[i] = place_of_index<kSubsets>(indices[i]);
    for (std::size_t c = 0; c < 3; ++c) {
      const VF32 off = hn::Sub(away[c], hn::Mul(line[c].step, places[i]));
      error = hn::Add(error, hn::Mul(t.weight[c][i], hn::Mul(off, off)));
    }
  }
  return error;
}

/// The best coding of each block so far.
struct Best {
  VF32 error;
  VI32 mode, partition;
  VF32 codes[4][3];
  VF32 indices[16];
};

template <int kSubsets>
HWY_INLINE void keep_better(VF32 error, VI32 mode, VI32 partition, const Coded<kSubsets>& coded,
                            const PerTexel& indices, Best& best) {
  const MF32 better = hn::Lt(error, best.error);
  const auto better_int = hn::RebindMask(TagI32(), better);
  best.error = hn::IfThenElse(better, error, best.error);
  best.mode = hn::IfThenElse(better_int, mode, best.mode);
  best.partition = hn::IfThenElse(better_int, partition, best.partition);
  for (std::size_t e = 0; e < 2 * kSubsets; ++e)
    for (std::size_t c = 0; c < 3; ++c)
      best.codes[e][c] = hn::IfThenElse(better, coded.codes[e][c], best.codes[e][c]);
  for (std::size_t i = 0; i < 16; ++i)
    best.indices[i] = hn::IfThenElse(better, indices[i], best.indices[i]);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#endif  // FORGE3D_BC6H_LINES_INL
