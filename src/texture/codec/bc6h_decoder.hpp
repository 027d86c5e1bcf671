// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "texture/codec/block_codec.hpp"
#include "texture/codec/texel_block.hpp"

namespace forge3d::codec {

/// 16 texels of half floats, R G B A interleaved.
using HalfBlock = std::array<std::uint16_t, std::size_t{4} * kTexels>;

/// Decodes the 16 bytes of a BC6H block (Khronos Data Format Specification, chapter "BPTC
/// Compressed Texture Image Formats"), one field after another: the reference. Alpha is 1. Total:
/// the four reserved modes give zeros with alpha 1.
void decode_bc6h(const std::uint8_t* bytes, bool is_signed, HalfBlock& out);

/// The same for whole runs and many times as fast.
void decode_bc6h_run(const DecodeRun& run);

}  // namespace forge3d::codec
