// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "texture/codec/block_codec.hpp"

namespace forge3d::codec {

/// Encodes half floats as BC6H, unsigned or signed. Errors are those of hdr_error.hpp.
void encode_bc6h_run(const EncodeRun& run);

}  // namespace forge3d::codec
