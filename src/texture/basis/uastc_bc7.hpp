// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "texture/basis/uastc_block.hpp"

namespace forge3d::basis {

/// The BC7 block nearest to a UASTC block: the same partition and weights, ends rounded to what BC7
/// has (Khronos Data Format Specification, "Universal ASTC Compressed Texture Images", Transcoding
/// to BC7). 16 bytes.
void write_uastc_as_bc7(const UastcBlock& block, std::uint8_t* out);

}  // namespace forge3d::basis
