// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Rate-distortion optimisation: blocks that take runs of bytes from blocks before them, where what
// that adds to the error is worth the bits that Zstandard then saves.

#include <cstdint>
#include <limits>

#include "texture/codec/level_blocks.hpp"

namespace forge3d::codec {

struct RdoDesc {
  /// The squared error, in codes, that a bit is worth; a part of it in smooth blocks, where errors
  /// are seen. Finite, not negative.
  double lambda = 0;
  /// How long a code is, a 255th of the peak: 1, but for HDR, whose errors have another scale.
  double code = 1;
  /// What the level's squared error may come to. Lambda is halved until it does not pass it.
  std::uint64_t most_error = std::numeric_limits<std::uint64_t>::max();
};

/// Changes blocks of an encoded level where error + lambda * bits falls, bits being an estimate of
/// what a Zstandard frame spends on them. Knows nothing of formats: trials are decoded. After R.
/// Geldreich's entropy reduction transform (bc7enc_rdo, ert.cpp, 2021), which replaces bytes by
/// those of a window; here with zstd's repeated distances, a second encoding to start from, and
/// changes to the bytes that stay. Blocks over the edge stay. Returns how many blocks changed. The
/// same bytes for every number of threads and SIMD target. Errors: those of encode_blocks().
[[nodiscard]] Result<std::uint32_t> trade_error_for_bits(LevelBlocks& level, const RdoDesc& desc);

}  // namespace forge3d::codec
