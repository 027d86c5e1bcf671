// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Holds the ledger against what the driver was really asked for: a shim under the function table
// counts bytes.

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <mutex>
#include <random>
#include <thread>

#include "forge3d/resources.hpp"
#include "gpu/device_test_access.hpp"
#include "support/test_device.hpp"

namespace forge3d {
namespace {

// One shim at a time: Vulkan's entry points carry no user pointer.
struct Shim {
  PFN_vkAllocateMemory allocate = nullptr;
  PFN_vkFreeMemory free = nullptr;
  std::mutex mutex;
  std::map<VkDeviceMemory, std::uint64_t> live;
  std::uint64_t bytes = 0, peak_bytes = 0, limit_bytes = ~std::uint64_t{0};
  bool passed_limit = false;
  std::uint64_t fail_from = ~std::uint64_t{0};  // number of the first call that fails
  std::uint64_t calls = 0;
};
Shim* g_shim = nullptr;

VkResult shim_allocate(VkDevice device, const VkMemoryAllocateInfo* info,
                       const VkAllocationCallbacks* callbacks, VkDeviceMemory* memory) {
  std::lock_guard lock(g_shim->mutex);
  if (g_shim->calls++ >= g_shim->fail_from) return VK_ERROR_OUT_OF_DEVICE_MEMORY;
  const VkResult result = g_shim->allocate(device, info, callbacks, memory);
  if (result != VK_SUCCESS) return result;
  g_shim->live[*memory] = info->allocationSize;
  g_shim->bytes += info->allocationSize;
  g_shim->peak_bytes = std::max(g_shim->peak_bytes, g_shim->bytes);
  g_shim->passed_limit |= g_shim->bytes > g_shim->limit_bytes;
  return result;
}

void shim_free(VkDevice device, VkDeviceMemory memory, const VkAllocationCallbacks* callbacks) {
  std::lock_guard lock(g_shim->mutex);
  g_shim->bytes -= g_shim->live[memory];
  g_shim->live.erase(memory);
  g_shim->free(device, memory, callbacks);
}

class Ledger : public ::testing::Test {
 protected:
  void SetUp() override {
    device_ =
        test::open_device({.host_visible_bytes = 8 * kMebibyte, .total_bytes = 16 * kMebibyte});
    ASSERT_NE(device_, nullptr);
    VolkDeviceTable& table = DeviceTestAccess::table(*device_);
    shim_.allocate = table.vkAllocateMemory;
    shim_.free = table.vkFreeMemory;
    shim_.limit_bytes = 16 * kMebibyte;
    g_shim = &shim_;
    table.vkAllocateMemory = shim_allocate;
    table.vkFreeMemory = shim_free;
  }
  void TearDown() override { device_.reset(); }

  Result<Buffer> buffer(std::uint64_t size_bytes, MemoryUse use = MemoryUse::kDevice) {
    return Buffer::create(
        device_,
        {.size_bytes = size_bytes, .usage = VK_BUFFER_USAGE_TRANSFER_SRC_BIT, .memory = use});
  }

  Shim shim_;
  std::shared_ptr<Device> device_;
};

TEST_F(Ledger, AgreesWithTheDriverAtEveryStepOfARandomLoad) {
  std::mt19937_64 random(7);
  std::vector<Buffer> live;
  std::uint64_t refused = 0;
  for (int step = 0; step < 600; ++step) {
    if (!live.empty() && random() % 3 == 0) {
      live.erase(live.begin() + static_cast<std::ptrdiff_t>(random() % live.size()));
    } else {
      auto made = buffer(1 + random() % (3 * kMebibyte), static_cast<MemoryUse>(random() % 3));
      if (made)
        live.push_back(std::move(*made));
      else {
        EXPECT_EQ(made.error().code, ErrorCode::kBudgetExceeded);
        ++refused;
      }
    }
    ASSERT_EQ(device_->budget().stats().total_bytes, shim_.bytes) << "step " << step;
  }
  EXPECT_GT(refused, 0u);
  EXPECT_FALSE(shim_.passed_limit);
  live.clear();
  EXPECT_EQ(shim_.bytes, 0u);
  EXPECT_EQ(device_->budget().stats().total_bytes, 0u);
  EXPECT_EQ(device_->budget().stats().host_visible_bytes, 0u);
}

TEST_F(Ledger, MappedMemoryCountsOnceInTheTotalAndAsHostVisible) {
  auto mapped = buffer(kMebibyte, MemoryUse::kUpload);
  auto local = buffer(kMebibyte, MemoryUse::kDevice);
  ASSERT_TRUE(mapped && local);
  const BudgetStats stats = device_->budget().stats();
  EXPECT_EQ(stats.total_bytes, shim_.bytes);
  EXPECT_EQ(stats.host_visible_bytes, mapped->memory().size_bytes());
}

TEST_F(Ledger, AFailingDriverGivesTheReservationBack) {
  shim_.fail_from = 1;
  auto first = buffer(kMebibyte);
  ASSERT_TRUE(first);
  const auto second = buffer(kMebibyte);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kOutOfDeviceMemory);
  EXPECT_EQ(device_->budget().stats().total_bytes, shim_.bytes);
}

TEST_F(Ledger, ThreadsNeverPushTheDriverPastTheLimit) {
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 4; ++t)
    threads.emplace_back([this, t] {
      std::mt19937 random(t);
      for (int i = 0; i < 60; ++i) {
        auto a = buffer(1 + random() % (6 * kMebibyte));
        auto b = buffer(1 + random() % (6 * kMebibyte), MemoryUse::kReadback);
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_FALSE(shim_.passed_limit);
  EXPECT_LE(shim_.peak_bytes, 16 * kMebibyte);
  EXPECT_EQ(device_->budget().stats().total_bytes, 0u);
}

}  // namespace
}  // namespace forge3d
