// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/rdo.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "forge3d/compress.hpp"
#include "texture/codec_samples.hpp"
#include "texture/image_samples.hpp"

namespace forge3d {
namespace {

/// A pseudo-random number from 0 to 1 at whole coordinates.
double lattice(std::uint32_t x, std::uint32_t y, std::uint32_t salt) {
  std::uint32_t h = x * 0x9e3779b1u ^ y * 0x85ebca77u ^ salt * 0xc2b2ae3du;
  h = (h ^ (h >> 15)) * 0x2c1b3c6du;
  h = (h ^ (h >> 12)) * 0x297a2d39u;
  return static_cast<double>(h ^ (h >> 15)) / 4294967295.0;
}

double value_noise(double x, double y, std::uint32_t salt) {
  const auto x0 = static_cast<std::uint32_t>(x), y0 = static_cast<std::uint32_t>(y);
  const double u = x - x0, v = y - y0;
  const double top = std::lerp(lattice(x0, y0, salt), lattice(x0 + 1, y0, salt), u);
  const double bottom = std::lerp(lattice(x0, y0 + 1, salt), lattice(x0 + 1, y0 + 1, salt), u);
  return std::lerp(top, bottom, v);
}

/// Octaves of noise whose strength falls with frequency, as that of photographs does; colours that
/// follow each other, edges, and grain.
Image make_photo(std::uint32_t width, std::uint32_t height, std::uint32_t channels) {
  Image image = *make_image({.width = width, .height = height, .channels = channels});
  for (std::uint32_t y = 0; y < height; ++y)
    for (std::uint32_t x = 0; x < width; ++x)
      for (std::uint32_t c = 0; c < channels; ++c) {
        double value = value_noise(x / 40.0, y / 40.0, 9) > 0.5 ? 60 : 0;
        for (std::uint32_t octave = 0; octave < 6; ++octave) {
          const double scale = 64.0 / (1u << octave);
          value += 90.0 / (1u << octave) * value_noise(x / scale, y / scale, octave);
          value += 12.0 / (1u << octave) * value_noise(x / scale, y / scale, 20 + c * 6 + octave);
        }
        value += 8 * lattice(x, y, 60 + c) + (c == 3 ? 50 : 0);
        image.row(y)[std::size_t{x} * channels + c] =
            static_cast<std::byte>(std::clamp(value, 0.0, 255.0));
      }
  return image;
}

CompressDesc rdo_desc(Format format, double lambda) {
  return {.format = format,
          .quality = Quality::kFast,
          .rdo_lambda = lambda,
          .zstd_level = 19,
          .threads = 1,
          .measure_ssim = false};
}

std::vector<std::byte> blocks_of(const CompressResult& result) {
  return Ktx2Reader::open(make_memory_source(result.ktx2)).value().read_level(0).value();
}

struct Gain {
  Format format;
  double lambda;
  double most_bytes;    // of those without
  double most_loss_db;  // against those without
};

TEST(Rdo, BuysBytesForLittleError) {
  const Image photo = make_photo(256, 128, 3);
  for (const Gain& gain :
       {Gain{Format::kBC7Unorm, 6, 0.90, 2.5}, Gain{Format::kBC1RgbUnorm, 12, 0.75, 1.2},
        Gain{Format::kETC2RgbUnorm, 12, 0.70, 1.2}, Gain{Format::kASTC4x4Unorm, 6, 0.80, 2.5}}) {
    const auto plain = compress(photo, rdo_desc(gain.format, 0)).value();
    const auto result = compress(photo, rdo_desc(gain.format, gain.lambda)).value();
    const std::string_view name = format_info(gain.format)->name;
    EXPECT_LT(static_cast<double>(result.ktx2.size()),
              gain.most_bytes * static_cast<double>(plain.ktx2.size()))
        << name << ": " << plain.ktx2.size() << " bytes without, " << result.ktx2.size();
    EXPECT_GT(result.psnr_db, plain.psnr_db - gain.most_loss_db) << name;
    EXPECT_LT(result.psnr_db, plain.psnr_db) << name;
    EXPECT_GT(result.level_figures[0].rdo_blocks, 0u) << name;
    EXPECT_EQ(plain.level_figures[0].rdo_blocks, 0u) << name;
  }
}

/// At the same PSNR, against giving up quality by repeating whole neighbours.
TEST(Rdo, IsSmallerThanRepeatsAtEqualPsnr) {
  const Image photo = make_photo(256, 128, 3);
  for (const Format format : {Format::kBC7Unorm, Format::kBC1RgbUnorm}) {
    const auto result = compress(photo, rdo_desc(format, 10)).value();
    CompressDesc repeats = rdo_desc(format, 0);
    repeats.target_psnr_db = result.psnr_db - 0.05;
    EXPECT_LT(result.ktx2.size(), compress(photo, repeats)->ktx2.size());
  }
}

TEST(Rdo, MoreLambdaIsFewerBytesAndMoreError) {
  const Image photo = make_photo(192, 128, 3);
  for (const Format format : {Format::kBC7Unorm, Format::kBC1RgbUnorm}) {
    double bytes = HUGE_VAL, psnr_db = HUGE_VAL;
    for (const double lambda : {0.0, 1.0, 4.0, 16.0, 64.0, 256.0}) {
      const auto result = compress(photo, rdo_desc(format, lambda)).value();
      EXPECT_LT(static_cast<double>(result.ktx2.size()), bytes * 1.01) << lambda;
      EXPECT_LT(result.psnr_db, psnr_db + 0.1) << lambda;
      bytes = static_cast<double>(result.ktx2.size());
      psnr_db = result.psnr_db;
    }
  }
}

TEST(Rdo, NoLambdaChangesNothing) {
  const Image photo = make_photo(64, 48, 3);
  const Image rgba = to_rgba8(photo).value();
  std::vector<std::byte> wanted(*image_bytes(Format::kBC7Srgb, 64, 48));
  ASSERT_TRUE(encode_blocks(
      {.format = Format::kBC7Srgb, .quality = Quality::kFast},
      Rgba8View{reinterpret_cast<const std::uint8_t*>(rgba.pixels.data()), 64, 48, 256}, wanted));
  EXPECT_EQ(blocks_of(*compress(photo, rdo_desc(Format::kBC7Unorm, 0))), wanted);
}

/// Wide enough for several chunks of rows.
TEST(Rdo, BytesDoNotDependOnThreadsOrTargets) {
  const Image photo = make_photo(1030, 70, 3);
  for (const Format format : {Format::kBC1RgbUnorm, Format::kBC7Unorm}) {
    CompressDesc desc = rdo_desc(format, 4);
    desc.zstd_level = 1;
    const auto wanted = compress(photo, desc)->ktx2;
    desc.threads = 4;
    EXPECT_EQ(compress(photo, desc)->ktx2, wanted);
  }
  const Image part = make_photo(120, 36, 4);
  for (const Format format :
       {Format::kBC7Unorm, Format::kETC2RgbA1Unorm, Format::kBC6HUfloat, Format::kASTC4x4Unorm}) {
    const auto wanted = compress(part, rdo_desc(format, 4))->ktx2;
    for (const std::string_view target : simd_targets()) {
      ASSERT_TRUE(use_simd_target(target));
      EXPECT_EQ(compress(part, rdo_desc(format, 4))->ktx2, wanted)
          << format_info(format)->name << " " << target;
    }
    ASSERT_TRUE(use_simd_target(simd_targets().front()));
  }
}

TEST(Rdo, WorksForEveryFormatOfBlocks) {
  for (const std::uint32_t channels : {3u, 4u}) {
    const Image photo = make_photo(125, 66, channels);
    for (const std::string_view name : compress_format_names()) {
      CompressDesc desc = rdo_desc(*format_from_name(name), 8);
      const auto result = compress(photo, desc);
      ASSERT_TRUE(result.has_value()) << name << ": " << result.error().to_string();
      desc.rdo_lambda = 0;
      const auto plain = compress(photo, desc).value();
      EXPECT_GT(result->metric_db, std::min(plain.metric_db, 46.0) - 6) << name;
      EXPECT_TRUE(validate_ktx2(*make_memory_source(result->ktx2))->empty()) << name;
      if (!format_info(desc.format)->compressed) {
        EXPECT_EQ(result->ktx2, plain.ktx2) << name;
        continue;
      }
      EXPECT_LT(result->ktx2.size(), plain.ktx2.size()) << name << " of " << channels;
      EXPECT_GT(result->level_figures[0].rdo_blocks, 0u) << name << " of " << channels;
    }
  }
}

/// The errors that the search keeps are those that decoding finds.
TEST(Rdo, KnowsTheErrorOfWhatItMakes) {
  const test::Picture picture = test::waves(101, 50, false);
  for (const Format format :
       {Format::kBC7Unorm, Format::kBC1RgbaUnorm, Format::kETC2RgbA1Unorm, Format::kASTC4x4Unorm}) {
    codec::LevelBlocks level(format, {picture.pixels.data(), 101, 50, picture.row_bytes()}, 1);
    ASSERT_TRUE(level.encode(Quality::kNormal));
    const std::uint64_t before = level.squared_error();
    EXPECT_GT(codec::trade_error_for_bits(level, {.lambda = 6}).value(), 0u);
    EXPECT_NE(level.squared_error(), before);
    const auto back = test::decode(format, level.bytes(), 101, 50);
    std::uint64_t error = 0;
    for (std::size_t i = 0; i < back.pixels.size(); ++i) {
      const int gap = back.pixels[i] - picture.pixels[i];
      if (i % 4 < format_info(format)->channels) error += static_cast<std::uint64_t>(gap * gap);
    }
    EXPECT_EQ(level.squared_error(), error) << format_info(format)->name;
  }
}

TEST(Rdo, StopsAtTheErrorThatIsAllowed) {
  const test::Picture picture = test::waves(64, 64, true);
  const auto make = [&] {
    codec::LevelBlocks level(Format::kBC7Unorm, {picture.pixels.data(), 64, 64, 256}, 1);
    EXPECT_TRUE(level.encode(Quality::kFast));
    return level;
  };
  auto free = make(), bound = make(), none = make();
  const std::uint64_t before = free.squared_error();
  EXPECT_GT(codec::trade_error_for_bits(free, {.lambda = 50}).value(), 0u);
  const std::uint64_t most = (before + free.squared_error()) / 2;
  EXPECT_GT(codec::trade_error_for_bits(bound, {.lambda = 50, .most_error = most}).value(), 0u);
  EXPECT_LE(bound.squared_error(), most);
  EXPECT_EQ(codec::trade_error_for_bits(none, {.lambda = 50, .most_error = 0}).value(), 0u);
  EXPECT_EQ(none.squared_error(), before);
}

TEST(Rdo, KeepsATargetThatIsReached) {
  const Image photo = make_photo(192, 128, 3);
  CompressDesc desc = rdo_desc(Format::kBC7Unorm, 0);
  const double target = compress(photo, desc)->psnr_db - 0.5;
  desc.target_psnr_db = target;
  const auto repeats = compress(photo, desc).value();
  desc.rdo_lambda = 20;
  const auto result = compress(photo, desc).value();
  EXPECT_TRUE(result.target_reached);
  EXPECT_GE(result.psnr_db, target);
  EXPECT_LT(result.ktx2.size(), repeats.ktx2.size());
}

TEST(Rdo, SparesSmoothBlocks) {
  const Image image = make_photo(128, 64, 3);
  Image smooth = image;  // the left half with a sixteenth of the contrast
  for (std::uint32_t y = 0; y < 64; ++y)
    for (std::size_t i = 0; i < std::size_t{64} * 3; ++i)
      smooth.row(y)[i] = static_cast<std::byte>(100 + std::to_integer<int>(image.row(y)[i]) / 16);
  const auto result = compress(smooth, rdo_desc(Format::kBC7Unorm, 4)).value();
  const auto back = test::decode(Format::kBC7Unorm, blocks_of(result), 128, 64);
  int largest = 0;
  for (std::uint32_t y = 0; y < 64; ++y)
    for (std::size_t i = 0; i < std::size_t{64} * 3; ++i) {
      const int code = back.pixels[(std::size_t{y} * 128 + i / 3) * 4 + i % 3];
      largest = std::max(largest, std::abs(code - std::to_integer<int>(smooth.row(y)[i])));
    }
  EXPECT_LE(largest, 8);
}

TEST(Rdo, KeepsTransparencyAndCutouts) {
  Image image = make_photo(128, 64, 4);
  for (std::uint32_t y = 0; y < 64; ++y)
    for (std::size_t x = 0; x < 128; ++x)
      image.row(y)[x * 4 + 3] =
          std::byte{x < 64 || (x / 7 + y / 5) % 2 == 0 ? std::uint8_t{0} : std::uint8_t{255}};
  for (const Format format :
       {Format::kBC7Unorm, Format::kBC1RgbaUnorm, Format::kETC2RgbA1Unorm, Format::kASTC4x4Unorm}) {
    const auto result = compress(image, rdo_desc(format, 4)).value();
    const auto back = test::decode(format, blocks_of(result), 128, 64);
    std::size_t wrong = 0;
    for (std::size_t i = 3; i < back.pixels.size(); i += 4)
      if ((back.pixels[i] >= 128) != (image.pixels[i] == std::byte{255})) ++wrong;
    EXPECT_LE(wrong, 128u * 64 / 200) << format_info(format)->name;
  }
}

/// Any lambda that is accepted ends, and whole images may become one block.
TEST(Rdo, TheLargestLambdaLeavesARunOfEqualBlocks) {
  const Image photo = make_photo(128, 128, 3);
  const auto result = compress(photo, rdo_desc(Format::kBC7Unorm, 1e9)).value();
  EXPECT_LT(result.ktx2.size(), 1000u);
  for (const std::uint32_t side : {1u, 3u, 4u, 5u}) {
    const auto tiny = compress(make_photo(side, side, 3), rdo_desc(Format::kBC1RgbUnorm, 1e9));
    EXPECT_TRUE(tiny.has_value()) << side;
  }
}

TEST(Rdo, RefusesALambdaThatIsNone) {
  const Image photo = make_photo(4, 4, 3);
  for (const double bad : {-1e-9, -HUGE_VAL, 1.1e9, HUGE_VAL, std::nan("")})
    EXPECT_EQ(compress(photo, {.rdo_lambda = bad}).error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace forge3d
