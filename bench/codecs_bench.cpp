// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Block encoders and decoders on one thread: speed by processor time, quality by decoding.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "bench/bench_case.hpp"
#include "bench/stopwatch.hpp"
#include "bench/test_picture.hpp"
#include "forge3d/codec.hpp"
#include "forge3d/image.hpp"
#include "forge3d/metrics.hpp"

namespace forge3d::bench {
namespace {

struct Picture {
  Image rgba;
  std::vector<std::byte> blocks;
  Image decoded;
};

struct BlockFormat {
  const char* name;
  Format format;
};
constexpr std::array<BlockFormat, 2> kFormats{
    {{"bc1", Format::kBC1RgbUnorm}, {"bc7", Format::kBC7Unorm}}};

Result<Picture> prepare(const Image& image) {
  Picture picture;
  FORGE3D_TRY_ASSIGN(picture.rgba, to_rgba8(image));
  picture.decoded = picture.rgba;
  return picture;
}

Result<std::vector<Picture>> load_pictures(const std::filesystem::path& folder) {
  std::vector<Picture> pictures;
  if (folder.empty()) {
    FORGE3D_TRY_ASSIGN(const Image made, make_test_picture(768, 512));
    FORGE3D_TRY_ASSIGN(Picture picture, prepare(made));
    pictures.push_back(std::move(picture));
    return pictures;
  }
  std::error_code error;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string extension = entry.path().extension().string();
    if (extension == ".png" || extension == ".jpg" || extension == ".jpeg")
      files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  if (files.empty())
    return fail(ErrorCode::kIo, fmt::format("{}: no PNG or JPEG pictures", folder.string()));
  for (const auto& file : files) {
    FORGE3D_TRY_ASSIGN(const Image image, load_image(file));
    FORGE3D_TRY_ASSIGN(Picture picture, prepare(image));
    pictures.push_back(std::move(picture));
  }
  return pictures;
}

double megapixels(const std::vector<Picture>& pictures) {
  double pixels = 0;
  for (const Picture& picture : pictures)
    pixels += static_cast<double>(picture.rgba.info.width) * picture.rgba.info.height;
  return pixels * 1e-6;
}

Rgba8View view_of(const Image& image) {
  return {reinterpret_cast<const std::uint8_t*>(image.pixels.data()), image.info.width,
          image.info.height, image.info.row_bytes()};
}

Rgba8MutableView mutable_view_of(Image& image) {
  return {reinterpret_cast<std::uint8_t*>(image.pixels.data()), image.info.width, image.info.height,
          image.info.row_bytes()};
}

Result<double> encode_all_s(std::vector<Picture>& pictures, const EncodeBlocksDesc& desc) {
  const CpuStopwatch watch;
  for (Picture& picture : pictures) {
    const ImageInfo& info = picture.rgba.info;
    FORGE3D_TRY_ASSIGN(const std::uint64_t size_bytes,
                       image_bytes(desc.format, info.width, info.height));
    picture.blocks.resize(size_bytes);
    FORGE3D_TRY(encode_blocks(desc, view_of(picture.rgba), picture.blocks));
  }
  return watch.seconds();
}

Result<double> decode_all_s(std::vector<Picture>& pictures, Format format) {
  const CpuStopwatch watch;
  for (Picture& picture : pictures)
    FORGE3D_TRY(decode_blocks(format, picture.blocks, mutable_view_of(picture.decoded)));
  return watch.seconds();
}

/// PSNR of each picture, RGB, decoded against what went in.
Result<std::vector<double>> psnr_all_db(const std::vector<Picture>& pictures) {
  std::vector<double> psnr;
  for (const Picture& picture : pictures) {
    FORGE3D_TRY_ASSIGN(const ImageDifference difference,
                       compare_images(picture.rgba, picture.decoded));
    psnr.push_back(std::min(difference.psnr_rgb_db, 99.0));
  }
  return psnr;
}

/// Repeats a timed pass, at most `runs` times and, after the first, at most about three seconds.
template <class Measure>
Result<std::vector<double>> speed_samples(double mpixels, std::uint32_t runs, Measure measure) {
  std::vector<double> samples;
  double spent_s = 0;
  while (samples.empty() || (samples.size() < runs && spent_s < 3)) {
    FORGE3D_TRY_ASSIGN(const double seconds, measure());
    spent_s += seconds;
    samples.push_back(mpixels / std::max(seconds, 1e-6));
  }
  return samples;
}

Result<> add_quality(std::vector<Picture>& pictures, const BlockFormat& format, Quality quality,
                     const BenchOptions& options, BenchCases& cases) {
  const EncodeBlocksDesc desc{.format = format.format, .quality = quality, .threads = 1};
  const std::string name = fmt::format("{}_{}", format.name, to_string(quality));
  FORGE3D_TRY_ASSIGN(const auto speed, speed_samples(megapixels(pictures), options.runs,
                                                     [&] { return encode_all_s(pictures, desc); }));
  cases.push_back(make_case(name + "_mpixps", "Mpixel/s", speed));
  FORGE3D_TRY_ASSIGN([[maybe_unused]] const double decode_s, decode_all_s(pictures, format.format));
  FORGE3D_TRY_ASSIGN(const std::vector<double> psnr, psnr_all_db(pictures));
  BenchCase quality_case = make_case(name + "_psnr_db", "dB", psnr);
  double sum = 0;
  for (const double value : psnr) sum += value;
  quality_case.value = sum / static_cast<double>(psnr.size());  // the mean is what others report
  cases.push_back(quality_case);
  return {};
}

}  // namespace

Result<BenchReport> bench_codecs(const BenchOptions& options) {
  FORGE3D_TRY_ASSIGN(std::vector<Picture> pictures, load_pictures(options.images));
  constexpr std::array kQualities{Quality::kFast, Quality::kNormal, Quality::kHigh};
  BenchCases cases;
  for (std::size_t i = 0; i < kFormats.size(); ++i) {
    for (std::size_t q = 0; q < kQualities.size(); ++q) {
      FORGE3D_TRY(add_quality(pictures, kFormats[i], kQualities[q], options, cases));
      if (options.progress) options.progress(i * kQualities.size() + q + 1, 6);
    }
    FORGE3D_TRY_ASSIGN(const auto speed, speed_samples(megapixels(pictures), options.runs, [&] {
                         return decode_all_s(pictures, kFormats[i].format);
                       }));
    cases.push_back(
        make_case(fmt::format("decode_{}_mpixps", kFormats[i].name), "Mpixel/s", speed));
  }
  return BenchReport{{}, std::move(cases)};
}

}  // namespace forge3d::bench
