// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// HandleTable: values named by index and generation, with a reference count each.

#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "forge3d/memory_pool.hpp"

namespace forge3d {

/// A released handle is recognised for ever: a place whose generations are used up is not used
/// again. Not thread-safe.
template <class Value>
class HandleTable {
 public:
  /// Fewer generations are for tests.
  explicit HandleTable(std::uint32_t last_generation = std::numeric_limits<std::uint32_t>::max())
      : last_generation_(last_generation) {}

  /// Takes the value with one reference.
  [[nodiscard]] PoolHandle insert(Value value) {
    std::uint32_t index = spare_;
    if (index != kNone) {
      spare_ = slots_[index].next_spare;
    } else {
      index = static_cast<std::uint32_t>(slots_.size());
      slots_.emplace_back();
    }
    Slot& slot = slots_[index];
    slot.value.emplace(std::move(value));
    slot.references = 1;
    ++size_;
    return {index, slot.generation};
  }

  /// The value of a live handle, else nullptr. Valid until the next insert().
  [[nodiscard]] Value* find(PoolHandle handle) {
    if (handle.index >= slots_.size() || slots_[handle.index].generation != handle.generation)
      return nullptr;
    auto& value = slots_[handle.index].value;
    return value ? &*value : nullptr;
  }

  /// One more reference. False when there are 2^32 - 1 already. REQUIRES: find(handle) != nullptr.
  [[nodiscard]] bool retain(PoolHandle handle) {
    std::uint32_t& references = slots_[handle.index].references;
    if (references == std::numeric_limits<std::uint32_t>::max()) return false;
    ++references;
    return true;
  }

  /// One reference less; the value when it was the last. REQUIRES: find(handle) != nullptr.
  [[nodiscard]] std::optional<Value> release(PoolHandle handle) {
    Slot& slot = slots_[handle.index];
    if (--slot.references > 0) return std::nullopt;
    std::optional<Value> value = std::exchange(slot.value, std::nullopt);
    --size_;
    if (slot.generation < last_generation_) {
      ++slot.generation;
      slot.next_spare = spare_;
      spare_ = handle.index;
    }
    return value;
  }

  [[nodiscard]] std::size_t size() const { return size_; }

  /// Calls visit(value) for all live values.
  template <class Visitor>
  void for_each(Visitor&& visit) {
    for (Slot& slot : slots_)
      if (slot.value) visit(*slot.value);
  }

 private:
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
  struct Slot {
    std::optional<Value> value;
    std::uint32_t generation = 1;
    std::uint32_t references = 0;
    std::uint32_t next_spare = kNone;
  };
  std::uint32_t last_generation_;
  std::uint32_t spare_ = kNone;
  std::size_t size_ = 0;
  std::vector<Slot> slots_;
};

}  // namespace forge3d
