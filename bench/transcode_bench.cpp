// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/transcode_bench.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "bench/stopwatch.hpp"
#include "forge3d/basis.hpp"
#include "tests/texture/etc1s_samples.hpp"

namespace forge3d::bench {
namespace {

struct NamedTarget {
  const char* name;
  Format format;
};
constexpr std::array kTargets{
    NamedTarget{"rgba8", Format::kRGBA8Unorm},     NamedTarget{"bc1", Format::kBC1RgbUnorm},
    NamedTarget{"bc3", Format::kBC3Unorm},         NamedTarget{"bc4", Format::kBC4Unorm},
    NamedTarget{"bc5", Format::kBC5Unorm},         NamedTarget{"bc7", Format::kBC7Unorm},
    NamedTarget{"etc1", Format::kETC2RgbUnorm},    NamedTarget{"etc2_rgba", Format::kETC2RgbaUnorm},
    NamedTarget{"eac_r11", Format::kEACR11Unorm},  NamedTarget{"eac_rg11", Format::kEACRG11Unorm},
    NamedTarget{"astc_4x4", Format::kASTC4x4Unorm}};

// The generated file. Its selectors, the history and one more symbol fill a flat code.
constexpr std::uint32_t kSide = 1024;
constexpr std::uint32_t kIndexBits = 11;
constexpr std::uint32_t kEndpoints = 1u << kIndexBits;
constexpr std::uint32_t kSelectors = (1u << kIndexBits) - test::kHistory - 1;

std::uint32_t below(std::uint32_t count, std::minstd_rand& random) {
  return static_cast<std::uint32_t>(random() >> 4) % count;
}

/// Blocks with every prediction alike often, a quarter of the selectors from the history.
std::vector<std::byte> generated_slice(std::minstd_rand& random) {
  constexpr std::uint32_t kBlocks = kSide / 4;
  test::BitWriter bits;
  std::vector<std::uint32_t> groups(kBlocks / 2);
  for (std::uint32_t y = 0; y < kBlocks; ++y)
    for (std::uint32_t x = 0; x < kBlocks; ++x) {
      std::uint32_t& group = groups[x / 2];
      if (x % 2 == 0 && y % 2 == 0) {
        // Blocks at the upper and left edge lack neighbors.
        constexpr std::uint32_t kNone = 0xFF;
        group = x > 0 && y > 0 ? below(256, random) : kNone;
        bits.put_code(group, test::kPredictionBits);
      }
      const std::uint32_t prediction = group >> (2 * (x % 2) + 4 * (y % 2)) & 3;
      if (prediction == test::kByDifference) bits.put_code(below(kEndpoints, random), kIndexBits);
      const bool recent = below(4, random) == 0;
      bits.put_code(recent ? kSelectors + below(test::kHistory, random) : below(kSelectors, random),
                    kIndexBits);
    }
  return bits.bytes();
}

std::vector<std::byte> generated_file() {
  std::minstd_rand random(1);
  test::Etc1sSample sample;
  sample.width = sample.height = kSide;
  sample.delta_bits = sample.selector_bits = kIndexBits;
  sample.endpoints.resize(kEndpoints);
  for (auto& endpoint : sample.endpoints) {
    const std::uint32_t grey = below(24, random);
    for (std::size_t c = 0; c < 3; ++c)
      endpoint[c] = static_cast<std::uint8_t>(grey + below(8, random));
    endpoint[3] = static_cast<std::uint8_t>(below(6, random));
  }
  sample.selectors.resize(kSelectors);
  for (std::uint32_t& entry : sample.selectors)
    entry = below(1u << 16, random) << 16 | below(1u << 16, random);
  sample.images.push_back({.flags = 0, .color = generated_slice(random), .alpha = {}});
  sample.write_sections();
  return sample.file();
}

/// The BasisLZ files of a folder.
Result<std::vector<BasisTexture>> textures_in(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> paths;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored))
    if (entry.path().extension() == ".ktx2") paths.push_back(entry.path());
  std::ranges::sort(paths);
  std::vector<BasisTexture> textures;
  for (const auto& path : paths) {
    FORGE3D_TRY_ASSIGN(const Ktx2Reader reader, Ktx2Reader::open(path));
    if (reader.info().basis_model != BasisModel::kEtc1s) continue;
    FORGE3D_TRY_ASSIGN(BasisTexture texture, BasisTexture::open(reader));
    textures.push_back(std::move(texture));
  }
  return textures;
}

/// Level 0 of every texture, again and again: MPixel/s of each pass.
Result<std::vector<double>> speed_samples(const std::vector<BasisTexture>& textures, Format target,
                                          std::uint32_t runs) {
  std::vector<std::vector<std::byte>> outs;
  double mpixels = 0;
  for (const BasisTexture& texture : textures) {
    const Ktx2Info& info = texture.info();
    FORGE3D_TRY_ASSIGN(const auto size_bytes, image_bytes(target, info.width, info.height));
    outs.emplace_back(size_bytes);
    mpixels += 1e-6 * info.width * info.height;
  }
  return rate_samples(mpixels, runs, [&]() -> Result<> {
    for (std::size_t i = 0; i < textures.size(); ++i)
      FORGE3D_TRY(textures[i].transcode({}, target, outs[i]));
    return {};
  });
}

std::string case_name(const NamedTarget& target) {
  return fmt::format("etc1s_to_{}_mpixps", target.name);
}

}  // namespace

Result<> add_transcode_cases(const BenchOptions& options, BenchCases& cases) {
  const auto wanted = [&](const NamedTarget& target) {
    return case_name(target).find(options.only) != std::string::npos;
  };
  if (std::ranges::none_of(kTargets, wanted)) return {};
  FORGE3D_TRY_ASSIGN(std::vector<BasisTexture> textures, textures_in(options.images));
  const std::vector<std::byte> file =
      textures.empty() ? generated_file() : std::vector<std::byte>();
  if (textures.empty()) {
    FORGE3D_TRY_ASSIGN(const Ktx2Reader reader, Ktx2Reader::open(make_memory_source(file)));
    FORGE3D_TRY_ASSIGN(BasisTexture texture, BasisTexture::open(reader));
    textures.push_back(std::move(texture));
  }
  for (const NamedTarget& target : kTargets) {
    if (!wanted(target)) continue;
    FORGE3D_TRY_ASSIGN(const auto samples, speed_samples(textures, target.format, options.runs));
    cases.push_back(make_case(case_name(target), "Mpixel/s", samples));
  }
  return {};
}

}  // namespace forge3d::bench
