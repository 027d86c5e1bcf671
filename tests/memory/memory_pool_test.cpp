// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/memory_pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <random>
#include <string>
#include <thread>

#include "gpu/device_test_access.hpp"
#include "memory/pool_fixture.hpp"

namespace forge3d {
namespace {

using test::random_bytes;
using test::same;

constexpr VkBufferUsageFlags kCopies = test::kCopyUsage;

class MemoryPoolTest : public test::PoolTest {
 protected:
  static VkImageCreateInfo image_info(std::uint32_t extent,
                                      VkImageTiling tiling = VK_IMAGE_TILING_OPTIMAL) {
    VkImageCreateInfo info{VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO};
    info.imageType = VK_IMAGE_TYPE_2D;
    info.format = VK_FORMAT_R8G8B8A8_UNORM;
    info.extent = {extent, extent, 1};
    info.mipLevels = info.arrayLayers = 1;
    info.samples = VK_SAMPLE_COUNT_1_BIT;
    info.tiling = tiling;
    info.usage = VK_IMAGE_USAGE_TRANSFER_DST_BIT | VK_IMAGE_USAGE_TRANSFER_SRC_BIT;
    info.initialLayout = VK_IMAGE_LAYOUT_UNDEFINED;
    return info;
  }
};

TEST_F(MemoryPoolTest, ManyBuffersShareFewBlocks) {
  open();
  auto pool = make_pool({.block_bytes = kMebibyte});
  EXPECT_EQ(device_->budget().stats().total_bytes, 0u) << "no memory before it is needed";
  std::vector<PoolHandle> handles;
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 500; ++i) {
      const auto buffer = pool->create_buffer(1 + static_cast<std::uint64_t>(i) * 7, kCopies);
      ASSERT_TRUE(buffer) << buffer.error().to_string();
      handles.push_back(buffer->allocation.handle);
    }
    EXPECT_EQ(pool->stats().active_allocations, 500u);
    EXPECT_EQ(pool->stats().device_allocations, 1u)
        << "the second round asks the driver for nothing";
    for (const PoolHandle handle : handles) ASSERT_TRUE(pool->release(handle));
    handles.clear();
  }
  const PoolStats stats = pool->stats(true);
  EXPECT_EQ(stats.used_bytes, 0u);
  EXPECT_EQ(stats.total_allocated, 1000u);
  EXPECT_EQ(stats.total_freed, 1000u);
  EXPECT_EQ(stats.fragmentation_ratio, 0.0);
  ASSERT_EQ(stats.blocks.size(), 1u);
  EXPECT_EQ(stats.blocks[0].largest_free_bytes, kMebibyte);
  EXPECT_EQ(pool->trim(), kMebibyte);
  EXPECT_EQ(device_->budget().stats().total_bytes, 0u);
  EXPECT_EQ(pool->stats().block_count, 0u);
}

TEST_F(MemoryPoolTest, RefusesNonsense) {
  open();
  EXPECT_EQ(MemoryPool::create(nullptr).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(MemoryPool::create(device_, {.block_bytes = std::uint64_t{1} << 41}).error().code,
            ErrorCode::kInvalidArgument);
  auto pool = make_pool({});
  const auto code = [&](const VkMemoryRequirements& r) {
    const auto got = pool->allocate(r, true);
    return got ? ErrorCode::kInternal : got.error().code;
  };
  EXPECT_EQ(code({0, 16, ~0u}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code({~std::uint64_t{0}, 16, ~0u}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code({64, 0, ~0u}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code({64, 48, ~0u}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code({64, 16, 0}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code({std::uint64_t{1} << 34, 16, ~0u}), ErrorCode::kBudgetExceeded);
  EXPECT_EQ(code({std::uint64_t{1} << 40, 16, ~0u}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(pool->create_buffer(0, kCopies).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(pool->create_image(image_info(0)).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(device_->budget().stats().total_bytes, 0u);
}

TEST_F(MemoryPoolTest, StaleHandlesAreErrorsForEver) {
  open();
  auto pool = make_pool({});
  const auto buffer = pool->create_buffer(64, kCopies);
  ASSERT_TRUE(buffer);
  const PoolHandle handle = buffer->allocation.handle;
  ASSERT_TRUE(pool->retain(handle));
  ASSERT_TRUE(pool->release(handle));
  EXPECT_TRUE(pool->lookup(handle)) << "one reference is left";
  ASSERT_TRUE(pool->release(handle));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(pool->release(handle).error().code, ErrorCode::kStaleHandle);
    EXPECT_EQ(pool->retain(handle).error().code, ErrorCode::kStaleHandle);
    EXPECT_EQ(pool->lookup(handle).error().code, ErrorCode::kStaleHandle);
    EXPECT_EQ(pool->flush(handle).error().code, ErrorCode::kStaleHandle);
    const auto next = pool->create_buffer(64, kCopies);  // takes the same place
    ASSERT_TRUE(next);
    EXPECT_FALSE(next->allocation.handle == handle);
    ASSERT_TRUE(pool->release(next->allocation.handle));
  }
  EXPECT_EQ(pool->release({}).error().code, ErrorCode::kStaleHandle);
  EXPECT_EQ(pool->release({1000, 1}).error().code, ErrorCode::kStaleHandle);
}

TEST_F(MemoryPoolTest, MemoryRetiresWithTheTicketOfItsLastUse) {
  open({.host_visible_bytes = kMebibyte, .total_bytes = kMebibyte});
  auto pool = make_pool({.block_bytes = 65536, .max_bytes = 65536});
  Queue& queue = device_->queue(QueueKind::kGraphics);
  const auto first = pool->create_buffer(40'000, kCopies);
  ASSERT_TRUE(first);
  {
    test::QueueGate gate(*device_);
    const auto serial = queue.submit({});
    ASSERT_TRUE(serial);
    ASSERT_TRUE(pool->release(first->allocation.handle, {QueueKind::kGraphics, *serial}));
    EXPECT_GE(pool->stats().retiring_bytes, 40'000u);
    EXPECT_EQ(pool->stats().used_bytes, 0u);
    EXPECT_EQ(pool->create_buffer(40'000, kCopies).error().code, ErrorCode::kBudgetExceeded)
        << "still in use";
    EXPECT_EQ(pool->trim(), 0u);
    gate.open();
    ASSERT_TRUE(queue.wait(*serial, 1'000'000'000));
  }
  const auto second = pool->create_buffer(40'000, kCopies);
  ASSERT_TRUE(second) << second.error().to_string();
  EXPECT_EQ(second->allocation.offset_bytes, first->allocation.offset_bytes);
  EXPECT_EQ(pool->stats().retiring_bytes, 0u);
  ASSERT_TRUE(pool->release(second->allocation.handle));
}

TEST_F(MemoryPoolTest, TheDestructorWaitsForRetiringMemory) {
  open();
  auto pool = make_pool({});
  const auto buffer = pool->create_buffer(1000, kCopies);
  ASSERT_TRUE(buffer);
  const auto serial = device_->queue(QueueKind::kGraphics).submit({});
  ASSERT_TRUE(serial);
  ASSERT_TRUE(pool->release(buffer->allocation.handle, {QueueKind::kGraphics, *serial}));
  pool.reset();
  EXPECT_TRUE(*device_->is_complete({QueueKind::kGraphics, *serial}));
}

// A slot is used again and again; what one allocation was must not show in the next one.
TEST_F(MemoryPoolTest, NothingOfAnAllocationIsLeftForTheNextOne) {
  open();
  auto pool = make_pool({.block_bytes = kMebibyte, .event_limit = 100});
  const Ticket done{QueueKind::kGraphics, device_->queue(QueueKind::kGraphics).last_submitted()};
  const auto buffer = pool->create_buffer(1000, kCopies, "a buffer with a name");
  ASSERT_TRUE(buffer) << buffer.error().to_string();
  const PoolHandle first = buffer->allocation.handle;
  ASSERT_TRUE(pool->unpin(first, done));
  ASSERT_TRUE(pool->release(first));
  const auto image = pool->create_image(image_info(16), "an image");
  ASSERT_TRUE(image) << image.error().to_string();
  EXPECT_EQ(image->allocation.handle.index, first.index);
  EXPECT_EQ(image->allocation.buffer, VkBuffer{});
  ASSERT_TRUE(pool->release(image->allocation.handle));
  const auto raw = pool->allocate({4096, 16, ~0u}, true);
  ASSERT_TRUE(raw) << raw.error().to_string();
  EXPECT_EQ(raw->handle.index, first.index);
  const auto found = pool->lookup(raw->handle);
  ASSERT_TRUE(found) << found.error().to_string();
  EXPECT_EQ(found->buffer, VkBuffer{});
  EXPECT_EQ(found->image, VkImage{});
  EXPECT_EQ(found->ready.serial.value, 0u);
  const auto dump = pool->dump_json();
  ASSERT_TRUE(dump) << dump.error().to_string();
  EXPECT_EQ(dump->find("with a name"), std::string::npos) << *dump;
  EXPECT_EQ(dump->find("BUFFER"), std::string::npos) << *dump;
  ASSERT_TRUE(pool->unpin(raw->handle)) << "it is pinned as a new one";
  EXPECT_FALSE(pool->unpin(raw->handle));
  ASSERT_TRUE(pool->release(raw->handle));
  EXPECT_EQ(pool->stats().used_bytes, 0u);
}

TEST_F(MemoryPoolTest, ARefusalNamesWhatIsFreeAndTheLargestHole) {
  open({.host_visible_bytes = 100'000, .total_bytes = 100'000});
  auto pool = make_pool({.block_bytes = 65536});
  const auto held = pool->create_buffer(30'000, kCopies);
  ASSERT_TRUE(held);
  const auto refused = pool->create_buffer(50'000, kCopies);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kBudgetExceeded);
  const std::string text = refused.error().to_string();
  for (const char* part : {"50000", "free", "largest hole is", "ledger has 34464 left"})
    EXPECT_NE(text.find(part), std::string::npos) << text;
  EXPECT_EQ(pool->stats().refusals, 1u);
  EXPECT_TRUE(pool->lookup(held->allocation.handle)) << "nothing else changed";
  ASSERT_TRUE(pool->release(held->allocation.handle));
  const auto granted = pool->create_buffer(100'000, kCopies);
  ASSERT_TRUE(granted) << "the empty block makes room for a larger one";
  ASSERT_TRUE(pool->release(granted->allocation.handle));
}

TEST_F(MemoryPoolTest, LeaksAreReportedByName) {
  std::string log;
  {
    DeviceDesc desc;
    desc.log = [&](LogLevel, std::string_view line) { log += std::string(line) + "\n"; };
    auto device = Device::create(desc);
    ASSERT_TRUE(device);
    auto pool = MemoryPool::create(*device, {.debug_name = "leaky"});
    ASSERT_TRUE(pool);
    ASSERT_TRUE((*pool)->create_buffer(100, kCopies, "forgotten vertices"));
    ASSERT_TRUE((*pool)->allocate({64, 16, ~0u}, true));
    pool->reset();
    EXPECT_EQ((*device)->budget().stats().total_bytes, 0u);
  }
  EXPECT_NE(log.find("leaky: 2 allocations were never released: forgotten vertices ("),
            std::string::npos)
      << log;
  EXPECT_NE(log.find("unnamed (64 bytes)"), std::string::npos) << log;
}

// Buffers and images of all sizes come and go; each byte a buffer was given stays its own.
TEST_F(MemoryPoolTest, RandomResourcesKeepTheirBytes) {
  open({.host_visible_bytes = 4 * kMebibyte, .total_bytes = 4 * kMebibyte});
  auto pool = make_pool({.memory = MemoryUse::kUpload, .block_bytes = 512 * 1024});
  struct Live {
    PoolHandle handle;
    std::byte* mapped = nullptr;  // buffers only
    std::vector<std::byte> bytes;
  };
  std::vector<Live> live;
  std::mt19937_64 random(21);
  std::uint64_t refused = 0;
  const auto drop = [&](std::size_t i) {
    if (live[i].mapped != nullptr) {
      EXPECT_TRUE(same({live[i].mapped, live[i].bytes.size()}, live[i].bytes));
    }
    ASSERT_TRUE(pool->release(live[i].handle));
    std::swap(live[i], live.back());
    live.pop_back();
  };
  for (int step = 0; step < 1500; ++step) {
    if (live.size() > 60 || (!live.empty() && random() % 5 < 2)) {
      drop(random() % live.size());
    } else if (random() % 5 == 0) {
      const auto tiling = random() % 2 == 0 ? VK_IMAGE_TILING_OPTIMAL : VK_IMAGE_TILING_LINEAR;
      const auto image = pool->create_image(image_info(1 + random() % 128, tiling));
      if (image)
        live.push_back({image->allocation.handle, nullptr, {}});
      else
        ++refused;
    } else {
      const std::uint64_t size = 1 + random() % (std::uint64_t{1} << (4 + random() % 16));
      const auto buffer = pool->create_buffer(size, kCopies);
      if (!buffer) {
        ASSERT_EQ(buffer.error().code, ErrorCode::kBudgetExceeded);
        ++refused;
        continue;
      }
      ASSERT_GE(buffer->allocation.size_bytes, size);
      live.push_back(
          {buffer->allocation.handle, buffer->allocation.mapped, random_bytes(size, random())});
      std::memcpy(live.back().mapped, live.back().bytes.data(), size);
      ASSERT_TRUE(pool->flush(live.back().handle));
    }
    ASSERT_LE(device_->budget().stats().peak_total_bytes, 4 * kMebibyte);
  }
  while (!live.empty()) drop(0);
  EXPECT_LT(refused, 500u);
  EXPECT_EQ(pool->stats().used_bytes, 0u);
}

TEST_F(MemoryPoolTest, UploadedBytesLandInPooledBuffersAndImages) {
  open();
  auto pool = make_pool({});
  auto ring =
      StagingRing::create(device_, {.upload_bytes = 48 * 1024, .readback_bytes = 24 * 1024});
  ASSERT_TRUE(ring);
  const auto buffer = pool->create_buffer(5000, kCopies, "pooled buffer");
  const auto image = pool->create_image(image_info(33), "pooled image");
  ASSERT_TRUE(buffer && image);
  const BufferRegion bytes{buffer->buffer, 0, 5000};
  const ImageRegion texels{.image = image->image,
                           .format = Format::kRGBA8Unorm,
                           .image_width = 33,
                           .image_height = 33,
                           .width = 33,
                           .height = 33,
                           .discard = true};
  const auto a = random_bytes(5000, 1), b = random_bytes(33 * 33 * 4, 2);
  ASSERT_TRUE((*ring)->upload(bytes, a) && (*ring)->upload(texels, b));
  auto back_a = (*ring)->readback(bytes, 5000);
  auto back_b = (*ring)->readback(texels);
  ASSERT_TRUE(back_a && back_b);
  EXPECT_TRUE(same(*back_a->get(), a));
  EXPECT_TRUE(same(*back_b->get(), b));
  const auto ticket = (*ring)->flush();
  ASSERT_TRUE(ticket);
  ASSERT_TRUE(pool->release(buffer->allocation.handle, *ticket));
  ASSERT_TRUE(pool->release(image->allocation.handle, *ticket));
}

TEST_F(MemoryPoolTest, ThreadsAllocateRetainAndReleaseAtOnce) {
  open({.host_visible_bytes = 8 * kMebibyte, .total_bytes = 8 * kMebibyte});
  auto pool = make_pool({.memory = MemoryUse::kUpload, .block_bytes = kMebibyte});
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      std::mt19937 random(t);
      std::vector<PoolAllocation> live;
      for (int i = 0; i < 300; ++i) {
        if (live.size() > 20 || (!live.empty() && random() % 3 == 0)) {
          EXPECT_EQ(*live.back().mapped, static_cast<std::byte>(t));
          ASSERT_TRUE(pool->retain(live.back().handle));
          ASSERT_TRUE(pool->release(live.back().handle));
          ASSERT_TRUE(pool->release(live.back().handle));
          live.pop_back();
        } else if (const auto got = pool->allocate({1 + random() % 50'000, 16, ~0u}, true)) {
          std::memset(got->mapped, static_cast<int>(t), got->size_bytes);
          live.push_back(*got);
        }
        (void)pool->stats();
      }
      for (const PoolAllocation& a : live) ASSERT_TRUE(pool->release(a.handle));
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(pool->stats().active_allocations, 0u);
  EXPECT_EQ(pool->stats().used_bytes, 0u);
}

TEST_F(MemoryPoolTest, ExactlyOneOfManyThreadsReleasesTheLastReference) {
  open();
  auto pool = make_pool({});
  for (int round = 0; round < 50; ++round) {
    const PoolHandle handle = pool->allocate({4096, 16, ~0u}, true)->handle;
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(pool->retain(handle));
    std::atomic<int> released{0}, stale{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 6; ++t)
      threads.emplace_back([&] {
        const auto result = pool->release(handle);
        ++(result ? released : stale);
        EXPECT_TRUE(result || result.error().code == ErrorCode::kStaleHandle);
      });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(released, 4);
    EXPECT_EQ(stale, 2);
    EXPECT_EQ(pool->stats().active_allocations, 0u);
    EXPECT_EQ(pool->stats().total_freed, static_cast<std::uint64_t>(round) + 1);
  }
}

TEST_F(MemoryPoolTest, OneRequestIn64IsTimed) {
  open();
  auto pool = make_pool({});
  std::vector<PoolHandle> handles;
  for (int i = 0; i < 640; ++i) handles.push_back(pool->allocate({256, 16, ~0u}, true)->handle);
  const PoolStats stats = pool->stats(true);
  EXPECT_EQ(stats.allocations_timed, 10u);
  EXPECT_GT(stats.allocation_p50_ns, 0u);
  EXPECT_GE(stats.allocation_p99_ns, stats.allocation_p50_ns);
  EXPECT_EQ(stats.size_histogram[8], 640u);  // 256..511 bytes
  for (const PoolHandle handle : handles) ASSERT_TRUE(pool->release(handle));
  EXPECT_EQ(pool->stats(true).size_histogram[8], 0u);
}

VkResult lose_counter(VkDevice, VkSemaphore, std::uint64_t*) { return VK_ERROR_DEVICE_LOST; }
VkResult refuse_memory(VkDevice, const VkMemoryAllocateInfo*, const VkAllocationCallbacks*,
                       VkDeviceMemory*) {
  return VK_ERROR_OUT_OF_DEVICE_MEMORY;
}
VkResult refuse_bind(VkDevice, VkBuffer, VkDeviceMemory, VkDeviceSize) {
  return VK_ERROR_OUT_OF_DEVICE_MEMORY;
}

TEST_F(MemoryPoolTest, DriverRefusalsLeaveNothingBehind) {
  open();
  auto pool = make_pool({});
  VolkDeviceTable& table = DeviceTestAccess::table(*device_);
  const PFN_vkAllocateMemory allocate = std::exchange(table.vkAllocateMemory, refuse_memory);
  EXPECT_EQ(pool->create_buffer(64, kCopies).error().code, ErrorCode::kOutOfDeviceMemory);
  EXPECT_EQ(device_->budget().stats().total_bytes, 0u);
  table.vkAllocateMemory = allocate;
  const PFN_vkBindBufferMemory bind = std::exchange(table.vkBindBufferMemory, refuse_bind);
  EXPECT_EQ(pool->create_buffer(64, kCopies).error().code, ErrorCode::kOutOfDeviceMemory);
  table.vkBindBufferMemory = bind;
  EXPECT_EQ(pool->stats(true).blocks[0].allocations, 0u);
  EXPECT_EQ(pool->stats().active_allocations, 0u);
}

TEST_F(MemoryPoolTest, ALostDeviceFreesWhatWasRetiring) {
  open();
  auto pool = make_pool({});
  const auto buffer = pool->create_buffer(64, kCopies);
  ASSERT_TRUE(buffer);
  const auto serial = device_->queue(QueueKind::kGraphics).submit({});
  ASSERT_TRUE(serial && device_->wait_idle());
  ASSERT_TRUE(pool->release(buffer->allocation.handle, {QueueKind::kGraphics, *serial}));
  DeviceTestAccess::table(*device_).vkGetSemaphoreCounterValue = lose_counter;
  EXPECT_EQ(pool->collect().error().code, ErrorCode::kDeviceLost);
  EXPECT_EQ(pool->stats().retiring_bytes, 0u);
}

}  // namespace
}  // namespace forge3d
