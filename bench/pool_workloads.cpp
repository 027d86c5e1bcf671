// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/pool_workloads.hpp"

#include <algorithm>
#include <cmath>

namespace forge3d::bench {
namespace {

constexpr std::size_t kMinWarmUp = 20'000;

// Live blocks by number, while a trace is made.
class LiveBlocks {
 public:
  explicit LiveBlocks(std::uint64_t seed) : random_(seed) {}

  void allocate(std::vector<TraceStep>& steps, std::uint32_t size_bytes) {
    std::uint32_t block = count();
    if (spare_.empty()) {
      sizes_.push_back(0);
    } else {
      block = spare_.back();
      spare_.pop_back();
    }
    sizes_[block] = size_bytes;
    live_.push_back(block);
    live_bytes_ += size_bytes;
    steps.push_back({block, size_bytes});
  }
  void free_any(std::vector<TraceStep>& steps) {
    std::swap(live_[random_() % live_.size()], live_.back());
    const std::uint32_t block = live_.back();
    live_.pop_back();
    live_bytes_ -= sizes_[block];
    spare_.push_back(block);
    steps.push_back({block, 0});
  }
  [[nodiscard]] std::mt19937_64& random() { return random_; }
  [[nodiscard]] std::size_t live() const { return live_.size(); }
  [[nodiscard]] std::uint64_t live_bytes() const { return live_bytes_; }
  [[nodiscard]] std::uint32_t count() const { return static_cast<std::uint32_t>(sizes_.size()); }

 private:
  std::mt19937_64 random_;
  std::vector<std::uint32_t> sizes_, live_, spare_;
  std::uint64_t live_bytes_ = 0;
};

}  // namespace

std::uint32_t SizeRange::draw(std::mt19937_64& random) const {
  const double share = std::uniform_real_distribution<double>(0, 1)(random);
  const double size = low_bytes * std::exp(share * std::log(high_bytes / low_bytes));
  return static_cast<std::uint32_t>(std::ceil(size / 16) * 16);
}

Trace churn_trace(SizeRange sizes, std::uint64_t level_bytes, std::size_t steps,
                  std::uint64_t seed) {
  LiveBlocks blocks(seed);
  Trace trace;
  const auto step = [&](std::vector<TraceStep>& to) {
    if (blocks.live_bytes() >= level_bytes)
      blocks.free_any(to);
    else
      blocks.allocate(to, sizes.draw(blocks.random()));
  };
  while (blocks.live_bytes() < level_bytes) step(trace.warm_up);
  const std::size_t warm_up = std::max(kMinWarmUp, 4 * blocks.live());
  for (std::size_t i = 0; i < warm_up; ++i) step(trace.warm_up);
  for (std::size_t i = 0; i < steps; ++i) step(trace.timed);
  trace.blocks = blocks.count();
  return trace;
}

Trace frame_trace(std::size_t steps, std::uint64_t seed) {
  constexpr SizeRange kFrameSizes{256, 1 << 20};
  std::mt19937_64 random(seed);
  Trace trace;
  std::uint64_t bytes = 0;
  while (bytes < kTraceRangeBytes * 3 / 10) {
    trace.warm_up.push_back({trace.blocks++, kSizesB.draw(random)});
    bytes += trace.warm_up.back().size_bytes;
  }
  const std::uint32_t first = trace.blocks;
  while (trace.timed.size() < steps) {
    std::vector<TraceStep>& to = trace.warm_up.size() < kMinWarmUp ? trace.warm_up : trace.timed;
    const auto count = static_cast<std::uint32_t>(64 + random() % 449);
    for (std::uint32_t i = 0; i < count; ++i) to.push_back({first + i, kFrameSizes.draw(random)});
    for (std::uint32_t i = count; i-- > 0;) to.push_back({first + i, 0});
    trace.blocks = std::max(trace.blocks, first + count);
  }
  return trace;
}

Trace standard_trace(char name, std::size_t steps) {
  constexpr std::uint64_t kLevel = kTraceRangeBytes * 7 / 10;
  switch (name) {
    case 'a':
      return churn_trace(kSizesA, kLevel, steps, 1);
    case 'b':
      return churn_trace(kSizesB, kLevel, steps, 2);
    case 'c':
      return churn_trace(kSizesC, kLevel, steps, 3);
    case 'd':
      return frame_trace(steps, 4);
    default:
      return churn_trace(kSizesE, kLevel, steps, 5);
  }
}

}  // namespace forge3d::bench
