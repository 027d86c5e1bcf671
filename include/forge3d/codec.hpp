// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Block codecs: pixels to compressed blocks and back.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "forge3d/format.hpp"
#include "forge3d/result.hpp"

namespace forge3d {

/// How much time an encoder may spend on a block.
enum class Quality : std::uint8_t { kFast, kNormal, kHigh };

[[nodiscard]] std::string_view to_string(Quality quality);

/// 8-bit RGBA pixels somewhere in host memory; not owned.
struct Rgba8View {
  const std::uint8_t* pixels = nullptr;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::size_t row_bytes = 0;  ///< Distance between rows, >= width * 4.
};
struct Rgba8MutableView {
  std::uint8_t* pixels = nullptr;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::size_t row_bytes = 0;
};

/// Half float RGBA pixels somewhere in host memory, IEEE 754 binary16 in the machine's byte order;
/// not owned. For BC6H and HDR ASTC.
struct Rgba16fView {
  const std::uint16_t* pixels = nullptr;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::size_t row_bytes = 0;  ///< Distance between rows, even, >= width * 8.
};
struct Rgba16fMutableView {
  std::uint16_t* pixels = nullptr;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::size_t row_bytes = 0;
};

struct EncodeBlocksDesc {
  Format format = Format::kBC7Srgb;  ///< Any that can_encode() says yes to; RGBA8 is copied.
  Quality quality = Quality::kNormal;
  std::uint32_t threads = 1;  ///< 0: one a core. The bytes are the same for every number.
};

/// True when encode_blocks accepts the format.
[[nodiscard]] bool can_encode(Format format);
/// True when decode_blocks accepts the format.
[[nodiscard]] bool can_decode(Format format);
/// True for formats whose texels are half floats: BC6H and HDR ASTC.
[[nodiscard]] bool is_hdr(Format format);

/// Encodes an image, edge blocks padded by repeating the last column and row. The error is measured
/// on the codes as they are (an sRGB format changes nothing but its label). SNORM formats take the
/// bytes as two's complement numbers. `block_errors`, where not empty, receives for each block the
/// sum over its texels (padding included) and the format's channels of the squared difference to
/// what a decoder gives, in 8-bit codes. REQUIRES: out.size() == image_bytes(format, width,
/// height); block_errors.size() == 0 or the number of blocks. Errors: kInvalidArgument (extents,
/// stride, output size), kNotSupported (format, or an HDR one). Thread-safe.
[[nodiscard]] Result<> encode_blocks(const EncodeBlocksDesc& desc, Rgba8View image,
                                     std::span<std::byte> out,
                                     std::span<std::uint32_t> block_errors = {});
/// The same for HDR formats. NaN counts as 0, infinities and values outside the format's range as
/// the nearest end of it. `block_errors` receives the sum over texels and channels of the squared
/// difference of log2(1 + |x|) with the sign of x, times 2^16, rounded; that scale reaches 16, the
/// logarithm of the largest half float, which makes a natural peak for a PSNR.
[[nodiscard]] Result<> encode_blocks(const EncodeBlocksDesc& desc, Rgba16fView image,
                                     std::span<std::byte> out,
                                     std::span<std::uint32_t> block_errors = {});

/// Decodes blocks to 8-bit RGBA (missing channels: 0 for colour, 255 for alpha; SNORM formats give
/// two's complement bytes and 127). Total for every bit pattern. Errors: kInvalidArgument (extents,
/// stride, size of `blocks`), kNotSupported (format, or an HDR one). Thread-safe.
[[nodiscard]] Result<> decode_blocks(Format format, std::span<const std::byte> blocks,
                                     Rgba8MutableView image, std::uint32_t threads = 1);
/// The same for HDR formats; missing alpha is 1.
[[nodiscard]] Result<> decode_blocks(Format format, std::span<const std::byte> blocks,
                                     Rgba16fMutableView image, std::uint32_t threads = 1);

/// The instruction sets of the codecs that this machine runs, best first: "avx3" (AVX-512), "avx2",
/// "sse4" or "neon", and always last "scalar", the reference (on ARM "neon" alone).
[[nodiscard]] std::vector<std::string_view> simd_targets();

/// Makes all codecs use this target from now on, in the whole process. For tests and benchmarks:
/// the bytes are the same for all. REQUIRES: no other thread is inside a codec. Errors:
/// kNotSupported names the targets there are.
[[nodiscard]] Result<> use_simd_target(std::string_view name);

}  // namespace forge3d
