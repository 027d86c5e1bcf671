// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/metrics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

#include "texture/image/image_check.hpp"

namespace forge3d {
namespace {

/// Squared and largest differences of each channel, in codes (16-bit: up to 65535, float: as
/// stored).
struct Sums {
  std::array<double, 4> squared{};
  std::array<double, 4> largest{};
};

template <class Sample>
constexpr double kFullScale = std::is_same_v<Sample, float>
                                  ? 1.0
                                  : static_cast<double>(static_cast<Sample>(-1));

/// Channel `channel` of texel `x` after expansion to RGBA.
template <class Sample>
double sample_at(const ImageInfo& info, const std::byte* row, std::size_t x,
                 std::uint32_t channel) {
  if (channel == 3 && !info.has_alpha()) return kFullScale<Sample>;
  const std::uint32_t stored = channel == 3 ? info.channels - 1 : info.channels < 3 ? 0 : channel;
  Sample sample;
  std::memcpy(&sample, row + (x * info.channels + stored) * sizeof(Sample), sizeof(Sample));
  return static_cast<double>(sample);
}

/// Equal infinities do not differ; a NaN differs from everything by infinity.
double difference(double a, double b) {
  if (a == b) return 0;
  const double error = std::fabs(a - b);
  return std::isnan(error) ? std::numeric_limits<double>::infinity() : error;
}

template <class Sample>
Sums sum_differences(const Image& a, const Image& b) {
  Sums sums;
  for (std::uint32_t y = 0; y < a.info.height; ++y) {
    const std::byte* row_a = a.row(y).data();
    const std::byte* row_b = b.row(y).data();
    for (std::uint32_t c = 0; c < 4; ++c) {
      double row_sum = 0;
      for (std::size_t x = 0; x < a.info.width; ++x) {
        const double error = difference(sample_at<Sample>(a.info, row_a, x, c),
                                        sample_at<Sample>(b.info, row_b, x, c));
        row_sum += error * error;
        sums.largest[c] = std::max(sums.largest[c], error);
      }
      sums.squared[c] += row_sum;
    }
  }
  return sums;
}

double psnr_db(double squared_sum, double count, double full_scale) {
  if (squared_sum == 0) return std::numeric_limits<double>::infinity();
  return 10.0 * std::log10(full_scale * full_scale * count / squared_sum);
}

ImageDifference summarise(const Sums& sums, double texels, double full_scale) {
  ImageDifference out;
  const double rgb = sums.squared[0] + sums.squared[1] + sums.squared[2];
  for (std::size_t c = 0; c < 4; ++c) {
    out.psnr_db[c] = psnr_db(sums.squared[c], texels, full_scale);
    out.max_error[c] = sums.largest[c] / full_scale;
  }
  out.psnr_rgb_db = psnr_db(rgb, texels * 3, full_scale);
  out.psnr_rgba_db = psnr_db(rgb + sums.squared[3], texels * 4, full_scale);
  out.max_error_any = *std::ranges::max_element(out.max_error);
  return out;
}

}  // namespace

Result<ImageDifference> compare_images(const Image& a, const Image& b) {
  FORGE3D_TRY(texture::check_image(a));
  FORGE3D_TRY(texture::check_image(b));
  if (a.info.width != b.info.width || a.info.height != b.info.height)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("cannot compare {} x {} with {} x {} pixels", a.info.width,
                            a.info.height, b.info.width, b.info.height));
  if (a.info.type != b.info.type)
    return fail(ErrorCode::kInvalidArgument, "cannot compare images of different sample types");
  const double texels = static_cast<double>(a.info.width) * a.info.height;
  switch (a.info.type) {
    case SampleType::kU8:
      return summarise(sum_differences<std::uint8_t>(a, b), texels, 255.0);
    case SampleType::kU16:
      return summarise(sum_differences<std::uint16_t>(a, b), texels, 65535.0);
    case SampleType::kF32:
      break;
  }
  return summarise(sum_differences<float>(a, b), texels, 1.0);
}

}  // namespace forge3d
