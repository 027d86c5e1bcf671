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
  slots_[slot] = {pinned ? SlotState::kPinned : SlotState::kUsed, page, frame, kNone, kNone};
  if (pinned) {
    ++pinned_;
  } else {
    ++used_;
    link_newest(slot);
  }
  return slot;
}

void SlotPool::touch(std::uint32_t slot, std::uint64_t frame) {
  slots_[slot].last_wanted = frame;
  if (slots_[slot].state != SlotState::kUsed || slot == newest_) return;
  unlink(slot);
  link_newest(slot);
}

std::optional<std::uint32_t> SlotPool::oldest(std::uint64_t before_frame) const {
  if (oldest_ == kNone || slots_[oldest_].last_wanted >= before_frame) return std::nullopt;
  return oldest_;
}

void SlotPool::retire(std::uint32_t slot) {
  cancel(slot);
  free_.pop_back();
  slots_[slot].state = SlotState::kRetiring;
  unsealed_.push_back(slot);
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

void SlotPool::seal(const GpuProgress& point) {
  for (const std::uint32_t slot : unsealed_) sealed_.push_back({slot, point});
  unsealed_.clear();
}

std::uint32_t SlotPool::release(const GpuProgress& completed) {
  std::uint32_t released = 0;
  // Points rise from seal to seal, so the first that is not reached ends the search.
  while (!sealed_.empty() && completed.has_reached(sealed_.front().point)) {
    slots_[sealed_.front().slot] = {};
    free_.push_back(sealed_.front().slot);
    sealed_.pop_front();
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
