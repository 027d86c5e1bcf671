// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// History: the last values of a measurement, for percentiles.

#include <algorithm>
#include <cstddef>
#include <vector>

namespace forge3d::streaming {

/// Keeps the latest `capacity` values. Not thread-safe.
class History {
 public:
  explicit History(std::size_t capacity) : capacity_(capacity) {}

  void push(double value) {
    if (values_.size() < capacity_)
      values_.push_back(value);
    else
      values_[next_] = value;
    next_ = (next_ + 1) % capacity_;
  }
  /// The smallest value that at least `share` of all values do not pass; 0 without values.
  /// REQUIRES: 0 < share <= 1.
  [[nodiscard]] double percentile(double share) const {
    if (values_.empty()) return 0;
    std::vector<double> sorted = values_;
    const auto rank =
        static_cast<std::size_t>(share * static_cast<double>(sorted.size()) + 0.999999);
    const std::size_t index = std::clamp<std::size_t>(rank, 1, sorted.size()) - 1;
    std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(index),
                     sorted.end());
    return sorted[index];
  }

 private:
  std::size_t capacity_;
  std::size_t next_ = 0;
  std::vector<double> values_;
};

}  // namespace forge3d::streaming
