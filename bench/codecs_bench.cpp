// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Block encoders and decoders on one thread: speed by processor time, quality by decoding.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <vector>

#include "bench/bench_case.hpp"
#include "bench/codec_peers.hpp"
#include "bench/codec_pictures.hpp"
#include "bench/codec_rdo.hpp"
#include "bench/codec_targets.hpp"
#include "bench/ktx2_bench.hpp"
#include "bench/stopwatch.hpp"
#include "bench/transcode_bench.hpp"
#include "bench/uastc_bench.hpp"

namespace forge3d::bench {
namespace {

struct NamedFormat {
  const char* name;
  Format format;
};
constexpr std::array kFormats{NamedFormat{"bc1", Format::kBC1RgbUnorm},
                              NamedFormat{"bc2", Format::kBC2Unorm},
                              NamedFormat{"bc3", Format::kBC3Unorm},
                              NamedFormat{"bc4", Format::kBC4Unorm},
                              NamedFormat{"bc5", Format::kBC5Unorm},
                              NamedFormat{"bc6h", Format::kBC6HUfloat},
                              NamedFormat{"bc7", Format::kBC7Unorm},
                              NamedFormat{"etc2_rgb", Format::kETC2RgbUnorm},
                              NamedFormat{"etc2_rgba", Format::kETC2RgbaUnorm},
                              NamedFormat{"eac_r11", Format::kEACR11Unorm},
                              NamedFormat{"eac_rg11", Format::kEACRG11Unorm},
                              NamedFormat{"astc_4x4", Format::kASTC4x4Unorm},
                              NamedFormat{"astc_6x6", Format::kASTC6x6Unorm}};
/// Formats that a target is measured with, in which some photographs reach it and some do not.
constexpr std::array kTargetFormats{TargetFormat{"_bc7", Format::kBC7Unorm},
                                    TargetFormat{"_bc1", Format::kBC1RgbUnorm},
                                    TargetFormat{"_etc2_rgb", Format::kETC2RgbUnorm}};
constexpr std::array kQualities{Quality::kFast, Quality::kNormal, Quality::kHigh};

using Pictures = std::vector<CodecPicture>;

/// Our own encoders, then those of others.
std::vector<Coder> encoders() {
  std::vector<Coder> coders;
  for (const NamedFormat& entry : kFormats) {
    if (!can_encode(entry.format)) continue;
    for (const Quality quality : kQualities)
      coders.push_back({fmt::format("{}_{}", entry.name, to_string(quality)), entry.format,
                        [format = entry.format, quality](CodecPicture& picture) {
                          return encode(picture, format, quality);
                        }});
  }
  for (Coder& peer : peer_encoders())
    if (can_decode(peer.format)) coders.push_back(std::move(peer));
  return coders;
}

std::vector<Coder> decoders() {
  std::vector<Coder> coders;
  for (const NamedFormat& entry : kFormats)
    if (can_decode(entry.format))
      coders.push_back(
          {fmt::format("decode_{}", entry.name), entry.format,
           [format = entry.format](CodecPicture& picture) { return decode(picture, format); }});
  for (Coder& peer : peer_decoders())
    if (can_encode(peer.format)) coders.push_back(std::move(peer));
  return coders;
}

/// Repeats a pass over all pictures: MPixel/s of each.
Result<std::vector<double>> speed_samples(Pictures& pictures, std::uint32_t runs,
                                          const Coder& coder) {
  return rate_samples(megapixels(pictures), runs, [&]() -> Result<> {
    for (CodecPicture& picture : pictures) FORGE3D_TRY(coder.run(picture));
    return {};
  });
}

BenchCase psnr_case(std::string name, const Pictures& pictures, Format format) {
  std::vector<double> each;
  double sum = 0;
  for (const CodecPicture& picture : pictures) {
    each.push_back(psnr_db(picture, format));
    sum += each.back();
  }
  BenchCase result = make_case(std::move(name), "dB", each);
  result.value = sum / static_cast<double>(each.size());  // the mean is what others report
  return result;
}

/// The blocks that decoders read: what the normal encoder makes, or any bits where there is none.
Result<> fill_blocks(CodecPicture& picture, Format format) {
  if (can_encode(format)) return encode(picture, format, Quality::kNormal);
  FORGE3D_TRY_ASSIGN(const auto size_bytes, image_bytes(format, picture.width, picture.height));
  picture.blocks.resize(size_bytes);
  std::minstd_rand random(1);
  for (std::byte& byte : picture.blocks) byte = static_cast<std::byte>(random() >> 8);
  return {};
}

/// Stands for any figures where only the names of cases are asked for.
const TargetFigures kNamesOnly{{0}, {0}};

/// One run of the suite: which cases are wanted, what was found so far.
class CodecSuite {
 public:
  CodecSuite(const BenchOptions& options, Pictures pictures)
      : options_(options), pictures_(std::move(pictures)) {}

  Result<> add_encoder(const Coder& coder) {
    const std::string speed = coder.name + "_mpixps", psnr = coder.name + "_psnr_db";
    if (!wanted(speed) && !wanted(psnr)) return {};
    const std::uint32_t runs = wanted(speed) ? options_.runs : 1;
    FORGE3D_TRY_ASSIGN(const auto samples, speed_samples(pictures_, runs, coder));
    if (wanted(speed)) cases_.push_back(make_case(speed, "Mpixel/s", samples));
    if (!wanted(psnr)) return {};
    for (CodecPicture& picture : pictures_) FORGE3D_TRY(decode(picture, coder.format));
    cases_.push_back(psnr_case(psnr, pictures_, coder.format));
    return {};
  }
  Result<> add_decoder(const Coder& coder) {
    const std::string speed = coder.name + "_mpixps";
    if (!wanted(speed)) return {};
    for (CodecPicture& picture : pictures_) FORGE3D_TRY(fill_blocks(picture, coder.format));
    FORGE3D_TRY_ASSIGN(const auto samples, speed_samples(pictures_, options_.runs, coder));
    cases_.push_back(make_case(speed, "Mpixel/s", samples));
    return {};
  }
  /// The targets of one format; figures of all formats together come with the last one.
  Result<> add_target(const TargetFormat& entry) {
    const bool for_all = wanted_of(target_cases("", kNamesOnly));
    if (!for_all && !wanted_of(target_cases(entry.name, kNamesOnly))) return {};
    FORGE3D_TRY_ASSIGN(const TargetFigures figures,
                       measure_targets(pictures_, entry.format, options_.runs));
    keep_wanted(target_cases(entry.name, figures));
    const auto append = [](std::vector<double>& all, const std::vector<double>& more) {
      all.insert(all.end(), more.begin(), more.end());
    };
    append(targets_.overshoot_db, figures.overshoot_db);
    append(targets_.cost_ratio, figures.cost_ratio);
    if (entry.format == kTargetFormats.back().format) keep_wanted(target_cases("", targets_));
    return {};
  }
  Result<> add_rdo() {
    FORGE3D_TRY_ASSIGN(const BenchCases cases, rdo_cases(pictures_, options_.only));
    cases_.insert(cases_.end(), cases.begin(), cases.end());
    return {};
  }
  [[nodiscard]] Pictures& pictures() { return pictures_; }
  [[nodiscard]] BenchCases take() { return std::move(cases_); }

 private:
  [[nodiscard]] bool wanted(const std::string& name) const {
    return name.find(options_.only) != std::string::npos;
  }
  [[nodiscard]] bool wanted_of(const BenchCases& cases) const {
    return std::any_of(cases.begin(), cases.end(), [&](const auto& c) { return wanted(c.name); });
  }
  void keep_wanted(BenchCases cases) {
    for (BenchCase& one : cases)
      if (wanted(one.name)) cases_.push_back(std::move(one));
  }

  const BenchOptions& options_;
  Pictures pictures_;
  TargetFigures targets_;
  BenchCases cases_;
};

}  // namespace

Result<BenchReport> bench_codecs(const BenchOptions& options) {
  if (!options.simd.empty()) FORGE3D_TRY(use_simd_target(options.simd));
  FORGE3D_TRY_ASSIGN(Pictures pictures, load_codec_pictures(options.images));
  CodecSuite suite(options, std::move(pictures));
  const auto all_encoders = encoders(), all_decoders = decoders();
  const std::size_t total = all_encoders.size() + all_decoders.size() + kTargetFormats.size() + 1;
  std::size_t done = 0;
  const auto progress = [&] {
    if (options.progress) options.progress(++done, total);
  };
  for (const Coder& coder : all_encoders) {
    FORGE3D_TRY(suite.add_encoder(coder));
    progress();
  }
  for (const Coder& coder : all_decoders) {
    FORGE3D_TRY(suite.add_decoder(coder));
    progress();
  }
  for (const TargetFormat& entry : kTargetFormats) {
    FORGE3D_TRY(suite.add_target(entry));
    progress();
  }
  FORGE3D_TRY(suite.add_rdo());
  progress();
  BenchReport report;
  report.cases = suite.take();
  FORGE3D_TRY(add_transcode_cases(options, report.cases));
  FORGE3D_TRY(add_uastc_cases(options, suite.pictures(), report.cases));
  FORGE3D_TRY(add_ktx2_cases(options, report.cases));
  if (report.cases.empty())
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("no case of codecs has '{}' in its name", options.only));
  return report;
}

}  // namespace forge3d::bench
