// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "texture/codec/astc_sequence.hpp"

namespace forge3d::basis {

/// By range of codec::kAstcRanges and 8-bit value: the code that means it (any of those that do), 0
/// where none does.
using UastcCodeTable = std::array<std::array<std::uint8_t, 256>, codec::kAstcRanges.size()>;
[[nodiscard]] const UastcCodeTable& uastc_code_table();

}  // namespace forge3d::basis
