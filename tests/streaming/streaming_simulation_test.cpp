// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/streaming_simulation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "streaming/test_views.hpp"

namespace forge3d {
namespace {

constexpr std::uint32_t kExtent = 1u << 18;

TilePyramid world() { return make_tile_pyramid(kExtent, kExtent, Format::kBC7Srgb).value(); }

/// A steady flight that sees new pages in every frame.
std::vector<VirtualView> flight(std::uint32_t frames, double texels_per_frame) {
  std::vector<VirtualView> views;
  for (std::uint32_t i = 0; i < frames; ++i)
    views.push_back(test::perspective_view({20000 + texels_per_frame * i, 100000, 900, 0.2, 0.7},
                                           kExtent, kExtent, 960, 540));
  return views;
}

StreamingSimulationReport simulate(const StreamingSimulation& simulation) {
  const auto report = simulate_streaming(simulation);
  EXPECT_TRUE(report) << report.error().to_string();
  return *report;
}

TEST(StreamingSimulation, AStillViewBecomesExactAndStaysSo) {
  const std::vector<VirtualView> views(200, flight(1, 0).front());
  const StreamingSimulationReport report =
      simulate({.pyramid = world(), .views = views, .pages_per_frame = 1000});
  EXPECT_EQ(report.frames, 200u);
  EXPECT_EQ(report.working_set_mean, report.working_set_max);
  EXPECT_EQ(report.slots, 2 * report.working_set_max + 1);
  EXPECT_EQ(report.request_to_visible_p50, 3);  // as long as a page takes
  EXPECT_EQ(report.request_to_visible_p99, 3);
  EXPECT_EQ(report.tiles_evicted, 0u);
  EXPECT_EQ(report.tiles_prefetched, 0u);
  EXPECT_EQ(report.holes, 0u);
  EXPECT_NEAR(report.exact_area, 1 - 3.0 / 200, 0.002);  // the frames before the first page came
}

TEST(StreamingSimulation, IsTheSameEachTime) {
  const std::vector<VirtualView> views = flight(150, 90);
  const StreamingSimulation simulation{
      .pyramid = world(), .views = views, .pages_per_frame = 2.5, .measure_step_px = 32};
  const StreamingSimulationReport a = simulate(simulation), b = simulate(simulation);
  EXPECT_EQ(a.decisions, b.decisions);
  EXPECT_EQ(a.exact_area, b.exact_area);
  EXPECT_EQ(a.pages_by_wait, b.pages_by_wait);
  EXPECT_LE(a.tiles_loaded, 150 * 2.5 + 1);
}

TEST(StreamingSimulation, LooksAheadOfASteadyFlight) {
  const std::vector<VirtualView> views = flight(300, 90);
  StreamingSimulation simulation{.pyramid = world(), .views = views, .measure_step_px = 32};
  const StreamingSimulationReport ahead = simulate(simulation);
  simulation.tuning.prefetch_seconds = 0;
  const StreamingSimulationReport behind = simulate(simulation);
  EXPECT_GT(ahead.exact_area, behind.exact_area);
  EXPECT_GT(ahead.tiles_prefetched, behind.tiles_prefetched);
  EXPECT_GT(ahead.exact_area, 0.97);
}

// Two thirds of the pages that the flight needs: what gains most comes first, so that the screen
// is a fraction of a level short, not several.
TEST(StreamingSimulation, OverloadCostsAFractionOfALevel) {
  const std::vector<VirtualView> views = flight(400, 90);
  StreamingSimulation simulation{.pyramid = world(), .views = views, .measure_step_px = 32};
  simulation.pages_per_frame = 1000;
  simulation.tuning.prefetch_seconds = 0;
  const StreamingSimulationReport needed = simulate(simulation);
  simulation.tuning = {};
  simulation.pages_per_frame = 0.67 * double(needed.tiles_loaded) / needed.frames;
  const StreamingSimulationReport report = simulate(simulation);
  EXPECT_LT(report.tiles_loaded, needed.tiles_loaded);
  EXPECT_LE(report.mip_deficit, 0.30);
}

TEST(StreamingSimulation, RefusesWhatCannotBeFlown) {
  const std::vector<VirtualView> views = flight(2, 90);
  const StreamingSimulation good{.pyramid = world(), .views = views};
  const auto expect_refused = [](const StreamingSimulation& simulation, ErrorCode code,
                                 const char* word) {
    const auto report = simulate_streaming(simulation);
    ASSERT_FALSE(report) << word;
    EXPECT_EQ(report.error().code, code) << word;
    EXPECT_NE(report.error().message.find(word), std::string::npos) << report.error().message;
  };
  StreamingSimulation bad = good;
  bad.pages_per_frame = 0;
  expect_refused(bad, ErrorCode::kInvalidArgument, "pages_per_frame");
  bad = good;
  bad.seconds_per_frame = -1;
  expect_refused(bad, ErrorCode::kInvalidArgument, "seconds_per_frame");
  bad = good;
  bad.latency_frames = 0;
  expect_refused(bad, ErrorCode::kInvalidArgument, "latency_frames");
  bad = good;
  bad.measure_step_px = 0;
  expect_refused(bad, ErrorCode::kInvalidArgument, "measure_step_px");
  bad = good;
  bad.pyramid = {};
  expect_refused(bad, ErrorCode::kInvalidArgument, "pyramid");
  bad = good;
  bad.slots = 1;
  expect_refused(bad, ErrorCode::kBudgetExceeded, "slot");
  bad = good;
  bad.page_table_bytes = 100;
  expect_refused(bad, ErrorCode::kBudgetExceeded, "page table");
  std::vector<VirtualView> broken = views;
  broken[1].width = 0;
  bad = good;
  bad.views = broken;
  expect_refused(bad, ErrorCode::kInvalidArgument, "frame 1");
}

TEST(VisibleTiles, ListsCoarseTilesFirstAndNoneTwice) {
  const auto tiles = visible_tiles(world(), flight(1, 0).front());
  ASSERT_TRUE(tiles);
  EXPECT_GT(tiles->size(), 20u);
  for (std::size_t i = 1; i < tiles->size(); ++i)
    EXPECT_LE((*tiles)[i].level, (*tiles)[i - 1].level);
  std::vector<TileAddress> sorted = *tiles;
  std::sort(sorted.begin(), sorted.end());
  EXPECT_EQ(std::adjacent_find(sorted.begin(), sorted.end()), sorted.end());
}

}  // namespace
}  // namespace forge3d
