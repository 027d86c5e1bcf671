// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bench/bench_case.hpp"

namespace forge3d::bench {

/// Adds the cases `etc1s_to_TARGET_mpixps` whose names have options.only in them: one thread, by
/// processor time, over level 0 of the BasisLZ files in options.images, or of a generated one where
/// there is none.
[[nodiscard]] Result<> add_transcode_cases(const BenchOptions& options, BenchCases& cases);

}  // namespace forge3d::bench
