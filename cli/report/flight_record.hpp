// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// FlightRecord: what a flight over a streamed texture left behind, as plain numbers and pictures.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "forge3d/budget.hpp"
#include "forge3d/report.hpp"

namespace forge3d::cli {

/// One frame, read from the ledger and the streaming system when the frame was done.
struct FrameRecord {
  std::array<std::uint64_t, kMemoryCategoryCount> by_category_bytes{};
  std::uint64_t total_bytes = 0;
  std::uint64_t host_visible_bytes = 0;
  bool over_budget = false;  ///< The ledger or one of its peaks was above a limit.
  std::uint32_t wanted = 0, requested = 0, loaded = 0, evicted = 0, missing = 0;
  std::uint64_t bytes_uploaded = 0;
  float mip_bias = 0;
  double update_ms = 0;
  double render_ms = -1;  ///< Submission to completion; negative: not rendered.
  double covered = 0, exact_area = 1, mip_deficit = 0;
};

/// A frame kept as a picture, possibly reduced for the page.
struct KeptFrame {
  std::uint32_t frame = 0;
  bool stop = false;
  std::vector<std::byte> png;
};

/// A settled stop held against the picture with every texel resident.
struct VerifiedStop {
  std::uint32_t frame = 0;
  double psnr_db = 0;    ///< RGB, capped as all figures of the tool.
  double max_error = 0;  ///< In 8-bit codes, any channel.
  float mip_bias = 0;
  double exact_area = 1;
  std::uint32_t missing = 0;
  std::vector<std::byte> streamed_png, reference_png;
};

using report::AtlasCell;

struct FlightRecord {
  struct Source {
    std::string name;
    std::uint32_t width = 0, height = 0, levels = 0, page_texels = 0, border_texels = 0;
    std::uint64_t pages = 0;
    std::string format;
    std::uint64_t archive_bytes = 0;
    std::uint64_t plain_bytes = 0;  ///< The whole mip chain as stored on a device.
  } source;
  std::string device, driver, device_kind, machine, command_line;
  std::uint32_t width = 0, height = 0;
  std::string camera;
  double fps = 0;  ///< 0: not paced.
  BudgetLimits limits;
  std::vector<FrameRecord> frames;
  std::vector<KeptFrame> kept;
  std::vector<VerifiedStop> verified;
  std::string verify_method;
  std::vector<AtlasCell> atlas;
  std::uint64_t atlas_bytes = 0;
  std::uint64_t cache_hits = 0, cache_misses = 0;
  std::uint64_t tiles_requested = 0, tiles_loaded = 0, tiles_evicted = 0, tiles_failed = 0;
  std::vector<std::string> errors;
  std::uint64_t tiles_rescued = 0, tiles_prefetched = 0, bytes_wasted = 0, holes = 0;
  std::uint64_t tile_cache_hits = 0, tile_cache_misses = 0;
  std::uint64_t decisions_hash = 0;
  std::uint64_t page_table_bytes = 0;
  double request_to_visible_p50 = 0, request_to_visible_p95 = 0, request_to_visible_p99 = 0;
  double request_to_visible_ms_p50 = 0, request_to_visible_ms_p99 = 0;
  std::uint64_t peak_total_bytes = 0, peak_host_visible_bytes = 0;
  std::array<std::uint64_t, kMemoryCategoryCount> peak_by_category_bytes{};
  std::uint64_t validation_messages = 0;
  bool validation = false;
  double wall_s = 0;
};

/// Figures over a whole flight.
struct FlightFigures {
  double cache_hit_rate = 1;
  double exact_area = 1, mip_deficit = 0;  ///< Means over the frames.
  double update_p50_ms = 0, update_p99_ms = 0;
  double render_p50_ms = 0, render_p99_ms = 0;
  std::uint32_t rendered = 0;
  std::uint32_t budget_violations = 0;
  double worst_psnr_db = 0, worst_max_error = 0;  ///< Over the verified stops.
};

/// The value below which a share `p` of the values lie (nearest rank); 0 for no values.
[[nodiscard]] double percentile(std::vector<double> values, double p);

[[nodiscard]] FlightFigures figures_of(const FlightRecord& record);

}  // namespace forge3d::cli
