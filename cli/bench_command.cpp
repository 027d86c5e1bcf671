// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// forge3d bench: measures one part of the library on this machine.

#include <fmt/format.h>

#include <memory>

#include "bench/bench_case.hpp"
#include "cli/device_options.hpp"
#include "cli/progress.hpp"
#include "cli/session.hpp"

namespace forge3d::cli {
namespace {

using bench::BenchCase;
using bench::BenchReport;

struct BenchCommandOptions {
  DeviceOptions device;
  std::string suite, images, archive, only, simd;
  std::uint64_t budget_mib = 512;
  std::uint32_t runs = 21, frames = 0;
};

Result<BenchReport> run_suite(const BenchCommandOptions& options, const Output& output) {
  const std::uint64_t budget_bytes = options.budget_mib * kMebibyte;
  Progress progress(options.suite, output);
  bench::BenchOptions desc;
  desc.device = make_device_desc(options.device, {budget_bytes, budget_bytes}, output);
  desc.runs = options.runs;
  desc.frames = options.frames;
  desc.images = options.images;
  desc.archive = options.archive;
  desc.only = options.only;
  desc.simd = options.simd;
  desc.progress = [&progress](std::size_t done, std::size_t total) {
    progress.update(done, total);
  };
  if (options.suite == "staging") return bench::bench_staging(desc);
  if (options.suite == "pools") return bench::bench_pools(desc);
  if (options.suite == "codecs") return bench::bench_codecs(desc);
  return bench::bench_streaming(desc);
}

Json optional_json(const std::optional<double>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json case_json(const BenchCase& result) {
  Json object{{"name", result.name},
              {"value", result.value},
              {"unit", result.unit},
              {"p10", optional_json(result.p10)},
              {"p90", optional_json(result.p90)},
              {"runs", result.runs},
              {"limit", optional_json(result.limit)}};
  if (!result.limit_name.empty()) object["limit_name"] = result.limit_name;
  return object;
}

std::string case_line(const BenchCase& result) {
  std::string line = fmt::format("{:<36}{:>12.4g} {:<10}", result.name, result.value, result.unit);
  if (result.p10 && result.p90)
    line += fmt::format("  p10 {:.4g}, p90 {:.4g}", *result.p10, *result.p90);
  if (result.limit) line += fmt::format("  limit {:.4g} ({})", *result.limit, result.limit_name);
  return line + fmt::format("  [{} runs]\n", result.runs);
}

ExitCode run_bench(const BenchCommandOptions& options, const Output& output) {
  const auto report = run_suite(options, output);
  if (!report) return output.fail(report.error(), {options.suite});
  Json list = Json::array();
  std::string plain;
  for (const BenchCase& result : report->cases) {
    list.push_back(case_json(result));
    plain += case_line(result);
  }
  const Json device = report->device.empty() ? Json(nullptr) : Json(report->device);
  return output.print({{"bench", options.suite}, {"device", device}, {"cases", std::move(list)}},
                      plain);
}

}  // namespace

void add_bench_command(Session& session) {
  auto options = std::make_shared<BenchCommandOptions>();
  CLI::App& command =
      session.add_command("bench", "Measure one part of the library on this machine",
                          [options](const Output& output) { return run_bench(*options, output); });
  command.add_option("SUITE", options->suite, "staging, pools, codecs or streaming")
      ->required()
      ->check(CLI::IsMember({"staging", "pools", "codecs", "streaming"}));
  command.add_option("--images", options->images,
                     "Folder of pictures for codecs, and of BasisLZ files to transcode");
  command.add_option("--only", options->only, "Cases of codecs with this in their name");
  command.add_option("--simd", options->simd,
                     "Instruction set of the codecs: avx3, avx2, sse4 or scalar (default: best)");
  command.add_option(
      "--source,--archive", options->archive,
      "Archive, TIFF, KTX2 or picture to fly over on the device (streaming; default: simulated "
      "flights over a texture of 2^20 squared)");
  command.add_option("--budget-mb", options->budget_mib, "All device memory, in MiB")
      ->capture_default_str()
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 24));
  command.add_option("--runs", options->runs, "Runs of a case")
      ->capture_default_str()
      ->check(CLI::Range(1, 100'000));
  command
      .add_option("--frames", options->frames,
                  "Frames of a flight (streaming; default 240, simulated 3600)")
      ->check(CLI::Range(2, 1'000'000));
  add_device_options(command, options->device);
}

}  // namespace forge3d::cli
