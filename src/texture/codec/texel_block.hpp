// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// One 4 x 4 block of texels, in the two shapes the codecs work on. Texel i lies at column i % 4,
// row i / 4.

#include <array>
#include <cstdint>

#include "forge3d/codec.hpp"

namespace forge3d::codec {

inline constexpr int kBlockSide = 4;
inline constexpr int kTexels = kBlockSide * kBlockSide;

/// One small integer (or one float) a texel. Loops over these run over all 16 lanes without
/// branches, so that compilers turn them into vector code for any machine.
using Shorts = std::array<std::int16_t, kTexels>;
using Floats = std::array<float, kTexels>;

/// The encoders' input: structure of arrays, values 0..255, channels R G B A.
using TexelBlock = std::array<Shorts, 4>;

/// The decoders' output: 16 texels R G B A, interleaved.
using Rgba8Block = std::array<std::uint8_t, std::size_t{4} * kTexels>;

/// Reads block (block_x, block_y); texels past the right or lower edge repeat the last column and
/// row.
void load_block(const Rgba8View& image, std::uint32_t block_x, std::uint32_t block_y,
                TexelBlock& block);

/// Writes the part of the block that lies inside the image.
void store_block(const Rgba8Block& block, const Rgba8MutableView& image, std::uint32_t block_x,
                 std::uint32_t block_y);

/// Sum over the texels of a * b. Integers, so that the order of additions is free.
inline std::int32_t dot(const Shorts& a, const Shorts& b) {
  std::int32_t sum = 0;
  for (int i = 0; i < kTexels; ++i) sum += std::int32_t{a[i]} * b[i];
  return sum;
}

inline std::int32_t sum_of(const Shorts& a) {
  std::int32_t sum = 0;
  for (int i = 0; i < kTexels; ++i) sum += a[i];
  return sum;
}

/// True when every texel has the same value in every channel.
[[nodiscard]] bool is_flat(const TexelBlock& block);

}  // namespace forge3d::codec
