// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace forge3d::codec {

/// Encodes a block whose texels are all alike (R in the lowest byte); it decodes to exactly that
/// colour (BC7 mode 5).
void encode_bc7_flat(std::uint32_t texel, std::uint8_t* out);

}  // namespace forge3d::codec
