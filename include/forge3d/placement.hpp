// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Placement: an OffsetAllocator with slabs for the small sizes that are asked for all the time.

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstdint>
#include <optional>
#include <vector>

#include "forge3d/offset_allocator.hpp"

namespace forge3d {

/// Places blocks in a range of bytes. A small size that many blocks share gets slabs: stretches of
/// 64 slots of exactly that size, found by one bit each (Bonwick 1994); all others go to the
/// OffsetAllocator. A slab goes back to the range with its last block. Not thread-safe.
class Placement {
 public:
  static constexpr std::uint64_t kGranuleBytes = OffsetAllocator::kGranuleBytes;
  static constexpr std::uint64_t kMaxRangeBytes = OffsetAllocator::kMaxRangeBytes;
  /// Names a live block; used again after it was freed.
  using Id = std::uint32_t;
  /// Owners are numbers below this one, which marks nodes that are reserved for moves.
  static constexpr std::uint32_t kReserved = (1u << 31) - 1;

  struct Allocation {
    std::uint64_t offset_bytes = 0;
    std::uint64_t size_bytes = 0;  ///< What was asked, rounded up to granules.
    Id id = 0;
  };

  /// Where a block is, in granules.
  struct Place {
    Id id = 0;
    std::uint32_t offset_granules = 0;
  };
  static constexpr Id kNowhere = OffsetAllocator::kBorder;  ///< No block has it.

  /// Whole granules of the range are used. REQUIRES: range_bytes <= kMaxRangeBytes.
  explicit Placement(std::uint64_t range_bytes);

  /// A place for `size_bytes`, or nullopt as OffsetAllocator::allocate.
  [[nodiscard]] std::optional<Allocation> allocate(std::uint64_t size_bytes,
                                                   std::uint64_t alignment_bytes = kGranuleBytes);
  /// The same in granules, two numbers that fit a register; `id` is kNowhere when there is no
  /// place. REQUIRES: size_granules is not 0, alignment_granules is a power of two of at most 2^31.
  [[nodiscard]] Place place(std::uint32_t size_granules, std::uint32_t alignment_granules = 1) {
    Size& size = size_of(size_granules);
    // The slots of a slab are aligned to the powers of two that divide their size.
    if (size.live >= size.demand && alignment_granules <= (size_granules & -size_granules))
      if (const Place got = place_small(size_granules); got.id != kNowhere) return got;
    const Node node = range_.place(size_granules, alignment_granules);
    if (node != OffsetAllocator::kBorder) ++size.live;
    return {node, range_.offset_granules(node)};
  }
  /// REQUIRES: `id` is of a live block of this object.
  void free(Id id) {
    if ((id & kSlabFlag) != 0) return free_slot(id & ~kSlabFlag);
    --size_of(range_.size_granules(id)).live;
    range_.free(id);
  }

  [[nodiscard]] std::uint64_t range_bytes() const { return range_.range_bytes(); }
  /// Granted to live blocks.
  [[nodiscard]] std::uint64_t used_bytes() const { return range_.used_bytes() - vacant_bytes_; }
  [[nodiscard]] std::uint64_t free_bytes() const { return range_bytes() - used_bytes(); }
  [[nodiscard]] std::uint64_t largest_free_bytes() const { return range_.largest_free_bytes(); }
  [[nodiscard]] std::uint32_t allocation_count() const {
    return range_.allocation_count() - slab_count_ + slot_count_;
  }
  [[nodiscard]] std::uint32_t slab_count() const { return slab_count_; }

  /// A number of the caller's kept with a live block. REQUIRES: owner < kReserved.
  void set_owner(Id id, std::uint32_t owner) {
    assert(owner < kReserved);
    if ((id & kSlabFlag) != 0)
      owners_[id & ~kSlabFlag] = owner;
    else
      range_.set_owner(id, owner);
  }

  /// Calls visit(offset_bytes, size_bytes, used) for all blocks and holes in order of address; the
  /// vacant slots of a slab are holes.
  template <class Visitor>
  void for_each(Visitor&& visit) const {
    for_each_place([&](std::uint64_t offset_bytes, std::uint64_t size_bytes, bool used,
                       std::uint32_t) { visit(offset_bytes, size_bytes, used); });
  }
  /// The same with the block's owner, which means nothing for a hole.
  template <class Visitor>
  void for_each_place(Visitor&& visit) const {
    for (Node i = range_.first(); i != OffsetAllocator::kBorder; i = range_.right_of(i)) {
      const std::uint32_t owner = range_.owner(i);
      if (!range_.is_used(i) || !is_slab(owner)) {
        visit(range_.offset_bytes(i), range_.size_bytes(i), range_.is_used(i), owner);
        continue;
      }
      const std::uint32_t index = slab_of(owner);
      const Slab& slab = slabs_[index];
      for (std::uint32_t slot = 0; slot < kSlots; ++slot)
        visit(slab.offset_bytes + slot * slab.slot_bytes(), slab.slot_bytes(),
              (slab.vacant >> slot & 1) == 0, owners_[index * kSlots + slot]);
    }
  }

  // For those who plan moves: whole nodes of the range move, a slab with all its blocks.
  using Node = OffsetAllocator::Node;
  [[nodiscard]] OffsetAllocator& range() { return range_; }
  [[nodiscard]] const OffsetAllocator& range() const { return range_; }
  /// Marks a live block as one that stays until it is freed: for_each_block then tells kReserved.
  void reserve_block(Id id);
  /// Makes sure that the next relocations of `count` slabs to this placement do not throw.
  void reserve_slab_records(std::size_t count);
  /// Makes a block of a node that was reserved in range().
  Allocation adopt(Node reserved);
  /// Moves the blocks of `from` to a node of the same size that was reserved in `to`'s range; calls
  /// visit(owner, Allocation) for each with its new place. `from` stays as a reserved node.
  template <class Visitor>
  void relocate(Node from, Placement& to, Node to_node, Visitor&& visit) {
    if (!holds_slab(from)) {
      const std::uint32_t owner = range_.owner(from);
      --size_of(range_.size_bytes(from) / kGranuleBytes).live;
      to.range_.set_owner(to_node, owner);
      range_.set_owner(from, kReserved);
      return visit(owner, to.adopt(to_node));
    }
    const std::uint32_t index = to.adopt_slab(*this, from, to_node);
    to.for_each_slot(index, visit);
  }
  /// Moves slabs and blocks alike keep this alignment; of a slab, what its slots rely on.
  [[nodiscard]] std::uint64_t slab_alignment(Node node) const;
  /// Calls visit(owner, Allocation) for each live block of a used node.
  template <class Visitor>
  void for_each_block(Node node, Visitor&& visit) const {
    const std::uint32_t owner = range_.owner(node);
    if (is_slab(owner)) return for_each_slot(slab_of(owner), visit);
    visit(owner, Allocation{range_.offset_bytes(node), range_.size_bytes(node), node});
  }
  void reserve(Node node) { range_.set_owner(node, kReserved); }
  [[nodiscard]] bool is_reserved(Node node) const { return range_.owner(node) == kReserved; }
  [[nodiscard]] bool holds_slab(Node node) const { return is_slab(range_.owner(node)); }

 private:
  static constexpr std::uint32_t kSlots = 64;
  static constexpr std::uint32_t kMaxSlotGranules = 256;  // 4 KiB
  static constexpr std::uint32_t kDemand =
      16 * kSlots;                                      // live blocks of a size before it has slabs
  static constexpr std::uint64_t kRangePerSlab = 256;   // the range is at least so many slabs
  static constexpr std::uint32_t kSlabFlag = 1u << 31;  // in ids and in owners of range nodes
  static constexpr std::uint32_t kNone = ~0u;

  struct alignas(32) Slab {
    std::uint64_t vacant = 0;  // bit: the slot is free
    std::uint64_t offset_bytes = 0;
    Node node = 0;
    std::uint32_t slot_granules = 0;
    std::uint32_t previous = kNone, next = kNone;  // slabs of the size with vacant slots
    [[nodiscard]] std::uint64_t slot_bytes() const { return slot_granules * kGranuleBytes; }
  };

  // What is known of one small size; the last one stands for all that are larger. So no branch asks
  // whether a size is small, which would be mispredicted all the time.
  struct Size {
    std::uint32_t live = 0;         // blocks in slabs or not
    std::uint32_t demand = 0;       // as many make a slab worth while
    std::uint32_t partial = kNone;  // slabs with vacant slots
  };
  Size& size_of(std::uint64_t granules) {
    return sizes_[std::min<std::uint64_t>(granules, kMaxSlotGranules + 1)];
  }

  static bool is_slab(std::uint32_t owner) { return (owner & kSlabFlag) != 0; }
  static std::uint32_t slab_of(std::uint32_t owner) { return owner & ~kSlabFlag; }
  Place place_small(std::uint32_t granules);
  template <class Visitor>
  void for_each_slot(std::uint32_t index, Visitor&& visit) const {
    const Slab& slab = slabs_[index];
    for (std::uint64_t live = ~slab.vacant; live != 0; live &= live - 1) {
      const auto slot = static_cast<std::uint32_t>(std::countr_zero(live));
      visit(owners_[index * kSlots + slot],
            Allocation{slab.offset_bytes + slot * slab.slot_bytes(), slab.slot_bytes(),
                       kSlabFlag | (index * kSlots + slot)});
    }
  }
  std::uint32_t adopt_slab(Placement& from, Node from_node, Node to_node);
  void add_slab_record();
  std::uint32_t new_slab();
  bool add_slab(std::uint32_t granules);
  void forget_slab(std::uint32_t index);
  void drop_slab(std::uint32_t index);
  void link(std::uint32_t index);
  void unlink(std::uint32_t index);
  void free_slot(Id id);

  OffsetAllocator range_;
  std::uint64_t vacant_bytes_ = 0;  // in slabs
  std::uint32_t slab_count_ = 0;
  std::uint32_t slot_count_ = 0;  // live blocks in slabs
  std::uint32_t spare_ = kNone;   // records of slabs that are gone
  std::array<Size, kMaxSlotGranules + 2> sizes_{};
  std::vector<Slab> slabs_;
  std::vector<std::uint32_t> owners_;  // of all slots
};

}  // namespace forge3d
