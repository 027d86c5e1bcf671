// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "texture/codec/block_codec.hpp"

namespace forge3d::codec {

/// BC4: red. BC5: red and green. Unorm and snorm by the run's format.
void encode_bc4(const EncodeRun& run);
void encode_bc5(const EncodeRun& run);

}  // namespace forge3d::codec
