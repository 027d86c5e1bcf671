// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// The library's statistics as dicts, with the keys of the specification.

#include <nanobind/nanobind.h>

#include "forge3d/budget.hpp"
#include "forge3d/staging_ring.hpp"
#include "held_pool.hpp"

namespace forge3d::python {

namespace nb = nanobind;

/// memory_metrics(): what the ledger holds.
[[nodiscard]] nb::dict budget_dict(const BudgetStats& stats);
/// staging_stats().
[[nodiscard]] nb::dict staging_dict(const StagingStats& stats);
/// pool_stats(); detailed where the statistics are. `pool` may be null.
[[nodiscard]] nb::dict pool_dict(const HeldPool* pool, const PoolStats& stats);

}  // namespace forge3d::python
