// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/image.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>

#include "support/shared_data.hpp"
#include "texture/image_samples.hpp"

namespace forge3d {
namespace {

using test::JpegColour;
using test::make_jpeg;
using test::make_png;
using testing::HasSubstr;

Result<Image> load(std::span<const std::byte> bytes, const ImageLimits& limits = {}) {
  return load_image(make_memory_source(bytes, "sample"), limits);
}

std::vector<int> codes(const Image& image) {
  std::vector<int> out;
  for (const std::byte byte : image.pixels) out.push_back(std::to_integer<int>(byte));
  return out;
}

TEST(MakeImage, RefusesShapesThatAreNoImage) {
  for (const ImageInfo info : {ImageInfo{.width = 0, .height = 1, .channels = 1},
                               ImageInfo{.width = 1, .height = 0, .channels = 1},
                               ImageInfo{.width = 1, .height = 1, .channels = 0},
                               ImageInfo{.width = 1, .height = 1, .channels = 5}})
    EXPECT_EQ(make_image(info).error().code, ErrorCode::kInvalidArgument);
}

// B13: products around 2^64 must not wrap to something small.
TEST(MakeImage, B13RefusesProductsThatWrap) {
  const ImageInfo info{
      .width = 0xFFFFFFFFu, .height = 0xFFFFFFFFu, .channels = 4, .type = SampleType::kF32};
  EXPECT_EQ(make_image(info).error().code, ErrorCode::kInvalidArgument);
}

TEST(Png, RoundTripsEveryShape) {
  for (std::uint32_t channels = 1; channels <= 4; ++channels)
    for (const SampleType type : {SampleType::kU8, SampleType::kU16})
      for (const bool srgb : {true, false}) {
        const Image image = test::make_noise(
            {.width = 17, .height = 13, .channels = channels, .type = type, .srgb = srgb});
        const auto png = encode_png(image);
        ASSERT_TRUE(png.has_value()) << png.error().to_string();
        const auto back = load(*png);
        ASSERT_TRUE(back.has_value()) << back.error().to_string();
        EXPECT_EQ(back->pixels, image.pixels);
        EXPECT_EQ(back->info.channels, channels);
        EXPECT_EQ(back->info.type, type);
        EXPECT_EQ(back->info.srgb, srgb);
      }
}

TEST(Png, RefusesFloatsAndWrongSizes) {
  Image image = *make_image({.width = 2, .height = 2, .channels = 3, .type = SampleType::kF32});
  EXPECT_EQ(encode_png(image).error().code, ErrorCode::kInvalidArgument);
  image = *make_image({.width = 2, .height = 2, .channels = 3});
  image.pixels.pop_back();
  EXPECT_EQ(encode_png(image).error().code, ErrorCode::kInvalidArgument);
}

// B12: palette with tRNS and gAMA, the path of most libpng advisories.
TEST(Png, B12ExpandsPaletteWithAlpha) {
  const auto png = make_png({.width = 3,
                             .height = 1,
                             .bit_depth = 2,
                             .colour_type = 3,
                             .palette = {10, 20, 30, 40, 50, 60, 70, 80, 90},
                             .palette_alpha = {0, 128},
                             .gamma = 0.45455,
                             .rows = {0b00011000}});
  const auto image = load(png);
  ASSERT_TRUE(image.has_value()) << image.error().to_string();
  EXPECT_EQ(image->info.channels, 4u);
  EXPECT_TRUE(image->info.srgb);
  EXPECT_EQ(codes(*image), (std::vector<int>{10, 20, 30, 0, 40, 50, 60, 128, 70, 80, 90, 255}));
}

TEST(Png, ExpandsSubByteGreyToFullRange) {
  const auto one = load(
      make_png({.width = 4, .height = 1, .bit_depth = 1, .colour_type = 0, .rows = {0b10110000}}));
  EXPECT_EQ(codes(one.value()), (std::vector<int>{255, 0, 255, 255}));
  const auto four = load(
      make_png({.width = 3, .height = 1, .bit_depth = 4, .colour_type = 0, .rows = {0x0F, 0x80}}));
  EXPECT_EQ(codes(four.value()), (std::vector<int>{0, 255, 136}));
}

TEST(Png, MakesTransparentGreyAlpha) {
  const auto image = load(make_png({.width = 2,
                                    .height = 1,
                                    .bit_depth = 8,
                                    .colour_type = 0,
                                    .transparent_grey = 7,
                                    .rows = {7, 8}}));
  EXPECT_EQ(codes(image.value()), (std::vector<int>{7, 0, 8, 255}));
}

TEST(Png, Reads16BitInMachineOrder) {
  const auto image = load(
      make_png({.width = 1, .height = 1, .bit_depth = 16, .colour_type = 0, .rows = {0x12, 0x34}}));
  ASSERT_EQ(image->info.type, SampleType::kU16);
  std::uint16_t sample = 0;
  std::memcpy(&sample, image->pixels.data(), 2);
  EXPECT_EQ(sample, 0x1234);
  EXPECT_TRUE(image->info.srgb);
}

TEST(Png, IsLinearOnlyWhenGammaSaysOne) {
  EXPECT_FALSE(load(make_png({.gamma = 1.0}))->info.srgb);
  EXPECT_TRUE(load(make_png({.gamma = 0.45455}))->info.srgb);
  EXPECT_TRUE(load(make_png({}))->info.srgb);
}

TEST(Png, InterlacedEqualsPlain) {
  for (const int colour_type : {0, 2, 4, 6})
    for (const int bit_depth : {8, 16}) {
      test::PngSample sample{
          .width = 19, .height = 11, .bit_depth = bit_depth, .colour_type = colour_type};
      const auto plain = load(make_png(sample));
      sample.interlaced = true;
      const auto interlaced = load(make_png(sample));
      ASSERT_TRUE(interlaced.has_value()) << interlaced.error().to_string();
      EXPECT_EQ(plain->pixels, interlaced->pixels);
    }
}

TEST(Png, InterlacedObeysTheResidentLimit) {
  const auto png = make_png({.width = 64, .height = 64, .interlaced = true});
  const auto refused = load(png, {.max_resident_bytes = 64 * 64 * 3});
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidFile);
  EXPECT_THAT(refused.error().message, HasSubstr("interlaced"));
}

TEST(Png, EveryCutIsAnError) {
  for (const bool interlaced : {false, true}) {
    const auto png = make_png({.interlaced = interlaced});
    for (std::size_t size = 0; size < png.size(); ++size) {
      const auto image = load(std::span(png).first(size));
      ASSERT_FALSE(image.has_value()) << "cut at " << size << " of " << png.size();
      EXPECT_EQ(image.error().code, ErrorCode::kInvalidFile) << image.error().to_string();
      EXPECT_THAT(image.error().message, HasSubstr("sample"));
    }
  }
}

TEST(Png, EveryFlippedBitIsAnError) {
  // Every byte of a PNG is covered by the signature, a length, a name or a checksum.
  const auto png = make_png({});
  for (std::size_t i = 0; i < png.size(); ++i) {
    auto bad = png;
    bad[i] ^= std::byte{0x10};
    EXPECT_FALSE(load(bad).has_value()) << "byte " << i;
  }
}

TEST(Png, HeaderBytesAtTheirExtremes) {
  const auto png = make_png({});
  for (std::size_t i = 0; i < 41; ++i)
    for (const int value : {0x00, 0x7F, 0x80, 0xFF}) {
      auto bad = png;
      bad[i] = static_cast<std::byte>(value);
      const auto image = load(bad);
      EXPECT_EQ(image.has_value(), bad[i] == png[i]) << "byte " << i << " = " << value;
    }
}

TEST(Png, LimitsAreCheckedBeforePixels) {
  const auto png = make_png({.width = 64, .height = 32});
  EXPECT_THAT(load(png, {.max_extent = 63}).error().message, HasSubstr("extent limit of 63"));
  EXPECT_THAT(load(png, {.max_pixels = 2047}).error().message, HasSubstr("2047 pixels"));
  EXPECT_THAT(load(png, {.max_resident_bytes = 6143}).error().message, HasSubstr("6143"));
  EXPECT_TRUE(load(png, {.max_extent = 64, .max_pixels = 2048, .max_resident_bytes = 6144}));
}

TEST(Png, ReadingPastTheEndIsTheCallersError) {
  const auto png = make_png({.width = 2, .height = 1});
  auto reader = open_image(make_memory_source(png)).value();
  std::vector<std::byte> row(reader->info().row_bytes());
  EXPECT_TRUE(reader->read_row(row));
  EXPECT_EQ(reader->read_row(row).error().code, ErrorCode::kInvalidArgument);
}

TEST(Png, ErrorNamesTheRow) {
  const auto png =
      encode_png(test::make_noise({.width = 300, .height = 300, .channels = 3})).value();
  auto reader = open_image(make_memory_source(std::span(png).first(png.size() / 2), "half.png"));
  ASSERT_TRUE(reader.has_value());
  std::vector<std::byte> row((*reader)->info().row_bytes());
  std::uint32_t y = 0;
  auto result = (*reader)->read_row(row);
  for (; result; ++y) result = (*reader)->read_row(row);
  EXPECT_GT(y, 10u);
  EXPECT_THAT(result.error().message, HasSubstr("half.png"));
  EXPECT_THAT(result.error().message, HasSubstr("row " + std::to_string(y)));
}

TEST(SavePng, AppearsWholeAndLeavesNothingBeside) {
  const test::TempFolder folder;
  const Image image = test::make_noise({.width = 5, .height = 5, .channels = 3});
  ASSERT_TRUE(save_png(folder / "a.png", image));
  EXPECT_EQ(load_image(folder / "a.png")->pixels, image.pixels);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
  EXPECT_EQ(save_png(folder / "no" / "a.png", image).error().code, ErrorCode::kIo);
}

TEST(Jpeg, ReadsGreyAndRgbBaselineAndProgressive) {
  for (const JpegColour colour : {JpegColour::kGrey, JpegColour::kRgb})
    for (const bool progressive : {false, true}) {
      const auto image = load(make_jpeg(37, 21, colour, progressive));
      ASSERT_TRUE(image.has_value()) << image.error().to_string();
      EXPECT_EQ(image->info.channels, colour == JpegColour::kGrey ? 1u : 3u);
      const Image original = test::make_gradient(37, 21, image->info.channels);
      double worst = 0;
      for (std::size_t i = 0; i < original.pixels.size(); ++i)
        worst = std::max(worst, std::abs(codes(*image)[i] - codes(original)[i]) * 1.0);
      EXPECT_LT(worst, 60);
    }
}

TEST(Jpeg, CmykIsNotSupported) {
  EXPECT_EQ(load(make_jpeg(8, 8, JpegColour::kCmyk, false)).error().code, ErrorCode::kNotSupported);
}

TEST(Jpeg, EveryCutIsAnError) {
  for (const bool progressive : {false, true}) {
    const auto jpeg = make_jpeg(33, 17, JpegColour::kRgb, progressive);
    for (std::size_t size = 0; size < jpeg.size(); ++size) {
      const auto image = load(std::span(jpeg).first(size));
      ASSERT_FALSE(image.has_value()) << "cut at " << size << " of " << jpeg.size();
      EXPECT_EQ(image.error().code, ErrorCode::kInvalidFile) << image.error().to_string();
    }
  }
}

TEST(Jpeg, CorruptDataIsAnErrorNotAWarning) {
  auto jpeg = make_jpeg(64, 64, JpegColour::kRgb, false);
  // A restart marker that no restart interval announces, in the middle of the entropy-coded data.
  jpeg[jpeg.size() - 60] = std::byte{0xFF};
  jpeg[jpeg.size() - 59] = std::byte{0xD3};
  const auto image = load(jpeg);
  ASSERT_FALSE(image.has_value());
  EXPECT_EQ(image.error().code, ErrorCode::kInvalidFile);
}

TEST(Jpeg, ProgressiveObeysTheResidentLimit) {
  const auto jpeg = make_jpeg(64, 64, JpegColour::kRgb, true);
  EXPECT_THAT(load(jpeg, {.max_resident_bytes = 64 * 64 * 3}).error().message,
              HasSubstr("progressive"));
}

// A tiny file that claims 65500 x 65500 pixels must not cost gigabytes.
TEST(Jpeg, ClaimsBeyondTheFileAreRefused) {
  auto jpeg = make_jpeg(16, 16, JpegColour::kRgb, true);
  for (std::size_t i = 0; i + 9 < jpeg.size(); ++i)
    if (jpeg[i] == std::byte{0xFF} && jpeg[i + 1] == std::byte{0xC2})
      for (const std::size_t at : {i + 5, i + 7}) jpeg[at] = std::byte{0xFF};
  const auto image = load(jpeg);
  ASSERT_FALSE(image.has_value());
  EXPECT_THAT(image.error().message, HasSubstr("cut off"));
}

TEST(OpenImage, SaysWhatAFileIs) {
  const auto open = [](std::string_view text) {
    return open_image(make_memory_source(std::as_bytes(std::span(text)), "x.png")).error();
  };
  EXPECT_THAT(open("").message, HasSubstr("empty"));
  EXPECT_EQ(open("").code, ErrorCode::kInvalidFile);
  EXPECT_EQ(open("hello world").code, ErrorCode::kInvalidFile);
  EXPECT_EQ(open("GIF89a....").code, ErrorCode::kNotSupported);
  EXPECT_THAT(open("GIF89a....").message, HasSubstr("GIF"));
  EXPECT_THAT(open("RIFF....WEBPVP8 ").message, HasSubstr("WebP"));
}

TEST(OpenImage, GoesByContentNotByName) {
  const test::TempFolder folder;
  const auto jpeg = make_jpeg(8, 8, JpegColour::kGrey, false);
  std::ofstream(folder / "really.png", std::ios::binary)
      .write(reinterpret_cast<const char*>(jpeg.data()), static_cast<std::streamsize>(jpeg.size()));
  EXPECT_EQ(load_image(folder / "really.png")->info.channels, 1u);
}

TEST(OpenImage, MissingFilesAndFoldersAreIoErrors) {
  const test::TempFolder folder;
  EXPECT_EQ(open_image(folder / "absent.png").error().code, ErrorCode::kIo);
  EXPECT_EQ(open_image(folder.path()).error().code, ErrorCode::kIo);
}

TEST(ToRgba8, RoundsExpandsAndFills) {
  Image grey = *make_image({.width = 2, .height = 1, .channels = 1, .type = SampleType::kU16});
  const std::uint16_t samples[] = {65535, 32896};
  std::memcpy(grey.pixels.data(), samples, 4);
  EXPECT_EQ(codes(*to_rgba8(grey)), (std::vector<int>{255, 255, 255, 255, 128, 128, 128, 255}));

  Image rgba = *make_image({.width = 1, .height = 1, .channels = 4, .type = SampleType::kF32});
  const float floats[] = {-1.0f, 2.0f, 0.5f, std::numeric_limits<float>::quiet_NaN()};
  std::memcpy(rgba.pixels.data(), floats, 16);
  EXPECT_EQ(codes(*to_rgba8(rgba)), (std::vector<int>{0, 255, 128, 0}));
}

TEST(SharedPhotos, AllLoad) {
  FORGE3D_REQUIRE_SHARED(folder, "data/photos");
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".png") continue;
    const auto image = load_image(entry.path());
    ASSERT_TRUE(image.has_value()) << image.error().to_string();
    EXPECT_EQ(image->info.width * image->info.height, 768u * 512u);
    ++count;
  }
  EXPECT_GT(count, 5);
}

}  // namespace
}  // namespace forge3d
