// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// What streaming would do for a texture, a cache and a flight: the decisions of a
// VirtualTextureSystem, played without a device, a file or a clock. All functions here may be
// called from any thread.

#include <cstdint>
#include <span>
#include <vector>

#include "forge3d/result.hpp"
#include "forge3d/tile_source.hpp"
#include "forge3d/virtual_texture.hpp"

namespace forge3d {

/// A flight to simulate. Everything but times depends on this alone, and is the same on every
/// machine.
struct StreamingSimulation {
  TilePyramid pyramid;                 ///< Shape of the texture; its tiles are never read.
  std::span<const VirtualView> views;  ///< What is seen in each frame. Their texture is ignored.
  /// Atlas slots; 0: twice the largest number of pages that a view wants at once, and one for the
  /// coarsest page.
  std::uint32_t slots = 0;
  double pages_per_frame = 8;           ///< Uploads a frame, on average; above 0, at most 1e6.
  std::uint32_t latency_frames = 3;     ///< From the request of a page until its tile is there; 1..
  double seconds_per_frame = 1.0 / 60;  ///< Above 0.
  /// Frames that the GPU is behind: a slot is written again so many frames after its eviction.
  std::uint32_t gpu_frames = 2;
  /// Tiles asked for and not uploaded yet, at most; 0: four frames' worth of uploads, at least 64.
  std::uint32_t max_in_flight = 0;
  std::uint64_t page_table_bytes = kMebibyte;
  VirtualTextureTuning tuning;
  std::uint32_t measure_step_px = 16;  ///< The screen is measured at every so many pixels; 1..
};

struct StreamingSimulationReport {
  std::uint32_t frames = 0;
  std::uint32_t slots = 0;
  /// Of every frame's end: the mean share of the covered screen whose wanted level (without bias)
  /// is resident, and the mean number of levels missing over it.
  double exact_area = 1, mip_deficit = 0;
  double mip_bias_mean = 0, mip_bias_max = 0;
  double working_set_mean = 0;  ///< Pages wanted in a frame, without bias.
  std::uint32_t working_set_max = 0;
  /// Frames from the first frame that wanted a page to the one that shows it, of pages that came
  /// while a view wanted them.
  double request_to_visible_p50 = 0, request_to_visible_p99 = 0;
  std::vector<std::uint64_t> pages_by_wait;           ///< The number of them by those frames.
  std::uint64_t pages_wanted = 0, pages_missing = 0;  ///< Summed over frames, at their start.
  std::uint64_t tiles_loaded = 0, tiles_evicted = 0;
  std::uint64_t tiles_prefetched = 0;       ///< Loaded before a view wanted them;
  std::uint64_t tiles_prefetch_wasted = 0;  ///< of those, evicted before one did.
  std::uint64_t holes = 0;                  ///< Wanted pages that not even an ancestor showed.
  std::uint64_t decisions = 0;              ///< A hash of all placements and evictions.
  std::uint64_t page_table_bytes = 0;       ///< Of the table, in use for the texture at most.
  /// Measured processor time of the calling thread: finding the pages that one view wants, and all
  /// decisions of a frame, that included.
  double visible_us_p50 = 0, visible_us_p99 = 0;
  double manager_us_p50 = 0, manager_us_p99 = 0;
};

/// Errors: kInvalidArgument names the field; those of a view, with its frame; kBudgetExceeded (the
/// page table is too small for the texture, or no slot is left beside the coarsest page).
[[nodiscard]] Result<StreamingSimulationReport> simulate_streaming(
    const StreamingSimulation& simulation);

/// The pages that a view reads, as VirtualTextureSystem would want them at its bias 0: every page
/// that any tap of any pixel touches, and few others. From coarse to fine. Errors: those of the
/// view.
[[nodiscard]] Result<std::vector<TileAddress>> visible_tiles(const TilePyramid& pyramid,
                                                             const VirtualView& view);

}  // namespace forge3d
