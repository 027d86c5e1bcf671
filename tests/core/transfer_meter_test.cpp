// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "core/transfer_meter.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace forge3d {
namespace {

TEST(LatencyHistogram, QuantilesAreAtMostAnEighthTooHigh) {
  std::mt19937_64 random(3);
  LatencyHistogram histogram;
  EXPECT_EQ(histogram.quantile_ns(0.5), 0u);
  std::vector<std::uint64_t> all;
  for (int i = 0; i < 20'000; ++i) {
    all.push_back(random() >> (8 + random() % 50));
    histogram.add(all.back());
  }
  std::sort(all.begin(), all.end());
  for (const double p : {0.0001, 0.01, 0.5, 0.9, 0.99, 1.0}) {
    const auto rank = static_cast<std::size_t>(p * static_cast<double>(all.size()) + 0.5);
    const std::uint64_t exact = all[std::max<std::size_t>(rank, 1) - 1];
    EXPECT_GE(histogram.quantile_ns(p), exact) << p;
    EXPECT_LE(static_cast<double>(histogram.quantile_ns(p)), static_cast<double>(exact) * 1.125 + 1)
        << p;
  }
  histogram.add(~std::uint64_t{0});
  EXPECT_EQ(histogram.quantile_ns(1.0), ~std::uint64_t{0});
}

TEST(RateWindow, CountsOnlyBusyTimeOnce) {
  constexpr std::uint64_t kMs = 1'000'000;
  RateWindow window;
  EXPECT_EQ(window.bytes_per_s(0), 0);
  window.add(10 * kMs, 20 * kMs, 1'000'000);
  EXPECT_DOUBLE_EQ(window.bytes_per_s(20 * kMs), 1e8);
  window.add(15 * kMs, 30 * kMs, 1'000'000);  // overlaps the first: 20 ms in all
  EXPECT_DOUBLE_EQ(window.bytes_per_s(30 * kMs), 1e8);
  window.add(500 * kMs, 520 * kMs, 2'000'000);  // the pause between does not count
  EXPECT_DOUBLE_EQ(window.bytes_per_s(600 * kMs), 1e8);
}

TEST(RateWindow, ForgetsAfterASecond) {
  constexpr std::uint64_t kMs = 1'000'000;
  RateWindow window;
  window.add(0, 10 * kMs, 1'000'000);
  EXPECT_GT(window.bytes_per_s(900 * kMs), 0);
  EXPECT_EQ(window.bytes_per_s(1200 * kMs), 0);
}

TEST(DurationGuess, FollowsShorterTimesAtOnceAndLongerOnesSlowly) {
  DurationGuess guess;
  EXPECT_FALSE(guess.guess_ns(1 << 20));
  guess.learn(1 << 20, 100'000);
  EXPECT_EQ(guess.guess_ns(1 << 20), 100'000u);
  EXPECT_EQ(guess.guess_ns((1 << 20) + (1 << 19)), 150'000u) << "of about this size: in proportion";
  EXPECT_FALSE(guess.guess_ns(1 << 21)) << "another size says nothing";
  EXPECT_FALSE(guess.guess_ns(0));
  guess.learn(1 << 20, 50'000);
  EXPECT_EQ(guess.guess_ns(1 << 20), 50'000u);
  guess.learn(1 << 20, 450'000);
  EXPECT_EQ(guess.guess_ns(1 << 20), 100'000u);
}

}  // namespace
}  // namespace forge3d
