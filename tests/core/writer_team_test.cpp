// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "core/writer_team.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace forge3d {
namespace {

TEST(WriterTeam, RunsEachSliceOnce) {
  for (const std::uint32_t helpers : {0u, 1u, 3u}) {
    WriterTeam team(helpers);
    for (const std::uint32_t slices : {1u, 2u, 100u}) {
      std::vector<std::atomic<int>> runs(slices);
      team.run(slices, [&](std::uint32_t i) { ++runs[i]; });
      for (const auto& count : runs) EXPECT_EQ(count, 1);
    }
  }
}

TEST(WriterTeam, HelpersFollowPortionsThatArriveLate) {
  WriterTeam team(2);
  std::atomic<int> done{0};
  {
    WriterTeam::Session session(team);
    for (int i = 0; i < 20; ++i) {
      auto& portion = session.post(8, [&](std::uint32_t) { ++done; });
      if (i % 5 == 0)  // time to fall asleep
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
      while (portion.help()) {
      }
      while (!portion.done()) std::this_thread::yield();
    }
  }
  EXPECT_EQ(done, 160);
}

TEST(WriterTeam, ABusyTeamLeavesTheWorkToItsCaller) {
  WriterTeam team(1);
  WriterTeam::Session first(team);
  std::thread::id ran;
  std::thread other([&] {
    WriterTeam::Session second(team);
    auto& portion = second.post(1, [&](std::uint32_t) { ran = std::this_thread::get_id(); });
    EXPECT_TRUE(portion.help());
    EXPECT_TRUE(portion.done());
    EXPECT_EQ(ran, std::this_thread::get_id());
  });
  other.join();
}

TEST(WriterTeam, ManyCallersAtOnce) {
  WriterTeam team(2);
  std::atomic<std::uint64_t> sum{0};
  std::vector<std::thread> callers;
  for (int c = 0; c < 4; ++c)
    callers.emplace_back([&] {
      for (int i = 0; i < 200; ++i) team.run(10, [&](std::uint32_t slice) { sum += slice; });
    });
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(sum, 4u * 200 * 45);
}

}  // namespace
}  // namespace forge3d
