// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "streaming/system_state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace forge3d {

using streaming::GpuProgress;
using streaming::LoadedTile;
using streaming::PageKey;

namespace {

constexpr std::size_t kMaxErrors = 16;
constexpr std::uint64_t kWaitNs = 10'000'000'000;

std::string format_name(Format format) {
  const FormatInfo* info = format_info(format);
  return info != nullptr ? std::string(info->name)
                         : std::to_string(static_cast<std::uint32_t>(format));
}

std::uint32_t thread_count(std::uint32_t wish) {
  return wish != 0 ? wish : std::max(core::resolve_thread_count(0), 2u) - 1;
}

Result<> wait_for(const Device& device, const GpuProgress& point) {
  FORGE3D_TRY(device.wait({QueueKind::kGraphics, point.graphics}, kWaitNs));
  return device.wait({QueueKind::kTransfer, point.transfer}, kWaitNs);
}

GpuProgress later(const GpuProgress& a, const GpuProgress& b) {
  return {std::max(a.graphics, b.graphics), std::max(a.transfer, b.transfer)};
}

}  // namespace

VirtualTextureSystem::State::State(const VirtualTextureSystemDesc& description,
                                   VirtualTextureParts parts)
    : desc(description),
      layers(std::move(parts.layers)),
      tile_bytes(streaming::bytes_of(layers)),
      device_table(std::move(parts.device_table)),
      atlas(std::move(parts.atlas)),
      streamer(std::move(parts.table), atlas.slots()),
      textures(description.max_textures),
      cache(std::move(parts.cache)),
      loader(thread_count(description.worker_threads), tile_bytes, cache.get()) {
  VirtualTextureTuning tuning;
  tuning.frames_of_grace = description.frames_of_grace;
  streamer.tune(tuning);
  if (cache != nullptr)
    streamer.is_cached = [this](const PageKey& page) {
      return cache->contains({textures[page.texture].cache_id, page.tile});
    };
  refresh_stats();
}

VirtualTextureSystem::State::~State() {
  // Copies that were recorded and not submitted would outlive their targets inside the ring. After
  // a lost device there is nothing to wait for.
  if (const auto ticket = desc.ring->flush()) (void)desc.device->wait(*ticket, kWaitNs);
  (void)wait_for(*desc.device, later(last_frame, last_publish));
  streamer.end_regions();
}

Result<const VirtualTextureSystem::State::Texture*> VirtualTextureSystem::State::texture_of(
    VirtualTextureId id) const {
  if (id.index >= textures.size() || id.generation == 0 ||
      textures[id.index].generation != id.generation || textures[id.index].source == nullptr)
    return fail(ErrorCode::kStaleHandle,
                fmt::format("{}: texture {} generation {} is not one of its textures",
                            desc.debug_name, id.index, id.generation));
  return &textures[id.index];
}

Result<> VirtualTextureSystem::State::check_sources(
    std::span<const std::shared_ptr<TileSource>> sources) const {
  if (sources.size() != layers.size())
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: {} tile sources for {} layers", desc.debug_name, sources.size(),
                            layers.size()));
  for (std::size_t i = 0; i < sources.size(); ++i) {
    FORGE3D_TRY(check_source(sources[i].get(), layers[i].format));
    const TilePyramid &first = sources[0]->pyramid(), &here = sources[i]->pyramid();
    if (here.width != first.width || here.height != first.height)
      return fail(
          ErrorCode::kInvalidArgument,
          fmt::format("{}: {} x {} texels, and the first layer has {} x {}", sources[i]->name(),
                      here.width, here.height, first.width, first.height));
  }
  return {};
}

Result<> VirtualTextureSystem::State::check_source(const TileSource* source, Format format) const {
  if (source == nullptr) return fail(ErrorCode::kInvalidArgument, "the tile source is null");
  const TilePyramid& p = source->pyramid();
  const auto refuse = [&](std::string what) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("{}: {}", source->name(), what));
  };
  if (p.format != format)
    return refuse(fmt::format("format {}, and the system's is {}: its textures share one atlas",
                              format_name(p.format), format_name(format)));
  if (p.page_texels != desc.page_texels || p.border_texels != desc.border_texels)
    return refuse(fmt::format("pages of {} + {} texels, and the system's are {} + {}",
                              p.page_texels, p.border_texels, desc.page_texels,
                              desc.border_texels));
  FORGE3D_TRY_ASSIGN(const TilePyramid shape, make_tile_pyramid(p.width, p.height, p.format,
                                                                p.page_texels, p.border_texels));
  if (shape.levels != p.levels)
    return refuse(fmt::format("{} levels, and {} x {} texels have {}", p.levels, p.width, p.height,
                              shape.levels));
  return {};
}

Result<VirtualTextureId> VirtualTextureSystem::State::add(
    std::span<const std::shared_ptr<TileSource>> sources) {
  const std::lock_guard slots_lock(slots_mutex);
  FORGE3D_TRY(check_sources(sources));
  const auto free = std::find_if(textures.begin(), textures.end(),
                                 [](const Texture& texture) { return texture.source == nullptr; });
  if (free == textures.end())
    return fail(ErrorCode::kBudgetExceeded,
                fmt::format("{}: all {} textures are taken (max_textures)", desc.debug_name,
                            textures.size()));
  const auto index = static_cast<std::uint32_t>(free - textures.begin());
  const Texture added{streaming::stack_tiles(sources, layers), sources[0]->pyramid(),
                      free->generation + 1, textures_added++ % streaming::kMaxTextures};
  FORGE3D_TRY(streamer.add_texture(index, added.pyramid, added.generation));
  if (auto pinned = pin_coarsest_page(added, index); !pinned) {
    streamer.remove_texture(index);
    return tl::unexpected(std::move(pinned).error());
  }
  *free = added;
  refresh_stats();
  return VirtualTextureId{index, added.generation};
}

Result<> VirtualTextureSystem::State::pin_coarsest_page(const Texture& texture,
                                                        std::uint32_t index) {
  const PageKey root{index, {texture.pyramid.levels - 1, 0, 0}};
  std::vector<std::byte> tile(tile_bytes);
  FORGE3D_TRY(texture.source->read_tile(root.tile, tile));
  FORGE3D_TRY_ASSIGN(const std::uint32_t slot, take_pinned_slot(root));
  if (auto uploaded = upload_tile(slot, tile); !uploaded) {
    streamer.cancel(slot);
    return tl::unexpected(std::move(uploaded).error());
  }
  streamer.commit(root, slot);
  return {};
}

Result<> VirtualTextureSystem::State::upload_tile(std::uint32_t slot,
                                                  std::span<const std::byte> tile) {
  for (std::uint32_t i = 0; i < layers.size(); ++i) {
    FORGE3D_TRY(desc.ring->upload(atlas.region(slot, i), tile.first(layers[i].tile_bytes)));
    tile = tile.subspan(layers[i].tile_bytes);
  }
  return {};
}

Result<std::uint32_t> VirtualTextureSystem::State::take_pinned_slot(const PageKey& page) {
  FORGE3D_TRY(release_slots());
  const streaming::SlotPool& slots = streamer.slots();
  if (slots.free_count() == 0) {
    if (slots.retiring_count() == 0) (void)streamer.evict_oldest();
    VirtualUpdateStats ignored;
    FORGE3D_TRY(publish(ignored));
    FORGE3D_TRY(wait_for(*desc.device, later(last_publish, last_frame)));
    FORGE3D_TRY(release_slots());
  }
  const auto slot = streamer.take_pinned(page);
  if (!slot)
    return fail(ErrorCode::kBudgetExceeded,
                fmt::format("{}: no slot for one more pinned page of {} bytes", desc.debug_name,
                            tile_bytes));
  return *slot;
}

Result<> VirtualTextureSystem::State::remove(VirtualTextureId id) {
  const std::lock_guard slots_lock(slots_mutex);
  FORGE3D_TRY(texture_of(id));
  streamer.remove_texture(id.index);
  seen.forget_texture(id.index);
  if (cache != nullptr) cache->forget_texture(textures[id.index].cache_id);
  textures[id.index].source = nullptr;
  drop_orphans();
  refresh_stats();
  return {};
}

std::uint32_t VirtualTextureSystem::State::evict_unwanted(std::optional<std::uint32_t> texture) {
  const std::lock_guard slots_lock(slots_mutex);
  const std::uint32_t evicted = streamer.evict_unwanted(texture);
  refresh_stats();
  return evicted;
}

Result<std::vector<PageKey>> VirtualTextureSystem::State::pages_of(
    const VirtualRegion& region) const {
  FORGE3D_TRY_ASSIGN(const Texture* texture, texture_of(region.texture));
  const TilePyramid& p = texture->pyramid;
  const auto outside = [](std::uint32_t first, std::uint32_t count, std::uint32_t extent) {
    return count == 0 || first >= extent || count > extent - first;
  };
  if (region.level >= p.levels || outside(region.x, region.width, p.level_width(region.level)) ||
      outside(region.y, region.height, p.level_height(region.level)))
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("{}: the region {} x {} at ({}, {}) of level {} is empty or outside the "
                    "texture ({} levels)",
                    desc.debug_name, region.width, region.height, region.x, region.y, region.level,
                    p.levels));
  const std::uint32_t last_x = (region.x + region.width - 1) / p.page_texels;
  const std::uint32_t last_y = (region.y + region.height - 1) / p.page_texels;
  // One more than could ever be resident says as much as all of them.
  const std::size_t most = std::size_t{streamer.slots().total()} + 1;
  std::vector<PageKey> pages;
  for (std::uint32_t y = region.y / p.page_texels; y <= last_y; ++y)
    for (std::uint32_t x = region.x / p.page_texels; x <= last_x && pages.size() < most; ++x)
      pages.push_back({region.texture.index, {region.level, x, y}});
  return pages;
}

Result<std::uint32_t> VirtualTextureSystem::State::prefetch(const VirtualRegion& region) {
  FORGE3D_TRY_ASSIGN(const std::vector<PageKey> pages, pages_of(region));
  return streamer.prefetch(pages);
}

Result<RegionRequest> VirtualTextureSystem::State::request(std::span<const PageKey> pages,
                                                           double deadline_seconds) {
  if (!(deadline_seconds >= 0))
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: the deadline is {} s from now: at least 0", desc.debug_name,
                            deadline_seconds));
  auto progress = std::make_shared<streaming::RegionProgress>();
  if (!pages.empty()) FORGE3D_TRY(streamer.request(pages, deadline_seconds, progress));
  return RegionRequest(std::move(progress));
}

FeedbackCounts VirtualTextureSystem::State::add_feedback(std::span<const FeedbackPage> pages) {
  std::vector<streaming::FeedbackTexture> named;
  for (const Texture& texture : textures)
    named.push_back({texture.source != nullptr ? &texture.pyramid : nullptr, texture.generation});
  const FeedbackCounts counts = seen.add(pages, named, streamer.now().frame + 1);
  feedback_ignored += counts.out_of_range + counts.stale;
  return counts;
}

Result<GpuProgress> VirtualTextureSystem::State::completed() const {
  GpuProgress completed;
  if (desc.deterministic) {
    FORGE3D_TRY(wait_for(*desc.device, later(last_publish, last_frame)));
  }
  FORGE3D_TRY_ASSIGN(completed.graphics, desc.device->queue(QueueKind::kGraphics).completed());
  FORGE3D_TRY_ASSIGN(completed.transfer, desc.device->queue(QueueKind::kTransfer).completed());
  return completed;
}

Result<> VirtualTextureSystem::State::release_slots() {
  FORGE3D_TRY_ASSIGN(const GpuProgress done, completed());
  streamer.release(done);
  return {};
}

Result<> VirtualTextureSystem::State::publish(VirtualUpdateStats& now) {
  FORGE3D_TRY_ASSIGN(const auto published, device_table.publish(*desc.ring, streamer.table()));
  now.bytes_uploaded += published.bytes;
  last_publish.graphics = std::max(last_publish.graphics, published.ticket.serial);
  streamer.end_frame(later(last_publish, last_frame));
  return {};
}

void VirtualTextureSystem::State::drop_orphans() {
  std::erase_if(ready, [this](LoadedTile& tile) {
    const Texture& texture = textures[tile.job.page.texture];
    const bool lives = texture.source != nullptr && texture.generation == tile.job.generation;
    if (lives && streamer.awaits(tile.job.page)) return false;
    loader.recycle(std::move(tile.bytes));
    return true;
  });
}

void VirtualTextureSystem::State::note_failure(const LoadedTile& tile) {
  const TileAddress& address = tile.job.page.tile;
  std::string line =
      fmt::format("{}: level {} page ({}, {}): {}", tile.job.source->name(), address.level,
                  address.x, address.y, tile.result.error().to_string());
  desc.device->log(LogLevel::kWarning, line);
  const std::lock_guard lock(stats_mutex);
  errors.push_back(std::move(line));
  if (errors.size() > kMaxErrors) errors.pop_front();
}

void VirtualTextureSystem::State::refresh_stats() {
  const streaming::SlotPool& slots = streamer.slots();
  const streaming::StreamerTotals& totals = streamer.totals();
  const std::lock_guard lock(stats_mutex);
  stats.frames = totals.frames;
  stats.cache_hits = totals.hits;
  stats.cache_misses = totals.misses;
  stats.region_hits = totals.region_hits;
  stats.region_misses = totals.region_misses;
  stats.prefetch_hits = totals.prefetch_hits;
  stats.prefetch_misses = totals.prefetch_misses;
  stats.tiles_requested = totals.requested;
  stats.tiles_loaded = totals.loaded;
  stats.tiles_evicted = totals.evicted;
  stats.tiles_failed = totals.failed;
  stats.tiles_rescued = totals.rescued;
  stats.tiles_prefetched = totals.prefetch_loaded;
  stats.bytes_wasted = totals.prefetch_wasted * tile_bytes;
  stats.holes = totals.holes;
  stats.feedback_ignored = totals.feedback_ignored + feedback_ignored;
  stats.decisions_hash = totals.decisions;
  stats.slots_total = slots.total();
  stats.slots_used = slots.used_count();
  stats.slots_pinned = slots.pinned_count();
  stats.memory_used_bytes = stats.slots_used * tile_bytes;
  stats.memory_limit_bytes = stats.slots_total * tile_bytes;
  stats.atlas_bytes = atlas.size_bytes();
  stats.page_table_bytes = device_table.size_bytes();
  stats.tiles_in_flight = streamer.in_flight();
}

}  // namespace forge3d
