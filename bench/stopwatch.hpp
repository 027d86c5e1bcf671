// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Wall and processor time for the bench suites.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <vector>

#include "forge3d/result.hpp"

namespace forge3d::bench {

/// Wall time since construction.
class Stopwatch {
 public:
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(Clock::now() - start_).count();
  }
  [[nodiscard]] double milliseconds() const { return seconds() * 1e3; }
  [[nodiscard]] double nanoseconds() const { return seconds() * 1e9; }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start_ = Clock::now();
};

/// Processor time of this process since construction: what a busy machine does not change.
class CpuStopwatch {
 public:
  [[nodiscard]] double seconds() const {
    return static_cast<double>(std::clock() - start_) / CLOCKS_PER_SEC;
  }

 private:
  std::clock_t start_ = std::clock();
};

/// Processor time of the calling thread since construction. To be read on the same thread.
class ThreadCpuStopwatch {
 public:
  [[nodiscard]] double nanoseconds() const {
    const std::timespec now = time();
    return static_cast<double>(now.tv_sec - start_.tv_sec) * 1e9 +
           static_cast<double>(now.tv_nsec - start_.tv_nsec);
  }

 private:
  static std::timespec time() {
    std::timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now;
  }
  std::timespec start_ = time();
};

/// Repeats a pass that does `amount` of something: how much a second of the thread's processor time
/// each did. Ends after `runs` passes or 1.5 s, with one pass at least, and at the first error.
template <class Pass>
Result<std::vector<double>> rate_samples(double amount, std::uint32_t runs, Pass pass) {
  constexpr double kSeconds = 1.5;
  std::vector<double> samples;
  double spent_s = 0;
  while (samples.empty() || (samples.size() < runs && spent_s < kSeconds)) {
    const ThreadCpuStopwatch watch;
    FORGE3D_TRY(pass());
    const double seconds = std::max(watch.nanoseconds() * 1e-9, 1e-6);
    spent_s += seconds;
    samples.push_back(amount / seconds);
  }
  return samples;
}

}  // namespace forge3d::bench
