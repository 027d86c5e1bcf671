// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/bc1_clusters.hpp"

#include <numeric>

namespace forge3d::codec {
namespace {

constexpr int kCuts = kTexels + 1;

/// Sums of the first k texels along the line, for each k.
using Prefix = std::array<std::array<float, kCuts>, 3>;

Prefix prefix_sums(const Points<3>& points, const Moments<3>& moments, const Vector<3>& axis) {
  const Vector<3> origin{static_cast<float>(moments.sum[0]) / kTexels,
                         static_cast<float>(moments.sum[1]) / kTexels,
                         static_cast<float>(moments.sum[2]) / kTexels};
  const Shorts at = positions_on<3>(points, axis, origin);
  std::array<int, kTexels> order;
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(),
            [&](int a, int b) { return at[a] != at[b] ? at[a] < at[b] : a < b; });
  Prefix prefix{};
  for (int c = 0; c < 3; ++c)
    for (int k = 0; k < kTexels; ++k) prefix[c][k + 1] = prefix[c][k] + points.real[c][order[k]];
  return prefix;
}

/// Texels [0, i) lie at 0, [i, j) at 1, [j, k) at 2 and [k, 16) at 3 thirds of the way.
struct Cuts {
  int i = 0;
  int j = 0;
  int k = 0;
};

/// For fixed i and j, how much of the sum of squares each k explains. With the weights w in thirds
/// and the normal equations of WeightSums, a fit (a, b) explains a * sum((3 - w) p) + b * sum(w p),
/// over 3.
void explained(const Prefix& prefix, int i, int j, std::array<float, kCuts>& gain) {
  gain.fill(0);
  std::array<float, kCuts> aa;
  std::array<float, kCuts> ab;
  std::array<float, kCuts> bb;
  for (int k = 0; k < kCuts; ++k) {
    const auto n1 = static_cast<float>(j - i);
    const auto n2 = static_cast<float>(k - j);
    const auto n3 = static_cast<float>(kTexels - k);
    aa[k] = 9.0f * static_cast<float>(i) + 4 * n1 + n2;
    ab[k] = 2 * n1 + 2 * n2;
    bb[k] = n1 + 4 * n2 + 9 * n3;
  }
  for (int c = 0; c < 3; ++c) {
    const float whole = prefix[c][kTexels];
    for (int k = 0; k < kCuts; ++k) {
      const float wp = 3 * whole - prefix[c][i] - prefix[c][j] - prefix[c][k];
      const float vp = 3 * whole - wp;
      gain[k] += bb[k] * vp * vp - 2 * ab[k] * vp * wp + aa[k] * wp * wp;
    }
  }
  for (int k = 0; k < kCuts; ++k) {
    const float determinant = aa[k] * bb[k] - ab[k] * ab[k];
    gain[k] = determinant > 0.5f ? gain[k] / determinant : 0.0f;
  }
}

}  // namespace

bool best_clusters(const Points<3>& points, const Moments<3>& moments, const Vector<3>& axis,
                   Segment<3>& segment) {
  const Prefix prefix = prefix_sums(points, moments, axis);
  Cuts best;
  float best_gain = 0;
  std::array<float, kCuts> gain;
  for (int i = 0; i < kCuts; ++i)
    for (int j = i; j < kCuts; ++j) {
      explained(prefix, i, j, gain);
      for (int k = j; k < kCuts; ++k)
        if (gain[k] > best_gain) {
          best_gain = gain[k];
          best = {i, j, k};
        }
    }
  WeightSums<3> sums;
  const int n1 = best.j - best.i;
  const int n2 = best.k - best.j;
  const int n3 = kTexels - best.k;
  sums.weight = n1 + 2 * n2 + 3 * n3;
  sums.weight_squared = n1 + 4 * n2 + 9 * n3;
  for (int c = 0; c < 3; ++c)
    sums.weighted[c] = static_cast<std::int32_t>(3 * prefix[c][kTexels] - prefix[c][best.i] -
                                                 prefix[c][best.j] - prefix[c][best.k]);
  return solve_segment<3, 3>(sums, kTexels, moments.sum, segment);
}

}  // namespace forge3d::codec
