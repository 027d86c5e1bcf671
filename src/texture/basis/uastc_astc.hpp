// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "texture/basis/uastc_block.hpp"

namespace forge3d::basis {

/// The ASTC 4x4 block that decodes to the same texels. 16 bytes.
void write_uastc_as_astc(const UastcBlock& block, std::uint8_t* out);

}  // namespace forge3d::basis
