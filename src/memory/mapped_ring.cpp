// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "memory/mapped_ring.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace forge3d {

Result<MappedRing> MappedRing::create(const std::shared_ptr<Device>& device,
                                      const MappedRingDesc& desc) {
  if (desc.segment_count == 0)
    return fail(ErrorCode::kInvalidArgument,
                desc.debug_name + ": ring_count is 0, at least 1 is needed");
  const std::uint64_t segment_bytes = desc.size_bytes / desc.segment_count / 256 * 256;
  if (desc.segment_count > kMaxSegments || segment_bytes > kMaxSegmentBytes)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: {} bytes in {} segments; at most {} segments of {} bytes are "
                            "possible",
                            desc.debug_name, desc.size_bytes, desc.segment_count, kMaxSegments,
                            kMaxSegmentBytes));
  if (segment_bytes < kMinSegmentBytes)
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("{}: {} bytes in {} segments give segments under {} bytes", desc.debug_name,
                    desc.size_bytes, desc.segment_count, kMinSegmentBytes));
  const bool upload = desc.memory == MemoryUse::kUpload;
  FORGE3D_TRY_ASSIGN(
      Buffer buffer,
      Buffer::create(device,
                     {.size_bytes = segment_bytes * desc.segment_count,
                      .usage = VkBufferUsageFlags{upload ? VK_BUFFER_USAGE_TRANSFER_SRC_BIT
                                                         : VK_BUFFER_USAGE_TRANSFER_DST_BIT},
                      .memory = desc.memory,
                      .category = upload ? MemoryCategory::kStaging : MemoryCategory::kReadback,
                      .debug_name = desc.debug_name}));
  const VkPhysicalDeviceLimits& limits = device->info().limits;
  const std::uint64_t atom =
      buffer.memory().coherent() ? 1 : std::max<std::uint64_t>(1, limits.nonCoherentAtomSize);
  return MappedRing(std::move(buffer),
                    std::make_unique<RingAllocator>(segment_bytes, desc.segment_count),
                    std::max<std::uint64_t>(1, limits.optimalBufferCopyOffsetAlignment), atom);
}

MappedRing::MappedRing(Buffer buffer, std::unique_ptr<RingAllocator> places,
                       std::uint64_t image_alignment, std::uint64_t atom_bytes)
    : buffer_(std::move(buffer)),
      places_(std::move(places)),
      image_alignment_(image_alignment),
      atom_bytes_(atom_bytes) {}

// Images: multiples of the block, of 4 (other queues than graphics ask for it) and what the device
// likes best. Everything begins on its own atom, so that flushing one reservation never touches
// another one's bytes half written.
std::uint64_t MappedRing::alignment(std::uint64_t block_bytes, bool image) const {
  const std::uint64_t base = buffer_alignment();
  if (!image) return base;
  return std::lcm(std::lcm(base, image_alignment_), std::lcm(block_bytes, std::uint64_t{4}));
}

}  // namespace forge3d
