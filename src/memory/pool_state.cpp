// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "memory/pool_state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <thread>

#include "core/always_inline.hpp"
#include "gpu/vulkan.hpp"

namespace forge3d {
namespace {

// One request in so many is timed, the first of a thread too: the clock is read twice, which alone
// takes half as long as a request.
constexpr std::uint32_t kTimedEvery = 64;
constexpr std::uint64_t kTypeIsKnown = std::uint64_t{1} << 31;
// Of a thread, for all pools: the shard it looks at first, and its requests so far.
struct Here {
  std::uint32_t home = 0;
  std::uint32_t requests = 0;
};
thread_local constinit Here here;

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
  const DeviceInfo& info = device->info();
  for (std::uint32_t type = 0; type < info.memory.memoryTypeCount; ++type) {
    const bool needs_atoms =
        desc.memory != MemoryUse::kDevice &&
        (info.memory.memoryTypes[type].propertyFlags & VK_MEMORY_PROPERTY_HOST_COHERENT_BIT) == 0;
    for (const bool linear : {false, true})
      unit_bytes[linear][type] = pool_unit_bytes(linear, info.limits.bufferImageGranularity,
                                                 needs_atoms ? info.limits.nonCoherentAtomSize : 1);
  }
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
FORGE3D_ALWAYS_INLINE bool MemoryPool::State::choose_memory_type(std::uint32_t type_bits,
                                                                 std::uint32_t& type) {
  const std::uint64_t known = known_type.load(std::memory_order_relaxed);
  type = static_cast<std::uint32_t>(known & (kTypeIsKnown - 1));
  if (known >> 32 == type_bits && (known & kTypeIsKnown) != 0) return true;
  return ask_for_memory_type(type_bits, type);
}

bool MemoryPool::State::ask_for_memory_type(std::uint32_t type_bits, std::uint32_t& type) {
  const auto chosen = device->memory_type(type_bits, desc.memory);
  if (!chosen) return false;
  type = *chosen;
  known_type.store(std::uint64_t{type_bits} << 32 | kTypeIsKnown | type, std::memory_order_relaxed);
  return true;
}

// False: see invalid_request().
FORGE3D_ALWAYS_INLINE bool MemoryPool::State::make_request(const VkMemoryRequirements& needs,
                                                           bool linear, PoolRequest& request) {
  std::uint32_t type = 0;
  if (needs.size - 1 >= Placement::kMaxRangeBytes ||
      !OffsetAllocator::is_alignment(needs.alignment) ||
      !choose_memory_type(needs.memoryTypeBits, type))
    return false;
  request = make_pool_request(needs, unit_bytes[linear][type]);
  request.memory_type = type;
  return true;
}

FORGE3D_ALWAYS_INLINE bool MemoryPool::State::make_request(const NewResource& resource,
                                                           PoolRequest& request) {
  if (!make_request(*resource.needs, resource.linear, request)) return false;
  if (resource.dedicated) {
    request.dedicated_buffer = resource.buffer;
    request.dedicated_image = resource.image;
  }
  return true;
}

Error MemoryPool::State::invalid_request(const VkMemoryRequirements& needs) const {
  const auto because = [](std::string rule) {
    return fail(ErrorCode::kInvalidArgument, std::move(rule)).value();
  };
  if (needs.size == 0 || needs.size > Placement::kMaxRangeBytes)
    return because(fmt::format("{}: {} bytes were asked, 1 to {} are possible", desc.debug_name,
                               needs.size, Placement::kMaxRangeBytes));
  if (!OffsetAllocator::is_alignment(needs.alignment))
    return because(fmt::format("{}: alignment {} is no power of two up to 2^34", desc.debug_name,
                               needs.alignment));
  return because(fmt::format("{}: no memory type of this device fits type bits {:#x}",
                             desc.debug_name, needs.memoryTypeBits));
}

// The first shard behind `index` that nobody holds; else that one, after a wait.
std::uint32_t MemoryPool::State::lock_another(std::uint32_t index) {
  const std::uint32_t mask = shard_count - 1;  // a power of two less one
  for (std::uint32_t step = 1; step <= mask; ++step)
    if (shards[(index + step) & mask].mutex.try_lock()) return (index + step) & mask;
  shards[index].mutex.lock();
  return index;
}

// Threads that meet go separate ways and stay there.
FORGE3D_ALWAYS_INLINE PoolShard& MemoryPool::State::lock_home() {
  std::uint32_t index = here.home & (shard_count - 1);
  if (!shards[index].mutex.try_lock()) [[unlikely]]
    here.home = index = lock_another(index);
  PoolShard& shard = shards[index];
  shard.changed = true;
  return shard;
}

void MemoryPool::State::note_in_use(std::uint32_t shard) {
  std::uint32_t used = shards_in_use.load();
  while (used <= shard && !shards_in_use.compare_exchange_weak(used, shard + 1)) {
  }
}

// The usual case is one function that keeps all it knows in registers: nothing here hands out the
// address of the request or of the place. What is not usual starts again in emplace_slowly().
FORGE3D_ALWAYS_INLINE Result<PoolAllocation> MemoryPool::State::allocate(
    const VkMemoryRequirements& needs, bool linear) {
  PoolRequest request;
  if (!make_request(needs, linear, request)) [[unlikely]]
    return tl::unexpected(invalid_request(needs));
  {
    PoolShard& shard = lock_home();
    const std::lock_guard lock(shard.mutex, std::adopt_lock);
    const std::uint32_t index = shard.spare_slot;
    PoolPlace place;
    if (index != PoolSlots::kNone && find_in(shard, request, place)) [[likely]] {
      const PoolHandle handle = begin(shard, index, place, request.alignment_bytes, linear);
      return describe_memory(handle, place, blocks[place.block].memory);
    }
  }
  return emplace_slowly({.needs = &needs, .linear = linear});
}

Result<PoolAllocation> MemoryPool::allocate(const VkMemoryRequirements& requirements, bool linear,
                                            std::string_view debug_name) {
  return guard_host_memory([&]() -> Result<PoolAllocation> {
    if (!debug_name.empty())
      return state_->emplace({.needs = &requirements, .linear = linear, .name = debug_name});
    if (here.requests++ % kTimedEvery == 0)
      return state_->timed(requirements.size,
                           [&] { return state_->allocate(requirements, linear); });
    return state_->allocate(requirements, linear);
  });
}

FORGE3D_ALWAYS_INLINE Result<PoolAllocation> MemoryPool::State::emplace_here(
    const NewResource& resource) {
  PoolRequest request;
  if (!make_request(resource, request)) return tl::unexpected(invalid_request(*resource.needs));
  {
    PoolShard& shard = lock_home();
    const std::lock_guard lock(shard.mutex, std::adopt_lock);
    PoolPlace place;
    if (!request.is_dedicated() && find_in(shard, request, place))
      return settle(shard, place, request, resource);
  }
  return emplace_slowly(resource);
}

Result<PoolAllocation> MemoryPool::State::emplace(const NewResource& resource) {
  if (here.requests++ % kTimedEvery == 0)
    return timed(resource.needs->size, [&] { return emplace_here(resource); });
  return emplace_here(resource);
}

template <class Request>
FORGE3D_NEVER_INLINE Result<PoolAllocation> MemoryPool::State::timed(std::uint64_t size_bytes,
                                                                     Request&& request) {
  const Clock::time_point begin = Clock::now();
  auto placed = request();
  const std::chrono::nanoseconds took = Clock::now() - begin;
  {
    const std::lock_guard lock(latency_mutex);
    latency.add(static_cast<std::uint64_t>(took.count()));
  }
  observe(PoolActivity::kRequest, begin, size_bytes);
  return placed;
}

Result<PoolAllocation> MemoryPool::State::emplace_slowly(const NewResource& resource) {
  PoolRequest request;
  (void)make_request(resource, request);  // it was valid before
  std::uint32_t index = 0;
  {
    PoolShard& shard = lock_home();
    const std::lock_guard lock(shard.mutex, std::adopt_lock);
    index = static_cast<std::uint32_t>(&shard - shards.data());
    note_in_use(index);  // the first request of a shard finds no block and comes here
    FORGE3D_TRY_ASSIGN(const auto grown, grow(shard, index, request));
    if (grown) return settle(shard, *grown, request, resource);
  }
  FORGE3D_TRY_ASSIGN(const auto placed, emplace_elsewhere(index, request, resource));
  if (placed) return *placed;
  return press(request, resource);
}

Result<> MemoryPool::State::make_spare_room(PoolShard& shard) {
  shard.spare_slot = slots.add_spare();
  if (shard.spare_slot != PoolSlots::kNone) return {};
  return fail(ErrorCode::kOutOfHostMemory,
              fmt::format("{}: {} allocations are live, more are not possible", desc.debug_name,
                          PoolSlots::kMaxSlots));
}

// Places a request in a block. Both sizes are whole granules, see make_pool_request().
FORGE3D_ALWAYS_INLINE bool place_in_block(PoolBlock& block, const PoolRequest& request,
                                          PoolPlace& place) {
  const auto size = static_cast<std::uint32_t>(request.size_bytes / Placement::kGranuleBytes);
  const auto alignment =
      static_cast<std::uint32_t>(request.alignment_bytes / Placement::kGranuleBytes);
  const Placement::Place got = block.places.place(size, alignment);
  if (got.id == Placement::kNowhere) return false;
  place = {block.index, got.id, got.offset_granules * Placement::kGranuleBytes, request.size_bytes};
  return true;
}

// False: in none of the shard's blocks. REQUIRES: the request is not dedicated.
FORGE3D_ALWAYS_INLINE bool MemoryPool::State::find_in(PoolShard& shard, const PoolRequest& request,
                                                      PoolPlace& place) {
  PoolBlock* recent = shard.recent;
  if (recent != nullptr && recent->memory_type == request.memory_type &&
      place_in_block(*recent, request, place)) [[likely]]
    return true;
  // Copies, so that the originals stay in registers.
  PoolPlace found;
  if (!find_beyond(shard, PoolRequest(request), found)) return false;
  place = found;
  return true;
}

// From the oldest block on.
bool MemoryPool::State::find_beyond(PoolShard& shard, const PoolRequest& request,
                                    PoolPlace& place) {
  const PoolBlock* tried = shard.recent;
  for (const std::uint32_t index : shard.blocks) {
    PoolBlock& block = blocks[index];
    if (&block == tried || block.memory_type != request.memory_type || block.dedicated ||
        !place_in_block(block, request, place))
      continue;
    shard.recent = &block;
    return true;
  }
  return false;
}

std::optional<PoolPlace> MemoryPool::State::find(PoolShard& shard, const PoolRequest& request) {
  PoolPlace place;
  if (request.is_dedicated() || !find_in(shard, request, place)) return std::nullopt;
  return place;
}

// The allocation begins: a spare slot takes the place.
FORGE3D_ALWAYS_INLINE PoolHandle MemoryPool::State::begin(PoolShard& shard, std::uint32_t index,
                                                          const PoolPlace& place,
                                                          std::uint64_t alignment_bytes,
                                                          bool linear) {
  PoolSlot& slot = slots[index];
  shard.spare_slot = slot.id;
  blocks[place.block].places.set_owner(place.id, index);
  slot.set_place(place);
  slot.pins = 1;
  slot.set_alignment_bytes(alignment_bytes);
  slot.linear = linear;
  ++shard.total_allocated;
  shard.used_bytes += place.size_bytes;
  shard.peak_used_bytes = std::max(shard.peak_used_bytes, shard.used_bytes);
  const PoolHandle handle = PoolSlots::open(index, slot);
  if (events.enabled()) [[unlikely]]
    events.add(PoolEvents::Kind::kAllocate, handle, PoolPlace(place), alignment_bytes);
  return handle;
}

// The place is given back when anything fails; the slot then stays a clean spare one.
Result<PoolAllocation> MemoryPool::State::settle(PoolShard& shard, const PoolPlace& place,
                                                 const PoolRequest& request,
                                                 const NewResource& resource) {
  PlaceGuard guard{blocks[place.block].places, place.id};
  if (shard.spare_slot == PoolSlots::kNone) FORGE3D_TRY(make_spare_room(shard));
  const std::uint32_t index = shard.spare_slot;
  if (resource.is_bound()) FORGE3D_TRY(bind(place, resource));
  if (!resource.name.empty()) slots.set_name(index, resource.name);  // may throw, with no change
  if (resource.is_bound()) own(index, resource);
  guard.kept = true;
  return describe(begin(shard, index, place, request.alignment_bytes, resource.linear),
                  slots[index]);
}

Result<> MemoryPool::State::bind(const PoolPlace& place, const NewResource& resource) const {
  const VkDeviceMemory memory = blocks[place.block].memory.handle();
  const VolkDeviceTable& vk = device->vk();
  if (resource.buffer != VK_NULL_HANDLE)
    FORGE3D_VK_TRY(*device, vk.vkBindBufferMemory(device->handle(), resource.buffer, memory,
                                                  place.offset_bytes));
  if (resource.image != VK_NULL_HANDLE)
    FORGE3D_VK_TRY(*device, vk.vkBindImageMemory(device->handle(), resource.image, memory,
                                                 place.offset_bytes));
  return {};
}

// The buffer or image is destroyed with the slot's allocation from here on.
void MemoryPool::State::own(std::uint32_t index, const NewResource& resource) const {
  PoolSlot& slot = slots[index];
  slot.buffer = resource.buffer;
  slot.image = resource.image;
  slot.plain = false;
  PoolSlotExtra& extra = slots.extra(index);
  extra.buffer_bytes = resource.buffer_bytes;
  extra.usage = resource.usage;
  extra.image_usage = resource.image_usage;
}

FORGE3D_ALWAYS_INLINE PoolAllocation MemoryPool::State::describe_memory(
    PoolHandle handle, const PoolPlace& place, const DeviceMemory& memory) {
  return {.handle = handle,
          .memory = memory.handle(),
          .offset_bytes = place.offset_bytes,
          .size_bytes = place.size_bytes,
          .block = place.block,
          .mapped = memory.mapped() == nullptr ? nullptr : memory.mapped() + place.offset_bytes};
}

PoolAllocation MemoryPool::State::describe(PoolHandle handle, const PoolSlot& slot) const {
  const PoolPlace place = slot.place();
  PoolAllocation allocation = describe_memory(handle, place, blocks[place.block].memory);
  allocation.buffer = slot.buffer;
  allocation.image = slot.image;
  allocation.ready = {QueueKind::kGraphics, slot.ready};
  return allocation;
}

// The slot went to another shard between the look and the lock.
FORGE3D_NEVER_INLINE PoolShard& MemoryPool::State::lock_shard_again(const PoolSlot& slot,
                                                                    PoolShard& wrong) const {
  wrong.mutex.unlock();
  return lock_shard_of(slot);
}

PoolSlot* MemoryPool::State::lock_slot(PoolHandle handle, ShardLock& lock) const {
  PoolSlot* slot = slots.at(handle);
  if (slot == nullptr) return nullptr;
  lock = ShardLock(lock_shard_of(*slot).mutex, std::adopt_lock);
  if (PoolSlots::names(handle, *slot)) return slot;
  lock.unlock();
  return nullptr;
}

Result<PoolAllocation> MemoryPool::State::pin(PoolHandle handle) {
  ShardLock lock;
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
  ShardLock lock;
  PoolSlot* slot = lock_slot(handle, lock);
  if (slot == nullptr) return stale(handle);
  if (slot->pins == 0)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: handle {}:{} is not pinned", desc.debug_name, handle.index,
                            handle.generation));
  --slot->pins;
  slots.note_use(handle.index, last_use);
  return {};
}

tl::unexpected<Error> MemoryPool::State::stale(PoolHandle handle) const {
  return fail(ErrorCode::kStaleHandle,
              fmt::format("{}: handle {}:{} was released or is not of this pool", desc.debug_name,
                          handle.index, handle.generation));
}

}  // namespace forge3d
