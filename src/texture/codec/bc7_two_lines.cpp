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

void fit_two_lines(const Bc7Chunk& chunk, const Bc7Fit& fit, const Bc7Job* jobs,
                   std::size_t count) {
  for_each_group(chunk, fit, jobs, count, [&](const Group& group) {
    if (chunk.opaque)
      fit_partition<3, 2>(group);
    else
      fit_partition<4, 2>(group);
  });
}

/// The single best partition for mode 1 or 7.
template <int C>
void rank_first(const Bc7Chunk& chunk, const std::uint16_t* blocks, std::size_t count,
                Bc7Ranking& ranking) {
  constexpr ScatterCost kCost = C == 3 ? kEightLevelCost : kFourLevelCost;
  for_each_guess<C>(chunk, blocks, count, [&](const PartitionGuess& guess, std::size_t first) {
    Ranking<1> best;
    guess.each<2>(kPartitions, [&](const Scatter& s, int p) { best.add(cost_of(s, kCost), p); });
    best.store(ranking, first);
  });
}

template <int C>
void rank_all(const Bc7Chunk& chunk, const std::uint16_t* blocks, std::size_t count,
              Bc7Ranking& four_levels, Bc7Ranking& eight_levels) {
  for_each_guess<C>(chunk, blocks, count, [&](const PartitionGuess& guess, std::size_t first) {
    Ranking<kBc7Ranks> of_four;
    Ranking<kBc7Ranks> of_eight;
    guess.each<2>(kPartitions, [&](const Scatter& s, int p) {
      of_four.add(cost_of(s, kFourLevelCost), p);
      if (C == 3) of_eight.add(cost_of(s, kEightLevelCost), p);
    });
    of_four.store(four_levels, first);
    if (C == 3) of_eight.store(eight_levels, first);
  });
}

void rank_two_lines(const Bc7Chunk& chunk, const std::uint16_t* blocks, std::size_t count,
                    std::size_t depth, Bc7Ranking& four_levels, Bc7Ranking& eight_levels) {
  if (depth == 1 && chunk.opaque) return rank_first<3>(chunk, blocks, count, eight_levels);
  if (depth == 1) return rank_first<4>(chunk, blocks, count, four_levels);
  if (chunk.opaque) return rank_all<3>(chunk, blocks, count, four_levels, eight_levels);
  rank_all<4>(chunk, blocks, count, four_levels, eight_levels);
}

}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace forge3d::codec {

HWY_EXPORT(fit_two_lines);
void bc7_fit_two_lines(const Bc7Chunk& chunk, const Bc7Fit& fit, const Bc7Job* jobs,
                       std::size_t count) {
  HWY_DYNAMIC_DISPATCH(fit_two_lines)(chunk, fit, jobs, count);
}

HWY_EXPORT(rank_two_lines);
void bc7_rank_two_lines(const Bc7Chunk& chunk, const std::uint16_t* blocks, std::size_t count,
                        std::size_t depth, Bc7Ranking& four_levels, Bc7Ranking& eight_levels) {
  HWY_DYNAMIC_DISPATCH(rank_two_lines)(chunk, blocks, count, depth, four_levels, eight_levels);
}

}  // namespace forge3d::codec
#endif
