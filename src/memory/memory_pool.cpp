// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/memory_pool.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gpu/vulkan.hpp"
#include "memory/guard_host_memory.hpp"
#include "memory/pool_state.hpp"

namespace forge3d {
namespace {

// How long pin() waits for moved bytes.
constexpr std::uint64_t kArrivalNs = 10'000'000'000;

// Asks the driver what a buffer or image needs, and whether it wants memory of its own.
template <class Info, class Query>
void query_requirements(NewResource& resource, Query query, const Info& info) {
  VkMemoryDedicatedRequirements dedicated{VK_STRUCTURE_TYPE_MEMORY_DEDICATED_REQUIREMENTS};
  VkMemoryRequirements2 requirements{VK_STRUCTURE_TYPE_MEMORY_REQUIREMENTS_2, &dedicated};
  query(&info, &requirements);
  resource.requirements = requirements.memoryRequirements;
  resource.dedicated = dedicated.prefersDedicatedAllocation != VK_FALSE ||
                       dedicated.requiresDedicatedAllocation != VK_FALSE;
}

}  // namespace

MemoryPool::MemoryPool() = default;

Result<std::shared_ptr<MemoryPool>> MemoryPool::create(std::shared_ptr<Device> device,
                                                       const MemoryPoolDesc& desc) {
  if (device == nullptr)
    return fail(ErrorCode::kInvalidArgument, desc.debug_name + ": the device is null");
  if (desc.block_bytes > Placement::kMaxRangeBytes)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: block_bytes {} is over {}", desc.debug_name, desc.block_bytes,
                            Placement::kMaxRangeBytes));
  return guard_host_memory([&]() -> Result<std::shared_ptr<MemoryPool>> {
    auto pool = std::shared_ptr<MemoryPool>(new MemoryPool());
    pool->state_ = std::make_unique<State>(std::move(device), desc);
    return pool;
  });
}

MemoryPool::~MemoryPool() = default;

Result<PoolAllocation> MemoryPool::allocate(const VkMemoryRequirements& requirements, bool linear,
                                            std::string_view debug_name) {
  return guard_host_memory([&] {
    return state_->emplace({.requirements = requirements, .linear = linear, .name = debug_name});
  });
}

Result<PoolBuffer> MemoryPool::create_buffer(std::uint64_t size_bytes, VkBufferUsageFlags usage,
                                             std::string_view debug_name) {
  const Device& device = *state_->device;
  if (size_bytes == 0)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: a buffer of 0 bytes", state_->desc.debug_name));
  VkBufferCreateInfo info{VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO};
  info.size = size_bytes;
  info.usage = usage;
  NewResource resource{.buffer_bytes = size_bytes, .usage = usage, .name = debug_name};
  FORGE3D_VK_TRY(device,
                 device.vk().vkCreateBuffer(device.handle(), &info, nullptr, &resource.buffer));
  if (!debug_name.empty())
    device.set_debug_name(VK_OBJECT_TYPE_BUFFER, reinterpret_cast<std::uint64_t>(resource.buffer),
                          debug_name);
  const VkBufferMemoryRequirementsInfo2 query{VK_STRUCTURE_TYPE_BUFFER_MEMORY_REQUIREMENTS_INFO_2,
                                              nullptr, resource.buffer};
  query_requirements(
      resource,
      [&](const auto* in, auto* out) {
        device.vk().vkGetBufferMemoryRequirements2(device.handle(), in, out);
      },
      query);
  auto placed = guard_host_memory([&] { return state_->emplace(resource); });
  if (!placed) {
    device.vk().vkDestroyBuffer(device.handle(), resource.buffer, nullptr);
    return tl::unexpected(std::move(placed).error());
  }
  return PoolBuffer{*placed, resource.buffer};
}

Result<PoolImage> MemoryPool::create_image(const VkImageCreateInfo& info,
                                           std::string_view debug_name) {
  const Device& device = *state_->device;
  if (info.extent.width == 0 || info.extent.height == 0 || info.extent.depth == 0 ||
      info.mipLevels == 0 || info.arrayLayers == 0)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: an image with an extent, level or layer count of 0",
                            state_->desc.debug_name));
  NewResource resource{.linear = info.tiling == VK_IMAGE_TILING_LINEAR,
                       .image_usage = info.usage,
                       .name = debug_name};
  FORGE3D_VK_TRY(device,
                 device.vk().vkCreateImage(device.handle(), &info, nullptr, &resource.image));
  if (!debug_name.empty())
    device.set_debug_name(VK_OBJECT_TYPE_IMAGE, reinterpret_cast<std::uint64_t>(resource.image),
                          debug_name);
  const VkImageMemoryRequirementsInfo2 query{VK_STRUCTURE_TYPE_IMAGE_MEMORY_REQUIREMENTS_INFO_2,
                                             nullptr, resource.image};
  query_requirements(
      resource,
      [&](const auto* in, auto* out) {
        device.vk().vkGetImageMemoryRequirements2(device.handle(), in, out);
      },
      query);
  auto placed = guard_host_memory([&] { return state_->emplace(resource); });
  if (!placed) {
    device.vk().vkDestroyImage(device.handle(), resource.image, nullptr);
    return tl::unexpected(std::move(placed).error());
  }
  return PoolImage{*placed, resource.image};
}

Result<> MemoryPool::retain(PoolHandle handle) {
  const std::uint32_t before = state_->slots.retain(handle);
  if (before == 0) return state_->stale(handle);
  if (before == std::numeric_limits<std::uint32_t>::max())
    return fail(ErrorCode::kInvalidArgument,
                state_->desc.debug_name + ": a handle with 2^32 - 1 references");
  return {};
}

Result<> MemoryPool::release(PoolHandle handle, Ticket last_use) {
  State& s = *state_;
  if (last_use.serial.value > 0) {
    std::unique_lock<std::mutex> lock;
    PoolSlot* slot = s.lock_slot(handle, lock);
    if (slot == nullptr) return s.stale(handle);
    Serial& last = slot->last_use[static_cast<std::size_t>(last_use.queue)];
    last = std::max(last, last_use.serial);
  }
  const PoolSlots::Release released = s.slots.release(handle);
  if (released == PoolSlots::Release::kStale) return s.stale(handle);
  if (released == PoolSlots::Release::kLast) s.retire(handle);
  return {};
}

Result<PoolAllocation> MemoryPool::lookup(PoolHandle handle) const {
  std::unique_lock<std::mutex> lock;
  const PoolSlot* slot = state_->lock_slot(handle, lock);
  if (slot == nullptr) return state_->stale(handle);
  return state_->describe(handle, *slot);
}

Result<PoolAllocation> MemoryPool::pin(PoolHandle handle) {
  State& s = *state_;
  std::unique_lock<std::mutex> lock;
  PoolSlot* slot = s.lock_slot(handle, lock);
  if (slot == nullptr) return s.stale(handle);
  if (slot->pins == std::numeric_limits<std::uint32_t>::max())
    return fail(ErrorCode::kInvalidArgument, s.desc.debug_name + ": a handle with 2^32 - 1 pins");
  ++slot->pins;
  const PoolAllocation allocation = s.describe(handle, *slot);
  if (s.desc.memory == MemoryUse::kDevice || slot->ready.value == 0) return allocation;
  lock.unlock();  // the processor is about to touch bytes that the device may still be copying
  const auto arrived = s.device->wait(allocation.ready, kArrivalNs);
  if (arrived) return allocation;
  (void)unpin(handle);
  return tl::unexpected(arrived.error());
}

Result<> MemoryPool::unpin(PoolHandle handle, Ticket last_use) {
  State& s = *state_;
  std::unique_lock<std::mutex> lock;
  PoolSlot* slot = s.lock_slot(handle, lock);
  if (slot == nullptr) return s.stale(handle);
  if (slot->pins == 0)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: handle {}:{} is not pinned", s.desc.debug_name, handle.index,
                            handle.generation));
  --slot->pins;
  Serial& last = slot->last_use[static_cast<std::size_t>(last_use.queue)];
  last = std::max(last, last_use.serial);
  return {};
}

std::vector<PoolAllocation> MemoryPool::moved() {
  State& s = *state_;
  std::vector<PoolHandle> handles;
  {
    std::lock_guard lock(s.moved_mutex);
    handles.swap(s.moved_handles);
  }
  std::vector<PoolAllocation> allocations;
  for (const PoolHandle handle : handles) {
    std::unique_lock<std::mutex> lock;
    PoolSlot* slot = s.lock_slot(handle, lock);
    if (slot == nullptr) continue;  // released since
    slot->reported = false;
    allocations.push_back(s.describe(handle, *slot));
  }
  return allocations;
}

Result<> MemoryPool::flush(PoolHandle handle) const {
  std::unique_lock<std::mutex> lock;
  const PoolSlot* slot = state_->lock_slot(handle, lock);
  if (slot == nullptr) return state_->stale(handle);
  return state_->blocks[slot->place().block].memory.flush(slot->offset_bytes, slot->size_bytes);
}

Result<> MemoryPool::invalidate(PoolHandle handle) const {
  std::unique_lock<std::mutex> lock;
  const PoolSlot* slot = state_->lock_slot(handle, lock);
  if (slot == nullptr) return state_->stale(handle);
  return state_->blocks[slot->place().block].memory.invalidate(slot->offset_bytes,
                                                               slot->size_bytes);
}

Result<> MemoryPool::collect() {
  std::lock_guard slow(state_->slow_mutex);
  const State::AllLocked all(*state_);
  return state_->collect_all();
}

std::uint64_t MemoryPool::trim() {
  std::lock_guard slow(state_->slow_mutex);
  const State::AllLocked all(*state_);
  (void)state_->collect_all();  // a lost device frees everything; its error comes from its users
  return state_->drop_empty_blocks(~std::uint64_t{0});
}

PoolReference::PoolReference(const PoolReference& other)
    : pool_(other.pool_), handle_(other.handle_) {
  if (handle_ && !pool_->retain(handle_)) handle_ = {};
}

void PoolReference::reset(Ticket last_use) {
  if (handle_) (void)pool_->release(handle_, last_use);  // ours, so it is not stale
  handle_ = {};
  pool_.reset();
}

}  // namespace forge3d
