// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "system/sample_window.hpp"

#include <gtest/gtest.h>

#include "system/ledger_history.hpp"
#include "system/transfer_window.hpp"

namespace forge3d::system {
namespace {

// Times are given: no clock runs here.
constexpr std::uint64_t kSecond = 1'000'000'000;

TEST(SampleWindow, LooksBackOverTheWindowOnly) {
  SampleWindow window(100);
  window.add(1 * kSecond, 1000);
  for (int i = 1; i <= 100; ++i) window.add(10 * kSecond + static_cast<std::uint64_t>(i), i);
  const MeasuredFigure figure = window.figure(11 * kSecond, 5 * kSecond);
  EXPECT_EQ(figure.samples, 100u);
  EXPECT_DOUBLE_EQ(figure.mean, 50.5);
  EXPECT_DOUBLE_EQ(figure.p50, 50);
  EXPECT_DOUBLE_EQ(figure.p99, 99);
  EXPECT_DOUBLE_EQ(figure.max, 100);
  EXPECT_EQ(window.figure(20 * kSecond, 5 * kSecond).samples, 0u);
  EXPECT_EQ(window.figure(20 * kSecond, 5 * kSecond).max, 0);
}

TEST(SampleWindow, ForgetsTheOldestWhenItIsFull) {
  SampleWindow window(4);
  for (int i = 0; i < 10; ++i) window.add(kSecond, i);
  const MeasuredFigure figure = window.figure(kSecond, kSecond);
  EXPECT_EQ(figure.samples, 4u);
  EXPECT_DOUBLE_EQ(figure.mean, 7.5);
}

TEST(SampleWindow, TakesOneSampleAndNone) {
  SampleWindow window(4);
  EXPECT_EQ(window.figure(0, kSecond).samples, 0u);
  window.add(kSecond, 3);
  const MeasuredFigure figure = window.figure(kSecond, kSecond);
  EXPECT_DOUBLE_EQ(figure.p50, 3);
  EXPECT_DOUBLE_EQ(figure.p99, 3);
}

TEST(TransferWindow, CountsBusyTimeOnce) {
  TransferWindow window(16);
  window.add(0, 100, 1000);
  window.add(50, 150, 1000);   // half of it beside the first
  window.add(60, 90, 500);     // all of it
  window.add(1000, 1100, 10);  // after a pause that counts for nothing
  const auto figures = window.figures(1100, 10'000);
  EXPECT_EQ(figures.bytes, 2510u);
  EXPECT_EQ(figures.busy_ns, 250u);
}

TEST(TransferWindow, AnEndThatNobodyLookedOutForCountsOnlyWhereThereIsNoOther) {
  TransferWindow window(16);
  window.add(0, 5000, 1000, false);
  EXPECT_EQ(window.figures(5000, 10'000).timed_bytes, 1000u);
  EXPECT_EQ(window.figures(5000, 10'000).busy_ns, 5000u);
  window.add(6000, 6100, 300, true);
  const auto figures = window.figures(7000, 10'000);
  EXPECT_EQ(figures.bytes, 1300u);
  EXPECT_EQ(figures.timed_bytes, 300u);
  EXPECT_EQ(figures.busy_ns, 100u);
}

TEST(TransferWindow, LeavesOutWhatEndedBeforeTheWindow) {
  TransferWindow window(2);
  window.add(0, 100, 1);
  window.add(900, 1000, 2);
  EXPECT_EQ(window.figures(1000, 500).bytes, 2u);
  EXPECT_EQ(window.figures(5000, 500).bytes, 0u);
  EXPECT_EQ(window.figures(5000, 500).busy_ns, 0u);
  window.add(1000, 1100, 4);
  EXPECT_EQ(window.figures(1100, 5000).bytes, 6u) << "two are kept";
}

TEST(LedgerHistory, KeepsTheLatestInOrder) {
  LedgerHistory history(3);
  BudgetStats ledger;
  for (std::uint64_t i = 1; i <= 5; ++i) {
    ledger.total_bytes = i;
    history.add(i * 10, ledger);
  }
  const auto samples = history.samples();
  ASSERT_EQ(samples.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(samples[i].total_bytes, i + 3);
    EXPECT_EQ(samples[i].time_ns, (i + 3) * 10);
  }
}

TEST(LedgerHistory, SpacedSamplesLeaveGaps) {
  LedgerHistory history(10);
  for (std::uint64_t time = 100; time < 200; time += 5) history.add_spaced(time, {}, 20);
  EXPECT_EQ(history.samples().size(), 5u);
}

TEST(LedgerHistory, TimesNeverFall) {
  LedgerHistory history(10);
  history.add(50, {});
  history.add(40, {});  // a thread that was held up
  EXPECT_EQ(history.samples()[1].time_ns, 50u);
}

}  // namespace
}  // namespace forge3d::system
