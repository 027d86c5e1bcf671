// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// 16-bit lanes for blocks of one channel: half as wide as the lanes of block_lanes-inl.hpp, so that
// a vector holds two values for each of BlockLanes() lanes: a group of blocks in the low halves of
// the 32-bit lanes, a second group (or a second channel) in the high halves. Nothing has to cross
// lanes for it. Functions take the vector's tag, because groups may also come one at a time, in
// vectors of half the width.

#if defined(FORGE3D_SHORT_LANES_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef FORGE3D_SHORT_LANES_INL
#undef FORGE3D_SHORT_LANES_INL
#else
#define FORGE3D_SHORT_LANES_INL
#endif

#include "texture/codec/block_lanes-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace forge3d::codec {
namespace HWY_NAMESPACE {

/// One group: as many lanes as TagU32 has.
using TagU16One = hn::Rebind<std::uint16_t, TagU32>;
/// Two groups; the reference, whose vectors have one lane, takes them one after the other.
using TagU16Two = hn::ScalableTag<std::uint16_t>;
constexpr bool kHasPairs = HWY_TARGET != HWY_SCALAR;

/// True when vectors of tag D hold two groups.
template <class D>
HWY_INLINE constexpr bool is_pair(D) {
  return hn::MaxLanes(D()) == 2 * hn::MaxLanes(TagU32());
}

/// Groups in a vector of tag D.
template <class D>
constexpr int kGroups = is_pair(D()) ? 2 : 1;

/// Calls body(values of a group in 32-bit lanes) for the one or two groups of `v` and returns what
/// it gives, as 16-bit values again.
template <class D, class V, class Body>
HWY_INLINE V for_each_group(D d, V v, Body body) {
  const TagU32 d32;
  if constexpr (is_pair(D())) {
    const VU32 both = hn::BitCast(d32, v);
    const VU32 low = body(hn::And(both, hn::Set(d32, 0xffff)));
    const VU32 high = body(hn::ShiftRight<16>(both));
    return hn::BitCast(d, hn::Or(low, hn::ShiftLeft<16>(high)));
  } else {
    return hn::DemoteTo(d, hn::BitCast(TagI32(), body(hn::PromoteTo(d32, v))));
  }
}

/// The one or two groups of `v` in 32-bit lanes.
template <class D, class V>
HWY_INLINE void split_groups(D, V v, VU32& first, VU32& second) {
  const TagU32 d32;
  if constexpr (is_pair(D())) {
    const VU32 both = hn::BitCast(d32, v);
    first = hn::And(both, hn::Set(d32, 0xffff));
    second = hn::ShiftRight<16>(both);
  } else {
    first = second = hn::PromoteTo(d32, v);
  }
}

/// Values 0..65535 of two groups as one vector; of a tag for one group, the first alone.
template <class D>
HWY_INLINE hn::Vec<D> join_groups(D d, VU32 first, VU32 second) {
  if constexpr (is_pair(D())) {
    return hn::BitCast(d, hn::Or(first, hn::ShiftLeft<16>(second)));
  } else {
    return hn::DemoteTo(d, hn::BitCast(TagI32(), first));
  }
}

/// 8 bytes of one channel of BlockLanes() blocks, and the error of each.
struct ChannelWords {
  VU32 low, high, error;
};

/// Four 16-bit words a block, the first the lowest, as the words of one or two groups.
template <class D, class V>
HWY_INLINE void split_words(D d, const V (&words)[4], V error, ChannelWords& first,
                            ChannelWords& second) {
  VU32 a[4], b[4];
  for (int i = 0; i < 4; ++i) split_groups(d, words[i], a[i], b[i]);
  split_groups(d, error, first.error, second.error);
  first.low = hn::Or(a[0], hn::ShiftLeft<16>(a[1]));
  first.high = hn::Or(a[2], hn::ShiftLeft<16>(a[3]));
  second.low = hn::Or(b[0], hn::ShiftLeft<16>(b[1]));
  second.high = hn::Or(b[2], hn::ShiftLeft<16>(b[3]));
}

/// Numerator / x, rounded down to at most 65535. x > 0.
template <class D, class V>
HWY_INLINE V divide(D d, float numerator, V x) {
  const TagF32 df;
  const TagI32 di;
  return for_each_group(d, x, [=](VU32 wide) HWY_ATTR {
    const VF32 quotient = hn::Div(hn::Set(df, numerator), hn::ConvertTo(df, hn::BitCast(di, wide)));
    const VI32 whole = hn::ConvertTo(di, quotient);
    return hn::BitCast(TagU32(), hn::Min(whole, hn::Set(di, 65535)));
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#endif  // FORGE3D_SHORT_LANES_INL
