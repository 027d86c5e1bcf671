// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Texels to ETC2 blocks.

#include "texture/codec/block_codec.hpp"

namespace forge3d::codec {

void encode_etc2_rgb(const EncodeRun& run);
/// RGB with holes: texels whose alpha is below 128 are transparent.
void encode_etc2_rgb_a1(const EncodeRun& run);
/// RGB behind an alpha block of EAC; each as near as it can be, colours of transparent texels, too.
void encode_etc2_rgba(const EncodeRun& run);

}  // namespace forge3d::codec
