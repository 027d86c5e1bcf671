// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "memory/pool_blocks.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gpu/vulkan.hpp"

namespace forge3d {
namespace {

std::uint64_t round_up(std::uint64_t value, std::uint64_t step) {
  return (value + step - 1) / step * step;
}

// An eighth of what the ledger allows in all: large enough to be few, small enough to waste little.
std::uint64_t default_block_bytes(const Device& device, MemoryUse use) {
  const BudgetLimits limits = device.budget().stats().limits;
  const std::uint64_t limit = use == MemoryUse::kDevice
                                  ? limits.total_bytes
                                  : std::min(limits.total_bytes, limits.host_visible_bytes);
  return std::clamp(limit / 8, kMebibyte, 64 * kMebibyte);
}

bool is_out_of_memory(ErrorCode code) {
  return code == ErrorCode::kBudgetExceeded || code == ErrorCode::kOutOfDeviceMemory;
}

}  // namespace

PoolBlocks::PoolBlocks(std::shared_ptr<Device> device, const MemoryPoolDesc& desc)
    : device_(std::move(device)), desc_(desc) {
  if (desc_.block_bytes == 0) desc_.block_bytes = default_block_bytes(*device_, desc_.memory);
  desc_.block_bytes = round_up(desc_.block_bytes, Placement::kGranuleBytes);
}

PoolBlocks::~PoolBlocks() {
  for (const auto& block : blocks_)
    if (block != nullptr && block->whole != VK_NULL_HANDLE)
      device_->vk().vkDestroyBuffer(device_->handle(), block->whole, nullptr);
}

Result<std::uint32_t> PoolBlocks::grow(const PoolRequest& request, std::uint32_t shard) {
  std::lock_guard lock(mutex_);
  const bool alone = request.is_dedicated() || request.size_bytes > desc_.block_bytes / 2;
  std::uint64_t size_bytes = alone ? request.size_bytes : desc_.block_bytes;
  for (;;) {
    auto added = add(size_bytes, request, shard);
    if (added || !is_out_of_memory(added.error().code) || size_bytes == request.size_bytes)
      return added;
    size_bytes = std::max(request.size_bytes, round_up(size_bytes / 2, Placement::kGranuleBytes));
  }
}

// Asks the ledger before the attempt, so that trying smaller sizes does not count as refusals
// there.
Result<> PoolBlocks::allow(std::uint64_t size_bytes) const {
  const std::uint64_t rest = device_->budget().remaining_bytes(desc_.memory != MemoryUse::kDevice);
  if (size_bytes > rest)
    return fail(
        ErrorCode::kBudgetExceeded,
        fmt::format("a block of {} bytes is over the ledger's rest of {}", size_bytes, rest));
  const std::uint64_t held = held_bytes();
  if (desc_.max_bytes > 0 && (held > desc_.max_bytes || size_bytes > desc_.max_bytes - held))
    return fail(ErrorCode::kBudgetExceeded,
                fmt::format("a block of {} bytes beside {} is over the pool's max_bytes of {}",
                            size_bytes, held, desc_.max_bytes));
  return {};
}

Result<std::uint32_t> PoolBlocks::add(std::uint64_t size_bytes, const PoolRequest& request,
                                      std::uint32_t shard) {
  FORGE3D_TRY(allow(size_bytes));
  const auto vacant = std::find(taken_.begin(), taken_.end(), false);
  if (vacant == taken_.end())
    return fail(ErrorCode::kOutOfDeviceMemory,
                fmt::format("the pool has {} blocks already", kMaxBlocks));
  const auto index = static_cast<std::uint32_t>(vacant - taken_.begin());
  AllocateDesc allocate;
  allocate.requirements = {size_bytes, request.alignment_bytes, 1u << request.memory_type};
  allocate.use = desc_.memory;
  allocate.category = desc_.category;
  allocate.dedicated_buffer = request.dedicated_buffer;
  allocate.dedicated_image = request.dedicated_image;
  allocate.debug_name = desc_.debug_name;
  FORGE3D_TRY_ASSIGN(DeviceMemory memory, device_->allocate(allocate));
  blocks_[index] =
      std::make_unique<PoolBlock>(PoolBlock{std::move(memory), Placement(size_bytes),
                                            request.memory_type, request.is_dedicated(), index});
  *vacant = true;
  ++device_allocations_;
  held_bytes_ += size_bytes;
  set_shard(index, shard);
  return index;
}

std::uint64_t PoolBlocks::drop(std::uint32_t index) {
  std::lock_guard lock(mutex_);
  const std::uint64_t size_bytes = blocks_[index]->memory.size_bytes();
  if (blocks_[index]->whole != VK_NULL_HANDLE)
    device_->vk().vkDestroyBuffer(device_->handle(), blocks_[index]->whole, nullptr);
  blocks_[index].reset();
  taken_[index] = false;
  held_bytes_ -= size_bytes;
  return size_bytes;
}

}  // namespace forge3d
