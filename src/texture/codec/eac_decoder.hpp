// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "texture/codec/block_codec.hpp"

namespace forge3d::codec {

/// EAC R11: red. EAC RG11: red and green. Unorm and snorm by the run's format; missing colours are
/// 0.
void decode_eac_r11(const DecodeRun& run);
void decode_eac_rg11(const DecodeRun& run);

}  // namespace forge3d::codec
