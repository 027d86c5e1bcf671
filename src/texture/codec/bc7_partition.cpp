// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/bc7_partition.hpp"

#include <numeric>

namespace forge3d::codec {
namespace {

/// A value for each partition.
template <class T>
using Lanes = std::array<T, kPartitions>;

/// For each texel, -1 in the lanes of the partitions that put it into the subset.
using TexelMasks = std::array<Lanes<std::int16_t>, kTexels>;

constexpr TexelMasks make_texel_masks(int subsets, int subset) {
  TexelMasks masks{};
  for (int i = 0; i < kTexels; ++i)
    for (int p = 0; p < kPartitions; ++p)
      masks[i][p] = bc7_subset(subsets, p, i) == subset ? -1 : 0;
  return masks;
}

constexpr Lanes<float> make_counts(const TexelMasks& masks) {
  Lanes<float> counts{};
  for (const Lanes<std::int16_t>& texel : masks)
    for (int p = 0; p < kPartitions; ++p) counts[p] -= texel[p];
  return counts;
}

constexpr Lanes<float> reciprocal(Lanes<float> values) {
  for (float& value : values) value = 1.0f / value;
  return values;
}

/// One subset of every partition.
struct SubsetTable {
  TexelMasks masks;
  Lanes<float> inverse_count;
};
constexpr SubsetTable make_subset_table(int subsets, int subset) {
  const TexelMasks masks = make_texel_masks(subsets, subset);
  return {masks, reciprocal(make_counts(masks))};
}
constexpr SubsetTable kFirstOfTwo = make_subset_table(2, 0);
constexpr SubsetTable kSecondOfTwo = make_subset_table(2, 1);
constexpr SubsetTable kFirstOfThree = make_subset_table(3, 0);
constexpr SubsetTable kSecondOfThree = make_subset_table(3, 1);
constexpr SubsetTable kThirdOfThree = make_subset_table(3, 2);

/// Coordinates reach 63, so that 16 of their squares fit 16 bits.
constexpr float kReach = 63;

/// Sums of x, y and their products over one subset of every partition.
struct Sums {
  Lanes<std::int16_t> x, y, xy;
  Lanes<std::uint16_t> xx, yy;
};

/// Sums over the texels of value & mask, four texels (a row) at a time to spare the accumulator.
template <class T>
void gather(const Shorts& values, const TexelMasks& masks, Lanes<T>& out) {
  out.fill(0);
  for (int i = 0; i < kTexels; i += 4) {
    const std::int16_t a = values[i];
    const std::int16_t b = values[i + 1];
    const std::int16_t c = values[i + 2];
    const std::int16_t d = values[i + 3];
    for (int p = 0; p < kPartitions; ++p)
      out[p] = static_cast<T>(out[p] + (a & masks[i][p]) + (b & masks[i + 1][p]) +
                              (c & masks[i + 2][p]) + (d & masks[i + 3][p]));
  }
}

Shorts product(const Shorts& a, const Shorts& b) {
  Shorts out;
  for (int i = 0; i < kTexels; ++i) out[i] = static_cast<std::int16_t>(a[i] * b[i]);
  return out;
}

void gather_all(const Shorts& x, const Shorts& y, const TexelMasks& masks, Sums& sums) {
  gather(x, masks, sums.x);
  gather(y, masks, sums.y);
  gather(product(x, x), masks, sums.xx);
  gather(product(x, y), masks, sums.xy);
  gather(product(y, y), masks, sums.yy);
}

/// Whole minus parts.
void subtract(Sums& from, const Sums& part) {
  for (int p = 0; p < kPartitions; ++p)
    from.x[p] = static_cast<std::int16_t>(from.x[p] - part.x[p]);
  for (int p = 0; p < kPartitions; ++p)
    from.y[p] = static_cast<std::int16_t>(from.y[p] - part.y[p]);
  for (int p = 0; p < kPartitions; ++p)
    from.xy[p] = static_cast<std::int16_t>(from.xy[p] - part.xy[p]);
  for (int p = 0; p < kPartitions; ++p)
    from.xx[p] = static_cast<std::uint16_t>(from.xx[p] - part.xx[p]);
  for (int p = 0; p < kPartitions; ++p)
    from.yy[p] = static_cast<std::uint16_t>(from.yy[p] - part.yy[p]);
}

Sums whole_block(const Shorts& x, const Shorts& y) {
  Sums sums;
  sums.x.fill(static_cast<std::int16_t>(sum_of(x)));
  sums.y.fill(static_cast<std::int16_t>(sum_of(y)));
  sums.xx.fill(static_cast<std::uint16_t>(dot(x, x)));
  sums.xy.fill(static_cast<std::int16_t>(dot(x, y)));
  sums.yy.fill(static_cast<std::uint16_t>(dot(y, y)));
  return sums;
}

/// Adds the scatter of a subset across its best line, and the share of that along it which steps
/// between `levels` values leave over (a uniform spread over n steps leaves 1 / n^2).
void add_cost(const Sums& sums, const Lanes<float>& inverse_count, int levels, Lanes<float>& cost) {
  const float left = 1.0f / static_cast<float>((levels - 1) * (levels - 1));
  const float of_trace = 0.5f * (1 + left);
  const float of_root = 0.5f * (1 - left);
  for (int p = 0; p < kPartitions; ++p) {
    const auto x = static_cast<float>(sums.x[p]);
    const auto y = static_cast<float>(sums.y[p]);
    const float a = static_cast<float>(sums.xx[p]) - x * x * inverse_count[p];
    const float b = static_cast<float>(sums.xy[p]) - x * y * inverse_count[p];
    const float c = static_cast<float>(sums.yy[p]) - y * y * inverse_count[p];
    const float root = std::sqrt((a - c) * (a - c) + 4 * b * b);
    cost[p] += of_trace * (a + c) - of_root * root;
  }
}

void select(const Lanes<float>& cost, int candidates, int count, std::uint8_t* out) {
  if (count == 1) {
    int best = 0;
    for (int p = 1; p < candidates; ++p)
      if (cost[p] < cost[best]) best = p;
    out[0] = static_cast<std::uint8_t>(best);
    return;
  }
  Lanes<std::uint8_t> order;
  std::iota(order.begin(), order.end(), std::uint8_t{0});
  std::partial_sort(order.begin(), order.begin() + count, order.begin() + candidates,
                    [&](int a, int b) { return cost[a] != cost[b] ? cost[a] < cost[b] : a < b; });
  std::copy_n(order.begin(), count, out);
}

int reach_of(const Shorts& positions) {
  std::int16_t low = 0;
  std::int16_t high = 0;
  for (int i = 0; i < kTexels; ++i) low = std::min(low, positions[i]);
  for (int i = 0; i < kTexels; ++i) high = std::max(high, positions[i]);
  return std::max<int>(high, -low);
}

Shorts scaled(const Shorts& positions, float scale) {
  Shorts out;
  for (int i = 0; i < kTexels; ++i)
    out[i] = static_cast<std::int16_t>(static_cast<int>(static_cast<float>(positions[i]) * scale));
  return out;
}

}  // namespace

template <int C>
PartitionGuess::PartitionGuess(const Points<C>& points, const Moments<C>& moments) {
  const Vector<C> first = principal_axis<C>(moments);
  const Vector<C> second = second_axis<C>(moments, first);
  Vector<C> mean;
  for (int c = 0; c < C; ++c) mean[c] = static_cast<float>(moments.sum[c]) / kTexels;
  x_ = positions_on<C>(points, first, mean);
  y_ = positions_on<C>(points, second, mean);
  const float scale = kReach / static_cast<float>(std::max(1, reach_of(x_) + reach_of(y_)));
  x_ = scaled(x_, scale);
  y_ = scaled(y_, scale);
}

template PartitionGuess::PartitionGuess(const Points<3>&, const Moments<3>&);
template PartitionGuess::PartitionGuess(const Points<4>&, const Moments<4>&);

void PartitionGuess::best_of_two(int levels, int count, std::uint8_t* out) const {
  Sums second;
  gather_all(x_, y_, kSecondOfTwo.masks, second);
  Sums first = whole_block(x_, y_);
  subtract(first, second);
  Lanes<float> cost{};
  add_cost(first, kFirstOfTwo.inverse_count, levels, cost);
  add_cost(second, kSecondOfTwo.inverse_count, levels, cost);
  select(cost, kPartitions, count, out);
}

void PartitionGuess::best_of_three(int levels, int candidates, int count, std::uint8_t* out) const {
  Sums second;
  Sums third;
  gather_all(x_, y_, kSecondOfThree.masks, second);
  gather_all(x_, y_, kThirdOfThree.masks, third);
  Sums first = whole_block(x_, y_);
  subtract(first, second);
  subtract(first, third);
  Lanes<float> cost{};
  add_cost(first, kFirstOfThree.inverse_count, levels, cost);
  add_cost(second, kSecondOfThree.inverse_count, levels, cost);
  add_cost(third, kThirdOfThree.inverse_count, levels, cost);
  select(cost, candidates, count, out);
}

}  // namespace forge3d::codec
