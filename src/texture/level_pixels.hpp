// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// The levels of an image as an encoder takes them.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "forge3d/compress.hpp"

namespace forge3d::texture {

/// How the texels of a format come from an image.
enum class TexelKind : std::uint8_t {
  kRgba8,
  kRgba8Snorm,  ///< 0..255 moved to -127..127.
  kRgba16f,     ///< Linear light; NaN is 0, infinities are the ends of the range.
  kR16,         ///< Red, 16 bits.
};
[[nodiscard]] TexelKind texel_kind(Format format);

/// One level: what is encoded and what decoded blocks are compared with.
struct LevelPixels {
  TexelKind kind = TexelKind::kRgba8;
  /// RGBA8 (kRgba8Snorm: its steps as 1..255), RGBA floats (those that a half holds), or one
  /// channel of 16 bits.
  Image image;
  std::vector<std::byte> texels;  ///< Where they are not image.pixels.

  [[nodiscard]] std::span<const std::byte> bytes() const {
    return texels.empty() ? std::span<const std::byte>(image.pixels) : texels;
  }
  [[nodiscard]] std::size_t row_bytes() const { return bytes().size() / image.info.height; }
};

/// Level 0 and, where wanted, those below. Mips are filtered from the samples as given, so that
/// 16-bit images lose nothing on the way. The sRGB flag of the image counts for albedo and ui.
/// Errors: kInvalidArgument, kOutOfHostMemory.
[[nodiscard]] Result<std::vector<LevelPixels>> make_level_pixels(const Image& image,
                                                                 const CompressDesc& desc,
                                                                 TexelKind kind);

/// Blocks (or plain texels) of `format` as an image to compare with `level.image`.
[[nodiscard]] Result<Image> decode_like(const LevelPixels& level, Format format,
                                        std::span<const std::byte> blocks, std::uint32_t threads);

/// Whether the codes of such an image are light under the sRGB curve.
[[nodiscard]] bool keeps_srgb(UseCase use_case);

/// True when some texel's alpha is below full scale.
[[nodiscard]] bool is_translucent(const Image& image);

}  // namespace forge3d::texture
