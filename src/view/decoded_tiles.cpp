// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "view/decoded_tiles.hpp"

#include <algorithm>

#include "forge3d/codec.hpp"

namespace forge3d::view {
namespace {

/// Pages of at least 64 texels: 28 bits count those of any picture with 32-bit extents.
std::uint64_t key_of(TileAddress a) {
  return (std::uint64_t{a.level} << 56) | (std::uint64_t{a.x} << 28) | a.y;
}

}  // namespace

DecodedTiles::DecodedTiles(std::shared_ptr<const TileSource> source, std::uint64_t max_bytes)
    : source_(std::move(source)), pyramid_(source_->pyramid()) {
  const std::uint64_t tile_bytes =
      std::uint64_t{4} * pyramid_.tile_texels() * pyramid_.tile_texels();
  max_tiles_ = std::max<std::uint64_t>(max_bytes / tile_bytes, 1);
}

Result<std::shared_ptr<const DecodedTile>> DecodedTiles::get(TileAddress address) {
  const std::shared_ptr<Slot> slot = find_or_insert(key_of(address));
  std::call_once(slot->once, [&] { slot->tile = read(address); });
  return slot->tile;
}

std::shared_ptr<DecodedTiles::Slot> DecodedTiles::find_or_insert(std::uint64_t key) {
  std::lock_guard lock(mutex_);
  if (const auto found = entries_.find(key); found != entries_.end()) {
    order_.splice(order_.begin(), order_, found->second.place);
    return found->second.slot;
  }
  while (entries_.size() >= max_tiles_) {
    entries_.erase(order_.back());
    order_.pop_back();
  }
  order_.push_front(key);
  return entries_.emplace(key, Entry{std::make_shared<Slot>(), order_.begin()}).first->second.slot;
}

Result<std::shared_ptr<const DecodedTile>> DecodedTiles::read(TileAddress address) const {
  std::vector<std::byte> stored(pyramid_.tile_bytes());
  FORGE3D_TRY(source_->read_tile(address, stored));
  auto tile = std::make_shared<DecodedTile>();
  const std::uint32_t side = pyramid_.tile_texels();
  tile->texels.resize(std::size_t{4} * side * side);
  FORGE3D_TRY(decode_blocks(pyramid_.format, stored,
                            {tile->texels.data(), side, side, std::size_t{4} * side}));
  return tile;
}

}  // namespace forge3d::view
