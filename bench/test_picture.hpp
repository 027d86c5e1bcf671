// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// A generated picture with smooth and rough parts, the same on every machine.

#include <cstdint>

#include "forge3d/image.hpp"

namespace forge3d::bench {

/// 8-bit sRGB RGB: hills of value noise over five octaves, with hard edges along contour lines.
[[nodiscard]] Result<Image> make_test_picture(std::uint32_t width, std::uint32_t height);

}  // namespace forge3d::bench
