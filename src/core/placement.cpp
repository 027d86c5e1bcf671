// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/placement.hpp"

#include <cassert>
#include <utility>

namespace forge3d {

Placement::Placement(std::uint64_t range_bytes) : range_(range_bytes) {
  for (std::uint32_t granules = 0; granules < sizes_.size(); ++granules) {
    const bool fits = kRangePerSlab * kSlots * granules * kGranuleBytes <= range_bytes;
    sizes_[granules].demand = fits && granules <= kMaxSlotGranules ? kDemand : kNone;
  }
}

std::optional<Placement::Allocation> Placement::allocate(std::uint64_t size_bytes,
                                                         std::uint64_t alignment_bytes) {
  // A size of zero wraps.
  if (size_bytes - 1 >= range_bytes() || !OffsetAllocator::is_alignment(alignment_bytes))
    return std::nullopt;
  const auto granules =
      static_cast<std::uint32_t>((size_bytes + kGranuleBytes - 1) / kGranuleBytes);
  const auto alignment =
      static_cast<std::uint32_t>(std::max(alignment_bytes, kGranuleBytes) / kGranuleBytes);
  const Place got = place(granules, alignment);
  if (got.id == kNowhere) return std::nullopt;
  return Allocation{got.offset_granules * kGranuleBytes, granules * kGranuleBytes, got.id};
}

Placement::Place Placement::place_small(std::uint32_t granules) {
  Size& size = sizes_[granules];
  if (size.partial == kNone && !add_slab(granules)) return {kNowhere, 0};
  const std::uint32_t index = size.partial;
  Slab& slab = slabs_[index];
  const auto slot = static_cast<std::uint32_t>(std::countr_zero(slab.vacant));
  slab.vacant &= slab.vacant - 1;
  if (slab.vacant == 0) unlink(index);
  vacant_bytes_ -= slab.slot_bytes();
  ++slot_count_;
  ++size.live;
  return {kSlabFlag | (index * kSlots + slot),
          static_cast<std::uint32_t>(slab.offset_bytes / kGranuleBytes) + slot * granules};
}

void Placement::free_slot(Id id) {
  const std::uint32_t index = id / kSlots;
  Slab& slab = slabs_[index];
  assert((slab.vacant >> (id % kSlots) & 1) == 0);
  if (slab.vacant == 0) link(index);
  slab.vacant |= std::uint64_t{1} << (id % kSlots);
  vacant_bytes_ += slab.slot_bytes();
  --slot_count_;
  --sizes_[slab.slot_granules].live;
  if (slab.vacant == ~std::uint64_t{0}) drop_slab(index);
}

// Spare records are chained by `next`.
void Placement::add_slab_record() {
  owners_.resize((slabs_.size() + 1) * kSlots);
  slabs_.emplace_back();
  slabs_.back().next = std::exchange(spare_, static_cast<std::uint32_t>(slabs_.size() - 1));
}

std::uint32_t Placement::new_slab() {
  if (spare_ == kNone) add_slab_record();
  return std::exchange(spare_, slabs_[spare_].next);
}

void Placement::reserve_slab_records(std::size_t count) {
  for (std::uint32_t i = spare_; count > 0 && i != kNone; i = slabs_[i].next) --count;
  for (; count > 0; --count) add_slab_record();
}

bool Placement::add_slab(std::uint32_t granules) {
  const std::uint32_t index = new_slab();  // may throw, so it comes before the first change
  const Node node = range_.place(kSlots * granules, granules & -granules);
  if (node == OffsetAllocator::kBorder) {
    slabs_[index].next = std::exchange(spare_, index);
    return false;
  }
  range_.set_owner(node, kSlabFlag | index);
  slabs_[index] = {~std::uint64_t{0}, range_.offset_bytes(node), node, granules, kNone, kNone};
  vacant_bytes_ += kSlots * granules * kGranuleBytes;
  ++slab_count_;
  link(index);
  return true;
}

// The slab of another range, or of this one, goes on at `to_node` with the same slots vacant.
std::uint32_t Placement::adopt_slab(Placement& from, Node from_node, Node to_node) {
  const std::uint32_t old_index = slab_of(from.range_.owner(from_node));
  const std::uint32_t index = new_slab();
  const Slab old = from.slabs_[old_index];
  for (std::uint32_t slot = 0; slot < kSlots; ++slot)
    owners_[index * kSlots + slot] = from.owners_[old_index * kSlots + slot];
  from.forget_slab(old_index);
  const auto live = static_cast<std::uint32_t>(std::popcount(~old.vacant));
  slabs_[index] = {old.vacant, range_.offset_bytes(to_node), to_node, old.slot_granules, kNone,
                   kNone};
  range_.set_owner(to_node, kSlabFlag | index);
  vacant_bytes_ += (kSlots - live) * old.slot_bytes();
  ++slab_count_;
  slot_count_ += live;
  sizes_[old.slot_granules].live += live;
  if (old.vacant != 0) link(index);
  return index;
}

Placement::Allocation Placement::adopt(Node reserved) {
  ++size_of(range_.size_bytes(reserved) / kGranuleBytes).live;
  return {range_.offset_bytes(reserved), range_.size_bytes(reserved), reserved};
}

std::uint64_t Placement::slab_alignment(Node node) const {
  const std::uint64_t bytes = slabs_[slab_of(range_.owner(node))].slot_bytes();
  return bytes & -bytes;
}

// Takes a slab out of all accounts; its node stays, without an owner.
void Placement::forget_slab(std::uint32_t index) {
  Slab& slab = slabs_[index];
  const auto live = static_cast<std::uint32_t>(std::popcount(~slab.vacant));
  if (slab.vacant != 0) unlink(index);
  vacant_bytes_ -= (kSlots - live) * slab.slot_bytes();
  --slab_count_;
  slot_count_ -= live;
  sizes_[slab.slot_granules].live -= live;
  range_.set_owner(slab.node, kReserved);  // no later block of this node may look like a slab
  slab.next = spare_;
  spare_ = index;
}

void Placement::drop_slab(std::uint32_t index) {
  const Node node = slabs_[index].node;
  forget_slab(index);
  range_.free(node);
}

void Placement::link(std::uint32_t index) {
  std::uint32_t& head = sizes_[slabs_[index].slot_granules].partial;
  slabs_[index].previous = kNone;
  slabs_[index].next = head;
  if (head != kNone) slabs_[head].previous = index;
  head = index;
}

void Placement::unlink(std::uint32_t index) {
  const Slab& slab = slabs_[index];
  if (slab.next != kNone) slabs_[slab.next].previous = slab.previous;
  if (slab.previous != kNone)
    slabs_[slab.previous].next = slab.next;
  else
    sizes_[slab.slot_granules].partial = slab.next;
}

void Placement::reserve_block(Id id) {
  if ((id & kSlabFlag) != 0)
    owners_[id & ~kSlabFlag] = kReserved;
  else
    range_.set_owner(id, kReserved);
}

}  // namespace forge3d
