// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/codec_pictures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "bench/test_picture.hpp"
#include "forge3d/format.hpp"

namespace forge3d::bench {
namespace {

constexpr std::uint16_t kHalfOne = 0x3C00;

double srgb_to_linear(double code) {
  return code <= 0.04045 ? code / 12.92 : std::pow((code + 0.055) / 1.055, 2.4);
}

/// The nearest half of a number from 0 to 1.
std::uint16_t half_of(double value) {
  int exponent = 0;
  (void)std::frexp(value, &exponent);             // value = [0.5, 1) * 2^exponent
  const int step = std::max(exponent, -13) - 11;  // of the last bit
  const auto units = static_cast<int>(std::lrint(std::ldexp(value, -step)));
  return static_cast<std::uint16_t>(units + ((step + 24) << 10));
}

double value_of(std::uint16_t half) {
  const int exponent = half >> 10 & 31, mantissa = half & 1023;
  const double magnitude =
      exponent == 0 ? std::ldexp(mantissa, -24) : std::ldexp(1024 + mantissa, exponent - 25);
  return half >> 15 != 0 ? -magnitude : magnitude;
}

CodecPicture picture_of(const Image& image) {
  CodecPicture picture{.width = image.info.width, .height = image.info.height};
  const std::size_t size = image.pixels.size();
  picture.rgba8.resize(size);
  std::memcpy(picture.rgba8.data(), image.pixels.data(), size);
  picture.decoded8.resize(size);
  picture.rgba16f.resize(size);
  picture.decoded16f.resize(size);
  std::array<std::uint16_t, 256> linear{};
  for (std::size_t code = 0; code < linear.size(); ++code)
    linear[code] = half_of(srgb_to_linear(static_cast<double>(code) / 255));
  for (std::size_t i = 0; i < size; ++i)
    picture.rgba16f[i] = i % 4 == 3 ? kHalfOne : linear[picture.rgba8[i]];
  return picture;
}

double capped_db(double peak, double mean_squared_error) {
  if (mean_squared_error == 0) return 99;
  return std::min(10 * std::log10(peak * peak / mean_squared_error), 99.0);
}

double psnr8_db(const CodecPicture& picture, std::size_t channels) {
  double sum = 0;
  for (std::size_t i = 0; i < picture.rgba8.size(); ++i) {
    if (i % 4 >= channels) continue;
    const double difference = double{1} * picture.rgba8[i] - picture.decoded8[i];
    sum += difference * difference;
  }
  const auto texels = static_cast<double>(picture.rgba8.size() / 4);
  return capped_db(255, sum / (texels * static_cast<double>(channels)));
}

/// log2(1 + 65504), 65504 being the largest half float.
const double kHdrPeak = std::log2(65505.0);

double psnr_log_db(const CodecPicture& picture) {
  double sum = 0;
  for (std::size_t i = 0; i < picture.rgba16f.size(); ++i) {
    if (i % 4 == 3) continue;
    const double a = std::log2(1 + value_of(picture.rgba16f[i]));
    const double b = std::log2(1 + std::max(value_of(picture.decoded16f[i]), 0.0));
    sum += (a - b) * (a - b);
  }
  return capped_db(kHdrPeak, sum / static_cast<double>(picture.rgba16f.size() / 4 * 3));
}

std::vector<std::filesystem::path> picture_files(const std::filesystem::path& folder) {
  std::error_code error;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string extension = entry.path().extension().string();
    if (extension == ".png" || extension == ".jpg" || extension == ".jpeg")
      files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

Result<std::vector<CodecPicture>> load_codec_pictures(const std::filesystem::path& folder) {
  std::vector<CodecPicture> pictures;
  const auto add = [&](const Image& image) -> Result<> {
    FORGE3D_TRY_ASSIGN(const Image rgba, to_rgba8(image));
    pictures.push_back(picture_of(rgba));
    return {};
  };
  if (folder.empty()) {
    FORGE3D_TRY_ASSIGN(const Image made, make_test_picture(768, 512));
    FORGE3D_TRY(add(made));
    return pictures;
  }
  const auto files = picture_files(folder);
  if (files.empty())
    return fail(ErrorCode::kIo, fmt::format("{}: no PNG or JPEG pictures", folder.string()));
  for (const auto& file : files) {
    FORGE3D_TRY_ASSIGN(const Image image, load_image(file));
    FORGE3D_TRY(add(image));
  }
  return pictures;
}

double megapixels(const std::vector<CodecPicture>& pictures) {
  double pixels = 0;
  for (const CodecPicture& picture : pictures)
    pixels += static_cast<double>(picture.width) * picture.height;
  return pixels * 1e-6;
}

Result<> encode(CodecPicture& picture, Format format, Quality quality) {
  const EncodeBlocksDesc desc{.format = format, .quality = quality, .threads = 1};
  FORGE3D_TRY_ASSIGN(const auto size_bytes, image_bytes(format, picture.width, picture.height));
  picture.blocks.resize(size_bytes);
  return is_hdr(format) ? encode_blocks(desc, picture.view16f(), picture.blocks)
                        : encode_blocks(desc, picture.view8(), picture.blocks);
}

Result<> decode(CodecPicture& picture, Format format) {
  return is_hdr(format) ? decode_blocks(format, picture.blocks, picture.out16f())
                        : decode_blocks(format, picture.blocks, picture.out8());
}

double psnr_db(const CodecPicture& picture, Format format) {
  if (is_hdr(format)) return psnr_log_db(picture);
  return psnr8_db(picture, std::min<std::size_t>(format_info(format)->channels, 3));
}

}  // namespace forge3d::bench
