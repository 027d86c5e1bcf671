// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "texture/codec/texel_block.hpp"

namespace forge3d::codec {

/// Encodes a block as the 8 bytes of BC1, minimising the squared error over R, G and B. Alpha is
/// ignored; every texel decodes to opaque.
void encode_bc1(const TexelBlock& block, Quality quality, std::uint8_t* out);

/// The same, where texels with alpha below 128 become transparent black and the others opaque.
void encode_bc1_punch_through(const TexelBlock& block, Quality quality, std::uint8_t* out);

}  // namespace forge3d::codec
