// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// How far the 8-bit texels of blocks are apart, block by block.

#include <cstddef>
#include <cstdint>

#include "forge3d/format.hpp"

namespace forge3d::codec {

/// Blocks side by side, as in EncodeRun and DecodeRun.
struct BlockTexels {
  const std::uint8_t* texels;
  std::size_t row_bytes;
};

/// What the kernels of block_differences() are told.
struct DifferenceRun {
  BlockTexels a, b;
  std::size_t block_width, block_height;
  std::size_t channels;
  bool is_signed;
};

/// out[i] = the sum over the texels of block i and the channels of `format` of the squared
/// difference, in 8-bit codes: what EncodeRun::errors promises. For formats of 8-bit texels.
void block_differences(Format format, BlockTexels a, BlockTexels b, std::size_t blocks,
                       std::uint32_t* out);

}  // namespace forge3d::codec
