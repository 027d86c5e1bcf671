// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a level's PSNR is over, and how it is measured.

#include <cstdint>
#include <string_view>

#include "texture/level_pixels.hpp"

namespace forge3d::texture {

/// The channels that a format and an image have in common, and what counts of them.
struct LevelMetric {
  std::string_view name;       ///< As CompressResult::metric.
  std::uint32_t channels = 3;  ///< The first ones: 4 where alpha counts.
  std::uint32_t colours = 3;
  bool logarithmic = false;
};
[[nodiscard]] LevelMetric metric_for(Format format, bool translucent);

/// The same measure of two images. Errors: those of the metrics.
struct LevelQuality {
  double metric_db = 0;
  double psnr_db = 0;
  double psnr_rgba_db = 0;
};
[[nodiscard]] Result<LevelQuality> measure_level(const LevelMetric& metric, const Image& wanted,
                                                 const Image& decoded);

/// SSIM of the colours that the format holds: of luma where it is three, else the mean over the
/// channels.
[[nodiscard]] Result<double> similarity(const LevelMetric& metric, const Image& wanted,
                                        const Image& decoded);

/// What the PSNR is against in the units of EncodeRun::errors: 255, or for half floats 256 times
/// the largest log2(1 + |x|).
[[nodiscard]] double error_peak(const LevelMetric& metric, const Image& wanted);

}  // namespace forge3d::texture
