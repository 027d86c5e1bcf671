// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// OffsetAllocator: where in a range of bytes a block goes. Pure arithmetic, no memory behind it.

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

namespace forge3d {

/// Places blocks in the range [0, range_bytes). Holes are kept in size classes of 32 a power of two
/// ("two-level segregated fit", Masmano et al. 2004, with best-effort search of the request's own
/// class); neighbours that are free merge at once. allocate and free take constant time. Not
/// thread-safe.
class OffsetAllocator {
 public:
  static constexpr std::uint64_t kGranuleBytes = 16;
  static constexpr std::uint64_t kMaxRangeBytes =
      ((std::uint64_t{1} << 31) - 1) * kGranuleBytes;  ///< Just under 32 GiB.
  /// Names a block or hole of the range while it exists.
  using Node = std::uint32_t;
  /// The border left and right of the range; it counts as used.
  static constexpr Node kBorder = 28 * 32;
  /// Holes of a request's own size class that are tried.
  static constexpr int kScan = 2;

  struct Allocation {
    std::uint64_t offset_bytes = 0;
    std::uint64_t size_bytes = 0;  ///< What was asked, rounded up to granules.
    Node node = 0;
  };

  /// Whole granules of the range are used. REQUIRES: range_bytes <= kMaxRangeBytes.
  explicit OffsetAllocator(std::uint64_t range_bytes);

  /// A power of two that a range can hold.
  [[nodiscard]] static bool is_alignment(std::uint64_t bytes) {
    return bytes - 1 < kMaxRangeBytes && (bytes & (bytes - 1)) == 0;
  }

  /// A place for `size_bytes`, or nullopt: no hole was found, the size is zero or the alignment no
  /// power of two. Up to kScan holes of the request's own size class are tried, then the smallest
  /// hole of the next class: a hole at least 1/32 larger than the request is always found.
  [[nodiscard]] std::optional<Allocation> allocate(std::uint64_t size_bytes,
                                                   std::uint64_t alignment_bytes = kGranuleBytes);
  /// The same in granules, for layers above: the block's node, or kBorder. REQUIRES: size_granules
  /// is not 0, alignment_granules is a power of two of at most 2^31.
  [[nodiscard]] Node place(std::uint32_t size_granules, std::uint32_t alignment_granules);
  /// As place(), but in the smallest hole that fits, of up to 256 in a size class: slower and
  /// tighter, for when holes are few.
  [[nodiscard]] Node place_tightly(std::uint32_t size_granules, std::uint32_t alignment_granules);
  /// The hole that the block has become a part of. REQUIRES: `node` is of a live allocation of this
  /// object.
  Node free(Node node);

  [[nodiscard]] std::uint64_t range_bytes() const { return range_ * kGranuleBytes; }
  [[nodiscard]] std::uint64_t used_bytes() const { return used_ * kGranuleBytes; }
  [[nodiscard]] std::uint64_t free_bytes() const { return (range_ - used_) * kGranuleBytes; }
  [[nodiscard]] std::uint32_t allocation_count() const { return allocations_; }
  /// Walks the range.
  [[nodiscard]] std::uint32_t hole_count() const;
  /// The largest hole, exact: walks the topmost size class that is not empty.
  [[nodiscard]] std::uint64_t largest_free_bytes() const {
    const Node hole = largest_hole();
    return hole == kBorder ? 0 : size_bytes(hole);
  }
  /// Its node, or kBorder where nothing is free.
  [[nodiscard]] Node largest_hole() const;

  /// Calls visit(offset_bytes, size_bytes, used) for all blocks and holes in order of address.
  template <class Visitor>
  void for_each(Visitor&& visit) const {
    for (Node i = first(); i != kBorder; i = right_of(i))
      visit(offset_bytes(i), size_bytes(i), is_used(i));
  }

  // Walking by address, for those who plan moves. All take a block or hole of the range.
  [[nodiscard]] Node first() const { return nodes_[kBorder].right; }
  [[nodiscard]] Node right_of(Node node) const { return nodes_[node].right; }
  [[nodiscard]] Node left_of(Node node) const { return nodes_[node].left; }
  [[nodiscard]] bool is_used(Node node) const { return (nodes_[node].size_used & 1) != 0; }
  [[nodiscard]] std::uint32_t offset_granules(Node node) const { return nodes_[node].offset; }
  [[nodiscard]] std::uint64_t offset_bytes(Node node) const {
    return std::uint64_t{nodes_[node].offset} * kGranuleBytes;
  }
  [[nodiscard]] std::uint32_t size_granules(Node node) const { return nodes_[node].size_used >> 1; }
  [[nodiscard]] std::uint64_t size_bytes(Node node) const {
    return std::uint64_t{nodes_[node].size_used >> 1} * kGranuleBytes;
  }
  /// A number of the owner's kept with a used block; until it was set, any below 2^31.
  [[nodiscard]] std::uint32_t owner(Node block) const { return links_[block].next; }
  void set_owner(Node block, std::uint32_t owner) { links_[block].next = owner; }

  /// Takes a stretch of a hole, which must hold it. REQUIRES: `hole` is free, the stretch lies
  /// inside it and both its ends are multiples of kGranuleBytes.
  Allocation take(Node hole, std::uint64_t offset_bytes, std::uint64_t size_bytes);
  /// Makes sure that the next take() or allocate() does not throw, whatever is freed before.
  void prepare();

 private:
  static constexpr std::uint32_t kBinsPerOctave = 32;
  static constexpr std::uint32_t kOctaves = 28;  // up to 2^31 granules
  static constexpr std::uint32_t kBins = kOctaves * kBinsPerOctave;
  static_assert(kBorder == kBins);
  static constexpr Node kNoSpare = kBorder + 1;  // ends the chain of spare nodes

  // A block or hole, in granules. The border is a node too, so that merging asks for no special
  // cases. Neighbours are looked at far more often than rings, hence the two arrays.
  struct alignas(16) Range {
    std::uint32_t offset = 0;
    std::uint32_t size_used = 0;  // twice the size; plus one for a used block
    Node left = 0, right = 0;     // neighbours by address
  };
  // The ring of a bin, whose head has the bin's number as node; of a used block, `next` is the
  // owner's number.
  struct Links {
    Node previous = 0, next = 0;
  };

  struct Fit {
    Node node = kBorder;
    std::uint32_t offset = 0;
  };

  static std::uint32_t bin_of(std::uint32_t size);
  std::uint32_t bin_above(std::uint32_t bin) const;
  Fit find(std::uint32_t size, std::uint32_t alignment) const;
  Fit find_in_bin(std::uint32_t bin, std::uint32_t size, std::uint32_t alignment) const;
  Fit find_tightest(std::uint32_t bin, std::uint32_t size, std::uint32_t alignment) const;
  Node carve(Node hole, std::uint32_t offset, std::uint32_t size);
  void reserve_nodes();
  void add_spare_nodes();
  Node new_node();
  void drop_node(Node node);
  void link(Node node, std::uint32_t bin);
  void unlink(Node node, std::uint32_t bin);
  void resize_hole(Node node, std::uint32_t size);
  void bridge(Node left, Node right) {
    nodes_[left].right = right;
    nodes_[right].left = left;
  }

  std::uint64_t range_ = 0;
  std::uint64_t used_ = 0;
  std::uint32_t allocations_ = 0;
  Node spare_ = kNoSpare;
  std::uint32_t octaves_ = 0;                   // bit: some bin of the octave holds a hole
  std::array<std::uint32_t, kOctaves> bins_{};  // bit: the bin holds a hole
  std::vector<Range> nodes_;
  std::vector<Links> links_;
};

}  // namespace forge3d
