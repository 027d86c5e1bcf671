// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/level_metrics.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "texture/metric_rows.hpp"

namespace forge3d::texture {
namespace {

/// PSNR over the first channels, from that of each.
double psnr_over(const ImageDifference& difference, std::uint32_t channels) {
  if (channels == 1) return difference.psnr_db[0];
  if (channels == 3) return difference.psnr_rgb_db;
  if (channels == 4) return difference.psnr_rgba_db;
  const double red = std::pow(10.0, -difference.psnr_db[0] / 10);
  const double green = std::pow(10.0, -difference.psnr_db[1] / 10);
  return -10 * std::log10((red + green) / 2);
}

/// One channel of an image as grey.
Result<Image> channel_of(const Image& image, std::uint32_t channel) {
  ImageInfo info = image.info;
  info.channels = 1;
  FORGE3D_TRY_ASSIGN(Image out, make_image(info));
  const std::size_t sample = sample_bytes(info.type);
  const std::size_t texel = sample * image.info.channels;
  for (std::size_t i = 0; i * sample < out.pixels.size(); ++i)
    std::memcpy(out.pixels.data() + i * sample, image.pixels.data() + i * texel + channel * sample,
                sample);
  return out;
}

}  // namespace

LevelMetric metric_for(Format format, bool translucent) {
  const std::uint32_t held = format_info(format)->channels;
  if (texel_kind(format) == TexelKind::kRgba16f) return {"log_psnr_rgb", 3, 3, true};
  if (held == 1) return {"psnr_r", 1, 1};
  if (held == 2) return {"psnr_rg", 2, 2};
  if (held == 4 && translucent) return {"psnr_rgba", 4, 3};
  return {"psnr_rgb", 3, 3};
}

Result<LevelQuality> measure_level(const LevelMetric& metric, const Image& wanted,
                                   const Image& decoded) {
  if (metric.logarithmic) {
    FORGE3D_TRY_ASSIGN(const double psnr_db, log_psnr(wanted, decoded));
    return LevelQuality{psnr_db, psnr_db, psnr_db};
  }
  FORGE3D_TRY_ASSIGN(const ImageDifference difference, compare_images(wanted, decoded));
  return LevelQuality{psnr_over(difference, metric.channels), psnr_over(difference, metric.colours),
                      difference.psnr_rgba_db};
}

Result<double> similarity(const LevelMetric& metric, const Image& wanted, const Image& decoded) {
  if (metric.colours >= 3) return ssim(wanted, decoded);
  double sum = 0;
  for (std::uint32_t c = 0; c < metric.colours; ++c) {
    FORGE3D_TRY_ASSIGN(const Image a, channel_of(wanted, c));
    FORGE3D_TRY_ASSIGN(const Image b, channel_of(decoded, c));
    FORGE3D_TRY_ASSIGN(const double one, ssim(a, b));
    sum += one;
  }
  return sum / metric.colours;
}

double error_peak(const LevelMetric& metric, const Image& wanted) {
  if (!metric.logarithmic) return 255;
  double peak = 0;
  std::vector<float> row(std::size_t{wanted.info.width} * 4);
  for (std::uint32_t y = 0; y < wanted.info.height; ++y) {
    expand_row(wanted, y, row);
    for (std::size_t i = 0; i < row.size(); ++i)
      if (i % 4 != 3) peak = std::max(peak, static_cast<double>(std::fabs(row[i])));
  }
  return 256 * std::log2(1 + peak);
}

}  // namespace forge3d::texture
