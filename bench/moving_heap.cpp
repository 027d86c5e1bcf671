// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/moving_heap.hpp"

#include <algorithm>

#include "bench/stopwatch.hpp"

namespace forge3d::bench {
namespace {

// As the pool.
constexpr int kPreparations = 4;
constexpr int kSteps = 2;
constexpr std::uint64_t kVisitsPerMicrosecond = 10;

}  // namespace

MovingHeap::MovingHeap(std::uint32_t ranges, std::uint64_t range_bytes) {
  for (std::uint32_t i = 0; i < ranges; ++i) ranges_.emplace_back(range_bytes);
  for (Placement& range : ranges_) pointers_.push_back(&range);
}

MovePlanner MovingHeap::planner(const MoveLimits& limits) {
  const auto rule = [this](PlacedNode at) {
    const Placement& places = ranges_[at.range];
    return places.holds_slab(at.node) ? places.slab_alignment(at.node) : Placement::kGranuleBytes;
  };
  return MovePlanner(pointers_, rule, limits);
}

void MovingHeap::settle(std::uint32_t block, std::uint32_t range, Placement::Id id) {
  if (block >= places_.size()) places_.resize(std::max<std::size_t>(block + 1, 2 * places_.size()));
  places_[block] = {range, id};
  ranges_[range].set_owner(id, block);
}

bool MovingHeap::allocate(std::uint32_t block, std::uint64_t size_bytes, bool moving) {
  for (std::uint32_t range = 0; range < ranges_.size(); ++range)
    if (const auto got = ranges_[range].allocate(size_bytes)) {
      settle(block, range, got->id);
      return true;
    }
  if (!moving) return false;
  const auto plan = plan_window(size_bytes);
  if (!plan) return false;
  const Placement::Node window = carry_out(*plan);
  settle(block, plan->window_range, ranges_[plan->window_range].adopt(window).id);
  return true;
}

std::optional<MovePlan> MovingHeap::plan_window(std::uint64_t size_bytes) {
  const Stopwatch watch;
  std::optional<MovePlan> plan;
  for (int round = 0; round <= kPreparations; ++round) {
    MovePlanner planner = this->planner({});
    plan = planner.fit(size_bytes, Placement::kGranuleBytes);
    if (plan || round == kPreparations) break;
    const auto inner = planner.prepare(size_bytes, Placement::kGranuleBytes);
    if (!inner) break;
    ranges_[inner->window_range].range().free(carry_out(*inner));
  }
  plan_us_.push_back(watch.nanoseconds() / 1e3);
  return plan;
}

Placement::Node MovingHeap::carry_out(const MovePlan& plan) {
  for (const PlannedMove& move : plan.moves)
    ranges_[move.from.range].relocate(move.from.node, ranges_[move.to.range], move.to.node,
                                      [&](std::uint32_t block, const Placement::Allocation& at) {
                                        places_[block] = {move.to.range, at.id};
                                      });
  moved_bytes_ += plan.moved_bytes;
  return finish(plan, pointers_);
}

void MovingHeap::free(std::uint32_t block) {
  ranges_[places_[block].range].free(places_[block].id);
}

void MovingHeap::upkeep(const PoolUpkeep& slice) {
  std::uint64_t rest = slice.max_moved_bytes;
  for (int step = 0; step < kSteps; ++step) {
    const double fragmented = fragmentation();
    tidying_ = fragmented > slice.target_fragmentation * (tidying_ ? 0.5 : 1);
    if (!tidying_) return;
    const MovePlan plan =
        planner({.visited_nodes = static_cast<std::uint32_t>(slice.max_us * kVisitsPerMicrosecond),
                 .moved_bytes = rest,
                 .moves = slice.max_us})
            .tidy();
    if (plan.moves.empty()) return;
    carry_out(plan);
    if (plan.moved_bytes >= rest) return;
    rest -= plan.moved_bytes;
  }
}

std::uint64_t MovingHeap::used_bytes() const {
  std::uint64_t sum = 0;
  for (const Placement& range : ranges_) sum += range.used_bytes();
  return sum;
}

double MovingHeap::fragmentation() const {
  std::uint64_t free = 0, empty = 0, largest = 0;
  for (const Placement& range : ranges_) {
    free += range.free_bytes();
    if (range.used_bytes() == 0)
      empty += range.free_bytes();
    else
      largest = std::max(largest, range.largest_free_bytes());
  }
  return free == 0 ? 0 : 1 - static_cast<double>(largest + empty) / static_cast<double>(free);
}

}  // namespace forge3d::bench
