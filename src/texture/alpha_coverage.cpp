// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/alpha_coverage.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <vector>

#include "texture/metric_rows.hpp"

namespace forge3d::texture {
namespace {

/// Codes are whole numbers, so that the least that passes is one, too.
float least_passing(const Image& image, float cutoff) {
  const float threshold = cutoff * full_scale(image.info.type);
  return image.info.type == SampleType::kF32 ? threshold : std::ceil(threshold);
}

std::vector<float> alphas(const Image& image) {
  std::vector<float> row(std::size_t{image.info.width} * 4), out;
  out.reserve(std::size_t{image.info.width} * image.info.height);
  const float full = full_scale(image.info.type);
  for (std::uint32_t y = 0; y < image.info.height; ++y) {
    expand_row(image, y, row);
    for (std::size_t i = 3; i < row.size(); i += 4)
      out.push_back(row[i] > 0 ? std::min(row[i], full) : 0.0f);
  }
  return out;
}

template <class Sample>
void store_alphas(Image& image, const std::vector<float>& values) {
  const std::size_t channels = image.info.channels;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto sample = static_cast<Sample>(values[i]);
    std::memcpy(image.pixels.data() + (i * channels + channels - 1) * sizeof(Sample), &sample,
                sizeof(Sample));
  }
}

/// The alpha of which, with all above it, there are about `wanted`; 0 where none should pass.
float last_to_pass(std::vector<float> values, double wanted) {
  const auto count = static_cast<std::ptrdiff_t>(std::lround(wanted));
  if (count == 0) return 0;
  const auto nth = values.begin() + (count - 1);
  std::ranges::nth_element(values, nth, std::greater<>());
  // Equal ones pass together or not at all: whichever comes nearer.
  const float last = *nth;
  const auto above = std::ranges::count_if(values, [&](float a) { return a > last; });
  const auto with = std::ranges::count_if(values, [&](float a) { return a >= last; });
  if (above == 0 || static_cast<double>(with) - wanted <= wanted - static_cast<double>(above))
    return last;
  float next = std::numeric_limits<float>::infinity();
  for (const float value : values)
    if (value > last) next = std::min(next, value);
  return next;
}

}  // namespace

double alpha_coverage(const Image& image, float cutoff) {
  const float least = least_passing(image, cutoff);
  const std::vector<float> values = alphas(image);
  const auto passing = std::ranges::count_if(values, [&](float a) { return a >= least; });
  return static_cast<double>(passing) / static_cast<double>(values.size());
}

void keep_alpha_coverage(Image& image, float cutoff, double coverage) {
  std::vector<float> values = alphas(image);
  const float last = last_to_pass(values, coverage * static_cast<double>(values.size()));
  const float scale = last > 0 ? least_passing(image, cutoff) / last : 1.0f;
  const float full = full_scale(image.info.type);
  const bool whole = image.info.type != SampleType::kF32;
  for (float& value : values) {
    const float scaled = value > 0 ? std::min(value * scale, full) : 0.0f;  // scale may be infinite
    value = whole ? std::floor(scaled + 0.5f) : scaled;
  }
  switch (image.info.type) {
    case SampleType::kU8:
      return store_alphas<std::uint8_t>(image, values);
    case SampleType::kU16:
      return store_alphas<std::uint16_t>(image, values);
    case SampleType::kF32:
      return store_alphas<float>(image, values);
  }
}

}  // namespace forge3d::texture
