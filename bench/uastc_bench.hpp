// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "bench/bench_case.hpp"
#include "bench/codec_pictures.hpp"

namespace forge3d::bench {

/// UASTC on one thread: uastc_encode_QUALITY_mpixps and _psnr_db, uastc_to_FORMAT_mpixps from what
/// the normal encoder makes. Measures those that options.only names. Errors: the library's.
[[nodiscard]] Result<> add_uastc_cases(const BenchOptions& options,
                                       std::vector<CodecPicture>& pictures, BenchCases& cases);

}  // namespace forge3d::bench
