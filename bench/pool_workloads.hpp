// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// The workloads that allocators are compared by, as traces made before anything is timed.

#include <cstdint>
#include <random>
#include <vector>

namespace forge3d::bench {

/// One request: the block that it is about, and its size; size 0 frees it.
struct TraceStep {
  std::uint32_t block = 0;
  std::uint32_t size_bytes = 0;
};

struct Trace {
  std::vector<TraceStep> warm_up, timed;
  std::uint32_t blocks = 0;  ///< Numbers of blocks lie below this.
};

/// Sizes between two bounds, whose logarithms are uniformly distributed; multiples of 16.
struct SizeRange {
  double low_bytes = 0, high_bytes = 0;
  [[nodiscard]] std::uint32_t draw(std::mt19937_64& random) const;
};

inline constexpr std::uint64_t kTraceRangeBytes = std::uint64_t{512} << 20;
inline constexpr SizeRange kSizesA{64, 8 << 20};
inline constexpr SizeRange kSizesB{64 << 10, 8 << 20};
inline constexpr SizeRange kSizesC{4096, 4096};
inline constexpr SizeRange kSizesE{64, 64 << 10};

/// Churn at a level: while at or above `level_bytes` a random live block is freed, else one is
/// allocated; max(20,000, 4 x live) such steps come before the timed ones.
[[nodiscard]] Trace churn_trace(SizeRange sizes, std::uint64_t level_bytes, std::size_t steps,
                                std::uint64_t seed);
/// Frames: blocks of sizes b to 30 % of the range stay; on top of them bursts of 64 to 512 requests
/// of 256 B to 1 MiB are freed in reverse.
[[nodiscard]] Trace frame_trace(std::size_t steps, std::uint64_t seed);

/// The traces of the cases a to e.
[[nodiscard]] Trace standard_trace(char name, std::size_t steps = 400'000);

}  // namespace forge3d::bench
