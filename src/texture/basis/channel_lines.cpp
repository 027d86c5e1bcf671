// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/basis/channel_lines.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "texture/basis/etc1s_codebooks.hpp"

namespace forge3d::basis {
namespace {

constexpr std::int32_t kNoCandidate = 1 << 28;

/// The normal equations of a line through weighted values, in units of one step.
struct LineSums {
  double low_low = 0, low_high = 0, high_high = 0, low_value = 0, high_value = 0;

  void add(double weight, double value) {
    low_low += (1 - weight) * (1 - weight);
    low_high += (1 - weight) * weight;
    high_high += weight * weight;
    low_value += (1 - weight) * value;
    high_value += weight * value;
  }
};

/// A line's ends as the sums ask for them, the high one inside the range of values.
std::pair<double, double> ideal_ends(const LineSums& sums, double mean, bool flat) {
  if (flat) return {mean, mean};
  const double determinant = sums.low_low * sums.high_high - sums.low_high * sums.low_high;
  double high = (sums.high_value * sums.low_low - sums.low_value * sums.low_high) / determinant;
  high = std::clamp(high, 0.0, 255.0);
  return {(sums.low_value - sums.low_high * high) / sums.low_low, high};
}

}  // namespace

const LineRow kZeroLine{};

const std::array<LineMap, 16> kMapsOf4 = {{{0, 1, 2, 3},
                                           {0, 0, 2, 3},
                                           {0, 0, 1, 3},
                                           {0, 0, 1, 2},
                                           {0, 2, 3, 3},
                                           {0, 1, 3, 3},
                                           {1, 2, 3, 3},
                                           {0, 0, 3, 3},
                                           {0, 0, 0, 3},
                                           {0, 3, 3, 3},
                                           {0, 1, 1, 1},
                                           {0, 2, 2, 2},
                                           {0, 1, 1, 2},
                                           {0, 1, 2, 2},
                                           {0, 1, 1, 3},
                                           {0, 2, 2, 3}}};

// Those that, one after the other, lower the error most over endpoints as images have them: near to
// grey, small modifiers more often than large ones.
const std::array<LineMap, 24> kMapsOf16 = {
    {{0, 5, 10, 15}, {0, 1, 7, 15},   {0, 9, 14, 15},  {0, 7, 13, 15}, {0, 0, 5, 15},
     {0, 3, 9, 15},  {0, 10, 15, 15}, {0, 6, 11, 15},  {0, 2, 8, 15},  {0, 4, 9, 15},
     {3, 6, 9, 12},  {0, 0, 6, 15},   {0, 8, 14, 15},  {0, 6, 12, 15}, {1, 6, 10, 15},
     {2, 7, 11, 15}, {0, 9, 15, 15},  {0, 11, 15, 15}, {0, 4, 10, 15}, {0, 5, 11, 15},
     {0, 4, 7, 11},  {0, 0, 4, 15},   {0, 4, 8, 13},   {5, 10, 13, 15}}};

ChannelLines::ChannelLines(LineShape shape) : shape_(std::move(shape)) {
  const auto& ends = shape_.ends;
  for (std::size_t value = 0, end = 0; value < nearest_.size(); ++value) {
    while (end + 1 < ends.size() && 2 * value > std::size_t{ends[end]} + ends[end + 1]) ++end;
    nearest_[value] = static_cast<std::uint8_t>(end);
  }
}

void ChannelLines::make(Group& group, std::uint32_t used, std::uint32_t table) {
  std::call_once(group.once, [&] {
    auto rows = std::make_unique<std::array<LineRow, 32>>();
    for (std::uint32_t base = 0; base < 32; ++base) fit(used, table, base, (*rows)[base]);
    group.rows = std::move(rows);
    group.made.store(true, std::memory_order_release);
  });
}

void ChannelLines::fit(std::uint32_t used, std::uint32_t table, std::uint32_t base,
                       LineRow& row) const {
  std::array<int, 4> values{};
  for (std::uint32_t s = 0; s < 4; ++s) values[s] = etc1s_value(base, table, s);
  row.error.fill(kNoCandidate);
  for (std::size_t i = 0; i < shape_.maps.size(); ++i) {
    std::array<int, 4> weights{}, used_values{};
    std::size_t count = 0;
    LineSums sums;
    double mean = 0;
    for (std::uint32_t s = 0; s < 4; ++s) {
      if ((used >> s & 1) == 0) continue;
      weights[count] = shape_.weights[shape_.maps[i][s]];
      used_values[count] = values[s];
      sums.add(double(weights[count]) / shape_.steps, values[s]);
      mean += values[s];
      ++count;
    }
    const bool flat = std::all_of(weights.begin(), weights.begin() + static_cast<long>(count),
                                  [&](int weight) { return weight == weights[0]; });
    const auto [low, high] = ideal_ends(sums, mean / static_cast<double>(count), flat);
    const auto end_of = [&](double value) {
      return int{nearest_[static_cast<std::size_t>(std::clamp(value + 0.5, 0.0, 255.0))]};
    };
    const int last = static_cast<int>(shape_.ends.size()) - 1;
    const int radius = flat ? 4 : 1;
    const int low_end = end_of(low), high_end = end_of(high);
    for (int a = std::max(low_end - radius, 0); a <= std::min(low_end + radius, last); ++a)
      for (int b = std::max(high_end - radius, 0); b <= std::min(high_end + radius, last); ++b) {
        const int from = shape_.ends[static_cast<std::size_t>(a)];
        const int to = shape_.ends[static_cast<std::size_t>(b)];
        int error = 0;
        for (std::size_t k = 0; k < count; ++k) {
          const int value =
              (from * (shape_.steps - weights[k]) + to * weights[k] + shape_.rounding) /
              shape_.steps;
          error += (value - used_values[k]) * (value - used_values[k]);
        }
        if (error * 32 >= row.error[i]) continue;
        row.error[i] = error * 32;
        row.low[i] = static_cast<std::uint8_t>(a);
        row.high[i] = static_cast<std::uint8_t>(b);
      }
  }
}

}  // namespace forge3d::basis
