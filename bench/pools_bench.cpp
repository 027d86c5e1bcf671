// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// 10,000 buffers of 256 B to 1 MiB: from a pool, and with one device allocation each.

#include <volk.h>
// volk first: it must see no Vulkan prototypes.
#include <algorithm>
#include <cmath>
#include <deque>
#include <random>
#include <vector>

#include "bench/bench_case.hpp"
#include "bench/stopwatch.hpp"
#include "forge3d/memory_pool.hpp"

namespace forge3d::bench {
namespace {

constexpr std::size_t kBuffers = 10'000;
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

/// Times of one pass: each creation by itself, and all creations and releases together.
struct Pass {
  std::vector<double> create_ns;
  double total_ns = 0;
};

/// Runs one pass: creates every size in turn, and releases the oldest while more than half the
/// budget is live.
template <class Create, class Release>
Result<Pass> run_pass(const std::vector<std::uint64_t>& sizes, std::uint64_t live_limit_bytes,
                      Create create, Release release) {
  using Handle = typename decltype(create(0))::value_type;
  std::deque<std::pair<Handle, std::uint64_t>> live;
  std::uint64_t live_bytes = 0;
  Pass pass;
  const auto release_oldest = [&]() -> Result<> {
    const Stopwatch watch;
    FORGE3D_TRY(release(live.front().first));
    pass.total_ns += watch.nanoseconds();
    live_bytes -= live.front().second;
    live.pop_front();
    return {};
  };
  for (const std::uint64_t size_bytes : sizes) {
    while (live_bytes + size_bytes > live_limit_bytes) FORGE3D_TRY(release_oldest());
    const Stopwatch watch;
    FORGE3D_TRY_ASSIGN(Handle handle, create(size_bytes));
    pass.create_ns.push_back(watch.nanoseconds());
    pass.total_ns += pass.create_ns.back();
    live.emplace_back(handle, size_bytes);
    live_bytes += size_bytes;
  }
  while (!live.empty()) FORGE3D_TRY(release_oldest());
  return pass;
}

struct RawBuffer {
  VkBuffer buffer = VK_NULL_HANDLE;
  VkDeviceMemory memory = VK_NULL_HANDLE;
};

void destroy_raw(const Device& device, const RawBuffer& raw) {
  device.vk().vkDestroyBuffer(device.handle(), raw.buffer, nullptr);
  device.vk().vkFreeMemory(device.handle(), raw.memory, nullptr);
}

/// Times of the raw calls: vkAllocateMemory, and all the others that make a buffer.
struct RawTimes {
  std::vector<double> allocate_ns, others_ns;
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
  times.others_ns.push_back(whole.nanoseconds() - times.allocate_ns.back());
  if (result >= 0) return raw;
  destroy_raw(device, raw);
  return tl::unexpected(device.error(result, "vkAllocateMemory"));
}

Result<Pass> pool_pass(MemoryPool& pool, const std::vector<std::uint64_t>& sizes,
                       std::uint64_t live_limit_bytes) {
  return run_pass(
      sizes, live_limit_bytes,
      [&pool](std::uint64_t size_bytes) { return pool.create_buffer(size_bytes, kUsage); },
      [&pool](const PoolBuffer& buffer) { return pool.release(buffer.allocation.handle); });
}

Result<Pass> raw_pass(const Device& device, const std::vector<std::uint64_t>& sizes,
                      std::uint64_t live_limit_bytes, RawTimes& times) {
  return run_pass(
      sizes, live_limit_bytes,
      [&](std::uint64_t size_bytes) { return create_raw(device, size_bytes, times); },
      [&device](const RawBuffer& raw) -> Result<> {
        destroy_raw(device, raw);
        return {};
      });
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

void append(std::vector<double>& to, const std::vector<double>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

}  // namespace

Result<BenchReport> bench_pools(const BenchOptions& options) {
  FORGE3D_TRY_ASSIGN(const auto device, Device::create(options.device));
  const std::vector<std::uint64_t> sizes = buffer_sizes();
  const std::uint64_t live_limit_bytes = options.device.limits.total_bytes / 2;
  std::vector<double> create_ns, raw_create_ns, reduction, calls;
  RawTimes raw_times;
  const std::uint32_t passes = std::max(3u, options.runs / 3);
  for (std::uint32_t i = 0; i < passes; ++i) {
    FORGE3D_TRY_ASSIGN(const auto pool, MemoryPool::create(device));
    FORGE3D_TRY_ASSIGN(const Pass pooled, pool_pass(*pool, sizes, live_limit_bytes));
    calls.push_back(static_cast<double>(pool->stats().device_allocations));
    pool->trim();  // the raw buffers take the same bytes
    FORGE3D_TRY_ASSIGN(const Pass raw, raw_pass(*device, sizes, live_limit_bytes, raw_times));
    append(create_ns, pooled.create_ns);
    append(raw_create_ns, raw.create_ns);
    reduction.push_back(1 - pooled.total_ns / raw.total_ns);
    if (options.progress) options.progress(i + 1, passes);
  }
  FORGE3D_TRY_ASSIGN(const auto pool, MemoryPool::create(device));
  BenchReport report{device->info().name, {}};
  BenchCases& cases = report.cases;
  cases.push_back(make_case("create_buffer_ns", "ns", create_ns));
  cases.back().limit = quantile(raw_times.others_ns, 0.5);
  cases.back().limit_name = "the buffer alone: raw create, requirements, bind";
  cases.push_back(make_case("raw_create_buffer_ns", "ns", raw_create_ns));
  cases.push_back(make_case("raw_allocate_ns", "ns", raw_times.allocate_ns));
  cases.push_back(make_case("allocation_reduction", "share of time", reduction));
  cases.push_back(make_case("device_allocations_per_10000", "calls", calls));
  cases.push_back(make_case("stats_ns", "ns", stats_times_ns(*pool, options.runs)));
  return report;
}

}  // namespace forge3d::bench
