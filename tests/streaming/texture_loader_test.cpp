// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Textures on the device, and our encoders held against the device's own decoder.

#include "forge3d/texture_loader.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "forge3d/compress.hpp"
#include "forge3d/ktx2_image.hpp"
#include "forge3d/metrics.hpp"
#include "support/shared_data.hpp"
#include "support/test_device.hpp"

namespace forge3d {
namespace {

class TextureLoader : public ::testing::Test {
 protected:
  void SetUp() override {
    device_ = test::open_device();
    ASSERT_NE(device_, nullptr);
    auto ring =
        StagingRing::create(device_, {.upload_bytes = kMebibyte, .readback_bytes = kMebibyte});
    ASSERT_TRUE(ring) << ring.error().to_string();
    ring_ = *ring;
  }

  // The picture as the device's sampler decodes it, codes unchanged.
  Result<Image> through_device(const std::vector<std::byte>& ktx2, std::uint32_t level = 0) {
    FORGE3D_TRY_ASSIGN(const Ktx2Reader reader, Ktx2Reader::open(make_memory_source(ktx2)));
    FORGE3D_TRY_ASSIGN(const DeviceTexture texture,
                       load_texture(device_, *ring_, reader, {.reinterpret_linear = true}));
    return sample_texels(device_, *ring_, texture, level);
  }

  std::shared_ptr<Device> device_;
  std::shared_ptr<StagingRing> ring_;
};

Image noisy_gradient(std::uint32_t width, std::uint32_t height) {
  Image image = *make_image({width, height, 4, SampleType::kU8, true});
  std::uint32_t state = 1;
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    state = state * 1664525 + 1013904223;
    const std::size_t x = i / 4 % width, y = i / 4 / width;
    const std::size_t value =
        i % 4 == 3 ? 255 : (x * 3 + y * 2 + (i % 4) * 40 + (state >> 27)) % 256;
    image.pixels[i] = static_cast<std::byte>(value);
  }
  return image;
}

TEST_F(TextureLoader, TheDeviceDecodesEveryTexelAsWeDo) {
  for (const char* format : {"rgba8", "bc1", "bc7"}) {
    const Image picture = noisy_gradient(123, 77);
    const auto file =
        compress(picture, {.format = *format_from_name(format), .mipmaps = true, .zstd_level = 3});
    ASSERT_TRUE(file) << file.error().to_string();
    const Ktx2Reader reader = *Ktx2Reader::open(make_memory_source(file->ktx2));
    for (std::uint32_t level = 0; level < reader.info().levels; ++level) {
      Image ours =
          *make_image({mip_extent(123, level), mip_extent(77, level), 4, SampleType::kU8, true});
      ASSERT_TRUE(decode_blocks(reader.info().format, *reader.read_level(level),
                                {reinterpret_cast<std::uint8_t*>(ours.pixels.data()),
                                 ours.info.width, ours.info.height, ours.info.row_bytes()}));
      const auto theirs = through_device(file->ktx2, level);
      ASSERT_TRUE(theirs) << theirs.error().to_string();
      const auto difference = compare_images(ours, *theirs);
      ASSERT_TRUE(difference);
      // BC1's thirds are rounded differently by decoders, within the two codes that the
      // specification allows.
      EXPECT_LE(difference->max_error_any * 255, std::string_view(format) == "bc1" ? 2.01 : 0.01)
          << format << " level " << level;
    }
  }
}

TEST_F(TextureLoader, PhotosReachTheirQualityOnTheDevice) {
  FORGE3D_REQUIRE_SHARED(photos, "data/photos");
  for (const auto& [format, floor_db] : {std::pair{"bc7", 43.0}, std::pair{"bc1", 35.5}}) {
    double sum = 0, worst_gap = 0;
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(photos)) {
      if (entry.path().extension() != ".png") continue;
      const Image photo = *load_image(entry.path());
      const auto file =
          compress(photo, {.format = *format_from_name(format), .quality = Quality::kFast});
      ASSERT_TRUE(file) << file.error().to_string();
      const auto sampled = through_device(file->ktx2);
      ASSERT_TRUE(sampled) << sampled.error().to_string();
      const double psnr = compare_images(*to_rgba8(photo), *sampled)->psnr_rgb_db;
      worst_gap = std::max(worst_gap, std::abs(psnr - file->psnr_db));
      sum += psnr;
      ++count;
    }
    ASSERT_EQ(count, 12);
    RecordProperty(std::string(format) + "_psnr_db", std::to_string(sum / count));
    EXPECT_GE(sum / count, floor_db) << format;
    EXPECT_LE(worst_gap, 0.1) << format << ": the reported PSNR is not what the device shows";
  }
}

TEST_F(TextureLoader, SmallerFirstLevelsAndArraysAndCubesLoad) {
  const std::vector<std::byte> texels(std::size_t{8} * 8 * 4 * 6, std::byte{7});
  const auto cube = write_ktx2(
      {.format = Format::kRGBA8Unorm, .width = 8, .height = 8, .faces = 6, .levels = {texels}});
  ASSERT_TRUE(cube) << cube.error().to_string();
  const auto loaded = load_texture(device_, *ring_, *Ktx2Reader::open(make_memory_source(*cube)));
  ASSERT_TRUE(loaded) << loaded.error().to_string();
  EXPECT_EQ(loaded->image.desc().layers, 6u);
  const auto sampled = sample_texels(device_, *ring_, *loaded, 0, 5);
  ASSERT_TRUE(sampled) << sampled.error().to_string();
  EXPECT_TRUE(std::ranges::all_of(sampled->pixels, [](std::byte b) { return b == std::byte{7}; }));
  EXPECT_EQ(sample_texels(device_, *ring_, *loaded, 0, 6).error().code,
            ErrorCode::kInvalidArgument);

  const auto mips = compress(noisy_gradient(64, 32), {.mipmaps = true});
  ASSERT_TRUE(mips);
  const Ktx2Reader reader = *Ktx2Reader::open(make_memory_source(mips->ktx2));
  const auto smaller = load_texture(device_, *ring_, reader, {.first_level = 2});
  ASSERT_TRUE(smaller) << smaller.error().to_string();
  EXPECT_EQ(smaller->image.desc().width, 16u);
  EXPECT_TRUE(device_->wait(smaller->ready, 1'000'000'000));
  EXPECT_EQ(load_texture(device_, *ring_, reader, {.first_level = 99}).error().code,
            ErrorCode::kInvalidArgument);
}

/// A file of random texels, two layers and all levels.
std::vector<std::byte> random_file(Format format, std::uint32_t width, std::uint32_t height,
                                   Supercompression scheme) {
  std::vector<std::vector<std::byte>> levels;
  std::uint32_t state = 1;
  for (std::uint32_t level = 0; std::max(width, height) >> level > 0; ++level) {
    const auto size = image_bytes(format, mip_extent(width, level), mip_extent(height, level));
    for (std::byte& byte : levels.emplace_back(*size * 2)) {
      state = state * 1664525 + 1013904223;
      byte = static_cast<std::byte>(state >> 24);
    }
  }
  Ktx2WriteDesc desc{
      .format = format, .width = width, .height = height, .layers = 2, .supercompression = scheme};
  for (const auto& level : levels) desc.levels.emplace_back(level);
  return write_ktx2(desc).value();
}

/// One layer of a level as our decoder reads it.
Image decoded(const Ktx2Reader& reader, std::uint32_t level, std::uint32_t layer) {
  Image image = decode_ktx2_slice(reader, {.level = level, .layer = layer}).value();
  image.info.srgb = false;
  return image;
}

// Rings of 1 MiB, which parts of a level fit, of 12 KiB, which rows fit, and of segments that no
// row fits.
TEST_F(TextureLoader, EveryByteArrivesWhateverTheSizeOfTheRing) {
  constexpr std::uint32_t kWidth = 1230, kHeight = 37;
  for (const std::uint64_t ring_bytes : {1024u * 1024u, 96u * 1024u, 12u * 1024u}) {
    auto ring =
        StagingRing::create(device_, {.upload_bytes = ring_bytes, .readback_bytes = 4 * kMebibyte});
    ASSERT_TRUE(ring) << ring.error().to_string();
    for (const Format format : {Format::kRGBA8Unorm, Format::kBC7Unorm})
      for (const Supercompression scheme : {Supercompression::kNone, Supercompression::kZstd}) {
        if (scheme == Supercompression::kZstd && ring_bytes == 96 * 1024) continue;
        SCOPED_TRACE(testing::Message() << ring_bytes << " " << static_cast<int>(format) << " "
                                        << static_cast<int>(scheme));
        const auto file = random_file(format, kWidth, kHeight, scheme);
        const Ktx2Reader reader = *Ktx2Reader::open(make_memory_source(file));
        const auto before = (*ring)->stats().bytes_by_path;
        const auto loaded = load_texture(device_, **ring, reader);
        ASSERT_TRUE(loaded) << loaded.error().to_string();
        EXPECT_GT(loaded->read_ns, 0u);
        const auto after = (*ring)->stats().bytes_by_path;
        const auto grown = [&](StagingPath path) {
          return after[static_cast<std::size_t>(path)] - before[static_cast<std::size_t>(path)];
        };
        std::uint64_t all = 0;
        for (const auto& level : reader.info().level_index) all += level.bytes;
        EXPECT_EQ(grown(StagingPath::kRing) + grown(StagingPath::kInPlace), all);
        if (scheme == Supercompression::kZstd) {
          EXPECT_EQ(grown(StagingPath::kInPlace), 0u) << "inflated in host memory";
        } else if (ring_bytes > 12 * 1024) {
          EXPECT_EQ(grown(StagingPath::kRing), 0u) << "read where it is sent from";
        } else {
          EXPECT_GT(grown(StagingPath::kRing), 0u) << "rows that no segment holds";
        }
        for (const std::uint32_t level : {0u, 3u, reader.info().levels - 1})
          for (const std::uint32_t layer : {0u, 1u}) {
            const auto sampled = sample_texels(device_, **ring, *loaded, level, layer);
            ASSERT_TRUE(sampled) << sampled.error().to_string();
            EXPECT_TRUE(sampled->pixels == decoded(reader, level, layer).pixels)
                << level << " " << layer;
          }
      }
  }
}

TEST_F(TextureLoader, VolumesArriveSliceBySlice) {
  constexpr std::uint32_t kWidth = 22, kHeight = 13, kDepth = 9;
  for (const Format format : {Format::kRGBA8Unorm, Format::kR16Sfloat, Format::kBC7Unorm})
    for (const Supercompression scheme : {Supercompression::kNone, Supercompression::kZstd}) {
      if (!device_->can_sample(format, true)) continue;
      std::vector<std::vector<std::byte>> levels;
      for (std::uint32_t level = 0; level < 5; ++level) {
        auto& bytes =
            levels.emplace_back(image_bytes(format, mip_extent(kWidth, level),
                                            mip_extent(kHeight, level), mip_extent(kDepth, level))
                                    .value());
        for (std::size_t i = 0; i < bytes.size(); ++i)
          bytes[i] = static_cast<std::byte>(i * 31 + i / 251 + level);
      }
      Ktx2WriteDesc desc{.format = format,
                         .width = kWidth,
                         .height = kHeight,
                         .depth = kDepth,
                         .supercompression = scheme};
      for (const auto& level : levels) desc.levels.emplace_back(level);
      const std::vector<std::byte> file = write_ktx2(desc).value();
      const Ktx2Reader reader = *Ktx2Reader::open(make_memory_source(file));
      const auto loaded =
          load_texture(device_, *ring_, reader, {.more_usage = VK_IMAGE_USAGE_TRANSFER_SRC_BIT});
      ASSERT_TRUE(loaded) << loaded.error().to_string();
      EXPECT_EQ(loaded->image.desc().depth, kDepth);
      for (std::uint32_t level = 0; level < 5; ++level) {
        ImageRegion slices = region_of(loaded->image, level);
        slices.layer_count = mip_extent(kDepth, level);
        auto readback = ring_->readback(slices);
        ASSERT_TRUE(readback) << readback.error().to_string();
        const auto bytes = readback->get();
        ASSERT_TRUE(bytes) << bytes.error().to_string();
        EXPECT_TRUE(std::ranges::equal(*bytes, levels[level])) << level;
      }
      EXPECT_EQ(sample_texels(device_, *ring_, *loaded).error().code, ErrorCode::kInvalidArgument);
    }
  EXPECT_EQ(device_->validation_messages(), 0u);
}

TEST_F(TextureLoader, ArraysOfVolumesAreNone) {
  const std::vector<std::byte> texels(std::size_t{8} * 8 * 8 * 4);
  auto file = write_ktx2(
      {.format = Format::kRGBA8Unorm, .width = 8, .height = 8, .depth = 8, .levels = {texels}});
  ASSERT_TRUE(file) << file.error().to_string();
  constexpr std::size_t kAtDepth = 28, kAtLayers = 32;  // of the header; our writer makes none
  (*file)[kAtDepth] = std::byte{4};
  (*file)[kAtLayers] = std::byte{2};
  const auto loaded = load_texture(device_, *ring_, *Ktx2Reader::open(make_memory_source(*file)));
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, ErrorCode::kNotSupported);
  EXPECT_NE(loaded.error().message.find("arrays"), std::string::npos) << loaded.error().message;
}

/// Fails in the middle of the second level.
class FailingLevel final : public LevelSource {
 public:
  explicit FailingLevel(bool fails) : fails_(fails) {}
  [[nodiscard]] std::span<const std::byte> bytes() const override { return {}; }
  [[nodiscard]] std::uint32_t row_step() const override { return 1; }
  [[nodiscard]] Result<> write(const LevelPart& part, std::span<std::byte> out) override {
    if (fails_ && part.y > 0) return fail(ErrorCode::kIo, "the cable was pulled");
    std::ranges::fill(out, std::byte{3});
    return {};
  }

 private:
  bool fails_;
};

TEST_F(TextureLoader, ALoadThatFailsInTheMiddleLeavesNothing) {
  const std::uint64_t held = device_->budget().stats().total_bytes;
  TextureLevels levels;
  levels.info.format = Format::kRGBA8Unorm;
  levels.info.width = levels.info.height = 1024;
  levels.info.levels = 2;
  levels.info.level_index.resize(2);
  bool fails = true;
  levels.open = [&](std::uint32_t level) -> Result<std::unique_ptr<LevelSource>> {
    return std::make_unique<FailingLevel>(fails && level == 1);
  };
  for (int i = 0; i < 5; ++i) {
    const auto loaded = load_texture(device_, *ring_, levels);
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().message, "the cable was pulled");
    EXPECT_EQ(device_->budget().stats().total_bytes, held);
  }
  ASSERT_TRUE(ring_->poll());
  EXPECT_EQ(ring_->stats().bytes_in_flight, 0u);
  EXPECT_EQ(ring_->stats().active_transfers, 0u);
  fails = false;
  const auto loaded = load_texture(device_, *ring_, levels);
  ASSERT_TRUE(loaded) << loaded.error().to_string();
  const auto sampled = sample_texels(device_, *ring_, *loaded, 1);
  ASSERT_TRUE(sampled) << sampled.error().to_string();
  EXPECT_TRUE(std::ranges::all_of(sampled->pixels, [](std::byte b) { return b == std::byte{3}; }));
}

TEST_F(TextureLoader, ATextureOverTheBudgetIsRefusedAndHoldsNothing) {
  const std::vector<std::byte> texels(std::size_t{1024} * 1024 * 4);
  const auto file = write_ktx2(
      {.format = Format::kRGBA8Unorm, .width = 1024, .height = 1024, .levels = {texels}});
  ASSERT_TRUE(file);
  const std::uint64_t held = device_->budget().stats().total_bytes;
  ASSERT_TRUE(
      device_->budget().set_limits({.host_visible_bytes = held, .total_bytes = held + kMebibyte}));
  const auto loaded = load_texture(device_, *ring_, *Ktx2Reader::open(make_memory_source(*file)));
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, ErrorCode::kBudgetExceeded);
  EXPECT_EQ(device_->budget().stats().total_bytes, held);
}

}  // namespace
}  // namespace forge3d
