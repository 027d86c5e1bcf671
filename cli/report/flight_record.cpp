// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "cli/report/flight_record.hpp"

#include <algorithm>
#include <cmath>

namespace forge3d::cli {
namespace {

std::vector<double> collect(const std::vector<FrameRecord>& frames, double FrameRecord::*member) {
  std::vector<double> values;
  values.reserve(frames.size());
  for (const FrameRecord& frame : frames) values.push_back(frame.*member);
  return values;
}

double mean(const std::vector<double>& values, double empty) {
  if (values.empty()) return empty;
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

void add_verified(const FlightRecord& record, FlightFigures& figures) {
  if (record.verified.empty()) return;
  figures.worst_psnr_db = record.verified.front().psnr_db;
  for (const VerifiedStop& stop : record.verified) {
    figures.worst_psnr_db = std::min(figures.worst_psnr_db, stop.psnr_db);
    figures.worst_max_error = std::max(figures.worst_max_error, stop.max_error);
  }
}

}  // namespace

double percentile(std::vector<double> values, double p) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const auto rank = static_cast<std::size_t>(std::ceil(p * static_cast<double>(values.size())));
  return values[std::clamp<std::size_t>(rank, 1, values.size()) - 1];
}

FlightFigures figures_of(const FlightRecord& record) {
  FlightFigures figures;
  const std::uint64_t lookups = record.cache_hits + record.cache_misses;
  if (lookups > 0)
    figures.cache_hit_rate = static_cast<double>(record.cache_hits) / static_cast<double>(lookups);
  // A frame that shows nothing of the texture says nothing about sharpness.
  std::vector<FrameRecord> showing = record.frames;
  std::erase_if(showing, [](const FrameRecord& frame) { return frame.covered <= 0; });
  figures.exact_area = mean(collect(showing, &FrameRecord::exact_area), 1);
  figures.mip_deficit = mean(collect(showing, &FrameRecord::mip_deficit), 0);
  const std::vector<double> updates = collect(record.frames, &FrameRecord::update_ms);
  figures.update_p50_ms = percentile(updates, 0.5);
  figures.update_p99_ms = percentile(updates, 0.99);
  std::vector<double> renders = collect(record.frames, &FrameRecord::render_ms);
  std::erase_if(renders, [](double ms) { return ms < 0; });
  figures.rendered = static_cast<std::uint32_t>(renders.size());
  figures.render_p50_ms = percentile(renders, 0.5);
  figures.render_p99_ms = percentile(renders, 0.99);
  figures.budget_violations = static_cast<std::uint32_t>(
      std::count_if(record.frames.begin(), record.frames.end(),
                    [](const FrameRecord& frame) { return frame.over_budget; }));
  add_verified(record, figures);
  return figures;
}

}  // namespace forge3d::cli
