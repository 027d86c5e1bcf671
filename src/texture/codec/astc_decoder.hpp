// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "texture/codec/block_codec.hpp"

namespace forge3d::codec {

/// Decodes any 2D block size to 8-bit codes: the upper eight bits of the specification's 16-bit
/// result. Blocks that the format forbids, and HDR constant blocks, are magenta (255, 0, 255, 255);
/// so are the texels of partitions whose ends are HDR.
void decode_astc(const DecodeRun& run);

/// Decodes any 2D block size to half floats. Blocks that the format forbids are NaN (all bits set).
void decode_astc_hdr(const DecodeRun& run);

}  // namespace forge3d::codec
