// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "cli/report/flight_plots.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "forge3d/report.hpp"

namespace forge3d::cli {
namespace {

using report::plot_figure;
using report::PlotDesc;
using report::PlotSeries;
using report::Reduce;

using FrameValue = std::function<double(const FrameRecord&)>;

std::vector<double> values_of(const FlightRecord& record, const FrameValue& value) {
  std::vector<double> values;
  values.reserve(record.frames.size());
  for (const FrameRecord& frame : record.frames) values.push_back(value(frame));
  return values;
}

PlotSeries series(const FlightRecord& record, std::string name, int colour, Reduce reduce,
                  const FrameValue& value) {
  return {std::move(name), colour, values_of(record, value), reduce};
}

double mebibytes(std::uint64_t bytes) {
  return static_cast<double>(bytes) / static_cast<double>(kMebibyte);
}

std::vector<std::size_t> stop_frames(const FlightRecord& record) {
  std::vector<std::size_t> stops;
  for (const KeptFrame& kept : record.kept)
    if (kept.stop) stops.push_back(kept.frame);
  return stops;
}

std::string bytes_plot(const FlightRecord& record) {
  PlotDesc desc{.title = "Device memory by category", .unit = "MiB", .stacked = true};
  for (std::size_t i = 0; i < kMemoryCategoryCount; ++i) {
    PlotSeries category =
        series(record, std::string(to_string(static_cast<MemoryCategory>(i))),
               static_cast<int>(i) + 1, Reduce::kMax,
               [i](const FrameRecord& frame) { return mebibytes(frame.by_category_bytes[i]); });
    const auto& values = category.values;
    if (std::any_of(values.begin(), values.end(), [](double value) { return value > 0; }))
      desc.series.push_back(std::move(category));
  }
  desc.limit = mebibytes(record.limits.total_bytes);
  desc.limit_name = fmt::format("budget {:.0f} MiB", *desc.limit);
  return plot_figure(desc);
}

std::string tiles_plot(const FlightRecord& record) {
  PlotDesc desc{.title = "Tiles", .unit = "a frame"};
  desc.series = {
      series(record, "requested", 4, Reduce::kMax,
             [](const FrameRecord& f) { return f.requested; }),
      series(record, "loaded", 1, Reduce::kMax, [](const FrameRecord& f) { return f.loaded; }),
      series(record, "evicted", 6, Reduce::kMax, [](const FrameRecord& f) { return f.evicted; })};
  desc.markers = stop_frames(record);
  return plot_figure(desc);
}

std::string wanted_plot(const FlightRecord& record) {
  PlotDesc desc{.title = "Wanted pages", .unit = "pages"};
  desc.series = {
      series(record, "wanted", 1, Reduce::kMax, [](const FrameRecord& f) { return f.wanted; }),
      series(record, "missing", 6, Reduce::kMax, [](const FrameRecord& f) { return f.missing; })};
  desc.markers = stop_frames(record);
  return plot_figure(desc);
}

std::string update_plot(const FlightRecord& record) {
  PlotDesc desc{.title = "Streaming update", .unit = "ms, logarithmic"};
  desc.log_scale = true;
  desc.series = {
      series(record, "update", 1, Reduce::kMax, [](const FrameRecord& f) { return f.update_ms; })};
  if (record.fps > 0) {
    desc.limit = 1000 / record.fps;
    desc.limit_name = fmt::format("frame time {:.1f} ms", *desc.limit);
  }
  desc.markers = stop_frames(record);
  return plot_figure(desc);
}

std::string sharpness_plot(const FlightRecord& record) {
  PlotDesc desc{.title = "Sharp area", .unit = "% of the picture at the wanted level or finer"};
  desc.series = {series(record, "exact area", 3, Reduce::kMin,
                        [](const FrameRecord& f) { return f.exact_area * 100; })};
  desc.top = 100;
  desc.markers = stop_frames(record);
  return plot_figure(desc);
}

std::string deficit_plot(const FlightRecord& record) {
  PlotDesc desc{.title = "Mip deficit", .unit = "levels missing, mean over the picture"};
  desc.series = {series(record, "mip deficit", 6, Reduce::kMax,
                        [](const FrameRecord& f) { return f.mip_deficit; })};
  desc.markers = stop_frames(record);
  return plot_figure(desc);
}

}  // namespace

std::string flight_plots(const FlightRecord& record) {
  if (record.frames.empty()) return "<p>No frame was flown.</p>\n";
  return bytes_plot(record) + wanted_plot(record) + tiles_plot(record) + update_plot(record) +
         sharpness_plot(record) + deficit_plot(record);
}

}  // namespace forge3d::cli
