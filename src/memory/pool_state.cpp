// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "memory/pool_state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <thread>

#include "gpu/vulkan.hpp"

namespace forge3d {
namespace {

// How long pin() waits for moved bytes.
constexpr std::uint64_t kArrivalNs = 10'000'000'000;

// A number that differs from pool to pool, so that foreign handles are found out; in the lower
// half, so that a slot does not wear out.
std::uint32_t first_generation(const void* pool) {
  auto bits =
      static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(pool)) +
      static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
  bits *= 0x9E3779B97F4A7C15u;  // Fibonacci hashing, Knuth 6.4
  return static_cast<std::uint32_t>(bits >> 33) | 1;
}

// Gives a place back unless it was kept.
struct PlaceGuard {
  ~PlaceGuard() {
    if (!kept) places.free(id);
  }
  Placement& places;
  Placement::Id id;
  bool kept = false;
};

}  // namespace

MemoryPool::State::State(std::shared_ptr<Device> d, const MemoryPoolDesc& pool_desc)
    : device(std::move(d)),
      desc(pool_desc),
      blocks(device, pool_desc),
      slots(first_generation(this)),
      events(pool_desc.event_limit),
      mover(device) {
  shard_count = std::clamp(std::bit_ceil(std::thread::hardware_concurrency()), 1u, kMaxShards);
}

std::size_t MemoryPool::State::size_class(std::uint64_t size_bytes) {
  return std::min<std::size_t>(static_cast<std::size_t>(std::bit_width(size_bytes)) - 1, 39);
}

std::uint64_t MemoryPool::State::block_count() const {
  std::uint64_t count = 0;
  for (const PoolShard& shard : shards) count += shard.blocks.size();
  return count;
}

void MemoryPool::State::AllLocked::lock() {
  for (std::uint32_t i = 0; i < state_.shard_count; ++i) {
    state_.shards[i].mutex.lock();
    state_.shards[i].changed = true;
  }
  locked_ = true;
}

void MemoryPool::State::AllLocked::unlock() {
  for (std::uint32_t i = state_.shard_count; i-- > 0;) state_.shards[i].mutex.unlock();
  locked_ = false;
}

// The device's choice for the usual type bits is remembered.
std::optional<std::uint32_t> MemoryPool::State::memory_type(std::uint32_t type_bits) {
  constexpr std::uint64_t kKnown = std::uint64_t{1} << 31;
  const std::uint64_t known = known_type.load(std::memory_order_relaxed);
  if (known >> 32 == type_bits && (known & kKnown) != 0)
    return static_cast<std::uint32_t>(known & (kKnown - 1));
  const auto type = device->memory_type(type_bits, desc.memory);
  if (type)
    known_type.store(std::uint64_t{type_bits} << 32 | kKnown | *type, std::memory_order_relaxed);
  return type;
}

// Into the caller's memory: a Result of so much would be copied on the way.
Result<> MemoryPool::State::make_request(const NewResource& resource, PoolRequest& request) {
  const VkMemoryRequirements& needs = resource.requirements;
  if (needs.size == 0 || needs.size > Placement::kMaxRangeBytes)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: {} bytes were asked, 1 to {} are possible", desc.debug_name,
                            needs.size, Placement::kMaxRangeBytes));
  if (!OffsetAllocator::is_alignment(needs.alignment))
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: alignment {} is no power of two up to 2^34", desc.debug_name,
                            needs.alignment));
  const auto type = memory_type(needs.memoryTypeBits);
  if (!type)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: no memory type of this device fits type bits {:#x}",
                            desc.debug_name, needs.memoryTypeBits));
  if (resource.linear && desc.memory == MemoryUse::kDevice) {
    request = make_pool_request(needs, true, 1, 1);
  } else {
    const DeviceInfo& info = device->info();
    const bool needs_atoms =
        desc.memory != MemoryUse::kDevice &&
        (info.memory.memoryTypes[*type].propertyFlags & VK_MEMORY_PROPERTY_HOST_COHERENT_BIT) == 0;
    request = make_pool_request(needs, resource.linear, info.limits.bufferImageGranularity,
                                needs_atoms ? info.limits.nonCoherentAtomSize : 1);
  }
  request.memory_type = *type;
  if (resource.dedicated) {
    request.dedicated_buffer = resource.buffer;
    request.dedicated_image = resource.image;
  }
  return {};
}

// The first shard behind `index` that nobody holds; else that one, after a wait.
std::uint32_t MemoryPool::State::lock_another(std::uint32_t index) {
  const std::uint32_t mask = shard_count - 1;  // a power of two less one
  for (std::uint32_t step = 1; step <= mask; ++step)
    if (shards[(index + step) & mask].mutex.try_lock()) return (index + step) & mask;
  shards[index].mutex.lock();
  return index;
}

// Threads that meet go separate ways and stay there. The number says only where a thread looks
// first, in any pool.
PoolShard& MemoryPool::State::lock_home(std::unique_lock<std::mutex>& lock) {
  static thread_local std::uint32_t home = 0;
  std::uint32_t index = home & (shard_count - 1);
  if (!shards[index].mutex.try_lock()) home = index = lock_another(index);
  PoolShard& shard = shards[index];
  lock = std::unique_lock(shard.mutex, std::adopt_lock);
  shard.changed = true;
  if (index >= shards_in_use.load(std::memory_order_relaxed)) {
    std::uint32_t used = shards_in_use.load();
    while (used <= index && !shards_in_use.compare_exchange_weak(used, index + 1)) {
    }
  }
  return shard;
}

Result<PoolAllocation> MemoryPool::State::emplace(const NewResource& resource) {
  PoolRequest request;
  FORGE3D_TRY(make_request(resource, request));
  std::uint32_t index = 0;
  {
    std::unique_lock<std::mutex> lock;
    PoolShard& shard = lock_home(lock);
    if (const auto place = find(shard, request)) return settle(shard, *place, request, resource);
    index = static_cast<std::uint32_t>(&shard - shards.data());
    FORGE3D_TRY_ASSIGN(const auto grown, grow(shard, index, request));
    if (grown) return settle(shard, *grown, request, resource);
  }
  FORGE3D_TRY_ASSIGN(const auto placed, emplace_elsewhere(index, request, resource));
  if (placed) return *placed;
  return press(request, resource);
}

Result<> MemoryPool::State::make_spare_room(PoolShard& shard) {
  if (slots.add_spare(shard.spare_slots)) return {};
  return fail(ErrorCode::kOutOfHostMemory,
              fmt::format("{}: {} allocations are live, more are not possible", desc.debug_name,
                          PoolSlots::kMaxSlots));
}

std::optional<PoolPlace> MemoryPool::State::find(PoolShard& shard, const PoolRequest& request) {
  if (request.is_dedicated()) return std::nullopt;
  // Both are whole granules, see make_pool_request().
  const auto size = static_cast<std::uint32_t>(request.size_bytes / Placement::kGranuleBytes);
  const auto alignment =
      static_cast<std::uint32_t>(request.alignment_bytes / Placement::kGranuleBytes);
  const std::size_t count = shard.blocks.size();
  for (std::size_t i = 0; i < count; ++i) {
    // The block of the last success first, then from the oldest on.
    const std::size_t position = i == 0 ? shard.recent : i - (i <= shard.recent ? 1 : 0);
    const std::uint32_t index = shard.blocks[position];
    PoolBlock& block = blocks[index];
    if (block.memory_type != request.memory_type || block.dedicated) continue;
    const Placement::Place got = block.places.place(size, alignment);
    if (got.id == Placement::kNowhere) continue;
    shard.recent = position;
    return PoolPlace{index, got.id, got.offset_granules * Placement::kGranuleBytes,
                     request.size_bytes};
  }
  return std::nullopt;
}

// The place is given back when anything fails.
Result<PoolAllocation> MemoryPool::State::settle(PoolShard& shard, const PoolPlace& place,
                                                 const PoolRequest& request,
                                                 const NewResource& resource) {
  Placement& places = blocks[place.block].places;
  PlaceGuard guard{places, place.id};
  if (shard.spare_slots.empty()) FORGE3D_TRY(make_spare_room(shard));
  const std::uint32_t index = shard.spare_slots.back();
  PoolSlot& slot = slots[index];
  if (!(slot.name.empty() && resource.name.empty())) slot.name.assign(resource.name);
  if (resource.buffer != VK_NULL_HANDLE || resource.image != VK_NULL_HANDLE)
    FORGE3D_TRY(bind(place, resource.buffer, resource.image));
  guard.kept = true;
  shard.spare_slots.pop_back();
  places.set_owner(place.id, index);
  slot.set_place(place);
  slot.buffer = resource.buffer;
  slot.image = resource.image;
  slot.pins = 1;
  slot.stays = slot.reported = false;
  slot.last_use = {};
  slot.ready = {};
  slot.set_alignment_bytes(request.alignment_bytes);
  slot.buffer_bytes = resource.buffer_bytes;
  slot.usage = resource.usage;
  slot.image_usage = resource.image_usage;
  slot.linear = resource.linear;
  ++shard.live;
  ++shard.total_allocated;
  ++shard.size_histogram[size_class(place.size_bytes)];
  shard.used_bytes += place.size_bytes;
  shard.peak_used_bytes = std::max(shard.peak_used_bytes, shard.used_bytes);
  const PoolHandle handle = slots.open(index);
  if (events.enabled())
    events.add(PoolEvents::Kind::kAllocate, handle, place, request.alignment_bytes);
  return describe(handle, slot);
}

Result<> MemoryPool::State::bind(const PoolPlace& place, VkBuffer buffer, VkImage image) const {
  const VkDeviceMemory memory = blocks[place.block].memory.handle();
  const VolkDeviceTable& vk = device->vk();
  if (buffer != VK_NULL_HANDLE)
    FORGE3D_VK_TRY(*device,
                   vk.vkBindBufferMemory(device->handle(), buffer, memory, place.offset_bytes));
  if (image != VK_NULL_HANDLE)
    FORGE3D_VK_TRY(*device,
                   vk.vkBindImageMemory(device->handle(), image, memory, place.offset_bytes));
  return {};
}

PoolAllocation MemoryPool::State::describe(PoolHandle handle, const PoolSlot& slot) const {
  const PoolPlace place = slot.place();
  const DeviceMemory& memory = blocks[place.block].memory;
  return {.handle = handle,
          .memory = memory.handle(),
          .offset_bytes = place.offset_bytes,
          .size_bytes = place.size_bytes,
          .block = place.block,
          .mapped = memory.mapped() == nullptr ? nullptr : memory.mapped() + place.offset_bytes,
          .buffer = slot.buffer,
          .image = slot.image,
          .ready = {QueueKind::kGraphics, slot.ready}};
}

// A slot may change shards until its lock is held.
void MemoryPool::State::lock_shard_of(const PoolSlot& slot,
                                      std::unique_lock<std::mutex>& lock) const {
  for (;;) {
    const std::uint32_t shard = blocks.shard_of(slot.block.load(std::memory_order_acquire));
    lock = std::unique_lock(shards[shard].mutex);
    shards[shard].changed = true;
    if (blocks.shard_of(slot.block.load(std::memory_order_acquire)) == shard) return;
    lock.unlock();
  }
}

PoolSlot* MemoryPool::State::lock_slot(PoolHandle handle,
                                       std::unique_lock<std::mutex>& lock) const {
  PoolSlot* slot = slots.find(handle);
  if (slot == nullptr) return nullptr;
  lock_shard_of(*slot, lock);
  if (slots.find(handle) == slot) return slot;
  lock.unlock();
  return nullptr;
}

Result<PoolAllocation> MemoryPool::State::pin(PoolHandle handle) {
  std::unique_lock<std::mutex> lock;
  PoolSlot* slot = lock_slot(handle, lock);
  if (slot == nullptr) return stale(handle);
  if (slot->pins == std::numeric_limits<std::uint32_t>::max())
    return fail(ErrorCode::kInvalidArgument, desc.debug_name + ": a handle with 2^32 - 1 pins");
  ++slot->pins;
  const PoolAllocation allocation = describe(handle, *slot);
  if (desc.memory == MemoryUse::kDevice || slot->ready.value == 0) return allocation;
  lock.unlock();  // the processor is about to touch bytes that the device may still be copying
  const auto arrived = device->wait(allocation.ready, kArrivalNs);
  if (arrived) return allocation;
  (void)unpin(handle, {});
  return tl::unexpected(arrived.error());
}

Result<> MemoryPool::State::unpin(PoolHandle handle, Ticket last_use) {
  std::unique_lock<std::mutex> lock;
  PoolSlot* slot = lock_slot(handle, lock);
  if (slot == nullptr) return stale(handle);
  if (slot->pins == 0)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: handle {}:{} is not pinned", desc.debug_name, handle.index,
                            handle.generation));
  --slot->pins;
  Serial& last = slot->last_use[static_cast<std::size_t>(last_use.queue)];
  last = std::max(last, last_use.serial);
  return {};
}

tl::unexpected<Error> MemoryPool::State::stale(PoolHandle handle) const {
  return fail(ErrorCode::kStaleHandle,
              fmt::format("{}: handle {}:{} was released or is not of this pool", desc.debug_name,
                          handle.index, handle.generation));
}

}  // namespace forge3d
