// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Pools on a device: 10,000 buffers of 256 B to 1 MiB against one device allocation each, the
// handle path in one and four threads, and compaction.

#include <volk.h>
// volk first: it must see no Vulkan prototypes.
#include <algorithm>
#include <atomic>
#include <cmath>
#include <random>
#include <thread>
#include <vector>

#include "bench/pool_workloads.hpp"
#include "bench/pools_bench.hpp"
#include "bench/stopwatch.hpp"
#include "forge3d/memory_pool.hpp"

namespace forge3d::bench {
namespace {

constexpr std::size_t kBuffers = 10'000;
constexpr int kPairRuns = 9;
constexpr VkBufferUsageFlags kUsage = VK_BUFFER_USAGE_TRANSFER_SRC_BIT |
                                      VK_BUFFER_USAGE_TRANSFER_DST_BIT |
                                      VK_BUFFER_USAGE_STORAGE_BUFFER_BIT;

/// Log-uniform sizes, the same on every machine.
std::vector<std::uint64_t> buffer_sizes() {
  std::mt19937 random(7);
  std::vector<std::uint64_t> sizes;
  for (std::size_t i = 0; i < kBuffers; ++i)
    sizes.push_back(static_cast<std::uint64_t>(256 * std::exp2(12.0 * random() / 4294967296.0)));
  return sizes;
}

struct RawBuffer {
  VkBuffer buffer = VK_NULL_HANDLE;
  VkDeviceMemory memory = VK_NULL_HANDLE;
};

void destroy_raw(const Device& device, const RawBuffer& raw) {
  device.vk().vkDestroyBuffer(device.handle(), raw.buffer, nullptr);
  device.vk().vkFreeMemory(device.handle(), raw.memory, nullptr);
}

/// Times of the raw calls: vkAllocateMemory, and all of what makes a buffer.
struct RawTimes {
  std::vector<double> allocate_ns, create_ns, buffer_ns;
};

/// What a program without a pool does.
Result<RawBuffer> create_raw(const Device& device, std::uint64_t size_bytes, RawTimes& times) {
  const VolkDeviceTable& vk = device.vk();
  const Stopwatch whole;
  RawBuffer raw;
  VkBufferCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO;
  info.size = size_bytes;
  info.usage = kUsage;
  VkResult result = vk.vkCreateBuffer(device.handle(), &info, nullptr, &raw.buffer);
  if (result < 0) return tl::unexpected(device.error(result, "vkCreateBuffer"));
  VkMemoryRequirements requirements;
  vk.vkGetBufferMemoryRequirements(device.handle(), raw.buffer, &requirements);
  VkMemoryAllocateInfo allocate{};
  allocate.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO;
  allocate.allocationSize = requirements.size;
  allocate.memoryTypeIndex =
      device.memory_type(requirements.memoryTypeBits, MemoryUse::kDevice).value_or(0);
  const Stopwatch watch;
  result = vk.vkAllocateMemory(device.handle(), &allocate, nullptr, &raw.memory);
  times.allocate_ns.push_back(watch.nanoseconds());
  if (result >= 0) result = vk.vkBindBufferMemory(device.handle(), raw.buffer, raw.memory, 0);
  times.create_ns.push_back(whole.nanoseconds());
  times.buffer_ns.push_back(times.create_ns.back() - times.allocate_ns.back());
  if (result >= 0) return raw;
  destroy_raw(device, raw);
  return tl::unexpected(device.error(result, "vkAllocateMemory"));
}

std::vector<double> stats_times_ns(const MemoryPool& pool, std::size_t runs) {
  constexpr int kCalls = 1000;
  std::vector<double> samples;
  std::uint64_t sink = 0;
  for (std::size_t run = 0; run < runs; ++run) {
    const Stopwatch watch;
    for (int i = 0; i < kCalls; ++i) sink += pool.stats().total_allocated;
    samples.push_back(watch.nanoseconds() / kCalls);
  }
  if (sink == 1) samples.push_back(0);  // keeps the calls
  return samples;
}

/// Device memory for all the buffers at once; lavapipe takes none until it is written.
BenchOptions with_room(const BenchOptions& options, std::uint64_t bytes) {
  BenchOptions roomy = options;
  roomy.device.limits = {bytes, bytes};
  return roomy;
}

Result<> raw_pass(const Device& device, const std::vector<std::uint64_t>& sizes, RawTimes& times) {
  constexpr std::size_t kSample = 2000;  // a driver may allow 4096 allocations
  std::vector<RawBuffer> live;
  Result<> result;
  for (std::size_t i = 0; i < kSample && result; ++i) {
    auto raw = create_raw(device, sizes[i], times);
    if (raw)
      live.push_back(*raw);
    else
      result = tl::unexpected(raw.error());
  }
  for (const RawBuffer& raw : live) destroy_raw(device, raw);
  return result;
}

/// Time of all creations and releases, as means of a buffer.
struct PoolPass {
  double create_ns = 0, release_ns = 0;
};

Result<PoolPass> pool_pass(MemoryPool& pool, const std::vector<std::uint64_t>& sizes) {
  std::vector<PoolHandle> live;
  live.reserve(sizes.size());
  const auto count = static_cast<double>(sizes.size());
  const Stopwatch creating;
  for (const std::uint64_t size_bytes : sizes) {
    FORGE3D_TRY_ASSIGN(const PoolBuffer buffer, pool.create_buffer(size_bytes, kUsage));
    live.push_back(buffer.allocation.handle);
  }
  PoolPass pass{creating.nanoseconds() / count, 0};
  const Stopwatch releasing;
  for (const PoolHandle handle : live) FORGE3D_TRY(pool.release(handle));
  pass.release_ns = releasing.nanoseconds() / count;
  return pass;
}

Result<> add_buffer_cases(BenchCases& cases, const BenchOptions& options) {
  const BenchOptions roomy = with_room(options, 2048 * kMebibyte);
  FORGE3D_TRY_ASSIGN(const auto device, Device::create(roomy.device));
  const std::vector<std::uint64_t> sizes = buffer_sizes();
  std::vector<double> create_ns, release_ns, calls, second_calls, stats_ns;
  RawTimes raw;
  const std::uint32_t passes = std::max(5u, options.runs / 2);
  for (std::uint32_t i = 0; i < passes; ++i) {
    FORGE3D_TRY_ASSIGN(const auto pool, MemoryPool::create(device));
    FORGE3D_TRY(pool_pass(*pool, sizes));
    calls.push_back(static_cast<double>(pool->stats().device_allocations));
    FORGE3D_TRY_ASSIGN(const PoolPass second, pool_pass(*pool, sizes));
    second_calls.push_back(static_cast<double>(pool->stats().device_allocations) - calls.back());
    create_ns.push_back(second.create_ns);
    release_ns.push_back(second.release_ns);
    const std::vector<double> times = stats_times_ns(*pool, options.runs);
    stats_ns.insert(stats_ns.end(), times.begin(), times.end());
    pool->trim();  // the raw buffers take the same bytes
    FORGE3D_TRY(raw_pass(*device, sizes, raw));
  }
  cases.push_back(make_case("create_buffer_ns", "ns", create_ns));
  cases.back().limit = quantile(raw.buffer_ns, 0.5);
  cases.back().limit_name = "the buffer alone: raw create, requirements, bind";
  cases.push_back(make_case("release_buffer_ns", "ns", release_ns));
  cases.push_back(make_case("raw_create_buffer_ns", "ns", raw.create_ns));
  cases.push_back(make_case("raw_allocate_ns", "ns", raw.allocate_ns));
  std::vector<double> avoided;
  for (const double count : calls) avoided.push_back(1 - count / static_cast<double>(kBuffers));
  cases.push_back(make_case("allocation_reduction", "share of the calls", avoided));
  cases.push_back(make_case("device_allocations_per_10000", "calls", calls));
  cases.push_back(make_case("second_round_device_allocations", "calls", second_calls));
  cases.push_back(make_case("stats_ns", "ns", stats_ns));
  return {};
}

// Plays a trace on the pool's whole handle path.
void play(const std::vector<TraceStep>& steps, MemoryPool& pool, std::vector<PoolHandle>& handles) {
  VkMemoryRequirements needs{0, 16, ~0u};
  for (const TraceStep& step : steps) {
    if (step.size_bytes == 0) {
      (void)pool.release(handles[step.block]);  // null after a refusal
      continue;
    }
    needs.size = step.size_bytes;
    const auto got = pool.allocate(needs, true);
    handles[step.block] = got ? got->handle : PoolHandle{};
  }
}

// The default block of a budget of 512 MiB and more.
constexpr std::uint64_t kDefaultBlockBytes = 64 * kMebibyte;

Result<std::shared_ptr<MemoryPool>> trace_pool(const std::shared_ptr<Device>& device,
                                               std::uint64_t block_bytes) {
  return MemoryPool::create(device, {.block_bytes = block_bytes, .wait_ns = 0});
}

Result<BenchCase> pool_pair_case(const char* name, const std::shared_ptr<Device>& device,
                                 std::uint64_t block_bytes) {
  const Trace trace = standard_trace('a');
  std::vector<double> samples;
  for (int run = 0; run < kPairRuns; ++run) {
    FORGE3D_TRY_ASSIGN(const auto pool, trace_pool(device, block_bytes));
    std::vector<PoolHandle> handles(trace.blocks);
    play(trace.warm_up, *pool, handles);
    const CpuStopwatch watch;
    play(trace.timed, *pool, handles);
    samples.push_back(2e9 * watch.seconds() / static_cast<double>(trace.timed.size()));
    for (const PoolHandle handle : handles) (void)pool->release(handle);
  }
  return make_case(name, "ns", samples);
}

/// Wall time of a pair over all threads, each of which plays load a on a share of the range.
Result<double> threaded_pair_ns(const std::shared_ptr<Device>& device,
                                const std::vector<Trace>& traces, std::size_t threads) {
  FORGE3D_TRY_ASSIGN(const auto pool, trace_pool(device, kDefaultBlockBytes));
  std::vector<std::vector<PoolHandle>> handles(threads);
  std::atomic<std::size_t> ready{0};
  std::atomic<bool> go{false};
  std::vector<std::thread> workers;
  for (std::size_t t = 0; t < threads; ++t)
    workers.emplace_back([&, t] {
      handles[t].resize(traces[t].blocks);
      play(traces[t].warm_up, *pool, handles[t]);
      ++ready;
      while (!go) std::this_thread::yield();
      play(traces[t].timed, *pool, handles[t]);
    });
  while (ready < threads) std::this_thread::yield();
  const Stopwatch watch;
  go = true;
  for (std::thread& worker : workers) worker.join();
  const double seconds = watch.seconds();
  for (const auto& list : handles)
    for (const PoolHandle handle : list) (void)pool->release(handle);
  return 2e9 * seconds / static_cast<double>(threads * traces[0].timed.size());
}

Result<> add_pair_cases(BenchCases& cases, const BenchOptions& options) {
  constexpr std::size_t kThreads = 4;
  // Threads work in blocks of their own, so a few more than the bytes fill.
  const BenchOptions roomy = with_room(options, 2 * kTraceRangeBytes);
  FORGE3D_TRY_ASSIGN(const auto device, Device::create(roomy.device));
  // One range of 512 MiB, as the traces were made for, and the blocks that a pool has by default.
  FORGE3D_TRY_ASSIGN(const BenchCase pair,
                     pool_pair_case("pool_pair_ns_a", device, kTraceRangeBytes));
  FORGE3D_TRY_ASSIGN(const BenchCase in_blocks,
                     pool_pair_case("pool_pair_ns_a_8x64", device, kDefaultBlockBytes));
  cases.push_back(pair);
  cases.push_back(in_blocks);
  std::vector<Trace> traces;
  for (std::size_t t = 0; t < kThreads; ++t)
    traces.push_back(churn_trace(kSizesA, kTraceRangeBytes / kThreads * 7 / 10, 400'000, 21 + t));
  std::vector<double> one, four, speedup;
  for (int run = 0; run < kPairRuns; ++run) {
    FORGE3D_TRY_ASSIGN(const double alone, threaded_pair_ns(device, traces, 1));
    FORGE3D_TRY_ASSIGN(const double together, threaded_pair_ns(device, traces, kThreads));
    one.push_back(alone);
    four.push_back(together);
    speedup.push_back(alone / together);
  }
  cases.push_back(make_case("pool_pair_ns_4t_a", "ns", four));
  cases.back().limit = quantile(one, 0.5);
  cases.back().limit_name = "one thread";
  cases.push_back(make_case("pool_speedup_4t_a", "times one thread", speedup));
  return {};
}

/// 8 blocks of 64 MiB filled with load a, released down to 60 %, then compacted to completion.
Result<PoolMoves> defragment_8x64(const BenchOptions& options, std::uint64_t seed) {
  constexpr std::uint64_t kBytes = 512 * kMebibyte;
  FORGE3D_TRY_ASSIGN(const auto device, Device::create(with_room(options, kBytes).device));
  FORGE3D_TRY_ASSIGN(const auto pool,
                     MemoryPool::create(device, {.block_bytes = 64 * kMebibyte, .wait_ns = 0}));
  std::mt19937_64 random(seed);
  std::vector<PoolHandle> live;
  while (pool->stats().used_bytes < kBytes / 100 * 95) {
    const auto buffer = pool->create_buffer(kSizesA.draw(random), kUsage);
    if (!buffer) break;
    FORGE3D_TRY(pool->unpin(buffer->allocation.handle));
    live.push_back(buffer->allocation.handle);
  }
  std::shuffle(live.begin(), live.end(), random);
  while (pool->stats().used_bytes > kBytes / 100 * 60) {
    FORGE3D_TRY(pool->release(live.back()));
    live.pop_back();
  }
  FORGE3D_TRY_ASSIGN(const PoolMoves moves, pool->defragment());
  for (const PoolHandle handle : live) FORGE3D_TRY(pool->release(handle));
  return moves;
}

Result<> add_defragmentation_cases(BenchCases& cases, const BenchOptions& options) {
  std::vector<double> before, after, ms, released, moved;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    FORGE3D_TRY_ASSIGN(const PoolMoves moves, defragment_8x64(options, seed));
    before.push_back(moves.fragmentation_before);
    after.push_back(moves.fragmentation_after);
    ms.push_back(moves.time_ms);
    released.push_back(static_cast<double>(moves.blocks_released));
    moved.push_back(static_cast<double>(moves.bytes_compacted) / 1e6);
  }
  cases.push_back(make_case("defrag_after_8x64", "1 - largest hole / free", after));
  cases.back().limit = quantile(before, 0.5);
  cases.back().limit_name = "before";
  cases.push_back(make_case("defrag_ms_8x64", "ms", ms));
  cases.push_back(make_case("defrag_moved_8x64", "MB", moved));
  cases.push_back(make_case("defrag_blocks_released_8x64", "of 8 blocks", released));
  return {};
}

}  // namespace

Result<BenchReport> bench_pools(const BenchOptions& options) {
  constexpr std::size_t kDeviceSteps = 3;
  std::size_t done = 0;
  const auto step = [&](std::size_t total) {
    if (options.progress) options.progress(++done, total);
  };
  BenchReport report;
  {
    FORGE3D_TRY_ASSIGN(const auto device, Device::create(options.device));
    report.device = device->info().name;
  }
  FORGE3D_TRY(add_buffer_cases(report.cases, options));
  step(kDeviceSteps + kPlacementSteps);
  FORGE3D_TRY(add_pair_cases(report.cases, options));
  step(kDeviceSteps + kPlacementSteps);
  FORGE3D_TRY(add_defragmentation_cases(report.cases, options));
  step(kDeviceSteps + kPlacementSteps);
  add_placement_cases(report.cases, [&] { step(kDeviceSteps + kPlacementSteps); });
  return report;
}

}  // namespace forge3d::bench
