// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "forge3d/basis.hpp"
#include "forge3d/codec.hpp"
#include "forge3d/compress.hpp"
#include "forge3d/ktx2_image.hpp"
#include "forge3d/metrics.hpp"
#include "forge3d/mip.hpp"
#include "forge3d/uastc.hpp"
#include "system/system_fixture.hpp"
#include "texture/etc1s_samples.hpp"

namespace forge3d::test {
namespace {

using ::testing::HasSubstr;

class SystemTexture : public SystemFixture {
 protected:
  void SetUp() override {
    open();
    ASSERT_NE(system_, nullptr);
  }
  void write(const std::filesystem::path& path, std::span<const std::byte> bytes) {
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
  }
  /// What the device's sampler sees of a texture, as codes.
  double psnr_on_device(TextureId id, const Image& original) {
    const auto texture = system_->texture(id).value();
    auto sampled = sample_texels(device_, *system_->ring(), *texture);
    EXPECT_TRUE(sampled) << sampled.error().to_string();
    if (!sampled) return 0;
    sampled->info.srgb = original.info.srgb;
    return compare_images(to_rgba8(original).value(), *sampled)->psnr_rgb_db;
  }
  TempFolder folder_;
};

/// Linear, so that the device's sampler gives codes as they are.
Image linear_gradient(std::uint32_t width, std::uint32_t height) {
  Image image = gradient_picture(width, height);
  image.info.srgb = false;
  return image;
}

TEST_F(SystemTexture, APhotoIsEncodedAndMeasured) {
  FORGE3D_REQUIRE_SHARED(photo, "data/photos/kodim04.png");
  const auto loaded = system_->load_texture(photo, {.quality = Quality::kFast});
  ASSERT_TRUE(loaded) << loaded.error().to_string();
  EXPECT_EQ(loaded->name, "kodim04.png");
  EXPECT_EQ(loaded->file_format, Format::kUndefined);
  EXPECT_EQ(loaded->format, Format::kBC7Srgb);
  EXPECT_EQ(loaded->width, 512u);
  EXPECT_EQ(loaded->height, 768u);
  EXPECT_EQ(loaded->levels, 10u);
  EXPECT_EQ(loaded->stored_bytes, std::filesystem::file_size(photo));
  EXPECT_GT(loaded->decode_ms, 1);
  ASSERT_TRUE(loaded->psnr_db);
  EXPECT_GT(*loaded->psnr_db, 38);
  EXPECT_LT(*loaded->psnr_db, 70);
  EXPECT_GT(loaded->compression_ratio, 3.5);
  EXPECT_EQ(held(ledger(), MemoryCategory::kTexture), loaded->device_bytes);
}

TEST_F(SystemTexture, AJpegAsRgba8) {
  FORGE3D_REQUIRE_SHARED(picture, "data/huge/triton_4096x2048.jpg");
  const auto loaded =
      system_->load_texture(picture, {.preferred_format = Format::kRGBA8Unorm, .mipmaps = false});
  ASSERT_TRUE(loaded) << loaded.error().to_string();
  EXPECT_EQ(loaded->format, Format::kRGBA8Srgb);
  EXPECT_EQ(loaded->levels, 1u);
  EXPECT_FALSE(loaded->psnr_db) << "nothing was encoded";
}

TEST_F(SystemTexture, MadePicturesReachTheSamplerAsMeasured) {
  const Image image = linear_gradient(200, 120);
  const auto plain =
      system_->add_texture(image, "plain", {.preferred_format = Format::kRGBA8Unorm});
  ASSERT_TRUE(plain) << plain.error().to_string();
  EXPECT_GE(psnr_on_device(plain->id, image), 98);
  const auto packed =
      system_->add_texture(image, "packed", {.preferred_format = Format::kBC7Unorm});
  ASSERT_TRUE(packed) << packed.error().to_string();
  EXPECT_NEAR(psnr_on_device(packed->id, image), packed->psnr_db.value(), 0.3)
      << "the device decodes what the measure said";
}

TEST_F(SystemTexture, Ktx2AsItIsAndTranscoded) {
  const Image image = linear_gradient(96, 80);
  const auto file =
      compress(image, {.format = Format::kBC7Unorm, .mipmaps = true, .zstd_level = 3});
  write(folder_ / "a.ktx2", file->ktx2);
  const auto direct = system_->load_texture(folder_ / "a.ktx2");
  ASSERT_TRUE(direct) << direct.error().to_string();
  EXPECT_EQ(direct->file_format, Format::kBC7Unorm);
  EXPECT_EQ(direct->format, Format::kBC7Unorm);
  EXPECT_EQ(direct->levels, 7u);
  EXPECT_FALSE(direct->psnr_db);
  EXPECT_NEAR(psnr_on_device(direct->id, image), file->psnr_db, 0.3);

  const auto decoded =
      system_->load_texture(folder_ / "a.ktx2", {.preferred_format = Format::kRGBA8Unorm});
  ASSERT_TRUE(decoded) << decoded.error().to_string();
  EXPECT_EQ(decoded->format, Format::kRGBA8Unorm);
  EXPECT_EQ(decoded->levels, 7u);
  EXPECT_EQ(decoded->stored_bytes, direct->stored_bytes);
  EXPECT_FALSE(decoded->psnr_db);
  EXPECT_NEAR(psnr_on_device(decoded->id, image), file->psnr_db, 0.3);

  const auto smaller = system_->load_texture(
      folder_ / "a.ktx2", {.preferred_format = Format::kBC1RgbUnorm, .first_level = 2});
  ASSERT_TRUE(smaller) << smaller.error().to_string();
  EXPECT_EQ(smaller->format, Format::kBC1RgbUnorm);
  EXPECT_EQ(smaller->width, 24u);
  EXPECT_EQ(smaller->levels, 5u);
  EXPECT_TRUE(smaller->psnr_db);
}

TEST_F(SystemTexture, ThreeByteTexelsAreExpanded) {
  const Image image = linear_gradient(33, 17);
  std::vector<std::byte> rgb;
  for (std::size_t i = 0; i < image.pixels.size(); ++i)
    if (i % 4 != 3) rgb.push_back(image.pixels[i]);
  Ktx2WriteDesc desc{.format = Format::kRGB8Unorm, .width = 33, .height = 17};
  desc.levels.emplace_back(rgb);
  write(folder_ / "rgb.ktx2", write_ktx2(desc).value());
  const auto loaded =
      system_->load_texture(folder_ / "rgb.ktx2", {.preferred_format = Format::kRGBA8Unorm});
  ASSERT_TRUE(loaded) << loaded.error().to_string();
  EXPECT_EQ(loaded->file_format, Format::kRGB8Unorm);
  EXPECT_EQ(loaded->format, Format::kRGBA8Unorm);
  EXPECT_GE(psnr_on_device(loaded->id, image), 98);
}

TEST_F(SystemTexture, VolumesAreExpandedSliceBySlice) {
  const std::vector<std::byte> rgb(std::size_t{20} * 10 * 6 * 3, std::byte{9});
  write(folder_ / "volume.ktx2",
        write_ktx2(
            {.format = Format::kRGB8Unorm, .width = 20, .height = 10, .depth = 6, .levels = {rgb}})
            .value());
  const auto loaded =
      system_->load_texture(folder_ / "volume.ktx2", {.preferred_format = Format::kRGBA8Unorm});
  ASSERT_TRUE(loaded) << loaded.error().to_string();
  EXPECT_EQ(loaded->depth, 6u);
  EXPECT_EQ(loaded->layers, 1u);
  EXPECT_EQ(loaded->uncompressed_bytes, 20u * 10 * 6 * 4);
  EXPECT_EQ(system_->ring()->stats().bytes_uploaded, 20u * 10 * 6 * 4);
}

std::vector<std::byte> uastc_file(const Image& image, UastcChannels channels) {
  std::vector<std::vector<std::byte>> levels;
  std::vector<Image> mips = make_mips(image).value();
  mips.insert(mips.begin(), image);
  for (const Image& level : mips)
    levels.push_back(encode_uastc({.quality = Quality::kFast},
                                  {reinterpret_cast<const std::uint8_t*>(level.pixels.data()),
                                   level.info.width, level.info.height, level.info.row_bytes()})
                         .value());
  Ktx2WriteDesc desc{.format = Format::kASTC4x4Unorm,
                     .width = image.info.width,
                     .height = image.info.height,
                     .supercompression = Supercompression::kZstd,
                     .uastc = channels};
  for (const auto& level : levels) desc.levels.emplace_back(level);
  return write_ktx2(desc).value();
}

TEST_F(SystemTexture, UastcIsTranscodedLevelByLevel) {
  const Image image = linear_gradient(96, 80);
  write(folder_ / "u.ktx2", uastc_file(image, UastcChannels::kRgb));
  const auto loaded = system_->load_texture(folder_ / "u.ktx2");
  ASSERT_TRUE(loaded) << loaded.error().to_string();
  EXPECT_EQ(loaded->basis_model, BasisModel::kUastc);
  EXPECT_EQ(loaded->file_format, Format::kUndefined);
  EXPECT_TRUE(format_info(loaded->format)->compressed) << loaded->reason;
  EXPECT_THAT(loaded->reason, HasSubstr("UASTC"));
  EXPECT_EQ(loaded->levels, 7u);
  EXPECT_EQ(loaded->saved_bytes, loaded->uncompressed_bytes - loaded->device_bytes);
  EXPECT_GT(loaded->decode_ms, 0);
  EXPECT_FALSE(loaded->psnr_db) << "nothing was encoded from texels";
  EXPECT_GT(psnr_on_device(loaded->id, image), 38);
  for (const Format wanted : {Format::kRGBA8Unorm, Format::kBC1RgbUnorm, Format::kBC3Unorm}) {
    const auto asked = system_->load_texture(
        folder_ / "u.ktx2", {.preferred_format = wanted, .quality = Quality::kNormal});
    ASSERT_TRUE(asked) << asked.error().to_string();
    EXPECT_EQ(asked->format, wanted);
    EXPECT_GT(psnr_on_device(asked->id, image), 33);
  }
}

TEST_F(SystemTexture, FewChannelsOfUastcTakeFewBytes) {
  const Image image = linear_gradient(32, 32);
  write(folder_ / "r.ktx2", uastc_file(image, UastcChannels::kRed));
  const auto red = system_->load_texture(folder_ / "r.ktx2");
  ASSERT_TRUE(red) << red.error().to_string();
  EXPECT_EQ(red->format, Format::kBC4Unorm);
  write(folder_ / "rg.ktx2", uastc_file(image, UastcChannels::kPlainRedGreen));
  const auto two = system_->load_texture(folder_ / "rg.ktx2");
  ASSERT_TRUE(two) << two.error().to_string();
  EXPECT_EQ(two->format, Format::kBC5Unorm);
}

TEST_F(SystemTexture, Etc1sIsTranscoded) {
  write(folder_ / "e.ktx2", four_blocks().file());
  const auto reader = Ktx2Reader::open(folder_ / "e.ktx2").value();
  Image wanted = decode_ktx2_slice(reader, {}).value();
  const auto loaded =
      system_->load_texture(folder_ / "e.ktx2", {.preferred_format = Format::kRGBA8Unorm});
  ASSERT_TRUE(loaded) << loaded.error().to_string();
  EXPECT_EQ(loaded->basis_model, BasisModel::kEtc1s);
  if (!wanted.info.srgb) {
    EXPECT_GE(psnr_on_device(loaded->id, wanted), 98);
  }
  const auto blocks = system_->load_texture(folder_ / "e.ktx2");
  ASSERT_TRUE(blocks) << blocks.error().to_string();
  EXPECT_TRUE(format_info(blocks->format)->compressed) << blocks->reason;
}

/// Files of Basis Universal whose level 0 passes a ring of 4 MiB, in one or two layers.
std::vector<std::byte> large_etc1s_file() {
  constexpr std::uint32_t kWidth = 1230, kHeight = 1017;
  Etc1sSample sample = four_blocks();
  sample.width = kWidth;
  sample.height = kHeight;
  sample.layers = 2;
  sample.channel_ids = {0, 15};
  sample.srgb = false;
  sample.images.clear();
  for (std::uint32_t seed = 1; seed < 5; seed += 2)
    sample.images.push_back({.flags = 0,
                             .color = random_slice((kWidth + 3) / 4, (kHeight + 3) / 4, seed),
                             .alpha = random_slice((kWidth + 3) / 4, (kHeight + 3) / 4, seed + 1)});
  return sample.file();
}

std::vector<std::byte> large_uastc_file(Supercompression scheme) {
  constexpr std::uint32_t kWidth = 1030, kHeight = 1217;
  std::vector<std::byte> blocks(image_bytes(Format::kASTC4x4Unorm, kWidth, kHeight).value());
  std::uint32_t state = 3;
  for (std::byte& byte : blocks) {
    state = state * 1664525 + 1013904223;
    byte = static_cast<std::byte>(state >> 24);
  }
  return write_ktx2({.format = Format::kASTC4x4Unorm,
                     .width = kWidth,
                     .height = kHeight,
                     .supercompression = scheme,
                     .uastc = UastcChannels::kRgba,
                     .levels = {blocks}})
      .value();
}

TEST_F(SystemTexture, LevelsOfBasisFilesAreMadeInRingMemory) {
  for (const auto& bytes : {large_etc1s_file(), large_uastc_file(Supercompression::kNone),
                            large_uastc_file(Supercompression::kZstd)}) {
    write(folder_ / "b.ktx2", bytes);
    const BasisTexture basis =
        BasisTexture::open(Ktx2Reader::open(folder_ / "b.ktx2").value()).value();
    const std::uint32_t width = basis.info().width, height = basis.info().height;
    for (const Format format : {Format::kRGBA8Unorm, Format::kBC7Unorm}) {
      const StagingStats before = system_->ring()->stats();
      const auto loaded = system_->load_texture(folder_ / "b.ktx2", {.preferred_format = format});
      ASSERT_TRUE(loaded) << loaded.error().to_string();
      EXPECT_EQ(
          loaded->saved_bytes,
          loaded->uncompressed_bytes - std::min(loaded->uncompressed_bytes, loaded->device_bytes));
      EXPECT_GT(loaded->decode_ms, 0);
      const StagingStats after = system_->ring()->stats();
      constexpr auto kInPlace = static_cast<std::size_t>(StagingPath::kInPlace);
      EXPECT_EQ(after.bytes_by_path[kInPlace] - before.bytes_by_path[kInPlace],
                after.bytes_uploaded - before.bytes_uploaded);
      for (std::uint32_t layer = 0; layer < basis.info().layers; ++layer) {
        std::vector<std::byte> pixels = basis.transcode({.layer = layer}, format).value();
        if (format == Format::kBC7Unorm) {
          const std::vector<std::byte> blocks = std::exchange(pixels, {});
          pixels.resize(std::size_t{width} * height * 4);
          ASSERT_TRUE(decode_blocks(format, blocks,
                                    Rgba8MutableView{reinterpret_cast<std::uint8_t*>(pixels.data()),
                                                     width, height, std::size_t{width} * 4}));
        }
        const auto texture = system_->texture(loaded->id).value();
        const auto sampled = sample_texels(device_, *system_->ring(), *texture, 0, layer);
        ASSERT_TRUE(sampled) << sampled.error().to_string();
        EXPECT_TRUE(sampled->pixels == pixels) << loaded->reason << ", layer " << layer;
      }
      ASSERT_TRUE(system_->unload_texture(loaded->id));
    }
  }
}

TEST_F(SystemTexture, ABrokenLevelLeavesLedgerAndRingAsTheyWere) {
  std::vector<std::byte> file = large_etc1s_file();
  std::fill(file.end() - 20'000, file.end(), std::byte{0xFF});  // of the second layer's alpha
  write(folder_ / "broken.ktx2", file);
  const std::uint64_t held_bytes = ledger().total_bytes;
  const auto loaded = system_->load_texture(folder_ / "broken.ktx2");
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, ErrorCode::kInvalidFile);
  EXPECT_THAT(loaded.error().message, HasSubstr("broken.ktx2"));
  EXPECT_EQ(ledger().total_bytes, held_bytes);
  ASSERT_TRUE(system_->ring()->poll());
  EXPECT_EQ(system_->ring()->stats().bytes_in_flight, 0u);
}

// ETC2 and ASTC, which most desktops do not sample.
TEST_F(SystemTexture, BlocksOfPhonesAreSampledEverywhere) {
  const Image image = linear_gradient(64, 48);
  for (const Format format : {Format::kETC2RgbUnorm, Format::kETC2RgbaUnorm, Format::kASTC4x4Unorm,
                              Format::kASTC6x6Unorm, Format::kEACR11Unorm}) {
    const auto file =
        compress(image, {.format = format, .quality = Quality::kFast, .mipmaps = true});
    ASSERT_TRUE(file) << file.error().to_string();
    write(folder_ / "phone.ktx2", file->ktx2);
    const auto loaded =
        system_->load_texture(folder_ / "phone.ktx2", {.quality = Quality::kNormal});
    ASSERT_TRUE(loaded) << loaded.error().to_string();
    EXPECT_EQ(loaded->file_format, format);
    EXPECT_TRUE(format_info(loaded->format)->compressed) << loaded->reason;
    EXPECT_FALSE(loaded->reason.empty());
    if (device_->can_sample(format)) continue;
    EXPECT_EQ(loaded->format,
              format == Format::kEACR11Unorm ? Format::kBC4Unorm : Format::kBC7Unorm);
    ASSERT_TRUE(loaded->psnr_db);
    EXPECT_GT(*loaded->psnr_db, 38) << loaded->reason;
    if (format != Format::kEACR11Unorm) {
      EXPECT_GT(psnr_on_device(loaded->id, image), 30);
    }
  }
}

TEST_F(SystemTexture, PlainFormatsAreWidened) {
  std::vector<std::byte> texels(std::size_t{8} * 8 * 6);
  for (std::size_t i = 0; i < texels.size(); ++i) texels[i] = static_cast<std::byte>(i * 7);
  Ktx2WriteDesc desc{.format = Format::kRGB16Unorm, .width = 8, .height = 8};
  desc.levels.emplace_back(texels);
  write(folder_ / "wide.ktx2", write_ktx2(desc).value());
  const auto loaded = system_->load_texture(folder_ / "wide.ktx2");
  ASSERT_TRUE(loaded) << loaded.error().to_string();
  EXPECT_EQ(loaded->format,
            device_->can_sample(Format::kRGB16Unorm) ? Format::kRGB16Unorm : Format::kRGBA16Sfloat);
}

TEST_F(SystemTexture, BasisFilesOfTheCorpus) {
  FORGE3D_REQUIRE_SHARED(files, "data/ktx2/made");
  const auto load = [&](const char* name) {
    const auto texture = system_->load_texture(files / name, {.quality = Quality::kFast});
    EXPECT_TRUE(texture) << texture.error().to_string();
    return texture ? *texture : SystemTextureInfo{};
  };
  const auto hdr = load("hdr_uastc_hdr4x4.ktx2");
  EXPECT_EQ(hdr.basis_model, BasisModel::kUastcHdr);
  EXPECT_TRUE(is_hdr(hdr.format) || hdr.format == Format::kRGBA16Sfloat) << hdr.reason;
  const auto cube = load("cube_etc1s.ktx2");
  EXPECT_EQ(cube.layers, 6u);
  const auto leaves = load("leaves_etc1s_mips.ktx2");
  EXPECT_GT(leaves.levels, 1u);
  const auto bill = load("bill_etc1s_alpha.ktx2");
  EXPECT_TRUE(format_info(bill.format)->channels == 4) << bill.reason;
}

// All sample files of the Khronos suite: each one loads, or is refused with a reason that names it:
// 3D textures, and integers that the device does not filter.
TEST_F(SystemTexture, EveryKtx2FileLoadsOrSaysWhyNot) {
  FORGE3D_REQUIRE_SHARED(files, "data/ktx2");
  std::map<ErrorCode, int> refused;
  int loaded = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(files)) {
    if (file.path().extension() != ".ktx2") continue;
    const auto texture = system_->load_texture(file.path(), {.quality = Quality::kFast});
    if (texture) {
      ++loaded;
      EXPECT_GT(texture->device_bytes, 0u);
      EXPECT_TRUE(system_->unload_texture(texture->id));
      continue;
    }
    ++refused[texture.error().code];
    EXPECT_THAT(texture.error().to_string(), HasSubstr(file.path().stem().string()));
    const auto reader = Ktx2Reader::open(file.path());
    ASSERT_TRUE(reader) << reader.error().to_string();
    const Ktx2Info& info = reader->info();
    const bool converts =
        info.basis_model != BasisModel::kNone || ktx2_fallback_format(info) != Format::kUndefined;
    EXPECT_FALSE(converts) << texture.error().to_string();
  }
  std::printf("%d loaded, %d not supported\n", loaded, refused[ErrorCode::kNotSupported]);
  EXPECT_GT(loaded, 450);
  EXPECT_EQ(refused.size(), 1u) << "valid files are refused as not supported, if at all";
}

TEST_F(SystemTexture, BadFilesAreRefused) {
  EXPECT_EQ(system_->load_texture(folder_ / "absent.png").error().code, ErrorCode::kIo);
  write(folder_ / "empty.png", {});
  EXPECT_EQ(system_->load_texture(folder_ / "empty.png").error().code, ErrorCode::kInvalidFile);
  const std::string text = "this is no picture at all";
  write(folder_ / "text.ktx2", std::as_bytes(std::span(text)));
  const auto refused = system_->load_texture(folder_ / "text.ktx2");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidFile);
  EXPECT_THAT(refused.error().to_string(), HasSubstr("text.ktx2"));
  FORGE3D_REQUIRE_SHARED(bad, "data/ktx2-bad");
  for (const auto& file : std::filesystem::recursive_directory_iterator(bad)) {
    if (file.path().extension() != ".ktx2") continue;
    const auto texture = system_->load_texture(file.path());
    if (texture) {
      EXPECT_TRUE(system_->unload_texture(texture->id));
    }
  }
  EXPECT_EQ(system_->stats().compressed.textures, 0u);
}

TEST_F(SystemTexture, LevelsThatAreNotThereAreRefused) {
  const auto refused = system_->add_texture(gradient_picture(8, 8), "t", {.first_level = 4});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
}

TEST_F(SystemTexture, HandlesGoStale) {
  const auto first = system_->add_texture(gradient_picture(16, 16), "first").value();
  ASSERT_TRUE(system_->unload_texture(first.id));
  EXPECT_EQ(system_->unload_texture(first.id).error().code, ErrorCode::kStaleHandle);
  EXPECT_EQ(system_->texture(first.id).error().code, ErrorCode::kStaleHandle);
  const auto second = system_->add_texture(gradient_picture(16, 16), "second").value();
  EXPECT_EQ(second.id.index, first.id.index) << "the place is used again";
  EXPECT_EQ(system_->texture(first.id).error().code, ErrorCode::kStaleHandle);
  EXPECT_TRUE(system_->texture(second.id));
  EXPECT_EQ(system_->texture({}).error().code, ErrorCode::kStaleHandle);
  EXPECT_EQ(system_->texture({1000, 1}).error().code, ErrorCode::kStaleHandle);
  EXPECT_EQ(system_->stats().compressed.loads, 2u);
}

TEST_F(SystemTexture, MemoryComesBackOnceTheLastUseIsReached) {
  const auto texture = system_->add_texture(gradient_picture(64, 64), "t").value();
  const Ticket never{QueueKind::kGraphics,
                     {device_->queue(QueueKind::kGraphics).last_submitted().value + 1000}};
  EXPECT_EQ(system_->unload_texture(texture.id, never).error().code, ErrorCode::kInvalidArgument);
  EXPECT_TRUE(system_->texture(texture.id)) << "nothing has changed";
  auto recorder = CommandRecorder::create(device_, QueueKind::kGraphics).value();
  ASSERT_TRUE(recorder.begin());
  const Ticket last_use = recorder.submit().value();
  ASSERT_TRUE(system_->unload_texture(texture.id, last_use));
  ASSERT_TRUE(device_->wait(last_use, 5'000'000'000));
  const auto next = system_->add_texture(gradient_picture(4, 4), "collects").value();
  EXPECT_EQ(held(ledger(), MemoryCategory::kTexture), next.device_bytes);
}

TEST_F(SystemTexture, APointerKeepsATextureAliveAfterItsUnloading) {
  const auto texture = system_->add_texture(gradient_picture(64, 64), "t").value();
  auto pointer = system_->texture(texture.id).value();
  ASSERT_TRUE(system_->unload_texture(texture.id));
  ASSERT_TRUE(device_->wait_idle());
  (void)system_->add_texture(gradient_picture(4, 4), "collects");
  EXPECT_NE(pointer->image.handle(), VkImage{VK_NULL_HANDLE});
  EXPECT_GE(held(ledger(), MemoryCategory::kTexture), texture.device_bytes);
  pointer.reset();
  EXPECT_LT(held(ledger(), MemoryCategory::kTexture), texture.device_bytes + 4096);
}

TEST_F(SystemTexture, ABudgetThatIsFullNamesWhatWasAsked) {
  ASSERT_TRUE(system_->set_limits({6 * kMebibyte, 6 * kMebibyte}));
  const auto refused =
      system_->add_texture(gradient_picture(1024, 1024), "too large",
                           {.preferred_format = Format::kRGBA8Unorm, .mipmaps = false});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kBudgetExceeded);
  EXPECT_THAT(refused.error().to_string(), HasSubstr("too large"));
  EXPECT_EQ(held(ledger(), MemoryCategory::kTexture), 0u);
}

TEST_F(SystemTexture, EmptyPoolBlocksMakeWay) {
  ASSERT_TRUE(system_->set_limits({12 * kMebibyte, 12 * kMebibyte}));
  const auto buffer =
      system_->pool()->create_buffer(5 * kMebibyte, VK_BUFFER_USAGE_STORAGE_BUFFER_BIT).value();
  ASSERT_TRUE(system_->pool()->release(buffer.allocation.handle));
  const auto loaded =
      system_->add_texture(gradient_picture(1024, 1024), "fits then",
                           {.preferred_format = Format::kRGBA8Unorm, .mipmaps = false});
  EXPECT_TRUE(loaded) << loaded.error().to_string();
}

}  // namespace
}  // namespace forge3d::test
