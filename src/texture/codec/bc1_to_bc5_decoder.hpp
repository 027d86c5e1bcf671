// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Decoders of BC1 to BC5 as the Khronos Data Format Specification defines them (chapter "S3TC
// Compressed Texture Image Formats" and "RGTC Compressed Texture Image Formats"). Interpolated
// values are rounded to the nearest 8-bit code. All functions are total: every bit pattern has a
// defined result.

#include <cstdint>

#include "texture/codec/texel_block.hpp"

namespace forge3d::codec {

/// 8 bytes. `punch_through`: black texels of the three-colour palette are transparent (BC1 RGBA),
/// else opaque.
void decode_bc1(const std::uint8_t* bytes, bool punch_through, Rgba8Block& out);
/// 16 bytes: 4-bit alphas, then a four-colour block.
void decode_bc2(const std::uint8_t* bytes, Rgba8Block& out);
/// 16 bytes: an interpolated alpha block, then a four-colour block.
void decode_bc3(const std::uint8_t* bytes, Rgba8Block& out);

}  // namespace forge3d::codec
