// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// SlotPool: who lives in which slot of the atlas, who leaves first, and when a slot may be written
// again.

#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>
#include <vector>

#include "forge3d/timeline.hpp"
#include "streaming/page_key.hpp"

namespace forge3d::streaming {

/// A point on the timelines of both queues.
struct GpuProgress {
  Serial graphics;
  Serial transfer;
  [[nodiscard]] bool has_reached(const GpuProgress& other) const {
    return graphics >= other.graphics && transfer >= other.transfer;
  }
};

enum class SlotState : std::uint8_t { kFree, kUsed, kPinned, kRetiring };

/// Why a page was touched last: the higher, the longer it should stay.
enum class SlotUse : std::uint8_t { kFetchedAhead, kShown, kWanted };

/// Slots are free, used (in order of the frame they were last wanted in), pinned, or retiring:
/// evicted, but frames in flight may still sample them. Not thread-safe. Every operation is O(1).
class SlotPool {
 public:
  explicit SlotPool(std::uint32_t count);

  /// Gives a free slot to a page; nullopt when none is free.
  [[nodiscard]] std::optional<std::uint32_t> take(const PageKey& page, std::uint64_t frame,
                                                  bool pinned);
  /// Says that the slot's page is of use in `frame`. REQUIRES: used or pinned; frames never fall;
  /// within a frame, uses do not fall from call to call.
  void touch(std::uint32_t slot, std::uint64_t frame, SlotUse use = SlotUse::kWanted);
  /// The used slot that was wanted longest ago, when that was before `frame`.
  [[nodiscard]] std::optional<std::uint32_t> oldest(std::uint64_t before_frame) const;
  /// The used slot that was touched longest ago, unless it was wanted in `frame`.
  [[nodiscard]] std::optional<std::uint32_t> oldest_not_wanted(std::uint64_t frame) const;
  /// Takes the page out of a used or pinned slot. The slot is free after a later seal() and
  /// release().
  void retire(std::uint32_t slot);
  /// Takes a page back from a retiring slot, whose bytes nobody has written since; nullopt when it
  /// is in none.
  [[nodiscard]] std::optional<std::uint32_t> rescue(const PageKey& page, std::uint64_t frame);
  /// Retiring slots of the texture are not rescued any more.
  void forget_retiring(std::uint32_t texture);
  /// Marks a page that came before anybody saw it, until it is touched as shown or wanted.
  void mark_ahead(std::uint32_t slot) { slots_[slot].ahead = true; }
  [[nodiscard]] bool is_ahead(std::uint32_t slot) const { return slots_[slot].ahead; }
  /// Gives back a slot that was never published: it is free at once.
  void cancel(std::uint32_t slot);
  /// All slots retired since the last seal() are free once the GPU has reached `point`.
  void seal(const GpuProgress& point);
  /// Frees the sealed slots whose point is reached; their number.
  std::uint32_t release(const GpuProgress& completed);

  [[nodiscard]] SlotState state(std::uint32_t slot) const { return slots_[slot].state; }
  [[nodiscard]] const PageKey& page(std::uint32_t slot) const { return slots_[slot].page; }
  [[nodiscard]] std::uint64_t last_wanted(std::uint32_t slot) const {
    return slots_[slot].last_wanted;
  }
  [[nodiscard]] std::uint32_t total() const { return static_cast<std::uint32_t>(slots_.size()); }
  [[nodiscard]] std::uint32_t free_count() const {
    return static_cast<std::uint32_t>(free_.size());
  }
  [[nodiscard]] std::uint32_t pinned_count() const { return pinned_; }
  [[nodiscard]] std::uint32_t used_count() const { return used_ + pinned_; }  ///< Pinned ones too.
  [[nodiscard]] std::uint32_t retiring_count() const {
    return total() - free_count() - used_count();
  }

 private:
  static constexpr std::uint32_t kNone = ~0u;
  struct Slot {
    SlotState state = SlotState::kFree;
    PageKey page;
    std::uint64_t last_wanted = 0;
    std::uint32_t older = kNone, newer = kNone;
    SlotUse use = SlotUse::kWanted;
    bool ahead = false;
    std::uint64_t retirement = 0;  // which one it waits for, so that a rescued slot is left alone
  };
  struct Retired {
    std::uint32_t slot = 0;
    std::uint64_t retirement = 0;
    GpuProgress point;
  };
  void link_newest(std::uint32_t slot);
  void unlink(std::uint32_t slot);

  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
  std::vector<Retired> unsealed_;
  std::deque<Retired> sealed_;
  std::uint32_t oldest_ = kNone, newest_ = kNone;
  std::unordered_map<PageKey, std::uint32_t, PageKeyHash> retiring_;
  std::uint64_t retirements_ = 0;
  std::uint32_t used_ = 0, pinned_ = 0;
};

}  // namespace forge3d::streaming
