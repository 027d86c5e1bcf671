// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "texture/codec/block_codec.hpp"

namespace forge3d::codec {

/// BC7 from RGBA8. Opaque blocks decode to opaque ones, flat ones to exactly their colour.
void encode_bc7(const EncodeRun& run);

}  // namespace forge3d::codec
