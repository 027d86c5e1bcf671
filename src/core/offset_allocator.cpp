// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "core/offset_allocator.hpp"

#include <algorithm>
#include <bit>
#include <cassert>

namespace forge3d {

OffsetAllocator::OffsetAllocator(std::uint64_t range_bytes) : range_(range_bytes / kGranuleBytes) {
  assert(range_bytes <= kMaxRangeBytes);
  heads_.fill(kNone);
  if (range_ == 0) return;
  insert_hole(new_node(0, range_));
}

// Sizes below 32 granules have a bin each; above, the five bits after the leading one choose the
// bin.
std::uint32_t OffsetAllocator::bin_of(std::uint64_t size) {
  if (size < kBinsPerOctave) return static_cast<std::uint32_t>(size);
  const auto shift = static_cast<std::uint32_t>(std::bit_width(size)) - 6;
  return (shift + 1) * kBinsPerOctave + (static_cast<std::uint32_t>(size >> shift) & 31u);
}

// The first bin from `bin` upwards that holds a hole, or kBins.
std::uint32_t OffsetAllocator::next_bin(std::uint32_t bin) const {
  const std::uint32_t octave = bin / kBinsPerOctave;
  if (octave >= kOctaves) return kBins;
  if (const std::uint32_t mask = bins_[octave] & (~0u << (bin % kBinsPerOctave)); mask != 0)
    return octave * kBinsPerOctave + static_cast<std::uint32_t>(std::countr_zero(mask));
  const std::uint64_t above = octaves_ & (~std::uint64_t{0} << (octave + 1));
  if (above == 0) return kBins;
  const auto next = static_cast<std::uint32_t>(std::countr_zero(above));
  return next * kBinsPerOctave + static_cast<std::uint32_t>(std::countr_zero(bins_[next]));
}

OffsetAllocator::Fit OffsetAllocator::find_in_bin(std::uint32_t bin, std::uint64_t size,
                                                  std::uint64_t alignment) const {
  Node i = heads_[bin];
  for (int tries = 0; tries < kScan && i != kNone; ++tries, i = nodes_[i].next) {
    const Range& hole = nodes_[i];
    const std::uint64_t aligned = (hole.offset + alignment - 1) & ~(alignment - 1);
    const std::uint64_t padding = aligned - hole.offset;
    if (padding <= hole.size && hole.size - padding >= size) return {i, aligned};
  }
  return {};
}

// Bins above the request's own hold only holes that are large enough, so without alignment the
// second look succeeds.
OffsetAllocator::Fit OffsetAllocator::find(std::uint64_t size, std::uint64_t alignment) const {
  for (std::uint32_t bin = next_bin(bin_of(size)); bin < kBins; bin = next_bin(bin + 1))
    if (const Fit fit = find_in_bin(bin, size, alignment); fit.node != kNone) return fit;
  return {};
}

std::optional<OffsetAllocator::Allocation> OffsetAllocator::allocate(
    std::uint64_t size_bytes, std::uint64_t alignment_bytes) {
  if (size_bytes == 0 || size_bytes > range_bytes()) return std::nullopt;
  if (!std::has_single_bit(alignment_bytes) || alignment_bytes > kMaxRangeBytes)
    return std::nullopt;
  const std::uint64_t size = (size_bytes + kGranuleBytes - 1) / kGranuleBytes;
  const Fit fit = find(size, std::max(alignment_bytes / kGranuleBytes, std::uint64_t{1}));
  if (fit.node == kNone) return std::nullopt;

  reserve_nodes();  // the only step that can throw, so it comes before the first change
  remove_hole(fit.node);
  Node node = fit.node;
  if (const std::uint64_t padding = fit.offset - nodes_[node].offset; padding > 0) {
    node = split(node, padding);
    insert_hole(nodes_[node].left);
  }
  if (nodes_[node].size > size) insert_hole(split(node, size));
  nodes_[node].used = 1;
  used_ += size;
  ++allocations_;
  return Allocation{fit.offset * kGranuleBytes, size * kGranuleBytes, node};
}

void OffsetAllocator::free(Node node) {
  assert(node < nodes_.size() && nodes_[node].used);
  nodes_[node].used = 0;
  used_ -= nodes_[node].size;
  --allocations_;
  if (const Node right = nodes_[node].right; right != kNone && !nodes_[right].used) {
    remove_hole(right);
    absorb_right(node);
  }
  if (const Node left = nodes_[node].left; left != kNone && !nodes_[left].used) {
    remove_hole(left);
    absorb_right(left);
    node = left;
  }
  insert_hole(node);
}

std::uint64_t OffsetAllocator::largest_free_bytes() const {
  if (!largest_known_) {
    largest_ = 0;
    if (octaves_ != 0) {
      const auto octave = static_cast<std::uint32_t>(std::bit_width(octaves_)) - 1;
      const auto bin =
          octave * kBinsPerOctave + static_cast<std::uint32_t>(std::bit_width(bins_[octave])) - 1;
      for (Node i = heads_[bin]; i != kNone; i = nodes_[i].next)
        largest_ = std::max<std::uint64_t>(largest_, nodes_[i].size);
    }
    largest_known_ = true;
  }
  return largest_ * kGranuleBytes;
}

// Makes sure that two new_node() calls will not throw.
void OffsetAllocator::reserve_nodes() {
  if (spares_ + (nodes_.capacity() - nodes_.size()) < 2) nodes_.reserve(2 * nodes_.size() + 2);
}

OffsetAllocator::Node OffsetAllocator::new_node(std::uint64_t offset, std::uint64_t size) {
  Node node = spare_;
  if (node != kNone) {
    spare_ = nodes_[node].next;
    --spares_;
  } else {
    node = static_cast<Node>(nodes_.size());
    nodes_.emplace_back();
  }
  Range& range = nodes_[node];
  range.offset = offset;
  range.size = size;
  range.used = 0;
  range.left = range.right = range.previous = range.next = kNone;
  return node;
}

// Cuts `node` after `size` granules; returns the new right part.
OffsetAllocator::Node OffsetAllocator::split(Node node, std::uint64_t size) {
  const Node rest = new_node(nodes_[node].offset + size, nodes_[node].size - size);
  const Node right = nodes_[node].right;
  nodes_[node].size = size;
  nodes_[node].right = rest;
  nodes_[rest].left = node;
  nodes_[rest].right = right;
  if (right != kNone) nodes_[right].left = rest;
  return rest;
}

void OffsetAllocator::absorb_right(Node node) {
  const Node gone = nodes_[node].right;
  nodes_[node].size += nodes_[gone].size;
  nodes_[node].right = nodes_[gone].right;
  if (nodes_[node].right != kNone) nodes_[nodes_[node].right].left = node;
  nodes_[gone].next = spare_;
  spare_ = gone;
  ++spares_;
}

void OffsetAllocator::insert_hole(Node node) {
  const std::uint64_t size = nodes_[node].size;
  const std::uint32_t bin = bin_of(size);
  const Node head = heads_[bin];
  nodes_[node].previous = kNone;
  nodes_[node].next = head;
  if (head != kNone) nodes_[head].previous = node;
  heads_[bin] = node;
  bins_[bin / kBinsPerOctave] |= 1u << (bin % kBinsPerOctave);
  octaves_ |= std::uint64_t{1} << (bin / kBinsPerOctave);
  if (largest_known_) largest_ = std::max(largest_, size);
  ++holes_;
}

void OffsetAllocator::remove_hole(Node node) {
  const Range& range = nodes_[node];
  const std::uint32_t bin = bin_of(range.size);
  if (range.next != kNone) nodes_[range.next].previous = range.previous;
  if (range.previous != kNone)
    nodes_[range.previous].next = range.next;
  else if ((heads_[bin] = range.next) == kNone) {
    bins_[bin / kBinsPerOctave] &= ~(1u << (bin % kBinsPerOctave));
    if (bins_[bin / kBinsPerOctave] == 0) octaves_ &= ~(std::uint64_t{1} << (bin / kBinsPerOctave));
  }
  if (range.size == largest_) largest_known_ = false;
  --holes_;
}

}  // namespace forge3d
