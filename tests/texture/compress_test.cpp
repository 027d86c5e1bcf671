// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/compress.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <string>

#include "forge3d/ktx2_image.hpp"
#include "forge3d/metrics.hpp"
#include "support/shared_data.hpp"
#include "texture/codec/refine.hpp"
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

/// Soft waves with noise in part of the picture: blocks of all kinds.
Image make_scene(std::uint32_t width, std::uint32_t height, std::uint32_t channels) {
  Image image = *make_image({.width = width, .height = height, .channels = channels});
  std::uint32_t random = 1;
  for (std::uint32_t y = 0; y < height; ++y)
    for (std::uint32_t x = 0; x < width; ++x)
      for (std::uint32_t c = 0; c < channels; ++c) {
        random = random * 1664525 + 1013904223;
        const double wave = std::sin(0.05 * x + c) * std::cos(0.07 * y) * 80 + 120;
        const double noise = x > width / 2 ? static_cast<double>(random >> 28) : 0;
        const double value = c == 3 ? (y < height / 2 ? 255 : 90) : wave + noise;
        image.row(y)[std::size_t{x} * channels + c] = static_cast<std::byte>(value);
      }
  return image;
}

TEST(CompressTarget, LandsInTheBand) {
  const Image image = make_scene(256, 192, 3);
  for (const Format format :
       {Format::kBC7Unorm, Format::kBC1RgbUnorm, Format::kETC2RgbUnorm, Format::kASTC6x6Unorm}) {
    const CompressDesc fast{.format = format, .quality = Quality::kFast};
    const CompressDesc high{.format = format, .quality = Quality::kHigh};
    const double low_db = compress(image, fast)->psnr_db;
    const double high_db = compress(image, high)->psnr_db;
    ASSERT_GT(high_db, low_db);
    for (const double target :
         {low_db - 12, low_db - 3, low_db - 0.2, (low_db + high_db) / 2, high_db - 0.01}) {
      CompressDesc desc = high;
      desc.target_psnr_db = target;
      const auto result = compress(image, desc);
      ASSERT_TRUE(result.has_value()) << result.error().to_string();
      EXPECT_TRUE(result->target_reached);
      EXPECT_EQ(result->metric, "psnr_rgb");
      EXPECT_GE(result->metric_db, target);
      EXPECT_LE(result->metric_db, target + 0.05) << format_info(format)->name << ' ' << target;
      EXPECT_EQ(result->metric_db, result->psnr_db);
      EXPECT_EQ(result->quality == Quality::kFast, target < low_db);
      if (target < low_db - 0.05) {
        EXPECT_GT(result->level_figures[0].repeated_blocks, 0u);
      }
    }
  }
}

TEST(CompressTarget, KnowsTheErrorOfItsBlocks) {
  const Image image = *to_rgba8(make_scene(203, 149, 3));
  const codec::LevelTexels texels{reinterpret_cast<const std::uint8_t*>(image.pixels.data()), 203,
                                  149, 203 * 4};
  Image decoded = image;
  for (const Format format : {Format::kBC7Unorm, Format::kBC1RgbUnorm, Format::kASTC6x6Unorm})
    for (const double target : {20.0, 28.0, 33.0}) {
      const auto refined = codec::encode_refined(
          texels, {.format = format, .quality = Quality::kHigh, .target_psnr_db = target});
      ASSERT_TRUE(refined.has_value());
      const Rgba8MutableView out{reinterpret_cast<std::uint8_t*>(decoded.pixels.data()), 203, 149,
                                 203 * 4};
      ASSERT_TRUE(decode_blocks(format, refined->blocks, out));
      EXPECT_NEAR(refined->psnr_db, compare_images(image, decoded)->psnr_rgb_db, 1e-9);
    }
}

TEST(CompressTarget, RepeatsAreBytesOfTheBlockOnTheLeft) {
  const Image image = *to_rgba8(make_scene(256, 192, 3));
  const codec::LevelTexels texels{reinterpret_cast<const std::uint8_t*>(image.pixels.data()), 256,
                                  192, 256 * 4};
  const auto equal_to_left = [](const std::vector<std::byte>& blocks) {
    std::uint32_t count = 0;
    for (std::size_t block = 0; block < 64 * 48; ++block)
      if (block % 64 != 0 && std::memcmp(&blocks[block * 16], &blocks[block * 16 - 16], 16) == 0)
        ++count;
    return count;
  };
  const auto plain = codec::encode_refined(texels, {.quality = Quality::kFast});
  const auto refined = codec::encode_refined(texels, {.target_psnr_db = plain->psnr_db - 6});
  EXPECT_EQ(plain->repeated_blocks, 0u);
  EXPECT_GT(refined->repeated_blocks, 64u * 48 / 20);
  EXPECT_LE(refined->repeated_blocks, equal_to_left(refined->blocks));
  EXPECT_LT(refined->encoded_blocks[0], 64u * 48) << "what repeats was not encoded";
}

TEST(CompressTarget, IsTheBestThereIsWhereItCannotBeReached) {
  const Image image = make_scene(64, 64, 3);
  const CompressDesc desc{.format = Format::kBC1RgbUnorm, .target_psnr_db = 90};
  const auto result = compress(image, desc);
  ASSERT_TRUE(result.has_value());
  EXPECT_FALSE(result->target_reached);
  EXPECT_EQ(result->quality, Quality::kNormal) << "the most that was allowed";
  EXPECT_NE(result->reason.find("of 90 dB"), std::string::npos) << result->reason;
  EXPECT_GE(
      result->metric_db,
      compress(image, {.format = Format::kBC1RgbUnorm, .quality = Quality::kNormal})->psnr_db);
}

TEST(CompressTarget, CountsAlphaOfTranslucentImages) {
  const Image image = make_scene(128, 128, 4);
  const auto free = compress(image, {.format = Format::kBC7Unorm, .quality = Quality::kFast});
  EXPECT_EQ(free->metric, "psnr_rgba");
  EXPECT_EQ(free->metric_db, free->psnr_rgba_db);
  EXPECT_NE(free->alpha_weighted_psnr_db, free->psnr_db);
  const double target = free->metric_db - 2;
  const auto result = compress(image, {.format = Format::kBC7Unorm, .target_psnr_db = target});
  EXPECT_GE(result->metric_db, target);
  EXPECT_LE(result->metric_db, target + 0.05);
}

TEST(CompressTarget, HoldsForImagesOfAnyExtent) {
  for (const std::uint32_t width : {1u, 2u, 5u, 63u})
    for (const std::uint32_t height : {1u, 3u, 37u}) {
      const Image image = make_scene(width, height, 3);
      const auto result = compress(image, {.format = Format::kBC7Unorm,
                                           .quality = Quality::kFast,
                                           .target_psnr_db = 30,
                                           .mipmaps = true});
      ASSERT_TRUE(result.has_value()) << result.error().to_string();
      for (const LevelFigures& figures : result->level_figures) {
        EXPECT_TRUE(figures.target_reached) << width << " x " << height;
        EXPECT_GE(figures.metric_db, 30);
      }
    }
}

TEST(CompressTarget, BytesDoNotDependOnThreadsOrTargets) {
  const Image image = make_scene(200, 150, 3);
  CompressDesc desc{.format = Format::kBC7Unorm, .target_psnr_db = 36, .threads = 1};
  const auto wanted = compress(image, desc)->ktx2;
  desc.threads = 4;
  EXPECT_EQ(compress(image, desc)->ktx2, wanted);
  for (const std::string_view target : simd_targets()) {
    ASSERT_TRUE(use_simd_target(target));
    EXPECT_EQ(compress(image, desc)->ktx2, wanted) << target;
  }
  ASSERT_TRUE(use_simd_target(simd_targets().front()));
}

TEST(CompressTarget, SpendsWhatIsAboveItOnSize) {
  const Image image = make_scene(256, 256, 3);
  const CompressDesc plain{.format = Format::kBC7Unorm, .quality = Quality::kFast, .zstd_level = 9};
  const auto before = compress(image, plain);
  CompressDesc desc = plain;
  desc.target_psnr_db = before->psnr_db - 2;
  EXPECT_LT(compress(image, desc)->ktx2.size(), before->ktx2.size() * 19 / 20);
}

TEST(CompressFormats, AreMadeValidAndMeasured) {
  const Image image = make_scene(50, 38, 3);
  for (const std::string_view name : compress_format_names()) {
    const auto result = compress(image, {.format = *format_from_name(name),
                                         .use_case = UseCase::kHeight,
                                         .quality = Quality::kFast,
                                         .mipmaps = true});
    ASSERT_TRUE(result.has_value()) << name << ": " << result.error().to_string();
    EXPECT_EQ(result->format, *format_from_name(name));
    EXPECT_GT(result->metric_db, 20) << name;
    const auto findings = validate_ktx2(*make_memory_source(result->ktx2)).value();
    EXPECT_TRUE(findings.empty()) << name << ": " << findings[0].text;
    EXPECT_EQ(result->levels, result->level_figures.size());
    const LevelFigures& base = result->level_figures[0];
    EXPECT_EQ(base.width, 50u);
    EXPECT_EQ(base.psnr_db, result->psnr_db) << name;
    EXPECT_EQ(base.quality_score, result->quality_score) << name;
    EXPECT_GE(base.compression_ratio, 1) << name;
  }
}

TEST(Compress, NumbersOutsideTheirRangeAreRefused) {
  const Image image = make_scene(8, 8, 4);
  for (const CompressDesc& desc :
       {CompressDesc{.alpha_cutoff = 1.5f}, CompressDesc{.alpha_cutoff = NAN},
        CompressDesc{.zstd_level = 23}, CompressDesc{.zstd_level = -1},
        CompressDesc{.threads = 1025}, CompressDesc{.rdo_lambda = NAN},
        CompressDesc{.target_psnr_db = NAN}}) {
    const auto result = compress(image, desc);
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, ErrorCode::kInvalidArgument);
  }
}

TEST(CompressUseCase, NormalsAreMeasuredInDegrees) {
  Image image = *make_image({.width = 64, .height = 64, .channels = 3});
  for (std::uint32_t y = 0; y < 64; ++y)
    for (std::uint32_t x = 0; x < 64; ++x) {
      const double a = 0.5 * std::sin(0.2 * x), b = 0.5 * std::cos(0.15 * y);
      const double z = std::sqrt(1 - a * a - b * b);
      const double values[] = {a, b, z};
      for (std::size_t c = 0; c < 3; ++c)
        image.row(y)[x * 3 + c] = static_cast<std::byte>(std::lround((values[c] + 1) * 127.5));
    }
  const auto result = compress(image, {.use_case = UseCase::kNormal, .mipmaps = true});
  ASSERT_TRUE(result.has_value());
  EXPECT_FALSE(format_info(result->format)->srgb);
  ASSERT_TRUE(result->normals);
  EXPECT_GT(result->normals->mean_degrees, 0);
  EXPECT_LT(result->normals->mean_degrees, 2);
  EXPECT_LE(result->normals->mean_degrees, result->normals->p99_degrees);
  EXPECT_LE(result->normals->p99_degrees, result->normals->max_degrees);
}

TEST(CompressUseCase, HdrIsHalfFloatsWithoutNanAndInfinity) {
  Image image = *make_image(
      {.width = 3, .height = 1, .channels = 3, .type = SampleType::kF32, .srgb = false});
  const float samples[] = {0.25f, 1e9f, -2.0f, NAN, INFINITY, -INFINITY, 1000, 1e-7f, 0.1f};
  std::memcpy(image.pixels.data(), samples, sizeof(samples));
  const auto result = compress(image, {.format = Format::kRGBA16Sfloat, .use_case = UseCase::kHdr});
  ASSERT_TRUE(result.has_value()) << result.error().to_string();
  EXPECT_EQ(result->metric, "log_psnr_rgb");
  EXPECT_TRUE(std::isinf(result->psnr_db));
  EXPECT_FALSE(result->ssim);
  const auto bytes =
      Ktx2Reader::open(make_memory_source(result->ktx2)).value().read_level(0).value();
  std::uint16_t halves[12];
  ASSERT_EQ(bytes.size(), sizeof(halves));
  std::memcpy(halves, bytes.data(), sizeof(halves));
  const std::uint16_t wanted[] = {0x3400, 0x7bff, 0xc000, 0x3c00, 0,      0x7bff,
                                  0xfbff, 0x3c00, 0x63d0, 0x0002, 0x2e66, 0x3c00};
  for (std::size_t i = 0; i < 12; ++i) EXPECT_EQ(halves[i], wanted[i]) << i;
}

TEST(CompressUseCase, HeightsKeep16BitsWhereThatIsAskedFor) {
  const Image image =
      test::make_noise({.width = 9, .height = 5, .channels = 1, .type = SampleType::kU16});
  const auto result = compress(image, {.use_case = UseCase::kHeight,
                                       .memory_priority = MemoryPriority::kQuality,
                                       .target_psnr_db = 120});
  ASSERT_TRUE(result.has_value()) << result.error().to_string();
  EXPECT_EQ(result->format, Format::kR16Unorm);
  EXPECT_EQ(result->trials.size(), 2u);
  const auto bytes =
      Ktx2Reader::open(make_memory_source(result->ktx2)).value().read_level(0).value();
  EXPECT_EQ(bytes, image.pixels);
}

TEST(CompressUseCase, TransparentImagesAreNoTrouble) {
  Image image = make_scene(32, 32, 4);
  for (std::size_t i = 3; i < image.pixels.size(); i += 4) image.pixels[i] = std::byte{0};
  const auto result = compress(image, {.target_psnr_db = 35, .mipmaps = true});
  ASSERT_TRUE(result.has_value());
  EXPECT_TRUE(std::isinf(result->alpha_weighted_psnr_db));
}

TEST(ChooseFormats, TakesWhatTheDeviceSamples) {
  const auto first = [](FormatQuery query) { return choose_formats(query)->formats.at(0); };
  EXPECT_EQ(first({}), Format::kBC7Unorm);
  EXPECT_EQ(first({.use_case = UseCase::kUi}), Format::kRGBA8Unorm);
  EXPECT_EQ(first({.memory_priority = MemoryPriority::kMemory}), Format::kBC1RgbUnorm);
  EXPECT_NE(first({.memory_priority = MemoryPriority::kMemory, .translucent = true}),
            Format::kBC1RgbUnorm);
  const FormatChoice small = *choose_formats({.memory_priority = MemoryPriority::kMemory});
  EXPECT_EQ(small.formats, (std::vector{Format::kBC1RgbUnorm, Format::kBC7Unorm}));
  const FormatChoice good = *choose_formats({.memory_priority = MemoryPriority::kQuality});
  EXPECT_EQ(good.formats, (std::vector{Format::kBC7Unorm, Format::kRGBA8Unorm}));
  // A device without blocks.
  const auto plain_only = [](Format format) { return !format_info(format)->compressed; };
  for (const UseCase use_case :
       {UseCase::kAlbedo, UseCase::kNormal, UseCase::kHeight, UseCase::kHdr, UseCase::kUi}) {
    const FormatChoice choice = *choose_formats({.use_case = use_case, .can_sample = plain_only});
    EXPECT_FALSE(format_info(choice.formats.at(0))->compressed);
    EXPECT_TRUE(choice.reason.starts_with(to_string(use_case))) << choice.reason;
    if (use_case != UseCase::kUi) {
      EXPECT_NE(choice.reason.find("is not sampled by the device"), std::string::npos)
          << choice.reason;
    }
  }
  const auto nothing = choose_formats({.can_sample = [](Format) { return false; }});
  EXPECT_EQ(nothing.error().code, ErrorCode::kNotSupported);
}

TEST(ChooseFormats, WordsGoBothWays) {
  for (const char* word : {"albedo", "normal", "height", "hdr", "ui"})
    EXPECT_EQ(to_string(*use_case_from_name(word)), word);
  for (const char* word : {"memory", "balanced", "quality"})
    EXPECT_EQ(to_string(*memory_priority_from_name(word)), word);
  EXPECT_FALSE(use_case_from_name("sky"));
  EXPECT_FALSE(memory_priority_from_name(""));
}

TEST(Compress, RefusesWhatItCannotDo) {
  const Image image = test::make_gradient(4, 4, 3);
  EXPECT_EQ(compress(image, {.format = Format::kRGBA32Sfloat}).error().code,
            ErrorCode::kNotSupported);
  EXPECT_EQ(compress(Image{}, {}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(compress(image, {.format = static_cast<Format>(7)}).error().code,
            ErrorCode::kNotSupported);
  for (const double bad : {0.0, -3.0, 1e9, std::nan("")})
    EXPECT_EQ(compress(image, {.target_psnr_db = bad}).error().code, ErrorCode::kInvalidArgument);
  for (const double bad : {-1.0, std::nan(""), HUGE_VAL})
    EXPECT_EQ(compress(image, {.rdo_lambda = bad}).error().code, ErrorCode::kInvalidArgument);
}

/// NaN and infinity in every sample, for every format: no error, and a file that is valid.
TEST(Compress, FloatsThatAreNoNumbersGiveADefinedFile) {
  const float odd[] = {NAN, INFINITY, -INFINITY, 3e38f, -1, 0.5f, 1, 1e-45f};
  for (const std::uint32_t channels : {1u, 2u, 3u, 4u}) {
    Image image = *make_image(
        {.width = 10, .height = 7, .channels = channels, .type = SampleType::kF32, .srgb = false});
    for (std::size_t i = 0; i < image.pixels.size() / 4; ++i)
      std::memcpy(image.pixels.data() + i * 4, &odd[i * i % 8], 4);
    for (const std::string_view name : compress_format_names())
      for (const UseCase use_case : {UseCase::kHdr, UseCase::kAlbedo}) {
        CompressDesc desc{.format = *format_from_name(name),
                          .use_case = use_case,
                          .quality = Quality::kFast,
                          .rdo_lambda = 2,
                          .mipmaps = true};
        const auto result = compress(image, desc);
        ASSERT_TRUE(result.has_value()) << name << ": " << result.error().to_string();
        EXPECT_TRUE(validate_ktx2(*make_memory_source(result->ktx2))->empty()) << name;
        desc.threads = 1;
        EXPECT_EQ(compress(image, desc)->ktx2, result->ktx2) << name;
      }
  }
}

TEST(Compress, OneTexelAndFullTransparencyInEveryFormat) {
  Image clear = test::make_noise({.width = 9, .height = 6, .channels = 4});
  for (std::size_t i = 3; i < clear.pixels.size(); i += 4) clear.pixels[i] = std::byte{0};
  for (const Image& image : {test::make_gradient(1, 1, 1), test::make_gradient(1, 1, 4), clear})
    for (const std::string_view name : compress_format_names()) {
      const auto result = compress(image, {.format = *format_from_name(name),
                                           .target_psnr_db = 30,
                                           .rdo_lambda = 4,
                                           .mipmaps = true});
      ASSERT_TRUE(result.has_value()) << name << ": " << result.error().to_string();
      EXPECT_TRUE(validate_ktx2(*make_memory_source(result->ktx2))->empty()) << name;
    }
}

TEST(Compress, RefusesImagesThatAreNone) {
  const Image good = test::make_gradient(4, 4, 3);
  Image shorter = good, longer = good, endless = good, flat = good;
  shorter.pixels.pop_back();
  longer.pixels.push_back({});
  endless.info.width = endless.info.height = ~0u;
  flat.info.height = 0;
  for (const Image& bad : {shorter, longer, endless, flat})
    EXPECT_EQ(compress(bad, {}).error().code, ErrorCode::kInvalidArgument);
}

TEST(Compress, UastcFilesSayWhatTheyHold) {
  const Image image = test::make_gradient(61, 35, 3);
  const auto result =
      compress(image, {.uastc = true, .quality = Quality::kFast, .mipmaps = true, .zstd_level = 3});
  ASSERT_TRUE(result) << result.error().to_string();
  EXPECT_EQ(result->format, Format::kUndefined) << "such files name no format";
  EXPECT_EQ(result->levels, 6u);
  EXPECT_GT(result->psnr_db, 30);
  const auto source = make_memory_source(result->ktx2);
  EXPECT_TRUE(is_valid(validate_ktx2(*source, {.gltf_basisu = false}).value()));
  const auto reader = Ktx2Reader::open(source).value();
  EXPECT_EQ(reader.info().basis_model, BasisModel::kUastc);
  EXPECT_TRUE(reader.info().srgb);
  const Image decoded = decode_ktx2_slice(reader, {}).value();
  EXPECT_DOUBLE_EQ(result->psnr_db, compare_images(image, decoded)->psnr_rgb_db);
}

TEST(Compress, UastcTakesNoOtherWish) {
  const Image image = test::make_gradient(8, 8, 3);
  for (const CompressDesc& desc : {CompressDesc{.format = Format::kBC7Unorm, .uastc = true},
                                   CompressDesc{.uastc = true, .target_psnr_db = 40},
                                   CompressDesc{.uastc = true, .rdo_lambda = 1}})
    EXPECT_EQ(compress(image, desc).error().code, ErrorCode::kInvalidArgument);
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
