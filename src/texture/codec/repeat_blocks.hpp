// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Spending quality that nobody asked for: blocks that take the bytes of their left neighbour. A run
// of equal blocks is one match to zstd.

#include <cstdint>

#include "texture/codec/level_blocks.hpp"

namespace forge3d::codec {

/// What the squared error of a level should come to lie between, ends included.
struct ErrorBand {
  std::uint64_t least, most;
};

/// Repeats blocks, those first that add little error, until the level's squared error lies in the
/// band; stops short of it where the next repeat would pass it. Blocks over the edge stay. Returns
/// how many blocks were replaced. Nothing for HDR formats. Deterministic.
std::uint32_t repeat_neighbours(LevelBlocks& level, const ErrorBand& band);

}  // namespace forge3d::codec
