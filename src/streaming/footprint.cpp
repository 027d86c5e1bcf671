// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "forge3d/virtual_texture.hpp"

namespace forge3d {

Footprint texture_footprint(double dx_texels, double dy_texels, double max_anisotropy) {
  const double longer = std::max({dx_texels, dy_texels, 1e-20});
  const double width = std::max({std::min(dx_texels, dy_texels), longer / max_anisotropy, 1e-20});
  Footprint footprint;
  footprint.lod = std::log2(width);
  if (longer > 1)
    footprint.taps = static_cast<int>(std::clamp(std::ceil(longer / width), 1.0, max_anisotropy));
  return footprint;
}

}  // namespace forge3d
