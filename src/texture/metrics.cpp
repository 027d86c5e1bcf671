// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/metrics.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>
#include <vector>

#include "texture/metric_rows.hpp"

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

/// Calls body(row of a, row of b), both RGBA floats, for each row.
template <class Body>
void for_each_row(const Image& a, const Image& b, Body body) {
  std::vector<float> row_a(std::size_t{a.info.width} * 4), row_b(row_a.size());
  for (std::uint32_t y = 0; y < a.info.height; ++y) {
    texture::expand_row(a, y, row_a);
    texture::expand_row(b, y, row_b);
    body(std::span<const float>(row_a), std::span<const float>(row_b));
  }
}

/// log2(1 + x), mirrored below zero.
double log_code(float value) { return std::copysign(std::log2(1.0 + std::fabs(value)), value); }

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
  FORGE3D_TRY(texture::check_pair(a, b));
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

Result<double> alpha_weighted_psnr(const Image& reference, const Image& image) {
  FORGE3D_TRY(texture::check_pair(reference, image));
  const float full = texture::full_scale(reference.info.type);
  double squared = 0, weights = 0;
  for_each_row(reference, image, [&](std::span<const float> a, std::span<const float> b) {
    double row_squared = 0, row_weights = 0;
    for (std::size_t i = 0; i < a.size(); i += 4) {
      double sum = 0;
      for (std::size_t c = 0; c < 3; ++c) {
        const double error = difference(a[i + c], b[i + c]);
        sum += error * error;
      }
      if (!(a[i + 3] > 0)) continue;
      const double weight = std::min(a[i + 3], full);
      row_squared += weight * sum;
      row_weights += weight;
    }
    squared += row_squared;
    weights += row_weights;
  });
  return psnr_db(squared, weights * 3, full);
}

Result<double> log_psnr(const Image& reference, const Image& image) {
  FORGE3D_TRY(texture::check_pair(reference, image));
  if (reference.info.type != SampleType::kF32)
    return fail(ErrorCode::kInvalidArgument, "a logarithmic PSNR is measured on float samples");
  double squared = 0, peak = 0;
  for_each_row(reference, image, [&](std::span<const float> a, std::span<const float> b) {
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (i % 4 == 3) continue;
      const double wanted = log_code(a[i]);
      const double error = difference(wanted, log_code(b[i]));
      squared += error * error;
      if (std::isfinite(wanted)) peak = std::max(peak, std::fabs(wanted));
    }
  });
  const double samples = 3.0 * reference.info.width * reference.info.height;
  return psnr_db(squared, samples, peak);
}

}  // namespace forge3d
