// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the staging cases share: 64 MiB of ordinary memory, a target as large, and the ways of doing
// it without a ring, which are the baselines.

#include <volk.h>
// volk first: it must see no Vulkan prototypes.
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "bench/bench_case.hpp"
#include "forge3d/resources.hpp"
#include "forge3d/staging_ring.hpp"

namespace forge3d::bench {

/// Not thread-safe.
class TransferRig {
 public:
  static constexpr std::uint64_t kBytes = 64 * kMebibyte;
  static constexpr std::uint64_t kTimeoutNs = 30'000'000'000;

  [[nodiscard]] static Result<std::unique_ptr<TransferRig>> create(const BenchOptions& options);

  [[nodiscard]] const std::shared_ptr<Device>& device() const { return device_; }
  [[nodiscard]] const Buffer& target() const { return target_; }
  [[nodiscard]] std::span<const std::byte> data() const { return data_; }
  [[nodiscard]] Result<Buffer> make_buffer(MemoryUse use, const char* name) const;

  /// One mapped buffer: copy, then let the device copy, then wait. Milliseconds, as all below.
  [[nodiscard]] Result<double> serial_upload_ms();
  /// A new mapped buffer each time, as programs without a ring do it.
  [[nodiscard]] Result<double> fresh_upload_ms();
  /// The device's copy alone, waited for by polling.
  [[nodiscard]] Result<double> device_copy_ms();
  /// The copy into mapped memory alone, on one thread.
  [[nodiscard]] Result<double> memcpy_ms();
  /// kInternal when the target does not hold the data.
  [[nodiscard]] Result<> check_target(StagingRing& ring) const;

 private:
  [[nodiscard]] Result<> write_mapped(const Buffer& buffer) const;
  [[nodiscard]] Result<> copy_to_target(const Buffer& from, std::uint64_t spin_ns);
  std::shared_ptr<Device> device_;
  CommandRecorder recorder_;
  Buffer target_, mapped_;
  std::vector<std::byte> data_;
};

/// A way that is measured: milliseconds of one run.
struct Way {
  std::string name;
  std::function<Result<double>()> measure;
  std::vector<double> samples{};
};

/// Runs the ways in turns, the first round as warm-up.
[[nodiscard]] Result<> measure_ways(std::vector<Way>& ways, const BenchOptions& options);

/// Gigabytes (10^9) per second from milliseconds.
[[nodiscard]] std::vector<double> gigabytes_per_s(const std::vector<double>& samples_ms,
                                                  std::uint64_t bytes);

/// The cases about the cost of a call: reserving, small uploads, what is not copying.
[[nodiscard]] Result<BenchCases> bench_staging_calls(TransferRig& rig, const BenchOptions& options);

}  // namespace forge3d::bench
