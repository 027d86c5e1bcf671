// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "streaming/system_state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace forge3d {

using streaming::GpuProgress;
using streaming::LoadedTile;
using streaming::PageKey;
using streaming::SlotState;

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
                                   streaming::TableScatter table_on_device, streaming::Atlas image,
                                   streaming::PageTable pages,
                                   std::vector<streaming::TileLayer> tile_layers)
    : desc(description),
      layers(std::move(tile_layers)),
      tile_bytes(streaming::bytes_of(layers)),
      device_table(std::move(table_on_device)),
      atlas(std::move(image)),
      table(std::move(pages)),
      slots(atlas.slots()),
      textures(description.max_textures),
      loader(thread_count(description.worker_threads), tile_bytes) {
  refresh_stats();
}

VirtualTextureSystem::State::~State() {
  // Copies that were recorded and not submitted would outlive their targets inside the ring. After
  // a lost device there is nothing to wait for.
  if (const auto ticket = desc.ring->flush()) (void)desc.device->wait(*ticket, kWaitNs);
  (void)wait_for(*desc.device, later(last_frame, last_publish));
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
                      free->generation + 1};
  FORGE3D_TRY(table.add_texture(index, added.pyramid, added.generation));
  if (auto pinned = pin_coarsest_page(added, index); !pinned) {
    table.remove_texture(index);
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
    slots.cancel(slot);
    return tl::unexpected(std::move(uploaded).error());
  }
  table.set_resident(root, slot);
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
  if (slots.free_count() == 0) {
    if (slots.retiring_count() == 0) {
      const auto oldest = slots.oldest(std::numeric_limits<std::uint64_t>::max());
      if (oldest) evict(*oldest);
    }
    VirtualUpdateStats ignored;
    FORGE3D_TRY(publish(ignored));
    FORGE3D_TRY(wait_for(*desc.device, later(last_publish, last_frame)));
    FORGE3D_TRY(release_slots());
  }
  const auto slot = slots.take(page, frame, true);
  if (!slot)
    return fail(ErrorCode::kBudgetExceeded,
                fmt::format("{}: no slot for one more pinned page of {} bytes", desc.debug_name,
                            tile_bytes));
  return *slot;
}

Result<> VirtualTextureSystem::State::remove(VirtualTextureId id) {
  const std::lock_guard slots_lock(slots_mutex);
  FORGE3D_TRY(texture_of(id));
  for (std::uint32_t slot = 0; slot < slots.total(); ++slot) {
    const SlotState state = slots.state(slot);
    if ((state == SlotState::kUsed || state == SlotState::kPinned) &&
        slots.page(slot).texture == id.index)
      slots.retire(slot);
  }
  table.remove_texture(id.index);
  requests.forget_texture(id.index);
  prefetched.forget_texture(id.index);
  seen.forget_texture(id.index);
  textures[id.index].source = nullptr;
  drop_orphans();
  refresh_stats();
  return {};
}

std::uint32_t VirtualTextureSystem::State::evict_unwanted(std::optional<std::uint32_t> texture) {
  const std::lock_guard slots_lock(slots_mutex);
  std::uint32_t evicted = 0;
  for (std::uint32_t slot = 0; slot < slots.total(); ++slot) {
    if (slots.state(slot) != SlotState::kUsed || slots.last_wanted(slot) >= frame) continue;
    if (texture && slots.page(slot).texture != *texture) continue;
    evict(slot);
    ++evicted;
  }
  {
    const std::lock_guard lock(stats_mutex);
    stats.tiles_evicted += evicted;
  }
  refresh_stats();
  return evicted;
}

Result<std::uint32_t> VirtualTextureSystem::State::prefetch(const VirtualRegion& region) {
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
  const std::size_t most = slots.total() - slots.pinned_count();
  std::uint32_t asked = 0;
  for (std::uint32_t y = region.y / p.page_texels; y <= last_y; ++y)
    for (std::uint32_t x = region.x / p.page_texels; x <= last_x; ++x) {
      const PageKey page{region.texture.index, {region.level, x, y}};
      const bool is_new = prefetched.size() < most && prefetched.add(page);
      asked += is_new && !table.find(page);
      if (prefetched.size() >= most) return asked;
    }
  return asked;
}

FeedbackCounts VirtualTextureSystem::State::add_feedback(std::span<const FeedbackPage> pages) {
  std::vector<streaming::FeedbackTexture> named;
  for (const Texture& texture : textures)
    named.push_back({texture.source != nullptr ? &texture.pyramid : nullptr, texture.generation});
  const FeedbackCounts counts = seen.add(pages, named, frame + 1);
  const std::lock_guard lock(stats_mutex);
  stats.feedback.accepted += counts.accepted;
  stats.feedback.out_of_range += counts.out_of_range;
  stats.feedback.stale += counts.stale;
  stats.feedback.duplicates += counts.duplicates;
  return counts;
}

void VirtualTextureSystem::State::evict(std::uint32_t slot) {
  table.set_absent(slots.page(slot));
  slots.retire(slot);
}

Result<> VirtualTextureSystem::State::release_slots() {
  GpuProgress completed;
  FORGE3D_TRY_ASSIGN(completed.graphics, desc.device->queue(QueueKind::kGraphics).completed());
  FORGE3D_TRY_ASSIGN(completed.transfer, desc.device->queue(QueueKind::kTransfer).completed());
  slots.release(completed);
  return {};
}

Result<> VirtualTextureSystem::State::publish(VirtualUpdateStats& now) {
  FORGE3D_TRY_ASSIGN(const auto published, device_table.publish(*desc.ring, table));
  now.bytes_uploaded += published.bytes;
  last_publish.graphics = std::max(last_publish.graphics, published.ticket.serial);
  slots.seal(later(last_publish, last_frame));
  return {};
}

void VirtualTextureSystem::State::drop_orphans() {
  std::erase_if(ready, [this](LoadedTile& tile) {
    const Texture& texture = textures[tile.job.page.texture];
    const bool lives = texture.source != nullptr && texture.generation == tile.job.generation;
    if (lives && requests.find(tile.job.page)) return false;
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
  ++stats.tiles_failed;
  errors.push_back(std::move(line));
  if (errors.size() > kMaxErrors) errors.pop_front();
}

void VirtualTextureSystem::State::refresh_stats() {
  const std::lock_guard lock(stats_mutex);
  stats.slots_total = slots.total();
  stats.slots_used = slots.used_count();
  stats.slots_pinned = slots.pinned_count();
  stats.memory_used_bytes = stats.slots_used * tile_bytes;
  stats.memory_limit_bytes = stats.slots_total * tile_bytes;
  stats.atlas_bytes = atlas.size_bytes();
  stats.page_table_bytes = device_table.size_bytes();
  stats.tiles_in_flight = requests.in_flight();
}

}  // namespace forge3d
