// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "texture/codec/texel_block.hpp"

namespace forge3d::codec {

/// Encodes a block as the 16 bytes of BC7, minimising the squared error over R, G, B and A. A block
/// whose texels are all opaque decodes to opaque texels; one of a single colour decodes to it
/// exactly.
void encode_bc7(const TexelBlock& block, Quality quality, std::uint8_t* out);

}  // namespace forge3d::codec
