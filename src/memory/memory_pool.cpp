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

// Gives a new buffer or image its name and its place: asks the driver what it needs and whether it
// wants memory of its own. It is destroyed when there is no place.
template <class State, class Handle, class Info, class Query, class Destroy>
Result<PoolAllocation> place_new(State& state, NewResource& resource, VkObjectType type,
                                 Handle handle, const Info& info, Query query, Destroy destroy) {
  const Device& device = *state.device;
  if (!resource.name.empty())
    device.set_debug_name(type, reinterpret_cast<std::uint64_t>(handle), resource.name);
  VkMemoryDedicatedRequirements dedicated{VK_STRUCTURE_TYPE_MEMORY_DEDICATED_REQUIREMENTS};
  VkMemoryRequirements2 needs{VK_STRUCTURE_TYPE_MEMORY_REQUIREMENTS_2, &dedicated};
  query(device.handle(), &info, &needs);
  resource.dedicated = dedicated.prefersDedicatedAllocation != VK_FALSE ||
                       dedicated.requiresDedicatedAllocation != VK_FALSE;
  resource.needs = &needs.memoryRequirements;
  auto placed = guard_host_memory([&] { return state.emplace(resource); });
  if (!placed) destroy(device.handle(), handle, nullptr);
  return placed;
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
  const VkBufferMemoryRequirementsInfo2 query{VK_STRUCTURE_TYPE_BUFFER_MEMORY_REQUIREMENTS_INFO_2,
                                              nullptr, resource.buffer};
  FORGE3D_TRY_ASSIGN(
      const PoolAllocation placed,
      place_new(*state_, resource, VK_OBJECT_TYPE_BUFFER, resource.buffer, query,
                device.vk().vkGetBufferMemoryRequirements2, device.vk().vkDestroyBuffer));
  return PoolBuffer{placed, resource.buffer};
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
  const VkImageMemoryRequirementsInfo2 query{VK_STRUCTURE_TYPE_IMAGE_MEMORY_REQUIREMENTS_INFO_2,
                                             nullptr, resource.image};
  FORGE3D_TRY_ASSIGN(
      const PoolAllocation placed,
      place_new(*state_, resource, VK_OBJECT_TYPE_IMAGE, resource.image, query,
                device.vk().vkGetImageMemoryRequirements2, device.vk().vkDestroyImage));
  return PoolImage{placed, resource.image};
}

Result<> MemoryPool::retain(PoolHandle handle) {
  return guard_host_memory([&] { return state_->retain(handle); });
}

Result<PoolAllocation> MemoryPool::lookup(PoolHandle handle) const {
  return guard_host_memory([&]() -> Result<PoolAllocation> {
    ShardLock lock;
    const PoolSlot* slot = state_->lock_slot(handle, lock);
    if (slot == nullptr) return state_->stale(handle);
    return state_->describe(handle, *slot);
  });
}

Result<PoolAllocation> MemoryPool::pin(PoolHandle handle) {
  return guard_host_memory([&] { return state_->pin(handle); });
}

Result<> MemoryPool::unpin(PoolHandle handle, Ticket last_use) {
  return guard_host_memory([&] { return state_->unpin(handle, last_use); });
}

Result<std::vector<PoolAllocation>> MemoryPool::moved() {
  return guard_host_memory(
      [&]() -> Result<std::vector<PoolAllocation>> { return state_->take_moved(); });
}

Result<> MemoryPool::flush(PoolHandle handle) const {
  return guard_host_memory([&]() -> Result<> {
    ShardLock lock;
    const PoolSlot* slot = state_->lock_slot(handle, lock);
    if (slot == nullptr) return state_->stale(handle);
    return state_->blocks[slot->place().block].memory.flush(slot->offset_bytes, slot->size_bytes);
  });
}

Result<> MemoryPool::invalidate(PoolHandle handle) const {
  return guard_host_memory([&]() -> Result<> {
    ShardLock lock;
    const PoolSlot* slot = state_->lock_slot(handle, lock);
    if (slot == nullptr) return state_->stale(handle);
    return state_->blocks[slot->place().block].memory.invalidate(slot->offset_bytes,
                                                                 slot->size_bytes);
  });
}

Result<> MemoryPool::collect() {
  return guard_host_memory([&] {
    std::lock_guard slow(state_->slow_mutex);
    const State::AllLocked all(*state_);
    return state_->collect_all();
  });
}

std::uint64_t MemoryPool::trim(std::uint64_t up_to_bytes) {
  (void)collect();  // a lost device frees everything; its error comes from its users
  std::lock_guard slow(state_->slow_mutex);
  const State::AllLocked all(*state_);
  return state_->drop_empty_blocks(up_to_bytes);
}

Result<PoolMoves> MemoryPool::upkeep(const PoolUpkeep& slice) {
  return guard_host_memory([&] { return state_->upkeep(slice); });
}

Result<PoolMoves> MemoryPool::defragment(
    const std::function<bool(const PoolMoves& so_far)>& go_on) {
  return guard_host_memory([&] { return state_->defragment(go_on); });
}

PoolStats MemoryPool::stats(bool detailed) const { return state_->stats(detailed); }

Result<std::string> MemoryPool::dump_json() const {
  return guard_host_memory([&]() -> Result<std::string> { return state_->dump_json(); });
}

Result<std::string> MemoryPool::events_csv() const {
  return guard_host_memory([&]() -> Result<std::string> { return state_->events.csv(); });
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
