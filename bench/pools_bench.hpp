// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// The parts of the pools suite.

#include <functional>

#include "bench/bench_case.hpp"

namespace forge3d::bench {

inline constexpr std::size_t kPlacementSteps = 6;

/// Placement and moving, without a device; calls `step` after each of kPlacementSteps parts.
void add_placement_cases(BenchCases& cases, const std::function<void()>& step);

}  // namespace forge3d::bench
