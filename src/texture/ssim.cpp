// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// SSIM after Z. Wang, A. C. Bovik, H. R. Sheikh, E. P. Simoncelli: "Image quality assessment: from
// error visibility to structural similarity", IEEE TIP 13 (4), 2004.

#include <algorithm>
#include <array>
#include <cmath>
#include <exception>
#include <vector>

#include "forge3d/metrics.hpp"
#include "texture/metric_rows.hpp"

namespace forge3d {
namespace {

/// The moments that a window needs: means of a, b, a^2 + b^2 and a b.
constexpr std::size_t kMoments = 4;
constexpr std::uint32_t kWindow = 11;
constexpr double kSigma = 1.5;

/// Gaussian weights of an odd number of texels; their sum is 1.
std::vector<float> gaussian(std::uint32_t size) {
  std::vector<float> weights(size);
  double sum = 0;
  for (std::uint32_t i = 0; i < size; ++i) {
    const double x = i - (size - 1) / 2.0;
    weights[i] = static_cast<float>(std::exp(-x * x / (2 * kSigma * kSigma)));
    sum += static_cast<double>(weights[i]);
  }
  for (float& weight : weights) weight = static_cast<float>(static_cast<double>(weight) / sum);
  return weights;
}

std::uint32_t window_size(std::uint32_t extent) {
  return std::min(kWindow, extent - (extent % 2 == 0 ? 1 : 0));
}

/// Sums of two images row by row: rows are filtered along x as they come, and along y over the last
/// rows.
class SsimRows {
 public:
  SsimRows(std::uint32_t width, std::uint32_t height, float scale)
      : x_weights_(gaussian(window_size(width))),
        y_weights_(gaussian(window_size(height))),
        columns_(width + 1 - x_weights_.size()),
        scale_(1.0f / scale),
        ring_(y_weights_.size() * kMoments * columns_),
        sums_(kMoments * columns_),
        moments_(kMoments * width) {}

  void push(std::span<const float> row_a, std::span<const float> row_b) {
    take_moments(row_a, row_b);
    filter_row(ring_.data() + (pushed_ % y_weights_.size()) * sums_.size());
    if (++pushed_ >= y_weights_.size()) add_windows();
  }
  [[nodiscard]] double mean() const {
    return total_ /
           (static_cast<double>(pushed_ + 1 - y_weights_.size()) * static_cast<double>(columns_));
  }

 private:
  float luma(const float* texel) const {
    return (0.299f * texel[0] + 0.587f * texel[1] + 0.114f * texel[2]) * scale_;
  }
  void take_moments(std::span<const float> row_a, std::span<const float> row_b) {
    const std::size_t width = row_a.size() / 4;
    for (std::size_t x = 0; x < width; ++x) {
      const float a = luma(&row_a[x * 4]), b = luma(&row_b[x * 4]);
      moments_[x] = a;
      moments_[width + x] = b;
      moments_[2 * width + x] = a * a + b * b;
      moments_[3 * width + x] = a * b;
    }
  }
  void filter_row(float* out) const {
    const std::size_t width = moments_.size() / kMoments;
    std::fill_n(out, sums_.size(), 0.0f);
    for (std::size_t m = 0; m < kMoments; ++m)
      for (std::size_t k = 0; k < x_weights_.size(); ++k)
        add_scaled(moments_.data() + m * width + k, x_weights_[k], columns_, out + m * columns_);
  }
  static void add_scaled(const float* __restrict in, float weight, std::size_t count,
                         float* __restrict out) {
    for (std::size_t i = 0; i < count; ++i) out[i] += in[i] * weight;
  }
  void add_windows() {
    std::ranges::fill(sums_, 0.0f);
    for (std::size_t k = 0; k < y_weights_.size(); ++k) {  // row pushed_ - size + k of the images
      const std::size_t slot = (pushed_ + k) % y_weights_.size();
      add_scaled(ring_.data() + slot * sums_.size(), y_weights_[k], sums_.size(), sums_.data());
    }
    double row_total = 0;
    for (std::size_t x = 0; x < columns_; ++x) row_total += static_cast<double>(window(x));
    total_ += row_total;
  }
  [[nodiscard]] float window(std::size_t x) const {
    constexpr float kC1 = 0.01f * 0.01f, kC2 = 0.03f * 0.03f;
    const float a = sums_[x], b = sums_[columns_ + x];
    const float variances = sums_[2 * columns_ + x] - a * a - b * b;
    const float covariance = sums_[3 * columns_ + x] - a * b;
    return (2 * a * b + kC1) * (2 * covariance + kC2) / ((a * a + b * b + kC1) * (variances + kC2));
  }

  std::vector<float> x_weights_, y_weights_;
  std::size_t columns_;         // windows beside each other
  float scale_;                 // codes to 0..1
  std::vector<float> ring_;     // the last rows, filtered along x: moment by moment
  std::vector<float> sums_;     // filtered along y, too
  std::vector<float> moments_;  // of the row that came last
  std::size_t pushed_ = 0;
  double total_ = 0;
};

double measure(const Image& a, const Image& b) {
  SsimRows rows(a.info.width, a.info.height, texture::full_scale(a.info.type));
  std::vector<float> row_a(std::size_t{a.info.width} * 4), row_b(row_a.size());
  for (std::uint32_t y = 0; y < a.info.height; ++y) {
    texture::expand_row(a, y, row_a);
    texture::expand_row(b, y, row_b);
    rows.push(row_a, row_b);
  }
  return rows.mean();
}

}  // namespace

Result<double> ssim(const Image& a, const Image& b) {
  FORGE3D_TRY(texture::check_pair(a, b));
  if (a.pixels == b.pixels && a.info.channels == b.info.channels) return 1.0;
  try {  // row buffers are vectors
    return measure(a, b);
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::kOutOfHostMemory, "cannot allocate the rows of an SSIM");
  }
}

}  // namespace forge3d
