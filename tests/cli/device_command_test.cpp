// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// probe, stream and bench on a device, run as a process.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/tool.hpp"
#include "support/shared_data.hpp"

namespace forge3d::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class DeviceCommand : public ::testing::Test {
 protected:
  void SetUp() override {
    if (run_tool({"probe", "--quiet"}).exit_code == 5)
      GTEST_SKIP() << "needs a Vulkan device: the tool found none";
  }
  [[nodiscard]] std::string path(const std::string& name) const {
    return (folder_ / name).string();
  }
  ToolRun stream(const char* frames, const char* budget_mb, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"stream",      path("a.png"), "--size",    "320x180",
                                       "--budget-mb", budget_mb,     "--frames",  frames,
                                       "--out",       path("r"),     "--no-pace", "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_tool(arguments);
  }
  TempFolder folder_;
};

TEST_F(DeviceCommand, ProbeNamesTheDevice) {
  const ToolRun run = run_tool({"probe", "--json"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  for (const char* key : {"name", "kind", "driver", "api_version", "heaps", "memory_types",
                          "queues", "texture_compression", "features", "budget"})
    EXPECT_TRUE(run.json().contains(key)) << key;
  EXPECT_EQ(run.json()["budget"]["total_bytes"], 512 * 1024 * 1024);
  EXPECT_EQ(run_tool({"probe", "--device", "no device is called this"}).exit_code, 5);
}

TEST_F(DeviceCommand, StreamKeepsTheBudgetAndShowsTheTexture) {
  write_picture(path("a.png"), 1024, 768);
  const ToolRun run = stream("20", "24", {"--verify", "--camera", "fly", "--render", "kept"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const auto object = run.json();
  for (const char* key : {"frames",
                          "tiles_requested",
                          "tiles_loaded",
                          "tiles_evicted",
                          "cache_hit_rate",
                          "exact_area",
                          "mip_deficit",
                          "update_ms",
                          "request_to_visible_frames",
                          "bytes",
                          "budget_violations",
                          "verify",
                          "device",
                          "size",
                          "camera",
                          "budget_bytes",
                          "validation_messages",
                          "render_ms",
                          "wall_s",
                          "tiles_failed",
                          "errors"})
    EXPECT_TRUE(object.contains(key)) << key;
  EXPECT_EQ(object["frames"], 20);
  EXPECT_EQ(object["budget_violations"], 0);
  EXPECT_LE(object["bytes"]["peak_total"], 24 << 20);
  EXPECT_GT(object["bytes"]["by_category"]["atlas"], 0);
  EXPECT_EQ(object["tiles_failed"], 0);
  EXPECT_GE(object["verify"]["psnr_db"], 45.0);
  EXPECT_GE(object["verify"]["stops"], 1);
}

TEST_F(DeviceCommand, StreamFliesOverAWorldThatIsComputed) {
  const ToolRun run =
      run_tool({"stream", "procedural:42", "--size", "320x180", "--budget-mb", "24", "--frames",
                "5", "--no-pace", "--verify", "--json", "--format", "rgba8"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_GE(run.json()["verify"]["psnr_db"], 50);
}

TEST_F(DeviceCommand, StreamWritesASelfContainedReport) {
  write_picture(path("a.png"), 400, 300);
  ASSERT_EQ(stream("5", "24", {"--keep", "3"}).exit_code, 0);
  const std::string page = read_text(path("r/index.html"));
  EXPECT_THAT(page, HasSubstr("data:image/png;base64,"));
  for (const char* outside : {"http://", "https://", "<link", "@import", "url("})
    EXPECT_THAT(page, Not(HasSubstr(outside)));
  EXPECT_TRUE(std::filesystem::exists(path("r/frames/frame-00004.png")));
}

TEST_F(DeviceCommand, StreamTilesAPictureOnce) {
  write_picture(path("a.png"), 400, 300);
  const ToolRun first = stream("2", "24");
  ASSERT_EQ(first.exit_code, 0) << first.err;
  EXPECT_THAT(first.err, HasSubstr("tiling"));
  EXPECT_THAT(stream("2", "24").err, HasSubstr("tiled before"));
}

TEST_F(DeviceCommand, StreamRefusesWithTheRightCode) {
  write_picture(path("a.png"), 400, 300);
  const ToolRun small = stream("2", "2");
  EXPECT_EQ(small.exit_code, 8) << small.err;
  EXPECT_EQ(small.json()["error"]["code"], "budget_exceeded");
  EXPECT_EQ(stream("2", "24", {"--camera", "sideways"}).exit_code, 1);
  EXPECT_EQ(stream("two", "24").exit_code, 1);
  EXPECT_EQ(stream("2", "0").exit_code, 1);
  EXPECT_EQ(run_tool({"stream", path("a.png"), "--size", "wide"}).exit_code, 1);
  EXPECT_EQ(run_tool({"stream", path("none.pmtiles")}).exit_code, 2);
  write_text(path("text.pmtiles"), "PMTiles");
  EXPECT_EQ(run_tool({"stream", path("text.pmtiles")}).exit_code, 3);
}

TEST_F(DeviceCommand, EncodeIsConfirmedByTheDevice) {
  write_picture(path("a.png"), 64, 64);
  const ToolRun run =
      run_tool({"encode", path("a.png"), path("o.ktx2"), "--confirm-on-device", "--json"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_NEAR(run.json()["device_psnr_db"], run.json()["psnr_db"], 0.01);
}

}  // namespace
}  // namespace forge3d::test
