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

void fit_three_lines(const Bc7Chunk& chunk, const Bc7Fit& fit, const Bc7Job* jobs,
                     std::size_t count) {
  for_each_group(chunk, fit, jobs, count, fit_partition<3, 3>);
}

/// Mode 0 has the first 16 partitions and eight levels, mode 2 all 64 and four.
void rank_three_lines(const Bc7Chunk& chunk, const std::uint16_t* blocks, std::size_t count,
                      Bc7Ranking& mode2, Bc7Ranking& mode0) {
  constexpr int kPartitionsOfMode0 = 16;
  for_each_guess<3>(chunk, blocks, count, [&](const PartitionGuess& guess, std::size_t first) {
    Ranking<kBc7Ranks> of_four;
    Ranking<kBc7Ranks> of_eight;
    guess.each<3>(kPartitions, [&](const Scatter& s, int p) {
      of_four.add(cost_of(s, kFourLevelCost), p);
      if (p < kPartitionsOfMode0) of_eight.add(cost_of(s, kEightLevelCost), p);
    });
    of_four.store(mode2, first);
    of_eight.store(mode0, first);
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace forge3d::codec {

HWY_EXPORT(fit_three_lines);
void bc7_fit_three_lines(const Bc7Chunk& chunk, const Bc7Fit& fit, const Bc7Job* jobs,
                         std::size_t count) {
  HWY_DYNAMIC_DISPATCH(fit_three_lines)(chunk, fit, jobs, count);
}

HWY_EXPORT(rank_three_lines);
void bc7_rank_three_lines(const Bc7Chunk& chunk, const std::uint16_t* blocks, std::size_t count,
                          Bc7Ranking& mode2, Bc7Ranking& mode0) {
  HWY_DYNAMIC_DISPATCH(rank_three_lines)(chunk, blocks, count, mode2, mode0);
}

}  // namespace forge3d::codec
#endif
