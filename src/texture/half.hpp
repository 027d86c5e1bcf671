// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Half floats (IEEE 754 binary16) and back.

#include <cstdint>

namespace forge3d::texture {

[[nodiscard]] float half_to_float(std::uint16_t half);

/// The nearest half, ties to even; what is too large, infinity included, becomes the largest finite
/// one (65504) and NaN 0: what encoders and filters can go on with.
[[nodiscard]] std::uint16_t float_to_finite_half(float value);

}  // namespace forge3d::texture
