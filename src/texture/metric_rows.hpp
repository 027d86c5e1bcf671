// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the metrics share: two images of one shape, and their rows as RGBA floats.

#include <cstdint>
#include <span>

#include "forge3d/image.hpp"

namespace forge3d::texture {

/// Both are images, of one extent and sample type. Errors: kInvalidArgument.
[[nodiscard]] Result<> check_pair(const Image& a, const Image& b);

/// The largest code: 255, 65535 or 1.0.
[[nodiscard]] float full_scale(SampleType type);

/// Row `y` expanded to RGBA, codes as stored (exact for every type): grey is replicated, missing
/// alpha is full_scale(). REQUIRES: out.size() == image.info.width * 4.
void expand_row(const Image& image, std::uint32_t y, std::span<float> out);

}  // namespace forge3d::texture
