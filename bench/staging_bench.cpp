// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Transfers of 64 MiB: through a ring by each of its paths, as a program without one does it, and
// the device's own limits.

#include <algorithm>
#include <cstring>
#include <optional>

#include "bench/stopwatch.hpp"
#include "bench/transfer_rig.hpp"

namespace forge3d::bench {
namespace {

constexpr std::uint64_t kBytes = TransferRig::kBytes;
constexpr std::uint64_t kTimeoutNs = TransferRig::kTimeoutNs;

BenchCase with_limit(BenchCase result, double limit, const char* name) {
  result.limit = limit;
  result.limit_name = name;
  return result;
}

BenchCase rate_case(const char* name, const Way& way, std::uint64_t bytes = kBytes) {
  return make_case(name, "GB/s", gigabytes_per_s(way.samples, bytes));
}

Result<double> upload_ms(StagingRing& ring, const BufferRegion& target,
                         std::span<const std::byte> data) {
  const Stopwatch watch;
  FORGE3D_TRY_ASSIGN(const StagingTicket ticket, ring.upload(target, data));
  FORGE3D_TRY(ring.wait(ticket, kTimeoutNs));
  return watch.milliseconds();
}

// The ring of the defaults, and the ways without a ring, in turns.
Result<BenchCases> bench_uploads(TransferRig& rig, const BenchOptions& options) {
  FORGE3D_TRY_ASSIGN(const auto ring, StagingRing::create(rig.device()));
  FORGE3D_TRY(ring->calibrate());
  const BufferRegion target = region_of(rig.target());
  std::vector<Way> ways{{"upload_64mib_ms", [&] { return upload_ms(*ring, target, rig.data()); }},
                        {"upload_64mib_serial_ms", [&] { return rig.serial_upload_ms(); }},
                        {"upload_64mib_fresh_ms", [&] { return rig.fresh_upload_ms(); }},
                        {"device_copy_ms", [&] { return rig.device_copy_ms(); }},
                        {"memcpy_ms", [&] { return rig.memcpy_ms(); }}};
  FORGE3D_TRY(measure_ways(ways, options));
  FORGE3D_TRY(upload_ms(*ring, target, rig.data()));
  FORGE3D_TRY(rig.check_target(*ring));

  BenchCase copy = rate_case("device_copy_limit_gbps", ways[3]);
  const double copy_ms = static_cast<double>(kBytes) / copy.value * 1e-6;
  constexpr const char* kLimit = "raw vkCmdCopyBuffer of the same run";
  BenchCases cases;
  for (std::size_t i = 0; i < 3; ++i)
    cases.push_back(with_limit(make_case(ways[i].name, "ms", ways[i].samples), copy_ms, kLimit));
  cases.push_back(with_limit(rate_case("upload_64mib_gbps", ways[0]), copy.value, kLimit));
  cases.push_back(copy);
  cases.push_back(rate_case("memcpy_1t_gbps", ways[4]));
  const StagingTuning tuning = ring->tuning();
  cases.push_back(
      make_case("tuned_writer_threads", "threads", {static_cast<double>(tuning.writer_threads)}));
  cases.push_back(
      make_case("tuned_chunk_mib", "MiB",
                {static_cast<double>(tuning.chunk_bytes) / static_cast<double>(kMebibyte)}));
  return cases;
}

// A gibibyte in sixteen uploads, none waited for, through a ring of 32 MiB.
Result<BenchCases> bench_long_upload(TransferRig& rig, const BenchOptions& options, double limit) {
  constexpr std::uint64_t kUploads = 16;
  FORGE3D_TRY_ASSIGN(const auto ring,
                     StagingRing::create(rig.device(), {.upload_bytes = 32 * kMebibyte}));
  StagingTuning tuning = ring->tuning();
  tuning.import_min_bytes = 0;  // through the ring, whatever the device
  ring->set_tuning(tuning);
  const std::uint64_t allocations = rig.device()->budget().stats().allocations;
  const auto run = [&]() -> Result<double> {
    const Stopwatch watch;
    StagingTicket ticket;
    for (std::uint64_t i = 0; i < kUploads; ++i) {
      FORGE3D_TRY_ASSIGN(ticket, ring->upload(region_of(rig.target()), rig.data()));
    }
    FORGE3D_TRY(ring->wait(ticket, kTimeoutNs));
    return watch.milliseconds();
  };
  std::vector<Way> ways{{"upload_1gib", run}};
  FORGE3D_TRY(measure_ways(ways, options));
  const auto made = static_cast<double>(rig.device()->budget().stats().allocations - allocations);
  return BenchCases{
      with_limit(rate_case("upload_1gib_through_32mib_gbps", ways[0], kUploads * kBytes), limit,
                 "raw vkCmdCopyBuffer of the same run"),
      make_case("upload_1gib_device_allocations", "calls", {made})};
}

// Both directions without a copy on the CPU: rings that hold all of it in one segment.
Result<BenchCases> bench_in_place(TransferRig& rig, const BenchOptions& options, double limit) {
  FORGE3D_TRY_ASSIGN(const auto ring, StagingRing::create(rig.device(), {.upload_bytes = kBytes,
                                                                         .readback_bytes = kBytes,
                                                                         .ring_count = 1}));
  const BufferRegion target = region_of(rig.target());
  {  // the producer's work, once: the ring's only segment keeps its bytes
    FORGE3D_TRY_ASSIGN(StagingWrite write, ring->write_in_place(target, kBytes));
    std::memcpy(write.bytes().data(), rig.data().data(), kBytes);
    FORGE3D_TRY_ASSIGN(const StagingTicket ticket, write.commit());
    FORGE3D_TRY(ring->wait(ticket, kTimeoutNs));
  }
  const auto upload = [&]() -> Result<double> {
    const Stopwatch watch;
    FORGE3D_TRY_ASSIGN(StagingWrite write, ring->write_in_place(target, kBytes));
    FORGE3D_TRY_ASSIGN(const StagingTicket ticket, write.commit());
    FORGE3D_TRY(ring->wait(ticket, kTimeoutNs));
    return watch.milliseconds();
  };
  const auto readback = [&]() -> Result<double> {
    const Stopwatch watch;
    FORGE3D_TRY_ASSIGN(Readback read, ring->read_in_place(target, kBytes));
    FORGE3D_TRY_ASSIGN(const auto bytes, read.get(kTimeoutNs));
    const double elapsed_ms = watch.milliseconds();
    if (std::memcmp(bytes.data(), rig.data().data(), kBytes) != 0)
      return fail(ErrorCode::kInternal, "staging: what was read back is not what was uploaded");
    return elapsed_ms;
  };
  std::vector<Way> ways{{"upload_in_place", upload}, {"readback", readback}};
  FORGE3D_TRY(measure_ways(ways, options));
  constexpr const char* kLimit = "raw vkCmdCopyBuffer of the same run";
  return BenchCases{with_limit(rate_case("upload_in_place_gbps", ways[0]), limit, kLimit),
                    with_limit(rate_case("readback_64mib_gbps", ways[1]), limit, kLimit)};
}

// Readback into the caller's memory through the small ring of the defaults.
Result<BenchCases> bench_gathered_readback(TransferRig& rig, const BenchOptions& options,
                                           double limit) {
  FORGE3D_TRY_ASSIGN(const auto ring,
                     StagingRing::create(rig.device(), {.readback_bytes = 16 * kMebibyte}));
  std::vector<std::byte> destination(kBytes);
  const auto run = [&]() -> Result<double> {
    const Stopwatch watch;
    FORGE3D_TRY_ASSIGN(Readback read,
                       ring->readback(region_of(rig.target()), std::span(destination)));
    FORGE3D_TRY(read.get(kTimeoutNs));
    return watch.milliseconds();
  };
  std::vector<Way> ways{{"readback", run}};
  FORGE3D_TRY(measure_ways(ways, options));
  if (std::memcmp(destination.data(), rig.data().data(), kBytes) != 0)
    return fail(ErrorCode::kInternal, "staging: what was read back is not what was uploaded");
  return BenchCases{with_limit(rate_case("readback_64mib_gathered_gbps", ways[0]), limit,
                               "raw vkCmdCopyBuffer of the same run")};
}

// The paths that not every device has.
Result<BenchCases> bench_other_paths(TransferRig& rig, const BenchOptions& options) {
  const DeviceInfo& info = rig.device()->info();
  BenchCases cases;
  const auto measure = [&](const char* name, StagingRing& ring,
                           const BufferRegion& target) -> Result<> {
    std::vector<Way> ways{{name, [&] { return upload_ms(ring, target, rig.data()); }}};
    FORGE3D_TRY(measure_ways(ways, options));
    cases.push_back(rate_case(name, ways[0]));
    return {};
  };
  if (info.dedicated_transfer_queue) {
    FORGE3D_TRY_ASSIGN(const auto ring,
                       StagingRing::create(rig.device(), {.queue = QueueKind::kTransfer}));
    FORGE3D_TRY(measure("upload_64mib_transfer_queue_gbps", *ring, region_of(rig.target())));
  }
  FORGE3D_TRY_ASSIGN(const auto ring, StagingRing::create(rig.device()));
  if (auto import = ring->import_memory(rig.data()))
    FORGE3D_TRY(measure("upload_64mib_imported_gbps", *ring, region_of(rig.target())));
  FORGE3D_TRY_ASSIGN(const Buffer mapped,
                     rig.make_buffer(MemoryUse::kDeviceMapped, "bench direct"));
  if (BufferRegion target = region_of(mapped); target.mapped != nullptr) {
    StagingTuning tuning = ring->tuning();
    tuning.direct_max_bytes = kBytes;
    ring->set_tuning(tuning);
    target.idle = true;
    FORGE3D_TRY(measure("upload_64mib_direct_gbps", *ring, target));
  }
  return cases;
}

}  // namespace

Result<BenchReport> bench_staging(const BenchOptions& options) {
  FORGE3D_TRY_ASSIGN(const auto rig, TransferRig::create(options));
  BenchReport report{rig->device()->info().name, {}};
  const auto add = [&](Result<BenchCases> cases) -> Result<> {
    if (!cases) return tl::unexpected(std::move(cases).error());
    std::ranges::move(*cases, std::back_inserter(report.cases));
    return {};
  };
  FORGE3D_TRY(add(bench_uploads(*rig, options)));
  const auto copy = std::ranges::find(report.cases, "device_copy_limit_gbps", &BenchCase::name);
  const double limit = copy->value;
  FORGE3D_TRY(add(bench_long_upload(*rig, options, limit)));
  FORGE3D_TRY(add(bench_in_place(*rig, options, limit)));
  FORGE3D_TRY(add(bench_gathered_readback(*rig, options, limit)));
  FORGE3D_TRY(add(bench_other_paths(*rig, options)));
  FORGE3D_TRY(add(bench_staging_calls(*rig, options)));
  return report;
}

}  // namespace forge3d::bench
