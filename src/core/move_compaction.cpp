// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Compaction: moves that nobody asked for, toward full ranges, one hole each, and empty ranges.

#include <algorithm>

#include "core/plan_draft.hpp"

namespace forge3d {
namespace {

constexpr Placement::Node kNoNode = OffsetAllocator::kBorder;

std::uint64_t align_up(std::uint64_t value, std::uint64_t alignment) {
  return (value + alignment - 1) & ~(alignment - 1);
}

}  // namespace

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
    if (auto closed = close_up(from[i])) return std::move(*closed);
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
    if (is_enough(plan, size_of(from))) return;
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
    if (is_enough(plan, size_of(from))) return;
    for (std::uint32_t range = 0; range < ranges_.size(); ++range)
      if (range != source && ranges_[range] != nullptr &&
          ranges_[range]->range().used_bytes() >= used && add_move(plan, from, range))
        break;
  }
}

// The emptier ranges give to the fuller ones, so that the sum of the squares of what they hold
// grows until nothing fits any more; then a range's own holes are brought together, the fullest
// one's first, as it has the least to move.
MovePlan MovePlanner::tidy() {
  visited_ = 0;
  Draft draft(*this, 0, 0);
  std::vector<std::uint32_t> order;
  for (std::uint32_t range = 0; range < ranges_.size(); ++range)
    if (ranges_[range] != nullptr && ranges_[range]->range().used_bytes() > 0)
      order.push_back(range);
  std::stable_sort(order.begin(), order.end(), [this](std::uint32_t a, std::uint32_t b) {
    return ranges_[a]->range().used_bytes() < ranges_[b]->range().used_bytes();
  });
  for (std::size_t i = 0; i + 1 < order.size() && draft.plan.moves.empty(); ++i)
    drain(draft.plan, order, i);
  for (std::size_t i = order.size(); i-- > 0 && draft.plan.moves.empty();)
    if (!is_compact(order[i]) && !is_full(order[i]))
      if (auto closed = close_up(order[i])) return std::move(*closed);
  return draft.keep();
}

// A heap of the blocks of up to `max_bytes` by size. What lies beyond the limit of the search is
// left out.
std::vector<MovePlanner::Sized> MovePlanner::blocks_up_to(std::uint32_t range,
                                                          std::uint64_t max_bytes) {
  std::vector<Sized> blocks;
  const OffsetAllocator& places = ranges_[range]->range();
  for (auto node = places.first(); node != kNoNode; node = places.right_of(node)) {
    if (++visited_ > limits_.visited_nodes) break;
    if (places.is_used(node) && places.size_bytes(node) <= max_bytes)
      blocks.emplace_back(places.size_bytes(node), node);
  }
  std::make_heap(blocks.begin(), blocks.end());
  return blocks;
}

// The range gives what it has to the holes of fuller ones, the fullest first; its largest blocks
// first, so that small ones fill what is left.
void MovePlanner::drain(MovePlan& plan, const std::vector<std::uint32_t>& order,
                        std::size_t position) {
  std::uint64_t largest = 0;
  for (std::size_t i = position + 1; i < order.size(); ++i)
    largest = std::max(largest, ranges_[order[i]]->largest_free_bytes());
  if (largest == 0) return;
  std::vector<Sized> blocks = blocks_up_to(order[position], largest);
  for (; !blocks.empty(); blocks.pop_back()) {
    std::pop_heap(blocks.begin(), blocks.end());
    const PlacedNode from{order[position], blocks.back().second};
    if (is_enough(plan, size_of(from))) return;
    for (std::size_t i = order.size(); --i > position;) {
      if (size_of(from) > ranges_[order[i]]->largest_free_bytes()) continue;
      if (alignment_of(from) == 0 || add_move(plan, from, order[i])) break;
    }
  }
}

std::optional<MovePlan> MovePlanner::close_up(std::uint32_t range) {
  auto plan = grow_hole(range);
  return plan ? std::move(plan) : join_holes(range);
}

// One move is always allowed, so that large blocks are not left out.
bool MovePlanner::is_enough(const MovePlan& plan, std::uint64_t next_bytes) const {
  return !plan.moves.empty() && (plan.moved_bytes + next_bytes > limits_.moved_bytes ||
                                 plan.moves.size() >= limits_.moves);
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
    open = !is_enough(plan, places.size_bytes(next)) && alignment_of({range, next}) != 0 &&
           add_move(plan, {range, next}, range);
    if (open) (go_left ? left : right) = next;
  }
  if (plan.moves.empty()) return std::nullopt;
  return draft.keep();
}

// The way from a hole to the next one on a side; nothing when a block on it cannot cross the hole.
std::optional<MovePlanner::Way> MovePlanner::way_to_next_hole(PlacedNode at, bool leftwards) const {
  const OffsetAllocator& places = ranges_[at.range]->range();
  const Placement::Node hole = at.node;
  const auto step = [&](Placement::Node n) {
    return leftwards ? places.left_of(n) : places.right_of(n);
  };
  Way way{leftwards, 0, {}};
  std::uint64_t cost_bytes = 0;
  Placement::Node next = step(hole);
  for (; next != kNoNode && places.is_used(next); next = step(next)) {
    const std::uint64_t alignment = alignment_of({at.range, next});
    const std::uint64_t needed = places.size_bytes(next) + alignment - Placement::kGranuleBytes;
    if (alignment == 0 || needed > places.size_bytes(hole)) return std::nullopt;
    way.nodes.push_back(next);
    cost_bytes += places.size_bytes(next);
  }
  if (next == kNoNode) return std::nullopt;
  way.gain = static_cast<double>(places.size_bytes(next)) / static_cast<double>(cost_bytes);
  return way;
}

// All but the largest hole, the largest first; a few.
std::vector<PlacedNode> MovePlanner::smaller_holes(std::uint32_t range) const {
  constexpr std::size_t kMost = 32;
  const OffsetAllocator& places = ranges_[range]->range();
  std::vector<PlacedNode> holes;
  for (auto node = places.first(); node != kNoNode; node = places.right_of(node))
    if (!places.is_used(node) && node != places.largest_hole()) holes.push_back({range, node});
  const std::size_t count = std::min(kMost, holes.size());
  std::partial_sort(holes.begin(), holes.begin() + static_cast<std::ptrdiff_t>(count), holes.end(),
                    [this](PlacedNode a, PlacedNode b) { return size_of(a) > size_of(b); });
  holes.resize(count);
  return holes;
}

// The largest hole, or where blocks larger than it enclose it a smaller one.
std::optional<MovePlan> MovePlanner::join_holes(std::uint32_t range) {
  const Placement::Node largest = ranges_[range]->range().largest_hole();
  if (auto plan = join_hole({range, largest})) return plan;
  for (const PlacedNode hole : smaller_holes(range))
    if (auto plan = join_hole(hole)) return plan;
  return std::nullopt;
}

// A hole comes nearer to the next one, or joins it: blocks in between move across it, on the side
// that gains more for a byte moved. Every step makes that side the better one, so the hole does not
// wander back and forth.
std::optional<MovePlan> MovePlanner::join_hole(PlacedNode hole) {
  const std::uint32_t range = hole.range;
  auto way = way_to_next_hole(hole, false);
  if (auto left = way_to_next_hole(hole, true); left && (!way || left->gain > way->gain))
    way = std::move(left);
  if (!way) return std::nullopt;
  OffsetAllocator& places = ranges_[range]->range();
  Placement::Node rest = hole.node;
  std::uint64_t begin = places.offset_bytes(rest), end = begin + places.size_bytes(rest);
  Draft draft(*this, 0, way->nodes.size());
  MovePlan& plan = draft.plan;
  for (const Placement::Node node : way->nodes) {
    const std::uint64_t size = places.size_bytes(node), alignment = alignment_of({range, node});
    if (size > end - begin || is_enough(plan, size)) break;
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
  if (plan.moves.empty()) return std::nullopt;
  return draft.keep();
}

}  // namespace forge3d
