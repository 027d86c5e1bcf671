// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// MovePlanner: which blocks to move where, so that a request fits or holes come together. Pure
// arithmetic on placements.

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "forge3d/placement.hpp"

namespace forge3d {

/// A node of one of several placements: a block, or a slab with all its blocks.
struct PlacedNode {
  std::uint32_t range = 0;  ///< Index of the placement.
  Placement::Node node = 0;
  friend bool operator==(const PlacedNode&, const PlacedNode&) = default;
};

/// One copy of a plan. Its destination is reserved; its source stays where it is.
struct PlannedMove {
  PlacedNode from, to;
  std::uint64_t from_bytes = 0, to_bytes = 0;  ///< Offsets in their ranges.
  std::uint64_t size_bytes = 0;
};

/// Moves, and the window that they make free. The holes inside the window are reserved too.
struct MovePlan {
  std::vector<PlannedMove> moves;
  std::uint64_t moved_bytes = 0;
  std::uint32_t window_range = 0;
  std::uint64_t window_bytes = 0;  ///< Offset.
  std::uint64_t size_bytes = 0;    ///< Of the window; 0: the plan has none.
  std::vector<Placement::Node> holes;
};

struct MoveLimits {
  std::uint32_t visited_nodes = 1u << 17;  ///< Blocks and holes that one search looks at.
  std::uint32_t windows = 64;              ///< Windows tried, cheapest first.
  std::uint32_t prepared_windows = 16;     ///< Of those, tried by prepare().
  std::uint64_t moved_bytes = ~std::uint64_t{0};
  std::size_t moves = ~std::size_t{0};  ///< Of one step of tidy() or compact().
};

/// What moves, by its owner's word: the alignment that a used node asks for (a power of two), or 0
/// when it must stay. A node that stays is a wall. Must not change the placements.
using MoveRule = std::function<std::uint64_t(PlacedNode)>;

/// Plans moves over a few placements (null ones are left out) and reserves what they need. Not
/// thread-safe; keep the placements from others during a call.
class MovePlanner {
 public:
  MovePlanner(std::span<Placement* const> ranges, MoveRule rule, const MoveLimits& limits = {});

  /// The cheapest window of this size, in bytes to move, whose blocks all find a place elsewhere;
  /// nullopt when none of those tried is one.
  [[nodiscard]] std::optional<MovePlan> fit(std::uint64_t size_bytes,
                                            std::uint64_t alignment_bytes);
  /// When fit() found nothing: moves that make room for a block which stands in the way of the
  /// same request, after which fit() may find a window. Its own window, for that block, is freed
  /// with the plan.
  [[nodiscard]] std::optional<MovePlan> prepare(std::uint64_t size_bytes,
                                                std::uint64_t alignment_bytes);
  /// The next moves toward full ranges, one range with a single hole, and empty ranges; none when
  /// there is no more to gain.
  [[nodiscard]] MovePlan compact();
  /// The next moves of a heap in use, few for what they gain: blocks of the emptier ranges into
  /// holes of the fuller ones, then together what is scattered in one range; none when nothing fits
  /// anywhere.
  [[nodiscard]] MovePlan tidy();
  /// Gives back what the plan reserved: as if it had not been made.
  void cancel(const MovePlan& plan);

 private:
  // A block or hole on the way through a range.
  struct Item {
    Placement::Node node;
    bool used, wall;
    std::uint64_t begin, end;
  };
  struct Window {
    std::uint64_t cost_bytes = 0;
    std::uint32_t range = 0;
    std::size_t first = 0, last = 0;  // items that it touches
    std::uint64_t begin = 0;
  };

  // The blocks between the largest hole of a range and the next one on a side.
  struct Way {
    bool leftwards = false;
    double gain = 0;  // bytes of the next hole for a byte moved
    std::vector<Placement::Node> nodes;
  };

  struct Draft;

  void list_items(std::uint32_t range);
  void find_windows(std::uint32_t range, std::uint64_t size_bytes, std::uint64_t alignment_bytes);
  void keep_if_cheap(const Window& window);
  void search(std::uint64_t size_bytes, std::uint64_t alignment_bytes);
  void claim_holes(MovePlan& plan, const Window& window);
  std::vector<PlacedNode> evacuees(const Window& window) const;
  std::optional<MovePlan> try_window(const Window& window, std::uint64_t size_bytes);
  std::optional<MovePlan> prepare_window(const Window& window, std::uint64_t size_bytes);
  [[nodiscard]] std::uint64_t alignment_of(PlacedNode at) const {
    return ranges_[at.range]->is_reserved(at.node) ? 0 : rule_(at);
  }
  bool add_move(MovePlan& plan, PlacedNode from, std::uint32_t to_range);
  bool add_move_anywhere(MovePlan& plan, PlacedNode from);
  [[nodiscard]] bool is_compact(std::uint32_t range) const;
  [[nodiscard]] bool is_full(std::uint32_t range) const;
  [[nodiscard]] std::vector<std::uint32_t> targets() const;
  [[nodiscard]] std::vector<std::uint32_t> sources() const;
  [[nodiscard]] std::vector<PlacedNode> movable_nodes(std::uint32_t range) const;
  void pack(MovePlan& plan, std::uint32_t source, std::uint32_t target);
  void merge(MovePlan& plan, const std::vector<std::uint32_t>& fullest_first);
  void scatter(MovePlan& plan, std::uint32_t source);
  using Sized = std::pair<std::uint64_t, Placement::Node>;
  [[nodiscard]] std::vector<Sized> blocks_up_to(std::uint32_t range, std::uint64_t max_bytes);
  void drain(MovePlan& plan, const std::vector<std::uint32_t>& order, std::size_t position);
  [[nodiscard]] bool is_enough(const MovePlan& plan, std::uint64_t next_bytes) const;
  std::optional<MovePlan> close_up(std::uint32_t range);
  std::optional<MovePlan> grow_hole(std::uint32_t range);
  std::optional<Way> way_to_next_hole(PlacedNode hole, bool leftwards) const;
  std::optional<MovePlan> join_holes(std::uint32_t range);
  std::optional<MovePlan> join_hole(PlacedNode hole);
  [[nodiscard]] std::vector<PlacedNode> smaller_holes(std::uint32_t range) const;
  [[nodiscard]] std::uint64_t size_of(PlacedNode at) const {
    return ranges_[at.range]->range().size_bytes(at.node);
  }

  std::vector<Placement*> ranges_;
  MoveRule rule_;
  MoveLimits limits_;
  std::uint32_t visited_ = 0;
  std::vector<std::vector<Item>> items_;  // of each range, by address
  std::vector<Window> windows_;           // a heap with the dearest on top
};

/// Frees the sources and the window's holes of a plan whose blocks have moved out (see
/// Placement::relocate) and whose copies are done. The window, where there is one, becomes a node
/// of the request's size: a block once it is adopted.
Placement::Node finish(const MovePlan& plan, std::span<Placement* const> ranges);

}  // namespace forge3d
