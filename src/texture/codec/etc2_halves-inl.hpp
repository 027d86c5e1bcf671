// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// The modes of ETC1 in vector lanes: two halves, each a base colour and a table of four modifiers
// that move it along the gray axis.
//
// As long as nothing is clamped, the error of a half with base c and modifiers m is
//   sum |p|^2 - 2 c . sum p + n |c|^2 + sum over texels of min over m of (3 m^2 - 2 m s),
// s being the sum of the three channels of p - c. The last term depends on c only by the sum of its
// channels, and with the modifiers +-a, +-b it is
//   3 n a^2 - 2 a sum |s| - 2 (b - a) sum max(0, |s| - 1.5 (a + b)):
// two instructions for two texels and a table. So all tables are tried, on the few bases that are
// nearest to the mean for each sum of channels.

#if defined(FORGE3D_ETC2_HALVES_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef FORGE3D_ETC2_HALVES_INL
#undef FORGE3D_ETC2_HALVES_INL
#else
#define FORGE3D_ETC2_HALVES_INL
#endif

#include "texture/codec/etc2_ladder-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace forge3d::codec {
namespace HWY_NAMESPACE {

constexpr std::int32_t kSmall[8] = {2, 5, 9, 13, 18, 24, 33, 47};
constexpr std::int32_t kLarge[8] = {8, 17, 29, 42, 60, 80, 106, 183};

/// A half of a block: what its error depends on.
struct Half {
  VI32 lumas[4];  ///< Pairs of texels: twice the sums of their channels.
  PairTexel sum;
  PairTexel colours[8];
  VI32 energy;  ///< The sum of all squares.
  // For RGB+A1 only: the solid texels, and whether the whole block is solid.
  VI32 solid[8], solid_pairs[4];
  VI32 count;
  hn::Mask<TagI32> has_holes;
};

/// A half's coding.
struct HalfCode {
  PairTexel base;  ///< Codes of 4 or 5 bits.
  VI32 table;
  VI32 error;  ///< Without the constant sum |p|^2; unclamped.
};

/// Half `index` of the block cut into left and right (kFlip: above and below).
template <bool kA1, bool kFlip>
HWY_INLINE Half half_of(const Texels& in, int index) {
  const int quadrants[2] = {kFlip ? index : 2 * index, kFlip ? index + 2 : 2 * index + 1};
  Half out;
  for (int i = 0; i < 4; ++i) out.lumas[i] = in.luma_pairs[quadrants[i / 2]][i % 2];
  out.sum = add_texels(in.sums[quadrants[0]], in.sums[quadrants[1]]);
  out.energy = hn::Add(in.energies[quadrants[0]], in.energies[quadrants[1]]);
  for (int i = 0; i < 8; ++i) out.colours[i] = in.colours[texel_of(quadrants[i / 4], i % 4)];
  if constexpr (kA1) {
    for (int i = 0; i < 4; ++i) out.solid_pairs[i] = in.solid_pairs[quadrants[i / 2]][i % 2];
    for (int i = 0; i < 8; ++i) out.solid[i] = in.solid[texel_of(quadrants[i / 4], i % 4)];
    out.count = hn::Add(in.counts[quadrants[0]], in.counts[quadrants[1]]);
    out.has_holes = in.has_holes;
  }
  return out;
}

HWY_INLINE VI32 widen5_pair(VI32 v) {
  return hn::Or(hn::ShiftLeft<3>(v), hn::And(hn::ShiftRight<2>(v), hn::Set(TagI32(), 7 * kBoth)));
}
HWY_INLINE PairTexel widen_base(const PairTexel& code, hn::Mask<TagI32> differential) {
  const auto widen = [&](VI32 v) {
    return hn::IfThenElse(differential, widen5_pair(v), hn::Or(v, hn::ShiftLeft<4>(v)));
  };
  return {widen(code.rb), widen(code.g)};
}

/// 8 * the error of each table beyond that of the base alone, plus the table; the least of all.
/// `off`: twice the distances of the texels' lumas from the base's.
template <bool kA1>
HWY_INLINE VI32 best_table(const Half& half, const VI32 (&off)[4]) {
  const TagI32 d;
  const VI32 all = pair_add(pair_add(off[0], off[1]), pair_add(off[2], off[3]));
  VI32 keys = hn::Set(d, 0x7fffffff);
  for (std::int32_t t = 0; t < 8; ++t) {
    const std::int32_t a = kSmall[t], b = kLarge[t];
    VI32 threshold = hn::Set(d, 3 * (a + b) * kBoth);
    VI32 small = hn::Set(d, 8 * a * kBoth), more = hn::Set(d, 8 * (b - a) * kBoth);
    VI32 offset = hn::Set(d, 8 * 24 * a * a + t);
    if constexpr (kA1) {  // the small modifier is 0 in blocks with holes
      threshold = hn::IfThenElse(half.has_holes, hn::Set(d, 3 * b * kBoth), threshold);
      small = hn::IfThenZeroElse(half.has_holes, small);
      more = hn::IfThenElse(half.has_holes, hn::Set(d, 8 * b * kBoth), more);
      offset = hn::IfThenElse(half.has_holes, hn::Set(d, t), offset);
    }
    const VI32 far =
        pair_add(pair_add(pair_excess(off[0], threshold), pair_excess(off[1], threshold)),
                 pair_add(pair_excess(off[2], threshold), pair_excess(off[3], threshold)));
    const VI32 gain = hn::Add(pair_dot(all, small), pair_dot(far, more));
    keys = hn::Min(keys, hn::Sub(offset, gain));
  }
  return keys;
}

/// The error of a base with its best table, times 8 plus the table, and without the constant
/// sum |p|^2. As if nothing were clamped: never too low.
template <bool kA1>
HWY_INLINE VI32 plain_key(const Half& half, const PairTexel& base) {
  const TagI32 d;
  const VI32 luma = hn::Add(pair_dot(base.rb, hn::Set(d, kBoth)), base.g);
  const VI32 twice = both_of(hn::Add(luma, luma));
  VI32 off[4];
  for (int i = 0; i < 4; ++i) {
    off[i] = pair_abs(pair_sub(half.lumas[i], twice));
    if constexpr (kA1) off[i] = hn::And(off[i], half.solid_pairs[i]);
  }
  const VI32 square = hn::Add(pair_dot(base.rb, base.rb), pair_dot(base.g, base.g));
  const VI32 cross = hn::Add(pair_dot(base.rb, half.sum.rb), pair_dot(base.g, half.sum.g));
  const VI32 all = kA1 ? hn::Mul(square, half.count) : hn::ShiftLeft<3>(square);
  return hn::Add(best_table<kA1>(half, off),
                 hn::ShiftLeft<3>(hn::Sub(all, hn::ShiftLeft<1>(cross))));
}

/// A colour moved along the gray axis by `modifier` and by minus that.
HWY_INLINE void move_both_ways(const PairTexel& base, VI32 modifier, PairTexel& up,
                               PairTexel& down) {
  const VI32 low = hn::And(modifier, hn::Set(TagI32(), 0xffff));
  up = {pair_clamp(pair_add(base.rb, modifier)), pair_clamp(pair_add(base.g, low))};
  down = {pair_clamp(pair_sub(base.rb, modifier)), pair_clamp(pair_sub(base.g, low))};
}

/// The same, exactly.
template <bool kA1>
HWY_INLINE VI32 exact_key(const Half& half, const PairTexel& base) {
  const TagI32 d;
  VI32 keys = hn::Set(d, 0x7fffffff);
  for (std::int32_t t = 0; t < 8; ++t) {
    VI32 small = hn::Set(d, kSmall[t] * kBoth);
    if constexpr (kA1) small = hn::IfThenZeroElse(half.has_holes, small);
    PairTexel paints[4];
    move_both_ways(base, small, paints[0], paints[1]);
    move_both_ways(base, hn::Set(d, kLarge[t] * kBoth), paints[2], paints[3]);
    VI32 sum = hn::Zero(d);
    for (int i = 0; i < 8; ++i) {
      VI32 least = squared_distance(half.colours[i], paints[0]);
      for (int p = 1; p < 4; ++p)
        least = hn::Min(least, squared_distance(half.colours[i], paints[p]));
      if constexpr (kA1) least = hn::And(least, half.solid[i]);
      sum = hn::Add(sum, least);
    }
    keys = hn::Min(keys, hn::Add(hn::ShiftLeft<3>(sum), hn::Set(d, t)));
  }
  return hn::Sub(keys, hn::ShiftLeft<3>(half.energy));
}

/// The codes that a half may have.
struct CodeRange {
  PairTexel low, high;
};
HWY_INLINE CodeRange whole_range(hn::Mask<TagI32> differential) {
  const TagI32 d;
  const VI32 top = hn::IfThenElse(differential, hn::Set(d, 31), hn::Set(d, 15));
  return {{hn::Zero(d), hn::Zero(d)}, {both_of(top), top}};
}
/// How a half is searched.
struct HalfSearch {
  int from, to;  ///< Steps of the ladder.
  bool exact;    ///< Clamping is seen.
};

/// Tries steps of the ladder, kept within the range.
template <bool kA1>
HWY_INLINE HalfCode search_half(const Half& half, const Ladder& ladder,
                                hn::Mask<TagI32> differential, const CodeRange& range,
                                const HalfSearch& search) {
  const TagI32 d;
  HalfCode best{{hn::Zero(d), hn::Zero(d)}, hn::Zero(d), hn::Set(d, 0x7fffffff)};
  VI32 best_key = hn::Set(d, 0x7fffffff);
  for (int step = search.from; step <= search.to; ++step) {
    PairTexel code = step_of(ladder, step);
    code.rb = pair_max(pair_min(code.rb, range.high.rb), range.low.rb);
    code.g = pair_max(pair_min(code.g, range.high.g), range.low.g);
    const PairTexel base = widen_base(code, differential);
    const VI32 key = search.exact ? exact_key<kA1>(half, base) : plain_key<kA1>(half, base);
    best.base = choose(hn::Lt(key, best_key), code, best.base);
    best_key = hn::Min(key, best_key);
  }
  best.table = hn::And(best_key, hn::Set(d, 7));
  best.error = hn::ShiftRight<3>(best_key);
  return best;
}

/// Which blocks' codes differ by no more than a differential block can say.
HWY_INLINE hn::Mask<TagI32> within_steps(const PairTexel& first, const PairTexel& second) {
  const TagI32 d;
  const VI32 bias = hn::Set(d, 4 * kBoth);
  const VI32 rb = pair_add(pair_sub(second.rb, first.rb), bias);
  const VI32 g = hn::And(pair_add(pair_sub(second.g, first.g), bias), hn::Set(d, 0xffff));
  return hn::Eq(hn::And(hn::Or(rb, g), hn::Set(d, static_cast<std::int32_t>(0xfff8fff8))),
                hn::Zero(d));
}

/// Both halves of a block.
struct HalvesCode {
  HalfCode halves[2];
  hn::Mask<TagI32> differential;
};
HWY_INLINE VI32 error_of(const HalvesCode& code) {
  return hn::Add(code.halves[0].error, code.halves[1].error);
}

/// The mean in 5 bits, rounded.
HWY_INLINE PairTexel rounded_mean(const PairTexel& sum) {
  const TagI32 d;
  const auto round = [&](VI32 v) {
    const VI32 scaled = pair_mul(pair_shift_right<1>(v), hn::Set(d, 31 * kBoth));
    return pair_shift_right<10>(pair_add(scaled, hn::Set(d, 512 * kBoth)));
  };
  return {round(sum.rb), round(sum.g)};
}

/// Those that the other half can have beside `code`.
HWY_INLINE CodeRange range_beside(const PairTexel& code, hn::Mask<TagI32> differential, int below,
                                  int above) {
  const TagI32 d;
  const CodeRange all = whole_range(differential);
  const auto least = [&](VI32 base, VI32 low) {
    const VI32 v = pair_max(pair_sub(base, hn::Set(d, below * kBoth)), low);
    return hn::IfThenElse(differential, v, low);
  };
  const auto most = [&](VI32 base, VI32 high) {
    const VI32 v = pair_min(pair_add(base, hn::Set(d, above * kBoth)), high);
    return hn::IfThenElse(differential, v, high);
  };
  return {{least(code.rb, all.low.rb), least(code.g, all.low.g)},
          {most(code.rb, all.high.rb), most(code.g, all.high.g)}};
}

/// What a sum over the texels of a half times gives codes of 5 (differential) or 4 bits.
template <bool kA1>
HWY_INLINE VF32 code_scale(const Half& half, hn::Mask<TagI32> differential) {
  const TagF32 df;
  const VF32 top = hn::IfThenElse(hn::RebindMask(df, differential), hn::Set(df, 31.0f / 255),
                                  hn::Set(df, 15.0f / 255));
  if constexpr (!kA1) return hn::Mul(top, hn::Set(df, 0.125f));
  const VI32 count = hn::Max(half.count, hn::Set(TagI32(), 1));
  return hn::Div(top, hn::ConvertTo(df, count));
}

/// The best of both halves, one after the other: the first as it likes, the second beside it.
template <bool kA1, int kFirst>
HWY_INLINE HalvesCode search_in_order(const Half (&halves)[2], hn::Mask<TagI32> differential,
                                      const HalfSearch& search) {
  const auto find = [&](const Half& half, const CodeRange& range) {
    return search_half<kA1>(half, ladder_of(half.sum, code_scale<kA1>(half, differential)),
                            differential, range, search);
  };
  HalvesCode out;
  out.differential = differential;
  out.halves[kFirst] = find(halves[kFirst], whole_range(differential));
  // A step is -4..3 from the first half to the second.
  out.halves[1 - kFirst] =
      find(halves[1 - kFirst],
           range_beside(out.halves[kFirst].base, differential, 4 - kFirst, 3 + kFirst));
  return out;
}

HWY_INLINE void keep_better(HalvesCode& best, const HalvesCode& other) {
  const auto better = hn::Lt(error_of(other), error_of(best));
  for (int i = 0; i < 2; ++i) {
    best.halves[i].base = choose(better, other.halves[i].base, best.halves[i].base);
    best.halves[i].table = choose(better, other.halves[i].table, best.halves[i].table);
    best.halves[i].error = choose(better, other.halves[i].error, best.halves[i].error);
  }
  best.differential =
      hn::Or(hn::And(better, other.differential), hn::AndNot(better, best.differential));
}

/// Differential where the means allow it; with `thorough` also the other way, and with the second
/// half before the first.
template <bool kA1, bool kFlip>
HWY_INLINE HalvesCode search_halves(const Texels& in, const HalfSearch& search, bool thorough) {
  const Half halves[2] = {half_of<kA1, kFlip>(in, 0), half_of<kA1, kFlip>(in, 1)};
  const VI32 zero = hn::Zero(TagI32());
  const auto all = hn::Eq(zero, zero);
  const auto differential =
      kA1 ? all : within_steps(rounded_mean(halves[0].sum), rounded_mean(halves[1].sum));
  HalvesCode best = search_in_order<kA1, 0>(halves, differential, search);
  if (!thorough) return best;
  if constexpr (!kA1)
    keep_better(best, search_in_order<kA1, 0>(halves, hn::Not(differential), search));
  keep_better(best, search_in_order<kA1, 1>(halves, all, search));
  return best;
}

/// The pixel indices: for each texel the modifier that is nearest on the gray axis.
template <bool kA1, bool kFlip>
HWY_INLINE VU32 nearest_indices(const Texels& in, const HalvesCode& code) {
  const TagI32 d;
  VI32 lumas[2], thresholds[2];
  for (int half = 0; half < 2; ++half) {
    const HalfCode& c = code.halves[half];
    const PairTexel base = widen_base(c.base, code.differential);
    lumas[half] = hn::ShiftLeft<1>(hn::Add(pair_dot(base.rb, hn::Set(d, kBoth)), base.g));
    const VU32 table = hn::BitCast(TagU32(), c.table);
    VI32 small = hn::BitCast(d, look_up(kSmallModifiers, table));
    if constexpr (kA1) small = hn::IfThenZeroElse(in.has_holes, small);
    const VI32 both = hn::Add(small, hn::BitCast(d, look_up(kLargeModifiers, table)));
    thresholds[half] = hn::Add(both, hn::Add(both, both));
  }
  const VI32 sign = hn::Set(d, static_cast<std::int32_t>(0x80000000));
  VU32 low = hn::Zero(TagU32());
  for (std::size_t i = 0; i < 16; ++i) {
    const std::size_t x = i / 4, y = i % 4, half = kFlip ? y / 2 : x / 2;
    const VI32 off = hn::Sub(in.lumas[4 * y + x], lumas[half]);
    // Negative where far from the base, so that bit 15 is set.
    const VI32 near = hn::Sub(thresholds[half], hn::Abs(off));
    VI32 far_bit = hn::And(near, hn::Set(d, 0x8000)), below_bit = hn::And(off, sign);
    if constexpr (kA1) {
      // With holes there is one small modifier, and the index of the other means transparent.
      const VI32 far = hn::BroadcastSignBit(near);
      below_bit = hn::IfThenElse(in.has_holes, hn::And(below_bit, far), below_bit);
      below_bit = hn::Or(below_bit, hn::AndNot(in.solid[4 * y + x], sign));
      far_bit = hn::And(far_bit, in.solid[4 * y + x]);
    }
    low = hn::Or(hn::ShiftRight<1>(low), hn::BitCast(TagU32(), hn::Or(below_bit, far_bit)));
  }
  return low;
}

/// The first word of a block: colours in the high bits of its bytes.
template <bool kA1, bool kFlip>
HWY_INLINE VU32 pack_high(const Texels& in, const HalvesCode& code) {
  const TagU32 d;
  const auto differential = hn::RebindMask(d, code.differential);
  const VU32 first = bytes_of_pairs(code.halves[0].base);
  const VU32 second = bytes_of_pairs(code.halves[1].base);
  const VU32 steps =
      hn::And(hn::Sub(hn::Or(second, hn::Set(d, 0x404040)), first), hn::Set(d, 0x070707));
  const VU32 colours = if_set(differential, hn::Or(hn::ShiftLeft<3>(first), steps),
                              hn::Or(hn::ShiftLeft<4>(first), second));
  const VU32 tables = hn::BitCast(
      d, hn::Or(hn::ShiftLeft<5>(code.halves[0].table), hn::ShiftLeft<2>(code.halves[1].table)));
  VU32 flags = hn::IfThenElseZero(differential, hn::Set(d, 2));
  if constexpr (kA1) flags = hn::IfThenZeroElse(hn::RebindMask(d, in.has_holes), flags);
  if constexpr (kFlip) flags = hn::Or(flags, hn::Set(d, 1));
  return hn::Or(swap_bytes(colours), hn::Or(tables, flags));
}

template <bool kA1, bool kFlip>
HWY_INLINE Coding code_halves(const Texels& in, const HalfSearch& search, bool thorough) {
  const HalvesCode code = search_halves<kA1, kFlip>(in, search, thorough);
  const VU32 high = pack_high<kA1, kFlip>(in, code);
  if (search.exact) return nearest_paints<kA1>(in, high);
  return {high, nearest_indices<kA1, kFlip>(in, code), hn::Add(error_of(code), in.energy)};
}

}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#endif  // FORGE3D_ETC2_HALVES_INL
