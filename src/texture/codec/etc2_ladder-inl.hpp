// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Colour codes near a mean, one for each sum of channels. A colour whose texels are spread along
// the gray axis has an error of its distance from their mean, plus a function of the sum of its
// channels alone: so for each sum only the code that is nearest to the mean counts.

#if defined(FORGE3D_ETC2_LADDER_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef FORGE3D_ETC2_LADDER_INL
#undef FORGE3D_ETC2_LADDER_INL
#else
#define FORGE3D_ETC2_LADDER_INL
#endif

#include "texture/codec/etc2_texels-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace forge3d::codec {
namespace HWY_NAMESPACE {

/// Codes on the way up the gray axis: the code below the mean, and which channels to step up first.
struct Ladder {
  PairTexel floor;
  PairTexel nearest;
  PairTexel one, two;  ///< 1 in the channel, the two channels that are nearest to their next code.
};

HWY_INLINE Ladder ladder_of(const PairTexel& sum, VF32 scale) {
  const TagI32 d;
  const TagF32 df;
  const VI32 sums[3] = {hn::And(sum.rb, hn::Set(d, 0xffff)), sum.g, hn::ShiftRight<16>(sum.rb)};
  VI32 floor[3];
  VF32 rest[3];
  for (int c = 0; c < 3; ++c) {
    const VF32 code = hn::Mul(hn::ConvertTo(df, sums[c]), scale);
    floor[c] = hn::ConvertTo(d, code);
    rest[c] = hn::Sub(code, hn::ConvertTo(df, floor[c]));
  }
  const auto below = [&](int a, int b) {
    return hn::VecFromMask(d, hn::RebindMask(d, hn::Lt(rest[a], rest[b])));
  };
  const VI32 rg = below(0, 1), rb = below(0, 2), gb = below(1, 2);
  const VI32 one = hn::Set(d, 1);
  // Minus the number of channels that go before this one.
  const VI32 order[3] = {hn::Add(rg, rb), hn::Sub(gb, hn::Add(rg, one)),
                         hn::Sub(hn::Set(d, -2), hn::Add(rb, gb))};
  const auto pairs = [](const VI32(&v)[3]) {
    return PairTexel{hn::Or(v[0], hn::ShiftLeft<16>(v[2])), v[1]};
  };
  VI32 first[3], second[3], nearest[3];
  for (int c = 0; c < 3; ++c) {
    first[c] = hn::And(hn::VecFromMask(d, hn::Eq(order[c], hn::Zero(d))), one);
    second[c] = hn::And(hn::VecFromMask(d, hn::Gt(order[c], hn::Set(d, -2))), one);
  }
  for (int c = 0; c < 3; ++c) {
    const auto up = hn::RebindMask(d, hn::Ge(rest[c], hn::Set(df, 0.5f)));
    nearest[c] = hn::Sub(floor[c], hn::VecFromMask(d, up));
  }
  return {pairs(floor), pairs(nearest), pairs(first), pairs(second)};
}

/// The code `step` steps above the floor of the mean; maybe out of range.
HWY_INLINE PairTexel step_of(const Ladder& ladder, int step) {
  constexpr int kFar = 100;
  const int whole = (step + 3 * kFar) / 3 - kFar, part = step - 3 * whole;
  const VI32 add = hn::Set(TagI32(), (whole & 0xffff) * kBoth);
  const PairTexel code{pair_add(ladder.floor.rb, add), pair_add(ladder.floor.g, add)};
  if (part == 1) return add_texels(code, ladder.one);
  if (part == 2) return add_texels(code, ladder.two);
  return code;
}

}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#endif  // FORGE3D_ETC2_LADDER_INL
