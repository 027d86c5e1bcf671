// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "core/plan_draft.hpp"

namespace forge3d {
namespace {

constexpr Placement::Node kNoNode = OffsetAllocator::kBorder;

std::uint64_t align_up(std::uint64_t value, std::uint64_t alignment) {
  return (value + alignment - 1) & ~(alignment - 1);
}

std::uint32_t granules(std::uint64_t bytes) {
  return static_cast<std::uint32_t>((bytes + Placement::kGranuleBytes - 1) /
                                    Placement::kGranuleBytes);
}

}  // namespace

MovePlanner::MovePlanner(std::span<Placement* const> ranges, MoveRule rule,
                         const MoveLimits& limits)
    : ranges_(ranges.begin(), ranges.end()), rule_(std::move(rule)), limits_(limits) {
  items_.resize(ranges_.size());
}

std::optional<MovePlan> MovePlanner::fit(std::uint64_t size_bytes, std::uint64_t alignment_bytes) {
  const std::uint64_t size = granules(size_bytes) * Placement::kGranuleBytes;
  search(size, alignment_bytes);
  for (const Window& window : windows_)
    if (auto plan = try_window(window, size)) return plan;
  return std::nullopt;
}

std::optional<MovePlan> MovePlanner::prepare(std::uint64_t size_bytes,
                                             std::uint64_t alignment_bytes) {
  const std::uint64_t size = granules(size_bytes) * Placement::kGranuleBytes;
  search(size, alignment_bytes);
  const std::size_t count = std::min<std::size_t>(windows_.size(), limits_.prepared_windows);
  for (std::size_t i = 0; i < count; ++i)
    if (auto plan = prepare_window(windows_[i], size)) return plan;
  return std::nullopt;
}

// Leaves the cheapest windows in order.
void MovePlanner::search(std::uint64_t size_bytes, std::uint64_t alignment_bytes) {
  visited_ = 0;
  windows_.clear();
  for (std::uint32_t range = 0; range < ranges_.size(); ++range) {
    if (ranges_[range] == nullptr || ranges_[range]->range_bytes() < size_bytes) continue;
    list_items(range);
    find_windows(range, size_bytes, std::max(alignment_bytes, Placement::kGranuleBytes));
  }
  std::sort_heap(windows_.begin(), windows_.end(),
                 [](const Window& a, const Window& b) { return a.cost_bytes < b.cost_bytes; });
}

// What lies beyond the limit is out of sight: windows end there.
void MovePlanner::list_items(std::uint32_t range) {
  std::vector<Item>& items = items_[range];
  items.clear();
  const OffsetAllocator& places = ranges_[range]->range();
  for (auto node = places.first(); node != kNoNode; node = places.right_of(node)) {
    if (++visited_ > limits_.visited_nodes) return;
    const bool used = places.is_used(node);
    const std::uint64_t begin = places.offset_bytes(node);
    items.push_back({node, used, used && alignment_of({range, node}) == 0, begin,
                     begin + places.size_bytes(node)});
  }
}

// The cost falls where a window's left edge passes the end of a block, so the cheapest windows
// start there or at the range's start.
void MovePlanner::find_windows(std::uint32_t range, std::uint64_t size_bytes,
                               std::uint64_t alignment_bytes) {
  const std::vector<Item>& items = items_[range];
  std::size_t right = 0;       // the first item not counted in `cost`
  std::size_t after_wall = 0;  // no window may start before
  std::uint64_t cost = 0;
  for (std::size_t left = 0; left < items.size(); ++left) {
    const std::uint64_t begin = align_up(items[left].begin, alignment_bytes);
    const std::uint64_t end = begin + size_bytes;
    for (; right < items.size() && items[right].begin < end; ++right) {
      if (items[right].used) cost += items[right].end - items[right].begin;
      if (items[right].wall) after_wall = right + 1;
    }
    if (end > items.back().end) return;
    const bool starts_well = left == 0 || items[left - 1].used;
    if (left >= after_wall && starts_well && begin < items[left].end)
      keep_if_cheap({cost, range, left, right - 1, begin});
    if (items[left].used) cost -= items[left].end - items[left].begin;
  }
}

void MovePlanner::keep_if_cheap(const Window& window) {
  const auto cheaper = [](const Window& a, const Window& b) { return a.cost_bytes < b.cost_bytes; };
  if (window.cost_bytes > limits_.moved_bytes || limits_.windows == 0) return;
  if (windows_.size() == limits_.windows) {
    if (!cheaper(window, windows_.front())) return;
    std::pop_heap(windows_.begin(), windows_.end(), cheaper);
    windows_.pop_back();
  }
  windows_.push_back(window);
  std::push_heap(windows_.begin(), windows_.end(), cheaper);
}

// Reserves the holes, so that nothing moves into them. REQUIRES: plan.holes has room for them.
void MovePlanner::claim_holes(MovePlan& plan, const Window& window) {
  OffsetAllocator& places = ranges_[window.range]->range();
  for (std::size_t i = window.first; i <= window.last; ++i) {
    const Item& item = items_[window.range][i];
    if (item.used) continue;
    // Windows that were tried and given up may have left the hole under another number.
    const auto hole = i == 0 ? places.first() : places.right_of(items_[window.range][i - 1].node);
    const std::uint64_t from = std::max(item.begin, plan.window_bytes);
    const std::uint64_t to = std::min(item.end, plan.window_bytes + plan.size_bytes);
    plan.holes.push_back(places.take(hole, from, to - from).node);
    ranges_[window.range]->reserve(plan.holes.back());
  }
}

// The blocks in a window, the largest first.
std::vector<PlacedNode> MovePlanner::evacuees(const Window& window) const {
  std::vector<PlacedNode> nodes;
  for (std::size_t i = window.first; i <= window.last; ++i)
    if (items_[window.range][i].used) nodes.push_back({window.range, items_[window.range][i].node});
  std::sort(nodes.begin(), nodes.end(),
            [this](PlacedNode a, PlacedNode b) { return size_of(a) > size_of(b); });
  return nodes;
}

std::optional<MovePlan> MovePlanner::try_window(const Window& window, std::uint64_t size_bytes) {
  const std::vector<PlacedNode> leaving = evacuees(window);
  Draft draft(*this, window, leaving.size(), size_bytes);
  for (const PlacedNode from : leaving)
    if (!add_move_anywhere(draft.plan, from)) return std::nullopt;
  return draft.keep();
}

// The first block that finds no place gets a window of its own, outside of this one.
std::optional<MovePlan> MovePlanner::prepare_window(const Window& window,
                                                    std::uint64_t size_bytes) {
  const std::vector<PlacedNode> leaving = evacuees(window);
  Draft outer(*this, window, leaving.size(), size_bytes);
  for (const PlacedNode from : leaving) {
    if (add_move_anywhere(outer.plan, from)) continue;
    const auto stays = [&](PlacedNode at) {
      return std::find(leaving.begin(), leaving.end(), at) != leaving.end() ? 0 : rule_(at);
    };
    return MovePlanner(ranges_, stays, limits_).fit(size_of(from), rule_(from));
  }
  return std::nullopt;
}

bool MovePlanner::add_move(MovePlan& plan, PlacedNode from, std::uint32_t to_range) {
  if (plan.moves.size() == plan.moves.capacity())
    plan.moves.reserve(2 * plan.moves.size() + 8);  // may throw, so it comes before the reservation
  const std::uint64_t size = size_of(from);
  OffsetAllocator& target = ranges_[to_range]->range();
  const Placement::Node node =
      target.place_tightly(granules(size), std::max(granules(alignment_of(from)), 1u));
  if (node == kNoNode) return false;
  ranges_[to_range]->reserve(node);
  plan.moves.push_back({from,
                        {to_range, node},
                        ranges_[from.range]->range().offset_bytes(from.node),
                        target.offset_bytes(node),
                        size});
  plan.moved_bytes += size;
  return true;
}

// Its own range first, which keeps the others whole.
bool MovePlanner::add_move_anywhere(MovePlan& plan, PlacedNode from) {
  if (add_move(plan, from, from.range)) return true;
  for (std::uint32_t range = 0; range < ranges_.size(); ++range)
    if (range != from.range && ranges_[range] != nullptr && add_move(plan, from, range))
      return true;
  return false;
}

void MovePlanner::cancel(const MovePlan& plan) {
  for (const PlannedMove& move : plan.moves) ranges_[move.to.range]->range().free(move.to.node);
  for (const Placement::Node hole : plan.holes) ranges_[plan.window_range]->range().free(hole);
}

Placement::Node finish(const MovePlan& plan, std::span<Placement* const> ranges) {
  if (plan.size_bytes > 0) ranges[plan.window_range]->range().prepare();
  Placement::Node hole = kNoNode;
  for (const Placement::Node node : plan.holes)
    hole = ranges[plan.window_range]->range().free(node);
  for (const PlannedMove& move : plan.moves)
    hole = ranges[move.from.range]->range().free(move.from.node);
  if (plan.size_bytes == 0) return kNoNode;
  // Whatever was freed last, its hole now is all of the window.
  return ranges[plan.window_range]->range().take(hole, plan.window_bytes, plan.size_bytes).node;
}

}  // namespace forge3d
