// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// The n-th call fails, for every n: of the driver's functions, and of operator new.

#include <gtest/gtest.h>

#include <string>

#include "gpu/device_test_access.hpp"
#include "memory/failing_new.hpp"
#include "memory/pool_fixture.hpp"

namespace forge3d {
namespace {

using test::Filled;
using test::kCopyUsage;

// Calls of the driver that are let through before one fails.
std::int64_t calls_left = 0;
bool fails_for_ever = false;
VkResult failure = VK_ERROR_OUT_OF_DEVICE_MEMORY;

bool fails_now() {
  --calls_left;
  return calls_left == 0 || (calls_left < 0 && fails_for_ever);
}

// Each replaced function, and the driver's own.
template <auto Member>
struct Failing {
  using Function = std::remove_reference_t<decltype(std::declval<VolkDeviceTable>().*Member)>;
  static inline Function real = nullptr;
  template <class... Arguments>
  static VkResult call(Arguments... arguments) {
    return fails_now() ? failure : real(arguments...);
  }
};

template <auto Member, class... Arguments>
void replace(VolkDeviceTable& table, VkResult (*)(Arguments...)) {
  Failing<Member>::real = table.*Member;
  table.*Member = &Failing<Member>::template call<Arguments...>;
}
template <auto Member>
void replace(VolkDeviceTable& table) {
  replace<Member>(table, table.*Member);
}
template <auto Member>
void restore(VolkDeviceTable& table) {
  table.*Member = Failing<Member>::real;
}

class PoolFailureTest : public test::PoolTest {
 protected:
  VolkDeviceTable& table() { return DeviceTestAccess::table(*device_); }

  // Some buffers with holes between them, a request that moves them, upkeep and defragmentation.
  // Every step may fail; what it leaves must be whole.
  void run_scenario(MemoryPool& pool) {
    std::vector<Filled> live;
    for (std::uint32_t i = 0; i < 24; ++i)
      if (auto got = test::create_filled(pool, 20'000 + 1000 * (i % 5), i)) live.push_back(*got);
    for (std::size_t i = 0; i < live.size(); ++i) {
      if (pool.release(live[i].handle)) live.erase(live.begin() + static_cast<std::ptrdiff_t>(i));
    }
    if (auto got = test::create_filled(pool, 100'000, 99)) live.push_back(*got);
    (void)pool.upkeep({.max_moved_bytes = 50'000, .target_fragmentation = 0});
    (void)pool.defragment();
    (void)pool.moved();
    (void)pool.dump_json();
    (void)pool.events_csv();
    (void)pool.stats(true);
    for (const Filled& f : live) (void)pool.retain(f.handle);
    live_ = std::move(live);
  }
  std::vector<Filled> live_;

  // The pool still works, its accounts agree, and everything can be given back.
  void expect_whole(MemoryPool& pool) {
    for (const Filled& f : live_) {
      ASSERT_TRUE(pool.lookup(f.handle));
      EXPECT_TRUE(test::is_intact(pool, f)) << f.word;
    }
    ASSERT_TRUE(device_->wait_idle());
    ASSERT_TRUE(pool.collect());
    const PoolStats stats = pool.stats(true);
    std::uint64_t used = 0;
    for (const PoolStats::Block& block : stats.blocks) used += block.used_bytes;
    EXPECT_EQ(stats.used_bytes, used);
    EXPECT_EQ(stats.block_bytes, device_->budget().stats().total_bytes);
    for (const Filled& f : live_)
      while (pool.release(f.handle)) {
      }
    live_.clear();
    EXPECT_EQ(pool.stats().active_allocations, leaked_);
  }
  std::uint64_t leaked_ = 0;

  MemoryPoolDesc desc() const {
    return {.memory = MemoryUse::kUpload,
            .block_bytes = 256 * 1024,
            .max_bytes = 512 * 1024,
            .wait_ns = 100'000'000,
            .event_limit = 1000};
  }
};

TEST_F(PoolFailureTest, TheNthCallOfTheDriverFails) {
  open();
  for (const VkResult code : {VK_ERROR_OUT_OF_DEVICE_MEMORY, VK_ERROR_OUT_OF_HOST_MEMORY})
    for (const bool for_ever : {false, true}) {
      bool more = true;
      for (std::int64_t n = 1; more; ++n) {
        SCOPED_TRACE(std::to_string(n) + (for_ever ? " for ever" : " once"));
        auto pool = make_pool(desc());
        VolkDeviceTable& vk = table();
        replace<&VolkDeviceTable::vkAllocateMemory>(vk);
        replace<&VolkDeviceTable::vkMapMemory>(vk);
        replace<&VolkDeviceTable::vkCreateBuffer>(vk);
        replace<&VolkDeviceTable::vkBindBufferMemory>(vk);
        replace<&VolkDeviceTable::vkCreateCommandPool>(vk);
        replace<&VolkDeviceTable::vkAllocateCommandBuffers>(vk);
        replace<&VolkDeviceTable::vkBeginCommandBuffer>(vk);
        replace<&VolkDeviceTable::vkEndCommandBuffer>(vk);
        replace<&VolkDeviceTable::vkQueueSubmit>(vk);
        calls_left = n;
        fails_for_ever = for_ever;
        failure = code;
        run_scenario(*pool);
        more = calls_left <= 0;
        restore<&VolkDeviceTable::vkAllocateMemory>(vk);
        restore<&VolkDeviceTable::vkMapMemory>(vk);
        restore<&VolkDeviceTable::vkCreateBuffer>(vk);
        restore<&VolkDeviceTable::vkBindBufferMemory>(vk);
        restore<&VolkDeviceTable::vkCreateCommandPool>(vk);
        restore<&VolkDeviceTable::vkAllocateCommandBuffers>(vk);
        restore<&VolkDeviceTable::vkBeginCommandBuffer>(vk);
        restore<&VolkDeviceTable::vkEndCommandBuffer>(vk);
        restore<&VolkDeviceTable::vkQueueSubmit>(vk);
        expect_whole(*pool);
        pool.reset();
        ASSERT_EQ(device_->budget().stats().total_bytes, 0u);
        if (HasFailure()) return;
        ASSERT_LT(n, 1000);
      }
    }
}

// Without the validation layer, which allocates with operator new too and does not expect failures.
TEST_F(PoolFailureTest, TheNthAllocationOfHostMemoryFails) {
  if (!test::FailingNew::is_available()) GTEST_SKIP() << "the sanitizer has its own operator new";
  auto device = Device::create();
  ASSERT_TRUE(device);
  device_ = *device;
  for (const bool for_ever : {false, true}) {
    bool more = true;
    for (std::int64_t n = 1; more; n += for_ever ? 7 : 1) {
      SCOPED_TRACE(std::to_string(n) + (for_ever ? " for ever" : " once"));
      auto pool = make_pool(desc());
      std::vector<Filled> kept;
      {
        const test::FailingNew failing(n, for_ever);
        try {
          run_scenario(*pool);
        } catch (const std::bad_alloc&) {  // of the test's own lists
        }
        more = failing.has_failed();
      }
      leaked_ = pool->stats().active_allocations - live_.size();
      expect_whole(*pool);
      pool.reset();
      ASSERT_EQ(device_->budget().stats().total_bytes, 0u);
      if (HasFailure()) return;
      ASSERT_LT(n, 5000);
    }
  }
}

}  // namespace
}  // namespace forge3d
