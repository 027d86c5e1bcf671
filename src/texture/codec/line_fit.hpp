// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// The arithmetic shared by the encoders: texels as points of a C-dimensional space, and the line
// that fits a set of them best. Sets are masks over the 16 texels (0 or -1 a lane), so that every
// loop runs over all lanes and stays vector code.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "texture/codec/texel_block.hpp"

namespace forge3d::codec {

/// Some channels of a block, as integers for exact sums and as floats for projections.
template <int C>
struct Points {
  std::array<Shorts, C> value;
  std::array<Floats, C> real;
};

/// The channels of `block` listed in `channels`.
template <int C>
Points<C> make_points(const TexelBlock& block, const std::array<int, C>& channels) {
  Points<C> points;
  for (int c = 0; c < C; ++c) {
    points.value[c] = block[channels[c]];
    for (int i = 0; i < kTexels; ++i) points.real[c][i] = points.value[c][i];
  }
  return points;
}

template <int C>
using Vector = std::array<float, C>;

/// The two ends of a line, in units of 8-bit codes.
template <int C>
struct Segment {
  std::array<Vector<C>, 2> end;
};

/// Number, sums and sums of products of a set of points. Exact.
template <int C>
struct Moments {
  std::int32_t count;
  std::array<std::int32_t, C> sum;
  std::array<std::array<std::int32_t, C>, C> product;
};

template <int C>
Moments<C> moments_of(const Points<C>& points) {
  Moments<C> m;
  m.count = kTexels;
  for (int a = 0; a < C; ++a) {
    m.sum[a] = sum_of(points.value[a]);
    for (int b = a; b < C; ++b)
      m.product[a][b] = m.product[b][a] = dot(points.value[a], points.value[b]);
  }
  return m;
}

inline Shorts masked(const Shorts& values, const Shorts& mask) {
  Shorts out;
  for (int i = 0; i < kTexels; ++i) out[i] = static_cast<std::int16_t>(values[i] & mask[i]);
  return out;
}

template <int C>
Moments<C> moments_of(const Points<C>& points, const Shorts& mask) {
  Moments<C> m;
  m.count = -sum_of(mask);
  for (int a = 0; a < C; ++a) {
    const Shorts inside = masked(points.value[a], mask);
    m.sum[a] = sum_of(inside);
    for (int b = a; b < C; ++b) m.product[a][b] = m.product[b][a] = dot(inside, points.value[b]);
  }
  return m;
}

/// The moments of a set without those of a part of it.
template <int C>
Moments<C> operator-(Moments<C> whole, const Moments<C>& part) {
  whole.count -= part.count;
  for (int a = 0; a < C; ++a) {
    whole.sum[a] -= part.sum[a];
    for (int b = 0; b < C; ++b) whole.product[a][b] -= part.product[a][b];
  }
  return whole;
}

template <int C>
using Matrix = std::array<std::array<float, C>, C>;

/// The covariance of the set, scaled to trace 1; all zero when the points coincide.
template <int C>
Matrix<C> unit_covariance(const Moments<C>& m) {
  Matrix<C> cov;
  float trace = 0;
  for (int a = 0; a < C; ++a)
    for (int b = 0; b < C; ++b)
      cov[a][b] = static_cast<float>(m.count * m.product[a][b] - m.sum[a] * m.sum[b]);
  for (int a = 0; a < C; ++a) trace += cov[a][a];
  const float scale = trace > 0 ? 1.0f / trace : 0.0f;
  for (auto& row : cov)
    for (float& value : row) value *= scale;
  return cov;
}

template <int C>
Matrix<C> squared(const Matrix<C>& m) {
  Matrix<C> out;
  for (int a = 0; a < C; ++a)
    for (int b = a; b < C; ++b) {
      float sum = 0;
      for (int k = 0; k < C; ++k) sum += m[a][k] * m[k][b];
      out[a][b] = out[b][a] = sum;
    }
  return out;
}

/// The unit eigenvector of the largest eigenvalue of a covariance matrix of trace 1, by the power
/// method: its largest row times its fourth power. Zero when the matrix is.
template <int C>
Vector<C> dominant_vector(const Matrix<C>& cov) {
  const Matrix<C> power = squared<C>(squared<C>(cov));
  int widest = 0;
  for (int a = 1; a < C; ++a)
    if (cov[a][a] > cov[widest][widest]) widest = a;
  Vector<C> axis{};
  float length = 0;
  for (int a = 0; a < C; ++a) {
    for (int b = 0; b < C; ++b) axis[a] += power[a][b] * cov[widest][b];
    length += axis[a] * axis[a];
  }
  const float scale = length > 0 ? 1.0f / std::sqrt(length) : 0.0f;
  for (float& value : axis) value *= scale;
  return axis;
}

/// The direction in which the points scatter most. Zero when they coincide.
template <int C>
Vector<C> principal_axis(const Moments<C>& m) {
  return dominant_vector<C>(unit_covariance(m));
}

/// The direction in which the points scatter most across `axis`, a unit vector.
template <int C>
Vector<C> second_axis(const Moments<C>& m, const Vector<C>& axis) {
  Matrix<C> cov = unit_covariance(m);
  Vector<C> along{};
  float spread = 0;
  for (int a = 0; a < C; ++a)
    for (int b = 0; b < C; ++b) along[a] += cov[a][b] * axis[b];
  for (int a = 0; a < C; ++a) spread += along[a] * axis[a];
  for (int a = 0; a < C; ++a)
    for (int b = 0; b < C; ++b)
      cov[a][b] += spread * axis[a] * axis[b] - along[a] * axis[b] - axis[a] * along[b];
  return dominant_vector<C>(cov);
}

/// Positions of the points along `axis`, relative to `origin`, in 64ths. |position| < 510 * 64 <
/// 2^15.
template <int C>
Shorts positions_on(const Points<C>& points, const Vector<C>& axis, const Vector<C>& origin) {
  float offset = 0;
  for (int c = 0; c < C; ++c) offset -= axis[c] * origin[c];
  Floats t;
  t.fill(offset * 64);
  for (int c = 0; c < C; ++c) {
    const float step = axis[c] * 64;
    for (int i = 0; i < kTexels; ++i) t[i] += step * points.real[c][i];
  }
  Shorts out;
  for (int i = 0; i < kTexels; ++i) out[i] = static_cast<std::int16_t>(static_cast<int>(t[i]));
  return out;
}

inline float clamp_code(float value) { return std::min(std::max(value, 0.0f), 255.0f); }

/// The part of the axis through the mean that the points span.
template <int C>
Segment<C> spanned_segment(const Points<C>& points, const Moments<C>& m, const Vector<C>& axis,
                           const Shorts& mask) {
  Vector<C> mean;
  const float scale = 1.0f / static_cast<float>(m.count);
  for (int c = 0; c < C; ++c) mean[c] = static_cast<float>(m.sum[c]) * scale;
  const Shorts at = masked(positions_on<C>(points, axis, mean), mask);
  std::int16_t low = 0;
  std::int16_t high = 0;
  for (int i = 0; i < kTexels; ++i) low = std::min(low, at[i]);
  for (int i = 0; i < kTexels; ++i) high = std::max(high, at[i]);
  Segment<C> segment;
  for (int c = 0; c < C; ++c) {
    segment.end[0][c] = clamp_code(mean[c] + axis[c] * (static_cast<float>(low) / 64));
    segment.end[1][c] = clamp_code(mean[c] + axis[c] * (static_cast<float>(high) / 64));
  }
  return segment;
}

/// The sums a least-squares fit of a segment's ends needs, for texels that lie at weight w / kUnit
/// between them: the normal equations of p = (kUnit - w) / kUnit * a + w / kUnit * b.
template <int C>
struct WeightSums {
  std::int32_t weight;
  std::int32_t weight_squared;
  std::array<std::int32_t, C> weighted;
};

template <int C>
WeightSums<C> weight_sums(const Points<C>& points, const Shorts& weights) {
  WeightSums<C> sums;
  sums.weight = sum_of(weights);
  sums.weight_squared = dot(weights, weights);
  for (int c = 0; c < C; ++c) sums.weighted[c] = dot(weights, points.value[c]);
  return sums;
}

/// Solves the normal equations into `segment`. False (and nothing changed) when all weights are
/// alike.
template <int kUnit, int C>
bool solve_segment(const WeightSums<C>& sums, std::int32_t count,
                   const std::array<std::int32_t, C>& total, Segment<C>& segment) {
  const auto bb = static_cast<float>(sums.weight_squared);
  const auto ab = static_cast<float>(kUnit * sums.weight - sums.weight_squared);
  const auto aa =
      static_cast<float>(kUnit * kUnit * count - 2 * kUnit * sums.weight + sums.weight_squared);
  const float determinant = aa * bb - ab * ab;
  if (determinant < 0.5f * kUnit * kUnit) return false;
  const float scale = kUnit / determinant;
  for (int c = 0; c < C; ++c) {
    const auto b = static_cast<float>(sums.weighted[c]);
    const auto a = static_cast<float>(kUnit * total[c] - sums.weighted[c]);
    segment.end[0][c] = clamp_code((bb * a - ab * b) * scale);
    segment.end[1][c] = clamp_code((aa * b - ab * a) * scale);
  }
  return true;
}

/// For each texel the nearest of `steps` + 1 evenly spaced points from `a` to `b`, by projection.
template <int C>
Shorts nearest_steps(const Points<C>& points, const std::array<std::int16_t, C>& a,
                     const std::array<std::int16_t, C>& b, int steps) {
  Vector<C> direction;
  float length = 0;
  for (int c = 0; c < C; ++c) {
    direction[c] = static_cast<float>(b[c] - a[c]);
    length += direction[c] * direction[c];
  }
  const float scale = length > 0 ? static_cast<float>(steps) / length : 0.0f;
  float offset = 0.5f;
  for (int c = 0; c < C; ++c) {
    direction[c] *= scale;
    offset -= direction[c] * static_cast<float>(a[c]);
  }
  Floats t;
  t.fill(offset);
  for (int c = 0; c < C; ++c)
    for (int i = 0; i < kTexels; ++i) t[i] += direction[c] * points.real[c][i];
  const auto last = static_cast<std::int16_t>(steps);
  Shorts out;
  for (int i = 0; i < kTexels; ++i) out[i] = static_cast<std::int16_t>(static_cast<int>(t[i]));
  for (int i = 0; i < kTexels; ++i) out[i] = std::min(std::max(out[i], std::int16_t{0}), last);
  return out;
}

}  // namespace forge3d::codec
