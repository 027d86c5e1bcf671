// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "tiles/sources/block_cache.hpp"

#include <utility>

#include "tiles/guard_memory.hpp"

namespace forge3d::tiles {

Result<BlockCache::Block> BlockCache::get(BlockKey key, const Make& make) {
  {
    std::unique_lock lock(mutex_);
    for (;;) {
      const auto found = entries_.find(key);
      if (found == entries_.end()) break;
      if (found->second.block) {
        by_age_.splice(by_age_.begin(), by_age_, found->second.age);
        return found->second.block;
      }
      made_.wait(lock);
    }
    entries_.try_emplace(key);
  }
  Result<Block> block = guard_memory("no memory for decoded pixels", [&]() -> Result<Block> {
    FORGE3D_TRY_ASSIGN(Bytes bytes, make());
    return keep(key, std::move(bytes));
  });
  if (!block) forget(key);
  made_.notify_all();
  return block;
}

BlockCache::Block BlockCache::keep(BlockKey key, Bytes bytes) {
  auto block = std::make_shared<const Bytes>(std::move(bytes));
  std::lock_guard lock(mutex_);
  by_age_.push_front(key);
  Entry& entry = entries_[key];
  entry.block = block;
  entry.age = by_age_.begin();
  size_bytes_ += block->size();
  while (size_bytes_ > limit_bytes_) {
    const auto oldest = entries_.find(by_age_.back());
    size_bytes_ -= oldest->second.block->size();
    entries_.erase(oldest);
    by_age_.pop_back();
  }
  return block;
}

void BlockCache::forget(BlockKey key) {
  std::lock_guard lock(mutex_);
  const auto found = entries_.find(key);
  if (found != entries_.end() && !found->second.block) entries_.erase(found);
}

std::uint64_t BlockCache::size_bytes() const {
  std::lock_guard lock(mutex_);
  return size_bytes_;
}

}  // namespace forge3d::tiles
