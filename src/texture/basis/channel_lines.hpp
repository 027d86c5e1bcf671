// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// ETC1S colors on the lines of other formats. The four values that a channel takes depend on its
// base, the table of modifiers and the selectors that occur, so the best ends for them are found
// once and looked up for every block. Which indices the selectors become is common to the channels
// of a block: each way to choose them is a candidate, and the block takes the one whose errors sum
// up to the least. The idea of such tables is Basis Universal's; here they know the selectors that
// occur, and are made when first asked for.

#include <array>
#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

namespace forge3d::basis {

/// Indices of the target by selector.
using LineMap = std::array<std::uint8_t, 4>;

inline constexpr std::size_t kMaxLineMaps = 16;

/// One channel: for each candidate the ends, as indices into LineShape::ends, and the error.
struct alignas(64) LineRow {
  std::array<std::int16_t, kMaxLineMaps> error{};  ///< Squared, at most kMaxLineError.
  std::array<std::uint8_t, kMaxLineMaps> low{}, high{};
};
/// Three of them fit 16 bits. Lines that are off by more are equally bad.
inline constexpr int kMaxLineError = 10922;
/// A channel that is 0 throughout, in targets whose first end is 0.
extern const LineRow kZeroLine;

/// What a target makes of two ends:
/// ((low * (steps - w) + high * w) * scale + rounding) >> shift.
struct LineShape {
  std::vector<std::uint8_t> ends;     ///< Values that ends can have, ascending.
  std::vector<std::uint8_t> weights;  ///< By index, ascending.
  int scale;
  int rounding;
  int steps;
  int shift;
  std::span<const LineMap, kMaxLineMaps> maps;  ///< Candidates.
};

/// Candidates for targets of 4 and of 16 indices.
extern const std::array<LineMap, 16> kMapsOf4;
extern const std::array<LineMap, 16> kMapsOf16;

/// The values of a channel that occur and where a map puts them: weights out of LineShape::steps.
struct LineProblem {
  std::array<int, 4> value{}, weight{};
  std::size_t count = 0;
};
/// Indices into LineShape::ends.
struct LineEnds {
  std::uint8_t low, high;
  std::int32_t error;
};

/// The rows of one target. Thread-safe.
class ChannelLines {
 public:
  explicit ChannelLines(LineShape shape);

  [[nodiscard]] const LineShape& shape() const { return shape_; }
  /// `used`: bit s where selector s occurs, not 0; `table` and `base` as in Etc1sEndpoint.
  [[nodiscard]] const LineRow& row(std::uint32_t used, std::uint32_t table, std::uint32_t base) {
    Group& group = groups_[used * 8 + table];
    if (!group.made.load(std::memory_order_acquire)) make(group, used, table);
    return (*group.rows)[base];
  }

 private:
  struct Group {
    std::atomic<bool> made{false};
    std::once_flag once;
    std::unique_ptr<std::array<LineRow, 32>> rows;
  };

  void make(Group& group, std::uint32_t used, std::uint32_t table);
  void fit(std::uint32_t used, std::uint32_t table, std::uint32_t base, LineRow& row) const;
  [[nodiscard]] LineEnds best_ends(const LineProblem& problem) const;
  [[nodiscard]] std::int32_t error_of(const LineProblem& problem, int low, int high) const;
  [[nodiscard]] int end_below(double value) const;

  LineShape shape_;
  std::array<std::uint8_t, 256>
      below_{};  ///< By value: the largest end not above it, or the first.
  std::array<Group, 16 * 8> groups_;
};

/// The candidate with the least sum of errors, the first of equal ones.
[[nodiscard]] inline std::uint32_t best_line(const LineRow& a, const LineRow& b, const LineRow& c) {
  std::array<std::int16_t, kMaxLineMaps> sum;
  std::int16_t least = std::numeric_limits<std::int16_t>::max();
  for (std::size_t i = 0; i < kMaxLineMaps; ++i) {
    sum[i] = static_cast<std::int16_t>(a.error[i] + b.error[i] + c.error[i]);
    least = sum[i] < least ? sum[i] : least;
  }
  std::int16_t best = kMaxLineMaps;
  for (std::int16_t i = 0; i < static_cast<std::int16_t>(kMaxLineMaps); ++i) {
    const std::int16_t at = sum[static_cast<std::size_t>(i)] == least ? i : best;
    best = at < best ? at : best;
  }
  return static_cast<std::uint32_t>(best);
}

}  // namespace forge3d::basis
