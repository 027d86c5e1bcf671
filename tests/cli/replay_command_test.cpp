// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// forge3d replay, run as a process on the machine's own device.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "cli/tool.hpp"
#include "support/shared_data.hpp"

namespace forge3d::test {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::json;

// Churn in 4 MiB at 90 %, in blocks of up to 256 KiB.
std::string churn_log() {
  std::mt19937 random(5);
  std::string text = "time_ns,event,id,size,alignment,block,offset\n";
  std::vector<std::pair<int, unsigned>> live;
  unsigned live_bytes = 0;
  for (int id = 0; id < 600; ++id) {
    const unsigned size = (1u + random() % 16) << (4 + random() % 11);
    while (live_bytes + size > (4u << 20) / 10 * 9) {
      std::swap(live[random() % live.size()], live.back());
      text += "1,free," + std::to_string(live.back().first) + ",1,1,0,0\n";
      live_bytes -= live.back().second;
      live.pop_back();
    }
    text += "1,allocate," + std::to_string(id) + "," + std::to_string(size) + ",16,0,0\n";
    live.emplace_back(id, size);
    live_bytes += size;
  }
  return text;
}

class ReplayCommand : public ::testing::Test {
 protected:
  void SetUp() override { write_text(path("churn.csv"), churn_log()); }
  [[nodiscard]] std::string path(const std::string& name) const {
    return (folder_ / name).string();
  }
  ToolRun replay(std::vector<std::string> more) {
    std::vector<std::string> all{"replay", path("churn.csv"), "--capacity", "4194304", "--json"};
    all.insert(all.end(), more.begin(), more.end());
    return run_tool(all);
  }
  TempFolder folder_;
};

TEST_F(ReplayCommand, MovingGrantsWhatPinnedBlocksDoNot) {
  const Json still = replay({"--pinned"}).json(), moving = replay({"--verify"}).json();
  EXPECT_EQ(moving["requests"], 600);
  EXPECT_EQ(moving["refusals"], 0);
  EXPECT_TRUE(moving["fill_first_refusal"].is_null());
  EXPECT_GT(moving["moves"], 0);
  EXPECT_EQ(moving["verify"]["checked"], 600);
  EXPECT_EQ(moving["verify"]["damaged"], 0);
  EXPECT_EQ(moving["device_allocations"], 1);
  EXPECT_GT(moving["time_ms"], 0);
  EXPECT_GT(still["refusals"], 10);
  EXPECT_EQ(still["moves"], 0);
  EXPECT_LT(still["fill_first_refusal"], 0.9);
}

TEST_F(ReplayCommand, DefragmentationIsDrawnAndTold) {
  // Upkeep leaves another heap each time, as its slices are bounded by time.
  const ToolRun kept = replay({"--defragment", "--upkeep", "10"});
  ASSERT_EQ(kept.exit_code, 0) << kept.err;
  EXPECT_LE(kept.json()["defragment"]["fragmentation_after"],
            kept.json()["defragment"]["fragmentation_before"]);
  const ToolRun run = replay({"--defragment", "--picture", path("heap")});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_LE(run.json()["defragment"]["fragmentation_after"], 0.05);
  const std::string before = read_text(path("heap-before.svg"));
  const std::string after = read_text(path("heap-after.svg"));
  EXPECT_THAT(before, HasSubstr("<svg "));
  EXPECT_GT(std::count(before.begin(), before.end(), '\n'),
            std::count(after.begin(), after.end(), '\n'))
      << "fewer pieces to draw";
}

// The parts that GpuMemDumpVis reads: sizes that tile each block, a known type and a usage. A pool
// has no other keys than its published schema allows.
TEST_F(ReplayCommand, TheDumpIsWhatGpuMemDumpVisDraws) {
  ASSERT_EQ(replay({"--dump", path("dump.json")}).exit_code, 0);
  const Json dump = Json::parse(read_text(path("dump.json")), nullptr, false);
  ASSERT_FALSE(dump.is_discarded());
  EXPECT_EQ(dump["General"]["API"], "Vulkan");
  EXPECT_TRUE(dump["DefaultPools"].is_object());
  std::size_t parts = 0;
  for (const Json& pools : dump["CustomPools"])
    for (const Json& pool : pools) {
      EXPECT_EQ(pool["Name"], "replay");
      for (const auto& [key, value] : pool.items())
        EXPECT_TRUE(key == "Name" || key == "PreferredBlockSize" || key == "Blocks" ||
                    key == "DedicatedAllocations")
            << key;
      EXPECT_TRUE(pool["DedicatedAllocations"].is_array());
      for (const Json& block : pool["Blocks"]) {
        std::uint64_t end = 0;
        for (const Json& part : block["Suballocations"]) {
          EXPECT_EQ(part["Offset"], end);
          end += part["Size"].get<std::uint64_t>();
          EXPECT_TRUE(part["Type"] == "FREE" || part.contains("Usage"));
          EXPECT_TRUE(part["Type"] == "FREE" || part["Type"] == "UNKNOWN");
          ++parts;
        }
        EXPECT_EQ(block["TotalBytes"], end);
      }
    }
  EXPECT_GT(parts, 50u);
}

TEST_F(ReplayCommand, APoolsOwnLogPlaysAgain) {
  ASSERT_EQ(replay({"--events", path("events.csv")}).exit_code, 0);
  const ToolRun again = run_tool({"replay", path("events.csv"), "--capacity", "4194304", "--json"});
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(again.json()["requests"], 600);
  EXPECT_EQ(again.json()["refusals"], 0);
}

TEST_F(ReplayCommand, MinimallocFilesPlay) {
  write_text(path("m.csv"), "id,lower,upper,size\na,0,4,400\nb,2,6,608\nc,4,8,300\nd,5,7,200\n");
  const Json played = run_tool({"replay", path("m.csv"), "--capacity", "1024", "--json"}).json();
  EXPECT_EQ(played["form"], "minimalloc");
  EXPECT_EQ(played["requests"], 4);
  EXPECT_EQ(played["refusals"], 1) << "d does not fit beside b and c";
}

TEST_F(ReplayCommand, ExitCodesAreThoseOfAllCommands) {
  EXPECT_EQ(run_tool({"replay"}).exit_code, 1);
  EXPECT_EQ(run_tool({"replay", path("churn.csv"), "--budget-mb", "0"}).exit_code, 1);
  EXPECT_EQ(run_tool({"replay", path("none.csv")}).exit_code, 2);
  EXPECT_EQ(run_tool({"replay", path("churn.csv"), "--dump", path("no/such/x.json")}).exit_code, 2);
  write_text(path("bad.csv"), "id,lower,upper,size\na,4,1,16\n");
  const ToolRun bad = run_tool({"replay", path("bad.csv"), "--json"});
  EXPECT_EQ(bad.exit_code, 3);
  EXPECT_THAT(bad.err, HasSubstr("line 2: lower is not below upper"));
  EXPECT_EQ(bad.json()["error"]["code"], "invalid_file");
}

}  // namespace
}  // namespace forge3d::test
