// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Small PNG and JPEG files made on the spot, and pictures with reproducible content.

#include <cstdint>
#include <optional>
#include <vector>

#include "forge3d/image.hpp"

namespace forge3d::test {

struct PngSample {
  std::uint32_t width = 5;
  std::uint32_t height = 4;
  int bit_depth = 8;
  int colour_type = 2;  // as in IHDR: 0 grey, 2 RGB, 3 palette, 4 grey+alpha, 6 RGBA
  bool interlaced = false;
  std::vector<std::uint8_t> palette = {};        // RGB triples
  std::vector<std::uint8_t> palette_alpha = {};  // tRNS of a palette
  std::optional<std::uint16_t> transparent_grey = {};
  std::optional<double> gamma = {};
  std::vector<std::uint8_t> rows = {};  // packed as stored, big-endian; empty: a pattern
};
std::vector<std::byte> make_png(const PngSample& sample);

enum class JpegColour { kGrey, kRgb, kCmyk };
std::vector<std::byte> make_jpeg(std::uint32_t width, std::uint32_t height, JpegColour colour,
                                 bool progressive, int quality = 95);

/// An image whose samples are pseudo-random (a fixed sequence) or smooth.
Image make_noise(ImageInfo info, std::uint32_t seed = 1);
Image make_gradient(std::uint32_t width, std::uint32_t height, std::uint32_t channels);

}  // namespace forge3d::test
