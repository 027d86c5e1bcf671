// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Flights along the six traces: time of the streaming update, and how sharp the screen was. Over a
// file they are flown on a device, over the procedural world of the traces they are simulated.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "bench/bench_case.hpp"
#include "bench/scratch_file.hpp"
#include "bench/simulated_flights.hpp"
#include "bench/stopwatch.hpp"
#include "forge3d/byte_source.hpp"
#include "forge3d/camera.hpp"
#include "forge3d/pmtiles.hpp"
#include "forge3d/tile_sources.hpp"
#include "forge3d/virtual_texture.hpp"

namespace forge3d::bench {
namespace {

constexpr std::uint32_t kWidth = 1920, kHeight = 1080;
constexpr std::uint32_t kMeasureStepPx = 16, kFlightFrames = 240;
constexpr std::array kTraces{"pan", "fly", "look", "zoom", "teleport", "map"};
constexpr std::chrono::nanoseconds kFrameTime{16'666'667};

BenchCase single(std::string name, std::string unit, double value, std::size_t runs) {
  BenchCase result;
  result.name = std::move(name);
  result.unit = std::move(unit);
  result.value = value;
  result.runs = runs;
  return result;
}

/// An archive of 2^20 x 2^20 texels in which a million pages are there, by turns one of two tiles,
/// so that the directories are as long as those of a picture.
Result<> write_largest_archive(const std::filesystem::path& path) {
  constexpr std::uint32_t kPages = 4096, kStep = 16;
  constexpr std::uint8_t kZoom = 12;
  FORGE3D_TRY_ASSIGN(PmtilesWriter writer, PmtilesWriter::create(path));
  std::array<std::uint64_t, 2> tiles{};
  for (std::uint64_t& tile : tiles) {
    const std::array<std::byte, 2> bytes{std::byte(&tile - tiles.data()), std::byte{1}};
    FORGE3D_TRY_ASSIGN(tile, writer.add_content(bytes));
  }
  for (std::uint32_t y = 0; y < kPages; ++y)
    for (std::uint32_t x = 0; x < kPages; x += kStep)
      writer.add_reference(pmtiles_tile_id(kZoom, x + y % kStep, y), tiles[(x / kStep + y) % 2]);
  const std::string metadata = fmt::format(
      R"({{"name":"largest","format":"ktx2","forge3d":{{"version":1,"width":{0},"height":{0},)"
      R"("page_texels":256,"border_texels":4,"format":"BC7_SRGB_BLOCK","levels":13,"zstd":0}}}})",
      kMaxPyramidExtent);
  return writer.finish(metadata, kZoom);
}

/// Opens the file as often as runs are asked for, and once with its reads counted.
Result<> add_open_cases(const std::filesystem::path& archive, std::uint32_t runs,
                        BenchCases& cases) {
  std::vector<double> milliseconds;
  for (std::uint32_t run = 0; run < std::max(runs, 1u); ++run) {
    const Stopwatch watch;
    FORGE3D_TRY_ASSIGN([[maybe_unused]] const auto source, open_tile_source(archive));
    milliseconds.push_back(watch.milliseconds());
  }
  cases.push_back(make_case("open_ms", "ms", milliseconds));
  FORGE3D_TRY_ASSIGN(const std::shared_ptr<ByteSource> file, open_file_source(archive));
  std::atomic<std::uint64_t> bytes_read = 0;
  const auto counted = [&](std::uint64_t offset, std::span<std::byte> out) {
    bytes_read += out.size();
    return file->read(offset, out);
  };
  FORGE3D_TRY_ASSIGN(
      [[maybe_unused]] const auto source,
      open_tile_source(make_function_source(file->size_bytes(), counted, archive.string())));
  cases.push_back(single("open_bytes_read", "bytes", double(bytes_read), 1));
  return {};
}

struct FlightSamples {
  std::string device;
  std::vector<double> update_us, exact_area;
  double visible_p50_frames = 0, visible_p99_frames = 0;
};

Result<std::unique_ptr<VirtualTextureSystem>> make_system(const BenchOptions& options,
                                                          const TilePyramid& pyramid) {
  VirtualTextureSystemDesc desc;
  FORGE3D_TRY_ASSIGN(desc.device, Device::create(options.device));
  StagingRingDesc ring;
  ring.readback_bytes = 0;
  FORGE3D_TRY_ASSIGN(desc.ring, StagingRing::create(desc.device, ring));
  desc.format = pyramid.format;
  desc.page_texels = pyramid.page_texels;
  desc.border_texels = pyramid.border_texels;
  return VirtualTextureSystem::create(desc);
}

Result<> fly_frame(VirtualTextureSystem& system, const VirtualView& view, FlightSamples& samples) {
  const Stopwatch watch;
  FORGE3D_TRY_ASSIGN([[maybe_unused]] const VirtualUpdateStats update, system.update({&view, 1}));
  samples.update_us.push_back(watch.seconds() * 1e6);
  FORGE3D_TRY_ASSIGN(const ScreenCoverage coverage, system.measure(view, kMeasureStepPx));
  samples.exact_area.push_back(coverage.exact_area);
  return {};
}

Result<FlightSamples> fly(const BenchOptions& options, const std::shared_ptr<TileSource>& source,
                          const char* trace) {
  const TilePyramid& pyramid = source->pyramid();
  FORGE3D_TRY_ASSIGN(const auto system, make_system(options, pyramid));
  VirtualView view;
  FORGE3D_TRY_ASSIGN(view.texture, system->add(source));
  view.width = kWidth;
  view.height = kHeight;
  FORGE3D_TRY_ASSIGN(const auto path,
                     make_camera_path(trace, pyramid.width, pyramid.height,
                                      options.frames != 0 ? options.frames : kFlightFrames));
  FlightSamples samples;
  samples.device = system->desc().device->info().name;
  for (std::uint32_t frame = 0; frame < path->frames(); ++frame) {
    const auto next = std::chrono::steady_clock::now() + kFrameTime;
    FORGE3D_TRY_ASSIGN(view.clip_from_uv, clip_from_uv(path->at(frame), pyramid.width,
                                                       pyramid.height, double{kWidth} / kHeight));
    FORGE3D_TRY(fly_frame(*system, view, samples));
    std::this_thread::sleep_until(next);  // tiles get the time that they get in a program
  }
  const VirtualTextureStats stats = system->stats();
  samples.visible_p50_frames = stats.request_to_visible_p50;
  samples.visible_p99_frames = stats.request_to_visible_p99;
  return samples;
}

void add_cases(const std::string& trace, const FlightSamples& samples, BenchCases& cases) {
  const std::size_t frames = samples.update_us.size();
  cases.push_back(make_case("update_us_p50_" + trace, "us", samples.update_us));
  cases.push_back(
      single("update_us_p99_" + trace, "us", quantile(samples.update_us, 0.99), frames));
  BenchCase area = make_case("exact_area_" + trace, "share", samples.exact_area);
  double sum = 0;
  for (const double value : samples.exact_area) sum += value;
  area.value = sum / static_cast<double>(frames);
  cases.push_back(std::move(area));
  cases.push_back(single("request_to_visible_frames_p50_" + trace, "frames",
                         samples.visible_p50_frames, frames));
  cases.push_back(single("request_to_visible_frames_p99_" + trace, "frames",
                         samples.visible_p99_frames, frames));
}

}  // namespace

Result<BenchReport> bench_streaming(const BenchOptions& options) {
  BenchReport report;
  if (options.archive.empty()) {
    const ScratchFile largest("pmtiles");
    FORGE3D_TRY(write_largest_archive(largest.path()));
    FORGE3D_TRY(add_open_cases(largest.path(), options.runs, report.cases));
    FORGE3D_TRY(add_simulated_flights(options, report.cases));
    return report;
  }
  FORGE3D_TRY(add_open_cases(options.archive, options.runs, report.cases));
  FORGE3D_TRY_ASSIGN(const std::shared_ptr<TileSource> source, open_tile_source(options.archive));
  for (std::size_t i = 0; i < kTraces.size(); ++i) {
    FORGE3D_TRY_ASSIGN(const FlightSamples samples, fly(options, source, kTraces[i]));
    report.device = samples.device;
    add_cases(kTraces[i], samples, report.cases);
    if (options.progress) options.progress(i + 1, kTraces.size());
  }
  return report;
}

}  // namespace forge3d::bench
