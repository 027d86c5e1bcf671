// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Halving an image with filters wider than the texels: windowed sincs for any extent.

#include <cstdint>
#include <vector>

#include "forge3d/mip.hpp"

namespace forge3d::texture {

/// Linear-light RGBA floats, rows from top to bottom.
struct FloatImage {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::vector<float> texels;  // width * height * 4

  [[nodiscard]] const float* row(std::size_t y) const { return texels.data() + y * width * 4; }
  [[nodiscard]] float* row(std::size_t y) { return texels.data() + y * width * 4; }
};

/// The image at mip_extent(extent, 1). Each output texel has weights of its own (odd extents: every
/// phase is another), whose sum is 1; texels beyond the edge are those of the edge. A constant
/// image stays what it is to the bit. REQUIRES: filter is kKaiser or kLanczos.
[[nodiscard]] FloatImage halve(const FloatImage& image, MipFilter filter);

}  // namespace forge3d::texture
