// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Mip levels of an alpha-tested texture that neither thin out nor fill up: I. Castano, "Computing
// Alpha Mipmaps", 2010.

#include "forge3d/image.hpp"

namespace forge3d::texture {

/// The part of the texels whose alpha is at least `cutoff` of full scale. REQUIRES: alpha.
[[nodiscard]] double alpha_coverage(const Image& image, float cutoff);

/// Scales the alpha of `image` so that as near as can be to `coverage` of its texels pass: the
/// factor that brings the alpha of the last texel to pass to the cutoff. Equal alphas pass
/// together; a level of which less than half a texel should pass stays as it is. REQUIRES: alpha.
void keep_alpha_coverage(Image& image, float cutoff, double coverage);

}  // namespace forge3d::texture
