// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Block codecs: pixels to compressed blocks and back.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

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

struct EncodeBlocksDesc {
  Format format = Format::kBC7Srgb;  ///< A BC1 or BC7 format, or RGBA8 (copied).
  Quality quality = Quality::kNormal;
  std::uint32_t threads = 1;  ///< 0: one a core. The bytes are the same for every number.
};

/// True when encode_blocks accepts the format.
[[nodiscard]] bool can_encode(Format format);
/// True when decode_blocks accepts the format.
[[nodiscard]] bool can_decode(Format format);

/// Encodes an image, edge blocks padded by repeating the last column and row. The error is measured
/// on the codes as they are (an sRGB format changes nothing but its label). REQUIRES: out.size() ==
/// image_bytes(format, width, height). Errors: kInvalidArgument (extents, stride, output size),
/// kNotSupported (format). Thread-safe.
[[nodiscard]] Result<> encode_blocks(const EncodeBlocksDesc& desc, Rgba8View image,
                                     std::span<std::byte> out);

/// Decodes blocks to 8-bit RGBA (missing channels: 0 for colour, 255 for alpha). Total for every
/// bit pattern. Errors: kInvalidArgument (extents, stride, size of `blocks`), kNotSupported
/// (format). Thread-safe.
[[nodiscard]] Result<> decode_blocks(Format format, std::span<const std::byte> blocks,
                                     Rgba8MutableView image, std::uint32_t threads = 1);

}  // namespace forge3d
