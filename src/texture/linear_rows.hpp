// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Rows of stored samples as linear floats, for what is no colour under an alpha.

#include <cstddef>
#include <span>

#include "forge3d/image.hpp"

namespace forge3d::texture {

/// As row_to_linear() and row_from_linear(), and alpha is a channel like any other: nothing is
/// premultiplied.
void plain_row_to_linear(const ImageInfo& info, std::span<const std::byte> row,
                         std::span<float> out);
void plain_row_from_linear(const ImageInfo& info, std::span<const float> row,
                           std::span<std::byte> out);

}  // namespace forge3d::texture
