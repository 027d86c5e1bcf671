// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "gpu/lifetime_table.hpp"

namespace forge3d {
namespace {

// The generation above, the slot's number + 1 below: 0 is no id.
ResourceId make_id(std::uint32_t index, std::uint32_t generation) {
  return {(std::uint64_t{generation} << 32) | (index + 1u)};
}
std::uint32_t index_of(ResourceId id) { return static_cast<std::uint32_t>(id.value) - 1u; }
std::uint32_t generation_of(ResourceId id) { return static_cast<std::uint32_t>(id.value >> 32); }

}  // namespace

LifetimeTable::~LifetimeTable() {
  for (std::atomic<Page*>& page : pages_) delete page.load();
}

std::atomic<std::uint32_t>* LifetimeTable::slot(std::uint32_t index) const {
  Page* page = pages_[index / kPageSlots].load(std::memory_order_acquire);
  return page == nullptr ? nullptr : &(*page)[index % kPageSlots];
}

ResourceId LifetimeTable::begin() {
  std::lock_guard lock(mutex_);
  std::uint32_t index = used_;
  if (!free_.empty()) {
    index = free_.back();
    free_.pop_back();
  } else if (used_ == kPages * kPageSlots) {
    return {};
  } else {
    if (slot(index) == nullptr)
      pages_[index / kPageSlots].store(new Page{}, std::memory_order_release);
    ++used_;
  }
  return make_id(index, slot(index)->fetch_add(1, std::memory_order_acq_rel) + 1);
}

void LifetimeTable::end(ResourceId id) {
  if (id.value == 0) return;
  std::lock_guard lock(mutex_);
  slot(index_of(id))->fetch_add(1, std::memory_order_acq_rel);
  free_.push_back(index_of(id));
}

bool LifetimeTable::alive(ResourceId id) const {
  if (id.value == 0) return true;
  const std::uint32_t index = index_of(id);
  if (index >= kPages * kPageSlots) return false;
  const std::atomic<std::uint32_t>* generation = slot(index);
  return generation != nullptr && generation->load(std::memory_order_acquire) == generation_of(id);
}

}  // namespace forge3d
