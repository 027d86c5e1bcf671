// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bench/bench_case.hpp"

namespace forge3d::bench {

/// Adds `ktx2_open_us` and `ktx2_one_level_ms` where options.only is in their names: a BC7 texture
/// of 4096 x 4096 with all mips under zstd, in a file of the system's temporary folder, that is in
/// the page cache. Opening reads header, index, descriptor and keys; one level opens and inflates
/// level 2, of 1024 x 1024. One thread, wall time. Errors: kIo, those of writer and reader.
[[nodiscard]] Result<> add_ktx2_cases(const BenchOptions& options, BenchCases& cases);

}  // namespace forge3d::bench
