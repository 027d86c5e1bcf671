// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// A move plan while it is made.

#include <utility>

#include "forge3d/move_planner.hpp"

namespace forge3d {

/// A plan in the making: what it reserved is given back unless it is kept.
struct MovePlanner::Draft {
  Draft(MovePlanner& p, std::size_t holes, std::size_t moves) : planner(p) {
    plan.holes.reserve(holes);
    plan.moves.reserve(moves);
  }
  /// For `size_bytes` in a window, whose holes it claims.
  Draft(MovePlanner& p, const Window& window, std::size_t moves, std::uint64_t size_bytes)
      : Draft(p, window.last - window.first + 1, moves) {
    plan.window_range = window.range;
    plan.window_bytes = window.begin;
    plan.size_bytes = size_bytes;
    planner.claim_holes(plan, window);
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

}  // namespace forge3d
