// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "texture/codec/block_codec.hpp"
#include "texture/codec/texel_block.hpp"

namespace forge3d::codec {

/// Decodes the 16 bytes of a BC7 block (Khronos Data Format Specification, chapter "BPTC Compressed
/// Texture Image Formats"), one field after another: the reference. Total: the reserved mode (first
/// byte 0) gives zeros in all four channels.
void decode_bc7(const std::uint8_t* bytes, Rgba8Block& out);

/// The same for whole runs and many times as fast.
void decode_bc7_run(const DecodeRun& run);

}  // namespace forge3d::codec
