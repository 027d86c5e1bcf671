// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Image metrics, always computed from two sets of real pixels.

#include <array>

#include "forge3d/image.hpp"

namespace forge3d {

/// PSNR of codes against 255 (65535 for 16-bit, 1.0 for float), in dB; +infinity when equal. Errors
/// are not linearised: an sRGB image is compared as stored.
struct ImageDifference {
  std::array<double, 4> psnr_db{};    ///< R, G, B, A
  double psnr_rgb_db = 0;             ///< Mean squared error over the three colours.
  double psnr_rgba_db = 0;            ///< Over all four.
  std::array<double, 4> max_error{};  ///< Largest difference a channel, as a share of full scale.
  double max_error_any = 0;
};

/// Compares two images of one extent after expansion to RGBA. Errors: kInvalidArgument when extents
/// or sample types differ.
[[nodiscard]] Result<ImageDifference> compare_images(const Image& a, const Image& b);

}  // namespace forge3d
