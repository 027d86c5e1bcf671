// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/codec_rdo.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "forge3d/compress.hpp"

namespace forge3d::bench {
namespace {

struct RdoFormat {
  const char* name;
  Format format;
  double lambda;
};
constexpr std::array kRdoFormats{RdoFormat{"bc7", Format::kBC7Unorm, 3},
                                 RdoFormat{"bc1", Format::kBC1RgbUnorm, 16}};

/// One sample a picture.
struct RdoSamples {
  std::vector<double> bytes_ratio, plain_bytes_ratio, loss_db;
};

Result<Image> image_of(const CodecPicture& picture) {
  FORGE3D_TRY_ASSIGN(
      Image image,
      make_image({.width = picture.width, .height = picture.height, .channels = 4, .srgb = false}));
  std::ranges::transform(picture.rgba8, image.pixels.begin(),
                         [](std::uint8_t code) { return std::byte{code}; });
  return image;
}

double ratio(const CompressResult& a, const CompressResult& b) {
  return static_cast<double>(a.ktx2.size()) / static_cast<double>(b.ktx2.size());
}

Result<> measure(const CodecPicture& picture, const RdoFormat& entry, RdoSamples& samples) {
  FORGE3D_TRY_ASSIGN(const Image image, image_of(picture));
  CompressDesc desc{.format = entry.format, .zstd_level = 19, .threads = 1, .measure_ssim = false};
  FORGE3D_TRY_ASSIGN(const CompressResult plain, compress(image, desc));
  desc.rdo_lambda = entry.lambda;
  FORGE3D_TRY_ASSIGN(const CompressResult packed, compress(image, desc));
  desc.rdo_lambda = 0;
  desc.target_psnr_db = packed.metric_db;
  FORGE3D_TRY_ASSIGN(const CompressResult as_good, compress(image, desc));
  samples.bytes_ratio.push_back(ratio(packed, as_good));
  samples.plain_bytes_ratio.push_back(ratio(packed, plain));
  samples.loss_db.push_back(plain.metric_db - packed.metric_db);
  return {};
}

}  // namespace

Result<BenchCases> rdo_cases(const std::vector<CodecPicture>& pictures, std::string_view only) {
  BenchCases cases;
  for (const RdoFormat& entry : kRdoFormats) {
    const std::array names{fmt::format("rdo_{}_bytes_ratio", entry.name),
                           fmt::format("rdo_{}_plain_bytes_ratio", entry.name),
                           fmt::format("rdo_{}_loss_db", entry.name)};
    const auto wanted = [&](const std::string& name) { return name.find(only) != name.npos; };
    if (std::ranges::none_of(names, wanted)) continue;
    RdoSamples samples;
    for (const CodecPicture& picture : pictures) FORGE3D_TRY(measure(picture, entry, samples));
    if (wanted(names[0])) cases.push_back(make_case(names[0], "1", samples.bytes_ratio));
    if (wanted(names[1])) cases.push_back(make_case(names[1], "1", samples.plain_bytes_ratio));
    if (wanted(names[2])) cases.push_back(make_case(names[2], "dB", samples.loss_db));
  }
  return cases;
}

}  // namespace forge3d::bench
