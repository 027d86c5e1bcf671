// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "texture/codec/block_codec.hpp"

namespace forge3d::basis {

/// Encodes a run of 4 x 4 blocks to UASTC LDR, 16 bytes each, with the hints that transcoders use.
/// The run's format is ignored: errors are those of decode_uastc() to linear RGBA8. Output is the
/// same bytes for every SIMD target and every way to cut an image into runs.
void encode_uastc_run(const codec::EncodeRun& run);

}  // namespace forge3d::basis
