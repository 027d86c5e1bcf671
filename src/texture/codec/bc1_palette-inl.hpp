// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// The colours of BC1's lines, in lanes. A pair holds a channel of a line's first and last colour.

#if defined(FORGE3D_BC1_PALETTE_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef FORGE3D_BC1_PALETTE_INL
#undef FORGE3D_BC1_PALETTE_INL
#else
#define FORGE3D_BC1_PALETTE_INL
#endif

#include <hwy/highway.h>

#include "texture/codec/lane_pairs-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace forge3d::codec {
namespace HWY_NAMESPACE {

/// Codes of 5 or 6 bits as 8-bit values, the high bits repeated below.
HWY_INLINE Pairs widen_5(Pairs codes) {
  return shift_right_unsigned<2>(codes * both(std::int16_t{33}));
}
HWY_INLINE Pairs widen_6(Pairs codes) {
  return shift_right_unsigned<4>(codes * both(std::int16_t{65}));
}
template <int kChannel>
HWY_INLINE Pairs widen(Pairs codes) {
  return kChannel == 1 ? widen_6(codes) : widen_5(codes);
}

/// The channels of two 5:6:5 colours.
HWY_INLINE void unpack_ends(Pairs codes, Pairs (&rgb)[3]) {
  rgb[0] = widen_5(shift_right_unsigned<11>(codes));
  rgb[1] = widen_6(shift_right_unsigned<5>(codes) & both(std::int16_t{63}));
  rgb[2] = widen_5(codes & both(std::int16_t{31}));
}

/// The values one third and two thirds of the way from the low number to the high one, rounded to
/// the nearest. 21846 / 65536 is a third, exact for numbers this small.
HWY_INLINE Pairs thirds_between(Pairs ends) {
  return multiply_high(ends + ends + swap_halves(ends) + both(std::int16_t{1}),
                       both(std::int16_t{21846}));
}
/// The value half-way, halves rounded up, in both numbers.
HWY_INLINE Pairs half_between(Pairs ends) {
  return shift_right_unsigned<1>(ends + swap_halves(ends) + both(std::int16_t{1}));
}

}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#endif  // FORGE3D_BC1_PALETTE_INL
