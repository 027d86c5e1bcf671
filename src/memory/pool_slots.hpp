// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// PoolSlots: the records behind pool handles, with generation and atomic reference count.

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "core/always_inline.hpp"
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

/// One allocation: all that plain memory needs from its birth to its end, in one cache line.
/// `state` and `block` are written under the lock of the shard that owns the block and read without
/// it; all other fields are guarded by that lock. A spare slot is as a new one but for its state,
/// `id`, place and pins: what made it otherwise ends with the allocation, so beginning one is
/// short.
struct alignas(64) PoolSlot {
  std::atomic<std::uint64_t> state{0};  // generation << 32 | references
  std::atomic<std::uint32_t> block{0};
  Placement::Id id = 0;  // of a spare slot: the next spare one
  std::uint64_t offset_bytes = 0;
  std::uint64_t size_bytes = 0;
  VkBuffer buffer = VK_NULL_HANDLE;
  VkImage image = VK_NULL_HANDLE;
  Serial ready;  // of the copy that brought it here, on the graphics queue
  std::uint32_t pins = 0;
  std::uint8_t alignment_log2 = 0;
  bool linear = true;
  bool reported = false;   // waits in the list of the moved
  bool stays : 1 = false;  // its image cannot be recreated
  bool used : 1 = false;   // its last_use holds something
  bool named : 1 = false;  // so does its name
  bool plain : 1 = true;   // raw memory, nameless, never moved or used: ends with its place alone

  [[nodiscard]] std::uint64_t alignment_bytes() const { return std::uint64_t{1} << alignment_log2; }
  void set_alignment_bytes(std::uint64_t bytes) {  // a power of two
    alignment_log2 = static_cast<std::uint8_t>(std::bit_width(bytes | 1) - 1);
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

/// What else is known of an allocation; guarded as the slot is.
struct PoolSlotExtra {
  std::array<Serial, 2> last_use{};  // of each QueueKind
  std::uint64_t buffer_bytes = 0;
  VkBufferUsageFlags usage = 0;
  VkImageUsageFlags image_usage = 0;
  std::string name;
};

/// Slots stay where they are for ever, so that they can be found without a lock. A released handle
/// is recognised for ever: a slot whose generations are used up is not used again. Finding and
/// adding are thread-safe; references are counted under the lock of the slot's shard.
class PoolSlots {
 public:
  static constexpr std::uint32_t kBatch = 64;
  static constexpr std::uint32_t kChunk = 1024;
  static constexpr std::uint32_t kMaxSlots = 4096 * kChunk;
  static constexpr std::uint32_t kNone = ~0u;  ///< The end of a chain of spare slots.

  /// What a release() did.
  enum class Release : std::uint8_t { kShared, kLast };

  /// Pools that begin with generations of their own do not take each other's handles for theirs.
  /// Fewer generations are for tests.
  explicit PoolSlots(std::uint32_t first_generation = 1,
                     std::uint32_t last_generation = std::numeric_limits<std::uint32_t>::max());
  ~PoolSlots();
  PoolSlots(const PoolSlots&) = delete;
  PoolSlots& operator=(const PoolSlots&) = delete;

  /// A chain of kBatch new spare slots: its first index; kNone when there are no more. May throw
  /// std::bad_alloc, with nothing changed.
  std::uint32_t add_spare();

  /// REQUIRES: the index came from add_spare().
  [[nodiscard]] PoolSlot& operator[](std::uint32_t index) const {
    return chunks_[index / kChunk].load(std::memory_order_relaxed)->slots[index % kChunk];
  }
  [[nodiscard]] PoolSlotExtra& extra(std::uint32_t index) const {
    return chunks_[index / kChunk].load(std::memory_order_relaxed)->extras[index % kChunk];
  }
  /// REQUIRES: a name. May throw std::bad_alloc.
  void set_name(std::uint32_t index, std::string_view name) const;
  void note_use(std::uint32_t index, Ticket ticket) const {
    if (ticket.serial.value == 0) return;
    Serial& last = extra(index).last_use[static_cast<std::size_t>(ticket.queue)];
    last = std::max(last, ticket.serial);
    (*this)[index].used = true;
    (*this)[index].plain = false;
  }
  /// Makes it as a new one again, but for its state, place and pins.
  void clean(std::uint32_t index) const;

  /// The slot that a handle names, live or not; nullptr when there is none.
  [[nodiscard]] PoolSlot* at(PoolHandle handle) const {
    if (handle.index >= size_.load(std::memory_order_acquire)) return nullptr;
    return &(*this)[handle.index];
  }
  /// Whether a handle is a live one of this slot.
  [[nodiscard]] static bool names(PoolHandle handle, const PoolSlot& slot) {
    const std::uint64_t state = slot.state.load(std::memory_order_acquire);
    return state >> 32 == handle.generation && static_cast<std::uint32_t>(state) != 0;
  }

  /// The state of a slot whose only reference is this handle.
  [[nodiscard]] static std::uint64_t only_reference(PoolHandle handle) {
    return std::uint64_t{handle.generation} << 32 | 1;
  }
  /// Gives a spare slot its first reference.
  static FORGE3D_ALWAYS_INLINE PoolHandle open(std::uint32_t index, PoolSlot& slot) {
    const std::uint64_t state = slot.state.load(std::memory_order_relaxed);
    slot.state.store(state | 1, std::memory_order_release);
    return {index, static_cast<std::uint32_t>(state >> 32)};
  }

  /// One more reference; the count before, which stays at 2^32 - 1. REQUIRES: the slot is live.
  static std::uint32_t retain(PoolSlot& slot) {
    const std::uint64_t state = slot.state.load(std::memory_order_relaxed);
    const auto references = static_cast<std::uint32_t>(state);
    if (references != std::numeric_limits<std::uint32_t>::max())
      slot.state.store(state + 1, std::memory_order_release);
    return references;
  }

  /// One reference less. After kLast the slot is the caller's until close(). REQUIRES: it is live.
  static Release release(PoolSlot& slot) {
    const std::uint64_t state = slot.state.load(std::memory_order_relaxed);
    slot.state.store(state - 1, std::memory_order_release);
    return static_cast<std::uint32_t>(state) == 1 ? Release::kLast : Release::kShared;
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
  struct Chunk {
    std::array<PoolSlot, kChunk> slots;
    std::array<PoolSlotExtra, kChunk> extras;
  };
  void add_chunk(std::uint32_t number);

  std::uint32_t first_generation_;
  std::uint32_t last_generation_;
  std::mutex mutex_;
  std::atomic<std::uint32_t> size_{0};
  std::array<std::atomic<Chunk*>, kMaxSlots / kChunk> chunks_{};
};

}  // namespace forge3d
