// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/polyphase.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "forge3d/format.hpp"

namespace forge3d::texture {
namespace {

/// Texels of the output that a filter reaches to each side.
constexpr double kRadius = 3;
constexpr double kKaiserAlpha = 4;

double sinc(double x) {
  if (std::fabs(x) < 1e-9) return 1;
  const double angle = x * std::numbers::pi;
  return std::sin(angle) / angle;
}

/// The modified Bessel function of the first kind and order 0, by its power series.
double bessel_i0(double x) {
  double sum = 1, term = 1;
  for (int k = 1; term > sum * 1e-16; ++k) {
    term *= (x / (2 * k)) * (x / (2 * k));
    sum += term;
  }
  return sum;
}

double kernel(MipFilter filter, double x) {
  const double share = x / kRadius;
  if (std::fabs(share) >= 1) return 0;
  if (filter == MipFilter::kLanczos) return sinc(x) * sinc(share);
  return sinc(x) * bessel_i0(kKaiserAlpha * std::sqrt(1 - share * share)) / bessel_i0(kKaiserAlpha);
}

struct Tap {
  std::uint32_t source;
  float weight;
};
/// What makes one output texel: the source texel it is centred on, and what differences to that one
/// count. Differences, for rounded weights rarely have the sum 1 that keeps a constant.
struct Phase {
  std::uint32_t centre = 0;
  std::vector<Tap> taps;
};

Phase make_phase(MipFilter filter, std::uint32_t index, std::uint32_t size,
                 std::uint32_t out_size) {
  const double scale = static_cast<double>(size) / out_size;
  const double centre = (index + 0.5) * scale;
  const auto first = static_cast<std::int64_t>(std::floor(centre - kRadius * scale));
  const auto last = static_cast<std::int64_t>(std::ceil(centre + kRadius * scale));
  double sum = 0;
  for (std::int64_t i = first; i <= last; ++i)
    sum += kernel(filter, (static_cast<double>(i) + 0.5 - centre) / scale);
  Phase phase{static_cast<std::uint32_t>(centre), {}};
  for (std::int64_t i = first; i <= last; ++i) {
    const double weight = kernel(filter, (static_cast<double>(i) + 0.5 - centre) / scale) / sum;
    const auto source =
        static_cast<std::uint32_t>(std::clamp<std::int64_t>(i, 0, std::int64_t{size} - 1));
    if (weight != 0 && source != phase.centre)
      phase.taps.push_back({source, static_cast<float>(weight)});
  }
  return phase;
}

std::vector<Phase> make_phases(MipFilter filter, std::uint32_t size, std::uint32_t out_size) {
  std::vector<Phase> phases;
  for (std::uint32_t i = 0; i < out_size; ++i)
    phases.push_back(make_phase(filter, i, size, out_size));
  return phases;
}

void halve_row(const std::vector<Phase>& phases, const float* __restrict row,
               float* __restrict out) {
  for (const Phase& phase : phases) {
    const float* centre = row + std::size_t{phase.centre} * 4;
    float sum[4] = {centre[0], centre[1], centre[2], centre[3]};
    for (const Tap& tap : phase.taps)
      for (std::size_t c = 0; c < 4; ++c)
        sum[c] += (row[std::size_t{tap.source} * 4 + c] - centre[c]) * tap.weight;
    for (std::size_t c = 0; c < 4; ++c) *out++ = sum[c];
  }
}

void add_row(const float* __restrict row, const float* __restrict centre, float weight,
             std::size_t count, float* __restrict out) {
  for (std::size_t i = 0; i < count; ++i) out[i] += (row[i] - centre[i]) * weight;
}

FloatImage halve_width(const FloatImage& image, MipFilter filter) {
  if (image.width == 1) return image;
  FloatImage out{mip_extent(image.width, 1), image.height, {}};
  out.texels.resize(std::size_t{out.width} * out.height * 4);
  const std::vector<Phase> phases = make_phases(filter, image.width, out.width);
  for (std::size_t y = 0; y < image.height; ++y) halve_row(phases, image.row(y), out.row(y));
  return out;
}

FloatImage halve_height(FloatImage image, MipFilter filter) {
  if (image.height == 1) return image;
  FloatImage out{image.width, mip_extent(image.height, 1), {}};
  const std::size_t count = std::size_t{image.width} * 4;
  out.texels.resize(count * out.height);
  for (std::uint32_t y = 0; y < out.height; ++y) {
    const Phase phase = make_phase(filter, y, image.height, out.height);
    const float* centre = image.row(phase.centre);
    std::copy_n(centre, count, out.row(y));
    for (const Tap& tap : phase.taps)
      add_row(image.row(tap.source), centre, tap.weight, count, out.row(y));
  }
  return out;
}

}  // namespace

FloatImage halve(const FloatImage& image, MipFilter filter) {
  return halve_height(halve_width(image, filter), filter);
}

}  // namespace forge3d::texture
