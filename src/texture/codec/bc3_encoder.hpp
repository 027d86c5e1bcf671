// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "texture/codec/block_codec.hpp"

namespace forge3d::codec {

/// BC3, minimising the squared error over R, G and B and that of alpha. Colours are written as
/// decoders of BC1 would read them, too: four of them, or one.
void encode_bc3(const EncodeRun& run);

}  // namespace forge3d::codec
