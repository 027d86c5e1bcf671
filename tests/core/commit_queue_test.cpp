// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "core/commit_queue.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace forge3d {
namespace {

void never_full() { FAIL() << "the queue had room"; }

template <class Item>
std::optional<Item> pop(CommitQueue<Item>& queue) {
  std::optional<Item> result;
  queue.pop([&](Item& item) { result = std::move(item); });
  return result;
}

TEST(CommitQueue, KeepsTheOrderOfPushesAndNumbersThem) {
  CommitQueue<int> queue(4);
  EXPECT_FALSE(pop(queue));
  for (int round = 0; round < 5; ++round) {
    EXPECT_EQ(queue.push(10, never_full), static_cast<std::uint64_t>(round * 2));
    queue.push(20, never_full);
    EXPECT_EQ(queue.pushed() - queue.popped(), 2u);
    EXPECT_EQ(pop(queue), 10);
    EXPECT_EQ(pop(queue), 20);
    EXPECT_FALSE(pop(queue));
  }
}

TEST(CommitQueue, AFullQueueHasItsConsumerCalled) {
  CommitQueue<int> queue(2);
  queue.push(1, never_full);
  queue.push(2, never_full);
  std::vector<int> popped;
  queue.push(3, [&] { popped.push_back(*pop(queue)); });
  EXPECT_EQ(popped, std::vector<int>{1});
  EXPECT_EQ(pop(queue), 2);
  EXPECT_EQ(pop(queue), 3);
}

TEST(CommitQueue, EachProducersItemsComeOutOnceAndInItsOrder) {
  constexpr std::uint64_t kThreads = 4, kItems = 20'000;
  CommitQueue<std::uint64_t> queue(64);
  std::mutex consumer;
  std::vector<std::uint64_t> next(kThreads, 0);
  std::atomic<bool> in_order{true};
  const auto consume = [&] {
    std::lock_guard lock(consumer);
    while (const auto item = pop(queue))
      if (next[*item / kItems]++ != *item % kItems) in_order = false;
  };
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < kThreads; ++t)
    threads.emplace_back([&, t] {
      for (std::uint64_t i = 0; i < kItems; ++i) queue.push(t * kItems + i, consume);
    });
  for (std::thread& thread : threads) thread.join();
  consume();
  EXPECT_TRUE(in_order);
  EXPECT_EQ(next, std::vector<std::uint64_t>(kThreads, kItems));
}

}  // namespace
}  // namespace forge3d
