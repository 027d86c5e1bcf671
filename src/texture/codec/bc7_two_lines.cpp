// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/bc7_stage.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "texture/codec/bc7_two_lines.cpp"
#include <hwy/foreach_target.h>

#include "texture/codec/bc7_partition-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace forge3d::codec {
namespace HWY_NAMESPACE {

/// The single best partition for mode 1 or 7.
template <int C>
HWY_NOINLINE void try_best(Group& group, const Bc7Effort& effort) {
  constexpr int kMode = C == 3 ? 1 : 7;
  const PartitionedBlocks<C> blocks(group);
  constexpr ScatterCost kCost(C == 3 ? 8 : 4);
  Ranking<1> ranking;
  blocks.guess.template each<2>(
      kPartitions, [&](const Scatter& s, int p) { ranking.add(cost_of(s, kCost), p); });
  blocks.template try_mode<2>(kMode, ranking.partition(0), effort, group.best());
}

template <int C>
HWY_NOINLINE void try_many(Group& group, const Bc7Effort& effort) {
  const PartitionedBlocks<C> blocks(group);
  constexpr ScatterCost kFourLevels(4);
  constexpr ScatterCost kEightLevels(8);
  Ranking<kMaxTries> of_four;
  Ranking<kMaxTries> of_eight;
  blocks.guess.template each<2>(kPartitions, [&](const Scatter& s, int p) {
    of_four.add(cost_of(s, kFourLevels), p);
    if (C == 3) of_eight.add(cost_of(s, kEightLevels), p);
  });
  if (C == 3)
    for (int k = 0; k < effort.tries[1]; ++k)
      blocks.template try_mode<2>(1, of_eight.partition(k), effort, group.best());
  constexpr int kMode = C == 3 ? 3 : 7;
  for (int k = 0; k < effort.tries[kMode]; ++k)
    blocks.template try_mode<2>(kMode, of_four.partition(k), effort, group.best());
}

template <int C>
HWY_INLINE void try_group(Group& group, const Bc7Effort& effort) {
  if (effort.quick)
    try_best<C>(group, effort);
  else
    try_many<C>(group, effort);
}

void try_two_lines(const Bc7Stage& stage) {
  for (std::size_t first = 0; first < stage.count; first += BlockLanes()) {
    Group group(stage, first);
    if (stage.opaque)
      try_group<3>(group, *stage.effort);
    else
      try_group<4>(group, *stage.effort);
    group.store();
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace forge3d::codec {

HWY_EXPORT(try_two_lines);
void bc7_try_two_lines(const Bc7Stage& stage) { HWY_DYNAMIC_DISPATCH(try_two_lines)(stage); }

}  // namespace forge3d::codec
#endif
