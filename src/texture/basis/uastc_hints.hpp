// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "texture/basis/uastc_writer.hpp"
#include "texture/codec/block_codec.hpp"

namespace forge3d::basis {

/// Blocks that write_uastc_chunk() takes.
inline constexpr std::size_t kUastcHintBlocks = 64;

/// Writes the interpolated blocks of a run with the hints for ETC1, ETC2 and BC1 that the fast
/// encoders of those formats find. REQUIRES: run.blocks <= kUastcHintBlocks; a coding a block
/// (those of blocks of one color are ignored: nothing is written for error ~0).
void write_uastc_chunk(const codec::EncodeRun& run, const UastcCoding* codings);

}  // namespace forge3d::basis
