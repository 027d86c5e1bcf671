// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/basis/channel_lines.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "texture/basis/etc1s_codebooks.hpp"

namespace forge3d::basis {
namespace {

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
const std::array<LineMap, 16> kMapsOf16 = {{{0, 5, 10, 15},
                                            {0, 1, 7, 15},
                                            {0, 9, 14, 15},
                                            {0, 7, 13, 15},
                                            {0, 0, 5, 15},
                                            {0, 3, 9, 15},
                                            {0, 10, 15, 15},
                                            {0, 6, 11, 15},
                                            {0, 2, 8, 15},
                                            {0, 4, 9, 15},
                                            {3, 6, 9, 12},
                                            {0, 0, 6, 15},
                                            {0, 8, 14, 15},
                                            {0, 6, 12, 15},
                                            {1, 6, 10, 15},
                                            {2, 7, 11, 15}}};

ChannelLines::ChannelLines(LineShape shape) : shape_(std::move(shape)) {
  const auto& ends = shape_.ends;
  for (std::size_t value = 0, end = 0; value < below_.size(); ++value) {
    while (end + 1 < ends.size() && ends[end + 1] <= value) ++end;
    below_[value] = static_cast<std::uint8_t>(end);
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
  LineProblem problem;
  for (std::uint32_t s = 0; s < 4; ++s)
    if ((used >> s & 1) != 0) problem.value[problem.count++] = etc1s_value(base, table, s);
  std::array<std::uint32_t, kMaxLineMaps> seen{};
  for (std::size_t i = 0; i < kMaxLineMaps; ++i) {
    std::size_t count = 0;
    for (std::uint32_t s = 0; s < 4; ++s) {
      if ((used >> s & 1) == 0) continue;
      problem.weight[count++] = shape_.weights[shape_.maps[i][s]];
      seen[i] = seen[i] << 4 | shape_.maps[i][s];
    }
    // Maps that differ in selectors that do not occur are the same here.
    const auto same = std::find(seen.begin(), seen.begin() + static_cast<long>(i), seen[i]);
    const auto first = static_cast<std::size_t>(same - seen.begin());
    const LineEnds ends = first == i ? best_ends(problem)
                                     : LineEnds{row.low[first], row.high[first], row.error[first]};
    row.error[i] = static_cast<std::int16_t>(std::min(ends.error, kMaxLineError));
    row.low[i] = ends.low;
    row.high[i] = ends.high;
  }
}

/// Tries the ends around the ideal ones; of a single weight, more of them, for then the two ends
/// together reach values that neither has.
LineEnds ChannelLines::best_ends(const LineProblem& problem) const {
  LineSums sums;
  double mean = 0;
  bool flat = true;
  for (std::size_t k = 0; k < problem.count; ++k) {
    sums.add(static_cast<double>(problem.weight[k]) / shape_.steps, problem.value[k]);
    mean += static_cast<double>(problem.value[k]) / static_cast<double>(problem.count);
    flat &= problem.weight[k] == problem.weight[0];
  }
  const auto [low, high] = ideal_ends(sums, mean, flat);
  const int low_end = end_below(low), high_end = end_below(high);
  const int below = flat ? 3 : 0, above = flat ? 4 : 1;
  const int last = static_cast<int>(shape_.ends.size()) - 1;
  LineEnds best{0, 0, std::numeric_limits<std::int32_t>::max()};
  for (int a = std::max(low_end - below, 0); a <= std::min(low_end + above, last); ++a)
    for (int b = std::max(high_end - below, 0); b <= std::min(high_end + above, last); ++b) {
      const std::int32_t error = error_of(problem, a, b);
      if (error < best.error)
        best = {static_cast<std::uint8_t>(a), static_cast<std::uint8_t>(b), error};
    }
  return best;
}

std::int32_t ChannelLines::error_of(const LineProblem& problem, int low, int high) const {
  const int from = shape_.ends[static_cast<std::size_t>(low)];
  const int to = shape_.ends[static_cast<std::size_t>(high)];
  std::int32_t error = 0;
  for (std::size_t k = 0; k < problem.count; ++k) {
    const int weight = problem.weight[k];
    const int sum = from * (shape_.steps - weight) + to * weight;
    const int value = (sum * shape_.scale + shape_.rounding) >> shape_.shift;
    error += (value - problem.value[k]) * (value - problem.value[k]);
  }
  return error;
}

int ChannelLines::end_below(double value) const {
  return below_[static_cast<std::size_t>(std::clamp(value, 0.0, 255.0))];
}

}  // namespace forge3d::basis
