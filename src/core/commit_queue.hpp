// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// CommitQueue: what many threads hand to one owner, in one order.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace forge3d {

/// A bounded queue of many producers and one consumer at a time. A push that happens after another
/// one comes out after it, whichever threads they were on. The cells carry sequence numbers
/// (D. Vyukov, "Bounded MPMC queue", 2010); a producer claims its cell by one addition.
template <class Item>
class CommitQueue {
 public:
  /// REQUIRES: capacity is a power of two.
  explicit CommitQueue(std::size_t capacity)
      : mask_(capacity - 1), cells_(std::make_unique<Cell[]>(capacity)) {
    for (std::size_t i = 0; i < capacity; ++i)
      cells_[i].sequence.store(i, std::memory_order_relaxed);
  }

  /// Number of the pushed item: 0, 1, ... When its cell is still taken, `when_full()` is called
  /// until it is not; it should make the consumer pop (without waiting for unfinished pushes).
  template <class WhenFull>
  std::uint64_t push(Item&& item, WhenFull&& when_full) {
    return push_in_place([&](Item& cell) { cell = std::move(item); }, when_full);
  }
  /// As push(); `fill(Item&)` writes the item, which holds what an earlier one left.
  template <class Fill, class WhenFull>
  std::uint64_t push_in_place(Fill&& fill, WhenFull&& when_full) {
    const std::uint64_t number = tail_.fetch_add(1, std::memory_order_relaxed);
    Cell& cell = cells_[number & mask_];
    while (cell.sequence.load(std::memory_order_acquire) != number) when_full();
    fill(cell.item);
    cell.sequence.store(number + 1, std::memory_order_release);
    return number;
  }

  /// Hands the next item to `take(Item&)`, which moves it away. False: there is none, or its
  /// producer is still writing it. Consumer.
  template <class Take>
  bool pop(Take&& take) {
    Cell& cell = cells_[head_ & mask_];
    if (cell.sequence.load(std::memory_order_acquire) != head_ + 1) return false;
    take(cell.item);
    cell.sequence.store(head_ + mask_ + 1, std::memory_order_release);
    ++head_;
    return true;
  }
  /// Items popped so far, the next one's number. Consumer.
  [[nodiscard]] std::uint64_t popped() const { return head_; }
  /// Pushes begun so far.
  [[nodiscard]] std::uint64_t pushed() const { return tail_.load(std::memory_order_acquire); }

 private:
  struct alignas(64) Cell {
    std::atomic<std::uint64_t> sequence{0};
    Item item{};
  };
  std::uint64_t mask_;
  std::unique_ptr<Cell[]> cells_;
  alignas(64) std::atomic<std::uint64_t> tail_{0};
  alignas(64) std::uint64_t head_ = 0;
};

}  // namespace forge3d
