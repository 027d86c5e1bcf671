// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/streaming_simulation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <numeric>

#include "core/thread_clock.hpp"
#include "streaming/coverage.hpp"
#include "streaming/history.hpp"
#include "streaming/page_streamer.hpp"
#include "streaming/visibility.hpp"

namespace forge3d {
namespace {

using streaming::PageKey;
using streaming::PageStreamer;

// Single words that a system's list of changes holds, of a table of 1 MiB.
constexpr std::size_t kScatteredWords = 4096;

Result<> check(const StreamingSimulation& s) {
  const auto require = [](bool holds, const char* rule) -> Result<> {
    if (holds) return {};
    return fail(ErrorCode::kInvalidArgument, fmt::format("streaming simulation: {}", rule));
  };
  FORGE3D_TRY(require(s.pyramid.width > 0 && s.pyramid.height > 0 && s.pyramid.levels > 0,
                      "the pyramid is empty"));
  FORGE3D_TRY(require(s.pages_per_frame > 0 && s.pages_per_frame <= 1e6,
                      "pages_per_frame must be above 0, at most 1e6"));
  FORGE3D_TRY(require(s.latency_frames > 0, "latency_frames is 0: at least 1"));
  FORGE3D_TRY(require(s.seconds_per_frame > 0 && std::isfinite(s.seconds_per_frame),
                      "seconds_per_frame must be above 0 and finite"));
  return require(s.measure_step_px > 0, "measure_step_px is 0: at least 1");
}

Error in_frame(Error error, std::size_t frame) {
  error.message = fmt::format("frame {}: {}", frame, error.message);
  return error;
}

/// What the views want, whatever the cache, and how long it took to find.
struct Demand {
  double mean = 0;
  std::uint32_t max = 0;
  double us_p50 = 0, us_p99 = 0;
};

Result<Demand> measure_demand(const StreamingSimulation& s) {
  Demand demand;
  streaming::VisibleSet visible;
  streaming::History us(std::max<std::size_t>(s.views.size(), 1));
  for (std::size_t i = 0; i < s.views.size(); ++i) {
    const std::uint64_t begin_ns = thread_cpu_ns();
    if (auto found = streaming::find_visible(s.pyramid, s.views[i], {}, visible); !found)
      return tl::unexpected(in_frame(std::move(found).error(), i));
    us.push(static_cast<double>(thread_cpu_ns() - begin_ns) * 1e-3);
    const auto wanted = static_cast<std::uint32_t>(std::count_if(
        visible.pages.begin(), visible.pages.end(),
        [&](const auto& page) { return streaming::is_wanted(page, s.pyramid.levels, 0); }));
    demand.mean += wanted;
    demand.max = std::max(demand.max, wanted);
  }
  demand.mean /= std::max<double>(static_cast<double>(s.views.size()), 1);
  demand.us_p50 = us.percentile(0.5);
  demand.us_p99 = us.percentile(0.99);
  return demand;
}

/// The smallest value that at least `share` of all do not pass, of counts by value; 0 without any.
double percentile_of(std::span<const std::uint64_t> counts, double share) {
  double left =
      share * static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}));
  std::size_t value = 0;
  while (value < counts.size() && left > static_cast<double>(counts[value]))
    left -= static_cast<double>(counts[value++]);
  return static_cast<double>(value);
}

/// Sums over the frames.
struct Sums {
  std::uint64_t frames = 0;
  double exact_area = 0, mip_deficit = 0, mip_bias = 0, mip_bias_max = 0;
  std::uint32_t blocks_max = 0;
};

/// Reads that all take the same number of frames, and so many uploads a frame.
class Flight {
 public:
  Flight(const StreamingSimulation& simulation, PageStreamer streamer)
      : s_(simulation),
        streamer_(std::move(streamer)),
        manager_us_(std::max<std::size_t>(simulation.views.size(), 1)) {}

  Result<> begin() {
    FORGE3D_TRY(streamer_.add_texture(0, s_.pyramid));
    streamer_.tune(s_.tuning);
    const PageKey coarsest{0, {s_.pyramid.levels - 1, 0, 0}};
    const auto slot = streamer_.take_pinned(coarsest);
    if (!slot || streamer_.streaming_slots() == 0)
      return fail(ErrorCode::kBudgetExceeded,
                  "streaming simulation: no slot is left beside the coarsest page");
    streamer_.commit(coarsest, *slot);
    return {};
  }

  Result<> fly(VirtualView view) {
    view.texture = {};
    const std::uint64_t begin_ns = thread_cpu_ns();
    const std::uint64_t completed =
        sums_.frames - std::min<std::uint64_t>(sums_.frames, s_.gpu_frames);
    ++sums_.frames;
    const auto rate = static_cast<std::uint32_t>(std::max(std::lround(s_.pages_per_frame), 1l));
    FORGE3D_TRY(streamer_.begin_frame({.views = {&view, 1},
                                       .feedback = {},
                                       .seconds = s_.seconds_per_frame,
                                       .uploads_per_frame = rate,
                                       .completed = {{completed}, {completed}}}));
    receive();
    upload();
    streamer_.make_room(static_cast<std::uint32_t>(ready_.size()));
    request();
    streamer_.end_frame({{sums_.frames}, {sums_.frames}});
    publish();
    for (const streaming::StreamerWait& wait : streamer_.waits()) {
      if (pages_by_wait_.size() <= wait.frames) pages_by_wait_.resize(wait.frames + 1);
      ++pages_by_wait_[wait.frames];
    }
    manager_us_.push(static_cast<double>(thread_cpu_ns() - begin_ns) * 1e-3);
    return measure(view);
  }

  void fill(StreamingSimulationReport& report) const {
    const double frames = std::max<double>(static_cast<double>(sums_.frames), 1);
    const streaming::StreamerTotals& totals = streamer_.totals();
    report.frames = static_cast<std::uint32_t>(sums_.frames);
    report.slots = streamer_.slots().total();
    report.exact_area = sums_.exact_area / frames;
    report.mip_deficit = sums_.mip_deficit / frames;
    report.mip_bias_mean = sums_.mip_bias / frames;
    report.mip_bias_max = sums_.mip_bias_max;
    report.request_to_visible_p50 = percentile_of(pages_by_wait_, 0.5);
    report.request_to_visible_p99 = percentile_of(pages_by_wait_, 0.99);
    report.pages_by_wait = pages_by_wait_;
    report.pages_wanted = totals.hits + totals.misses;
    report.pages_missing = totals.misses;
    report.tiles_loaded = totals.loaded;
    report.tiles_evicted = totals.evicted;
    report.tiles_prefetched = totals.prefetch_loaded;
    report.tiles_prefetch_wasted = totals.prefetch_wasted;
    report.holes = totals.holes;
    report.decisions = totals.decisions;
    report.page_table_bytes = streaming::PageTable::directory_bytes(s_.pyramid) +
                              std::uint64_t{sums_.blocks_max} * streaming::layout::kBlockWords * 4;
    report.manager_us_p50 = manager_us_.percentile(0.5);
    report.manager_us_p99 = manager_us_.percentile(0.99);
  }

 private:
  struct Read {
    PageKey page;
    std::uint64_t done_frame = 0;
  };

  void receive() {
    while (!reads_.empty() && reads_.front().done_frame <= sums_.frames) {
      ready_.push_back(reads_.front().page);
      reads_.pop_front();
    }
    std::erase_if(ready_, [this](const PageKey& page) { return !streamer_.awaits(page); });
    std::stable_sort(ready_.begin(), ready_.end(), [this](const PageKey& a, const PageKey& b) {
      return streamer_.rank(a) > streamer_.rank(b);
    });
  }

  void upload() {
    credit_ += s_.pages_per_frame;
    double left = std::floor(credit_);
    credit_ -= left;
    std::size_t done = 0;
    for (; done < ready_.size() && left >= 1; ++done) {
      const PageStreamer::Placed placed = streamer_.place(ready_[done]);
      if (placed.placement == PageStreamer::Placement::kNoRoom) break;
      if (placed.placement == PageStreamer::Placement::kUnwanted) continue;
      streamer_.commit(ready_[done], placed.slot);
      --left;
    }
    ready_.erase(ready_.begin(), ready_.begin() + static_cast<std::ptrdiff_t>(done));
  }

  void request() {
    const std::size_t out = reads_.size() + ready_.size();
    const std::size_t most = s_.max_in_flight != 0 ? s_.max_in_flight : usual_in_flight();
    for (const PageKey& page : streamer_.start(most - std::min(out, most)))
      reads_.push_back({page, sums_.frames + s_.latency_frames});
  }

  [[nodiscard]] std::size_t usual_in_flight() const {
    return std::max<std::size_t>(64, static_cast<std::size_t>(std::ceil(4 * s_.pages_per_frame)));
  }

  /// What a system would copy to the device.
  void publish() {
    streamer_.table().find_changes(kScatteredWords, changes_);
    streamer_.table().clear_dirty();
  }

  Result<> measure(const VirtualView& view) {
    FORGE3D_TRY_ASSIGN(
        const ScreenCoverage coverage,
        streaming::measure_coverage(streamer_.table(), 0, s_.pyramid, view, s_.measure_step_px));
    const double bias = streamer_.now().mip_bias;
    sums_.exact_area += coverage.exact_area;
    sums_.mip_deficit += coverage.mip_deficit;
    sums_.mip_bias += bias;
    sums_.mip_bias_max = std::max(sums_.mip_bias_max, bias);
    sums_.blocks_max = std::max(sums_.blocks_max, streamer_.table().blocks_used());
    return {};
  }

  const StreamingSimulation& s_;
  PageStreamer streamer_;
  Sums sums_;
  double credit_ = 0;  // uploads not done because they are whole
  std::deque<Read> reads_;
  std::vector<PageKey> ready_;
  streaming::TableDelta changes_;
  streaming::History manager_us_;
  std::vector<std::uint64_t> pages_by_wait_;
};

}  // namespace

Result<StreamingSimulationReport> simulate_streaming(const StreamingSimulation& simulation) {
  FORGE3D_TRY(check(simulation));
  FORGE3D_TRY_ASSIGN(const Demand demand, measure_demand(simulation));
  StreamingSimulationReport report;
  report.working_set_mean = demand.mean;
  report.working_set_max = demand.max;
  report.visible_us_p50 = demand.us_p50;
  report.visible_us_p99 = demand.us_p99;
  const std::uint32_t slots = simulation.slots != 0 ? simulation.slots : 2 * demand.max + 1;
  FORGE3D_TRY_ASSIGN(
      streaming::PageTable table,
      streaming::PageTable::create({.capacity_bytes = simulation.page_table_bytes,
                                    .max_textures = 1,
                                    .page_texels = simulation.pyramid.page_texels,
                                    .border_texels = simulation.pyramid.border_texels,
                                    .atlas_grid = 1}));
  Flight flight(simulation, PageStreamer(std::move(table), slots));
  FORGE3D_TRY(flight.begin());
  for (std::size_t i = 0; i < simulation.views.size(); ++i)
    if (auto flown = flight.fly(simulation.views[i]); !flown)
      return tl::unexpected(in_frame(std::move(flown).error(), i));
  flight.fill(report);
  return report;
}

Result<std::vector<TileAddress>> visible_tiles(const TilePyramid& pyramid,
                                               const VirtualView& view) {
  streaming::VisibleSet visible;
  FORGE3D_TRY(streaming::find_visible(pyramid, view, {}, visible));
  std::vector<TileAddress> tiles;
  for (const streaming::VisiblePage& page : visible.pages)
    if (streaming::is_wanted(page, pyramid.levels, 0)) tiles.push_back(page.tile);
  return tiles;
}

}  // namespace forge3d
