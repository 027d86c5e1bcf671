// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/uastc_bench.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "bench/stopwatch.hpp"
#include "forge3d/uastc.hpp"

namespace forge3d::bench {
namespace {

struct Target {
  const char* name;
  Format format;
};
constexpr std::array kTargets{Target{"rgba8", Format::kRGBA8Unorm},
                              Target{"bc1", Format::kBC1RgbUnorm},
                              Target{"bc3", Format::kBC3Unorm},
                              Target{"bc5", Format::kBC5Unorm},
                              Target{"bc7", Format::kBC7Unorm},
                              Target{"etc2_rgb", Format::kETC2RgbUnorm},
                              Target{"etc2_rgba", Format::kETC2RgbaUnorm},
                              Target{"astc_4x4", Format::kASTC4x4Unorm}};

using Pictures = std::vector<CodecPicture>;

/// Repeats a pass over all pictures: MPixel/s of each.
template <class Pass>
Result<std::vector<double>> speed_samples(Pictures& pictures, std::uint32_t runs, Pass pass) {
  return rate_samples(megapixels(pictures), runs, [&]() -> Result<> {
    for (CodecPicture& picture : pictures) FORGE3D_TRY(pass(picture));
    return {};
  });
}

Result<> encode(CodecPicture& picture, Quality quality) {
  FORGE3D_TRY_ASSIGN(picture.blocks, encode_uastc({quality, 1}, picture.view8()));
  return {};
}

Result<> transcode(const CodecPicture& picture, Format target, std::span<std::byte> out) {
  return transcode_uastc({.width = picture.width, .height = picture.height, .target = target},
                         picture.blocks, out);
}

Result<BenchCase> psnr_case(std::string name, Pictures& pictures) {
  std::vector<double> each;
  double sum = 0;
  for (CodecPicture& picture : pictures) {
    picture.decoded8.resize(picture.rgba8.size());
    FORGE3D_TRY(transcode(picture, Format::kRGBA8Unorm,
                          std::as_writable_bytes(std::span(picture.decoded8))));
    each.push_back(psnr_db(picture, Format::kASTC4x4Unorm));
    sum += each.back();
  }
  BenchCase result = make_case(std::move(name), "dB", each);
  result.value = sum / static_cast<double>(each.size());  // the mean is what others report
  return result;
}

}  // namespace

Result<> add_uastc_cases(const BenchOptions& options, Pictures& pictures, BenchCases& cases) {
  const auto wanted = [&](const std::string& name) {
    return name.find(options.only) != std::string::npos;
  };
  for (const Quality quality : {Quality::kFast, Quality::kNormal, Quality::kHigh}) {
    const std::string name = fmt::format("uastc_encode_{}", to_string(quality));
    const std::string speed = name + "_mpixps", psnr = name + "_psnr_db";
    if (!wanted(speed) && !wanted(psnr)) continue;
    FORGE3D_TRY_ASSIGN(const auto samples,
                       speed_samples(pictures, wanted(speed) ? options.runs : 1,
                                     [&](CodecPicture& p) { return encode(p, quality); }));
    if (wanted(speed)) cases.push_back(make_case(speed, "Mpixel/s", samples));
    if (!wanted(psnr)) continue;
    FORGE3D_TRY_ASSIGN(BenchCase result, psnr_case(psnr, pictures));
    cases.push_back(std::move(result));
  }
  bool encoded = false;
  std::vector<std::byte> out;
  for (const Target& target : kTargets) {
    const std::string name = fmt::format("uastc_to_{}_mpixps", target.name);
    if (!wanted(name) || !can_transcode_uastc(target.format)) continue;
    if (!encoded)
      for (CodecPicture& picture : pictures) FORGE3D_TRY(encode(picture, Quality::kNormal));
    encoded = true;
    const auto pass = [&](CodecPicture& picture) -> Result<> {
      FORGE3D_TRY_ASSIGN(const auto size_bytes,
                         image_bytes(target.format, picture.width, picture.height));
      out.resize(size_bytes);
      return transcode(picture, target.format, out);
    };
    FORGE3D_TRY_ASSIGN(const auto samples, speed_samples(pictures, options.runs, pass));
    cases.push_back(make_case(name, "Mpixel/s", samples));
  }
  return {};
}

}  // namespace forge3d::bench
