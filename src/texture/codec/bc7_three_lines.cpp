// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/bc7_stage.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "texture/codec/bc7_three_lines.cpp"
#include <hwy/foreach_target.h>

#include "texture/codec/bc7_partition-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace forge3d::codec {
namespace HWY_NAMESPACE {

/// Mode 0 has the first 16 partitions and eight levels, mode 2 all 64 and four.
HWY_NOINLINE void try_modes(Group& group, const Bc7Effort& effort) {
  constexpr int kPartitionsOfMode0 = 16;
  const PartitionedBlocks<3> blocks(group);
  constexpr ScatterCost kFourLevels(4);
  constexpr ScatterCost kEightLevels(8);
  Ranking<kMaxTries> of_mode0;
  Ranking<kMaxTries> of_mode2;
  blocks.guess.each<3>(kPartitions, [&](const Scatter& s, int p) {
    of_mode2.add(cost_of(s, kFourLevels), p);
    if (p < kPartitionsOfMode0) of_mode0.add(cost_of(s, kEightLevels), p);
  });
  for (int k = 0; k < effort.tries[0]; ++k)
    blocks.try_mode<3>(0, of_mode0.partition(k), effort, group.best());
  for (int k = 0; k < effort.tries[2]; ++k)
    blocks.try_mode<3>(2, of_mode2.partition(k), effort, group.best());
}

void try_three_lines(const Bc7Stage& stage) {
  for (std::size_t first = 0; first < stage.count; first += BlockLanes()) {
    Group group(stage, first);
    try_modes(group, *stage.effort);
    group.store();
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace forge3d::codec {

HWY_EXPORT(try_three_lines);
void bc7_try_three_lines(const Bc7Stage& stage) { HWY_DYNAMIC_DISPATCH(try_three_lines)(stage); }

}  // namespace forge3d::codec
#endif
