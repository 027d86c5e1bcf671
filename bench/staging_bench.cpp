// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Uploads and readbacks of 64 MiB: through the ring, as a program without one does it, and the
// device's own limits.

#include <volk.h>
// volk first: it must see no Vulkan prototypes.
#include <algorithm>
#include <cstring>
#include <span>
#include <vector>

#include "bench/bench_case.hpp"
#include "bench/stopwatch.hpp"
#include "forge3d/resources.hpp"
#include "forge3d/staging_ring.hpp"

namespace forge3d::bench {
namespace {

constexpr std::uint64_t kBytes = 64 * kMebibyte;
constexpr std::uint64_t kTimeoutNs = 30'000'000'000;

/// What every way of uploading shares: data, target, a mapped buffer as large as the data.
class StagingBench {
 public:
  static Result<StagingBench> create(const BenchOptions& options) {
    StagingBench bench;
    FORGE3D_TRY_ASSIGN(bench.device_, Device::create(options.device));
    FORGE3D_TRY_ASSIGN(bench.ring_, StagingRing::create(bench.device_));
    FORGE3D_TRY_ASSIGN(bench.recorder_,
                       CommandRecorder::create(bench.device_, QueueKind::kGraphics));
    FORGE3D_TRY_ASSIGN(bench.target_, bench.make_buffer(MemoryUse::kDevice));
    FORGE3D_TRY_ASSIGN(bench.mapped_, bench.make_buffer(MemoryUse::kUpload));
    bench.fill();
    return bench;
  }

  [[nodiscard]] const std::string& device_name() const { return device_->info().name; }

  Result<double> ring_upload_ms() {
    const Stopwatch watch;
    FORGE3D_TRY_ASSIGN(const StagingTicket ticket, ring_->upload(region(), data_));
    FORGE3D_TRY(ring_->wait(ticket, kTimeoutNs));
    return watch.milliseconds();
  }

  Result<double> serial_upload_ms() {
    const Stopwatch watch;
    FORGE3D_TRY(write_mapped(mapped_));
    FORGE3D_TRY(copy_to_target(mapped_));
    return watch.milliseconds();
  }

  Result<double> fresh_upload_ms() {
    const Stopwatch watch;
    FORGE3D_TRY_ASSIGN(Buffer fresh, make_buffer(MemoryUse::kUpload));
    FORGE3D_TRY(write_mapped(fresh));
    FORGE3D_TRY(copy_to_target(fresh));
    fresh = Buffer();  // freeing it is part of doing it this way
    return watch.milliseconds();
  }

  Result<double> readback_ms() {
    const Stopwatch watch;
    FORGE3D_TRY_ASSIGN(Readback readback, ring_->readback(region(), kBytes));
    FORGE3D_TRY_ASSIGN(const std::span<const std::byte> bytes, readback.get(kTimeoutNs));
    const double elapsed_ms = watch.milliseconds();
    if (bytes.size() != data_.size() || std::memcmp(bytes.data(), data_.data(), kBytes) != 0)
      return fail(ErrorCode::kInternal, "staging: what was read back is not what was uploaded");
    return elapsed_ms;
  }

  Result<double> device_copy_ms() {
    const Stopwatch watch;
    FORGE3D_TRY(copy_to_target(mapped_));
    return watch.milliseconds();
  }

  Result<double> memcpy_ms() {
    const Stopwatch watch;
    FORGE3D_TRY(write_mapped(mapped_));
    return watch.milliseconds();
  }

 private:
  Result<Buffer> make_buffer(MemoryUse use) const {
    BufferDesc desc;
    desc.size_bytes = kBytes;
    desc.usage = VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT;
    desc.memory = use;
    desc.category = use == MemoryUse::kDevice ? MemoryCategory::kOther : MemoryCategory::kStaging;
    desc.debug_name = "bench";
    return Buffer::create(device_, desc);
  }

  void fill() {
    data_.resize(kBytes);
    std::uint32_t state = 1;
    for (std::size_t i = 0; i < data_.size(); i += 4) {
      state = state * 1664525u + 1013904223u;
      std::memcpy(data_.data() + i, &state, 4);
    }
  }

  [[nodiscard]] BufferRegion region() const { return {target_.handle(), 0, kBytes}; }

  Result<> write_mapped(const Buffer& buffer) const {
    std::memcpy(buffer.mapped().data(), data_.data(), kBytes);
    return buffer.memory().flush(0, kBytes);
  }

  Result<> copy_to_target(const Buffer& from) {
    FORGE3D_TRY_ASSIGN(const VkCommandBuffer commands, recorder_.begin());
    const VkBufferCopy copy{0, 0, kBytes};
    device_->vk().vkCmdCopyBuffer(commands, from.handle(), target_.handle(), 1, &copy);
    FORGE3D_TRY_ASSIGN(const Ticket ticket, recorder_.submit());
    return device_->wait(ticket, kTimeoutNs);
  }

  std::shared_ptr<Device> device_;
  std::shared_ptr<StagingRing> ring_;
  CommandRecorder recorder_;
  Buffer target_, mapped_;
  std::vector<std::byte> data_;
};

struct Way {
  const char* name;
  Result<double> (StagingBench::*measure)();
  std::vector<double> samples_ms;
};

std::vector<double> gigabytes_per_s(const std::vector<double>& samples_ms) {
  std::vector<double> rates;
  for (const double ms : samples_ms) rates.push_back(static_cast<double>(kBytes) / ms * 1e-6);
  return rates;
}

BenchCase with_limit(BenchCase result, double limit, const char* name) {
  result.limit = limit;
  result.limit_name = name;
  return result;
}

BenchCases make_cases(const std::vector<Way>& ways) {
  const BenchCase memory =
      make_case("memcpy_limit_gbps", "GB/s", gigabytes_per_s(ways[5].samples_ms));
  const BenchCase copy =
      make_case("device_copy_limit_gbps", "GB/s", gigabytes_per_s(ways[4].samples_ms));
  // The two halves of an upload can overlap: the slower one alone bounds it.
  const double bound_gbps = std::min(memory.value, copy.value);
  const double bound_ms = static_cast<double>(kBytes) / bound_gbps * 1e-6;
  constexpr const char* kBound = "slower of raw memcpy and raw vkCmdCopyBuffer";
  BenchCases cases;
  for (std::size_t i = 0; i < 3; ++i)
    cases.push_back(
        with_limit(make_case(ways[i].name, "ms", ways[i].samples_ms), bound_ms, kBound));
  cases.push_back(
      with_limit(make_case("upload_64mib_gbps", "GB/s", gigabytes_per_s(ways[0].samples_ms)),
                 bound_gbps, kBound));
  cases.push_back(
      with_limit(make_case("readback_64mib_gbps", "GB/s", gigabytes_per_s(ways[3].samples_ms)),
                 bound_gbps, kBound));
  cases.push_back(copy);
  cases.push_back(memory);
  return cases;
}

}  // namespace

Result<BenchReport> bench_staging(const BenchOptions& options) {
  FORGE3D_TRY_ASSIGN(StagingBench bench, StagingBench::create(options));
  std::vector<Way> ways{{"upload_64mib_ms", &StagingBench::ring_upload_ms, {}},
                        {"upload_64mib_serial_ms", &StagingBench::serial_upload_ms, {}},
                        {"upload_64mib_fresh_ms", &StagingBench::fresh_upload_ms, {}},
                        {"readback_64mib_ms", &StagingBench::readback_ms, {}},
                        {"device_copy_ms", &StagingBench::device_copy_ms, {}},
                        {"memcpy_ms", &StagingBench::memcpy_ms, {}}};
  for (std::uint32_t run = 0; run <= options.runs;
       ++run) {  // the ways take turns; the first is warm-up
    for (Way& way : ways) {
      FORGE3D_TRY_ASSIGN(const double elapsed_ms, (bench.*way.measure)());
      if (run > 0) way.samples_ms.push_back(elapsed_ms);
    }
    if (options.progress) options.progress(run, options.runs);
  }
  return BenchReport{bench.device_name(), make_cases(ways)};
}

}  // namespace forge3d::bench
