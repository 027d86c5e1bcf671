// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/offset_allocator.hpp"

#include <algorithm>
#include <bit>
#include <cassert>

namespace forge3d {
namespace {

// Position of the lowest and the highest bit. Saying that there is one spares the compiler the case
// of zero, which the processor's own instructions leave open.
[[noreturn]] inline void unreachable() {
#if defined(_MSC_VER)
  __assume(false);
#else
  __builtin_unreachable();
#endif
}
inline std::uint32_t lowest_bit(std::uint32_t bits) {
  if (bits == 0) unreachable();
  return static_cast<std::uint32_t>(std::countr_zero(bits));
}
inline std::uint32_t highest_bit(std::uint32_t bits) {
  if (bits == 0) unreachable();
  return 31 - static_cast<std::uint32_t>(std::countl_zero(bits));
}

}  // namespace

// Sizes below 32 granules have a bin each; above, the five bits after the leading one choose the
// bin. One formula for both: a branch here would be mispredicted all the time.
inline std::uint32_t OffsetAllocator::bin_of(std::uint32_t size) {
  const std::uint32_t shift = highest_bit(size | kBinsPerOctave) - 5;
  return shift * kBinsPerOctave + (size >> shift);
}

// Makes sure that two new_node() calls find spare nodes.
inline void OffsetAllocator::reserve_nodes() {
  if (nodes_[spare_].left == kNoSpare) add_spare_nodes();
}

// Spare nodes are chained by `left`, as that is in the cache when a node is dropped.
void OffsetAllocator::add_spare_nodes() {
  const auto count = static_cast<Node>(nodes_.size());
  nodes_.reserve(2 * std::size_t{count});
  links_.reserve(2 * std::size_t{count});
  nodes_.resize(2 * std::size_t{count});
  links_.resize(2 * std::size_t{count});
  for (Node node = 2 * count; node-- > count;) drop_node(node);
}

inline OffsetAllocator::Node OffsetAllocator::new_node() {
  const Node node = spare_;
  spare_ = nodes_[node].left;
  return node;
}

inline void OffsetAllocator::drop_node(Node node) {
  nodes_[node].left = spare_;
  spare_ = node;
}

inline void OffsetAllocator::link(Node node, std::uint32_t bin) {
  const Node next = links_[bin].next;
  links_[node] = {bin, next};
  links_[next].previous = node;
  links_[bin].next = node;
  bins_[bin / kBinsPerOctave] |= 1u << (bin % kBinsPerOctave);
  octaves_ |= 1u << (bin / kBinsPerOctave);
}

// Without branches, as both answers to "is the bin empty now" are as likely.
inline void OffsetAllocator::unlink(Node node, std::uint32_t bin) {
  const auto [previous, next] = links_[node];
  links_[previous].next = next;
  links_[next].previous = previous;
  const std::uint32_t octave = bin / kBinsPerOctave;
  bins_[octave] &= ~(static_cast<std::uint32_t>(previous == next) << (bin % kBinsPerOctave));
  octaves_ &= ~(static_cast<std::uint32_t>(bins_[octave] == 0) << octave);
}

inline void OffsetAllocator::resize_hole(Node node, std::uint32_t size) {
  const std::uint32_t from = bin_of(nodes_[node].size_used / 2), to = bin_of(size);
  nodes_[node].size_used = 2 * size;
  if (from == to) return;
  unlink(node, from);
  link(node, to);
}

OffsetAllocator::OffsetAllocator(std::uint64_t range_bytes) : range_(range_bytes / kGranuleBytes) {
  assert(range_bytes <= kMaxRangeBytes);
  nodes_.resize(kNoSpare + 1);
  links_.resize(kNoSpare + 1);
  for (Node bin = 0; bin < kBins; ++bin) links_[bin] = {bin, bin};
  nodes_[kBorder] = {0, 1, kBorder, kBorder};
  nodes_[kNoSpare].left = kNoSpare;
  if (range_ == 0) return;
  reserve_nodes();
  const Node all = new_node();
  nodes_[all].right = kBorder;
  bridge(kBorder, all);
  bridge(all, kBorder);
  nodes_[all].size_used = static_cast<std::uint32_t>(2 * range_);
  link(all, bin_of(static_cast<std::uint32_t>(range_)));
}

// The first bin above `bin` that holds a hole, or kBins.
inline std::uint32_t OffsetAllocator::bin_above(std::uint32_t bin) const {
  std::uint32_t octave = bin / kBinsPerOctave;
  std::uint32_t mask = bins_[octave] & (~1u << (bin % kBinsPerOctave));
  if (mask == 0) {
    const std::uint32_t above = octaves_ & (~1u << octave);
    if (above == 0) return kBins;
    octave = lowest_bit(above);
    mask = bins_[octave];
  }
  return octave * kBinsPerOctave + lowest_bit(mask);
}

inline OffsetAllocator::Fit OffsetAllocator::find_in_bin(std::uint32_t bin, std::uint32_t size,
                                                         std::uint32_t alignment) const {
  Node i = links_[bin].next;
  for (int tries = 0; tries < kScan && i != bin; ++tries, i = links_[i].next) {
    const Range& hole = nodes_[i];
    const std::uint32_t padding = (alignment - hole.offset) & (alignment - 1);
    if (std::uint64_t{padding} + size <= hole.size_used / 2) return {i, hole.offset + padding};
  }
  return {};
}

// Bins above the request's own hold only holes that are large enough, so without alignment the
// second look succeeds.
inline OffsetAllocator::Fit OffsetAllocator::find(std::uint32_t size,
                                                  std::uint32_t alignment) const {
  std::uint32_t bin = bin_of(size);
  if (links_[bin].next != bin)
    if (const Fit fit = find_in_bin(bin, size, alignment); fit.node != kBorder) return fit;
  while ((bin = bin_above(bin)) < kBins) {
    if (alignment == 1) return {links_[bin].next, nodes_[links_[bin].next].offset};
    if (const Fit fit = find_in_bin(bin, size, alignment); fit.node != kBorder) return fit;
  }
  return {};
}

// Makes a block of a stretch of a hole. What is left on the right stays the hole's node, so that a
// large hole that shrinks a little stays in its bin; what is left on the left becomes a new hole.
inline OffsetAllocator::Node OffsetAllocator::carve(Node hole, std::uint32_t offset,
                                                    std::uint32_t size) {
  reserve_nodes();  // the only step that can throw, so it comes before the first change
  used_ += size;
  ++allocations_;
  if (const std::uint32_t padding = offset - nodes_[hole].offset; padding > 0) {
    const Node gap = new_node();
    nodes_[gap] = {nodes_[hole].offset, 2 * padding, 0, 0};
    bridge(nodes_[hole].left, gap);
    bridge(gap, hole);
    link(gap, bin_of(padding));
    nodes_[hole].offset = offset;
    resize_hole(hole, nodes_[hole].size_used / 2 - padding);
  }
  const std::uint32_t rest = nodes_[hole].size_used / 2 - size;
  if (rest == 0) {
    unlink(hole, bin_of(size));
    nodes_[hole].size_used |= 1;
    return hole;
  }
  const Node block = new_node();
  nodes_[block] = {offset, 2 * size + 1, 0, 0};
  bridge(nodes_[hole].left, block);
  bridge(block, hole);
  nodes_[hole].offset = offset + size;
  resize_hole(hole, rest);
  return block;
}

OffsetAllocator::Node OffsetAllocator::place(std::uint32_t size_granules,
                                             std::uint32_t alignment_granules) {
  const Fit fit = find(size_granules, alignment_granules);
  return fit.node == kBorder ? kBorder : carve(fit.node, fit.offset, size_granules);
}

OffsetAllocator::Fit OffsetAllocator::find_tightest(std::uint32_t bin, std::uint32_t size,
                                                    std::uint32_t alignment) const {
  Fit best;
  std::uint32_t best_size = ~0u;
  int tries = 0;
  for (Node i = links_[bin].next; tries < 256 && i != bin; ++tries, i = links_[i].next) {
    const Range& hole = nodes_[i];
    const std::uint32_t padding = (alignment - hole.offset) & (alignment - 1);
    if (std::uint64_t{padding} + size > hole.size_used / 2 || hole.size_used >= best_size) continue;
    best = {i, hole.offset + padding};
    best_size = hole.size_used;
  }
  return best;
}

OffsetAllocator::Node OffsetAllocator::place_tightly(std::uint32_t size_granules,
                                                     std::uint32_t alignment_granules) {
  if (size_granules > range_) return kBorder;
  for (std::uint32_t bin = bin_of(size_granules); bin < kBins; bin = bin_above(bin))
    if (const Fit fit = find_tightest(bin, size_granules, alignment_granules); fit.node != kBorder)
      return carve(fit.node, fit.offset, size_granules);
  return kBorder;
}

std::optional<OffsetAllocator::Allocation> OffsetAllocator::allocate(
    std::uint64_t size_bytes, std::uint64_t alignment_bytes) {
  if (size_bytes - 1 >= range_bytes() || !is_alignment(alignment_bytes)) return std::nullopt;
  const Node node =
      place(static_cast<std::uint32_t>((size_bytes + kGranuleBytes - 1) / kGranuleBytes),
            static_cast<std::uint32_t>(std::max(alignment_bytes, kGranuleBytes) / kGranuleBytes));
  if (node == kBorder) return std::nullopt;
  return Allocation{offset_bytes(node), this->size_bytes(node), node};
}

OffsetAllocator::Allocation OffsetAllocator::take(Node hole, std::uint64_t offset_bytes,
                                                  std::uint64_t size_bytes) {
  return {offset_bytes, size_bytes,
          carve(hole, static_cast<std::uint32_t>(offset_bytes / kGranuleBytes),
                static_cast<std::uint32_t>(size_bytes / kGranuleBytes))};
}

void OffsetAllocator::prepare() { reserve_nodes(); }

OffsetAllocator::Node OffsetAllocator::free(Node node) {
  assert(node > kBorder && node < nodes_.size() && is_used(node));
  const Range block = nodes_[node];
  const std::uint32_t size = block.size_used / 2;
  used_ -= size;
  --allocations_;
  const Range& left = nodes_[block.left];
  const Range& right = nodes_[block.right];
  if ((left.size_used & 1) == 0) {
    std::uint32_t merged = left.size_used / 2 + size;
    Node beyond = block.right;
    if ((right.size_used & 1) == 0) {
      merged += right.size_used / 2;
      beyond = right.right;
      unlink(block.right, bin_of(right.size_used / 2));
      drop_node(block.right);
    }
    bridge(block.left, beyond);
    drop_node(node);
    resize_hole(block.left, merged);
    return block.left;
  }
  if ((right.size_used & 1) == 0) {
    bridge(block.left, block.right);
    nodes_[block.right].offset = block.offset;
    drop_node(node);
    resize_hole(block.right, right.size_used / 2 + size);
    return block.right;
  }
  nodes_[node].size_used = 2 * size;
  link(node, bin_of(size));
  return node;
}

std::uint32_t OffsetAllocator::hole_count() const {
  std::uint32_t count = 0;
  for_each([&](std::uint64_t, std::uint64_t, bool used) { count += used ? 0 : 1; });
  return count;
}

OffsetAllocator::Node OffsetAllocator::largest_hole() const {
  if (octaves_ == 0) return kBorder;
  const std::uint32_t octave = highest_bit(octaves_);
  const std::uint32_t bin = octave * kBinsPerOctave + highest_bit(bins_[octave]);
  Node largest = links_[bin].next;
  if (bin < 2 * kBinsPerOctave) return largest;  // all holes of these bins are of one size
  for (Node i = links_[largest].next; i != bin; i = links_[i].next)
    if (nodes_[i].size_used > nodes_[largest].size_used) largest = i;
  return largest;
}

}  // namespace forge3d
