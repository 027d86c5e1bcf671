// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "tiles/leaf_cache.hpp"

#include <utility>

namespace forge3d::tiles {
namespace {

std::size_t cost(const Directory& directory) {
  return directory.capacity() * sizeof(DirectoryEntry);
}

}  // namespace

std::shared_ptr<const Directory> LeafCache::find(std::uint64_t offset) {
  std::lock_guard lock(mutex_);
  const auto found = by_offset_.find(offset);
  if (found == by_offset_.end()) return nullptr;
  by_age_.splice(by_age_.begin(), by_age_, found->second);
  return found->second->directory;
}

void LeafCache::insert(std::uint64_t offset, std::shared_ptr<const Directory> directory) {
  std::lock_guard lock(mutex_);
  // Two threads may have read the same leaf at once.
  if (by_offset_.count(offset) != 0 || cost(*directory) > limit_bytes_) return;
  size_bytes_ += cost(*directory);
  by_age_.push_front({offset, std::move(directory)});
  by_offset_[offset] = by_age_.begin();
  while (size_bytes_ > limit_bytes_) {
    size_bytes_ -= cost(*by_age_.back().directory);
    by_offset_.erase(by_age_.back().offset);
    by_age_.pop_back();
  }
}

std::size_t LeafCache::size_bytes() const {
  std::lock_guard lock(mutex_);
  return size_bytes_;
}

}  // namespace forge3d::tiles
