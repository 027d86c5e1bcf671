// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// The six camera traces over a texture of 2^20 squared, simulated.

#include "bench/bench_case.hpp"

namespace forge3d::bench {

/// Per trace and, where a name has no trace, of the worst one (visible_ratio and
/// request_to_visible_frames: of all of them). Needs no device. The pages of every pixel are found
/// in every 300th frame.
/// - visible_us, visible_ratio, visible_missed: pages found against pages that some tap touches;
/// - exact_area, mip_deficit at 8 and 32 pages a frame, a page ready 3 frames after it was asked
///   for, slots for twice the largest working set;
/// - overload_deficit at 67.5 % of the pages a frame that the trace needs: as many as it loads when
///   every page may be loaded at once and none is fetched ahead;
/// - manager_us with 4096 slots; request_to_visible_frames of the pages that a view waited for,
///   with 8 MiB of uploads a frame and pages that are ready a frame after they were asked for, as
///   from a warm disk cache;
/// - page_table_bytes: of the table, in use at most.
[[nodiscard]] Result<> add_simulated_flights(const BenchOptions& options, BenchCases& cases);

}  // namespace forge3d::bench
