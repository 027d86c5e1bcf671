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
HWY_NOINLINE void fit_mode6(const Group& group) {
  Pixels<C> pixels;
  load_pixels(group.words(), pixels);
  Fit<C, 1> fit;
  fit_line(pixels, line_format(6, C == 3), group.fit(), fit);
  group.store(encoding_of(fit));
}

void fit_one_line(const Bc7Chunk& chunk, const Bc7Fit& fit, const Bc7Job* jobs, std::size_t count) {
  for_each_group(chunk, fit, jobs, count, [&](const Group& group) {
    if (chunk.opaque)
      fit_mode6<3>(group);
    else
      fit_mode6<4>(group);
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace forge3d::codec {

HWY_EXPORT(fit_one_line);
void bc7_fit_one_line(const Bc7Chunk& chunk, const Bc7Fit& fit, const Bc7Job* jobs,
                      std::size_t count) {
  HWY_DYNAMIC_DISPATCH(fit_one_line)(chunk, fit, jobs, count);
}

}  // namespace forge3d::codec
#endif
