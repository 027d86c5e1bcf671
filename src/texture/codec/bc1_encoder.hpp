// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "texture/codec/block_codec.hpp"

namespace forge3d::codec {

/// BC1, minimising the squared error over R, G and B. In the RGB formats alpha is ignored and every
/// texel decodes to opaque; in the RGBA formats texels with alpha below 128 become transparent
/// black and the others opaque.
void encode_bc1(const EncodeRun& run);

}  // namespace forge3d::codec
