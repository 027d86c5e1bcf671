// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "streaming/request_queue.hpp"

#include <gtest/gtest.h>

#include <set>

namespace forge3d::streaming {
namespace {

PageKey page_of(std::uint32_t i, std::uint32_t texture = 0) { return {texture, {0, i, 0}}; }

struct Frames {
  RequestQueue queue;
  std::uint64_t frame = 0;
  std::uint32_t fresh = 0;
  std::vector<PageKey> run(std::initializer_list<std::pair<std::uint32_t, float>> wanted,
                           std::size_t count) {
    queue.begin_frame(++frame);
    for (const auto& [page, priority] : wanted) queue.want(page_of(page), priority);
    queue.drop_unwanted();
    return queue.start(count, fresh);
  }
};

TEST(RequestQueue, StartsTheBestAndNothingTwice) {
  Frames f;
  EXPECT_EQ(f.run({{1, 5}, {2, 9}, {3, 7}}, 2), (std::vector{page_of(2), page_of(3)}));
  EXPECT_EQ(f.run({{1, 5}, {2, 9}, {3, 7}, {4, 1}}, 9), (std::vector{page_of(1), page_of(4)}));
  EXPECT_EQ(f.run({{1, 5}, {2, 9}, {3, 7}, {4, 1}}, 9), std::vector<PageKey>{});
  EXPECT_EQ(f.queue.in_flight(), 4u);
  EXPECT_EQ(f.fresh, 4u);
}

TEST(RequestQueue, WhatIsNotWantedAnyMoreIsNeverStarted) {
  Frames f;
  (void)f.run({{1, 5}, {2, 9}}, 1);
  EXPECT_EQ(f.run({}, 9), std::vector<PageKey>{});
  EXPECT_TRUE(f.queue.find(page_of(2))) << "in flight: its tile still has a place to go";
  EXPECT_EQ(f.queue.unsettled(), 0u);
}

TEST(RequestQueue, WithdrawnReadsAreRankedAnew) {
  Frames f;
  (void)f.run({{1, 5}, {2, 4}}, 2);
  f.queue.withdraw(page_of(1));
  f.queue.withdraw(page_of(2));
  EXPECT_EQ(f.queue.in_flight(), 0u);
  EXPECT_EQ(f.run({{1, 1}, {2, 8}}, 1), std::vector{page_of(2)});
  EXPECT_EQ(f.fresh, 2u) << "a read that is taken back and given again is one request";
}

TEST(RequestQueue, FailuresWaitTwiceAsLongEachTime) {
  Frames f;
  std::vector<std::uint64_t> tries;
  while (f.frame < 1200)
    for (const PageKey& page : f.run({{1, 1}}, 1)) {
      tries.push_back(f.frame);
      f.queue.fail(page);
    }
  ASSERT_GE(tries.size(), 10u);
  for (std::size_t i = 1; i < tries.size(); ++i)
    EXPECT_EQ(tries[i] - tries[i - 1], std::uint64_t{1} << std::min<std::size_t>(i, 8)) << i;
  EXPECT_EQ(f.queue.unsettled(), 0u);
  EXPECT_EQ(f.queue.in_flight(), 0u);
}

TEST(RequestQueue, LeavingTheScreenDoesNotShortenTheBackoff) {
  Frames f;
  f.queue.fail(f.run({{1, 1}}, 1).at(0));  // due again in frame 3
  (void)f.run({}, 1);
  EXPECT_EQ(f.run({{1, 1}}, 1), std::vector{page_of(1)});
  f.queue.fail(page_of(1));  // due again in frame 7
  (void)f.run({}, 1);
  EXPECT_EQ(f.run({{1, 1}}, 1), std::vector<PageKey>{});
  EXPECT_EQ(f.run({{1, 1}}, 1), std::vector<PageKey>{});
  EXPECT_EQ(f.run({{1, 1}}, 1), std::vector{page_of(1)});
}

TEST(RequestQueue, ForgettingATextureLeavesOthersAlone) {
  RequestQueue queue;
  queue.begin_frame(1);
  for (std::uint32_t i = 0; i < 10; ++i) queue.want(page_of(i, i % 2), 1);
  std::uint32_t fresh = 0;
  (void)queue.start(6, fresh);
  queue.forget_texture(1);
  EXPECT_FALSE(queue.find(page_of(1, 1)));
  queue.fail(page_of(1, 1));  // its read ends after all
  queue.finish(page_of(3, 1));
  EXPECT_EQ(queue.unsettled(), 5u);
  EXPECT_EQ(queue.in_flight(), 5u) << "equal priorities go by address, texture 0 first";
}

TEST(RequestQueue, WaitingTimeStartsWhenAPageComesIntoView) {
  Frames f;
  for (int i = 0; i < 3; ++i) (void)f.run({{1, 1}, {2, 2}}, 1);
  EXPECT_EQ(f.queue.find(page_of(2))->first_wanted, 1u);
  (void)f.run({{2, 2}}, 0);
  (void)f.run({{1, 1}}, 1);
  EXPECT_EQ(f.queue.find(page_of(1))->first_wanted, 3u + 2u - 0u);
}

TEST(RequestQueue, WhatViewsWillWantCountsAsMuchAsWhatTheyWant) {
  RequestQueue queue;
  queue.begin_frame(1);
  queue.want(page_of(1), 5);
  queue.want(page_of(2), 4);
  queue.want_ahead(page_of(2), 3);
  queue.want_ahead(page_of(3), 6);
  std::uint32_t fresh = 0;
  const std::vector<PageKey> started = queue.start(3, fresh);
  EXPECT_EQ(started, (std::vector<PageKey>{page_of(2), page_of(3), page_of(1)}));
  EXPECT_TRUE(queue.find(page_of(2))->for_view);
  EXPECT_FALSE(queue.find(page_of(2))->ahead_only);
  EXPECT_TRUE(queue.find(page_of(3))->ahead_only);
  queue.begin_frame(2);
  queue.want(page_of(3), 6);  // now it is seen: only now does somebody wait for it
  EXPECT_EQ(queue.find(page_of(3))->first_wanted, 2u);
  EXPECT_FALSE(queue.find(page_of(3))->ahead_only);
}

}  // namespace
}  // namespace forge3d::streaming
