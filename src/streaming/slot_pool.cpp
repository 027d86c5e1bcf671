// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "streaming/slot_pool.hpp"

#include <cassert>

namespace forge3d::streaming {

SlotPool::SlotPool(std::uint32_t count) : slots_(count), free_(count) {
  for (std::uint32_t i = 0; i < count; ++i) free_[i] = count - 1 - i;
}

std::optional<std::uint32_t> SlotPool::take(const PageKey& page, std::uint64_t frame, bool pinned) {
  if (free_.empty()) return std::nullopt;
  const std::uint32_t slot = free_.back();
  free_.pop_back();
  slots_[slot] = {};
  slots_[slot].state = pinned ? SlotState::kPinned : SlotState::kUsed;
  slots_[slot].page = page;
  slots_[slot].last_wanted = frame;
  if (pinned) {
    ++pinned_;
  } else {
    ++used_;
    link_newest(slot);
  }
  return slot;
}

void SlotPool::touch(std::uint32_t slot, std::uint64_t frame, SlotUse use) {
  slots_[slot].last_wanted = frame;
  slots_[slot].use = use;
  if (use != SlotUse::kFetchedAhead) slots_[slot].ahead = false;
  if (slots_[slot].state != SlotState::kUsed || slot == newest_) return;
  unlink(slot);
  link_newest(slot);
}

std::optional<std::uint32_t> SlotPool::oldest(std::uint64_t before_frame) const {
  if (oldest_ == kNone || slots_[oldest_].last_wanted >= before_frame) return std::nullopt;
  return oldest_;
}

std::optional<std::uint32_t> SlotPool::oldest_not_wanted(std::uint64_t frame) const {
  if (oldest_ == kNone) return std::nullopt;
  const Slot& slot = slots_[oldest_];
  if (slot.last_wanted == frame && slot.use == SlotUse::kWanted) return std::nullopt;
  return oldest_;
}

void SlotPool::retire(std::uint32_t slot) {
  const PageKey page = slots_[slot].page;
  cancel(slot);
  free_.pop_back();
  slots_[slot].state = SlotState::kRetiring;
  slots_[slot].page = page;
  slots_[slot].retirement = ++retirements_;
  retiring_[page] = slot;
  unsealed_.push_back({slot, retirements_, {}});
}

std::optional<std::uint32_t> SlotPool::rescue(const PageKey& page, std::uint64_t frame) {
  const auto found = retiring_.find(page);
  if (found == retiring_.end()) return std::nullopt;
  const std::uint32_t slot = found->second;
  retiring_.erase(found);
  slots_[slot] = {};
  slots_[slot].state = SlotState::kUsed;
  slots_[slot].page = page;
  slots_[slot].last_wanted = frame;
  ++used_;
  link_newest(slot);
  return slot;
}

void SlotPool::cancel(std::uint32_t slot) {
  assert(slots_[slot].state == SlotState::kUsed || slots_[slot].state == SlotState::kPinned);
  if (slots_[slot].state == SlotState::kPinned) {
    --pinned_;
  } else {
    --used_;
    unlink(slot);
  }
  slots_[slot] = {};
  free_.push_back(slot);
}

void SlotPool::forget_retiring(std::uint32_t texture) {
  std::erase_if(retiring_, [texture](const auto& item) { return item.first.texture == texture; });
}

void SlotPool::seal(const GpuProgress& point) {
  for (const Retired& retired : unsealed_)
    sealed_.push_back({retired.slot, retired.retirement, point});
  unsealed_.clear();
}

std::uint32_t SlotPool::release(const GpuProgress& completed) {
  std::uint32_t released = 0;
  // Points rise from seal to seal, so the first that is not reached ends the search.
  while (!sealed_.empty() && completed.has_reached(sealed_.front().point)) {
    const Retired retired = sealed_.front();
    sealed_.pop_front();
    Slot& slot = slots_[retired.slot];
    if (slot.state != SlotState::kRetiring || slot.retirement != retired.retirement) continue;
    // The page may be in a younger retiring slot by now.
    const auto named = retiring_.find(slot.page);
    if (named != retiring_.end() && named->second == retired.slot) retiring_.erase(named);
    slot = {};
    free_.push_back(retired.slot);
    ++released;
  }
  return released;
}

void SlotPool::link_newest(std::uint32_t slot) {
  slots_[slot].older = newest_;
  slots_[slot].newer = kNone;
  (newest_ == kNone ? oldest_ : slots_[newest_].newer) = slot;
  newest_ = slot;
}

void SlotPool::unlink(std::uint32_t slot) {
  const Slot& s = slots_[slot];
  (s.older == kNone ? oldest_ : slots_[s.older].newer) = s.newer;
  (s.newer == kNone ? newest_ : slots_[s.newer].older) = s.older;
}

}  // namespace forge3d::streaming
