// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// The shape an Image must have before anything walks its rows.

#include "forge3d/image.hpp"

namespace forge3d::texture {

/// Non-zero extents and 1 to 4 channels. Errors: kInvalidArgument.
[[nodiscard]] Result<> check_shape(const ImageInfo& info);

/// check_shape, and as many bytes as the shape needs. Errors: kInvalidArgument.
[[nodiscard]] Result<> check_image(const Image& image);

}  // namespace forge3d::texture
