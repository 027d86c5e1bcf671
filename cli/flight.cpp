// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "cli/flight.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <thread>

#include "cli/files.hpp"
#include "cli/format_words.hpp"
#include "cli/output.hpp"
#include "forge3d/image.hpp"
#include "forge3d/metrics.hpp"
#include "forge3d/mip.hpp"

namespace forge3d::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kSettleTimeoutNs = 60'000'000'000;
constexpr std::uint64_t kRenderTimeoutNs = 60'000'000'000;
constexpr std::uint32_t kMeasureStepPx = 8;
constexpr std::uint32_t kReportWidthPx = 1000;  // pictures on the page are halved until they fit

double ms_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

/// A sixteenth of the budget for uploads, half of that for readbacks, both within reason: a frame
/// larger than the ring is read in chunks.
StagingRingDesc ring_desc(const BudgetLimits& limits) {
  const std::uint64_t upload = std::clamp(limits.total_bytes / 16, 2 * kMebibyte, 32 * kMebibyte);
  return {.upload_bytes = upload,
          .readback_bytes = std::clamp(upload / 2, kMebibyte, 8 * kMebibyte)};
}

std::string machine_text() {
  std::ifstream cpuinfo("/proc/cpuinfo");
  std::string line, model = "unknown processor";
  while (std::getline(cpuinfo, line))
    if (line.rfind("model name", 0) == 0 && line.find(':') != std::string::npos) {
      model = line.substr(line.find(':') + 2);
      break;
    }
  return fmt::format("{}, {} threads", model, std::thread::hardware_concurrency());
}

std::uint64_t plain_bytes(const TilePyramid& pyramid) {
  std::uint64_t bytes = 0;
  for (std::uint32_t level = 0; level < pyramid.levels; ++level)
    bytes += image_bytes(pyramid.format, pyramid.level_width(level), pyramid.level_height(level))
                 .value_or(0);
  return bytes;
}

/// The picture as a PNG no wider than the page shows it.
Result<std::vector<std::byte>> page_png(const Image& image) {
  std::uint32_t level = 0;
  while (mip_extent(image.info.width, level) > kReportWidthPx) ++level;
  if (level == 0) return encode_png(image);
  FORGE3D_TRY_ASSIGN(const std::vector<Image> mips, make_mips(image, {.levels = level + 1}));
  return encode_png(mips.back());
}

bool above_a_limit(const BudgetStats& stats) {
  return stats.total_bytes > stats.limits.total_bytes ||
         stats.peak_total_bytes > stats.limits.total_bytes ||
         stats.host_visible_bytes > stats.limits.host_visible_bytes ||
         stats.peak_host_visible_bytes > stats.limits.host_visible_bytes;
}

}  // namespace

Flight::Flight(std::shared_ptr<TileSource> source, FlightOptions options)
    : source_(std::move(source)), options_(std::move(options)) {}

Result<std::unique_ptr<Flight>> Flight::open(std::shared_ptr<TileSource> source,
                                             FlightOptions options) {
  std::unique_ptr<Flight> flight(new Flight(std::move(source), std::move(options)));
  FORGE3D_TRY(flight->create_parts());
  flight->choose_kept_frames();
  flight->describe_source_and_device();
  return flight;
}

Result<> Flight::create_parts() {
  const TilePyramid& pyramid = source_->pyramid();
  FORGE3D_TRY_ASSIGN(
      path_, make_camera_path(options_.camera, pyramid.width, pyramid.height, options_.frames));
  FORGE3D_TRY_ASSIGN(device_, Device::create(options_.device));
  if (options_.render == RenderPolicy::kAuto)
    options_.render =
        device_->info().kind == DeviceKind::kSoftware ? RenderPolicy::kKept : RenderPolicy::kAll;
  const StagingRingDesc ring = ring_desc(options_.device.limits);
  FORGE3D_TRY_ASSIGN(ring_, StagingRing::create(device_, ring));
  MapViewDesc view;
  view.device = device_;
  view.ring = ring_;
  view.width = options_.width;
  view.height = options_.height;
  view.max_anisotropy = options_.max_anisotropy;
  FORGE3D_TRY_ASSIGN(view_, MapView::create(view));
  VirtualTextureSystemDesc system;
  system.device = device_;
  system.ring = ring_;
  system.format = pyramid.format;
  system.page_texels = pyramid.page_texels;
  system.border_texels = pyramid.border_texels;
  system.upload_bytes_per_frame = std::min(system.upload_bytes_per_frame, ring.upload_bytes);
  system.worker_threads = options_.worker_threads;
  system.tile_cache_bytes = options_.tile_cache_bytes;
  system.deterministic = options_.deterministic;
  if (options_.deterministic) system.frame_seconds = 1 / (options_.fps > 0 ? options_.fps : 60);
  FORGE3D_TRY_ASSIGN(system_, VirtualTextureSystem::create(system));
  FORGE3D_TRY_ASSIGN(texture_, system_->add(source_));
  return {};
}

void Flight::choose_kept_frames() {
  const std::uint32_t frames = path_->frames();
  kept_.assign(frames, false);
  stops_.assign(frames, false);
  for (const std::uint32_t stop : path_->stops())
    if (stop < frames) stops_[stop] = kept_[stop] = true;
  const std::uint32_t keep = std::min(options_.keep, frames);
  for (std::uint32_t i = 0; i < keep; ++i)
    kept_[keep == 1 ? frames - 1 : std::uint64_t{i} * (frames - 1) / (keep - 1)] = true;
}

void Flight::describe_source_and_device() {
  const TilePyramid& pyramid = source_->pyramid();
  record_.source = {.name = std::filesystem::path(source_->name()).filename().string(),
                    .width = pyramid.width,
                    .height = pyramid.height,
                    .levels = pyramid.levels,
                    .page_texels = pyramid.page_texels,
                    .border_texels = pyramid.border_texels,
                    .pages = pyramid.page_count(),
                    .format = format_name(pyramid.format),
                    .archive_bytes = file_bytes(source_->name()),
                    .plain_bytes = plain_bytes(pyramid)};
  record_.device = device_->info().name;
  record_.driver = device_->info().driver;
  record_.device_kind = std::string(to_string(device_->info().kind));
  record_.machine = machine_text();
  record_.width = options_.width;
  record_.height = options_.height;
  record_.camera = options_.camera;
  record_.fps = options_.fps;
  record_.limits = device_->budget().stats().limits;
  record_.validation = device_->info().validation;
}

Result<VirtualView> Flight::view_at(std::uint32_t frame) const {
  return view_->view(texture_, source_->pyramid(), path_->at(frame));
}

Result<> Flight::fly() {
  const Clock::time_point start = next_frame_ = Clock::now();
  for (std::uint32_t frame = 0; frame < path_->frames(); ++frame) {
    pace();
    if (auto flown = fly_frame(frame); !flown)
      return fail_from(std::move(flown).error(), fmt::format("frame {}", frame));
    if (options_.progress) options_.progress(frame + 1, path_->frames());
  }
  record_.wall_s = ms_since(start) / 1000;
  record_totals();
  return {};
}

void Flight::pace() {
  if (options_.fps <= 0) return;
  std::this_thread::sleep_until(next_frame_);
  next_frame_ =
      Clock::now() + std::chrono::nanoseconds(static_cast<std::int64_t>(1e9 / options_.fps));
}

Result<> Flight::fly_frame(std::uint32_t frame) {
  FORGE3D_TRY_ASSIGN(const VirtualView view, view_at(frame));
  FrameRecord record;
  const Clock::time_point start = Clock::now();
  FORGE3D_TRY_ASSIGN(const VirtualUpdateStats update, system_->update({&view, 1}));
  record.update_ms = ms_since(start);
  record.wanted = update.tiles_wanted;
  record.requested = update.tiles_requested;
  record.loaded = update.tiles_loaded;
  record.evicted = update.tiles_evicted;
  record.missing = update.tiles_missing;
  record.bytes_uploaded = update.bytes_uploaded;
  record.mip_bias = update.mip_bias;
  FORGE3D_TRY_ASSIGN(const ScreenCoverage coverage, system_->measure(view, kMeasureStepPx));
  record.covered = coverage.covered;
  record.exact_area = coverage.exact_area;
  record.mip_deficit = coverage.mip_deficit;
  if (options_.render == RenderPolicy::kAll || kept_[frame])
    FORGE3D_TRY(render_frame(view, record));
  read_ledger(record);
  record_.frames.push_back(record);
  return kept_[frame] && options_.keep_pictures ? keep_frame(frame) : Result<>{};
}

Result<> Flight::render_frame(const VirtualView& view, FrameRecord& record) {
  const Clock::time_point start = Clock::now();
  FORGE3D_TRY_ASSIGN(const Ticket ticket, view_->render(*system_, view, source_->pyramid()));
  FORGE3D_TRY(device_->wait(ticket, kRenderTimeoutNs));
  record.render_ms = ms_since(start);
  return {};
}

void Flight::read_ledger(FrameRecord& record) const {
  const BudgetStats stats = device_->budget().stats();
  record.by_category_bytes = stats.by_category_bytes;
  record.total_bytes = stats.total_bytes;
  record.host_visible_bytes = stats.host_visible_bytes;
  record.over_budget = above_a_limit(stats);
}

Result<> Flight::keep_frame(std::uint32_t frame) {
  FORGE3D_TRY_ASSIGN(const Image picture, view_->read_pixels());
  if (!options_.pictures_folder.empty())
    FORGE3D_TRY(
        save_png(options_.pictures_folder / fmt::format("frame-{:05}.png", frame), picture));
  FORGE3D_TRY_ASSIGN(std::vector<std::byte> png, page_png(picture));
  record_.kept.push_back({frame, static_cast<bool>(stops_[frame]), std::move(png)});
  return {};
}

Result<> Flight::verify() {
  ReferenceView::Desc desc;
  desc.source = source_;
  desc.width = options_.width;
  desc.height = options_.height;
  desc.max_anisotropy = options_.max_anisotropy;
  desc.device = options_.device;
  desc.device.limits = {4 * desc.max_device_bytes, 4 * desc.max_device_bytes};
  FORGE3D_TRY_ASSIGN(const auto reference, ReferenceView::create(desc));
  record_.verify_method = reference->method() == ReferenceView::Method::kDevice ? "device" : "cpu";
  const std::vector<std::uint32_t> stops = path_->stops();
  for (const std::uint32_t stop : stops) {
    FORGE3D_TRY_ASSIGN(VerifiedStop verified, verify_stop(stop, *reference));
    record_.verified.push_back(std::move(verified));
    if (options_.progress)
      options_.progress(static_cast<std::uint32_t>(record_.verified.size()),
                        static_cast<std::uint32_t>(stops.size()));
  }
  return {};
}

Result<VerifiedStop> Flight::verify_stop(std::uint32_t frame, ReferenceView& reference) {
  FORGE3D_TRY_ASSIGN(const VirtualView view, view_at(frame));
  FORGE3D_TRY(system_->settle({&view, 1}, kSettleTimeoutNs));
  FORGE3D_TRY_ASSIGN(const VirtualUpdateStats update, system_->update({&view, 1}));
  FORGE3D_TRY_ASSIGN(const ScreenCoverage coverage, system_->measure(view, kMeasureStepPx));
  FrameRecord timing;
  FORGE3D_TRY(render_frame(view, timing));
  FORGE3D_TRY_ASSIGN(const Image streamed, view_->read_pixels());
  FORGE3D_TRY_ASSIGN(const Image whole, reference.render(view));
  FORGE3D_TRY_ASSIGN(const ImageDifference difference, compare_images(streamed, whole));
  VerifiedStop stop{.frame = frame,
                    .psnr_db = capped_psnr(difference.psnr_rgb_db),
                    .max_error = difference.max_error_any * 255,
                    .mip_bias = update.mip_bias,
                    .exact_area = coverage.exact_area,
                    .missing = update.tiles_missing,
                    .streamed_png = {},
                    .reference_png = {}};
  if (!options_.keep_pictures) return stop;
  FORGE3D_TRY_ASSIGN(stop.streamed_png, page_png(streamed));
  FORGE3D_TRY_ASSIGN(stop.reference_png, page_png(whole));
  return stop;
}

void Flight::record_totals() {
  const VirtualTextureStats stats = system_->stats();
  record_.cache_hits = stats.cache_hits;
  record_.cache_misses = stats.cache_misses;
  record_.tiles_requested = stats.tiles_requested;
  record_.tiles_loaded = stats.tiles_loaded;
  record_.tiles_evicted = stats.tiles_evicted;
  record_.request_to_visible_p50 = stats.request_to_visible_p50;
  record_.request_to_visible_p95 = stats.request_to_visible_p95;
  record_.request_to_visible_p99 = stats.request_to_visible_p99;
  record_.request_to_visible_ms_p50 = stats.request_to_visible_ms_p50;
  record_.request_to_visible_ms_p99 = stats.request_to_visible_ms_p99;
  record_.tiles_rescued = stats.tiles_rescued;
  record_.tiles_prefetched = stats.tiles_prefetched;
  record_.bytes_wasted = stats.bytes_wasted;
  record_.holes = stats.holes;
  record_.tile_cache_hits = stats.tile_cache_hits;
  record_.tile_cache_misses = stats.tile_cache_misses;
  record_.decisions_hash = stats.decisions_hash;
  record_.page_table_bytes = stats.page_table_bytes;
  record_.atlas_bytes = stats.atlas_bytes;
  for (const AtlasSlot& slot : system_->atlas_slots())
    record_.atlas.push_back({slot.used, slot.pinned, slot.tile.level});
}

FlightRecord Flight::take_record() {
  const VirtualTextureStats stats = system_->stats();
  record_.tiles_failed = stats.tiles_failed;
  record_.errors = stats.errors;
  const BudgetStats budget = device_->budget().stats();
  record_.peak_total_bytes = budget.peak_total_bytes;
  record_.peak_host_visible_bytes = budget.peak_host_visible_bytes;
  record_.peak_by_category_bytes = budget.peak_by_category_bytes;
  record_.validation_messages = device_->validation_messages();
  return std::move(record_);
}

}  // namespace forge3d::cli
