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
  static constexpr std::uint64_t kMaxRangeBytes = std::uint64_t{1} << 40;
  /// Names a live allocation; used again after it was freed.
  using Node = std::uint32_t;

  struct Allocation {
    std::uint64_t offset_bytes = 0;
    std::uint64_t size_bytes = 0;  ///< What was asked, rounded up to granules.
    Node node = 0;
  };

  /// Whole granules of the range are used. REQUIRES: range_bytes <= kMaxRangeBytes.
  explicit OffsetAllocator(std::uint64_t range_bytes);

  /// A place for `size_bytes`, or nullopt: no hole was found, the size is zero or the alignment no
  /// power of two. Up to kScan holes of the request's own size class are tried, then the smallest
  /// hole of the next class: a hole at least 1/32 larger than the request is always found.
  [[nodiscard]] std::optional<Allocation> allocate(std::uint64_t size_bytes,
                                                   std::uint64_t alignment_bytes = kGranuleBytes);
  /// REQUIRES: `node` is of a live allocation of this object.
  void free(Node node);

  [[nodiscard]] std::uint64_t range_bytes() const { return range_ * kGranuleBytes; }
  [[nodiscard]] std::uint64_t used_bytes() const { return used_ * kGranuleBytes; }
  [[nodiscard]] std::uint64_t free_bytes() const { return (range_ - used_) * kGranuleBytes; }
  [[nodiscard]] std::uint32_t allocation_count() const { return allocations_; }
  [[nodiscard]] std::uint32_t hole_count() const { return holes_; }
  /// The largest hole, exact. Remembered; after it was taken the topmost size class is walked once.
  [[nodiscard]] std::uint64_t largest_free_bytes() const;

  /// Calls visit(offset_bytes, size_bytes, used) for all blocks and holes in order of address.
  template <class Visitor>
  void for_each(Visitor&& visit) const {
    for (Node i = range_ > 0 ? 0 : kNone; i != kNone; i = nodes_[i].right)
      visit(nodes_[i].offset * kGranuleBytes, std::uint64_t{nodes_[i].size} * kGranuleBytes,
            nodes_[i].used != 0);
  }

 private:
  static constexpr Node kNone = std::numeric_limits<Node>::max();
  static constexpr std::uint32_t kBinsPerOctave = 32;
  static constexpr std::uint32_t kOctaves = 33;  // up to 2^36 granules
  static constexpr std::uint32_t kBins = kOctaves * kBinsPerOctave;
  static constexpr int kScan = 8;

  // A block or hole, in granules. Node 0 is always the leftmost one.
  struct Range {
    std::uint64_t offset = 0;
    std::uint64_t size : 63;
    std::uint64_t used : 1;
    Node left = kNone, right = kNone;     // neighbours by address
    Node previous = kNone, next = kNone;  // holes of one bin; `next` also chains spare nodes
  };
  static_assert(sizeof(Range) == 32);

  struct Fit {
    Node node = kNone;
    std::uint64_t offset = 0;
  };

  static std::uint32_t bin_of(std::uint64_t size);
  std::uint32_t next_bin(std::uint32_t bin) const;
  Fit find(std::uint64_t size, std::uint64_t alignment) const;
  Fit find_in_bin(std::uint32_t bin, std::uint64_t size, std::uint64_t alignment) const;
  void reserve_nodes();
  Node new_node(std::uint64_t offset, std::uint64_t size);
  Node split(Node node, std::uint64_t size);
  void absorb_right(Node node);
  void insert_hole(Node node);
  void remove_hole(Node node);

  std::uint64_t range_ = 0;
  std::uint64_t used_ = 0;
  std::uint32_t allocations_ = 0;
  std::uint32_t holes_ = 0;
  mutable std::uint64_t largest_ = 0;
  mutable bool largest_known_ = true;
  Node spare_ = kNone;
  std::uint32_t spares_ = 0;
  std::uint64_t octaves_ = 0;                   // bit: some bin of the octave holds a hole
  std::array<std::uint32_t, kOctaves> bins_{};  // bit: the bin holds a hole
  std::array<Node, kBins> heads_;
  std::vector<Range> nodes_;
};

}  // namespace forge3d
