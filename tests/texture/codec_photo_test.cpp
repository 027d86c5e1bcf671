// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// How faithful the encoders are on real photographs.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "forge3d/image.hpp"
#include "support/shared_data.hpp"
#include "texture/codec_samples.hpp"

namespace forge3d {
namespace {

using test::decode;
using test::encode;
using test::Picture;
using test::psnr;

/// The first `count` photographs of the folder.
std::vector<Picture> load_photos(const std::filesystem::path& folder, std::size_t count) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".png") files.push_back(entry.path());
  std::ranges::sort(files);
  files.resize(std::min(files.size(), count));
  std::vector<Picture> photos;
  for (const auto& file : files) {
    const auto loaded = load_image(file);
    const auto image = loaded ? to_rgba8(*loaded) : loaded;
    EXPECT_TRUE(image) << file;
    if (!image) continue;
    Picture photo(image->info.width, image->info.height);
    std::transform(image->pixels.begin(), image->pixels.end(), photo.pixels.begin(),
                   [](std::byte b) { return std::to_integer<std::uint8_t>(b); });
    photos.push_back(std::move(photo));
  }
  return photos;
}

Picture crop(Picture& photo, std::uint32_t side) {
  Picture out(side, side);
  for (std::uint32_t y = 0; y < side; ++y)
    std::copy_n(photo.at((photo.width - side) / 2, (photo.height - side) / 2 + y), out.row_bytes(),
                out.at(0, y));
  return out;
}

double mean_psnr(const std::vector<Picture>& pictures, Format format, Quality quality,
                 unsigned channels = 3) {
  double sum = 0;
  for (const Picture& p : pictures) {
    const auto blocks = encode(p, {.format = format, .quality = quality, .threads = 0});
    sum += psnr(p, decode(format, blocks, p.width, p.height), channels);
  }
  return sum / static_cast<double>(pictures.size());
}

TEST(CodecPhotos, FastKeepsTheFloors) {
  FORGE3D_REQUIRE_SHARED(folder, "data/photos");
  if (std::getenv("FORGE3D_SANITIZER") != nullptr)
    GTEST_SKIP() << "whole photographs take minutes under a sanitizer; their crops are tested";
  const std::vector<Picture> photos = load_photos(folder, 12);
  ASSERT_EQ(photos.size(), 12u);
  EXPECT_GE(mean_psnr(photos, Format::kBC7Srgb, Quality::kFast), 44.4);
  EXPECT_GE(mean_psnr(photos, Format::kBC1RgbSrgb, Quality::kFast), 35.8);
  EXPECT_GE(mean_psnr(photos, Format::kASTC4x4Srgb, Quality::kFast), 43.5);
  EXPECT_GE(mean_psnr(photos, Format::kASTC4x4Unorm, Quality::kNormal), 43.9);
  EXPECT_GE(mean_psnr(photos, Format::kASTC6x6Unorm, Quality::kFast), 37.2);
  EXPECT_GE(mean_psnr(photos, Format::kASTC6x6Srgb, Quality::kNormal), 37.45);
}

TEST(CodecPhotos, ColourFormatsWithAlphaKeepTheFloors) {
  FORGE3D_REQUIRE_SHARED(folder, "data/photos");
  if (std::getenv("FORGE3D_SANITIZER") != nullptr)
    GTEST_SKIP() << "whole photographs take minutes under a sanitizer; their crops are tested";
  const std::vector<Picture> photos = load_photos(folder, 12);
  ASSERT_EQ(photos.size(), 12u);
  EXPECT_GE(mean_psnr(photos, Format::kBC3Srgb, Quality::kFast), 36.05);
  EXPECT_GE(mean_psnr(photos, Format::kBC3Unorm, Quality::kNormal), 36.4);
  EXPECT_GE(mean_psnr(photos, Format::kETC2RgbSrgb, Quality::kFast), 36.85);
  EXPECT_GE(mean_psnr(photos, Format::kETC2RgbaSrgb, Quality::kFast), 36.85);
  EXPECT_GE(mean_psnr(photos, Format::kETC2RgbaUnorm, Quality::kNormal), 37.45);
}

TEST(CodecPhotos, ChannelFormatsKeepTheFloors) {
  FORGE3D_REQUIRE_SHARED(folder, "data/photos");
  if (std::getenv("FORGE3D_SANITIZER") != nullptr)
    GTEST_SKIP() << "whole photographs take minutes under a sanitizer; their crops are tested";
  const std::vector<Picture> photos = load_photos(folder, 12);
  ASSERT_EQ(photos.size(), 12u);
  EXPECT_GE(mean_psnr(photos, Format::kBC4Unorm, Quality::kFast, 1), 44.8);
  EXPECT_GE(mean_psnr(photos, Format::kBC4Unorm, Quality::kNormal, 1), 45.05);
  EXPECT_GE(mean_psnr(photos, Format::kBC4Unorm, Quality::kHigh, 1), 45.25);
  EXPECT_GE(mean_psnr(photos, Format::kBC5Unorm, Quality::kFast, 2), 44.8);
  EXPECT_GE(mean_psnr(photos, Format::kEACRG11Unorm, Quality::kFast, 2), 44.8);
  EXPECT_GE(mean_psnr(photos, Format::kEACRG11Unorm, Quality::kNormal, 2), 45.2);
  EXPECT_GE(mean_psnr(photos, Format::kEACR11Unorm, Quality::kHigh, 1), 45.35);
}

TEST(CodecPhotos, MoreTimeGivesMore) {
  FORGE3D_REQUIRE_SHARED(folder, "data/photos");
  std::vector<Picture> crops;
  for (Picture& photo : load_photos(folder, 4)) crops.push_back(crop(photo, 64));
  for (Format format : {Format::kBC7Unorm, Format::kBC1RgbUnorm, Format::kBC3Unorm,
                        Format::kETC2RgbaUnorm, Format::kASTC4x4Unorm, Format::kASTC6x6Srgb}) {
    const double fast = mean_psnr(crops, format, Quality::kFast);
    const double normal = mean_psnr(crops, format, Quality::kNormal);
    const double high = mean_psnr(crops, format, Quality::kHigh);
    EXPECT_GT(normal, fast + 0.25) << format_info(format)->name;
    const bool soon_done = format == Format::kBC1RgbUnorm || format == Format::kBC3Unorm ||
                           format == Format::kETC2RgbaUnorm;
    EXPECT_GT(high, normal + (soon_done ? 0.03 : 0.1)) << format_info(format)->name;
  }
}

}  // namespace
}  // namespace forge3d
