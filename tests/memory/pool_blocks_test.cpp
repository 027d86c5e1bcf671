// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "memory/pool_blocks.hpp"

#include <gtest/gtest.h>

#include <random>

#include "support/test_device.hpp"

namespace forge3d {
namespace {

TEST(PoolRequest, RoundsOnlyWhatTheDeviceAsksFor) {
  const VkMemoryRequirements requirements{1000, 4, 1};
  const PoolRequest buffer = make_pool_request(requirements, pool_unit_bytes(true, 65536, 1));
  EXPECT_EQ(buffer.size_bytes, 1008u);
  EXPECT_EQ(buffer.alignment_bytes, 16u);
  const PoolRequest image = make_pool_request(requirements, pool_unit_bytes(false, 65536, 1));
  EXPECT_EQ(image.size_bytes, 65536u);
  EXPECT_EQ(image.alignment_bytes, 65536u);
  EXPECT_EQ(make_pool_request(requirements, pool_unit_bytes(false, 1, 1)).size_bytes, 1008u);
  EXPECT_EQ(make_pool_request(requirements, pool_unit_bytes(true, 1, 256)).alignment_bytes, 256u)
      << "not coherent: whole atoms";
}

TEST(PoolRequest, BuffersAndImagesNeverShareAPage) {
  for (const std::uint64_t granularity : {1, 64, 1024, 65536}) {
    std::mt19937 random(3);
    Placement places(32 << 20);
    struct Live {
      Placement::Allocation at;
      bool linear;
    };
    std::vector<Live> live;
    for (int step = 0; step < 400; ++step) {
      const bool linear = random() % 2 == 0;
      const PoolRequest request = make_pool_request({1 + random() % 5000, 1u << (random() % 9), 1},
                                                    pool_unit_bytes(linear, granularity, 1));
      if (auto got = places.allocate(request.size_bytes, request.alignment_bytes))
        live.push_back({*got, linear});
      if (random() % 3 == 0 && !live.empty()) {
        std::swap(live[random() % live.size()], live.back());
        places.free(live.back().at.id);
        live.pop_back();
      }
    }
    for (const Live& a : live)
      for (const Live& b : live) {
        if (a.linear == b.linear || a.at.offset_bytes > b.at.offset_bytes) continue;
        ASSERT_LT((a.at.offset_bytes + a.at.size_bytes - 1) / granularity,
                  b.at.offset_bytes / granularity)
            << "granularity " << granularity;
      }
  }
}

class PoolBlocksTest : public ::testing::Test {
 protected:
  void SetUp() override {
    device_ = test::open_device({.host_visible_bytes = kMebibyte, .total_bytes = kMebibyte});
    ASSERT_NE(device_, nullptr);
  }
  PoolRequest request(std::uint64_t size_bytes) {
    return {.size_bytes = size_bytes,
            .alignment_bytes = 16,
            .memory_type = *device_->memory_type(~0u, MemoryUse::kDevice)};
  }
  std::uint64_t held() const { return device_->budget().stats().total_bytes; }
  std::shared_ptr<Device> device_;
};

TEST_F(PoolBlocksTest, LargeRequestsGetABlockOfTheirOwn) {
  PoolBlocks pool(device_, {.block_bytes = 65536});
  ASSERT_TRUE(pool.grow(request(1024), 0));
  EXPECT_EQ(held(), 65536u);
  ASSERT_TRUE(pool.grow(request(32768 + 16), 0));
  EXPECT_EQ(held(), 65536u + 32768 + 16);
  EXPECT_EQ(pool.held_bytes(), held());
  EXPECT_EQ(pool.device_allocations(), 2u);
}

TEST_F(PoolBlocksTest, ShrinksTheBlockToWhatTheLedgerHasLeft) {
  PoolBlocks pool(device_, {.block_bytes = kMebibyte});
  ASSERT_TRUE(device_->budget().reserve(MemoryCategory::kOther, kMebibyte - 100'000, false));
  ASSERT_TRUE(pool.grow(request(40'000), 0));
  EXPECT_EQ(held(), kMebibyte - 100'000 + 65536) << "halved until it fits";
  EXPECT_EQ(device_->budget().stats().refusals, 0u) << "trying sizes is no refusal";
  device_->budget().release(MemoryCategory::kOther, kMebibyte - 100'000, false);
}

TEST_F(PoolBlocksTest, MaxBytesHoldsBelowTheLedger) {
  PoolBlocks pool(device_, {.block_bytes = 65536, .max_bytes = 100'000});
  ASSERT_TRUE(pool.grow(request(60'000), 0));
  const auto refused = pool.grow(request(60'000), 0);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().to_string().find("max_bytes of 100000"), std::string::npos)
      << refused.error().to_string();
  EXPECT_TRUE(pool.grow(request(16), 0)) << "a small block still fits";
  EXPECT_LE(held(), 100'000u);
}

TEST_F(PoolBlocksTest, ABlockKeepsItsNumberAndItsShardUntilItIsDropped) {
  PoolBlocks pool(device_, {.block_bytes = 65536});
  const auto a = pool.grow(request(16), 3), b = pool.grow(request(16), 4);
  ASSERT_TRUE(a && b);
  EXPECT_NE(*a, *b);
  EXPECT_EQ(pool.shard_of(*a), 3u);
  EXPECT_EQ(pool.shard_of(*b), 4u);
  EXPECT_EQ(pool.drop(*a), 65536u);
  EXPECT_EQ(held(), 65536u);
  EXPECT_EQ(pool.shard_of(*b), 4u);
  EXPECT_EQ(*pool.grow(request(16), 5), *a) << "the number is used again";
}

}  // namespace
}  // namespace forge3d
