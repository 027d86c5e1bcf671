// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <thread>
#include <utility>

#include "forge3d/virtual_texture.hpp"
#include "streaming/coverage.hpp"
#include "streaming/system_state.hpp"

namespace forge3d {
namespace {

/// A stored tile of one layer. Errors: kInvalidArgument, kNotSupported.
Result<streaming::TileLayer> check_layer(const VirtualTextureSystemDesc& desc, Format format) {
  // The rules of a stored tile are those of a pyramid of one.
  FORGE3D_TRY_ASSIGN(const TilePyramid tile,
                     make_tile_pyramid(desc.page_texels, desc.page_texels, format, desc.page_texels,
                                       desc.border_texels));
  if (!desc.device->can_sample(format))
    return fail(ErrorCode::kNotSupported,
                fmt::format("{}: {} cannot sample {}", desc.debug_name, desc.device->info().name,
                            format_info(format)->name));
  return streaming::TileLayer{format, tile.tile_bytes()};
}

Result<std::vector<streaming::TileLayer>> check_desc(const VirtualTextureSystemDesc& desc) {
  if (desc.device == nullptr)
    return fail(ErrorCode::kInvalidArgument, desc.debug_name + ": device is null");
  if (desc.ring == nullptr)
    return fail(ErrorCode::kInvalidArgument, desc.debug_name + ": ring is null");
  if (desc.border_texels == 0)
    return fail(ErrorCode::kInvalidArgument,
                desc.debug_name + ": border_texels is 0: filtering reads past a page's edge");
  if (desc.layer_formats.size() > kMaxVirtualLayers)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: {} layer_formats: at most {}", desc.debug_name,
                            desc.layer_formats.size(), kMaxVirtualLayers));
  const std::span one(&desc.format, 1);
  std::vector<streaming::TileLayer> layers;
  for (const Format format : desc.layer_formats.empty() ? one : std::span(desc.layer_formats)) {
    FORGE3D_TRY_ASSIGN(const streaming::TileLayer layer, check_layer(desc, format));
    layers.push_back(layer);
  }
  return layers;
}

std::vector<Format> formats_of(std::span<const streaming::TileLayer> layers) {
  std::vector<Format> formats;
  for (const streaming::TileLayer& layer : layers) formats.push_back(layer.format);
  return formats;
}

/// How many bytes of the page table's are for the list of single changes: a 32nd, of what the
/// smallest table leaves; more than a mebibyte would be better copied.
std::uint64_t change_list_bytes(const VirtualTextureSystemDesc& desc) {
  const std::uint64_t smallest = streaming::PageTable::smallest_bytes(desc.max_textures);
  const std::uint64_t left = desc.page_table_bytes - std::min(desc.page_table_bytes, smallest);
  constexpr std::uint64_t kWord = sizeof(streaming::TableWord);
  return std::min({desc.page_table_bytes / 32, left, kMebibyte}) / kWord * kWord;
}

/// What the ledger has for the atlas.
std::uint64_t atlas_limit(const VirtualTextureSystemDesc& desc) {
  const std::uint64_t left = desc.device->budget().remaining_bytes(false);
  if (desc.atlas_bytes != 0) return std::min(desc.atlas_bytes, left);
  return left > desc.reserve_bytes ? left - desc.reserve_bytes : 0;
}

}  // namespace

VirtualTextureSystem::VirtualTextureSystem() = default;
VirtualTextureSystem::~VirtualTextureSystem() = default;

Result<std::unique_ptr<VirtualTextureSystem>> VirtualTextureSystem::create(
    const VirtualTextureSystemDesc& desc) {
  FORGE3D_TRY_ASSIGN(std::vector<streaming::TileLayer> layers, check_desc(desc));
  const std::uint64_t list_bytes = change_list_bytes(desc);
  streaming::PageTableDesc table_desc{
      .capacity_bytes = (desc.page_table_bytes - list_bytes) / 4 * 4,
      .max_textures = desc.max_textures,
      .page_texels = desc.page_texels,
      .border_texels = desc.border_texels};
  FORGE3D_TRY(
      streaming::PageTable::create(table_desc));  // before anything is taken from the ledger
  std::unique_ptr<streaming::TileCache> cache;
  if (desc.tile_cache_bytes != 0) {
    FORGE3D_TRY_ASSIGN(cache,
                       streaming::TileCache::create(desc.device->budget(), desc.tile_cache_bytes,
                                                    streaming::bytes_of(layers)));
  }
  FORGE3D_TRY_ASSIGN(
      streaming::TableScatter device_table,
      streaming::TableScatter::create(desc.device, {.table_bytes = table_desc.capacity_bytes,
                                                    .most_words = static_cast<std::uint32_t>(
                                                        list_bytes / sizeof(streaming::TableWord)),
                                                    .debug_name = desc.debug_name}));
  FORGE3D_TRY_ASSIGN(streaming::Atlas atlas,
                     streaming::Atlas::create(
                         desc.device, {.formats = formats_of(layers),
                                       .tile_texels = desc.page_texels + 2 * desc.border_texels,
                                       .least_slots = desc.max_textures + kLeastStreamingSlots,
                                       .limit_bytes = atlas_limit(desc),
                                       .debug_name = desc.debug_name}));
  table_desc.atlas_grid = atlas.grid();
  FORGE3D_TRY_ASSIGN(streaming::PageTable table, streaming::PageTable::create(table_desc));
  std::unique_ptr<VirtualTextureSystem> system(new VirtualTextureSystem);
  VirtualTextureSystemDesc resolved = desc;
  resolved.format = layers.front().format;
  system->state_ = std::make_unique<State>(
      resolved, VirtualTextureParts{std::move(layers), std::move(device_table), std::move(atlas),
                                    std::move(table), std::move(cache)});
  return system;
}

Result<VirtualTextureId> VirtualTextureSystem::add(std::shared_ptr<TileSource> source) {
  return state_->add({&source, 1});
}

Result<VirtualTextureId> VirtualTextureSystem::add(
    std::span<const std::shared_ptr<TileSource>> layer_sources) {
  return state_->add(layer_sources);
}

Result<> VirtualTextureSystem::remove(VirtualTextureId texture) { return state_->remove(texture); }

Result<VirtualUpdateStats> VirtualTextureSystem::update(std::span<const VirtualView> views) {
  return state_->update(views);
}

FeedbackCounts VirtualTextureSystem::add_feedback(std::span<const FeedbackPage> pages) {
  return state_->add_feedback(pages);
}

void VirtualTextureSystem::frame_submitted(Ticket ticket) {
  Serial& last = ticket.queue == QueueKind::kGraphics ? state_->last_frame.graphics
                                                      : state_->last_frame.transfer;
  last = std::max(last, ticket.serial);
}

Result<> VirtualTextureSystem::settle(std::span<const VirtualView> views,
                                      std::uint64_t timeout_ns) {
  const auto begin = std::chrono::steady_clock::now();
  while (true) {
    FORGE3D_TRY_ASSIGN(const VirtualUpdateStats now, update(views));
    const streaming::PageStreamer& streamer = state_->streamer;
    if (streamer.unsettled() == 0 && !streamer.held_by_uploads() && streamer.fading() == 0)
      return {};
    const auto waited = std::chrono::steady_clock::now() - begin;
    if (std::chrono::duration_cast<std::chrono::nanoseconds>(waited).count() >=
        static_cast<std::int64_t>(timeout_ns))
      return fail(
          ErrorCode::kTimeout,
          fmt::format("{}: {} of {} wanted pages are missing after {} ms", state_->desc.debug_name,
                      now.tiles_missing, now.tiles_wanted, timeout_ns / 1'000'000));
    if (now.tiles_loaded == 0) std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
}

bool VirtualTextureSystem::is_resident(VirtualTextureId texture, TileAddress tile) const {
  const auto live = state_->texture_of(texture);
  return live && (*live)->pyramid.contains(tile) &&
         state_->streamer.table().find({texture.index, tile}).has_value();
}

Result<ScreenCoverage> VirtualTextureSystem::measure(const VirtualView& view,
                                                     std::uint32_t step_px) const {
  FORGE3D_TRY_ASSIGN(const State::Texture* texture, state_->texture_of(view.texture));
  return streaming::measure_coverage(state_->streamer.table(), view.texture.index, texture->pyramid,
                                     view, step_px);
}

std::uint32_t VirtualTextureSystem::evict_unwanted() {
  return state_->evict_unwanted(std::nullopt);
}

Result<std::uint32_t> VirtualTextureSystem::evict_unwanted(VirtualTextureId texture) {
  FORGE3D_TRY(state_->texture_of(texture));
  return state_->evict_unwanted(texture.index);
}

Result<std::uint32_t> VirtualTextureSystem::prefetch(const VirtualRegion& region) {
  return state_->prefetch(region);
}

Result<RegionRequest> VirtualTextureSystem::request_region(const VirtualRegion& region,
                                                           double deadline_seconds) {
  FORGE3D_TRY_ASSIGN(const auto pages, state_->pages_of(region));
  return state_->request(pages, deadline_seconds);
}

Result<RegionRequest> VirtualTextureSystem::request_view(const VirtualView& view,
                                                         double deadline_seconds) {
  FORGE3D_TRY(state_->texture_of(view.texture));
  FORGE3D_TRY_ASSIGN(const auto pages, state_->streamer.pages_of(view));
  return state_->request(pages, deadline_seconds);
}

Result<> VirtualTextureSystem::tune(const VirtualTextureTuning& tuning) {
  FORGE3D_TRY(check_tuning(tuning));
  state_->streamer.tune(tuning);
  return {};
}

VirtualTextureTuning VirtualTextureSystem::tuning() const { return state_->streamer.tuning(); }

VirtualTextureBindings VirtualTextureSystem::bindings() const {
  const Buffer& table = state_->device_table.table();
  const streaming::Atlas& atlas = state_->atlas;
  VirtualTextureBindings bindings{table.handle(), table.size_bytes(), atlas.view(0),
                                  atlas.images()};
  for (std::uint32_t i = 0; i < atlas.images(); ++i) bindings.layer_atlas[i] = atlas.view(i);
  bindings.sampler = atlas.sampler();
  return bindings;
}

Result<std::uint32_t> VirtualTextureSystem::shader_index(VirtualTextureId texture) const {
  FORGE3D_TRY(state_->texture_of(texture));
  return texture.index;
}

VirtualTextureStats VirtualTextureSystem::stats() const {
  const std::lock_guard lock(state_->stats_mutex);
  VirtualTextureStats stats = state_->stats;
  stats.update_ms_p50 = state_->update_ms.percentile(0.5);
  stats.update_ms_p99 = state_->update_ms.percentile(0.99);
  const streaming::History& frames = state_->frames_to_visible;
  stats.request_to_visible_p50 = frames.percentile(0.5);
  stats.request_to_visible_p95 = frames.percentile(0.95);
  stats.request_to_visible_p99 = frames.percentile(0.99);
  const streaming::History& ms = state_->ms_to_visible;
  stats.request_to_visible_ms_p50 = ms.percentile(0.5);
  stats.request_to_visible_ms_p95 = ms.percentile(0.95);
  stats.request_to_visible_ms_p99 = ms.percentile(0.99);
  if (state_->cache != nullptr) {
    const streaming::TileCache::Stats cache = state_->cache->stats();
    stats.tile_cache_bytes = cache.held_bytes;
    stats.tile_cache_limit_bytes = cache.capacity_bytes;
    stats.tile_cache_hits = cache.hits;
    stats.tile_cache_misses = cache.misses;
    stats.tile_cache_ghost_hits = cache.ghost_hits;
  }
  stats.errors.assign(state_->errors.begin(), state_->errors.end());
  return stats;
}

std::vector<AtlasSlot> VirtualTextureSystem::atlas_slots() const {
  const std::lock_guard slots_lock(state_->slots_mutex);
  std::vector<AtlasSlot> result(state_->streamer.slots().total());
  for (std::uint32_t i = 0; i < result.size(); ++i) {
    const streaming::SlotState slot = state_->streamer.slots().state(i);
    if (slot != streaming::SlotState::kUsed && slot != streaming::SlotState::kPinned) continue;
    const streaming::PageKey& page = state_->streamer.slots().page(i);
    result[i] = {true,
                 slot == streaming::SlotState::kPinned,
                 {page.texture, state_->textures[page.texture].generation},
                 page.tile,
                 state_->streamer.slots().last_wanted(i)};
  }
  return result;
}

const VirtualTextureSystemDesc& VirtualTextureSystem::desc() const { return state_->desc; }

}  // namespace forge3d
