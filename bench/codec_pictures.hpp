// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// The pictures that codecs are measured with, and how far their decoded texels are off.

#include <cstdint>
#include <filesystem>
#include <vector>

#include "forge3d/codec.hpp"
#include "forge3d/image.hpp"

namespace forge3d::bench {

/// A picture as both kinds of texels, the blocks that an encoder made of it, and those decoded.
struct CodecPicture {
  std::uint32_t width = 0, height = 0;
  std::vector<std::uint8_t> rgba8;
  std::vector<std::uint16_t> rgba16f;  ///< Linear light, 0 to 1.
  std::vector<std::byte> blocks;
  std::vector<std::uint8_t> decoded8;
  std::vector<std::uint16_t> decoded16f;

  [[nodiscard]] Rgba8View view8() const { return {rgba8.data(), width, height, row8_bytes()}; }
  [[nodiscard]] Rgba16fView view16f() const {
    return {rgba16f.data(), width, height, 2 * row8_bytes()};
  }
  [[nodiscard]] Rgba8MutableView out8() { return {decoded8.data(), width, height, row8_bytes()}; }
  [[nodiscard]] Rgba16fMutableView out16f() {
    return {decoded16f.data(), width, height, 2 * row8_bytes()};
  }
  [[nodiscard]] std::size_t row8_bytes() const { return std::size_t{4} * width; }
};

/// All PNG and JPEG pictures of a folder, by name; a generated one where the folder is empty ("").
/// Errors: kIo (none there), and load_image's.
[[nodiscard]] Result<std::vector<CodecPicture>> load_codec_pictures(
    const std::filesystem::path& folder);

[[nodiscard]] double megapixels(const std::vector<CodecPicture>& pictures);

/// Encodes and decodes with the library, on one thread. Errors: the library's.
[[nodiscard]] Result<> encode(CodecPicture& picture, Format format, Quality quality);
[[nodiscard]] Result<> decode(CodecPicture& picture, Format format);

/// PSNR of what was decoded, in dB, at most 99: over the format's channels without alpha, of 8-bit
/// codes; for HDR formats of log2(1 + x), against log2(1 + 65504) = 16, the end of the half floats,
/// whatever the picture holds.
[[nodiscard]] double psnr_db(const CodecPicture& picture, Format format);

}  // namespace forge3d::bench
