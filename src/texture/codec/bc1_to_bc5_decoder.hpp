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

/// 8 bytes: red; green and blue are 0, alpha 255.
void decode_bc4(const std::uint8_t* bytes, Rgba8Block& out);
/// 16 bytes: red and green; blue is 0, alpha 255.
void decode_bc5(const std::uint8_t* bytes, Rgba8Block& out);

}  // namespace forge3d::codec
