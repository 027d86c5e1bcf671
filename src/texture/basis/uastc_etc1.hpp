// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// ETC1 blocks beside UASTC: the hints that an encoder leaves for transcoders (Khronos Data Format
// Specification, "Universal ASTC Compressed Texture Images", Transcoding to ETC formats), and
// blocks that old decoders know.

#include <array>
#include <cstdint>

#include "texture/basis/uastc_block.hpp"

namespace forge3d::basis {

/// The RGB texels of a block, R in the lowest byte, row after row. The highest byte is ignored.
using Etc1Texels = std::array<std::uint32_t, 16>;

/// The hints that lead a transcoder to (about) this ETC1 block. The BC1 and ETC2 hints are
/// defaults.
[[nodiscard]] UastcHints etc1_hints(const std::uint8_t* block, const Etc1Texels& texels);

/// The hints of a block of one color.
[[nodiscard]] UastcHints flat_etc1_hints(std::uint32_t color);

}  // namespace forge3d::basis
