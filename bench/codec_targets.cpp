// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/codec_targets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>

#include "bench/stopwatch.hpp"
#include "forge3d/compress.hpp"

namespace forge3d::bench {
namespace {

/// A picture is encoded again and again for so long at most: the shortest times need many tries
/// where others use the machine.
constexpr double kPictureSeconds = 0.5;

struct Outcome {
  double psnr_db = 0;
  double ms = 0;
};

Result<Image> image_of(const CodecPicture& picture) {
  FORGE3D_TRY_ASSIGN(Image image, make_image({.width = picture.width,
                                              .height = picture.height,
                                              .channels = 4,
                                              .type = SampleType::kU8}));
  std::memcpy(image.pixels.data(), picture.rgba8.data(), image.pixels.size());
  return image;
}

Result<Outcome> outcome(const Image& image, const CompressDesc& desc) {
  FORGE3D_TRY_ASSIGN(const CompressResult result, compress(image, desc));
  return Outcome{result.metric_db, result.level_figures[0].encode_cpu_ms};
}

/// The cheapest quality that passes the target, if one does.
Result<std::optional<CompressDesc>> cheapest(const Image& image, CompressDesc desc) {
  for (const Quality quality : {Quality::kFast, Quality::kNormal, Quality::kHigh}) {
    desc.quality = quality;
    FORGE3D_TRY_ASSIGN(const Outcome fixed, outcome(image, desc));
    if (fixed.psnr_db >= kTargetPsnrDb) return desc;
  }
  return std::nullopt;
}

BenchCase worst(std::string name, std::string unit, const std::vector<double>& values) {
  BenchCase result = make_case(std::move(name), std::move(unit), values);
  result.value = *std::max_element(values.begin(), values.end());
  return result;
}

}  // namespace

Result<TargetFigures> measure_targets(const std::vector<CodecPicture>& pictures, Format format,
                                      std::uint32_t runs) {
  TargetFigures figures;
  const CompressDesc plain{.format = format, .threads = 1, .measure_ssim = false};
  CompressDesc to_target = plain;
  to_target.quality = Quality::kHigh;
  to_target.target_psnr_db = kTargetPsnrDb;
  for (const CodecPicture& picture : pictures) {
    FORGE3D_TRY_ASSIGN(const Image image, image_of(picture));
    FORGE3D_TRY_ASSIGN(const std::optional<CompressDesc> fixed, cheapest(image, plain));
    if (!fixed) continue;
    double fixed_ms = HUGE_VAL, target_ms = HUGE_VAL, reached_db = 0;
    const Stopwatch watch;
    for (std::uint32_t run = 0; run < runs; ++run) {
      if (run > 0 && watch.seconds() > kPictureSeconds) break;
      FORGE3D_TRY_ASSIGN(const Outcome one, outcome(image, *fixed));
      FORGE3D_TRY_ASSIGN(const Outcome other, outcome(image, to_target));
      fixed_ms = std::min(fixed_ms, one.ms);
      target_ms = std::min(target_ms, other.ms);
      reached_db = other.psnr_db;
    }
    if (reached_db < kTargetPsnrDb)
      return fail(
          ErrorCode::kInternal,
          fmt::format("{} reaches {:.3f} of {} dB, {} alone passes it", format_info(format)->name,
                      reached_db, kTargetPsnrDb, to_string(fixed->quality)));
    figures.overshoot_db.push_back(reached_db - kTargetPsnrDb);
    figures.cost_ratio.push_back(target_ms / fixed_ms);
  }
  return figures;
}

BenchCases target_cases(std::string_view suffix, const TargetFigures& figures) {
  const auto name = [&](std::string_view what) {
    return fmt::format("target_psnr_{}_{}{}", kTargetPsnrDb, what, suffix);
  };
  BenchCases cases;
  BenchCase images;
  images.name = name("images");
  images.unit = "pictures";
  images.value = static_cast<double>(figures.overshoot_db.size());
  images.runs = 1;
  if (!figures.overshoot_db.empty()) {
    cases.push_back(worst(name("overshoot_db"), "dB", figures.overshoot_db));
    cases.push_back(worst(name("cost_ratio"), "ratio", figures.cost_ratio));
  }
  cases.push_back(std::move(images));
  return cases;
}

}  // namespace forge3d::bench
