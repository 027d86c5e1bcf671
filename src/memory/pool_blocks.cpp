// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "memory/pool_blocks.hpp"

#include <fmt/format.h>

#include <algorithm>

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

PoolRequest make_pool_request(const VkMemoryRequirements& requirements, bool linear,
                              std::uint64_t granularity_bytes, std::uint64_t atom_bytes) {
  std::uint64_t unit = std::max({OffsetAllocator::kGranuleBytes, atom_bytes, std::uint64_t{1}});
  if (!linear) unit = std::max(unit, granularity_bytes);
  return {.size_bytes = round_up(requirements.size, unit),
          .alignment_bytes = std::max<std::uint64_t>(requirements.alignment, unit)};
}

PoolBlocks::PoolBlocks(std::shared_ptr<Device> device, const MemoryPoolDesc& desc)
    : device_(std::move(device)), desc_(desc) {
  if (desc_.block_bytes == 0) desc_.block_bytes = default_block_bytes(*device_, desc_.memory);
  desc_.block_bytes = round_up(desc_.block_bytes, OffsetAllocator::kGranuleBytes);
}

std::optional<PoolPlace> PoolBlocks::find(const PoolRequest& request) {
  for (std::uint32_t i = 0; i < blocks_.size(); ++i)
    if (blocks_[i] != nullptr && blocks_[i]->memory_type == request.memory_type)
      if (auto place = find_in(i, request)) return place;
  return std::nullopt;
}

std::optional<PoolPlace> PoolBlocks::find_in(std::uint32_t index, const PoolRequest& request) {
  const auto got = blocks_[index]->places.allocate(request.size_bytes, request.alignment_bytes);
  if (!got) return std::nullopt;
  return PoolPlace{index, got->node, got->offset_bytes, got->size_bytes};
}

Result<PoolPlace> PoolBlocks::grow(const PoolRequest& request) {
  std::uint64_t size_bytes =
      request.size_bytes > desc_.block_bytes / 2 ? request.size_bytes : desc_.block_bytes;
  for (bool trimmed = false;;) {
    auto added = add_block(size_bytes, request);
    if (added) return *find_in(*added, request);
    if (!is_out_of_memory(added.error().code)) return tl::unexpected(std::move(added).error());
    if (!trimmed && (trimmed = true, trim() > 0)) continue;
    if (size_bytes == request.size_bytes)
      return tl::unexpected(refusal(request, std::move(added).error()));
    size_bytes =
        std::max(request.size_bytes, round_up(size_bytes / 2, OffsetAllocator::kGranuleBytes));
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
  if (desc_.max_bytes > 0 &&
      (held_bytes_ > desc_.max_bytes || size_bytes > desc_.max_bytes - held_bytes_))
    return fail(ErrorCode::kBudgetExceeded,
                fmt::format("a block of {} bytes beside {} is over the pool's max_bytes of {}",
                            size_bytes, held_bytes_, desc_.max_bytes));
  return {};
}

Result<std::uint32_t> PoolBlocks::add_block(std::uint64_t size_bytes, const PoolRequest& request) {
  FORGE3D_TRY(allow(size_bytes));
  AllocateDesc allocate;
  allocate.requirements = {size_bytes, request.alignment_bytes, 1u << request.memory_type};
  allocate.use = desc_.memory;
  allocate.category = desc_.category;
  allocate.debug_name = desc_.debug_name;
  FORGE3D_TRY_ASSIGN(DeviceMemory memory, device_->allocate(allocate));
  ++device_allocations_;
  held_bytes_ += size_bytes;
  auto block = std::make_unique<Block>(
      Block{std::move(memory), OffsetAllocator(size_bytes), request.memory_type});
  const auto vacant = std::find(blocks_.begin(), blocks_.end(), nullptr);
  const auto index = static_cast<std::uint32_t>(vacant - blocks_.begin());
  if (vacant == blocks_.end())
    blocks_.push_back(std::move(block));
  else
    *vacant = std::move(block);
  return index;
}

Error PoolBlocks::refusal(const PoolRequest& request, Error cause) const {
  return fail_from(std::move(cause),
                   fmt::format(
                       "{}: {} bytes were asked; its blocks have {} free, the largest hole is {}; "
                       "the ledger has {} left",
                       desc_.debug_name, request.size_bytes, free_bytes(), largest_free_bytes(),
                       device_->budget().remaining_bytes(desc_.memory != MemoryUse::kDevice)))
      .value();
}

void PoolBlocks::free(const PoolPlace& place) { blocks_[place.block]->places.free(place.node); }

std::uint64_t PoolBlocks::trim() {
  std::uint64_t dropped_bytes = 0;
  for (auto& block : blocks_) {
    if (block == nullptr || block->places.allocation_count() > 0) continue;
    dropped_bytes += block->memory.size_bytes();
    block.reset();
  }
  held_bytes_ -= dropped_bytes;
  return dropped_bytes;
}

std::uint64_t PoolBlocks::free_bytes() const {
  std::uint64_t sum = 0;
  for (const auto& block : blocks_)
    if (block != nullptr) sum += block->places.free_bytes();
  return sum;
}

std::uint64_t PoolBlocks::largest_free_bytes() const {
  std::uint64_t largest = 0;
  for (const auto& block : blocks_)
    if (block != nullptr) largest = std::max(largest, block->places.largest_free_bytes());
  return largest;
}

void PoolBlocks::add_to(PoolStats& stats, bool with_blocks) const {
  stats.block_bytes = held_bytes_;
  stats.device_allocations = device_allocations_;
  stats.largest_free_block_bytes = largest_free_bytes();
  const std::uint64_t free = free_bytes();
  stats.fragmentation_ratio = free == 0 ? 0
                                        : 1 - static_cast<double>(stats.largest_free_block_bytes) /
                                                  static_cast<double>(free);
  for (const auto& block : blocks_) {
    if (block == nullptr) continue;
    ++stats.block_count;
    if (with_blocks)
      stats.blocks.push_back({block->memory.size_bytes(), block->places.used_bytes(),
                              block->places.largest_free_bytes(),
                              block->places.allocation_count()});
  }
}

}  // namespace forge3d
