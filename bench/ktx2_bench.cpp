// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/ktx2_bench.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <functional>
#include <random>
#include <string>

#include "bench/scratch_file.hpp"
#include "bench/stopwatch.hpp"
#include "forge3d/ktx2.hpp"

namespace forge3d::bench {
namespace {

constexpr std::uint32_t kSide = 4096;
constexpr std::uint32_t kReadLevel = 2;

/// Blocks of which half the bits are random, so that zstd has about half to do.
Result<std::vector<std::byte>> texture_file() {
  std::minstd_rand random(1);
  Ktx2WriteDesc desc{.format = Format::kBC7Srgb,
                     .width = kSide,
                     .height = kSide,
                     .supercompression = Supercompression::kZstd};
  std::vector<std::vector<std::byte>> levels;
  for (std::uint32_t side = kSide; side > 0; side /= 2) {
    FORGE3D_TRY_ASSIGN(const auto size_bytes, image_bytes(desc.format, side, side));
    auto& level = levels.emplace_back(size_bytes);
    for (std::byte& byte : level) byte = static_cast<std::byte>(random() >> 8 & 0x0F);
  }
  desc.levels.assign(levels.begin(), levels.end());
  return write_ktx2(desc);
}

Result<> open_only(const std::filesystem::path& path) {
  FORGE3D_TRY(Ktx2Reader::open(path));
  return {};
}

Result<> open_and_read(const std::filesystem::path& path) {
  FORGE3D_TRY_ASSIGN(const Ktx2Reader reader, Ktx2Reader::open(path));
  FORGE3D_TRY(reader.read_level(kReadLevel));
  return {};
}

struct Ktx2Case {
  const char* name;
  const char* unit;
  double per_second;
  std::function<Result<>(const std::filesystem::path&)> act;
};

}  // namespace

Result<> add_ktx2_cases(const BenchOptions& options, BenchCases& cases) {
  const std::array all{Ktx2Case{"ktx2_open_us", "us", 1e6, open_only},
                       Ktx2Case{"ktx2_one_level_ms", "ms", 1e3, open_and_read}};
  const auto wanted = [&](const Ktx2Case& entry) {
    return std::string(entry.name).find(options.only) != std::string::npos;
  };
  if (!wanted(all[0]) && !wanted(all[1])) return {};
  ScratchFile file("ktx2");
  FORGE3D_TRY_ASSIGN(const std::vector<std::byte> bytes, texture_file());
  FORGE3D_TRY(file.write(bytes));
  for (const Ktx2Case& entry : all) {
    if (!wanted(entry)) continue;
    FORGE3D_TRY(entry.act(file.path()));  // fills the page cache
    std::vector<double> samples;
    for (std::uint32_t run = 0; run < std::max(options.runs, 1u); ++run) {
      const Stopwatch watch;
      FORGE3D_TRY(entry.act(file.path()));
      samples.push_back(watch.seconds() * entry.per_second);
    }
    cases.push_back(make_case(entry.name, entry.unit, samples));
  }
  return {};
}

}  // namespace forge3d::bench
