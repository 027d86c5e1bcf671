// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/simulated_flights.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "bench/visible_oracle.hpp"
#include "forge3d/camera.hpp"
#include "forge3d/streaming_simulation.hpp"

namespace forge3d::bench {
namespace {

constexpr std::uint32_t kExtent = 1u << 20, kWidth = 1920, kHeight = 1080;
constexpr std::uint32_t kTraceFrames = 3600, kOracleEvery = 300;
constexpr std::uint64_t kUploadBytes =
    8 * kMebibyte;  // a frame, as a VirtualTextureSystem's default
constexpr std::uint32_t kManagerSlots = 4096;
constexpr double kOverload = 0.675;         // of the pages that a trace needs
constexpr std::uint32_t kCoarseStep = 128;  // where the screen's sharpness is not what is measured
constexpr std::array kTraces{"pan", "fly", "look", "zoom", "teleport", "map"};

/// The worst of a figure over the traces.
struct Worst {
  double p50 = 0, p99 = 0;
  void add(double median, double high) {
    p50 = std::max(p50, median);
    p99 = std::max(p99, high);
  }
};

class SimulatedFlights {
 public:
  SimulatedFlights(const BenchOptions& options, const TilePyramid& pyramid, BenchCases& cases)
      : options_(options), cases_(cases) {
    simulation_.pyramid = pyramid;
  }

  Result<> run() {
    for (std::size_t i = 0; i < kTraces.size(); ++i) {
      trace_ = kTraces[i];
      FORGE3D_TRY(make_views());
      FORGE3D_TRY(fly_at(8));
      FORGE3D_TRY(fly_at(32));
      FORGE3D_TRY(overload());
      FORGE3D_TRY(manage());
      FORGE3D_TRY(wait_for_pages());
      FORGE3D_TRY(compare_with_pixels());
      if (options_.progress) options_.progress(i + 1, kTraces.size());
    }
    add("visible_us_p50", "us", visible_us_.p50);
    add("visible_us_p99", "us", visible_us_.p99);
    add("visible_ratio", "ratio", listed_ / std::max(needed_, 1.0));
    add("visible_missed", "tiles", missed_);
    add("manager_us_p50", "us", manager_us_.p50);
    add("manager_us_p99", "us", manager_us_.p99);
    if (!waits_.empty()) {
      add("request_to_visible_frames_p50", "frames", quantile(waits_, 0.5));
      add("request_to_visible_frames_p99", "frames", quantile(waits_, 0.99));
    }
    add("page_table_bytes", "bytes", page_table_bytes_);
    return {};
  }

 private:
  void add(std::string name, std::string unit, double value) {
    BenchCase result;
    result.name = std::move(name);
    result.unit = std::move(unit);
    result.value = value;
    result.runs = views_.size();
    cases_.push_back(std::move(result));
  }
  void add_of_trace(const char* name, const char* unit, double value) {
    add(fmt::format("{}_{}", name, trace_), unit, value);
  }

  Result<> make_views() {
    const std::uint32_t frames = options_.frames != 0 ? options_.frames : kTraceFrames;
    FORGE3D_TRY_ASSIGN(const auto path, make_camera_path(trace_, kExtent, kExtent, frames));
    views_.resize(frames);
    for (std::uint32_t i = 0; i < frames; ++i) {
      views_[i].width = kWidth;
      views_[i].height = kHeight;
      FORGE3D_TRY_ASSIGN(views_[i].clip_from_uv,
                         clip_from_uv(path->at(i), kExtent, kExtent, double{kWidth} / kHeight));
    }
    simulation_.views = views_;
    return {};
  }

  Result<> fly_at(std::uint32_t pages_per_frame) {
    StreamingSimulation flight = simulation_;
    flight.pages_per_frame = pages_per_frame;
    FORGE3D_TRY_ASSIGN(const StreamingSimulationReport report, simulate_streaming(flight));
    add(fmt::format("exact_area_{}_{}", trace_, pages_per_frame), "share", report.exact_area);
    add(fmt::format("mip_deficit_{}_{}", trace_, pages_per_frame), "mips", report.mip_deficit);
    page_table_bytes_ = std::max(page_table_bytes_, double(report.page_table_bytes));
    return {};
  }

  Result<> overload() {
    if (trace_ != std::string_view("pan") && trace_ != std::string_view("fly")) return {};
    StreamingSimulation flight = simulation_;
    flight.pages_per_frame = 1e5;
    flight.tuning.prefetch_seconds = 0;
    flight.measure_step_px = kCoarseStep;
    FORGE3D_TRY_ASSIGN(const StreamingSimulationReport needed, simulate_streaming(flight));
    flight = simulation_;
    flight.pages_per_frame =
        kOverload * double(needed.tiles_loaded) / std::max<double>(needed.frames, 1);
    FORGE3D_TRY_ASSIGN(const StreamingSimulationReport report, simulate_streaming(flight));
    add_of_trace("overload_deficit", "mips", report.mip_deficit);
    return {};
  }

  Result<> manage() {
    StreamingSimulation flight = simulation_;
    flight.slots = kManagerSlots;
    flight.measure_step_px = kCoarseStep;
    FORGE3D_TRY_ASSIGN(const StreamingSimulationReport report, simulate_streaming(flight));
    add_of_trace("manager_us_p50", "us", report.manager_us_p50);
    add_of_trace("manager_us_p99", "us", report.manager_us_p99);
    manager_us_.add(report.manager_us_p50, report.manager_us_p99);
    add_of_trace("visible_us_p50", "us", report.visible_us_p50);
    add_of_trace("visible_us_p99", "us", report.visible_us_p99);
    visible_us_.add(report.visible_us_p50, report.visible_us_p99);
    return {};
  }

  Result<> wait_for_pages() {
    StreamingSimulation flight = simulation_;
    flight.latency_frames = 1;
    flight.pages_per_frame =
        std::floor(double(kUploadBytes) / double(simulation_.pyramid.tile_bytes()));
    flight.measure_step_px = kCoarseStep;
    FORGE3D_TRY_ASSIGN(const StreamingSimulationReport report, simulate_streaming(flight));
    add_of_trace("request_to_visible_frames_p50", "frames", report.request_to_visible_p50);
    add_of_trace("request_to_visible_frames_p99", "frames", report.request_to_visible_p99);
    for (std::size_t frames = 0; frames < report.pages_by_wait.size(); ++frames)
      waits_.insert(waits_.end(), report.pages_by_wait[frames], double(frames));
    return {};
  }

  Result<> compare_with_pixels() {
    double needed = 0, listed = 0;
    for (std::size_t i = kOracleEvery / 2; i < views_.size(); i += kOracleEvery) {
      const std::set<TileAddress> touched = tiles_of_every_pixel(simulation_.pyramid, views_[i]);
      FORGE3D_TRY_ASSIGN(std::vector<TileAddress> found,
                         visible_tiles(simulation_.pyramid, views_[i]));
      std::sort(found.begin(), found.end());
      needed += double(touched.size());
      listed += double(found.size());
      for (const TileAddress& tile : touched)
        missed_ += !std::binary_search(found.begin(), found.end(), tile);
    }
    add_of_trace("visible_ratio", "ratio", listed / std::max(needed, 1.0));
    needed_ += needed;
    listed_ += listed;
    return {};
  }

  const BenchOptions& options_;
  BenchCases& cases_;
  const char* trace_ = "";
  StreamingSimulation simulation_;
  std::vector<VirtualView> views_;
  Worst visible_us_, manager_us_;
  std::vector<double> waits_;  // in frames, of the pages of all traces
  double needed_ = 0, listed_ = 0, missed_ = 0, page_table_bytes_ = 0;
};

}  // namespace

Result<> add_simulated_flights(const BenchOptions& options, BenchCases& cases) {
  FORGE3D_TRY_ASSIGN(const TilePyramid pyramid,
                     make_tile_pyramid(kExtent, kExtent, Format::kBC7Srgb));
  return SimulatedFlights(options, pyramid, cases).run();
}

}  // namespace forge3d::bench
