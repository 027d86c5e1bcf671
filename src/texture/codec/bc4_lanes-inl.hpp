// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Encoder of the one-channel block of BC3's alpha, BC4 and BC5 (KDFS 1.3, chapter "RGTC"): two ends
// and 16 indices into the values on the line between them. A pair of ends is judged by rounding
// every texel to its place on the line, about a dozen 16-bit operations a texel; so the search is
// plain: least squares for the ends given the indices, then the pairs of ends round about. Blocks
// with texels at 0 or at the top also try the palette of six values that has those two apart.

#if defined(FORGE3D_BC4_LANES_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef FORGE3D_BC4_LANES_INL
#undef FORGE3D_BC4_LANES_INL
#else
#define FORGE3D_BC4_LANES_INL
#endif

#include "texture/codec/short_lanes-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace forge3d::codec {
namespace HWY_NAMESPACE {

/// Encoded blocks, 16-bit lanes.
template <class V>
struct Bc4Block {
  V words[4];  ///< the 8 bytes as little-endian words
  V error;     ///< sum of squared differences to what a decoder gives, exact
};

/// The line between two ends with kSteps steps: 7 for the palette of eight values; 5 for that of
/// six, which has 0 and the top beside the line.
template <int kSteps, class D>
class Bc4Line {
 public:
  using V = hn::Vec<D>;

  /// `edges`: how far each texel is from 0 or the top, whichever is nearer (not read for 7 steps).
  HWY_INLINE Bc4Line(const V (&values)[16], const V (&edges)[16], V top)
      : values_(values), edges_(edges), top_(top) {}

  /// The best ends so far. They may be less than kSteps apart; then high is low + kSteps.
  V low, high, error;

  HWY_INLINE void start(V first_low, V first_high) {
    low = first_low;
    high = first_high;
    error = measure<false>(low, high, nullptr);
  }

  HWY_INLINE void attempt(V new_low, V new_high) {
    keep_better(new_low, new_high, measure<false>(new_low, new_high, nullptr));
  }

  /// `times` rounds of: indices for the ends, then the ends that suit those indices best.
  HWY_INLINE void refine(int times) {
    Sums sums;
    V new_low = low, new_high = high;
    for (int i = 0; i < times; ++i) {
      keep_better(new_low, new_high, measure<true>(new_low, new_high, &sums));
      solve(sums, new_low, new_high);
    }
    attempt(new_low, new_high);
  }

  /// One step for each end alone.
  HWY_INLINE void try_neighbours() {
    const D d;
    const V one = hn::Set(d, 1), old_low = low, old_high = high;
    attempt(hn::SaturatedSub(old_low, one), old_high);
    attempt(hn::Add(old_low, one), old_high);
    attempt(old_low, hn::SaturatedSub(old_high, one));
    attempt(old_low, hn::Min(hn::Add(old_high, one), top_));
  }

  /// All pairs with either end at most `radius` from where it is.
  HWY_INLINE void try_window(int radius) {
    const D d;
    const V reach = hn::Set(d, static_cast<std::uint16_t>(radius));
    const V old_low = low, old_high = high;
    for (int i = 0; i <= 2 * radius; ++i) {
      const V step_low = hn::Set(d, static_cast<std::uint16_t>(i));
      const V new_low = hn::SaturatedSub(hn::Add(old_low, step_low), reach);
      for (int j = 0; j <= 2 * radius; ++j) {
        const V step_high = hn::Set(d, static_cast<std::uint16_t>(j));
        attempt(new_low, hn::Min(hn::SaturatedSub(hn::Add(old_high, step_high), reach), top_));
      }
    }
  }

  /// Squared distance of texel i to the value at `place` (0 at low). After settle().
  HWY_INLINE V squared_off(V place, int i) const {
    const V off = hn::Sub(values_[i], value_at(place, hn::Sub(high, low), line_base(low)));
    return hn::Mul(off, off);
  }

  /// Makes the ends those that the block stores: kSteps apart or more, both within 0..top.
  HWY_INLINE void settle() {
    const D d;
    const V steps = hn::Set(d, kSteps);
    const auto narrow = hn::Lt(hn::SaturatedSub(high, low), steps);
    low = hn::IfThenElse(narrow, hn::Min(low, hn::Sub(top_, steps)), low);
    high = hn::IfThenElse(narrow, hn::Add(low, steps), high);
  }

  /// The nearest place on the line for each texel, by exact comparison with the middles between the
  /// decoded values: minus its number (0 at low), and the squared differences' sum. After settle().
  HWY_INLINE void place(V (&negative)[16], V& exact) const {
    const D d;
    const hn::RebindToSigned<D> di;
    const V range = hn::Sub(high, low), base = line_base(low);
    V middles[kSteps], last = low;
    for (int k = 0; k < kSteps; ++k) {
      const V next = value_at(hn::Set(d, static_cast<std::uint16_t>(k + 1)), range, base);
      middles[k] = hn::ShiftRight<1>(hn::Add(last, next));
      last = next;
    }
    exact = hn::Zero(d);
    for (int i = 0; i < 16; ++i) {
      V count = hn::Zero(d);
      for (int k = 0; k < kSteps; ++k)
        count = hn::Add(count,
                        hn::VecFromMask(d, hn::RebindMask(d, hn::Gt(hn::BitCast(di, values_[i]),
                                                                    hn::BitCast(di, middles[k])))));
      negative[i] = count;
      const V off = hn::Sub(values_[i], value_at(hn::Sub(hn::Zero(d), count), range, base));
      exact = hn::SaturatedAdd(exact, squared_distance(off, i));
    }
  }

 private:
  struct Sums {
    V count, index, index2, value, both;
  };

  /// The numerator of the value at low, with what makes the division round to the nearest code.
  static HWY_INLINE V line_base(V low) {
    const D d;
    return hn::Add(hn::Mul(low, hn::Set(d, kSteps)), hn::Set(d, kSteps / 2));
  }
  /// The decoded value: (place * range + base) / kSteps, exact for numerators below 13107.
  static HWY_INLINE V value_at(V place, V range, V base) {
    return hn::MulHigh(hn::Add(hn::Mul(place, range), base), hn::Set(D(), 65536 / kSteps + 1));
  }

  HWY_INLINE V distance(V off, int i) const {
    const D d;
    const hn::RebindToSigned<D> di;
    return hn::Min(hn::BitCast(d, hn::Abs(hn::BitCast(di, off))), edges_[i]);
  }
  HWY_INLINE V squared_distance(V off, int i) const {
    if constexpr (kSteps == 5) off = distance(off, i);
    return hn::Mul(off, off);
  }

  HWY_INLINE void keep_better(V new_low, V new_high, V new_error) {
    const auto better = hn::Lt(new_error, error);
    low = hn::IfThenElse(better, new_low, low);
    high = hn::IfThenElse(better, new_high, high);
    error = hn::IfThenElse(better, new_error, error);
  }

  /// The error with every texel rounded to its place on the line; 65535 where it is more.
  template <bool kSums>
  HWY_INLINE V measure(V from, V to, Sums* sums) const {
    const D d;
    const V range = hn::Max(hn::SaturatedSub(to, from), hn::Set(d, kSteps));
    const V scale = divide(d, 65536.0f * kSteps, range);
    const V base = line_base(from), half = hn::Set(d, 128), last = hn::Set(d, kSteps);
    V sum = hn::Zero(d);
    if constexpr (kSums) *sums = {sum, sum, sum, sum, sum};
    for (int i = 0; i < 16; ++i) {
      const V along = hn::SaturatedSub(values_[i], from);
      const V place = hn::MulHigh(hn::ShiftLeft<8>(along), scale);
      const V index = hn::Min(hn::ShiftRight<8>(hn::Add(place, half)), last);
      const V off = hn::Sub(values_[i], value_at(index, range, base));
      sum = hn::SaturatedAdd(sum, squared_distance(off, i));
      if constexpr (kSums) add_sums(along, index, off, i, *sums);
    }
    return sum;
  }

  HWY_INLINE void add_sums(V along, V index, V off, int i, Sums& sums) const {
    const D d;
    V one = hn::Set(d, 1);
    if constexpr (kSteps == 5) {  // texels that take 0 or the top do not count
      const V mine =
          hn::Not(hn::VecFromMask(d, hn::Gt(hn::Mul(off, off), hn::Mul(edges_[i], edges_[i]))));
      one = hn::And(one, mine);
      along = hn::And(along, mine);
      index = hn::And(index, mine);
    }
    sums.count = hn::Add(sums.count, one);
    sums.index = hn::Add(sums.index, index);
    sums.index2 = hn::Add(sums.index2, hn::Mul(index, index));
    sums.value = hn::Add(sums.value, along);
    sums.both = hn::Add(sums.both, hn::Mul(index, along));
  }

  /// Least squares: the ends for the indices that the sums are of. `from` was the low end then.
  HWY_INLINE void solve(const Sums& sums, V& from, V& to) const {
    const D d;
    VU32 n[2], x[2], xx[2], y[2], xy[2], origin[2], first[2], second[2];
    split_groups(d, sums.count, n[0], n[1]);
    split_groups(d, sums.index, x[0], x[1]);
    split_groups(d, sums.index2, xx[0], xx[1]);
    split_groups(d, sums.value, y[0], y[1]);
    split_groups(d, sums.both, xy[0], xy[1]);
    split_groups(d, from, origin[0], origin[1]);
    for (int g = 0; g < kGroups<D>; ++g)
      solve_group(n[g], x[g], xx[g], y[g], xy[g], origin[g], first[g], second[g]);
    from = hn::Min(join_groups(d, first[0], first[kGroups<D> - 1]), top_);
    to = hn::Min(join_groups(d, second[0], second[kGroups<D> - 1]), top_);
  }

  static HWY_INLINE void solve_group(VU32 n, VU32 x, VU32 xx, VU32 y, VU32 xy, VU32 origin,
                                     VU32& first, VU32& second) {
    const TagU32 d;
    const TagI32 di;
    const TagF32 df;
    // Integers as far as they are exact: the sums stay below 2^20.
    const auto real = [=](VU32 v) HWY_ATTR { return hn::ConvertTo(df, hn::BitCast(di, v)); };
    const VF32 spread = real(hn::Sub(hn::Mul(n, xx), hn::Mul(x, x)));
    const VF32 along = real(hn::Sub(hn::Mul(n, xy), hn::Mul(x, y)));
    const VF32 one = hn::Set(df, 1.0f), half = hn::Set(df, 0.5f);
    const VF32 step = hn::Div(along, hn::Max(spread, one));
    const VF32 rest = hn::Sub(real(y), hn::Mul(real(x), step));
    const VF32 low = hn::Add(real(origin), hn::Div(rest, hn::Max(real(n), one)));
    const VF32 high = hn::Add(low, hn::Mul(step, hn::Set(df, kSteps)));
    const VF32 least = hn::Zero(df), most = hn::Set(df, 255.0f);
    first = hn::BitCast(d, hn::ConvertTo(di, hn::Clamp(hn::Add(low, half), least, most)));
    second = hn::BitCast(d, hn::ConvertTo(di, hn::Clamp(hn::Add(high, half), least, most)));
  }

  const V (&values_)[16];
  const V (&edges_)[16];
  V top_;
};

/// The effort of each quality on one palette.
template <int kSteps, class D>
HWY_INLINE void search_line(Bc4Line<kSteps, D>& line, Quality quality) {
  line.refine(2);
  if (quality == Quality::kFast) return line.try_neighbours();
  line.try_window(quality == Quality::kNormal ? 2 : 4);
  if (quality == Quality::kHigh) line.try_window(3);
}

/// 16 codes of 3 bits, the first in the lowest bits, behind the two ends.
template <class V>
HWY_INLINE void pack_words(V first, V second, const V (&codes)[16], V (&words)[4]) {
  words[0] = hn::Or(first, hn::ShiftLeft<8>(second));
  words[1] = hn::Or(hn::Or(hn::Or(codes[0], hn::ShiftLeft<3>(codes[1])),
                           hn::Or(hn::ShiftLeft<6>(codes[2]), hn::ShiftLeft<9>(codes[3]))),
                    hn::Or(hn::ShiftLeft<12>(codes[4]), hn::ShiftLeft<15>(codes[5])));
  words[2] = hn::Or(hn::Or(hn::Or(hn::ShiftRight<1>(codes[5]), hn::ShiftLeft<2>(codes[6])),
                           hn::Or(hn::ShiftLeft<5>(codes[7]), hn::ShiftLeft<8>(codes[8]))),
                    hn::Or(hn::ShiftLeft<11>(codes[9]), hn::ShiftLeft<14>(codes[10])));
  words[3] = hn::Or(hn::Or(hn::Or(hn::ShiftRight<2>(codes[10]), hn::ShiftLeft<1>(codes[11])),
                           hn::Or(hn::ShiftLeft<4>(codes[12]), hn::ShiftLeft<7>(codes[13]))),
                    hn::Or(hn::ShiftLeft<10>(codes[14]), hn::ShiftLeft<13>(codes[15])));
}

/// The ends as stored: codes minus `bias`, 8 bits.
template <class D, class V>
HWY_INLINE V stored_end(D d, V end, V bias) {
  return hn::And(hn::Sub(end, bias), hn::Set(d, 255));
}

/// Eight values: the higher end comes first; code 0 is high, 1 is low, then from high to low.
template <class D, class V>
HWY_INLINE void write_eight(D d, Bc4Line<7, D>& line, V bias, Bc4Block<V>& out) {
  const V one = hn::Set(d, 1), two = hn::Set(d, 2), seven = hn::Set(d, 7);
  V codes[16];
  line.settle();
  line.place(codes, out.error);
  for (V& code : codes) {
    code = hn::And(code, seven);
    code = hn::Xor(code, hn::IfThenElseZero(hn::Lt(code, two), one));
  }
  pack_words(stored_end(d, line.high, bias), stored_end(d, line.low, bias), codes, out.words);
}

/// Six values: the lower end comes first; code 0 is low, 1 is high, 2..5 go from low to high, 6 is
/// 0 and 7 the top.
template <class D, class V>
HWY_INLINE void write_six(D d, Bc4Line<5, D>& line, const V (&values)[16], const V (&edges)[16],
                          V top, V bias, Bc4Block<V>& out) {
  const V one = hn::Set(d, 1), five = hn::Set(d, 5);
  V codes[16];
  line.settle();
  line.place(codes, out.error);
  for (int i = 0; i < 16; ++i) {
    const V place = hn::Sub(hn::Zero(d), codes[i]);
    const auto beside = hn::Gt(line.squared_off(place, i), hn::Mul(edges[i], edges[i]));
    V code = hn::Add(place, one);
    code = hn::IfThenElse(hn::Eq(place, five), one, code);
    code = hn::IfThenZeroElse(hn::Eq(place, hn::Zero(d)), code);
    const V edge_code =
        hn::Add(hn::Set(d, 6), hn::IfThenElseZero(hn::Gt(values[i], hn::Sub(top, values[i])), one));
    codes[i] = hn::IfThenElse(beside, edge_code, code);
  }
  pack_words(stored_end(d, line.low, bias), stored_end(d, line.high, bias), codes, out.words);
}

/// The palette of six values for the lanes of `touching`, where it is better than `out`.
template <class D, class V, class M>
HWY_INLINE void encode_six(D d, const V (&values)[16], M touching, V top, V bias, Quality quality,
                           Bc4Block<V>& out) {
  // The line is for the texels between; those within kMargin of 0 and the top are taken for them.
  const V margin = hn::Set(d, 4);
  V edges[16], low = top, high = hn::Zero(d);
  for (int i = 0; i < 16; ++i) {
    edges[i] = hn::Min(values[i], hn::Sub(top, values[i]));
    const auto inner = hn::Gt(edges[i], margin);
    low = hn::Min(low, hn::IfThenElse(inner, values[i], top));
    high = hn::Max(high, hn::IfThenElseZero(inner, values[i]));
  }
  Bc4Line<5, D> line(values, edges, top);
  line.start(hn::Min(low, high), high);
  search_line(line, quality);
  Bc4Block<V> six;
  write_six(d, line, values, edges, top, bias, six);
  const auto better = hn::And(touching, hn::Lt(six.error, out.error));
  for (int i = 0; i < 4; ++i) out.words[i] = hn::IfThenElse(better, six.words[i], out.words[i]);
  out.error = hn::IfThenElse(better, six.error, out.error);
}

/// Encodes one channel. `values` are 0..top, top is 255 (unorm) or 254 with bias 127 (snorm; the
/// stored ends are value - bias).
template <class D, class V>
HWY_NOINLINE void encode_bc4(D d, const V (&values)[16], std::uint16_t top_value, Quality quality,
                             Bc4Block<V>& out) {
  const V top = hn::Set(d, top_value), zero = hn::Zero(d);
  const V bias = hn::Set(d, static_cast<std::uint16_t>(top_value == 255 ? 0 : 127));
  V low = values[0], high = values[0];
  for (const V& value : values) {
    low = hn::Min(low, value);
    high = hn::Max(high, value);
  }
  const auto flat = hn::Eq(low, high);
  const V end = stored_end(d, low, bias);
  out.words[0] = hn::Or(end, hn::ShiftLeft<8>(end));
  out.words[1] = out.words[2] = out.words[3] = out.error = zero;
  if (hn::AllTrue(d, flat)) return;
  Bc4Line<7, D> line(values, values, top);
  line.start(low, high);
  Bc4Block<V> found;
  if (!hn::AllFalse(d, hn::Gt(line.error, zero))) search_line(line, quality);
  write_eight(d, line, bias, found);
  const auto touching =
      hn::And(hn::Gt(found.error, zero), hn::Or(hn::Eq(low, zero), hn::Eq(high, top)));
  if (!hn::AllFalse(d, touching)) encode_six(d, values, touching, top, bias, quality, found);
  for (int i = 0; i < 4; ++i) out.words[i] = hn::IfThenElse(flat, out.words[i], found.words[i]);
  out.error = hn::IfThenZeroElse(flat, found.error);
}

/// Encodes a channel of one group of blocks, values 0..top. Two groups at once take little longer.
HWY_INLINE void encode_bc4(const VU32 (&group)[16], std::uint16_t top, Quality quality,
                           ChannelWords& out) {
  const TagU16One d;
  hn::Vec<TagU16One> values[16];
  for (int i = 0; i < 16; ++i) values[i] = join_groups(d, group[i], group[i]);
  Bc4Block<hn::Vec<TagU16One>> block;
  encode_bc4(d, values, top, quality, block);
  split_words(d, block.words, block.error, out, out);
}

/// Encodes a channel of two groups of blocks, values 0..top.
HWY_INLINE void encode_bc4(const VU32 (&first)[16], const VU32 (&second)[16], std::uint16_t top,
                           Quality quality, ChannelWords& first_out, ChannelWords& second_out) {
  if constexpr (kHasPairs) {
    const TagU16Two d;
    hn::Vec<TagU16Two> values[16];
    for (int i = 0; i < 16; ++i) values[i] = join_groups(d, first[i], second[i]);
    Bc4Block<hn::Vec<TagU16Two>> out;
    encode_bc4(d, values, top, quality, out);
    split_words(d, out.words, out.error, first_out, second_out);
  } else {
    encode_bc4(first, top, quality, first_out);
    encode_bc4(second, top, quality, second_out);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#endif  // FORGE3D_BC4_LANES_INL
