// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Flight: a camera path over a streamed texture, measured frame by frame.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cli/report/flight_record.hpp"
#include "forge3d/camera.hpp"
#include "forge3d/device.hpp"
#include "forge3d/map_view.hpp"
#include "forge3d/staging_ring.hpp"
#include "forge3d/tile_source.hpp"
#include "forge3d/virtual_texture.hpp"

namespace forge3d::cli {

/// Which frames of a flight are rendered. Every frame updates the streaming system either way.
enum class RenderPolicy : std::uint8_t {
  kAuto,  ///< All on a GPU; on a software device, which takes a second a frame, the kept ones.
  kAll,
  kKept,
};

struct FlightOptions {
  DeviceDesc device;  ///< With the budget as its limits.
  std::uint32_t width = 1280, height = 720;
  std::string camera = "fly";
  std::uint32_t frames = 600;
  double fps = 60;  ///< Frames are at least 1 / fps apart; 0: no pacing.
  RenderPolicy render = RenderPolicy::kAuto;
  std::uint32_t keep = 12;    ///< Evenly spaced frames to keep, besides all stops.
  bool keep_pictures = true;  ///< Off: nothing is read back but for verification.
  float max_anisotropy = 8;
  std::uint32_t worker_threads = 0;
  std::uint64_t tile_cache_bytes = 0;
  bool deterministic = false;             ///< As in VirtualTextureSystemDesc.
  std::filesystem::path pictures_folder;  ///< Kept frames are written here; empty: nowhere.
  std::function<void(std::uint32_t done, std::uint32_t total)> progress;
};

/// Builds device, ring, view and streaming system under one budget, then flies. Not thread-safe.
class Flight {
 public:
  /// Errors: kBudgetExceeded (the budget is too small for ring, picture and pinned page), and those
  /// of the device, the camera path and the source.
  [[nodiscard]] static Result<std::unique_ptr<Flight>> open(std::shared_ptr<TileSource> source,
                                                            FlightOptions options);
  /// The flight itself. Errors: those of update, render and readback; a failed tile is no error.
  [[nodiscard]] Result<> fly();
  /// Goes back to every stop, settles, and compares with the picture of all texels resident.
  [[nodiscard]] Result<> verify();
  /// All that was measured.
  [[nodiscard]] FlightRecord take_record();

 private:
  Flight(std::shared_ptr<TileSource> source, FlightOptions options);
  [[nodiscard]] Result<> create_parts();
  [[nodiscard]] Result<> fly_frame(std::uint32_t frame);
  [[nodiscard]] Result<> render_frame(const VirtualView& view, FrameRecord& record);
  [[nodiscard]] Result<> keep_frame(std::uint32_t frame);
  [[nodiscard]] Result<VerifiedStop> verify_stop(std::uint32_t frame, ReferenceView& reference);
  [[nodiscard]] Result<VirtualView> view_at(std::uint32_t frame) const;
  void read_ledger(FrameRecord& record) const;
  void describe_source_and_device();
  void record_totals();
  void choose_kept_frames();
  void pace();

  std::shared_ptr<TileSource> source_;
  FlightOptions options_;
  std::shared_ptr<Device> device_;
  std::shared_ptr<StagingRing> ring_;
  std::unique_ptr<MapView> view_;
  std::unique_ptr<VirtualTextureSystem> system_;  // before the view it is rendered by, in teardown
  std::unique_ptr<CameraPath> path_;
  VirtualTextureId texture_;
  std::vector<bool> kept_, stops_;  // by frame
  std::chrono::steady_clock::time_point next_frame_;
  FlightRecord record_;
};

}  // namespace forge3d::cli
