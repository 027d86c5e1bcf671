// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/device.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>

#include "forge3d/resources.hpp"
#include "gpu/device_test_access.hpp"
#include "support/test_device.hpp"

namespace forge3d {
namespace {

TEST(Device, OpensAndDescribesItself) {
  const auto device = test::open_device();
  ASSERT_NE(device, nullptr);
  EXPECT_FALSE(device->info().name.empty());
  EXPECT_GE(device->info().api_version, VK_API_VERSION_1_2);
  EXPECT_GT(device->info().memory.memoryTypeCount, 0u);
  EXPECT_TRUE(device->can_sample(Format::kRGBA8Srgb));
  EXPECT_FALSE(device->can_sample(Format::kUndefined));
}

TEST(Device, AWishThatNoDeviceFulfilsNamesWhatWasFound) {
  if (std::getenv("FORGE3D_DEVICE") != nullptr) GTEST_SKIP() << "FORGE3D_DEVICE forces a device";
  const auto device = Device::create({.name = "no such device"});
  ASSERT_FALSE(device);
  EXPECT_EQ(device.error().code, ErrorCode::kNotSupported);
  EXPECT_NE(device.error().message.find("found:"), std::string::npos);
}

TEST(Device, TwoDevicesLiveSideBySide) {
  const auto first = test::open_device();
  const auto second = test::open_device();
  ASSERT_TRUE(first && second);
  auto a = CommandRecorder::create(first, QueueKind::kGraphics);
  auto b = CommandRecorder::create(second, QueueKind::kGraphics);
  ASSERT_TRUE(a && b);
  for (auto* recorder : {&*a, &*b}) {
    ASSERT_TRUE(recorder->begin());
    ASSERT_TRUE(recorder->submit());
  }
  EXPECT_TRUE(first->wait_idle());
  EXPECT_TRUE(second->wait_idle());
}

TEST(Device, AdoptsAnEnginesOwn) {
  const auto engine = test::open_device();
  ASSERT_NE(engine, nullptr);
  ExternalDevice external;
  external.get_instance_proc_addr = vkGetInstanceProcAddr;
  external.instance = engine->instance();
  external.physical_device = engine->physical_device();
  external.device = engine->handle();
  external.graphics_queue = engine->queue(QueueKind::kGraphics).handle();
  external.graphics_family = engine->info().graphics_family;
  external.limits = {.host_visible_bytes = 1 * kMebibyte, .total_bytes = 2 * kMebibyte};
  {
    const auto adopted = Device::adopt(external);
    ASSERT_TRUE(adopted) << adopted.error().to_string();
    EXPECT_TRUE((*adopted)->info().adopted);
    const auto buffer = Buffer::create(
        *adopted, {.size_bytes = kMebibyte, .usage = VK_BUFFER_USAGE_TRANSFER_DST_BIT});
    ASSERT_TRUE(buffer) << buffer.error().to_string();
    const auto refused = Buffer::create(
        *adopted, {.size_bytes = 2 * kMebibyte, .usage = VK_BUFFER_USAGE_TRANSFER_DST_BIT});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kBudgetExceeded);
  }
  EXPECT_TRUE(engine->wait_idle()) << "the engine's device outlives the adopted one";
  external.device = VK_NULL_HANDLE;
  EXPECT_EQ(Device::adopt(external).error().code, ErrorCode::kInvalidArgument);
}

TEST(Queue, SerialsRiseAndAreReached) {
  const auto device = test::open_device();
  ASSERT_NE(device, nullptr);
  auto recorder = CommandRecorder::create(device, QueueKind::kGraphics);
  ASSERT_TRUE(recorder);
  Ticket last;
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(recorder->begin());
    const auto ticket = recorder->submit();
    ASSERT_TRUE(ticket);
    EXPECT_EQ(ticket->serial.value, last.serial.value + 1);
    last = *ticket;
  }
  EXPECT_TRUE(device->wait(last, 1'000'000'000));
  EXPECT_TRUE(*device->is_complete(last));
}

TEST(Queue, AWaitForTheFutureIsAnErrorAndNotAHang) {
  const auto device = test::open_device();
  ASSERT_NE(device, nullptr);
  const auto waited = device->wait({QueueKind::kGraphics, {99}}, ~std::uint64_t{0});
  ASSERT_FALSE(waited);
  EXPECT_EQ(waited.error().code, ErrorCode::kInvalidArgument);
}

VkResult lost_submit(VkQueue, std::uint32_t, const VkSubmitInfo*, VkFence) {
  return VK_ERROR_DEVICE_LOST;
}

TEST(Device, ALostDeviceIsAnErrorEverywhereAndEndsWithinASecond) {
  const auto start = std::chrono::steady_clock::now();
  {
    const auto device = test::open_device();
    ASSERT_NE(device, nullptr);
    auto recorder = CommandRecorder::create(device, QueueKind::kGraphics);
    ASSERT_TRUE(recorder && recorder->begin());
    DeviceTestAccess::table(*device).vkQueueSubmit = lost_submit;
    EXPECT_EQ(recorder->submit().error().code, ErrorCode::kDeviceLost);
    EXPECT_TRUE(device->is_lost());
    EXPECT_EQ(device->queue(QueueKind::kGraphics).completed().error().code, ErrorCode::kDeviceLost);
    EXPECT_EQ(device->wait({QueueKind::kGraphics, {1}}, ~std::uint64_t{0}).error().code,
              ErrorCode::kDeviceLost);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

}  // namespace
}  // namespace forge3d
