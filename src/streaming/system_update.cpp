// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "core/thread_clock.hpp"
#include "streaming/system_state.hpp"

// One update of a VirtualTextureSystem, step by step.

namespace forge3d {

using streaming::LoadedTile;
using streaming::PageKey;
using streaming::PageStreamer;
using streaming::TileJob;

namespace {

// Longer pauses are no motion: a program that was stopped in a debugger should not fly on.
constexpr double kLongestFrameSeconds = 0.25;
// What passes between updates that must not depend on a clock.
constexpr double kDeterministicFrameSeconds = 1.0 / 60;

}  // namespace

Result<VirtualUpdateStats> VirtualTextureSystem::State::update(std::span<const VirtualView> views) {
  const std::lock_guard slots_lock(slots_mutex);
  const std::uint64_t begin_ns = monotonic_ns();
  for (const VirtualView& view : views) FORGE3D_TRY(texture_of(view.texture));
  streaming::StreamerFrame frame;
  frame.views = views;
  frame.feedback = seen.pages(streamer.now().frame + 1);
  frame.uploads_per_frame = uploads_per_frame();
  FORGE3D_TRY_ASSIGN(frame.completed, completed());
  const std::uint64_t last_ns = last_update_ns;
  frame.seconds = frame_seconds(begin_ns);
  if (auto begun = streamer.begin_frame(frame); !begun) {
    last_update_ns = last_ns;
    return tl::unexpected(std::move(begun).error());
  }
  VirtualUpdateStats now;
  receive_tiles();
  FORGE3D_TRY(upload_ready_tiles(now, begin_ns));
  streamer.make_room(static_cast<std::uint32_t>(ready.size()));
  request_tiles();
  FORGE3D_TRY(publish(now));
  const std::uint64_t end_ns = monotonic_ns();
  fill_counts(now);
  now.update_ms = static_cast<double>(end_ns - begin_ns) * 1e-6;
  count_update(now);
  refresh_stats();
  if (desc.observer) desc.observer(now, begin_ns, end_ns);
  return now;
}

double VirtualTextureSystem::State::frame_seconds(std::uint64_t now_ns) {
  const std::uint64_t last_ns = std::exchange(last_update_ns, now_ns);
  if (desc.frame_seconds > 0) return desc.frame_seconds;
  if (desc.deterministic) return kDeterministicFrameSeconds;
  if (last_ns == 0) return 0;
  return std::min(static_cast<double>(now_ns - last_ns) * 1e-9, kLongestFrameSeconds);
}

std::uint32_t VirtualTextureSystem::State::uploads_per_frame() const {
  return static_cast<std::uint32_t>(
      std::max<std::uint64_t>(desc.upload_bytes_per_frame / tile_bytes, 1));
}

void VirtualTextureSystem::State::receive_tiles() {
  if (desc.deterministic) loader.wait_idle();
  const std::size_t old = ready.size();
  for (LoadedTile& tile : loader.take_finished()) ready.push_back(std::move(tile));
  if (ready.size() == old) return;
  drop_orphans();
  std::erase_if(ready, [this](LoadedTile& tile) {
    if (tile.result) return false;
    streamer.read_failed(tile.job.page);
    note_failure(tile);
    loader.recycle(std::move(tile.bytes));
    return true;
  });
}

Result<> VirtualTextureSystem::State::upload_ready_tiles(VirtualUpdateStats& now,
                                                         std::uint64_t begin_ns) {
  // Equal ranks go by page, so that the order never depends on which thread was faster.
  std::sort(ready.begin(), ready.end(), [this](const LoadedTile& a, const LoadedTile& b) {
    const auto x = streamer.rank(a.job.page), y = streamer.rank(b.job.page);
    return x != y ? x > y : a.job.page < b.job.page;
  });
  const auto over_limit = [&] {
    if (streamer.now().loaded == 0) return false;
    if (now.bytes_uploaded + tile_bytes > desc.upload_bytes_per_frame) return true;
    return desc.upload_ms_per_frame > 0 && !desc.deterministic &&
           static_cast<double>(monotonic_ns() - begin_ns) * 1e-6 >= desc.upload_ms_per_frame;
  };
  std::size_t placed = 0;
  for (; placed < ready.size() && !over_limit(); ++placed) {
    FORGE3D_TRY_ASSIGN(const bool done, place_tile(ready[placed], now));
    if (!done) break;
    loader.recycle(std::move(ready[placed].bytes));
  }
  ready.erase(ready.begin(), ready.begin() + static_cast<std::ptrdiff_t>(placed));
  return {};
}

Result<bool> VirtualTextureSystem::State::place_tile(const LoadedTile& tile,
                                                     VirtualUpdateStats& now) {
  const PageKey& page = tile.job.page;
  const PageStreamer::Placed placed = streamer.place(page);
  if (placed.placement != PageStreamer::Placement::kPlaced)
    return placed.placement == PageStreamer::Placement::kUnwanted;
  if (auto uploaded = upload_tile(placed.slot, tile.bytes); !uploaded) {
    streamer.cancel(placed.slot);
    if (uploaded.error().code == ErrorCode::kTimeout) return false;
    return tl::unexpected(std::move(uploaded).error());
  }
  streamer.commit(page, placed.slot);
  now.bytes_uploaded += tile_bytes;
  return true;
}

void VirtualTextureSystem::State::request_tiles() {
  for (const TileJob& job : loader.withdraw()) streamer.withdraw(job.page);
  const std::size_t out = loader.outstanding();
  std::vector<TileJob> jobs;
  const std::size_t most = std::max(kLeastTilesInFlight, kFramesInFlight * uploads_per_frame());
  for (const PageKey& page : streamer.start(most - std::min(out, most))) {
    const Texture& texture = textures[page.texture];
    jobs.push_back({page, texture.generation, texture.cache_id, texture.source});
  }
  if (!jobs.empty()) loader.submit(std::move(jobs));
}

void VirtualTextureSystem::State::fill_counts(VirtualUpdateStats& now) const {
  const streaming::StreamerCounts& counts = streamer.now();
  now.frame = counts.frame;
  now.tiles_wanted = counts.wanted;
  now.tiles_requested = counts.requested;
  now.tiles_loaded = counts.loaded;
  now.tiles_evicted = counts.evicted;
  now.tiles_missing = counts.missing;
  now.tiles_prefetching = counts.prefetch_missing + counts.region_missing;
  now.holes = counts.holes;
  now.mip_bias = counts.mip_bias;
}

void VirtualTextureSystem::State::count_update(const VirtualUpdateStats& now) {
  const std::lock_guard lock(stats_mutex);
  stats.bytes_uploaded += now.bytes_uploaded;
  update_ms.push(now.update_ms);
  for (const streaming::StreamerWait& wait : streamer.waits()) {
    frames_to_visible.push(static_cast<double>(wait.frames));
    ms_to_visible.push(wait.ms);
  }
}

}  // namespace forge3d
