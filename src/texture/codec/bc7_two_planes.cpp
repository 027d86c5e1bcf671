// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/bc7_stage.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "texture/codec/bc7_two_planes.cpp"
#include <hwy/foreach_target.h>

#include "texture/codec/bc7_line-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace forge3d::codec {
namespace HWY_NAMESPACE {

/// Modes 4 and 5: three channels on one line, the channel that the rotation puts in alpha on
/// another.
class TwoPlanes {
 public:
  HWY_NOINLINE TwoPlanes(const VU32 (&words)[kTexelCount], int rotation) : rotation_(rotation) {
    VU32 turned[kTexelCount];
    for (int i = 0; i < kTexelCount; ++i) turned[i] = turn(words[i], rotation);
    load_pixels(turned, colors_);
    load_pixels(turned, alphas_);
  }

  HWY_NOINLINE void try_mode(int mode, bool second, const Bc7Effort& effort, Best& best) const {
    const Bc7Mode& m = kBc7Modes[static_cast<std::size_t>(mode)];
    const int color_bits = second ? m.second_index_bits : m.index_bits;
    const int alpha_bits = second ? m.index_bits : m.second_index_bits;
    Fit<3, 1> colors;
    Fit<1, 1> alphas;
    fit_line(colors_, {m.color_bits, ParityBits::kNone, false, color_bits}, effort, colors);
    fit_line(alphas_, {m.alpha_bits, ParityBits::kNone, false, alpha_bits}, effort, alphas);
    offer_both(colors, alphas, head_of(mode, rotation_, second), best);
  }

 private:
  static HWY_INLINE VU32 turn(VU32 texel, int rotation) {
    if (rotation == 0) return texel;
    const int at = 8 * (rotation - 1);
    const VU32 difference =
        hn::And(hn::Xor(hn::ShiftRight<24>(texel), hn::ShiftRightSame(texel, at)), word(0xff));
    return hn::Xor(texel, hn::Or(hn::ShiftLeft<24>(difference), hn::ShiftLeftSame(difference, at)));
  }

  static HWY_INLINE void offer_both(const Fit<3, 1>& colors, const Fit<1, 1>& alphas,
                                    std::uint32_t head, Best& best) {
    const VI32 error = hn::Add(colors.error[0], alphas.error[0]);
    const auto lower = hn::Lt(error, best.error);
    const Taker take{hn::RebindMask(TagU32(), lower)};
    best.error = hn::Min(error, best.error);
    take(best.head, word(head));
    for (int e = 0; e < 2; ++e)
      take(best.ends[e], hn::Or(hn::And(pack_end<3>(colors.end[0][e]), word(0x00ffffff)),
                                pack_end<1>(alphas.end[0][e])));
    take.indices(best.color_index, colors.index);
    take.indices(best.alpha_index, alphas.index);
  }

  int rotation_;
  Pixels<3> colors_;
  Pixels<1> alphas_;
};

HWY_NOINLINE void try_all(Group& group, const Bc7Effort& effort) {
  for (int rotation = 0; rotation < std::max(effort.tries[4], effort.tries[5]); ++rotation) {
    const TwoPlanes planes(group.words(), rotation);
    if (rotation < effort.tries[5]) planes.try_mode(5, false, effort, group.best());
    if (rotation >= effort.tries[4]) continue;
    planes.try_mode(4, false, effort, group.best());
    planes.try_mode(4, true, effort, group.best());
  }
}

void try_two_planes(const Bc7Stage& stage) {
  for (std::size_t first = 0; first < stage.count; first += BlockLanes()) {
    Group group(stage, first);
    try_all(group, *stage.effort);
    group.store();
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace forge3d::codec {

HWY_EXPORT(try_two_planes);
void bc7_try_two_planes(const Bc7Stage& stage) { HWY_DYNAMIC_DISPATCH(try_two_planes)(stage); }

}  // namespace forge3d::codec
#endif
