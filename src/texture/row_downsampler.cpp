// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// The exact box filter, row by row.

#include <algorithm>
#include <cstddef>

#include "forge3d/format.hpp"
#include "forge3d/mip.hpp"

namespace forge3d {
namespace {

/// Weights of the three source texels 2i, 2i + 1, 2i + 2 below output texel i of an odd extent
/// 2n + 1: the output is (2n + 1) / n texels wide and covers the outer two in part.
struct OddWeights {
  float first, last;  // the middle one has the rest
  OddWeights(std::uint32_t i, std::uint32_t n) : first(share(n - i, n)), last(share(i + 1, n)) {}
  static float share(std::uint32_t part, std::uint32_t n) {
    return static_cast<float>(part / (2.0 * n + 1.0));
  }
};

void halve_even(const float* __restrict in, float* __restrict out, std::size_t out_width) {
  for (std::size_t i = 0; i < out_width; ++i)
    for (std::size_t c = 0; c < 4; ++c) out[i * 4 + c] = (in[i * 8 + c] + in[i * 8 + 4 + c]) * 0.5f;
}

/// Three texels that share an output texel. Differences to the middle one are weighed, for weights
/// that miss a sum of 1 by a rounding would not keep a constant image constant.
float weigh(float first, float middle, float last, const OddWeights& weight) {
  return middle + (first - middle) * weight.first + (last - middle) * weight.last;
}

void halve_odd(const float* __restrict in, float* __restrict out, std::uint32_t out_width) {
  for (std::uint32_t i = 0; i < out_width; ++i) {
    const OddWeights weight(i, out_width);
    const float* texel = in + std::size_t{i} * 8;
    for (std::size_t c = 0; c < 4; ++c)
      out[std::size_t{i} * 4 + c] = weigh(texel[c], texel[4 + c], texel[8 + c], weight);
  }
}

}  // namespace

RowDownsampler::RowDownsampler(std::uint32_t width, std::uint32_t height)
    : width_(width),
      height_(height),
      out_width_(mip_extent(width, 1)),
      out_height_(mip_extent(height, 1)),
      narrow_(std::size_t{out_width_} * 4),
      first_(std::size_t{out_width_} * 4),
      middle_(std::size_t{out_width_} * 4),
      finished_(std::size_t{out_width_} * 4) {}

void RowDownsampler::filter_horizontally(std::span<const float> row) {
  if (width_ == 1)
    std::copy_n(row.data(), 4, narrow_.data());
  else if (width_ % 2 == 0)
    halve_even(row.data(), narrow_.data(), out_width_);
  else
    halve_odd(row.data(), narrow_.data(), out_width_);
}

/// The output row of first_, middle_ (odd extents) and narrow_.
void RowDownsampler::finish_row(std::uint32_t out_y) {
  const float* __restrict first = first_.data();
  const float* __restrict middle = middle_.data();
  const float* __restrict last = narrow_.data();
  float* __restrict out = finished_.data();
  const std::size_t count = finished_.size();
  if (height_ % 2 == 0) {
    for (std::size_t i = 0; i < count; ++i) out[i] = (first[i] + last[i]) * 0.5f;
    return;
  }
  const OddWeights weight(out_y, out_height_);
  for (std::size_t i = 0; i < count; ++i) out[i] = weigh(first[i], middle[i], last[i], weight);
}

bool RowDownsampler::push(std::span<const float> row) {
  filter_horizontally(row);
  const std::uint32_t y = source_y_++;
  if (height_ == 1) {
    std::swap(finished_, narrow_);
    return true;
  }
  if (height_ % 2 == 0) {
    if (y % 2 == 1)
      finish_row(y / 2);
    else
      std::swap(first_, narrow_);
    return y % 2 == 1;
  }
  // Odd: rows 2i, 2i + 1, 2i + 2 make output row i, and row 2i + 2 is also the first of the next.
  if (y % 2 == 1) {
    std::swap(middle_, narrow_);
    return false;
  }
  if (y > 0) finish_row(y / 2 - 1);
  std::swap(first_, narrow_);
  return y > 0;
}

}  // namespace forge3d
