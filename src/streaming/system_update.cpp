// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "core/thread_clock.hpp"
#include "streaming/system_state.hpp"

// One update of a VirtualTextureSystem, step by step.

namespace forge3d {

using streaming::CandidatePage;
using streaming::LoadedTile;
using streaming::PageKey;
using streaming::TileJob;
using streaming::VisiblePage;

namespace {

constexpr streaming::VisibilityLimits kVisibilityLimits{.max_nodes = 1u << 14};

/// find_visible, blurrier by whole levels until the view fits the limits; the levels that took.
Result<float> find_visible_within_limits(const TilePyramid& pyramid, VirtualView view,
                                         streaming::VisibleSet& out) {
  for (float blur = 0;; view.lod_bias += 1, blur += 1) {
    FORGE3D_TRY(streaming::find_visible(pyramid, view, kVisibilityLimits, out));
    if (out.truncated && view.lod_bias + 1 <= 32) continue;
    for (VisiblePage& page : out.pages) {
      page.lod_min -= blur;
      page.lod_max -= blur;
    }
    return blur;
  }
}

/// Pages that several views see become one, seen from the nearest to the farthest of them.
void merge_duplicates(std::vector<CandidatePage>& pages) {
  std::sort(pages.begin(), pages.end(),
            [](const CandidatePage& a, const CandidatePage& b) { return a.page < b.page; });
  std::size_t kept = 0;
  for (std::size_t i = 1; i < pages.size(); ++i) {
    VisiblePage& into = pages[kept].seen;
    const VisiblePage& from = pages[i].seen;
    if (pages[i].page == pages[kept].page) {
      into.lod_min = std::min(into.lod_min, from.lod_min);
      into.lod_max = std::max(into.lod_max, from.lod_max);
      into.area_px += from.area_px;
    } else {
      pages[++kept] = pages[i];
    }
  }
  if (!pages.empty()) pages.resize(kept + 1);
}

}  // namespace

Result<VirtualUpdateStats> VirtualTextureSystem::State::update(std::span<const VirtualView> views) {
  const std::lock_guard slots_lock(slots_mutex);
  const std::uint64_t begin_ns = monotonic_ns();
  FORGE3D_TRY_ASSIGN(const float least_bias, find_candidates(views));
  FORGE3D_TRY(release_slots());
  VirtualUpdateStats now;
  now.frame = ++frame;
  requests.begin_frame(frame);
  const streaming::PageRoom room{slots.total() - slots.pinned_count(), table.block_capacity()};
  // A view beyond the limits of visibility is blurred whatever the tuning says.
  now.mip_bias =
      std::min(mip_bias.solve(candidates, room, least_bias), std::max(max_mip_bias, least_bias));
  want_pages(now.mip_bias, now);
  want_prefetched(now);
  requests.drop_unwanted();
  receive_tiles();
  FORGE3D_TRY(upload_ready_tiles(now));
  evict_for_missing(now);
  request_tiles(now);
  fades.advance(table, frame, fade_frames);
  FORGE3D_TRY(publish(now));
  const std::uint64_t end_ns = monotonic_ns();
  now.update_ms = static_cast<double>(end_ns - begin_ns) * 1e-6;
  count_update(now, wanted_hits);
  refresh_stats();
  if (desc.observer) desc.observer(now, begin_ns, end_ns);
  return now;
}

Result<float> VirtualTextureSystem::State::find_candidates(std::span<const VirtualView> views) {
  candidates.clear();
  float least_bias = 0;
  for (const VirtualView& view : views) {
    FORGE3D_TRY_ASSIGN(const Texture* texture, texture_of(view.texture));
    FORGE3D_TRY_ASSIGN(const float blur,
                       find_visible_within_limits(texture->pyramid, view, visible));
    least_bias = std::max(least_bias, blur);
    for (const VisiblePage& page : visible.pages)
      candidates.push_back({{view.texture.index, page.tile}, texture->pyramid.levels, page});
  }
  const std::size_t by_views = candidates.size();
  find_seen_pages();
  if (views.size() > 1 || candidates.size() > by_views) merge_duplicates(candidates);
  return least_bias;
}

// Their ancestors come along: what a bias makes wanted in a page's place.
void VirtualTextureSystem::State::find_seen_pages() {
  for (const streaming::SeenPage& page : seen.pages(frame + 1)) {
    const TilePyramid& pyramid = textures[page.page.texture].pyramid;
    const TileAddress& tile = page.page.tile;
    const auto lod = static_cast<float>(tile.level);
    for (std::uint32_t up = 0; tile.level + up < pyramid.levels; ++up) {
      const TileAddress above = streaming::ancestor_of(pyramid, tile, up);
      candidates.push_back(
          {{page.page.texture, above}, pyramid.levels, {above, lod, lod, page.area_px}});
    }
  }
}

void VirtualTextureSystem::State::want_pages(float bias, VirtualUpdateStats& now) {
  wanted_hits = 0;
  // From fine to coarse, so that of what left the screen together the finest goes first.
  for (auto it = candidates.rbegin(); it != candidates.rend(); ++it) {
    if (!streaming::is_wanted(it->seen, it->levels, bias)) continue;
    ++now.tiles_wanted;
    const bool can_be_shown = table.want(it->page, frame);
    if (const auto slot = table.find(it->page)) {
      slots.touch(*slot, frame);
      ++wanted_hits;
      continue;
    }
    ++now.tiles_missing;
    if (!can_be_shown) continue;  // the table has no room for it in this frame
    const std::uint32_t shown = table.resident_level(it->page).value_or(it->levels);
    const auto levels_gained = static_cast<float>(shown - it->page.tile.level);
    requests.want(it->page, it->seen.area_px * streaming::wanted_share(it->seen, it->levels, bias) *
                                levels_gained);
  }
}

void VirtualTextureSystem::State::want_prefetched(VirtualUpdateStats& now) {
  const std::uint32_t slots_for_all = slots.total() - slots.pinned_count();
  const std::uint32_t room = slots_for_all - std::min(slots_for_all, now.tiles_wanted);
  prefetched.remove_if([this](const PageKey& page) { return requests.wants(page); });
  const std::size_t count = std::min<std::size_t>(prefetched.size(), room);
  for (const PageKey& page : prefetched.first(count)) {
    const bool can_be_shown = table.want(page, frame);
    if (const auto slot = table.find(page)) {
      slots.touch(*slot, frame);
    } else if (can_be_shown) {
      ++now.tiles_prefetching;
      requests.want(page, 0);
    }
  }
  if (now.tiles_prefetching == 0) prefetched.clear();
}

void VirtualTextureSystem::State::receive_tiles() {
  const std::size_t old = ready.size();
  for (LoadedTile& tile : loader.take_finished()) ready.push_back(std::move(tile));
  if (ready.size() == old) return;
  drop_orphans();
  std::erase_if(ready, [this](LoadedTile& tile) {
    if (tile.result) return false;
    requests.fail(tile.job.page);
    prefetched.remove(tile.job.page);
    note_failure(tile);
    loader.recycle(std::move(tile.bytes));
    return true;
  });
}

Result<> VirtualTextureSystem::State::upload_ready_tiles(VirtualUpdateStats& now) {
  const auto rank = [this](const LoadedTile& tile) {
    const auto arrival = requests.find(tile.job.page).value_or(streaming::RequestQueue::Arrival{});
    return std::pair(arrival.last_wanted, arrival.priority);
  };
  std::stable_sort(ready.begin(), ready.end(),
                   [&](const LoadedTile& a, const LoadedTile& b) { return rank(a) > rank(b); });
  std::size_t placed = 0;
  for (; placed < ready.size(); ++placed) {
    const bool over_limit =
        now.tiles_loaded != 0 && now.bytes_uploaded + tile_bytes > desc.upload_bytes_per_frame;
    if (over_limit) break;
    FORGE3D_TRY_ASSIGN(const bool done, place_tile(ready[placed], now));
    if (!done) break;
    requests.finish(ready[placed].job.page);
    loader.recycle(std::move(ready[placed].bytes));
  }
  ready.erase(ready.begin(), ready.begin() + static_cast<std::ptrdiff_t>(placed));
  return {};
}

Result<bool> VirtualTextureSystem::State::place_tile(const LoadedTile& tile,
                                                     VirtualUpdateStats& now) {
  const PageKey& page = tile.job.page;
  const auto arrival = requests.find(page).value_or(streaming::RequestQueue::Arrival{});
  const bool wanted = arrival.last_wanted == frame;
  const auto slot = slots.take(page, frame, false);
  if (!slot)
    return !wanted;  // a tile nobody wants any more is worth no eviction: it is thrown away
  if (auto uploaded = upload_tile(*slot, tile.bytes); !uploaded) {
    slots.cancel(*slot);
    if (uploaded.error().code == ErrorCode::kTimeout) return false;
    return tl::unexpected(std::move(uploaded).error());
  }
  table.set_resident(page, *slot);
  if (fade_frames != 0) fades.begin(page, *slot, frame);
  ++now.tiles_loaded;
  now.bytes_uploaded += tile_bytes;
  if (prefetched.contains(page)) {
    now.tiles_prefetching -= std::min(now.tiles_prefetching, 1u);
  } else if (wanted) {
    --now.tiles_missing;
    const std::lock_guard lock(stats_mutex);
    frames_to_visible.push(static_cast<double>(frame - arrival.first_wanted));
  }
  return true;
}

// A slot evicted now can be written in the next update at the earliest, so eviction runs ahead of
// the tiles: as many slots as can be filled soon, first from pages outside the time of grace; those
// inside it go only for tiles that are here already.
void VirtualTextureSystem::State::evict_for_missing(VirtualUpdateStats& now) {
  const auto per_frame = static_cast<std::uint32_t>(
      std::max<std::uint64_t>(desc.upload_bytes_per_frame / tile_bytes, 1));
  const auto here = static_cast<std::uint32_t>(ready.size());
  const std::uint32_t missing = now.tiles_missing + now.tiles_prefetching;
  const std::uint32_t soon = std::min(missing, here + per_frame);
  const std::uint64_t grace = frame > desc.frames_of_grace ? frame - desc.frames_of_grace : 0;
  const auto evict_until = [&](std::uint32_t enough, std::uint64_t before) {
    while (slots.free_count() + slots.retiring_count() < enough) {
      const auto slot = slots.oldest(before);
      if (!slot) return;
      evict(*slot);
      ++now.tiles_evicted;
    }
  };
  evict_until(soon, grace);
  evict_until(std::min(here, missing), frame);
}

void VirtualTextureSystem::State::request_tiles(VirtualUpdateStats& now) {
  for (const TileJob& job : loader.withdraw()) requests.withdraw(job.page);
  const std::size_t out = loader.outstanding();
  std::vector<TileJob> jobs;
  for (const PageKey& page :
       requests.start(kMaxTilesInFlight - std::min(out, kMaxTilesInFlight), now.tiles_requested)) {
    const Texture& texture = textures[page.texture];
    jobs.push_back({page, texture.generation, texture.source});
  }
  if (!jobs.empty()) loader.submit(std::move(jobs));
}

void VirtualTextureSystem::State::count_update(const VirtualUpdateStats& now, std::uint32_t hits) {
  const std::lock_guard lock(stats_mutex);
  ++stats.frames;
  stats.cache_hits += hits;
  stats.cache_misses += now.tiles_wanted - hits;
  stats.tiles_requested += now.tiles_requested;
  stats.tiles_loaded += now.tiles_loaded;
  stats.tiles_evicted += now.tiles_evicted;
  stats.bytes_uploaded += now.bytes_uploaded;
  update_ms.push(now.update_ms);
}

}  // namespace forge3d
