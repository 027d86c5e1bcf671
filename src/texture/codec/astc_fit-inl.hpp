// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Fits the numbers of an ASTC block of a given choice and partition to texels, a block a lane.
// Included once a target, inside foreach_target.

#if defined(FORGE3D_ASTC_FIT_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef FORGE3D_ASTC_FIT_INL
#undef FORGE3D_ASTC_FIT_INL
#else
#define FORGE3D_ASTC_FIT_INL
#endif

#include "texture/codec/astc_grid-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace forge3d::codec {
namespace HWY_NAMESPACE {

constexpr std::int32_t kNoFit = 0x3fffffff;

/// Which partition each texel belongs to: member[p - 1][i] for partitions p >= 1.
template <int kTexels, int kParts>
struct Members {
  MF32 member[kParts > 1 ? kParts - 1 : 1][kTexels];

  [[nodiscard]] HWY_INLINE MF32 has(int partition, int texel) const {
    if (partition > 0) return member[partition - 1][texel];
    MF32 others = hn::Lt(f32(1), f32(0));
    for (int p = 1; p < kParts; ++p) others = hn::Or(others, member[p - 1][texel]);
    return hn::Not(others);
  }
  [[nodiscard]] HWY_INLINE VF32 pick(int texel, const VF32 (&by_part)[kParts]) const {
    VF32 out = by_part[0];
    for (int p = 1; p < kParts; ++p) out = blend(member[p - 1][texel], by_part[p], out);
    return out;
  }
};

/// The ends of each partition's line, as real numbers of 0..255.
template <int kParts, int kChannels>
struct Lines {
  VF32 a[kParts][kChannels];
  VF32 b[kParts][kChannels];
};

/// What moving the ends of a partition's line costs, while its weights stay: aa da^2 + 2 ab da db +
/// bb db^2 for each channel.
struct Slope {
  VF32 aa;
  VF32 ab;
  VF32 bb;
  [[nodiscard]] HWY_INLINE VF32 cost(VF32 da, VF32 db) const {
    return hn::Add(hn::Mul(da, hn::Add(hn::Mul(aa, da), hn::Mul(hn::Add(ab, ab), db))),
                   hn::Mul(bb, hn::Mul(db, db)));
  }
};

/// What a fit arrived at. `value`: the numbers of the ends; `weight`: those of the grid,
/// in rows as wide as the block.
template <int kTexels, int kParts, int kEndMode>
struct Fitted {
  static constexpr int kValues = kParts * (2 * (kEndMode >> 2) + 2);
  VI32 error;
  VI32 choice;
  VI32 value[kValues];
  VI32 weight[kTexels];

  HWY_INLINE Fitted() : error(i32(kNoFit)), choice(i32(0)) {
    for (VI32& v : value) v = i32(0);
    for (VI32& w : weight) w = i32(0);
  }
};

HWY_INLINE VI32 rounded(const std::int32_t* table, VI32 row, VI32 value) {
  return look_up(table, hn::Add(row, value));
}

HWY_INLINE void swap_if(MI32 mask, VI32& a, VI32& b) {
  const VI32 old = a;
  a = blend(mask, b, a);
  b = blend(mask, old, b);
}
HWY_INLINE void swap_if(MF32 mask, VF32& a, VF32& b) {
  const VF32 old = a;
  a = blend(mask, b, a);
  b = blend(mask, old, b);
}

/// Ends as a decoder has them, and the numbers that say so.
template <int kChannels, int kEndMode>
struct CodedEnds {
  static constexpr int kValues = 2 * (kEndMode >> 2) + 2;
  VI32 a[kChannels];
  VI32 b[kChannels];
  VI32 value[kValues];
  MI32 valid;
};

HWY_INLINE VI32 to_code(VF32 v) { return round_up_half(clamp(v, 0, 255)); }

/// The numbers of a range around a real one.
HWY_INLINE void neighbours(VF32 v, VI32 row, const AstcRoundTables& tables, VI32 (&out)[2]) {
  const VI32 cut = hn::ConvertTo(TagI32(), clamp(v, 0, 255));
  out[0] = rounded(tables.color_down.data(), row, cut);
  out[1] = rounded(tables.color_up.data(), row, hn::Min(hn::Add(cut, i32(1)), i32(255)));
}

/// Modes 0, 4, 8 and 12: for both first ends around the real one the second end that goes best with
/// it. Of colors the larger end comes second, else it would mean blue contraction.
template <int kChannels, int kEndMode>
HWY_INLINE void code_direct(const VF32* a, const VF32* b, const Slope& slope, VI32 row,
                            const AstcRoundTables& tables, CodedEnds<kChannels, kEndMode>& out) {
  const VF32 pull = hn::Div(slope.ab, slope.bb);
  for (int c = 0; c < kChannels; ++c) {
    VI32 first[2];
    neighbours(a[c], row, tables, first);
    out.a[c] = out.b[c] = i32(0);
    VF32 least = f32(1e30f);
    for (const VI32 candidate : first) {
      const VF32 da = hn::Sub(to_float(candidate), a[c]);
      const VI32 other =
          rounded(tables.color.data(), row, to_code(hn::Sub(b[c], hn::Mul(pull, da))));
      const VF32 cost = slope.cost(da, hn::Sub(to_float(other), b[c]));
      const MI32 better = hn::RebindMask(TagI32(), hn::Lt(cost, least));
      least = hn::Min(cost, least);
      out.a[c] = blend(better, candidate, out.a[c]);
      out.b[c] = blend(better, other, out.b[c]);
    }
  }
  if constexpr (kChannels >= 3) {
    const VI32 sum_a = hn::Add(hn::Add(out.a[0], out.a[1]), out.a[2]);
    const VI32 sum_b = hn::Add(hn::Add(out.b[0], out.b[1]), out.b[2]);
    const MI32 swap = hn::Gt(sum_a, sum_b);
    for (int c = 0; c < kChannels; ++c) swap_if(swap, out.a[c], out.b[c]);
  }
  for (int c = 0; c < kChannels; ++c) {
    out.value[2 * c] = out.a[c];
    out.value[2 * c + 1] = out.b[c];
  }
  out.valid = hn::Eq(row, row);
}

/// A base of eight bits and an offset of -32..31, as decoded.
struct OffsetPair {
  VI32 base_value;
  VI32 offset_value;
  VI32 base;
  VI32 offset;
};

/// The offset of mode 9 that takes a base, coded as `base_value`, nearest to `end`.
HWY_INLINE OffsetPair offset_to(VI32 base_value, VI32 top, VF32 end, VI32 row,
                                const AstcRoundTables& tables) {
  OffsetPair out;
  out.base_value = base_value;
  out.base = hn::Or(hn::ShiftRight<1>(base_value), top);
  const VI32 wanted = hn::Min(hn::Max(hn::Sub(to_code(end), out.base), i32(-32)), i32(31));
  const VI32 bits = hn::Or(hn::ShiftLeft<1>(hn::And(wanted, i32(0x3f))), top);
  out.offset_value = rounded(tables.color_in_quarter.data(), row, bits);
  const VI32 magnitude = hn::And(hn::ShiftRight<1>(out.offset_value), i32(0x3f));
  out.offset = hn::Sub(hn::Xor(magnitude, i32(0x20)), i32(0x20));
  return out;
}

/// Modes 9 and 13, in the same way. Ends further apart than an offset do not fit.
template <int kChannels, int kEndMode>
HWY_INLINE void code_offset(const VF32* a, const VF32* b, const Slope& slope, VI32 row,
                            const AstcRoundTables& tables, CodedEnds<kChannels, kEndMode>& out) {
  const MF32 swap = hn::Gt(hn::Add(hn::Add(a[0], a[1]), a[2]), hn::Add(hn::Add(b[0], b[1]), b[2]));
  Slope s = slope;
  swap_if(swap, s.aa, s.bb);
  const VF32 pull = hn::Div(s.ab, s.bb);
  VI32 sum = i32(0);
  for (int c = 0; c < kChannels; ++c) {
    VF32 low = a[c], high = b[c];
    swap_if(swap, low, high);
    const VI32 top = hn::And(to_code(low), i32(0x80));
    const VF32 bits = hn::Add(hn::Sub(low, to_float(top)), f32(0.25f));
    VI32 first[2];
    neighbours(hn::Add(bits, bits), row, tables, first);
    VF32 least = f32(1e30f);
    OffsetPair best{i32(0), i32(0), i32(0), i32(0)};
    for (const VI32 candidate : first) {
      const VF32 da = hn::Sub(to_float(hn::Or(hn::ShiftRight<1>(candidate), top)), low);
      const OffsetPair pair =
          offset_to(candidate, top, hn::Sub(high, hn::Mul(pull, da)), row, tables);
      const VI32 end = hn::Add(pair.base, pair.offset);
      const VF32 cost = s.cost(da, hn::Sub(to_float(end), high));
      const MI32 better = hn::RebindMask(TagI32(), hn::Lt(cost, least));
      least = hn::Min(cost, least);
      best.base_value = blend(better, pair.base_value, best.base_value);
      best.offset_value = blend(better, pair.offset_value, best.offset_value);
      best.base = blend(better, pair.base, best.base);
      best.offset = blend(better, pair.offset, best.offset);
    }
    out.value[2 * c] = best.base_value;
    out.value[2 * c + 1] = best.offset_value;
    out.a[c] = best.base;
    out.b[c] = hn::Min(hn::Max(hn::Add(best.base, best.offset), i32(0)), i32(255));
    if (c < 3) sum = hn::Add(sum, best.offset);
  }
  out.valid = hn::Gt(sum, i32(-1));
}

/// Modes 6 and 10: the second end and how much of it the first one is.
template <int kChannels, int kEndMode>
HWY_INLINE void code_scale(const VF32* a, const VF32* b, VI32 row, const AstcRoundTables& tables,
                           CodedEnds<kChannels, kEndMode>& out) {
  VF32 ab = f32(0), bb = f32(1e-3f);
  for (int c = 0; c < 3; ++c) {
    out.b[c] = out.value[c] = rounded(tables.color.data(), row, to_code(b[c]));
    const VF32 v = to_float(out.b[c]);
    ab = hn::Add(ab, hn::Mul(a[c], v));
    bb = hn::Add(bb, hn::Mul(v, v));
  }
  // The decoder cuts off: half a code more.
  const VF32 scale = hn::Mul(hn::Add(hn::Div(ab, bb), f32(0.002f)), f32(256));
  out.value[3] = rounded(tables.color.data(), row, to_code(scale));
  for (int c = 0; c < 3; ++c) out.a[c] = hn::ShiftRight<8>(hn::Mul(out.b[c], out.value[3]));
  if constexpr (kChannels == 4) {
    out.a[3] = out.value[4] = rounded(tables.color.data(), row, to_code(a[3]));
    out.b[3] = out.value[5] = rounded(tables.color.data(), row, to_code(b[3]));
  }
  out.valid = hn::Eq(row, row);
}

template <int kChannels, int kEndMode>
HWY_INLINE void code_ends(const VF32* a, const VF32* b, const Slope& slope, VI32 row,
                          const AstcRoundTables& tables, CodedEnds<kChannels, kEndMode>& out) {
  if constexpr (kEndMode % 4 == 0)
    code_direct(a, b, slope, row, tables, out);
  else if constexpr (kEndMode == 9 || kEndMode == 13)
    code_offset(a, b, slope, row, tables, out);
  else
    code_scale(a, b, row, tables, out);
}

/// How decoders turn s = 64 a + (b - a) w into a code: (s + (s + 32 >> shift) + add) >> 6.
struct Rounding {
  int shift;
  std::int32_t add;
};
HWY_INLINE constexpr Rounding rounding_of(bool srgb) {
  return srgb ? Rounding{31, 32} : Rounding{8, 0};
}
HWY_INLINE VI32 decoded_code(VI32 s, const Rounding& rounding) {
  const VI32 carry = hn::ShiftRightSame(hn::Add(s, i32(32)), rounding.shift);
  return hn::ShiftRight<6>(hn::Add(hn::Add(s, carry), i32(rounding.add)));
}

/// One fit of lines and weights. See run().
template <class Grid, int kTexels, int kChannels, int kParts, int kEndMode>
class Fitter {
 public:
  using Texels = LaneTexels<kTexels, kChannels>;
  using Part = Members<kTexels, kParts>;
  using Line = Lines<kParts, kChannels>;
  using Fit = Fitted<kTexels, kParts, kEndMode>;
  using Coded = CodedEnds<kChannels, kEndMode>;

  HWY_INLINE Fitter(const Texels& texels, const Part& part, const LaneChoice& choice,
                    const Rounding& rounding)
      : texels_(texels), part_(part), choice_(choice), rounding_(rounding), grid_(choice) {}

  /// Rounds the ends, chooses weights, measures; then `rounds` times again from the ends that are
  /// best for those weights. Offers each to `best`.
  HWY_INLINE void run(Line& line, int rounds, Fit& best) {
    for (Slope& slope : slope_) slope = {f32(2), f32(1), f32(2)};  // weights evenly spread
    for (int round = 0;; ++round) {
      Coded coded[kParts];
      for (int p = 0; p < kParts; ++p)
        code_ends(line.a[p], line.b[p], slope_[p], choice_.color_row, tables_, coded[p]);
      choose_weights(coded);
      offer(coded, measure(coded), best);
      if (round == rounds) return;
      solve(line);
    }
  }

 private:
  /// The nearest weights on the coded lines.
  HWY_INLINE void choose_weights(const Coded (&coded)[kParts]) {
    // w = (x - a) . d * 64 / d . d, as x . step - start.
    VF32 step[kChannels][kParts];
    VF32 start[kParts];
    for (int p = 0; p < kParts; ++p) {
      VF32 length = f32(0);
      for (int c = 0; c < kChannels; ++c) {
        step[c][p] = to_float(hn::Sub(coded[p].b[c], coded[p].a[c]));
        length = hn::Add(length, hn::Mul(step[c][p], step[c][p]));
      }
      const VF32 scale = hn::IfThenElseZero(hn::Gt(length, f32(0.5f)), hn::Div(f32(64), length));
      start[p] = f32(0);
      for (int c = 0; c < kChannels; ++c) {
        step[c][p] = hn::Mul(step[c][p], scale);
        start[p] = hn::Add(start[p], hn::Mul(step[c][p], to_float(coded[p].a[c])));
      }
    }
    VF32 ideal[kTexels];
    for (int i = 0; i < kTexels; ++i) {
      VF32 w = hn::Neg(part_.pick(i, start));
      for (int c = 0; c < kChannels; ++c)
        w = hn::Add(w, hn::Mul(texels_.at[c][i], part_.pick(i, step[c])));
      ideal[i] = w;
    }
    grid_.round(ideal);
  }

  /// The squared error of what a decoder makes of the coded lines and the weights.
  HWY_INLINE VI32 measure(const Coded (&coded)[kParts]) const {
    VI32 sum = i32(0);
    for (int c = 0; c < kChannels; ++c) {
      VI32 base[kParts];
      VI32 difference[kParts];
      for (int p = 0; p < kParts; ++p) {
        base[p] = hn::ShiftLeft<6>(coded[p].a[c]);
        difference[p] = hn::Sub(coded[p].b[c], coded[p].a[c]);
      }
      for (int i = 0; i < kTexels; ++i) {
        const VI32 s = hn::Add(pick(i, base), hn::Mul(pick(i, difference), grid_.texel[i]));
        const VI32 error = hn::Sub(decoded_code(s, rounding_), channel_of(texels_.words[i], c));
        sum = hn::Add(sum, hn::Mul(error, error));
      }
    }
    for (int p = 0; p < kParts; ++p) sum = blend(coded[p].valid, sum, i32(kNoFit));
    return sum;
  }

  HWY_INLINE void offer(const Coded (&coded)[kParts], VI32 error, Fit& best) const {
    const MI32 better = hn::Lt(error, best.error);
    if (hn::AllFalse(TagI32(), better)) return;
    best.error = hn::Min(error, best.error);
    best.choice = blend(better, choice_.index, best.choice);
    for (int p = 0; p < kParts; ++p)
      for (int k = 0; k < Coded::kValues; ++k) {
        VI32& value = best.value[p * Coded::kValues + k];
        value = blend(better, coded[p].value[k], value);
      }
    for (int i = 0; i < kTexels; ++i)
      best.weight[i] = blend(better, grid_.grid()[i], best.weight[i]);
  }

  /// Least squares: the lines that are best for the weights, where they determine one.
  HWY_INLINE void solve(Line& line) {
    VF32 n[kParts], w1[kParts], w2[kParts], x[kParts][kChannels], wx[kParts][kChannels];
    for (int p = 0; p < kParts; ++p) {
      n[p] = w1[p] = w2[p] = f32(0);
      for (int c = 0; c < kChannels; ++c) x[p][c] = wx[p][c] = f32(0);
    }
    for (int i = 0; i < kTexels; ++i) {
      const VF32 w = hn::Mul(to_float(grid_.texel[i]), f32(1.0f / 64));
      accumulate(i, f32(1), n);
      accumulate(i, w, w1);
      accumulate(i, hn::Mul(w, w), w2);
      for (int c = 0; c < kChannels; ++c) {
        accumulate_channel(i, texels_.at[c][i], c, x);
        accumulate_channel(i, hn::Mul(w, texels_.at[c][i]), c, wx);
      }
    }
    settle(n);
    settle(w1);
    settle(w2);
    for (int c = 0; c < kChannels; ++c) {
      for (int p = 1; p < kParts; ++p) {
        x[0][c] = hn::Sub(x[0][c], x[p][c]);
        wx[0][c] = hn::Sub(wx[0][c], wx[p][c]);
      }
    }
    for (int p = 0; p < kParts; ++p)
      solve_part(n[p], w1[p], w2[p], x[p], wx[p], line.a[p], line.b[p], slope_[p]);
  }

  /// Adds to the sum of all texels, in [0], and to that of the texel's partition, if not the first.
  HWY_INLINE void accumulate(int texel, VF32 v, VF32 (&sum)[kParts]) const {
    sum[0] = hn::Add(sum[0], v);
    for (int p = 1; p < kParts; ++p)
      sum[p] = hn::Add(sum[p], hn::IfThenElseZero(part_.member[p - 1][texel], v));
  }
  HWY_INLINE void accumulate_channel(int texel, VF32 v, int c,
                                     VF32 (&sum)[kParts][kChannels]) const {
    sum[0][c] = hn::Add(sum[0][c], v);
    for (int p = 1; p < kParts; ++p)
      sum[p][c] = hn::Add(sum[p][c], hn::IfThenElseZero(part_.member[p - 1][texel], v));
  }
  HWY_INLINE static void settle(VF32 (&sum)[kParts]) {
    for (int p = 1; p < kParts; ++p) sum[0] = hn::Sub(sum[0], sum[p]);
  }

  HWY_INLINE static void solve_part(VF32 n, VF32 w1, VF32 w2, const VF32 (&x)[kChannels],
                                    const VF32 (&wx)[kChannels], VF32 (&a)[kChannels],
                                    VF32 (&b)[kChannels], Slope& slope) {
    const VF32 vw = hn::Sub(w1, w2);              // sum of (1 - w) w
    const VF32 vv = hn::Sub(hn::Sub(n, w1), vw);  // sum of (1 - w)^2
    const VF32 determinant = hn::Sub(hn::Mul(vv, w2), hn::Mul(vw, vw));
    const MF32 solvable = hn::Gt(determinant, f32(1e-3f));
    const VF32 scale = hn::Div(f32(1), hn::Max(determinant, f32(1e-3f)));
    slope.aa = blend(solvable, vv, slope.aa);
    slope.ab = blend(solvable, vw, slope.ab);
    slope.bb = blend(solvable, w2, slope.bb);
    for (int c = 0; c < kChannels; ++c) {
      const VF32 vx = hn::Sub(x[c], wx[c]);
      const VF32 new_a = hn::Mul(hn::Sub(hn::Mul(w2, vx), hn::Mul(vw, wx[c])), scale);
      const VF32 new_b = hn::Mul(hn::Sub(hn::Mul(vv, wx[c]), hn::Mul(vw, vx)), scale);
      a[c] = blend(solvable, new_a, a[c]);
      b[c] = blend(solvable, new_b, b[c]);
    }
  }

  [[nodiscard]] HWY_INLINE VI32 pick(int texel, const VI32 (&by_part)[kParts]) const {
    VI32 out = by_part[0];
    for (int p = 1; p < kParts; ++p)
      out = blend(hn::RebindMask(TagI32(), part_.member[p - 1][texel]), by_part[p], out);
    return out;
  }

  const Texels& texels_;
  const Part& part_;
  const LaneChoice& choice_;
  const Rounding& rounding_;
  const AstcRoundTables& tables_ = astc_round_tables();
  Grid grid_;
  Slope slope_[kParts];
};

}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#endif  // FORGE3D_ASTC_FIT_INL
