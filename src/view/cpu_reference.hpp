// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// map_view.glsl with every texel resident, in C++: for pictures that no device holds, and to hold
// devices against.

#include <cstdint>

#include "forge3d/image.hpp"
#include "view/decoded_tiles.hpp"
#include "view/map_constants.hpp"

namespace forge3d::view {

/// Renders one frame with `threads` threads (0: one a core): single precision, bilinear in linear
/// light for sRGB formats, edges clamped. Texels come from the payload of their own tile, never
/// from a border. Errors: the source's, the first in the order of rows.
[[nodiscard]] Result<Image> render_on_cpu(DecodedTiles& tiles, const MapConstants& constants,
                                          std::uint32_t threads);

}  // namespace forge3d::view
