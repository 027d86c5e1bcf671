// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Measured cases and the suites that produce them, for `forge3d bench`.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "forge3d/device.hpp"
#include "forge3d/result.hpp"

namespace forge3d::bench {

/// One figure with its spread over the runs, and the device's own limit where one was measured in
/// the same run.
struct BenchCase {
  std::string name;
  std::string unit;
  double value = 0;  ///< The median, or what the name says ("_p99").
  std::optional<double> p10, p90;
  std::size_t runs = 0;
  std::optional<double> limit;
  std::string limit_name;  ///< What the limit is: "raw vkCmdCopyBuffer".
};

struct BenchOptions {
  DeviceDesc device;  ///< With the budget as its limits.
  std::uint32_t runs = 21;
  std::uint32_t frames = 0;  ///< Frames of one flight (streaming); 0: 240, simulated 3600.
  std::filesystem::path
      images;  ///< Folder of PNG and JPEG pictures (codecs); empty: a generated one.
  std::filesystem::path archive;  ///< What to fly over on a device (streaming), see
                                  ///< open_tile_source(); empty: simulated.
  std::string only;  ///< Part of the names of the cases to measure (codecs); empty: all.
  std::string simd;  ///< Instruction set (codecs); empty: the best.
  std::function<void(std::size_t done, std::size_t total)> progress;
};

using BenchCases = std::vector<BenchCase>;

/// What a suite found, and on which device; empty where none was involved.
struct BenchReport {
  std::string device;
  BenchCases cases;
};

/// The value below which a share `p` of the samples lie (nearest rank). REQUIRES: samples.
[[nodiscard]] double quantile(std::vector<double> samples, double p);

/// A case from its samples: median, p10, p90. REQUIRES: at least one sample.
[[nodiscard]] BenchCase make_case(std::string name, std::string unit,
                                  const std::vector<double>& samples);

/// The suites. Errors: those of what they measure; kInternal when what arrived is not what was
/// sent.
[[nodiscard]] Result<BenchReport> bench_staging(const BenchOptions& options);
[[nodiscard]] Result<BenchReport> bench_pools(const BenchOptions& options);
[[nodiscard]] Result<BenchReport> bench_codecs(const BenchOptions& options);
[[nodiscard]] Result<BenchReport> bench_streaming(const BenchOptions& options);

}  // namespace forge3d::bench
