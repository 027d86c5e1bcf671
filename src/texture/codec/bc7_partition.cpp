// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/bc7_partition.hpp"

#include <numeric>

namespace forge3d::codec {
namespace {

float residual(const Moments<3>& m) {
  if (m.count == 0) return 0;
  const Matrix<3> cov = unit_covariance(m);
  float trace = 0;
  for (int a = 0; a < 3; ++a)
    trace += static_cast<float>(m.count * m.product[a][a] - m.sum[a] * m.sum[a]) /
             static_cast<float>(m.count);
  const Matrix<3> p = squared<3>(squared<3>(cov));
  const Matrix<3> q = squared<3>(p);
  const float up = q[0][0] + q[1][1] + q[2][2];
  const float dn = p[0][0] + p[1][1] + p[2][2];
  const float lambda = dn > 0 ? std::sqrt(std::sqrt(up / dn)) : 0;
  return trace * (1 - lambda + lambda / 49);
}

}  // namespace

PartitionRanking rank_two_subsets(const Points<3>& points) {
  PartitionRanking ranking;
  std::iota(ranking.begin(), ranking.end(), std::uint8_t{0});
  std::array<float, kPartitions> cost;
  const Moments<3> whole = moments_of<3>(points);
  for (int p = 0; p < kPartitions; ++p) {
    Shorts mask;
    for (int i = 0; i < kTexels; ++i)
      mask[i] = static_cast<std::int16_t>(-(kTwoSubsets[p] >> i & 1));
    const Moments<3> part = moments_of<3>(points, mask);
    cost[p] = residual(part) + residual(whole - part);
  }
  std::ranges::sort(ranking, {}, [&](std::uint8_t p) { return cost[p]; });
  return ranking;
}

}  // namespace forge3d::codec
