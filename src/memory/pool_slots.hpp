// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// PoolSlots: the records behind pool handles, with generation and atomic reference count.

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "forge3d/memory_pool.hpp"
#include "forge3d/placement.hpp"

namespace forge3d {

/// Where an allocation is: a block of the pool and a place in it.
struct PoolPlace {
  std::uint32_t block = 0;
  Placement::Id id = 0;
  std::uint64_t offset_bytes = 0;
  std::uint64_t size_bytes = 0;
};

/// One allocation. `state` and `block` are read without a lock; all other fields are guarded by the
/// lock of the shard that owns the block.
struct alignas(64) PoolSlot {
  std::atomic<std::uint64_t> state{0};  // generation << 32 | references
  std::atomic<std::uint32_t> block{0};
  Placement::Id id = 0;
  std::uint64_t offset_bytes = 0;
  std::uint64_t size_bytes = 0;
  VkBuffer buffer = VK_NULL_HANDLE;
  VkImage image = VK_NULL_HANDLE;
  Serial ready;  // of the copy that brought it here, on the graphics queue
  std::uint32_t pins = 0;
  std::uint8_t alignment_log2 = 0;
  bool linear = true;
  bool stays = false;     // its image cannot be recreated
  bool reported = false;  // waits in the list of the moved
  // The second cache line.
  std::array<Serial, 2> last_use{};  // of each QueueKind
  std::uint64_t buffer_bytes = 0;
  VkBufferUsageFlags usage = 0;
  VkImageUsageFlags image_usage = 0;
  std::string name;

  [[nodiscard]] std::uint64_t alignment_bytes() const { return std::uint64_t{1} << alignment_log2; }
  void set_alignment_bytes(std::uint64_t bytes) {  // a power of two
    alignment_log2 = static_cast<std::uint8_t>(std::countr_zero(bytes));
  }
  [[nodiscard]] PoolPlace place() const {
    return {block.load(std::memory_order_relaxed), id, offset_bytes, size_bytes};
  }
  void set_place(const PoolPlace& place) {
    block.store(place.block, std::memory_order_release);
    id = place.id;
    offset_bytes = place.offset_bytes;
    size_bytes = place.size_bytes;
  }
  [[nodiscard]] std::uint32_t generation() const {
    return static_cast<std::uint32_t>(state.load(std::memory_order_acquire) >> 32);
  }
  [[nodiscard]] bool is_live() const {
    return static_cast<std::uint32_t>(state.load(std::memory_order_acquire)) != 0;
  }
};

/// Slots stay where they are for ever, so that they can be found without a lock. A released handle
/// is recognised for ever: a slot whose generations are used up is not used again. Thread-safe.
class PoolSlots {
 public:
  static constexpr std::uint32_t kBatch = 64;
  static constexpr std::uint32_t kChunk = 1024;
  static constexpr std::uint32_t kMaxSlots = 4096 * kChunk;

  /// What a release() did.
  enum class Release : std::uint8_t { kStale, kShared, kLast };

  /// Pools that begin with generations of their own do not take each other's handles for theirs.
  /// Fewer generations are for tests.
  explicit PoolSlots(std::uint32_t first_generation = 1,
                     std::uint32_t last_generation = std::numeric_limits<std::uint32_t>::max());
  ~PoolSlots();
  PoolSlots(const PoolSlots&) = delete;
  PoolSlots& operator=(const PoolSlots&) = delete;

  /// Adds new indices to `spare`; false when there are no more. May throw std::bad_alloc, with
  /// nothing changed.
  bool add_spare(std::vector<std::uint32_t>& spare);

  /// REQUIRES: the index came from add_spare().
  [[nodiscard]] PoolSlot& operator[](std::uint32_t index) const {
    return chunks_[index / kChunk].load(std::memory_order_relaxed)[index % kChunk];
  }

  /// The slot of a live handle, else nullptr. It may be released at any time, so whoever holds the
  /// lock of its shard looks again.
  [[nodiscard]] PoolSlot* find(PoolHandle handle) const {
    if (handle.index >= size_.load(std::memory_order_acquire)) return nullptr;
    PoolSlot& slot = (*this)[handle.index];
    const std::uint64_t state = slot.state.load(std::memory_order_acquire);
    return state >> 32 == handle.generation && static_cast<std::uint32_t>(state) != 0 ? &slot
                                                                                      : nullptr;
  }

  /// Gives a spare slot its first reference.
  PoolHandle open(std::uint32_t index) const {
    PoolSlot& slot = (*this)[index];
    const std::uint32_t generation = slot.generation();
    slot.state.store(std::uint64_t{generation} << 32 | 1, std::memory_order_release);
    return {index, generation};
  }

  /// One more reference; the count before, or 0 for a stale handle, or 2^32 - 1 where no more fit.
  [[nodiscard]] std::uint32_t retain(PoolHandle handle) const {
    if (handle.index >= size_.load(std::memory_order_acquire)) return 0;
    PoolSlot& slot = (*this)[handle.index];
    std::uint64_t state = slot.state.load(std::memory_order_acquire);
    for (;;) {
      const auto references = static_cast<std::uint32_t>(state);
      if (state >> 32 != handle.generation || references == 0) return 0;
      if (references == std::numeric_limits<std::uint32_t>::max()) return references;
      if (slot.state.compare_exchange_weak(state, state + 1)) return references;
    }
  }

  /// One reference less. After kLast the slot is the caller's until close().
  [[nodiscard]] Release release(PoolHandle handle) const {
    if (handle.index >= size_.load(std::memory_order_acquire)) return Release::kStale;
    PoolSlot& slot = (*this)[handle.index];
    std::uint64_t state = slot.state.load(std::memory_order_acquire);
    for (;;) {
      const auto references = static_cast<std::uint32_t>(state);
      if (state >> 32 != handle.generation || references == 0) return Release::kStale;
      if (slot.state.compare_exchange_weak(state, state - 1, std::memory_order_acq_rel))
        return references == 1 ? Release::kLast : Release::kShared;
    }
  }

  /// Ends a slot after its last release; false when it is worn out.
  [[nodiscard]] bool close(PoolSlot& slot) const {
    const std::uint32_t generation = slot.generation();
    if (generation == last_generation_) return false;
    slot.state.store((std::uint64_t{generation} + 1) << 32, std::memory_order_release);
    return true;
  }

  /// Calls visit(handle, slot) for all live slots. REQUIRES: all shards are locked.
  template <class Visitor>
  void for_each(Visitor&& visit) const {
    const std::uint32_t size = size_.load(std::memory_order_acquire);
    for (std::uint32_t i = 0; i < size; ++i)
      if ((*this)[i].is_live()) visit(PoolHandle{i, (*this)[i].generation()}, (*this)[i]);
  }

 private:
  void add_chunk(std::uint32_t number);

  std::uint32_t first_generation_;
  std::uint32_t last_generation_;
  std::mutex mutex_;
  std::atomic<std::uint32_t> size_{0};
  std::array<std::atomic<PoolSlot*>, kMaxSlots / kChunk> chunks_{};
};

}  // namespace forge3d
