// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// LatencyHistogram and RateWindow: what is measured of transfers, in fixed space.

#include <array>
#include <cstdint>
#include <optional>

namespace forge3d {

/// Counts durations in buckets an eighth of an octave wide: quantiles are at most 12.5 % too high.
/// Not thread-safe. Source of the layout: G. Tene, HdrHistogram.
class LatencyHistogram {
 public:
  void add(std::uint64_t duration_ns);
  /// The duration that a share `p` of those counted did not pass; 0 when none was counted.
  [[nodiscard]] std::uint64_t quantile_ns(double p) const;
  [[nodiscard]] std::uint64_t count() const { return count_; }

 private:
  static constexpr std::uint32_t kSteps = 8;  // a power of two
  [[nodiscard]] static std::uint32_t bucket_of(std::uint64_t duration_ns);
  [[nodiscard]] static std::uint64_t upper_bound(std::uint32_t bucket);
  std::array<std::uint64_t, 64 * kSteps> counts_{};
  std::uint64_t count_ = 0;
};

/// Guesses how long a transfer will take from those of its size before it. Not thread-safe.
class DurationGuess {
 public:
  /// A transfer whose end was noticed at once took so long. REQUIRES: size_bytes > 0.
  void learn(std::uint64_t size_bytes, std::uint64_t duration_ns);
  /// Rather too short than too long: it follows a shorter duration at once, a longer one slowly.
  /// Nothing when no transfer of about this size was learned.
  [[nodiscard]] std::optional<std::uint64_t> guess_ns(std::uint64_t size_bytes) const;

 private:
  std::array<double, 65> ns_per_byte_{};  // by the bits of a size; 0: unknown
};

/// Bytes per second over the last second, counting only the time in which something was under way.
/// Not thread-safe.
class RateWindow {
 public:
  /// Bytes that were under way from `begin_ns` to `end_ns`. REQUIRES: ends never fall.
  void add(std::uint64_t begin_ns, std::uint64_t end_ns, std::uint64_t bytes);
  /// 0 when nothing ended within the window.
  [[nodiscard]] double bytes_per_s(std::uint64_t now_ns) const;
  /// When the last bytes ended.
  [[nodiscard]] std::uint64_t busy_until_ns() const { return busy_until_ns_; }

 private:
  static constexpr std::uint64_t kSliceNs = 1'000'000'000 / 32;
  struct Slice {
    std::uint64_t number = 0;
    std::uint64_t bytes = 0, busy_ns = 0;
  };
  std::array<Slice, 33> slices_{};
  std::uint64_t busy_until_ns_ = 0;
};

}  // namespace forge3d
