// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "gpu/vulkan.hpp"
#include "memory/staging_fixture.hpp"

namespace forge3d {
namespace {

using test::random_bytes;
using test::same;

class StagingImageTest : public test::StagingTest {
 protected:
  void SetUp() override {
    StagingTest::SetUp();
    if (device_ == nullptr) return;
    ring_ = make_ring({.upload_bytes = 36 * 1024, .readback_bytes = 24 * 1024});
  }
  void TearDown() override {
    ring_.reset();
    StagingTest::TearDown();
  }

  DeviceImage make_image(Format format, std::uint32_t width, std::uint32_t height,
                         std::uint32_t levels = 1, std::uint32_t layers = 1) {
    auto image = DeviceImage::create(
        device_, {.format = format,
                  .width = width,
                  .height = height,
                  .levels = levels,
                  .layers = layers,
                  .usage = VK_IMAGE_USAGE_TRANSFER_DST_BIT | VK_IMAGE_USAGE_TRANSFER_SRC_BIT |
                           VK_IMAGE_USAGE_SAMPLED_BIT});
    if (!image) ADD_FAILURE() << image.error().to_string();
    return image ? std::move(*image) : DeviceImage();
  }

  // All of a level, its content not yet defined.
  static ImageRegion level_of(const DeviceImage& image, std::uint32_t level = 0) {
    const DeviceImageDesc& desc = image.desc();
    ImageRegion region;
    region.image = image.handle();
    region.format = desc.format;
    region.level = level;
    region.layer_count = desc.layers;
    region.image_width = region.width = mip_extent(desc.width, level);
    region.image_height = region.height = mip_extent(desc.height, level);
    region.discard = true;
    return region;
  }

  static std::size_t bytes_of(const ImageRegion& r) {
    return static_cast<std::size_t>(*image_bytes(r.format, r.width, r.height)) * r.layer_count;
  }

  std::vector<std::byte> read_image(const ImageRegion& source) {
    auto readback = ring_->readback(source);
    if (!readback) {
      ADD_FAILURE() << readback.error().to_string();
      return {};
    }
    auto bytes = readback->get();
    if (!bytes) {
      ADD_FAILURE() << bytes.error().to_string();
      return {};
    }
    return {bytes->begin(), bytes->end()};
  }

  void expect_round_trip(ImageRegion region, std::uint64_t seed) {
    const auto data = random_bytes(bytes_of(region), seed);
    const auto upload = ring_->upload(region, data);
    ASSERT_TRUE(upload) << upload.error().to_string();
    EXPECT_TRUE(same(read_image(region), data));
  }

  std::shared_ptr<StagingRing> ring_;
};

TEST_F(StagingImageTest, OddExtentsOfBlocksAndTexelsMakeTheRoundTrip) {
  for (const Format format : {Format::kRGBA8Unorm, Format::kBC7Unorm, Format::kBC1RgbaUnorm,
                              Format::kR8Unorm, Format::kRG8Unorm, Format::kRGBA32Sfloat}) {
    for (const auto& [width, height] :
         {std::pair{1u, 1u}, {2u, 3u}, {5u, 7u}, {64u, 64u}, {127u, 61u}, {300u, 41u}}) {
      SCOPED_TRACE(std::string(format_info(format)->name) + " " + std::to_string(width) + "x" +
                   std::to_string(height));
      const DeviceImage image = make_image(format, width, height);
      expect_round_trip(level_of(image), width);
    }
  }
}

TEST_F(StagingImageTest, RowsLongerThanASegmentAreCut) {
  const DeviceImage image =
      make_image(Format::kRGBA8Unorm, 4000, 5);  // 16,000 bytes a row, segments of 12 and 8 KiB
  expect_round_trip(level_of(image), 1);
}

TEST_F(StagingImageTest, EveryLevelAndLayerKeepsItsOwnBytes) {
  for (const VkImageLayout layout :
       {VK_IMAGE_LAYOUT_GENERAL, VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL}) {
    const DeviceImage image = make_image(Format::kBC7Unorm, 60, 36, 6, 3);
    std::vector<std::vector<std::byte>> levels;
    for (std::uint32_t level = 0; level < 6; ++level) {
      ImageRegion region = level_of(image, level);
      region.layout = layout;
      levels.push_back(random_bytes(bytes_of(region), level));
      ASSERT_TRUE(ring_->upload(region, levels.back()));
    }
    for (std::uint32_t level = 0; level < 6; ++level) {
      ImageRegion region = level_of(image, level);
      region.layout = layout;
      EXPECT_TRUE(same(read_image(region), levels[level])) << level;
      const std::size_t one = levels[level].size() / 3;
      region.layer = 2;
      region.layer_count = 1;
      EXPECT_TRUE(same(read_image(region), std::span(levels[level]).subspan(2 * one, one)))
          << level;
    }
  }
}

TEST_F(StagingImageTest, RowsAreTakenAndGivenAtTheHostsPitch) {
  const DeviceImage image = make_image(Format::kRGBA8Unorm, 13, 9, 1, 2);
  ImageRegion region = level_of(image);
  region.row_bytes = 64;
  const auto data = random_bytes(64 * 9 * 2, 7);
  ASSERT_TRUE(ring_->upload(region, data));
  const auto back = read_image(region);
  ASSERT_EQ(back.size(), data.size());
  for (std::size_t row = 0; row < 18; ++row)
    EXPECT_TRUE(same(std::span(back).subspan(row * 64, 52), std::span(data).subspan(row * 64, 52)))
        << row;
  ASSERT_TRUE(ring_->upload(region, std::span(data).first(64 * 17 + 52)))
      << "the last row may end early";
  for (const std::size_t wrong :
       {std::size_t{0}, data.size() + 1, data.size() - 1, std::size_t{64 * 17 + 51}})
    EXPECT_EQ(ring_->upload(region, random_bytes(wrong, 1)).error().code,
              ErrorCode::kInvalidArgument)
        << wrong;
}

TEST_F(StagingImageTest, PartsOfALevelLandWhereTheyBelong) {
  for (const VkImageLayout layout :
       {VK_IMAGE_LAYOUT_GENERAL, VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL}) {
    const DeviceImage image = make_image(Format::kRGBA8Unorm, 50, 40);
    ImageRegion whole = level_of(image);
    whole.layout = layout;
    std::vector<std::byte> expected(50 * 40 * 4);
    ASSERT_TRUE(ring_->upload(whole, expected));
    whole.discard = false;
    std::mt19937 random(2);
    for (int i = 0; i < 60; ++i) {  // overlapping parts, several in each submission
      ImageRegion part = whole;
      part.x = random() % 49;
      part.y = random() % 39;
      part.width = 1 + random() % (50 - part.x);
      part.height = 1 + random() % (40 - part.y);
      const auto data = random_bytes(bytes_of(part), random());
      ASSERT_TRUE(ring_->upload(part, data));
      for (std::uint32_t row = 0; row < part.height; ++row)
        std::copy_n(data.begin() + row * part.width * 4, part.width * 4,
                    expected.begin() + ((part.y + row) * 50 + part.x) * 4);
      if (i % 10 == 0) {
        EXPECT_TRUE(same(read_image(part), data)) << i;
      }
    }
    EXPECT_TRUE(same(read_image(whole), expected));
  }
}

TEST_F(StagingImageTest, BlocksAtTheEdgeAreWrittenAlone) {
  const DeviceImage image = make_image(Format::kBC7Unorm, 13, 10);
  ImageRegion whole = level_of(image);
  ASSERT_TRUE(ring_->upload(whole, random_bytes(bytes_of(whole), 1)));
  ImageRegion corner = whole;
  corner.discard = false;
  corner.x = 12;
  corner.y = 8;
  corner.width = 1;
  corner.height = 2;
  expect_round_trip(corner, 3);
  corner.x = 10;
  EXPECT_EQ(ring_->upload(corner, random_bytes(16, 1)).error().code, ErrorCode::kInvalidArgument);
}

TEST_F(StagingImageTest, ManyImagesGoOutInOneSubmission) {
  std::vector<DeviceImage> images;
  std::vector<std::vector<std::byte>> data;
  for (std::uint32_t i = 0; i < 40; ++i) {
    images.push_back(make_image(Format::kBC7Unorm, 8, 8));
    data.push_back(random_bytes(64, i));
    ImageRegion region = level_of(images.back());
    region.layout = VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL;
    ASSERT_TRUE(ring_->upload(region, data.back()));
  }
  EXPECT_EQ(ring_->stats().submits, 0u);
  for (std::uint32_t i = 0; i < 40; ++i) {
    ImageRegion region = level_of(images[i]);
    region.layout = VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL;
    EXPECT_TRUE(same(read_image(region), data[i]));
  }
}

}  // namespace
}  // namespace forge3d
