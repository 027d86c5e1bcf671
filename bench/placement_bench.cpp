// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Placement and moving without a device: time of a pair, how full a range gets, what is refused
// when it is nearly full, and what an hour leaves.

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "bench/moving_heap.hpp"
#include "bench/pool_workloads.hpp"
#include "bench/pools_bench.hpp"
#include "bench/stopwatch.hpp"
#include "forge3d/placement.hpp"

namespace forge3d::bench {
namespace {

constexpr int kPairRuns = 9;

// Allocates and frees; the sink keeps the work.
void play(const std::vector<TraceStep>& steps, Placement& placement,
          std::vector<Placement::Id>& ids, std::uint64_t& sink) {
  for (const TraceStep& step : steps) {
    if (step.size_bytes == 0) {
      if (ids[step.block] != Placement::kNowhere) placement.free(ids[step.block]);
      continue;
    }
    const Placement::Place got = placement.place(step.size_bytes / Placement::kGranuleBytes);
    ids[step.block] = got.id;  // kNowhere: without moves large ones are refused at times
    sink += got.offset_granules;
  }
}

// The same requests to the C library, which writes a few bytes in front of each block and no more.
double malloc_pair_ns(const Trace& trace) {
  std::vector<double> samples;
  std::vector<void*> blocks(trace.blocks, nullptr);
  const auto play_steps = [&](const std::vector<TraceStep>& steps) {
    for (const TraceStep& step : steps) {
      if (step.size_bytes != 0)
        blocks[step.block] = std::malloc(step.size_bytes);
      else
        std::free(std::exchange(blocks[step.block], nullptr));
    }
  };
  for (int run = 0; run < kPairRuns / 3; ++run) {
    play_steps(trace.warm_up);
    const CpuStopwatch watch;
    play_steps(trace.timed);
    samples.push_back(2e9 * watch.seconds() / static_cast<double>(trace.timed.size()));
    for (void*& block : blocks) std::free(std::exchange(block, nullptr));
  }
  return quantile(samples, 0.5);
}

BenchCase pair_case(char name) {
  const Trace trace = standard_trace(name);
  std::vector<double> samples;
  std::uint64_t sink = 0;
  for (int run = 0; run < kPairRuns; ++run) {
    Placement placement(kTraceRangeBytes);
    std::vector<Placement::Id> ids(trace.blocks);
    play(trace.warm_up, placement, ids, sink);
    const CpuStopwatch watch;
    play(trace.timed, placement, ids, sink);
    samples.push_back(2e9 * watch.seconds() / static_cast<double>(trace.timed.size()));
  }
  if (sink == 1) samples.push_back(0);
  BenchCase result = make_case(std::string("pair_ns_") + name, "ns", samples);
  result.limit = malloc_pair_ns(trace);
  result.limit_name = "malloc and free";
  return result;
}

/// Random blocks that are live in a heap.
class Load {
 public:
  Load(MovingHeap& heap, SizeRange sizes, std::uint64_t seed)
      : heap_(heap), sizes_(sizes), random_(seed) {}

  bool allocate(std::uint64_t size_bytes, bool moving) {
    std::uint32_t block = next_;
    if (!spare_.empty()) block = spare_.back();
    if (!heap_.allocate(block, size_bytes, moving)) return false;
    if (spare_.empty())
      ++next_;
    else
      spare_.pop_back();
    live_.push_back({block, static_cast<std::uint32_t>(size_bytes)});
    live_bytes_ += size_bytes;
    return true;
  }
  void free_any() {
    std::swap(live_[random_() % live_.size()], live_.back());
    heap_.free(live_.back().block);
    live_bytes_ -= live_.back().size_bytes;
    spare_.push_back(live_.back().block);
    live_.pop_back();
  }
  [[nodiscard]] std::uint32_t draw() { return sizes_.draw(random_); }
  [[nodiscard]] std::uint64_t live_bytes() const { return live_bytes_; }
  [[nodiscard]] std::size_t live() const { return live_.size(); }

 private:
  MovingHeap& heap_;
  SizeRange sizes_;
  std::mt19937_64 random_;
  std::vector<TraceStep> live_;
  std::vector<std::uint32_t> spare_;
  std::uint32_t next_ = 0;
  std::uint64_t live_bytes_ = 0;
};

/// Churn at half the range, then at a level that climbs to all of it; how full the range is when
/// the first request is refused.
double fill_at_first_refusal(SizeRange sizes, std::size_t requests, std::uint64_t seed,
                             bool moving) {
  MovingHeap heap(1, kTraceRangeBytes);
  Load load(heap, sizes, seed);
  const auto request = [&](double level_bytes) {
    while (static_cast<double>(load.live_bytes()) >= level_bytes) load.free_any();
    return load.allocate(load.draw(), moving);
  };
  constexpr auto kRange = static_cast<double>(kTraceRangeBytes);
  while (static_cast<double>(load.live_bytes()) < kRange / 2)
    (void)load.allocate(load.draw(), false);
  const std::size_t warm_up = std::max<std::size_t>(10'000, 2 * load.live());
  for (std::size_t i = 0; i < warm_up; ++i) (void)request(kRange / 2);
  for (std::size_t i = 0; i < requests; ++i) {
    const double climbed = static_cast<double>(i) / static_cast<double>(requests);
    if (!request(kRange * (1 + climbed) / 2)) break;
  }
  return static_cast<double>(heap.used_bytes()) / kRange;
}

BenchCase fill_case(const std::string& name, SizeRange sizes, std::size_t requests, int seeds,
                    bool moving) {
  std::vector<double> fills;
  for (int seed = 1; seed <= seeds; ++seed)
    fills.push_back(
        fill_at_first_refusal(sizes, requests, static_cast<std::uint64_t>(seed), moving));
  return make_case(name, "share of the range", fills);
}

struct Refusals {
  double refused = 0, moved_share = 0;
  std::vector<double> plan_us;
};

/// 40,000 requests, before each of which random blocks go until it fits under 92 % by bytes.
Refusals refused_at_92(SizeRange sizes, std::uint64_t seed, bool moving) {
  constexpr std::uint64_t kLevel = kTraceRangeBytes / 100 * 92;
  MovingHeap heap(1, kTraceRangeBytes);
  Load load(heap, sizes, seed);
  Refusals result;
  double requested_bytes = 0;
  for (int i = 0; i < 40'000; ++i) {
    const std::uint32_t size_bytes = load.draw();
    while (load.live_bytes() + size_bytes > kLevel) load.free_any();
    requested_bytes += size_bytes;
    if (!load.allocate(size_bytes, moving)) ++result.refused;
  }
  result.moved_share = static_cast<double>(heap.moved_bytes()) / requested_bytes;
  result.plan_us = heap.plan_us();
  return result;
}

void add_refusal_cases(BenchCases& cases) {
  constexpr int kSeeds = 5;
  std::vector<double> refused_a, refused_b, share_a, share_b, still_a, still_b, plan_us;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Refusals a = refused_at_92(kSizesA, seed, true), b = refused_at_92(kSizesB, seed, true);
    refused_a.push_back(a.refused);
    refused_b.push_back(b.refused);
    share_a.push_back(a.moved_share);
    share_b.push_back(b.moved_share);
    still_a.push_back(refused_at_92(kSizesA, seed, false).refused);
    still_b.push_back(refused_at_92(kSizesB, seed, false).refused);
    plan_us.insert(plan_us.end(), a.plan_us.begin(), a.plan_us.end());
  }
  const auto add = [&](const char* name, const char* unit, const std::vector<double>& samples,
                       const std::vector<double>& still) {
    cases.push_back(make_case(name, unit, samples));
    if (still.empty()) return;
    cases.back().limit = quantile(still, 0.5);
    cases.back().limit_name = "without moving";
  };
  add("refused_92_a", "of 40,000", refused_a, still_a);
  add("refused_92_b", "of 40,000", refused_b, still_b);
  add("moved_share_a", "of requested bytes", share_a, {});
  add("moved_share_b", "of requested bytes", share_b, {});
  BenchCase plan = make_case("plan_us_p99", "us", plan_us);
  plan.value = quantile(plan_us, 0.99);
  cases.push_back(plan);
}

/// Ten million operations as an hour of frames: every frame frees and allocates a few blocks, the
/// level rises and falls, every three minutes a scene is replaced, and a slice of upkeep runs.
struct Hour {
  std::vector<double> fragmentation;  // at the end of each frame
  double operations = 0, moved_share = 0;
};

Hour play_hour() {
  constexpr int kFrames = 216'000, kSceneFrames = 10'800, kPairs = 24;
  constexpr std::uint32_t kRanges = 8;
  constexpr std::uint64_t kRangeBytes = kTraceRangeBytes / kRanges;
  MovingHeap heap(kRanges, kRangeBytes);
  Load load(heap, kSizesE, 11);
  Hour hour;
  double requested_bytes = 0;
  for (int frame = 0; frame < kFrames; ++frame) {
    const double level = kRanges * static_cast<double>(kRangeBytes) *
                         (0.65 + 0.15 * std::sin(static_cast<double>(frame) / 1500));
    if (frame % kSceneFrames == kSceneFrames / 2)
      for (std::size_t i = load.live() * 2 / 5; i > 0; --i, ++hour.operations) load.free_any();
    for (int i = 0; i < kPairs; ++i) {
      for (; static_cast<double>(load.live_bytes()) >= level; ++hour.operations) load.free_any();
      const std::uint32_t size_bytes = load.draw();
      requested_bytes += size_bytes;
      (void)load.allocate(size_bytes, true);
      ++hour.operations;
    }
    heap.upkeep({});
    hour.fragmentation.push_back(heap.fragmentation());
  }
  hour.moved_share = static_cast<double>(heap.moved_bytes()) / requested_bytes;
  return hour;
}

void add_hour_cases(BenchCases& cases) {
  const Hour hour = play_hour();
  BenchCase after =
      make_case("fragmentation_after_hour", "1 - largest hole / free", hour.fragmentation);
  after.value = hour.fragmentation.back();
  cases.push_back(after);
  cases.push_back(make_case("hour_operations", "operations", {hour.operations}));
  cases.push_back(make_case("hour_moved_share", "of requested bytes", {hour.moved_share}));
}

/// What the blocks of load a and e cost in granted bytes.
BenchCase granted_case() {
  std::vector<double> ratios;
  for (const SizeRange sizes : {kSizesA, kSizesE}) {
    std::mt19937_64 random(3);
    Placement placement(kTraceRangeBytes);
    double requested = 0;
    while (requested < kTraceRangeBytes * 0.6) {
      // Not rounded to granules, as requests are.
      const double size =
          static_cast<double>(sizes.draw(random)) - static_cast<double>(random() % 16);
      if (!placement.allocate(static_cast<std::uint64_t>(size))) break;
      requested += size;
    }
    ratios.push_back(static_cast<double>(placement.used_bytes()) / requested);
  }
  BenchCase result = make_case("granted_per_requested", "ratio", ratios);
  result.value = std::max(ratios[0], ratios[1]);
  return result;
}

}  // namespace

void add_placement_cases(BenchCases& cases, const std::function<void()>& step) {
  for (const char name : {'a', 'b', 'c', 'd', 'e'}) cases.push_back(pair_case(name));
  step();
  cases.push_back(fill_case("fill_first_refusal_a", kSizesA, 40'000, 31, true));
  cases.back().limit = fill_case("", kSizesA, 40'000, 31, false).value;
  cases.back().limit_name = "without moving";
  step();
  cases.push_back(fill_case("fill_first_refusal_b", kSizesB, 40'000, 31, true));
  cases.back().limit = fill_case("", kSizesB, 40'000, 31, false).value;
  cases.back().limit_name = "without moving";
  step();
  cases.push_back(fill_case("fill_first_refusal_e", kSizesE, 400'000, 3, true));
  cases.back().limit = fill_case("", kSizesE, 400'000, 3, false).value;
  cases.back().limit_name = "without moving";
  step();
  add_refusal_cases(cases);
  step();
  add_hour_cases(cases);
  cases.push_back(granted_case());
  step();
}

}  // namespace forge3d::bench
