// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// What codec.cpp knows of a block format: kernels that work on runs of whole blocks.

#include <cstddef>
#include <cstdint>

#include "forge3d/codec.hpp"

namespace forge3d::codec {

/// How the texels of a kernel are stored. Always four channels, interleaved.
enum class TexelType : std::uint8_t {
  kRgba8,       ///< 8 bits, 0..255.
  kRgba8Snorm,  ///< 8 bits, two's complement, -127..127 (-128 reads as -127).
  kRgba16f,     ///< IEEE half floats.
};

/// Encodes `blocks` blocks that lie side by side: texel (x, y) of block b is at
/// texels + y * row_bytes + (b * block_width + x) * bytes of a texel. Never reads past the last
/// texel of a row, whatever the number of blocks.
struct EncodeRun {
  const std::uint8_t* texels;
  std::size_t row_bytes;
  std::size_t blocks;
  Format format;
  Quality quality;
  std::uint8_t* out;  ///< blocks * block_bytes
  /// Where not null: for each block the sum over its texels and the format's channels of the
  /// squared difference between the texel and what a decoder gives, in 8-bit codes. Exact: equal to
  /// what decoding and comparing would find. HDR encoders give the sum of the squared differences
  /// of log2(1 + |x|) with the sign of x, times 2^16, rounded, from the table of hdr_code.hpp; NaN
  /// counts as 0, what is out of the format's range as the nearest end of it.
  std::uint32_t* errors;
};
using EncodeKernel = void (*)(const EncodeRun&);

/// Decodes blocks that lie side by side into texels laid out as above. Total for every bit pattern.
struct DecodeRun {
  const std::uint8_t* blocks;
  std::size_t count;
  Format format;
  std::uint8_t* texels;
  std::size_t row_bytes;
};
using DecodeKernel = void (*)(const DecodeRun&);

/// The kernels of one format. Output is the same bytes for every SIMD target and for every way to
/// cut an image into runs.
struct BlockCodec {
  TexelType texels = TexelType::kRgba8;
  EncodeKernel encode = nullptr;
  DecodeKernel decode = nullptr;
};

/// The kernels of `format`, or an entry without any.
[[nodiscard]] BlockCodec block_codec(Format format);

}  // namespace forge3d::codec
