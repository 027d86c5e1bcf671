// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/resources.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "gpu/vulkan.hpp"
#include "support/test_device.hpp"

namespace forge3d {
namespace {

class Resources : public ::testing::Test {
 protected:
  void SetUp() override {
    device_ = test::open_device();
    ASSERT_NE(device_, nullptr);
  }
  std::shared_ptr<Device> device_;
};

TEST_F(Resources, BytesTravelThroughAFilledBuffer) {
  auto buffer = Buffer::create(device_, {.size_bytes = 4096,
                                         .usage = VK_BUFFER_USAGE_TRANSFER_DST_BIT,
                                         .memory = MemoryUse::kReadback});
  ASSERT_TRUE(buffer) << buffer.error().to_string();
  auto recorder = CommandRecorder::create(device_, QueueKind::kGraphics);
  ASSERT_TRUE(recorder);
  const auto commands = recorder->begin();
  ASSERT_TRUE(commands);
  device_->begin_label(*commands, "fill");
  device_->vk().vkCmdFillBuffer(*commands, buffer->handle(), 0, 4096, 0x01020304);
  record_memory_barrier(*device_, *commands, VK_PIPELINE_STAGE_TRANSFER_BIT,
                        VK_ACCESS_TRANSFER_WRITE_BIT, VK_PIPELINE_STAGE_HOST_BIT,
                        VK_ACCESS_HOST_READ_BIT);
  device_->end_label(*commands);
  const auto ticket = recorder->submit();
  ASSERT_TRUE(ticket);
  ASSERT_TRUE(device_->wait(*ticket, 1'000'000'000));
  ASSERT_TRUE(buffer->memory().invalidate(0, 4096));
  const auto bytes = buffer->mapped();
  EXPECT_EQ(std::ranges::count(bytes, std::byte{4}), 1024);
  EXPECT_EQ(bytes[0], std::byte{4});
}

TEST_F(Resources, AnImageOfEveryShapeHasAView) {
  for (const DeviceImageDesc& desc :
       {DeviceImageDesc{.format = Format::kBC7Srgb,
       .width = 264,
       .height = 264,
       .layers = 3,
       .array_view = true},
        DeviceImageDesc{.format = Format::kRGBA8Unorm, .width = 17, .height = 5, .levels = 5},
        DeviceImageDesc{
            .format = Format::kRGBA8Srgb, .width = 16, .height = 16, .layers = 6, .cube = true}}) {
    auto image = DeviceImage::create(device_, desc);
    ASSERT_TRUE(image) << image.error().to_string();
    EXPECT_NE(image->view(), VkImageView{});
    EXPECT_EQ(*DeviceImage::required_bytes(device_, desc), image->size_bytes());
  }
}

TEST_F(Resources, BrokenShapesAreRefusedAndHoldNothing) {
  EXPECT_EQ(Buffer::create(device_, {}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(DeviceImage::create(device_, {.width = 0, .height = 4}).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(DeviceImage::create(device_, {.width = 4, .height = 4, .levels = 9}).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(DeviceImage::create(device_, {.width = 1u << 30, .height = 4}).error().code,
            ErrorCode::kNotSupported);
  EXPECT_EQ(device_->budget().stats().total_bytes, 0u);
}

TEST_F(Resources, CommandBuffersAreRecycled) {
  auto recorder = CommandRecorder::create(device_, QueueKind::kGraphics);
  ASSERT_TRUE(recorder);
  std::vector<VkCommandBuffer> seen;
  for (int i = 0; i < 8; ++i) {
    const auto commands = recorder->begin();
    ASSERT_TRUE(commands);
    seen.push_back(*commands);
    const auto ticket = recorder->submit();
    ASSERT_TRUE(ticket);
    ASSERT_TRUE(device_->wait(*ticket, 1'000'000'000));
  }
  std::ranges::sort(seen);
  EXPECT_LE(std::unique(seen.begin(), seen.end()) - seen.begin(), 2);
}

}  // namespace
}  // namespace forge3d
