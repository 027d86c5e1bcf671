// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "texture/codec/block_codec.hpp"

namespace forge3d::basis {

/// Decodes UASTC LDR 4x4 blocks to RGBA8, as ASTC decoders do in the mode decode_unorm8; where the
/// run's format is sRGB (kASTC4x4Srgb) as sRGB decoders round. Blocks that the format forbids are
/// magenta (255, 0, 255, 255). Total for every bit pattern.
void decode_uastc(const codec::DecodeRun& run);

}  // namespace forge3d::basis
