// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "streaming/test_sources.hpp"
#include "system/system_fixture.hpp"

namespace forge3d::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class SetLimits : public SystemFixture {
 protected:
  static MemorySystemDesc with_small_blocks() {
    MemorySystemDesc desc;
    desc.pool = {.block_bytes = kMebibyte, .max_bytes = 64 * kMebibyte};
    return desc;
  }
  PoolBuffer buffer(std::uint64_t size_bytes) {
    return system_->pool()
        ->create_buffer(size_bytes,
                        VK_BUFFER_USAGE_TRANSFER_DST_BIT | VK_BUFFER_USAGE_TRANSFER_SRC_BIT)
        .value();
  }
};

TEST_F(SetLimits, GoUpAndDown) {
  open({}, {64 * kMebibyte, 64 * kMebibyte});
  ASSERT_NE(system_, nullptr);
  for (const std::uint64_t mebibytes : {128, 32, 700, 64}) {
    const auto changed = system_->set_limits({mebibytes * kMebibyte, mebibytes * kMebibyte});
    ASSERT_TRUE(changed) << changed.error().to_string();
    EXPECT_EQ(ledger().limits.total_bytes, mebibytes * kMebibyte);
    EXPECT_EQ(ledger().limits.host_visible_bytes, mebibytes * kMebibyte);
  }
}

TEST_F(SetLimits, GiveEmptyBlocksBackAsFarAsNeeded) {
  open(with_small_blocks());
  ASSERT_NE(system_, nullptr);
  std::vector<PoolBuffer> buffers;
  for (int i = 0; i < 16; ++i) buffers.push_back(buffer(kMebibyte - 4096));
  for (const PoolBuffer& one : buffers)
    ASSERT_TRUE(system_->pool()->release(one.allocation.handle));
  const std::uint64_t held_bytes = ledger().total_bytes;
  const std::uint64_t limit = held_bytes - 3 * kMebibyte;
  const auto changed = system_->set_limits({limit, limit});
  ASSERT_TRUE(changed) << changed.error().to_string();
  EXPECT_LE(ledger().total_bytes, limit);
  EXPECT_GE(ledger().total_bytes, limit - kMebibyte) << "more was given back than was needed";
}

TEST_F(SetLimits, MoveAllocationsWhereEmptyBlocksDoNotDo) {
  open(with_small_blocks());
  ASSERT_NE(system_, nullptr);
  const auto pool = system_->pool();
  std::vector<PoolBuffer> buffers;
  for (int i = 0; i < 64; ++i) buffers.push_back(buffer(200 << 10));
  // One of five stays in each block, free to be moved.
  std::vector<PoolHandle> kept;
  for (std::size_t i = 0; i < buffers.size(); ++i)
    if (i % 5 == 0) {
      ASSERT_TRUE(pool->unpin(buffers[i].allocation.handle));
      kept.push_back(buffers[i].allocation.handle);
    } else {
      ASSERT_TRUE(pool->release(buffers[i].allocation.handle));
    }
  const std::uint64_t limit = ledger().total_bytes - 6 * kMebibyte;
  const auto changed = system_->set_limits({limit, limit});
  ASSERT_TRUE(changed) << changed.error().to_string();
  EXPECT_LE(ledger().total_bytes, limit);
  EXPECT_GT(pool->stats().moves, 0u);
  for (const PoolHandle handle : kept) EXPECT_TRUE(pool->lookup(handle));
  const std::string trace = system_->trace_json().value();
  for (const char* name : {"\"grow\"", "\"shrink\"", "\"defragment\"", "\"set_limits\""})
    EXPECT_THAT(trace, HasSubstr(name));
  for (const PoolHandle handle : kept) EXPECT_TRUE(pool->release(handle));
}

TEST_F(SetLimits, BelowWhatIsHeldAreRefusedByCategoryAndChangeNothing) {
  open({}, {64 * kMebibyte, 64 * kMebibyte});
  ASSERT_NE(system_, nullptr);
  const auto texture =
      system_->add_texture(gradient_picture(256, 256), "held", {.quality = Quality::kFast}).value();
  const auto pooled = buffer(kMebibyte);
  const auto refused = system_->set_limits({kMebibyte, kMebibyte});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kBudgetExceeded);
  EXPECT_THAT(refused.error().message,
              AllOf(HasSubstr("staging 4194"), HasSubstr("pool "),
                    HasSubstr("texture " + std::to_string(texture.device_bytes))));
  EXPECT_EQ(ledger().limits.total_bytes, 64 * kMebibyte);
  EXPECT_EQ(ledger().limits.host_visible_bytes, 64 * kMebibyte);
  EXPECT_TRUE(system_->texture(texture.id));
  EXPECT_TRUE(system_->pool()->lookup(pooled.allocation.handle));
  EXPECT_TRUE(system_->pool()->release(pooled.allocation.handle));
}

TEST_F(SetLimits, TexturesOnTheirWayOutAreWaitedFor) {
  open();
  ASSERT_NE(system_, nullptr);
  const auto texture =
      system_->add_texture(gradient_picture(512, 512), "going", {.quality = Quality::kFast})
          .value();
  ASSERT_TRUE(system_->unload_texture(texture.id));
  const std::uint64_t limit = 5 * kMebibyte;  // the rings
  const auto changed = system_->set_limits({limit, limit});
  EXPECT_TRUE(changed) << changed.error().to_string();
}

// While limits go up and down and threads reserve, held bytes never pass a limit that is in force.
TEST_F(SetLimits, ConcurrentReservesNeverPassThem) {
  open(with_small_blocks(), {96 * kMebibyte, 96 * kMebibyte});
  ASSERT_NE(system_, nullptr);
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> granted{0}, violations{0};
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      Budget& budget = device_->budget();
      std::vector<std::uint64_t> mine;
      std::uint64_t state = t + 1;
      while (!stop.load()) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        const std::uint64_t bytes = 1 + (state >> 33) % kMebibyte;
        if (mine.size() < 24 && budget.reserve(MemoryCategory::kOther, bytes, true)) {
          mine.push_back(bytes);
          granted.fetch_add(1);
        } else if (!mine.empty()) {
          budget.release(MemoryCategory::kOther, mine.back(), true);
          mine.pop_back();
        }
      }
      for (const std::uint64_t bytes : mine) budget.release(MemoryCategory::kOther, bytes, true);
    });
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(1500);
  std::uint64_t accepted = 0, refused = 0;
  for (std::uint64_t i = 0; std::chrono::steady_clock::now() < end; ++i) {
    const std::uint64_t limit = (16 + i * 37 % 80) * kMebibyte;
    const bool done = system_->set_limits({limit, limit}).has_value();
    (done ? accepted : refused) += 1;
    // Nobody else changes limits: what is held now is within the one in force.
    for (int look = 0; look < 20; ++look) {
      const BudgetStats now = ledger();
      if (now.total_bytes > now.limits.total_bytes ||
          now.host_visible_bytes > now.limits.host_visible_bytes)
        violations.fetch_add(1);
    }
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(violations.load(), 0u);
  EXPECT_GT(granted.load(), 0u);
  EXPECT_GT(accepted, 0u);
  RecordProperty("accepted", static_cast<int>(accepted));
  RecordProperty("refused", static_cast<int>(refused));
}

}  // namespace
}  // namespace forge3d::test
