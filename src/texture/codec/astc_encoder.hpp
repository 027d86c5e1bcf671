// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "texture/codec/block_codec.hpp"

namespace forge3d::codec {

/// Encodes blocks of 4 x 4 and 6 x 6 texels (LDR), minimising the squared error over R, G, B and A.
void encode_astc(const EncodeRun& run);

}  // namespace forge3d::codec
