// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "streaming/tile_cache.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <utility>

namespace forge3d::streaming {
namespace {

constexpr std::uint64_t kLeastTiles = 4;

// The shares that the authors of 2Q found good: a quarter of the room for newcomers, and names of
// half as many tiles as fit.
std::uint64_t queue_tiles(std::uint64_t tiles) { return std::max<std::uint64_t>(tiles / 4, 1); }
std::uint64_t ghost_names(std::uint64_t tiles) { return std::max<std::uint64_t>(tiles / 2, 1); }

}  // namespace

Result<std::unique_ptr<TileCache>> TileCache::create(Budget& budget, std::uint64_t capacity_bytes,
                                                     std::uint64_t tile_bytes) {
  const std::uint64_t tiles = capacity_bytes / tile_bytes;
  if (tiles < kLeastTiles)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("tile_cache_bytes is {}: 0, or at least {} for {} tiles",
                            capacity_bytes, kLeastTiles * tile_bytes, kLeastTiles));
  FORGE3D_TRY(budget.reserve(MemoryCategory::kTileCache, tiles * tile_bytes, false));
  return std::unique_ptr<TileCache>(new TileCache(budget, tiles, tile_bytes));
}

TileCache::TileCache(Budget& budget, std::uint64_t tiles, std::uint64_t tile_bytes)
    : budget_(budget), tiles_(tiles), tile_bytes_(tile_bytes) {
  stats_.capacity_bytes = tiles * tile_bytes;
}

TileCache::~TileCache() {
  budget_.release(MemoryCategory::kTileCache, tiles_ * tile_bytes_, false);
}

bool TileCache::get(const PageKey& page, std::span<std::byte> out) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(page);
  if (found == entries_.end()) {
    ++stats_.misses;
    stats_.ghost_hits += ghost_at_.contains(page);
    return false;
  }
  ++stats_.hits;
  Entry& entry = found->second;
  if (entry.in_main) main_.splice(main_.begin(), main_, entry.at);
  std::copy(entry.bytes.begin(), entry.bytes.end(), out.begin());
  return true;
}

bool TileCache::contains(const PageKey& page) const {
  const std::lock_guard lock(mutex_);
  return entries_.contains(page);
}

void TileCache::put(const PageKey& page, std::span<const std::byte> bytes) {
  assert(bytes.size() == tile_bytes_);
  const std::lock_guard lock(mutex_);
  if (entries_.contains(page)) return;
  std::vector<std::byte> buffer;
  if (entries_.size() == tiles_) buffer = make_room();
  buffer.assign(bytes.begin(), bytes.end());
  const auto ghost = ghost_at_.find(page);
  const bool returned = ghost != ghost_at_.end();
  if (returned) {
    ghosts_.erase(ghost->second);
    ghost_at_.erase(ghost);
  }
  std::list<PageKey>& list = returned ? main_ : queue_;
  list.push_front(page);
  entries_.emplace(page, Entry{std::move(buffer), list.begin(), returned});
}

std::vector<std::byte> TileCache::make_room() {
  const bool from_queue = main_.empty() || queue_.size() > queue_tiles(tiles_);
  const PageKey leaving = from_queue ? queue_.back() : main_.back();
  if (from_queue) remember(leaving);
  return drop(entries_.find(leaving));
}

void TileCache::remember(const PageKey& page) {
  ghosts_.push_front(page);
  ghost_at_[page] = ghosts_.begin();
  if (ghosts_.size() <= ghost_names(tiles_)) return;
  ghost_at_.erase(ghosts_.back());
  ghosts_.pop_back();
}

std::vector<std::byte> TileCache::drop(Entries::iterator entry) {
  (entry->second.in_main ? main_ : queue_).erase(entry->second.at);
  std::vector<std::byte> buffer = std::move(entry->second.bytes);
  entries_.erase(entry);
  return buffer;
}

void TileCache::forget_texture(std::uint32_t texture) {
  const std::lock_guard lock(mutex_);
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    const auto next = std::next(entry);
    if (entry->first.texture == texture) (void)drop(entry);
    entry = next;
  }
  std::erase_if(ghosts_, [&](const PageKey& page) {
    return page.texture == texture && ghost_at_.erase(page) != 0;
  });
}

TileCache::Stats TileCache::stats() const {
  const std::lock_guard lock(mutex_);
  Stats stats = stats_;
  stats.held_bytes = entries_.size() * tile_bytes_;
  return stats;
}

}  // namespace forge3d::streaming
