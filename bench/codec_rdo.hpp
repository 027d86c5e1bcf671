// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// What CompressDesc::rdo_lambda is worth: bytes after zstd, and what they cost.

#include <string_view>
#include <vector>

#include "bench/bench_case.hpp"
#include "bench/codec_pictures.hpp"

namespace forge3d::bench {

/// For BC7 and BC1, at quality normal and zstd level 19: rdo_FORMAT_bytes_ratio, the size of a file
/// against that of one without RDO that was let down to the same PSNR (CompressDesc's
/// target_psnr_db), rdo_FORMAT_plain_bytes_ratio, against that of one without either, and
/// rdo_FORMAT_loss_db, between those two; a sample a picture. Only cases with `only` in their name.
/// Errors: those of compress().
[[nodiscard]] Result<BenchCases> rdo_cases(const std::vector<CodecPicture>& pictures,
                                           std::string_view only);

}  // namespace forge3d::bench
