// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Timeouts from Python, and waits that a signal can end.

#include <nanobind/nanobind.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <utility>

#include "errors.hpp"
#include "life.hpp"

namespace forge3d::python {

/// Seconds as the library's nanoseconds; throws InvalidArgument for negative ones and NaN.
inline std::uint64_t to_ns(double seconds) {
  constexpr double kMost = 1e9;  // some thirty years
  if (!(seconds >= 0)) throw_invalid("timeout_s must not be negative");
  return static_cast<std::uint64_t>(std::min(seconds, kMost) * 1e9);
}

/// Calls wait(slice_ns) without the GIL until it is no longer kTimeout or the time is over. Between
/// slices signal handlers run: Ctrl-C ends a wait, not what was waited for.
template <class Wait>
void wait_in_slices(double timeout_s, Wait&& wait) {
  constexpr std::uint64_t kSliceNs = 50'000'000;
  using Clock = std::chrono::steady_clock;
  const Clock::time_point begin = Clock::now();
  const std::uint64_t timeout_ns = to_ns(timeout_s);
  while (true) {
    const auto spent = static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - begin).count());
    const std::uint64_t slice = std::min(kSliceNs, timeout_ns - std::min(spent, timeout_ns));
    auto result = without_gil([&] { return wait(slice); });
    const bool again =
        !result && result.error().code == ErrorCode::kTimeout && spent + slice < timeout_ns;
    if (!again) return check(std::move(result));
    if (PyErr_CheckSignals() != 0) throw nb::python_error();
  }
}

}  // namespace forge3d::python
