// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// What calls of a staging ring cost the processor.

#include <atomic>
#include <cstring>
#include <optional>
#include <thread>

#include "bench/stopwatch.hpp"
#include "bench/transfer_rig.hpp"

namespace forge3d::bench {
namespace {

constexpr std::uint64_t kTimeoutNs = TransferRig::kTimeoutNs;

// Wall nanoseconds of a reservation of 256 bytes, seen by each of the threads: they reserve at the
// same time, a batch at a time; giving back is not counted.
Result<double> reserve_ns(StagingRing& ring, const BufferRegion& target, std::uint32_t threads) {
  constexpr std::uint32_t kBatch = 256, kBatches = 200;
  std::vector<double> ns(threads, 0);
  std::vector<std::optional<Error>> errors(threads);
  std::atomic<std::uint32_t> ready{0};
  const auto work = [&](std::uint32_t thread) {
    // Each result is built where it stays: what is measured is the call.
    std::vector<std::optional<Result<StagingWrite>>> writes(kBatch);
    struct Call {
      StagingRing& ring;
      const BufferRegion& target;
      operator Result<StagingWrite>() const { return ring.write_in_place(target, 256, 0); }
    };
    ready.fetch_add(1);
    while (ready.load() < threads) {
    }
    for (std::uint32_t batch = 0; batch < kBatches;) {
      const Stopwatch watch;
      std::uint32_t made = 0;
      while (made < kBatch && writes[made].emplace(Call{ring, target}).has_value()) ++made;
      const double elapsed_ns = watch.nanoseconds();
      if (made < kBatch) errors[thread] = writes[made]->error();
      for (auto& write : writes) write.reset();
      // Threads that hold what the ring needs may all have met its end: then nobody may wait.
      if (made < kBatch && errors[thread]->code != ErrorCode::kTimeout) return;
      if (made < kBatch) continue;
      errors[thread].reset();
      ns[thread] += elapsed_ns;
      ++batch;
    }
  };
  std::vector<std::thread> team;
  for (std::uint32_t t = 1; t < threads; ++t) team.emplace_back(work, t);
  work(0);
  for (std::thread& thread : team) thread.join();
  double sum = 0;
  for (std::uint32_t t = 0; t < threads; ++t) {
    if (errors[t]) return tl::unexpected(*errors[t]);
    sum += ns[t];
  }
  return sum / threads / (kBatch * kBatches);
}

constexpr std::uint64_t kSmall = 4096, kSmallUploads = 10'000;

// Where the i-th small upload goes: one after the other, or all over the target.
std::uint64_t small_offset(std::uint64_t i, bool scattered) {
  constexpr std::uint64_t kPlaces = TransferRig::kBytes / kSmall;
  return (scattered ? i * 7919 % kPlaces : i) * kSmall;
}

// Processor time of the calling thread for 10,000 uploads of 4 KiB and their submission.
Result<double> small_uploads_ns(StagingRing& ring, TransferRig& rig, bool scattered) {
  const ThreadCpuStopwatch watch;
  for (std::uint64_t i = 0; i < kSmallUploads; ++i)
    FORGE3D_TRY(ring.upload(region_of(rig.target(), small_offset(i, scattered)),
                            rig.data().subspan(i * kSmall, kSmall)));
  FORGE3D_TRY_ASSIGN(const Ticket ticket, ring.flush());
  const double ns = watch.nanoseconds();
  FORGE3D_TRY(ring.wait(ticket, kTimeoutNs));
  return ns / static_cast<double>(kSmallUploads);
}

double small_memcpy_ns(const Buffer& mapped, TransferRig& rig) {
  const ThreadCpuStopwatch watch;
  for (std::uint64_t i = 0; i < kSmallUploads; ++i)
    std::memcpy(mapped.mapped().data() + i * kSmall, rig.data().data() + i * kSmall, kSmall);
  return watch.nanoseconds() / static_cast<double>(kSmallUploads);
}

Result<BenchCases> bench_small_uploads(TransferRig& rig, const BenchOptions& options) {
  FORGE3D_TRY_ASSIGN(const auto ring,
                     StagingRing::create(rig.device(), {.upload_bytes = 64 * kMebibyte}));
  FORGE3D_TRY_ASSIGN(const Buffer mapped, rig.make_buffer(MemoryUse::kUpload, "bench small"));
  std::vector<double> in_order, scattered, submits;
  for (std::uint32_t run = 0; run <= options.runs; ++run) {
    const double copying = small_memcpy_ns(mapped, rig);
    const std::uint64_t before = ring->stats().submits;
    FORGE3D_TRY_ASSIGN(const double rising, small_uploads_ns(*ring, rig, false));
    const auto sent = static_cast<double>(ring->stats().submits - before);
    FORGE3D_TRY_ASSIGN(const double anywhere, small_uploads_ns(*ring, rig, true));
    if (run == 0) continue;
    in_order.push_back(rising - copying);
    scattered.push_back(anywhere - copying);
    submits.push_back(sent);
  }
  return BenchCases{make_case("small_4kib_cpu_ns", "ns", in_order),
                    make_case("small_4kib_scattered_cpu_ns", "ns", scattered),
                    make_case("small_4kib_10000_submits", "submits", submits)};
}

// Processor time of the caller and of the ring's writers that is not copying: the ring counts its
// copying by the clock, the rest is what the threads used in all.
Result<BenchCases> bench_overhead(const TransferRig& rig) {
  constexpr std::uint64_t kUpload = 100'000'000;
  const std::vector<std::byte> data(kUpload, std::byte{1});
  FORGE3D_TRY_ASSIGN(const Buffer target,
                     Buffer::create(rig.device(), {.size_bytes = kUpload,
                                                   .usage = VK_BUFFER_USAGE_TRANSFER_DST_BIT,
                                                   .debug_name = "bench overhead"}));
  FORGE3D_TRY_ASSIGN(const auto ring, StagingRing::create(rig.device()));
  std::vector<double> overhead_ms;
  for (int run = 0; run <= 100; ++run) {
    const StagingStats before = ring->stats();
    const ThreadCpuStopwatch watch;
    FORGE3D_TRY_ASSIGN(const StagingTicket ticket, ring->upload(region_of(target), data));
    FORGE3D_TRY(ring->wait(ticket, kTimeoutNs));
    const double caller_ns = watch.nanoseconds();
    // Writers count their time when they have nothing left to do.
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    const StagingStats after = ring->stats();
    const double writers_ns = static_cast<double>(after.writer_cpu_ns - before.writer_cpu_ns);
    const double copying_ns = static_cast<double>(after.copy_ns - before.copy_ns);
    if (run > 0) overhead_ms.push_back((caller_ns + writers_ns - copying_ns) * 1e-6);
  }
  return BenchCases{make_case("cpu_overhead_100mb_ms", "ms", overhead_ms)};
}

}  // namespace

Result<BenchCases> bench_staging_calls(TransferRig& rig, const BenchOptions& options) {
  BenchCases cases;
  {
    FORGE3D_TRY_ASSIGN(const auto ring, StagingRing::create(rig.device()));
    const BufferRegion target = region_of(rig.target());
    std::vector<Way> ways{{"reserve_ns_1t", [&] { return reserve_ns(*ring, target, 1); }},
                          {"reserve_ns_4t", [&] { return reserve_ns(*ring, target, 4); }}};
    FORGE3D_TRY(measure_ways(ways, options));
    for (const Way& way : ways) cases.push_back(make_case(way.name, "ns", way.samples));
  }
  FORGE3D_TRY_ASSIGN(BenchCases small, bench_small_uploads(rig, options));
  FORGE3D_TRY_ASSIGN(BenchCases overhead, bench_overhead(rig));
  for (BenchCases* more : {&small, &overhead})
    for (BenchCase& result : *more) cases.push_back(std::move(result));
  return cases;
}

}  // namespace forge3d::bench
