// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// MappedRing: a persistently mapped buffer and the arithmetic of its free bytes.

#include <cstdint>
#include <memory>
#include <string>

#include "core/ring_allocator.hpp"
#include "forge3d/resources.hpp"

namespace forge3d {

struct MappedRingDesc {
  std::uint64_t size_bytes = 0;
  std::uint32_t segment_count = 1;
  MemoryUse memory = MemoryUse::kUpload;
  std::string debug_name;
};

/// As thread-safe as RingAllocator.
class MappedRing {
 public:
  static constexpr std::uint64_t kMinSegmentBytes = 4096;
  static constexpr std::uint64_t kMaxSegmentBytes = (std::uint64_t{1} << 32) - 256;
  static constexpr std::uint32_t kMaxSegments = 64;

  /// Errors: kInvalidArgument (segments too small, too large or too many), and Buffer::create's.
  [[nodiscard]] static Result<MappedRing> create(const std::shared_ptr<Device>& device,
                                                 const MappedRingDesc& desc);

  [[nodiscard]] RingAllocator& places() const { return *places_; }
  [[nodiscard]] VkBuffer buffer() const { return buffer_.handle(); }
  [[nodiscard]] const DeviceMemory& memory() const { return buffer_.memory(); }
  [[nodiscard]] std::byte* at(const RingAllocator::Range& range) const {
    return buffer_.memory().mapped() + range.ring_offset;
  }
  /// What ring offsets must be a multiple of for copies of blocks of this size.
  [[nodiscard]] std::uint64_t alignment(std::uint64_t block_bytes, bool image) const;
  [[nodiscard]] std::uint64_t buffer_alignment() const {
    return atom_bytes_ > 16 ? atom_bytes_ : 16;
  }

 private:
  MappedRing(Buffer buffer, std::unique_ptr<RingAllocator> places, std::uint64_t image_alignment,
             std::uint64_t atom_bytes);
  Buffer buffer_;
  std::unique_ptr<RingAllocator> places_;
  std::uint64_t image_alignment_;
  std::uint64_t atom_bytes_;
};

}  // namespace forge3d
