// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// SampleWindow: the figures of one measurement over the last seconds.

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include "forge3d/memory_system.hpp"

namespace forge3d::system {

/// Keeps the latest `capacity` samples with their times, in fixed space. Thread-safe.
class SampleWindow {
 public:
  /// Throws std::bad_alloc.
  explicit SampleWindow(std::size_t capacity);

  void add(std::uint64_t time_ns, double value);
  /// Over the samples of the last `window_ns` before `now_ns`; percentiles are nearest ranks.
  /// Throws std::bad_alloc.
  [[nodiscard]] MeasuredFigure figure(std::uint64_t now_ns, std::uint64_t window_ns) const;

 private:
  struct Sample {
    std::uint64_t time_ns;
    double value;
  };
  mutable std::mutex mutex_;
  std::size_t capacity_;
  std::size_t next_ = 0;         // guarded by mutex_
  std::vector<Sample> samples_;  // likewise; a ring once it is full
};

}  // namespace forge3d::system
