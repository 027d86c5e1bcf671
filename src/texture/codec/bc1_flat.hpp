// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "texture/codec/texel_block.hpp"

namespace forge3d::codec {

/// Encodes a block whose texels have one colour (the first texel's), opaque. Each channel decodes
/// to within 1.
void encode_bc1_flat(const TexelBlock& block, std::uint8_t* out);

}  // namespace forge3d::codec
