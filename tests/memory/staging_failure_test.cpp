// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// What the rings do when the driver refuses: entries of the device's function table are replaced.

#include <gtest/gtest.h>

#include "gpu/device_test_access.hpp"
#include "memory/staging_fixture.hpp"

namespace forge3d {
namespace {

using test::random_bytes;

VkResult refuse_submit(VkQueue, std::uint32_t, const VkSubmitInfo*, VkFence) {
  return VK_ERROR_OUT_OF_HOST_MEMORY;
}
VkResult lose_submit(VkQueue, std::uint32_t, const VkSubmitInfo*, VkFence) {
  return VK_ERROR_DEVICE_LOST;
}
VkResult lose_counter(VkDevice, VkSemaphore, std::uint64_t*) { return VK_ERROR_DEVICE_LOST; }
VkResult lose_wait(VkDevice, const VkSemaphoreWaitInfo*, std::uint64_t) {
  return VK_ERROR_DEVICE_LOST;
}

class StagingFailureTest : public test::StagingTest {
 protected:
  VolkDeviceTable& table() { return DeviceTestAccess::table(*device_); }
};

TEST_F(StagingFailureTest, AfterARefusedSubmissionTheRingIsDeadAndSaysWhy) {
  Buffer buffer = make_buffer(1000);
  auto ring = make_ring({.upload_bytes = 48 * 1024, .readback_bytes = 24 * 1024});
  const auto upload = ring->upload(region(buffer), random_bytes(1000, 1));
  ASSERT_TRUE(upload);
  auto readback = ring->readback(region(buffer), 1000);
  ASSERT_TRUE(readback);
  const PFN_vkQueueSubmit real = std::exchange(table().vkQueueSubmit, refuse_submit);
  EXPECT_EQ(ring->flush().error().code, ErrorCode::kOutOfHostMemory);
  table().vkQueueSubmit = real;
  EXPECT_EQ(ring->flush().error().code, ErrorCode::kOutOfHostMemory);
  EXPECT_EQ(ring->wait(*upload).error().code, ErrorCode::kOutOfHostMemory);
  EXPECT_EQ(ring->is_complete(*upload).error().code, ErrorCode::kOutOfHostMemory);
  EXPECT_EQ(readback->get().error().code, ErrorCode::kOutOfHostMemory);
  EXPECT_EQ(readback->is_ready().error().code, ErrorCode::kOutOfHostMemory);
  EXPECT_EQ(ring->upload(region(buffer), random_bytes(10, 1)).error().code,
            ErrorCode::kOutOfHostMemory);
}

TEST_F(StagingFailureTest, WhatWasSubmittedBeforeTheRefusalStillArrives) {
  Buffer buffer = make_buffer(1000);
  auto ring = make_ring({.upload_bytes = 48 * 1024, .readback_bytes = 24 * 1024});
  const auto data = random_bytes(1000, 1);
  const auto upload = ring->upload(region(buffer), data);
  auto readback = ring->readback(region(buffer), 1000);
  ASSERT_TRUE(upload && readback && ring->flush());
  ASSERT_TRUE(ring->upload(region(buffer), data));
  const PFN_vkQueueSubmit real = std::exchange(table().vkQueueSubmit, refuse_submit);
  EXPECT_FALSE(ring->flush());
  table().vkQueueSubmit = real;
  EXPECT_TRUE(ring->wait(*upload));
  EXPECT_TRUE(test::same(*readback->get(), data));
}

TEST_F(StagingFailureTest, ALostDeviceEndsEveryCall) {
  Buffer buffer = make_buffer(64 * 1024);
  auto ring = make_ring({.upload_bytes = 12 * 1024, .readback_bytes = 12 * 1024});
  const auto upload = ring->upload(region(buffer), random_bytes(1000, 1));
  auto readback = ring->readback(region(buffer), 1000);
  ASSERT_TRUE(upload && readback && ring->flush());
  ASSERT_TRUE(
      device_->wait_idle());  // the real device is fine and must be idle when it is torn down
  table().vkQueueSubmit = lose_submit;
  table().vkGetSemaphoreCounterValue = lose_counter;
  table().vkWaitSemaphores = lose_wait;
  EXPECT_EQ(ring->upload(region(buffer), random_bytes(64 * 1024, 1)).error().code,
            ErrorCode::kDeviceLost);
  EXPECT_TRUE(device_->is_lost());
  EXPECT_EQ(ring->flush().error().code, ErrorCode::kDeviceLost);
  EXPECT_EQ(ring->is_complete(*upload).error().code, ErrorCode::kDeviceLost);
  EXPECT_EQ(ring->wait(*upload).error().code, ErrorCode::kDeviceLost);
  EXPECT_EQ(readback->is_ready().error().code, ErrorCode::kDeviceLost);
  EXPECT_EQ(readback->get().error().code, ErrorCode::kDeviceLost);
  EXPECT_EQ(ring->readback(region(buffer), 1000).error().code, ErrorCode::kDeviceLost);
  (void)ring->stats();
  const auto start = std::chrono::steady_clock::now();
  ring.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
  EXPECT_EQ(readback->get().error().code, ErrorCode::kDeviceLost);
}

}  // namespace
}  // namespace forge3d
