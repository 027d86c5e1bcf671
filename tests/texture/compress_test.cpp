// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/compress.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "forge3d/metrics.hpp"
#include "support/shared_data.hpp"
#include "texture/image_samples.hpp"

namespace forge3d {
namespace {

/// Level 0 of a compressed file, decoded again.
Image decode(const CompressResult& result, const Image& original) {
  const auto reader = Ktx2Reader::open(make_memory_source(result.ktx2)).value();
  ImageInfo info = original.info;
  info.channels = 4;
  Image image = *make_image(info);
  const auto blocks = reader.read_level(0).value();
  EXPECT_TRUE(decode_blocks(result.format, blocks,
                            {reinterpret_cast<std::uint8_t*>(image.pixels.data()), info.width,
                             info.height, info.row_bytes()}));
  return image;
}

TEST(Compress, MeasuresWhatTheFileHolds) {
  const Image image = test::make_gradient(61, 35, 3);
  for (const Format format : {Format::kBC1RgbUnorm, Format::kBC7Unorm}) {
    const auto result =
        compress(image, {.format = format, .quality = Quality::kFast, .mipmaps = true});
    ASSERT_TRUE(result.has_value()) << result.error().to_string();
    EXPECT_EQ(result->format, with_srgb(format, true));
    EXPECT_EQ(result->levels, 6u);
    const auto difference = compare_images(image, decode(*result, image)).value();
    EXPECT_DOUBLE_EQ(result->psnr_db, difference.psnr_rgb_db);
    EXPECT_DOUBLE_EQ(result->psnr_rgba_db, difference.psnr_rgba_db);
    EXPECT_GT(result->psnr_db, 25);
    EXPECT_DOUBLE_EQ(result->compression_ratio, static_cast<double>(result->bytes_in) /
                                                    static_cast<double>(result->ktx2.size()));
    EXPECT_GT(result->encode_ms, 0);
    EXPECT_TRUE(validate_ktx2(*make_memory_source(result->ktx2))->empty());
  }
}

TEST(Compress, PlainFormatLosesNothing) {
  const Image image = test::make_noise({.width = 7, .height = 5, .channels = 4, .srgb = false});
  const auto result = compress(image, {.format = Format::kRGBA8Srgb, .zstd_level = 3});
  ASSERT_TRUE(result.has_value()) << result.error().to_string();
  EXPECT_EQ(result->format, Format::kRGBA8Unorm);
  EXPECT_TRUE(std::isinf(result->psnr_db));
  EXPECT_EQ(decode(*result, image).pixels, image.pixels);
}

TEST(Compress, BytesDoNotDependOnThreads) {
  const Image image = test::make_noise({.width = 40, .height = 24, .channels = 4});
  const CompressDesc desc{
      .format = Format::kBC7Unorm, .quality = Quality::kFast, .mipmaps = true, .threads = 1};
  CompressDesc threaded = desc;
  threaded.threads = 3;
  EXPECT_EQ(compress(image, desc)->ktx2, compress(image, threaded)->ktx2);
}

TEST(Compress, RefusesWhatItCannotDo) {
  const Image image = test::make_gradient(4, 4, 3);
  EXPECT_EQ(compress(image, {.format = Format::kRGBA32Sfloat}).error().code,
            ErrorCode::kNotSupported);
  EXPECT_EQ(compress(Image{}, {}).error().code, ErrorCode::kInvalidArgument);
}

TEST(Compress, PhotographReachesItsQuality) {
  FORGE3D_REQUIRE_SHARED(path, "data/photos/kodim04.png");
  const Image photo = load_image(path).value();
  const auto result = compress(photo, {.format = Format::kBC7Unorm, .quality = Quality::kFast});
  EXPECT_GT(result->psnr_db, 40);
  EXPECT_NEAR(result->compression_ratio, 4, 0.01);
}

}  // namespace
}  // namespace forge3d
