// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Real buffers that move on a real device while their bytes are watched.

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>

#include "gpu/device_test_access.hpp"
#include "memory/pool_fixture.hpp"

namespace forge3d {
namespace {

using test::Filled;
using test::kCopyUsage;

class PoolMovesTest : public test::PoolTest {
 protected:
  // One block of 16 buffers of 64 KiB, of which every second is released.
  void make_swiss_cheese(std::uint64_t wait_ns = 1'000'000'000) {
    open();
    pool_ = make_pool({.memory = MemoryUse::kUpload,
                       .block_bytes = kMebibyte,
                       .max_bytes = kMebibyte,
                       .wait_ns = wait_ns});
    for (std::uint32_t i = 0; i < 16; ++i) {
      auto got = test::create_filled(*pool_, 65536, 1000 + i);
      ASSERT_TRUE(got) << got.error().to_string();
      cheese_.push_back(*got);
    }
    for (std::size_t i = 0; i < 8; ++i) {
      ASSERT_TRUE(pool_->release(cheese_[i].handle));
      cheese_.erase(cheese_.begin() + static_cast<std::ptrdiff_t>(i));
    }
    ASSERT_EQ(pool_->stats().largest_free_block_bytes, 65536u);
    ASSERT_EQ(pool_->stats().free_bytes, kMebibyte / 2);
  }
  void expect_cheese_intact() {
    for (const Filled& f : cheese_) EXPECT_TRUE(test::is_intact(*pool_, f)) << f.word;
  }
  void TearDown() override {
    pool_.reset();
    test::PoolTest::TearDown();
  }
  std::shared_ptr<MemoryPool> pool_;
  std::vector<Filled> cheese_;
};

TEST_F(PoolMovesTest, ARequestThatFindsNoHoleMovesOthers) {
  make_swiss_cheese();
  std::vector<VkBuffer> before;
  for (const Filled& f : cheese_) before.push_back(pool_->lookup(f.handle)->buffer);
  const auto large = test::create_filled(*pool_, 4 * 65536, 7);
  ASSERT_TRUE(large) << large.error().to_string();
  expect_cheese_intact();
  EXPECT_TRUE(test::is_intact(*pool_, *large));
  const PoolStats stats = pool_->stats();
  EXPECT_EQ(stats.requests_moved_for, 1u);
  EXPECT_EQ(stats.moved_bytes, stats.moves * 65536);
  EXPECT_EQ(stats.moves, 2u) << "the cheapest window of four has two in it";
  EXPECT_EQ(stats.device_allocations, 1u);
  EXPECT_EQ(stats.refusals, 0u);

  const std::vector<PoolAllocation> moved = pool_->moved().value();
  EXPECT_EQ(moved.size(), 2u);
  for (const PoolAllocation& at : moved) {
    const auto place = std::find_if(cheese_.begin(), cheese_.end(),
                                    [&](const Filled& f) { return f.handle == at.handle; });
    ASSERT_NE(place, cheese_.end());
    EXPECT_NE(at.buffer, before[static_cast<std::size_t>(place - cheese_.begin())]);
    EXPECT_EQ(at.buffer, pool_->lookup(at.handle)->buffer);
  }
  EXPECT_TRUE(pool_->moved()->empty()) << "told once";
  // To the last byte: half of it was free, and now a half is taken.
  ASSERT_TRUE(test::create_filled(*pool_, 4 * 65536, 8));
  EXPECT_EQ(pool_->stats().free_bytes, 0u);
  expect_cheese_intact();
}

TEST_F(PoolMovesTest, PinnedAllocationsAreWalls) {
  make_swiss_cheese();
  std::vector<PoolAllocation> pinned;
  for (const Filled& f : cheese_) pinned.push_back(*pool_->pin(f.handle));
  const auto refused = pool_->create_buffer(2 * 65536, kCopyUsage);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kBudgetExceeded);
  EXPECT_NE(refused.error().to_string().find("524288 bytes are pinned"), std::string::npos)
      << refused.error().to_string();
  EXPECT_EQ(pool_->stats().moves, 0u);
  EXPECT_EQ(pool_->stats().last_refused_bytes, 131072u);
  EXPECT_EQ(pool_->stats(true).unusable_share, 1.0);
  // One of them lets go, and one block is enough.
  ASSERT_TRUE(pool_->unpin(cheese_[3].handle));
  const auto granted = pool_->create_buffer(2 * 65536, kCopyUsage);
  ASSERT_TRUE(granted) << granted.error().to_string();
  for (std::size_t i = 0; i < cheese_.size(); ++i) {
    if (i == 3) continue;
    EXPECT_EQ(pool_->lookup(cheese_[i].handle)->offset_bytes, pinned[i].offset_bytes);
    ASSERT_TRUE(pool_->unpin(cheese_[i].handle));
  }
  expect_cheese_intact();
}

TEST_F(PoolMovesTest, WhatTheDeviceUsesIsAWallUntilItsTicket) {
  make_swiss_cheese(5'000'000);
  {
    test::QueueGate gate(*device_);
    const auto serial = device_->queue(QueueKind::kGraphics).submit({});
    ASSERT_TRUE(serial);
    for (const Filled& f : cheese_) {
      ASSERT_TRUE(pool_->pin(f.handle));
      ASSERT_TRUE(pool_->unpin(f.handle, {QueueKind::kGraphics, *serial}));
    }
    EXPECT_FALSE(pool_->create_buffer(2 * 65536, kCopyUsage));
    EXPECT_EQ(pool_->stats().moves, 0u);
    gate.open();
    ASSERT_TRUE(device_->queue(QueueKind::kGraphics).wait(*serial, 1'000'000'000));
  }
  EXPECT_TRUE(test::create_filled(*pool_, 2 * 65536, 9));
  expect_cheese_intact();
}

// The copies wait behind a gate: sources and destinations stay taken, the request gives up, and the
// window is free for others once the copies are done.
TEST_F(PoolMovesTest, SourcesAreKeptUntilTheirCopiesAreDone) {
  make_swiss_cheese(5'000'000);
  {
    test::QueueGate gate(*device_);
    EXPECT_FALSE(pool_->create_buffer(2 * 65536, kCopyUsage)) << "the device does not get to it";
    EXPECT_EQ(pool_->stats().moves, 1u);
    EXPECT_EQ(pool_->stats().used_bytes, kMebibyte / 2);
    EXPECT_LT(pool_->stats().free_bytes, kMebibyte / 2 - 65536)
        << "source, destination and window are reserved";
    // A moving allocation is released: its bytes are still being written.
    const PoolHandle moving = pool_->moved()->at(0).handle;
    ASSERT_TRUE(pool_->release(moving));
    EXPECT_EQ(pool_->stats().retiring_bytes, 65536u);
    EXPECT_EQ(pool_->pin(moving).error().code, ErrorCode::kStaleHandle);
    std::erase_if(cheese_, [&](const Filled& f) { return f.handle == moving; });
    gate.open();
    ASSERT_TRUE(device_->wait_idle());
  }
  ASSERT_TRUE(pool_->collect());
  EXPECT_EQ(pool_->stats().free_bytes, kMebibyte / 2 + 65536);
  EXPECT_TRUE(test::create_filled(*pool_, 2 * 65536, 9));
  expect_cheese_intact();
}

// Fills blocks with buffers of many sizes, then releases random ones down to `share`.
std::vector<Filled> fill_to(MemoryPool& pool, std::uint64_t total_bytes, double share,
                            std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<Filled> live;
  while (true) {
    const std::uint64_t size = std::uint64_t{256} << random() % 10;
    auto got = test::create_filled(pool, size + random() % size,
                                   static_cast<std::uint32_t>(seed * 100'000 + live.size()));
    if (!got) break;
    live.push_back(*got);
  }
  std::shuffle(live.begin(), live.end(), random);
  while (static_cast<double>(pool.stats().used_bytes) > share * static_cast<double>(total_bytes)) {
    EXPECT_TRUE(pool.release(live.back().handle));
    live.pop_back();
  }
  return live;
}

TEST_F(PoolMovesTest, DefragmentationLeavesOneHoleAndGivesBlocksBack) {
  open({.host_visible_bytes = 8 * kMebibyte, .total_bytes = 8 * kMebibyte});
  pool_ = make_pool({.memory = MemoryUse::kUpload, .block_bytes = kMebibyte});
  const std::vector<Filled> live = fill_to(*pool_, 8 * kMebibyte, 0.6, 1);
  ASSERT_EQ(pool_->stats().block_count, 8u);
  const std::uint64_t moves_before = pool_->stats().moves;
  const auto moves = pool_->defragment();
  ASSERT_TRUE(moves) << moves.error().to_string();
  EXPECT_GT(moves->fragmentation_before, 0.5);
  EXPECT_LE(moves->fragmentation_after, 0.05);
  EXPECT_EQ(moves->blocks_released, 3u);
  EXPECT_GT(moves->bytes_compacted, 0u);
  EXPECT_EQ(moves->blocks_moved, pool_->stats().moves - moves_before);
  EXPECT_GT(moves->time_ms, 0);
  EXPECT_FALSE(moves->cancelled);
  EXPECT_EQ(pool_->stats().block_count, 5u);
  EXPECT_EQ(device_->budget().stats().total_bytes, 5 * kMebibyte);
  for (const Filled& f : live) EXPECT_TRUE(test::is_intact(*pool_, f));
  const auto again = pool_->defragment();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->blocks_moved, 0u) << "nothing is left to gain";
}

TEST_F(PoolMovesTest, DefragmentationCanBeCancelledAtEachStep) {
  for (int steps = 0; steps < 12; ++steps) {
    open({.host_visible_bytes = 4 * kMebibyte, .total_bytes = 4 * kMebibyte});
    pool_ = make_pool({.memory = MemoryUse::kUpload, .block_bytes = kMebibyte});
    const std::vector<Filled> live = fill_to(*pool_, 4 * kMebibyte, 0.5, 7);
    int left = steps;
    const auto moves = pool_->defragment([&](const PoolMoves&) { return left-- > 0; });
    ASSERT_TRUE(moves);
    const bool finished = !moves->cancelled;
    for (const Filled& f : live) ASSERT_TRUE(test::is_intact(*pool_, f)) << "steps " << steps;
    const std::uint64_t used = pool_->stats().used_bytes;
    std::uint64_t by_block = 0;
    for (const PoolStats::Block& block : pool_->stats(true).blocks) by_block += block.used_bytes;
    EXPECT_EQ(used, by_block) << "the sum of accounts is the truth";
    TearDown();
    device_ = nullptr;
    if (finished && steps > 0) return;
  }
  FAIL() << "it never ended by itself";
}

TEST_F(PoolMovesTest, UpkeepWorksInBoundedSlices) {
  open({.host_visible_bytes = 8 * kMebibyte, .total_bytes = 8 * kMebibyte});
  pool_ = make_pool({.memory = MemoryUse::kUpload, .block_bytes = kMebibyte});
  const std::vector<Filled> live = fill_to(*pool_, 8 * kMebibyte, 0.6, 3);
  std::uint64_t moved = 0;
  double before = 0;
  for (int frame = 0; frame < 400; ++frame) {
    const auto slice = pool_->upkeep({.max_moved_bytes = 128 * 1024, .max_us = 100'000});
    ASSERT_TRUE(slice) << slice.error().to_string();
    EXPECT_LE(slice->bytes_compacted, 512u * 1024) << "one block may pass the limit";
    if (frame == 0) before = slice->fragmentation_before;
    moved += slice->bytes_compacted;
    ASSERT_TRUE(device_->wait_idle());
    const auto told = pool_->moved();
    ASSERT_TRUE(told);
    for (const PoolAllocation& at : *told) EXPECT_TRUE(pool_->lookup(at.handle));
  }
  EXPECT_GT(before, 0.5);
  EXPECT_GT(moved, kMebibyte);
  EXPECT_EQ(pool_->stats().block_count, 7u) << "the ledger ran low, so an empty block went";
  const auto blocks = pool_->stats(true).blocks;
  EXPECT_EQ(std::count_if(blocks.begin(), blocks.end(),
                          [](const PoolStats::Block& b) { return b.used_bytes == 0; }),
            2);
  for (const Filled& f : live) EXPECT_TRUE(test::is_intact(*pool_, f));
}

TEST_F(PoolMovesTest, BuffersOfDeviceMemoryKeepTheirBytesToo) {
  open();
  pool_ = make_pool({.block_bytes = kMebibyte, .max_bytes = kMebibyte, .wait_ns = 1'000'000'000});
  auto ring = StagingRing::create(device_, {.upload_bytes = 1 << 18, .readback_bytes = 1 << 18});
  ASSERT_TRUE(ring);
  std::vector<std::pair<PoolHandle, std::vector<std::byte>>> live;
  for (std::uint32_t i = 0; i < 16; ++i) {
    const auto buffer = pool_->create_buffer(65536, kCopyUsage);
    ASSERT_TRUE(buffer);
    live.emplace_back(buffer->allocation.handle, test::random_bytes(65536, i));
    ASSERT_TRUE((*ring)->upload({buffer->buffer, 0, 65536}, live.back().second));
    const auto ticket = (*ring)->flush();
    ASSERT_TRUE(ticket);
    ASSERT_TRUE(pool_->unpin(buffer->allocation.handle, *ticket));
  }
  ASSERT_TRUE(device_->wait_idle());
  for (std::size_t i = 0; i < 8; ++i) {
    ASSERT_TRUE(pool_->release(live[i].first));
    live.erase(live.begin() + static_cast<std::ptrdiff_t>(i));
  }
  const auto large = pool_->create_buffer(6 * 65536, kCopyUsage);
  ASSERT_TRUE(large) << large.error().to_string();
  EXPECT_GT(pool_->stats().moves, 0u);
  for (const auto& [handle, bytes] : live) {
    const auto at = pool_->pin(handle);
    ASSERT_TRUE(at);
    auto back = (*ring)->readback({at->buffer, 0, 65536}, 65536);
    ASSERT_TRUE(back);
    EXPECT_TRUE(test::same(*back->get(), bytes));
    ASSERT_TRUE(pool_->release(handle));
  }
  ASSERT_TRUE(pool_->release(large->allocation.handle));
}

VkImageCreateInfo image_info() {
  VkImageCreateInfo info{VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO};
  info.imageType = VK_IMAGE_TYPE_2D;
  info.format = VK_FORMAT_R8G8B8A8_UNORM;
  info.extent = {128, 128, 1};
  info.mipLevels = info.arrayLayers = 1;
  info.samples = VK_SAMPLE_COUNT_1_BIT;
  info.tiling = VK_IMAGE_TILING_OPTIMAL;
  info.usage = VK_IMAGE_USAGE_TRANSFER_DST_BIT | VK_IMAGE_USAGE_TRANSFER_SRC_BIT;
  return info;
}

// Recreates images as image_info() says; they are in TRANSFER_SRC layout before and after.
Result<VkImage> recreate(const Device& device, VkCommandBuffer commands,
                         const PoolImageMove& move) {
  const VkImageCreateInfo info = image_info();
  const VolkDeviceTable& vk = device.vk();
  VkImage image = VK_NULL_HANDLE;
  FORGE3D_VK_TRY(device, vk.vkCreateImage(device.handle(), &info, nullptr, &image));
  FORGE3D_VK_TRY(device,
                 vk.vkBindImageMemory(device.handle(), image, move.memory, move.offset_bytes));
  record_layout_transition(device, commands, image, VK_IMAGE_LAYOUT_UNDEFINED,
                           VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL);
  VkImageCopy region{};
  region.srcSubresource = region.dstSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 1};
  region.extent = info.extent;
  vk.vkCmdCopyImage(commands, move.image, VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL, image,
                    VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL, 1, &region);
  record_layout_transition(device, commands, image, VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL,
                           VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL);
  return image;
}

class PoolImagesTest : public PoolMovesTest {
 protected:
  // Six images with every second released.
  void make_images(const PoolImageHook& hook) {
    pool_ = make_pool({.block_bytes = 6 * 65536,
                       .max_bytes = 6 * 65536,
                       .wait_ns = 1'000'000'000,
                       .recreate_image = hook});
    auto ring = StagingRing::create(device_, {.upload_bytes = 1 << 18, .readback_bytes = 1 << 18});
    ASSERT_TRUE(ring);
    ring_ = *ring;
    for (std::uint32_t i = 0; i < 6; ++i) {
      const auto image = pool_->create_image(image_info());
      ASSERT_TRUE(image) << image.error().to_string();
      images_.emplace_back(image->allocation.handle, test::random_bytes(65536, i));
      ASSERT_TRUE(ring_->upload(region(image->image, true), images_.back().second));
      const auto ticket = ring_->flush();
      ASSERT_TRUE(ticket && device_->wait_idle());
      to_source_layout(image->image);
      ASSERT_TRUE(pool_->unpin(image->allocation.handle));
    }
    for (std::size_t i = 0; i < 3; ++i) {
      ASSERT_TRUE(pool_->release(images_[i].first));
      images_.erase(images_.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }
  static ImageRegion region(VkImage image, bool discard) {
    return {.image = image,
            .format = Format::kRGBA8Unorm,
            .image_width = 128,
            .image_height = 128,
            .width = 128,
            .height = 128,
            .discard = discard};
  }
  void to_source_layout(VkImage image) {
    auto recorder = CommandRecorder::create(device_, QueueKind::kGraphics);
    ASSERT_TRUE(recorder);
    const auto commands = recorder->begin();
    ASSERT_TRUE(commands);
    record_layout_transition(*device_, *commands, image, VK_IMAGE_LAYOUT_GENERAL,
                             VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL);
    ASSERT_TRUE(recorder->submit());
  }
  std::vector<std::byte> read_image(VkImage image) {
    auto buffer = Buffer::create(
        device_, {.size_bytes = 65536, .usage = kCopyUsage, .memory = MemoryUse::kReadback});
    auto recorder = CommandRecorder::create(device_, QueueKind::kGraphics);
    if (!buffer || !recorder) return {};
    const auto commands = recorder->begin();
    if (!commands) return {};
    VkBufferImageCopy copy{};
    copy.imageSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 1};
    copy.imageExtent = {128, 128, 1};
    device_->vk().vkCmdCopyImageToBuffer(*commands, image, VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL,
                                         buffer->handle(), 1, &copy);
    EXPECT_TRUE(recorder->submit());
    EXPECT_TRUE(device_->wait_idle());
    return {buffer->mapped().begin(), buffer->mapped().end()};
  }
  void TearDown() override {
    ring_.reset();
    PoolMovesTest::TearDown();
  }
  std::shared_ptr<StagingRing> ring_;
  std::vector<std::pair<PoolHandle, std::vector<std::byte>>> images_;
};

TEST_F(PoolImagesTest, ImagesStayWithoutAHook) {
  open();
  make_images({});
  EXPECT_FALSE(pool_->create_buffer(2 * 65536, kCopyUsage));
  EXPECT_EQ(pool_->stats().moves, 0u);
}

TEST_F(PoolImagesTest, AHookRecreatesImages) {
  open();
  make_images([this](VkCommandBuffer commands, const PoolImageMove& move) {
    return recreate(*device_, commands, move);
  });
  std::set<VkImage> before;
  for (const auto& [handle, bytes] : images_) before.insert(pool_->lookup(handle)->image);
  const auto large = pool_->create_buffer(3 * 65536, kCopyUsage);
  ASSERT_TRUE(large) << large.error().to_string();
  const auto moved = pool_->moved().value();
  ASSERT_FALSE(moved.empty());
  for (const PoolAllocation& at : moved) EXPECT_EQ(before.count(at.image), 0u);
  for (const auto& [handle, bytes] : images_) {
    const auto at = pool_->pin(handle);
    ASSERT_TRUE(at);
    EXPECT_TRUE(test::same(read_image(at->image), bytes));
  }
}

TEST_F(PoolImagesTest, AHookThatFailsLeavesTheImageForGood) {
  open();
  int calls = 0;
  make_images([&](VkCommandBuffer, const PoolImageMove&) -> Result<VkImage> {
    ++calls;
    return fail(ErrorCode::kNotSupported, "not this one");
  });
  EXPECT_FALSE(pool_->create_buffer(3 * 65536, kCopyUsage));
  EXPECT_GT(calls, 0);
  EXPECT_LE(calls, 3) << "each is asked once";
  for (const auto& [handle, bytes] : images_)
    EXPECT_TRUE(test::same(read_image(pool_->lookup(handle)->image), bytes));
}

}  // namespace
}  // namespace forge3d
