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
#include <memory>
#include <mutex>
#include <span>
#include <vector>

namespace forge3d::basis {

/// Indices of the target by selector.
using LineMap = std::array<std::uint8_t, 4>;

inline constexpr std::size_t kMaxLineMaps = 16;

/// One channel: for each candidate the ends, as indices into LineShape::ends, and the error.
struct LineRow {
  alignas(32) std::array<std::int32_t, kMaxLineMaps> error{};  ///< Squared, times 16.
  std::array<std::uint8_t, kMaxLineMaps> low{}, high{};
};
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
  std::int32_t best = a.error[0] + b.error[0] + c.error[0];
  for (std::size_t i = 1; i < kMaxLineMaps; ++i) {
    const std::int32_t error =
        (a.error[i] + b.error[i] + c.error[i]) | static_cast<std::int32_t>(i);
    best = error < best ? error : best;
  }
  return static_cast<std::uint32_t>(best) % 16;
}

}  // namespace forge3d::basis
