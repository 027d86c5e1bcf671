// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "core/event_recorder.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace forge3d {
namespace {

TEST(EventRecorder, KeepsWhatItIsTold) {
  EventRecorder recorder(4);
  recorder.add("upload", "one", 10, 20, 4096);
  recorder.add("pool", "two", 15, 15);
  const auto events = recorder.events();
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].category, "upload");
  EXPECT_EQ(events[0].name, "one");
  EXPECT_EQ(events[0].begin_ns, 10u);
  EXPECT_EQ(events[0].end_ns, 20u);
  EXPECT_EQ(events[0].number, 4096u);
  EXPECT_EQ(events[1].name, "two");
  EXPECT_EQ(events[0].thread, events[1].thread);
  EXPECT_EQ(recorder.dropped(), 0u);
}

TEST(EventRecorder, KeepsTheLatest) {
  EventRecorder recorder(3);
  for (int i = 0; i < 10; ++i) recorder.add("c", std::to_string(i), 0, 1);
  const auto events = recorder.events();
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[0].name, "7");
  EXPECT_EQ(events[2].name, "9");
  EXPECT_EQ(recorder.dropped(), 7u);
}

TEST(EventRecorder, OfSizeZeroKeepsNothing) {
  EventRecorder recorder(0);
  recorder.add("c", "n", 0, 1);
  EXPECT_TRUE(recorder.events().empty());
  EXPECT_EQ(recorder.dropped(), 0u);
}

TEST(EventRecorder, CutsLongWordsAtWholeCharacters) {
  EventRecorder recorder(1);
  std::string name(EventRecorder::kMostNameChars - 1, 'x');
  recorder.add("a category of many letters", name + "\xC3\xA4", 0, 1);
  const auto events = recorder.events();
  EXPECT_EQ(events[0].category, "a category of m");
  EXPECT_EQ(events[0].name, name) << "half a character was kept";
}

TEST(EventRecorder, ThreadsLoseNothingThatFits) {
  constexpr int kThreads = 8, kEach = 2000;
  EventRecorder recorder(kThreads * kEach);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([&recorder, t] {
      for (int i = 0; i < kEach; ++i)
        recorder.add("c", std::to_string(t) + "." + std::to_string(i), 1, 2);
    });
  for (std::thread& thread : threads) thread.join();
  std::set<std::string> names;
  std::set<std::uint64_t> ids;
  for (const RecordedEvent& event : recorder.events()) {
    names.insert(event.name);
    ids.insert(event.thread);
  }
  EXPECT_EQ(names.size(), std::size_t{kThreads} * kEach);
  EXPECT_EQ(ids.size(), std::size_t{kThreads});
  EXPECT_EQ(recorder.dropped(), 0u);
}

TEST(EventRecorder, IsReadWhileItIsWritten) {
  EventRecorder recorder(64);
  std::atomic<bool> stop{false};
  std::vector<std::thread> writers;
  for (int t = 0; t < 3; ++t)
    writers.emplace_back([&] {
      for (std::uint64_t i = 0; !stop.load(); ++i)
        recorder.add("c", std::to_string(i), i, i + 7, i * 3);
    });
  std::uint64_t seen = 0;
  for (int i = 0; i < 300 || seen < 5000; ++i)
    for (const RecordedEvent& event : recorder.events()) {
      ++seen;
      ASSERT_EQ(event.end_ns, event.begin_ns + 7) << "a torn event";
      ASSERT_EQ(event.number, event.begin_ns * 3);
      ASSERT_EQ(event.name, std::to_string(event.begin_ns));
    }
  stop = true;
  for (std::thread& thread : writers) thread.join();
}

}  // namespace
}  // namespace forge3d
