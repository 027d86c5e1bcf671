// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Decoders of BC1 to BC3 as the Khronos Data Format Specification defines them (chapter "S3TC
// Compressed Texture Image Formats"). Interpolated values are rounded to the nearest 8-bit code.

#include "texture/codec/block_codec.hpp"

namespace forge3d::codec {

/// 8 bytes. Black texels of the three-colour palette are transparent in the RGBA formats, else
/// opaque.
void decode_bc1(const DecodeRun& run);
/// 16 bytes: 4-bit alphas, then a four-colour block.
void decode_bc2(const DecodeRun& run);
/// 16 bytes: an interpolated alpha block, then a four-colour block.
void decode_bc3(const DecodeRun& run);

}  // namespace forge3d::codec
