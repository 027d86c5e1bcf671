// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/move_planner.hpp"

#include <algorithm>
#include <utility>

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

/// A plan in the making: what it reserved is given back unless it is kept.
struct MovePlanner::Draft {
  Draft(MovePlanner& p, std::size_t holes, std::size_t moves) : planner(p) {
    plan.holes.reserve(holes);
    plan.moves.reserve(moves);
  }
  ~Draft() {
    if (!kept) planner.cancel(plan);
  }
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;
  MovePlan keep() {
    kept = true;
    return std::move(plan);
  }
  MovePlanner& planner;
  MovePlan plan;
  bool kept = false;
};

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
  Draft draft(*this, window.last - window.first + 1, leaving.size());
  draft.plan.window_range = window.range;
  draft.plan.window_bytes = window.begin;
  draft.plan.size_bytes = size_bytes;
  claim_holes(draft.plan, window);
  for (const PlacedNode from : leaving)
    if (!add_move_anywhere(draft.plan, from)) return std::nullopt;
  return draft.keep();
}

// The first block that finds no place gets a window of its own, outside of this one.
std::optional<MovePlan> MovePlanner::prepare_window(const Window& window,
                                                    std::uint64_t size_bytes) {
  const std::vector<PlacedNode> leaving = evacuees(window);
  Draft outer(*this, window.last - window.first + 1, leaving.size());
  outer.plan.window_range = window.range;
  outer.plan.window_bytes = window.begin;
  outer.plan.size_bytes = size_bytes;
  claim_holes(outer.plan, window);
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

// One hole but for the odd bytes that alignment leaves.
bool MovePlanner::is_compact(std::uint32_t range) const {
  const std::uint64_t free = ranges_[range]->range().free_bytes();
  return free - ranges_[range]->largest_free_bytes() <= free / 64;
}

// The compact ranges with room, the fullest first: blocks go there until it is full.
std::vector<std::uint32_t> MovePlanner::targets() const {
  std::vector<std::uint32_t> found;
  for (std::uint32_t range = 0; range < ranges_.size(); ++range)
    if (ranges_[range] != nullptr && is_compact(range) && !is_full(range)) found.push_back(range);
  std::sort(found.begin(), found.end(), [this](std::uint32_t a, std::uint32_t b) {
    return ranges_[a]->range().free_bytes() < ranges_[b]->range().free_bytes();
  });
  return found;
}

// Those that are not compact and have something to give, the emptiest first.
std::vector<std::uint32_t> MovePlanner::sources() const {
  std::vector<std::uint32_t> found;
  for (std::uint32_t range = 0; range < ranges_.size(); ++range)
    if (ranges_[range] != nullptr && !is_compact(range) && !is_full(range)) found.push_back(range);
  std::sort(found.begin(), found.end(), [this](std::uint32_t a, std::uint32_t b) {
    return ranges_[a]->range().used_bytes() < ranges_[b]->range().used_bytes();
  });
  return found;
}

// Largest first, so that the small ones fill what is left.
std::vector<PlacedNode> MovePlanner::movable_nodes(std::uint32_t range) const {
  std::vector<PlacedNode> nodes;
  const OffsetAllocator& places = ranges_[range]->range();
  for (auto node = places.first(); node != kNoNode; node = places.right_of(node))
    if (places.is_used(node) && alignment_of({range, node}) != 0) nodes.push_back({range, node});
  std::sort(nodes.begin(), nodes.end(),
            [this](PlacedNode a, PlacedNode b) { return size_of(a) > size_of(b); });
  return nodes;
}

// Every kind of step makes fewer ranges that are not compact, fewer that are not empty, or fuller
// ones of the full, so that compaction ends.
MovePlan MovePlanner::compact() {
  Draft draft(*this, 0, 0);
  MovePlan& plan = draft.plan;
  const std::vector<std::uint32_t> from = sources(), into = targets();
  for (const std::uint32_t target : into)
    for (std::size_t i = 0; i < from.size() && plan.moves.empty(); ++i) pack(plan, from[i], target);
  if (plan.moves.empty() && into.size() >= 2) merge(plan, into);
  for (std::size_t i = 0; i < from.size() && plan.moves.empty(); ++i) scatter(plan, from[i]);
  for (std::size_t i = 0; i < from.size() && plan.moves.empty(); ++i) {
    if (auto grown = grow_hole(from[i])) return std::move(*grown);
    if (auto joined = join_holes(from[i])) return std::move(*joined);
  }
  return draft.keep();
}

// The neighbours of the range's largest hole go to other holes, the nearest and smaller one first.
std::optional<MovePlan> MovePlanner::grow_hole(std::uint32_t range) {
  OffsetAllocator& places = ranges_[range]->range();
  const std::size_t count = places.allocation_count() + 1;
  Draft draft(*this, std::min<std::size_t>(count, 4096), 0);
  MovePlan& plan = draft.plan;
  plan.window_range = range;
  const auto claim = [&](Placement::Node hole) {
    const auto node = places.take(hole, places.offset_bytes(hole), places.size_bytes(hole)).node;
    plan.holes.push_back(node);  // there is room
    ranges_[range]->reserve(node);
    return node;
  };
  Placement::Node left = claim(places.largest_hole()), right = left;
  bool left_open = true, right_open = true;
  while ((left_open || right_open) && plan.holes.size() < plan.holes.capacity()) {
    const Placement::Node l = places.left_of(left), r = places.right_of(right);
    left_open = left_open && l != kNoNode;
    right_open = right_open && r != kNoNode;
    const bool go_left = left_open && (!right_open || places.size_bytes(l) <= places.size_bytes(r));
    if (!left_open && !right_open) break;
    const Placement::Node next = go_left ? l : r;
    bool& open = go_left ? left_open : right_open;
    if (!places.is_used(next)) {
      (go_left ? left : right) = claim(next);
      continue;
    }
    const bool affordable =
        plan.moves.empty() || plan.moved_bytes + places.size_bytes(next) <= limits_.moved_bytes;
    open = affordable && alignment_of({range, next}) != 0 && add_move(plan, {range, next}, range);
    if (open) (go_left ? left : right) = next;
  }
  if (plan.moves.empty()) return std::nullopt;
  return draft.keep();
}

// The way from the largest hole to the next one on a side; nothing when a block on it cannot cross
// the hole.
std::optional<MovePlanner::Way> MovePlanner::way_to_next_hole(std::uint32_t range,
                                                              bool leftwards) const {
  const OffsetAllocator& places = ranges_[range]->range();
  const Placement::Node hole = places.largest_hole();
  const auto step = [&](Placement::Node n) {
    return leftwards ? places.left_of(n) : places.right_of(n);
  };
  Way way{leftwards, 0, {}};
  std::uint64_t cost_bytes = 0;
  Placement::Node next = step(hole);
  for (; next != kNoNode && places.is_used(next); next = step(next)) {
    const std::uint64_t alignment = alignment_of({range, next});
    const std::uint64_t needed = places.size_bytes(next) + alignment - Placement::kGranuleBytes;
    if (alignment == 0 || needed > places.size_bytes(hole)) return std::nullopt;
    way.nodes.push_back(next);
    cost_bytes += places.size_bytes(next);
  }
  if (next == kNoNode) return std::nullopt;
  way.gain = static_cast<double>(places.size_bytes(next)) / static_cast<double>(cost_bytes);
  return way;
}

// The largest hole comes nearer to the next one, or joins it: blocks in between move across it, on
// the side that gains more for a byte moved. Every step makes that side the better one, so the hole
// does not wander back and forth.
std::optional<MovePlan> MovePlanner::join_holes(std::uint32_t range) {
  auto way = way_to_next_hole(range, false);
  if (auto left = way_to_next_hole(range, true); left && (!way || left->gain > way->gain))
    way = std::move(left);
  if (!way) return std::nullopt;
  OffsetAllocator& places = ranges_[range]->range();
  Placement::Node rest = places.largest_hole();
  std::uint64_t begin = places.offset_bytes(rest), end = begin + places.size_bytes(rest);
  Draft draft(*this, 0, way->nodes.size());
  MovePlan& plan = draft.plan;
  for (const Placement::Node node : way->nodes) {
    const std::uint64_t size = places.size_bytes(node), alignment = alignment_of({range, node});
    if (size > end - begin ||
        (!plan.moves.empty() && plan.moved_bytes + size > limits_.moved_bytes))
      break;
    // Blocks from the left are laid down from the hole's right end on, and the other way round.
    const std::uint64_t to =
        way->leftwards ? (end - size) & ~(alignment - 1) : align_up(begin, alignment);
    if (to < begin || to + size > end) break;
    const Placement::Node taken = places.take(rest, to, size).node;
    ranges_[range]->reserve(taken);
    plan.moves.push_back({{range, node}, {range, taken}, places.offset_bytes(node), to, size});
    plan.moved_bytes += size;
    (way->leftwards ? end : begin) = way->leftwards ? to : to + size;
    rest = way->leftwards ? places.left_of(taken) : places.right_of(taken);
  }
  return draft.keep();
}

// The emptiest of the compact ranges that hold something, if all of it fits into a fuller one.
void MovePlanner::merge(MovePlan& plan, const std::vector<std::uint32_t>& fullest_first) {
  for (std::size_t i = fullest_first.size(); i-- > 1;) {
    const std::uint32_t last = fullest_first[i];
    if (ranges_[last]->range().used_bytes() == 0) continue;
    for (std::size_t k = 0; k < i && plan.moves.empty(); ++k)
      if (ranges_[fullest_first[k]]->largest_free_bytes() >= ranges_[last]->range().used_bytes())
        pack(plan, last, fullest_first[k]);
    return;
  }
}

void MovePlanner::pack(MovePlan& plan, std::uint32_t source, std::uint32_t target) {
  for (const PlacedNode from : movable_nodes(source)) {
    if (plan.moved_bytes + size_of(from) > limits_.moved_bytes && !plan.moves.empty()) return;
    if (size_of(from) <= ranges_[target]->largest_free_bytes()) (void)add_move(plan, from, target);
  }
}

bool MovePlanner::is_full(std::uint32_t range) const {
  return ranges_[range]->range().free_bytes() <= ranges_[range]->range_bytes() / 1024;
}

// The range gives what it has to the holes of fuller ones.
void MovePlanner::scatter(MovePlan& plan, std::uint32_t source) {
  const std::uint64_t used = ranges_[source]->range().used_bytes();
  for (const PlacedNode from : movable_nodes(source)) {
    if (plan.moved_bytes + size_of(from) > limits_.moved_bytes && !plan.moves.empty()) return;
    for (std::uint32_t range = 0; range < ranges_.size(); ++range)
      if (range != source && ranges_[range] != nullptr &&
          ranges_[range]->range().used_bytes() >= used && add_move(plan, from, range))
        break;
  }
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
