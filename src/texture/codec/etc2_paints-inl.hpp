// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// The T and H modes of ETC2 in vector lanes: four paint colours for the whole block, made from two
// colours of 4 bits a channel and a distance along the gray axis. H: both colours +- the distance.
// T: one colour alone; the other, and that +- the distance.
//
// Texels are parted in two clusters, one for each colour. For given clusters both colours are
// independent but for the distance: so a few codes are tried for each, with all distances at once.
// As long as nothing is clamped, the error of a cluster of n texels around colour c is
//   sum |p|^2 - 2 c . sum p + n |c|^2 + H: 3 n d^2 - 2 d sum |s|   T: -2 d sum max(0, |s| - 1.5 d),
// s being the sum of the channels of p - c.

#if defined(FORGE3D_ETC2_PAINTS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef FORGE3D_ETC2_PAINTS_INL
#undef FORGE3D_ETC2_PAINTS_INL
#else
#define FORGE3D_ETC2_PAINTS_INL
#endif

#include "texture/codec/etc2_ladder-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace forge3d::codec {
namespace HWY_NAMESPACE {

constexpr std::int32_t kDistance[8] = {3, 6, 11, 16, 23, 32, 41, 64};
constexpr std::int32_t kNoError = 0x3fffffff;

/// A number for each texel, two texels a lane, in any order that is the same for all.
using Pairs16 = VI32[8];

/// The texels by channels.
struct Planes16 {
  Pairs16 r, g, b, luma;  ///< luma: twice the sum.
};

HWY_INLINE void split_channels(const Texels& in, Planes16& out) {
  const TagI32 d;
  const VI32 low = hn::Set(d, 0xffff);
  for (std::size_t i = 0; i < 8; ++i) {
    const PairTexel &a = in.colours[2 * i], &b = in.colours[2 * i + 1];
    out.r[i] = hn::Or(hn::And(a.rb, low), hn::ShiftLeft<16>(b.rb));
    out.b[i] = hn::Or(hn::BitCast(d, hn::ShiftRight<16>(hn::BitCast(TagU32(), a.rb))),
                      hn::AndNot(low, b.rb));
    out.g[i] = hn::Or(a.g, hn::ShiftLeft<16>(b.g));
    out.luma[i] = hn::Or(in.lumas[2 * i], hn::ShiftLeft<16>(in.lumas[2 * i + 1]));
  }
}

HWY_INLINE VI32 total(const Pairs16& v) {
  const VI32 sum = pair_add(pair_add(pair_add(v[0], v[1]), pair_add(v[2], v[3])),
                            pair_add(pair_add(v[4], v[5]), pair_add(v[6], v[7])));
  return pair_dot(sum, hn::Set(TagI32(), kBoth));
}
/// The sum of the products of two numbers of 9 bits.
HWY_INLINE VI32 total_product(const Pairs16& a, const Pairs16& b) {
  VI32 sum = pair_dot(a[0], b[0]);
  for (std::size_t i = 1; i < 8; ++i) sum = hn::Add(sum, pair_dot(a[i], b[i]));
  return sum;
}

/// Numbers along the axis of the plane of equal luma on which the texels are spread most.
HWY_INLINE void project_chroma(const Planes16& in, Pairs16& out) {
  const TagI32 d;
  const TagF32 df;
  // Two directions at right angles, of lengths 1 and sqrt(3).
  Pairs16 u, v;
  for (std::size_t i = 0; i < 8; ++i) {
    u[i] = pair_sub(in.r[i], in.b[i]);
    v[i] = pair_sub(pair_add(in.r[i], in.b[i]), pair_add(in.g[i], in.g[i]));
  }
  const VI32 su = total(u), sv = total(v);
  const auto spread = [&](const Pairs16& a, const Pairs16& b, VI32 sa, VI32 sb) {
    return hn::ConvertTo(df, hn::Sub(hn::ShiftLeft<4>(total_product(a, b)), hn::Mul(sa, sb)));
  };
  const VF32 uu = hn::Mul(spread(u, u, su, su), hn::Set(df, 3.0f)), vv = spread(v, v, sv, sv);
  const VF32 uv = hn::Mul(spread(u, v, su, sv), hn::Set(df, 3.4641016f));  // twice sqrt(3)
  const VF32 difference = hn::Sub(uu, vv);
  const VF32 root = hn::Sqrt(hn::Add(hn::Mul(difference, difference), hn::Mul(uv, uv)));
  const VF32 longer = hn::Add(hn::Abs(difference), root);
  const auto u_first = hn::Ge(difference, hn::Zero(df));
  const VF32 x = hn::IfThenElse(u_first, longer, uv), y = hn::IfThenElse(u_first, uv, longer);
  const VF32 scale =
      hn::Div(hn::Set(df, 31.0f), hn::Max(hn::Max(hn::Abs(x), hn::Abs(y)), hn::Set(df, 1.0f)));
  // 255 * sqrt(3) * 31 + 510 * 31 < 32768
  const auto weight = [&](VF32 w, float length) {
    return both_of(hn::And(hn::NearestInt(hn::Mul(hn::Mul(w, scale), hn::Set(df, length))),
                           hn::Set(d, 0xffff)));
  };
  const VI32 wu = weight(x, 1.7320508f), wv = weight(y, 1.0f);
  for (std::size_t i = 0; i < 8; ++i) out[i] = pair_add(pair_mul(u[i], wu), pair_mul(v[i], wv));
}

/// How many texels lie below each, 0..15.
HWY_INLINE void rank(const Pairs16& in, Pairs16& out) {
  const TagI32 d;
  for (std::size_t i = 0; i < 8; ++i) out[i] = hn::Zero(d);
  for (std::size_t j = 0; j < 8; ++j) {
    const VI32 low = both_of(hn::And(in[j], hn::Set(d, 0xffff)));
    const VI32 upper = hn::AndNot(hn::Set(d, 0xffff), in[j]);
    const VI32 high =
        hn::Or(upper, hn::BitCast(d, hn::ShiftRight<16>(hn::BitCast(TagU32(), upper))));
    for (std::size_t i = 0; i < 8; ++i)
      out[i] = pair_sub(out[i], pair_add(pair_above(in[i], low), pair_above(in[i], high)));
  }
}

/// Some of the texels.
struct Cluster {
  Pairs16 luma;
  Pairs16 mask;
  PairTexel sum;
  VI32 count;
};

/// Two colours and a distance.
struct PaintCode {
  PairTexel first, second;  ///< T: the first is alone.
  VI32 distance;            ///< Index.
  VI32 is_h;                ///< -1 or 0.
  VI32 error;               ///< Without the constant sum |p|^2; unclamped.
};

HWY_INLINE void keep_better(PaintCode& best, const PaintCode& other) {
  const auto better = hn::Lt(other.error, best.error);
  best.first = choose(better, other.first, best.first);
  best.second = choose(better, other.second, best.second);
  best.distance = choose(better, other.distance, best.distance);
  best.is_h = choose(better, other.is_h, best.is_h);
  best.error = choose(better, other.error, best.error);
}

/// The texels of `in` whose mask is set.
HWY_INLINE void fill_cluster(const Planes16& in, const Pairs16& mask, Cluster& out) {
  const TagI32 d;
  Pairs16 r, g, b;
  for (std::size_t i = 0; i < 8; ++i) {
    r[i] = hn::And(in.r[i], mask[i]);
    g[i] = hn::And(in.g[i], mask[i]);
    b[i] = hn::And(in.b[i], mask[i]);
    out.mask[i] = mask[i];
  }
  out.sum = {hn::Or(total(r), hn::ShiftLeft<16>(total(b))), total(g)};
  out.count = hn::Sub(hn::Zero(d), total(mask));
}

constexpr int kMostSteps = 12;

/// What the colour of a cluster can be.
struct ColourChoice {
  PairTexel codes[kMostSteps];  ///< By steps.
  VI32 lines[8];                ///< H: for each distance the least 16 * error + step.
  VI32 tee;                     ///< T, as the line: the least 128 * error + 8 * step + distance.
  PairTexel nearest;            ///< T, as the colour alone.
  VI32 alone;                   ///< Its error.
};

HWY_INLINE PairTexel clamp4(const PairTexel& code) {
  const TagI32 d;
  const auto clamp = [&](VI32 v, VI32 top) { return pair_max(pair_min(v, top), hn::Zero(d)); };
  return {clamp(code.rb, hn::Set(d, 15 * kBoth)), clamp(code.g, hn::Set(d, 15))};
}
HWY_INLINE VI32 widen4_pair(VI32 v) { return hn::Or(v, hn::ShiftLeft<4>(v)); }
HWY_INLINE PairTexel widen4_pair(const PairTexel& v) {
  return {widen4_pair(v.rb), widen4_pair(v.g)};
}

HWY_INLINE VI32 base_error(const Cluster& in, const PairTexel& base) {
  const VI32 square = hn::Add(pair_dot(base.rb, base.rb), pair_dot(base.g, base.g));
  const VI32 cross = hn::Add(pair_dot(base.rb, in.sum.rb), pair_dot(base.g, in.sum.g));
  return hn::Sub(hn::Mul(square, in.count), hn::ShiftLeft<1>(cross));
}

HWY_INLINE Ladder cluster_ladder(const Cluster& in) {
  const TagF32 df;
  const VF32 count = hn::ConvertTo(df, hn::Max(in.count, hn::Set(TagI32(), 1)));
  return ladder_of(in.sum, hn::Div(hn::Set(df, 15.0f / 255), count));
}

/// One step of the ladder of a cluster.
HWY_INLINE void try_colour(const Planes16& in, const Cluster& cluster, const PairTexel& code,
                           int step, ColourChoice& out) {
  const TagI32 d;
  const PairTexel base = widen4_pair(code);
  const VI32 error = base_error(cluster, base);
  const VI32 luma = hn::Add(pair_dot(base.rb, hn::Set(d, kBoth)), base.g);
  const VI32 twice = both_of(hn::Add(luma, luma));
  Pairs16 off;
  for (std::size_t i = 0; i < 8; ++i)
    off[i] = hn::And(pair_abs(pair_sub(in.luma[i], twice)), cluster.mask[i]);
  const VI32 all = pair_add(pair_add(pair_add(off[0], off[1]), pair_add(off[2], off[3])),
                            pair_add(pair_add(off[4], off[5]), pair_add(off[6], off[7])));
  const VI32 key = hn::Add(hn::ShiftLeft<4>(error), hn::Set(d, step));
  const VI32 tee_key = hn::Add(hn::ShiftLeft<7>(error), hn::Set(d, 8 * step));
  for (std::int32_t i = 0; i < 8; ++i) {
    const std::int32_t distance = kDistance[i];
    out.lines[i] =
        hn::Min(out.lines[i], hn::Sub(key, pair_dot(all, hn::Set(d, 16 * distance * kBoth))));
    const VI32 threshold = hn::Set(d, 3 * distance * kBoth);
    VI32 far = pair_excess(off[0], threshold);
    for (std::size_t k = 1; k < 8; ++k) far = pair_add(far, pair_excess(off[k], threshold));
    const VI32 gain = pair_dot(far, hn::Set(d, 128 * distance * kBoth));
    out.tee = hn::Min(out.tee, hn::Add(hn::Sub(tee_key, gain), hn::Set(d, i)));
  }
}

/// Tries steps [from, to] of the cluster's ladder.
HWY_INLINE void choose_colours(const Planes16& in, const Cluster& cluster, int from, int to,
                               ColourChoice& out) {
  const TagI32 d;
  const Ladder ladder = cluster_ladder(cluster);
  out.nearest = clamp4(ladder.nearest);
  out.alone = base_error(cluster, widen4_pair(out.nearest));
  out.tee = hn::Set(d, 0x7fffffff);
  for (VI32& line : out.lines) line = hn::Set(d, 0x7fffffff);
  for (int step = from; step <= to; ++step) {
    out.codes[step - from] = clamp4(step_of(ladder, step));
    try_colour(in, cluster, out.codes[step - from], step - from, out);
  }
}

HWY_INLINE PairTexel code_of_step(const ColourChoice& choice, VI32 step, int steps) {
  PairTexel out = choice.codes[0];
  for (int i = 1; i < steps; ++i)
    out = choose(hn::Eq(step, hn::Set(TagI32(), i)), choice.codes[i], out);
  return out;
}

HWY_INLINE PaintCode best_h(const ColourChoice& a, const ColourChoice& b, int steps) {
  const TagI32 d;
  PaintCode out;
  out.error = hn::Set(d, 0x7fffffff);
  out.distance = hn::Zero(d);
  VI32 line_a = a.lines[0], line_b = b.lines[0];
  for (std::int32_t i = 0; i < 8; ++i) {
    const VI32 error =
        hn::Add(hn::Add(hn::ShiftRight<4>(a.lines[i]), hn::ShiftRight<4>(b.lines[i])),
                hn::Set(d, 48 * kDistance[i] * kDistance[i]));
    const auto better = hn::Lt(error, out.error);
    out.error = choose(better, error, out.error);
    out.distance = choose(better, hn::Set(d, i), out.distance);
    line_a = choose(better, a.lines[i], line_a);
    line_b = choose(better, b.lines[i], line_b);
  }
  out.first = code_of_step(a, hn::And(line_a, hn::Set(d, 15)), steps);
  out.second = code_of_step(b, hn::And(line_b, hn::Set(d, 15)), steps);
  out.is_h = hn::Set(d, -1);
  return out;
}

HWY_INLINE PaintCode best_t(const ColourChoice& alone, const ColourChoice& line, int steps) {
  const TagI32 d;
  PaintCode out;
  out.error = hn::Add(alone.alone, hn::ShiftRight<7>(line.tee));
  out.first = alone.nearest;
  out.second = code_of_step(line, hn::And(hn::ShiftRight<3>(line.tee), hn::Set(d, 15)), steps);
  out.distance = hn::And(line.tee, hn::Set(d, 7));
  out.is_h = hn::Zero(d);
  return out;
}

/// The best T and H codings whose clusters are the texels where `mask` is set and the others.
HWY_INLINE void try_clusters(const Planes16& in, const Pairs16& mask, int from, int to,
                             PaintCode& best) {
  Cluster cluster;
  ColourChoice a, b;
  fill_cluster(in, mask, cluster);
  choose_colours(in, cluster, from, to, a);
  Pairs16 others;
  for (std::size_t i = 0; i < 8; ++i) others[i] = hn::Not(mask[i]);
  fill_cluster(in, others, cluster);
  choose_colours(in, cluster, from, to, b);
  const int steps = to - from + 1;
  keep_better(best, best_h(a, b, steps));
  keep_better(best, best_t(a, b, steps));
  keep_better(best, best_t(b, a, steps));
}

/// A field of 2 + 2 bits in a byte whose other bits make its channel overflow, as in planar_marks.
HWY_INLINE VU32 overflowing(VU32 base, VU32 step) {
  const TagU32 d;
  const VU32 sum = hn::Add(base, step);
  const auto above = hn::Gt(hn::BitCast(TagI32(), sum), hn::Set(TagI32(), 3));
  return hn::Or(hn::Or(hn::ShiftLeft<3>(base), step),
                if_set(hn::RebindMask(d, above), hn::Set(d, 0xe0), hn::Set(d, 4)));
}

HWY_INLINE VU32 pack_t(const PaintCode& code) {
  const TagU32 d;
  const VU32 alone = bytes_of_pairs(code.first), line = bytes_of_pairs(code.second);
  const VU32 distance = hn::BitCast(d, code.distance);
  const VU32 red = overflowing(bits_of<2, 2>(alone), bits_of<0, 2>(alone));
  VU32 out = hn::Or(hn::ShiftLeft<24>(red), hn::Or(hn::ShiftLeft<20>(bits_of<8, 4>(alone)),
                                                   hn::ShiftLeft<16>(bits_of<16, 4>(alone))));
  out = hn::Or(out, hn::Or(hn::ShiftLeft<12>(bits_of<0, 4>(line)),
                           hn::Or(hn::ShiftLeft<8>(bits_of<8, 4>(line)),
                                  hn::ShiftLeft<4>(bits_of<16, 4>(line)))));
  return hn::Or(hn::Or(out, hn::Set(d, 2)),
                hn::Or(hn::ShiftLeft<2>(bits_of<1, 2>(distance)), bits_of<0, 1>(distance)));
}

/// The colours are put in the order that says the lowest bit of the distance.
HWY_INLINE VU32 pack_h(const PaintCode& code) {
  const TagU32 d;
  const VU32 distance = hn::BitCast(d, code.distance);
  const auto rank = [&](const PairTexel& v) {
    const VU32 bytes = bytes_of_pairs(v);
    return hn::BitCast(
        TagI32(), hn::Or(hn::ShiftLeft<8>(bits_of<0, 4>(bytes)),
                         hn::Or(hn::ShiftLeft<4>(bits_of<8, 4>(bytes)), bits_of<16, 4>(bytes))));
  };
  const auto below = hn::VecFromMask(TagI32(), hn::Lt(rank(code.first), rank(code.second)));
  const VI32 odd = hn::Neg(hn::And(code.distance, hn::Set(TagI32(), 1)));
  const auto swap = hn::Eq(below, odd);
  const VU32 a = bytes_of_pairs(choose(swap, code.second, code.first));
  const VU32 b = bytes_of_pairs(choose(swap, code.first, code.second));
  const VU32 green =
      overflowing(hn::Or(hn::ShiftLeft<1>(bits_of<8, 1>(a)), bits_of<19, 1>(a)), bits_of<17, 2>(a));
  VU32 out = hn::Or(hn::ShiftLeft<27>(bits_of<0, 4>(a)), hn::ShiftLeft<24>(bits_of<9, 3>(a)));
  // Red must not overflow: its top bit is the sign of its step.
  out = hn::Or(out, hn::And(hn::ShiftLeft<5>(out), hn::Set(d, 0x80000000)));
  out = hn::Or(out, hn::Or(hn::ShiftLeft<16>(green), hn::ShiftLeft<15>(bits_of<16, 1>(a))));
  out = hn::Or(
      out, hn::Or(hn::ShiftLeft<11>(bits_of<0, 4>(b)),
                  hn::Or(hn::ShiftLeft<7>(bits_of<8, 4>(b)), hn::ShiftLeft<3>(bits_of<16, 4>(b)))));
  return hn::Or(hn::Or(out, hn::Set(d, 2)),
                hn::Or(hn::ShiftLeft<2>(bits_of<2, 1>(distance)), bits_of<1, 1>(distance)));
}

/// How clusters are found: along chroma, or along luma too, cut in two after every `stride` texels.
/// Steps of the colours' ladders that are tried.
struct PaintSearch {
  int from, to;
  int stride;
  bool luma;
};

HWY_INLINE void try_cuts(const Planes16& planes, const Pairs16& along, const PaintSearch& search,
                         PaintCode& best) {
  Pairs16 ranks, mask;
  rank(along, ranks);
  for (std::int32_t cut = search.stride; cut < 16; cut += search.stride) {
    for (std::size_t i = 0; i < 8; ++i)
      mask[i] = pair_above(hn::Set(TagI32(), cut * kBoth), ranks[i]);
    try_clusters(planes, mask, search.from, search.to, best);
  }
}

/// The best T or H coding.
HWY_INLINE Coding code_paints(const Texels& in, const PaintSearch& search) {
  const TagI32 d;
  Planes16 planes;
  split_channels(in, planes);
  Pairs16 along;
  project_chroma(planes, along);
  const VI32 zero = hn::Zero(d);
  PaintCode best{{zero, zero}, {zero, zero}, zero, zero, hn::Set(d, 0x7fffffff)};
  try_cuts(planes, along, search, best);
  if (search.luma) try_cuts(planes, planes.luma, search, best);
  const auto is_h = hn::RebindMask(TagU32(), hn::MaskFromVec(best.is_h));
  return nearest_paints<false>(in, if_set(is_h, pack_h(best), pack_t(best)));
}

}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#endif  // FORGE3D_ETC2_PAINTS_INL
