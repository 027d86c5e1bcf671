// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Encoder of the one-channel block of EAC R11 and RG11 and of ETC2 RGBA's alpha (KDFS 1.3, chapter
// "ETC2 Compressed Texture Image Formats"): a base, a multiplier and one of 16 tables of eight
// modifiers; value = base + modifier * multiplier.
//
// Every table is symmetric: with the positive modifiers M0..M3 the negative ones are -1 - M0..M3.
// About the centre base - multiplier / 2 a block therefore has four distances, and a texel is
// rounded to the nearest of those, about a dozen 16-bit operations. That makes it cheap to judge
// all tables, keep the best few of each block and try the bases and multipliers around them.

#if defined(FORGE3D_EAC_LANES_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef FORGE3D_EAC_LANES_INL
#undef FORGE3D_EAC_LANES_INL
#else
#define FORGE3D_EAC_LANES_INL
#endif

#include "texture/codec/eac_tables.hpp"
#include "texture/codec/short_lanes-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace forge3d::codec {
namespace HWY_NAMESPACE {

/// Encoded blocks, 16-bit lanes.
template <class V>
struct EacBlock {
  V words[4];  ///< the 8 bytes as little-endian words
  V error;     ///< sum of squared differences to what a decoder gives, exact
};

/// Parameters of a block in each lane. `modifiers`: M0..M3 of the table, 4 bits each.
template <class V>
struct EacChoice {
  V base, multiplier, table, modifiers;
  V error;  ///< four times the sum of squared differences
};

/// The numbers that base + modifier * multiplier is compared with. A multiplier of 1 or more gives
/// unorm decoders base + modifier * multiplier to the nearest 8-bit code exactly (R11's 8 * x + 4
/// of 2047 is nearest to x of 255 for all x); so unorm levels are the codes. Snorm decoders round 8
/// * x of 1023 to x of 127 up to 73 and to x - 1 beyond: their levels count x, with 128 at zero.
struct EacLevels {
  bool is_snorm;

  [[nodiscard]] constexpr std::uint16_t top() const { return is_snorm ? 256 : 255; }
  [[nodiscard]] constexpr std::uint16_t least_base() const { return is_snorm ? 1 : 0; }
  [[nodiscard]] constexpr std::uint16_t code_top() const { return is_snorm ? 254 : 255; }

  /// The level of a code 0..code_top().
  template <class D, class V>
  HWY_INLINE V from_code(D d, V code) const {
    if (!is_snorm) return code;
    const V one = hn::Set(d, 1);
    const V above = hn::IfThenElseZero(hn::Gt(code, hn::Set(d, 127 + 73)), one);
    const V below = hn::IfThenElseZero(hn::Lt(code, hn::Set(d, 127 - 73)), one);
    return hn::Sub(hn::Add(hn::Add(code, one), above), below);
  }
  /// The code that a level 0..top() decodes to.
  template <class D, class V>
  HWY_INLINE V to_code(D d, V level) const {
    if (!is_snorm) return level;
    const V one = hn::Set(d, 1);
    const V above = hn::IfThenElseZero(hn::Gt(level, hn::Set(d, 128 + 73)), one);
    const V below = hn::IfThenElseZero(hn::Lt(level, hn::Set(d, 128 - 73)), one);
    return hn::Sub(hn::Add(hn::Sub(level, one), below), above);
  }
};

template <class D>
class EacSearch {
 public:
  using V = hn::Vec<D>;
  using Choice = EacChoice<V>;

  /// How much is tried; see search().
  struct Effort {
    int kept;               ///< tables kept for the second round, <= kMostKept
    int first_multipliers;  ///< for each table in the first round, from the nearest down
    bool refine;            ///< move the base by the mean of what is left, in the first round
    int bases;              ///< second round: as many to either side
    int multipliers;        ///< the same
  };
  static constexpr int kMostKept = 8;

  /// `codes` are 0..levels.code_top().
  HWY_INLINE EacSearch(const V (&codes)[16], EacLevels levels) : levels_(levels) {
    const D d;
    const DI di;
    low_ = high_ = levels.from_code(d, codes[0]);
    for (int i = 0; i < 16; ++i) {
      const V level = levels.from_code(d, codes[i]);
      low_ = hn::Min(low_, level);
      high_ = hn::Max(high_, level);
      doubled_[i] = hn::BitCast(di, hn::Add(level, level));
    }
    const V top = hn::Set(d, levels.top());
    touching_ = hn::Or(hn::Eq(low_, hn::Zero(d)), hn::Eq(high_, top));
  }

  [[nodiscard]] HWY_INLINE Choice search(const Effort& effort) const {
    const D d;
    const auto flat = hn::Eq(low_, high_);
    // The flattest table has every level next to its base.
    Choice best = spanning(13, 0);
    best.base = base_within(low_);
    if (hn::AllTrue(d, flat)) return best;
    const Choice found =
        hn::AllFalse(d, touching_) ? search_as<false>(effort) : search_as<true>(effort);
    keep_where(hn::Not(flat), found, best);
    return best;
  }

 private:
  using DI = hn::RebindToSigned<D>;
  using VI = hn::Vec<DI>;

  /// Multipliers 1..15 and bases within the format's range.
  static HWY_INLINE V multiplier_within(V multiplier) {
    const D d;
    return hn::Min(hn::Max(multiplier, hn::Set(d, 1)), hn::Set(d, 15));
  }
  HWY_INLINE V base_within(V base) const {
    const D d;
    return hn::Min(hn::Max(base, hn::Set(d, levels_.least_base())), hn::Set(d, 255));
  }
  /// x + step, at least 0. |step| <= 256.
  static HWY_INLINE V moved(V x, int step) {
    const D d;
    return hn::SaturatedSub(hn::Add(x, hn::Set(d, static_cast<std::uint16_t>(256 + step))),
                            hn::Set(d, 256));
  }

  static HWY_INLINE void keep_where(hn::Mask<D> mask, const Choice& other, Choice& choice) {
    choice.base = hn::IfThenElse(mask, other.base, choice.base);
    choice.multiplier = hn::IfThenElse(mask, other.multiplier, choice.multiplier);
    choice.table = hn::IfThenElse(mask, other.table, choice.table);
    choice.modifiers = hn::IfThenElse(mask, other.modifiers, choice.modifiers);
    choice.error = hn::IfThenElse(mask, other.error, choice.error);
  }
  static HWY_INLINE void keep_better(const Choice& other, Choice& best) {
    keep_where(hn::Lt(other.error, best.error), other, best);
  }
  /// The better of the two into `best`, the other into `other`.
  static HWY_INLINE void sort(Choice& other, Choice& best) {
    const Choice old = best;
    const auto better = hn::Lt(other.error, old.error);
    keep_where(better, other, best);
    keep_where(better, old, other);
  }

  /// First round: every table with the multiplier that spans the block, in the middle of it. Second
  /// round: what lies around the best of those.
  template <bool kTouching>
  HWY_INLINE Choice search_as(const Effort& effort) const {
    const D d;
    Choice kept[kMostKept];
    for (Choice& choice : kept) choice = spanning(15, 0);
    for (int table = 0; table < 16; ++table) {
      Choice found = best_of_table<kTouching>(table, effort);
      for (int i = 0; i < effort.kept; ++i) sort(found, kept[i]);
    }
    Choice best = kept[0];
    if (hn::AllFalse(d, hn::Gt(best.error, hn::Zero(d)))) return best;
    for (int i = 0; i < effort.kept; ++i)
      for (int m = -effort.multipliers; m <= effort.multipliers; ++m) {
        Choice tried = kept[i];
        tried.multiplier = multiplier_within(moved(kept[i].multiplier, m));
        for (int b = -effort.bases; b <= effort.bases; ++b) {
          if (b == 0 && m == 0) continue;
          tried.base = base_within(moved(kept[i].base, b));
          tried.error = measure<kTouching, false>(tried, nullptr);
          keep_better(tried, best);
        }
      }
    return best;
  }

  /// The table with the multiplier that spans the block, less `below`, in the middle of the block.
  HWY_INLINE Choice spanning(int table, int below) const {
    const D d;
    const auto width = static_cast<std::uint16_t>(2 * kEacModifiers[table][3] + 1);
    const V span = hn::Add(hn::Sub(high_, low_), hn::Set(d, width / 2));
    // span / width: exact below 65536 / width.
    const V nearest = hn::MulHigh(span, hn::Set(d, static_cast<std::uint16_t>(65536 / width + 1)));
    Choice choice;
    choice.table = hn::Set(d, static_cast<std::uint16_t>(table));
    choice.modifiers = hn::Set(d, packed_modifiers(table));
    choice.multiplier = multiplier_within(moved(nearest, -below));
    const V sum = hn::Add(hn::Add(low_, high_), hn::Add(choice.multiplier, hn::Set(d, 1)));
    choice.base = base_within(hn::ShiftRight<1>(sum));
    choice.error = hn::Set(d, 65535);
    return choice;
  }

  template <bool kTouching>
  HWY_INLINE Choice best_of_table(int table, const Effort& effort) const {
    const D d;
    const DI di;
    Choice best = spanning(table, 0);
    for (int i = 0; i < effort.first_multipliers; ++i) {
      Choice tried = spanning(table, i);
      if (effort.refine) {
        VI rest;
        tried.error = measure<kTouching, true>(tried, &rest);
        keep_better(tried, best);
        const VI step = hn::ShiftRight<5>(hn::Add(rest, hn::Set(di, 16)));
        const VI base = hn::Max(hn::Add(hn::BitCast(di, tried.base), step), hn::Zero(di));
        tried.base = base_within(hn::BitCast(d, base));
      }
      tried.error = measure<kTouching, false>(tried, nullptr);
      keep_better(tried, best);
    }
    return best;
  }

  static constexpr std::uint16_t packed_modifiers(int table) {
    const auto& m = kEacModifiers[table];
    return static_cast<std::uint16_t>(m[0] | m[1] << 4 | m[2] << 8 | m[3] << 12);
  }

  /// Four times the sum of squared differences, 65535 where it is more; a choice made here is never
  /// so far from its block that one square passes 16 bits. `rest`: twice the sum of texel minus
  /// value. kTouching: in lanes with texels at 0 or the top, values beyond are cut.
  template <bool kTouching, bool kRest>
  HWY_INLINE V measure(const Choice& choice, VI* rest) const {
    const D d;
    const DI di;
    V distances[4];
    modifier_distances(choice, distances);
    const VI center =
        hn::BitCast(di, hn::Sub(hn::Add(choice.base, choice.base), choice.multiplier));
    const VI last = hn::BitCast(di, distances[3]);
    const Pairs pairs(distances);
    const VI far = hn::Set(di, 32767), twice_top = hn::Set(di, 2 * levels_.top());
    VI not_low = far, not_high = far;
    if constexpr (kTouching) {
      const VI mine = hn::IfThenZeroElse(hn::RebindMask(di, touching_), far);
      not_low = hn::Or(mine, hn::IfThenElseZero(hn::Gt(center, last), far));
      not_high = hn::Or(mine, hn::IfThenElseZero(hn::Lt(hn::Add(center, last), twice_top), far));
    }
    V sum = hn::Zero(d);
    if constexpr (kRest) *rest = hn::Zero(di);
    for (int i = 0; i < 16; ++i) {
      const VI from_center = hn::Sub(doubled_[i], center);
      const VI distance = hn::Abs(from_center);
      VI off = kRest ? pairs.signed_off(distance) : pairs.off(distance);
      if constexpr (kTouching)
        off = cut(off, hn::Or(doubled_[i], not_low),
                  hn::Or(hn::Sub(twice_top, doubled_[i]), not_high));
      sum = hn::SaturatedAdd(sum, hn::BitCast(d, hn::Mul(off, off)));
      if constexpr (kRest) {
        const VI sign = hn::ShiftRight<15>(from_center);
        *rest = hn::Add(*rest, hn::Sub(hn::Xor(off, sign), sign));
      }
    }
    return sum;
  }

  /// Twice the distances of the choice's values from the centre, ascending.
  static HWY_INLINE void modifier_distances(const Choice& choice, V (&distances)[4]) {
    const D d;
    const V digit = hn::Set(d, 15), one = hn::Set(d, 1);
    distances[0] = hn::And(choice.modifiers, digit);
    distances[1] = hn::And(hn::ShiftRight<4>(choice.modifiers), digit);
    distances[2] = hn::And(hn::ShiftRight<8>(choice.modifiers), digit);
    distances[3] = hn::ShiftRight<12>(choice.modifiers);
    for (V& x : distances) x = hn::Mul(hn::Add(hn::Add(x, x), one), choice.multiplier);
  }

  /// The four distances as two pairs: how far a texel is from the nearest is a matter of folding
  /// its distance at the middle of either pair.
  struct Pairs {
    VI first, middles[3], halves[3];  ///< halves: of the steps from one distance to the next

    HWY_INLINE explicit Pairs(const V (&distances)[4]) : first(hn::BitCast(DI(), distances[0])) {
      const DI di;
      for (int j = 0; j < 3; ++j) {  // distances are all even or all odd
        const V sum = hn::Add(distances[j], distances[j + 1]);
        middles[j] = hn::BitCast(di, hn::ShiftRight<1>(sum));
        halves[j] = hn::BitCast(di, hn::ShiftRight<1>(hn::Sub(distances[j + 1], distances[j])));
      }
    }
    [[nodiscard]] HWY_INLINE VI off(VI distance) const {
      const VI low = hn::Sub(hn::Abs(hn::Sub(distance, middles[0])), halves[0]);
      const VI high = hn::Sub(hn::Abs(hn::Sub(distance, middles[2])), halves[2]);
      return hn::Min(hn::Abs(low), hn::Abs(high));
    }
    /// The same, below 0 where the nearest is farther out.
    [[nodiscard]] HWY_INLINE VI signed_off(VI distance) const {
      const DI di;
      VI off = hn::Sub(distance, first);
      for (int j = 0; j < 3; ++j) {
        const VI beyond = hn::VecFromMask(di, hn::Gt(distance, middles[j]));
        off = hn::Sub(off, hn::And(beyond, hn::Add(halves[j], halves[j])));
      }
      return off;
    }
  };

  /// `off`, or the distance to 0 or the top where that is nearer.
  static HWY_INLINE VI cut(VI off, VI to_low, VI to_high) {
    const VI edge = hn::Min(to_low, to_high);
    return hn::IfThenElse(hn::Lt(edge, hn::Abs(off)), edge, off);
  }

  EacLevels levels_;
  V low_, high_;
  VI doubled_[16];
  hn::Mask<D> touching_;
};

template <class D>
HWY_INLINE typename EacSearch<D>::Effort eac_effort(Quality quality) {
  switch (quality) {
    case Quality::kFast:
      return {.kept = 2, .first_multipliers = 1, .refine = false, .bases = 2, .multipliers = 0};
    case Quality::kNormal:
      return {.kept = 4, .first_multipliers = 1, .refine = true, .bases = 4, .multipliers = 1};
    default:
      return {.kept = 8, .first_multipliers = 2, .refine = true, .bases = 8, .multipliers = 1};
  }
}

/// The code of each texel's nearest value (its place in the table), and the exact error.
template <class D, class V>
HWY_INLINE void place_eac(D d, const V (&codes)[16], EacLevels levels, const EacChoice<V>& choice,
                          V (&indices)[16], V& error) {
  const hn::RebindToSigned<D> di;
  // Values from the lowest up: places 0..3 have modifiers -1 - M3..M0, places 4..7 M0..M3.
  V values[8], middles[7], steps[7];
  const V zero = hn::Zero(d), top = hn::Set(d, levels.top()), digit = hn::Set(d, 15);
  V packed = choice.modifiers;
  for (int j = 0; j < 4; ++j, packed = hn::ShiftRight<4>(packed)) {
    const V up = hn::Mul(hn::And(packed, digit), choice.multiplier);
    const V down = hn::Add(up, choice.multiplier);
    values[3 - j] = levels.to_code(d, hn::SaturatedSub(choice.base, down));
    values[4 + j] = levels.to_code(d, hn::Min(hn::Add(choice.base, up), top));
  }
  for (int k = 0; k < 7; ++k) {
    middles[k] = hn::ShiftRight<1>(hn::Add(values[k], values[k + 1]));
    steps[k] = hn::Sub(values[k + 1], values[k]);
  }
  error = zero;
  const V three = hn::Set(d, 3);
  for (int i = 0; i < 16; ++i) {
    V place = zero, value = values[0];
    for (int k = 0; k < 7; ++k) {
      const V above = hn::VecFromMask(
          d, hn::RebindMask(d, hn::Gt(hn::BitCast(di, codes[i]), hn::BitCast(di, middles[k]))));
      place = hn::Sub(place, above);
      value = hn::Add(value, hn::And(above, steps[k]));
    }
    const V off = hn::Sub(codes[i], value);
    error = hn::SaturatedAdd(error, hn::Mul(off, off));
    // The stored index counts the negative modifiers downwards.
    indices[i] = hn::IfThenElse(hn::Gt(place, three), place, hn::Sub(three, place));
  }
}

/// Words as stored: base, multiplier and table, then 16 indices of 3 bits column by column, the
/// first in the highest bits.
template <class V>
HWY_INLINE void pack_eac(V base, const EacChoice<V>& choice, const V (&indices)[16],
                         V (&words)[4]) {
  V in_order[16];
  for (int i = 0; i < 16; ++i) in_order[i] = indices[4 * (i % 4) + i / 4];
  const auto& c = in_order;
  words[0] =
      hn::Or(base, hn::Or(hn::ShiftLeft<12>(choice.multiplier), hn::ShiftLeft<8>(choice.table)));
  words[1] = hn::Or(hn::Or(hn::Or(hn::ShiftLeft<13>(c[0]), hn::ShiftLeft<10>(c[1])),
                           hn::Or(hn::ShiftLeft<7>(c[2]), hn::ShiftLeft<4>(c[3]))),
                    hn::Or(hn::ShiftLeft<1>(c[4]), hn::ShiftRight<2>(c[5])));
  words[2] = hn::Or(hn::Or(hn::Or(hn::ShiftLeft<14>(c[5]), hn::ShiftLeft<11>(c[6])),
                           hn::Or(hn::ShiftLeft<8>(c[7]), hn::ShiftLeft<5>(c[8]))),
                    hn::Or(hn::ShiftLeft<2>(c[9]), hn::ShiftRight<1>(c[10])));
  words[3] = hn::Or(hn::Or(hn::Or(hn::ShiftLeft<15>(c[10]), hn::ShiftLeft<12>(c[11])),
                           hn::Or(hn::ShiftLeft<9>(c[12]), hn::ShiftLeft<6>(c[13]))),
                    hn::Or(hn::ShiftLeft<3>(c[14]), c[15]));
  for (int i = 1; i < 4; ++i)
    words[i] = hn::Or(hn::ShiftLeft<8>(words[i]), hn::ShiftRight<8>(words[i]));
}

/// Encodes one channel of codes 0..levels.code_top().
template <class D, class V>
HWY_NOINLINE void encode_eac(D d, const V (&codes)[16], EacLevels levels, Quality quality,
                             EacBlock<V>& out) {
  const EacSearch<D> search(codes, levels);
  const EacChoice<V> choice = search.search(eac_effort<D>(quality));
  V indices[16];
  place_eac(d, codes, levels, choice, indices, out.error);
  const V base = levels.is_snorm ? hn::Xor(choice.base, hn::Set(d, 128)) : choice.base;
  pack_eac(base, choice, indices, out.words);
}

/// Encodes a channel of one group of blocks. Two groups at once take little longer.
HWY_INLINE void encode_eac(const VU32 (&group)[16], EacLevels levels, Quality quality,
                           ChannelWords& out) {
  const TagU16One d;
  hn::Vec<TagU16One> codes[16];
  for (int i = 0; i < 16; ++i) codes[i] = join_groups(d, group[i], group[i]);
  EacBlock<hn::Vec<TagU16One>> block;
  encode_eac(d, codes, levels, quality, block);
  split_words(d, block.words, block.error, out, out);
}

/// Encodes a channel of two groups of blocks.
HWY_INLINE void encode_eac(const VU32 (&first)[16], const VU32 (&second)[16], EacLevels levels,
                           Quality quality, ChannelWords& first_out, ChannelWords& second_out) {
  if constexpr (kHasPairs) {
    const TagU16Two d;
    hn::Vec<TagU16Two> codes[16];
    for (int i = 0; i < 16; ++i) codes[i] = join_groups(d, first[i], second[i]);
    EacBlock<hn::Vec<TagU16Two>> block;
    encode_eac(d, codes, levels, quality, block);
    split_words(d, block.words, block.error, first_out, second_out);
  } else {
    encode_eac(first, levels, quality, first_out);
    encode_eac(second, levels, quality, second_out);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#endif  // FORGE3D_EAC_LANES_INL
