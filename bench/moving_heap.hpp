// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// A heap that moves its blocks and has no memory: the pool's placement and planning without a
// device.

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "forge3d/memory_pool.hpp"
#include "forge3d/move_planner.hpp"

namespace forge3d::bench {

/// Places numbered blocks in a few equal ranges. Moves are done at once, as nothing is copied.
class MovingHeap {
 public:
  MovingHeap(std::uint32_t ranges, std::uint64_t range_bytes);

  /// False: refused. With `moving`, only when no moves make a hole.
  bool allocate(std::uint32_t block, std::uint64_t size_bytes, bool moving);
  void free(std::uint32_t block);
  /// A slice of upkeep, as the pool does it.
  void upkeep(const PoolUpkeep& slice);

  [[nodiscard]] std::uint64_t used_bytes() const;
  /// Of the free bytes, those that neither lie in the largest hole nor in an empty range.
  [[nodiscard]] double fragmentation() const;
  [[nodiscard]] std::uint64_t moved_bytes() const { return moved_bytes_; }
  /// How long each request that found no hole took to plan its moves.
  [[nodiscard]] const std::vector<double>& plan_us() const { return plan_us_; }

 private:
  struct Place {
    std::uint32_t range = 0;
    Placement::Id id = 0;
  };

  [[nodiscard]] MovePlanner planner(const MoveLimits& limits);
  std::optional<MovePlan> plan_window(std::uint64_t size_bytes);
  Placement::Node carry_out(const MovePlan& plan);
  void settle(std::uint32_t block, std::uint32_t range, Placement::Id id);

  std::deque<Placement> ranges_;
  std::vector<Placement*> pointers_;
  std::vector<Place> places_;  // of all blocks
  std::uint64_t moved_bytes_ = 0;
  bool tidying_ = false;
  std::vector<double> plan_us_;
};

}  // namespace forge3d::bench
