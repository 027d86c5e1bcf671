// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "streaming/mip_bias.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "streaming/page_table_layout.hpp"

namespace forge3d::streaming {
namespace {

/// The steps [first, end) at which something is wanted.
struct Steps {
  std::uint32_t first = 0;
  std::uint32_t end = 0;
};

/// Bias only moves the page's interval up, so the steps that want it are one run.
Steps wanted_steps(const CandidatePage& candidate) {
  const VisiblePage& seen = candidate.seen;
  const auto levels = candidate.levels;
  const double low = seen.tile.level == 0 ? -1e9 : seen.tile.level - 1.0;
  const double high = seen.tile.level + 1 == levels ? 1e9 : seen.tile.level + 1.0;
  const auto to_step = [](double bias) {
    return static_cast<std::uint32_t>(std::clamp(bias * MipBias::kStepsPerLevel, 0.0,
                                                 static_cast<double>(MipBias::kMaxSteps + 1)));
  };
  Steps steps{to_step(low - seen.lod_max), to_step(std::ceil((high - seen.lod_min) * 8) / 8)};
  // The ends are found in doubles and is_wanted() works in floats: it has the last word.
  while (steps.first < steps.end &&
         !is_wanted(seen, levels, static_cast<float>(steps.first) / MipBias::kStepsPerLevel))
    ++steps.first;
  while (steps.end > steps.first &&
         !is_wanted(seen, levels, static_cast<float>(steps.end - 1) / MipBias::kStepsPerLevel))
    --steps.end;
  return steps;
}

/// How many things are wanted at each step, as differences until sum() is called.
class Demand {
 public:
  Demand() : count_(MipBias::kMaxSteps + 2, 0) {}
  void add(const Steps& steps) {
    if (steps.first >= steps.end) return;
    ++count_[steps.first];
    --count_[std::min<std::size_t>(steps.end, count_.size() - 1)];
  }
  void sum() {
    for (std::size_t i = 1; i < count_.size(); ++i) count_[i] += count_[i - 1];
  }
  [[nodiscard]] bool fits(std::uint32_t step, std::uint32_t room) const {
    return count_[step] <= static_cast<std::int64_t>(room);
  }

 private:
  std::vector<std::int64_t> count_;
};

/// The five coarsest levels have at most 17 x 17 pages, which need no block in the page table.
bool may_need_block(const CandidatePage& candidate) {
  return candidate.seen.tile.level + 5 < candidate.levels;
}

PageKey block_of(PageKey page) {
  page.tile.x >>= layout::kBlockShift;
  page.tile.y >>= layout::kBlockShift;
  return page;
}

}  // namespace

float MipBias::solve(std::span<const CandidatePage> candidates, const PageRoom& room,
                     float at_least) {
  Demand pages, blocks, uploads;
  std::unordered_map<PageKey, Steps, PageKeyHash> block_steps;
  // Each page can need a block of its own; only when those might not do are they counted.
  const bool blocks_may_lack = candidates.size() > room.blocks;
  for (const CandidatePage& candidate : candidates) {
    const Steps steps = wanted_steps(candidate);
    pages.add(steps);
    if (!candidate.resident) uploads.add(steps);
    if (!blocks_may_lack || !may_need_block(candidate) || steps.first >= steps.end) continue;
    const auto [block, is_new] = block_steps.emplace(block_of(candidate.page), steps);
    if (is_new) continue;
    block->second = {std::min(block->second.first, steps.first),
                     std::max(block->second.end, steps.end)};
  }
  for (const auto& [block, steps] : block_steps) blocks.add(steps);
  pages.sum();
  blocks.sum();
  uploads.sum();

  const auto smallest = [&](const PageRoom& within) {
    auto step = static_cast<std::uint32_t>(
        std::clamp(std::ceil(at_least * kStepsPerLevel), 0.0f, static_cast<float>(kMaxSteps)));
    while (step < kMaxSteps &&
           !(pages.fits(step, within.pages) && blocks.fits(step, within.blocks) &&
             uploads.fits(step, within.uploads)))
      ++step;
    return step;
  };
  const std::uint32_t needed = smallest(room);
  held_by_uploads_ = room.uploads != ~0u && smallest({room.pages, room.blocks}) < needed;
  if (needed >= step_)
    step_ = needed;
  else
    step_ = std::min(
        step_,
        std::max(needed, smallest({room.pages - room.pages / 16, room.blocks, room.uploads})));
  return value();
}

}  // namespace forge3d::streaming
