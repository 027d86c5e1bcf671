// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Eight threads allocate, free, map, move and ask at the same time.

#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>

#include "memory/pool_fixture.hpp"

namespace forge3d {
namespace {

using test::Filled;

class PoolStressTest : public test::PoolTest {};

struct Outcome {
  std::atomic<std::uint64_t> granted{0}, refused{0}, broken{0}, errors{0};
};

// What one thread does, to allocations of its own and to the pool as a whole.
void work(MemoryPool& pool, unsigned seed, int steps, Outcome& outcome) {
  std::mt19937 random(seed);
  std::vector<Filled> live;
  const auto drop_last = [&] {
    if (!test::is_intact(pool, live.back())) ++outcome.broken;
    if (!pool.release(live.back().handle)) ++outcome.errors;
    live.pop_back();
  };
  for (int step = 0; step < steps; ++step) {
    const unsigned choice = random() % 100;
    if (choice < 45) {
      const std::uint64_t size = 1 + random() % (1u << (4 + random() % 13));
      const auto got = test::create_filled(pool, size, static_cast<std::uint32_t>(random()));
      if (got)
        live.push_back(*got);
      else if (got.error().code != ErrorCode::kBudgetExceeded)
        ++outcome.errors;
      ++(got ? outcome.granted : outcome.refused);
    } else if (choice < 80 && !live.empty()) {
      std::swap(live[random() % live.size()], live.back());
      drop_last();
    } else if (choice < 92 && !live.empty()) {  // writes anew through a mapping
      Filled& f = live[random() % live.size()];
      const auto at = pool.pin(f.handle);
      if (!at || !test::holds(*at, f.size_bytes, f.word)) ++outcome.broken;
      f.word = static_cast<std::uint32_t>(random());
      if (at) test::fill(*at, f.size_bytes, f.word);
      if (!pool.unpin(f.handle)) ++outcome.errors;
    } else if (choice < 94) {
      if (!pool.upkeep({.max_moved_bytes = 64 * 1024, .target_fragmentation = 0})) ++outcome.errors;
    } else if (choice < 95) {
      int left = 3;
      if (!pool.defragment([&](const PoolMoves&) { return left-- > 0; })) ++outcome.errors;
    } else if (choice < 97) {
      if (!pool.moved()) ++outcome.errors;
    } else if (choice < 98) {
      pool.trim();
    } else {
      (void)pool.stats(choice == 99);
    }
  }
  while (!live.empty()) drop_last();
}

TEST_F(PoolStressTest, ThreadsAllocateFreeMapAndDefragmentAtOnce) {
  open({.host_visible_bytes = 2 * kMebibyte, .total_bytes = 2 * kMebibyte});
  auto pool = make_pool({.memory = MemoryUse::kUpload,
                         .block_bytes = 256 * 1024,
                         .wait_ns = 2'000'000,
                         .event_limit = 1000});
  Outcome outcome;
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 8; ++t)
    threads.emplace_back([&, t] { work(*pool, 100 + t, 400, outcome); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(outcome.broken, 0u) << "every byte is where it was put";
  EXPECT_EQ(outcome.errors, 0u);
  EXPECT_GT(outcome.granted, 500u);
  ASSERT_TRUE(device_->wait_idle() && pool->collect());
  const PoolStats stats = pool->stats(true);
  EXPECT_EQ(stats.active_allocations, 0u);
  EXPECT_EQ(stats.used_bytes, 0u);
  EXPECT_EQ(stats.total_allocated, stats.total_freed);
  EXPECT_EQ(stats.retiring_bytes, 0u);
  for (const PoolStats::Block& block : stats.blocks) EXPECT_EQ(block.used_bytes, 0u);
  EXPECT_GT(stats.moves, 0u);
  pool->trim();
  EXPECT_EQ(pool->stats().block_bytes, 0u);
}

}  // namespace
}  // namespace forge3d
