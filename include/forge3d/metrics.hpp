// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Image metrics, always computed from two sets of real pixels.

#include <array>
#include <cstdint>

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

/// RGB PSNR where each texel counts as much as the alpha of `reference` says (float alphas clamped
/// to 0..1, NaN as 0): what blending shows of the error. +infinity when equal or when nothing is
/// visible. Errors: as compare_images.
[[nodiscard]] Result<double> alpha_weighted_psnr(const Image& reference, const Image& image);

/// PSNR over RGB of log2(1 + x), the measure for high dynamic range: the peak is the largest
/// log2(1 + |x|) of the reference. Negative values go mirrored, -log2(1 - x). +infinity when equal;
/// a NaN on one side only gives -infinity. Errors: as compare_images, and kInvalidArgument for
/// samples that are no floats.
[[nodiscard]] Result<double> log_psnr(const Image& reference, const Image& image);

/// Structural similarity (Wang, Bovik, Sheikh, Simoncelli 2004) of the luma (0.299, 0.587, 0.114 of
/// the codes as stored): the mean over all 11 x 11 Gaussian windows (sigma 1.5) that lie inside the
/// image, K1 = 0.01, K2 = 0.03. Where the image is narrower than 11 texels the window is as wide as
/// the largest odd number that fits. 1 when equal. Errors: as compare_images.
[[nodiscard]] Result<double> ssim(const Image& a, const Image& b);

/// How far the directions of two normal maps are apart, in degrees.
struct NormalDifference {
  double mean_degrees = 0;
  double p99_degrees = 0;  ///< 99 of 100 texels are not farther apart than this.
  double max_degrees = 0;
};

/// Which channels of a normal map hold what. Codes 0..full scale are -1..1.
enum class NormalEncoding : std::uint8_t {
  kXyz,  ///< Red, green, blue; normalised first. One without a finite length counts as +z.
  kXy,   ///< Red, green; z = sqrt(1 - x^2 - y^2), and 0 outside the unit circle.
};

/// Errors: as compare_images.
[[nodiscard]] Result<NormalDifference> compare_normals(const Image& a, const Image& b,
                                                       NormalEncoding encoding);

}  // namespace forge3d
