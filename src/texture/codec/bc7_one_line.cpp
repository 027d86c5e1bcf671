// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/bc7_stage.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "texture/codec/bc7_one_line.cpp"
#include <hwy/foreach_target.h>

#include "texture/codec/bc7_line-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace forge3d::codec {
namespace HWY_NAMESPACE {

template <int C>
HWY_NOINLINE void try_mode6(Group& group, const Bc7Effort& effort) {
  Pixels<C> pixels;
  load_pixels(group.words(), pixels);
  Fit<C, 1> fit;
  fit_line(pixels, line_format(6, C == 3), effort, fit);
  offer(fit, word(head_of(6)), group.best());
}

void try_one_line(const Bc7Stage& stage) {
  for (std::size_t first = 0; first < stage.count; first += BlockLanes()) {
    Group group(stage, first);
    if (stage.opaque)
      try_mode6<3>(group, *stage.effort);
    else
      try_mode6<4>(group, *stage.effort);
    group.store();
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace forge3d::codec {

HWY_EXPORT(try_one_line);
void bc7_try_one_line(const Bc7Stage& stage) { HWY_DYNAMIC_DISPATCH(try_one_line)(stage); }

}  // namespace forge3d::codec
#endif
