// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// ETC1 and ETC2 blocks to texels. Total for every bit pattern.

#include "texture/codec/block_codec.hpp"

namespace forge3d::codec {

void decode_etc2_rgb(const DecodeRun& run);
/// RGB with an alpha of 0 or 255.
void decode_etc2_rgb_a1(const DecodeRun& run);
/// An alpha block of EAC, then one of RGB.
void decode_etc2_rgba(const DecodeRun& run);

}  // namespace forge3d::codec
