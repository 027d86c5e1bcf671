// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/memory_pool.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <mutex>

#include "gpu/vulkan.hpp"
#include "memory/handle_table.hpp"
#include "memory/pool_blocks.hpp"

namespace forge3d {
namespace {

constexpr std::uint64_t kShutdownNs = 10'000'000'000;
constexpr std::size_t kReportedLeaks = 16;

struct Resource {
  PoolPlace place;
  VkBuffer buffer = VK_NULL_HANDLE;
  VkImage image = VK_NULL_HANDLE;
  std::string name;
};

struct Retired {
  Serial last_use;
  Resource resource;
  // Turned round, so that the standard heap has the lowest serial on top.
  friend bool operator<(const Retired& a, const Retired& b) { return a.last_use > b.last_use; }
};

}  // namespace

struct MemoryPool::State {
  State(std::shared_ptr<Device> d, const MemoryPoolDesc& pool_desc)
      : device(std::move(d)), desc(pool_desc), blocks(device, pool_desc) {}

  std::shared_ptr<Device> device;
  MemoryPoolDesc desc;
  mutable std::mutex mutex;  // guards all below
  PoolBlocks blocks;
  HandleTable<Resource> handles;
  std::array<std::vector<Retired>, 2> retired;  // a heap for each QueueKind
  PoolStats counters;

  [[nodiscard]] Result<PoolRequest> request_for(const VkMemoryRequirements& requirements,
                                                bool linear) const;
  [[nodiscard]] Result<PoolPlace> place(const PoolRequest& request);
  [[nodiscard]] Result<PoolAllocation> emplace(const VkMemoryRequirements& requirements,
                                               bool linear, Resource resource);
  [[nodiscard]] Result<> bind(const Resource& resource) const;
  [[nodiscard]] PoolAllocation describe(PoolHandle handle, const PoolPlace& place) const;
  void destroy(const Resource& resource);
  [[nodiscard]] Result<> collect();
  void wait_for_retired() const;
  void report_leaks();
  [[nodiscard]] tl::unexpected<Error> stale(PoolHandle handle) const {
    return fail(ErrorCode::kStaleHandle,
                fmt::format("{}: handle {}:{} was released or is not of this pool", desc.debug_name,
                            handle.index, handle.generation));
  }
};

Result<PoolRequest> MemoryPool::State::request_for(const VkMemoryRequirements& requirements,
                                                   bool linear) const {
  if (requirements.size == 0 || requirements.size > OffsetAllocator::kMaxRangeBytes)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: {} bytes were asked, 1 to 2^40 are possible", desc.debug_name,
                            requirements.size));
  if (!std::has_single_bit(requirements.alignment) ||
      requirements.alignment > OffsetAllocator::kMaxRangeBytes)
    return fail(ErrorCode::kInvalidArgument, fmt::format("{}: alignment {} is no power of two",
                                                         desc.debug_name, requirements.alignment));
  const auto type = device->memory_type(requirements.memoryTypeBits, desc.memory);
  if (!type)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: no memory type of this device fits type bits {:#x}",
                            desc.debug_name, requirements.memoryTypeBits));
  const DeviceInfo& info = device->info();
  const bool needs_atoms =
      desc.memory != MemoryUse::kDevice &&
      (info.memory.memoryTypes[*type].propertyFlags & VK_MEMORY_PROPERTY_HOST_COHERENT_BIT) == 0;
  PoolRequest request = make_pool_request(requirements, linear, info.limits.bufferImageGranularity,
                                          needs_atoms ? info.limits.nonCoherentAtomSize : 1);
  request.memory_type = *type;
  return request;
}

Result<PoolPlace> MemoryPool::State::place(const PoolRequest& request) {
  if (auto found = blocks.find(request)) return *found;
  FORGE3D_TRY(collect());
  if (auto found = blocks.find(request)) return *found;
  auto grown = blocks.grow(request);
  if (!grown) ++counters.refusals;
  return grown;
}

Result<PoolAllocation> MemoryPool::State::emplace(const VkMemoryRequirements& requirements,
                                                  bool linear, Resource resource) {
  FORGE3D_TRY_ASSIGN(const PoolRequest request, request_for(requirements, linear));
  std::lock_guard lock(mutex);
  FORGE3D_TRY_ASSIGN(resource.place, place(request));
  if (auto bound = bind(resource); !bound) {
    blocks.free(resource.place);
    return tl::unexpected(std::move(bound).error());
  }
  counters.used_bytes += resource.place.size_bytes;
  counters.peak_used_bytes = std::max(counters.peak_used_bytes, counters.used_bytes);
  ++counters.total_allocated;
  const PoolPlace place = resource.place;
  return describe(handles.insert(std::move(resource)), place);
}

Result<> MemoryPool::State::bind(const Resource& r) const {
  const VkDeviceMemory memory = blocks.memory(r.place.block).handle();
  const VkDevice vk_device = device->handle();
  if (r.buffer != VK_NULL_HANDLE)
    FORGE3D_VK_TRY(*device, device->vk().vkBindBufferMemory(vk_device, r.buffer, memory,
                                                            r.place.offset_bytes));
  if (r.image != VK_NULL_HANDLE)
    FORGE3D_VK_TRY(
        *device, device->vk().vkBindImageMemory(vk_device, r.image, memory, r.place.offset_bytes));
  return {};
}

PoolAllocation MemoryPool::State::describe(PoolHandle handle, const PoolPlace& place) const {
  const DeviceMemory& memory = blocks.memory(place.block);
  return {.handle = handle,
          .memory = memory.handle(),
          .offset_bytes = place.offset_bytes,
          .size_bytes = place.size_bytes,
          .block = place.block,
          .mapped = memory.mapped() == nullptr ? nullptr : memory.mapped() + place.offset_bytes};
}

void MemoryPool::State::destroy(const Resource& resource) {
  if (resource.buffer != VK_NULL_HANDLE)
    device->vk().vkDestroyBuffer(device->handle(), resource.buffer, nullptr);
  if (resource.image != VK_NULL_HANDLE)
    device->vk().vkDestroyImage(device->handle(), resource.image, nullptr);
  blocks.free(resource.place);
}

// On a lost device nothing is in use any more, so all of it is freed before the error is passed on.
Result<> MemoryPool::State::collect() {
  Result<> result;
  for (const QueueKind kind : {QueueKind::kGraphics, QueueKind::kTransfer}) {
    auto& heap = retired[static_cast<std::size_t>(kind)];
    if (heap.empty()) continue;
    const auto done = device->queue(kind).completed();
    if (!done) result = tl::unexpected(done.error());
    while (!heap.empty() && (!done || heap.front().last_use <= *done)) {
      std::pop_heap(heap.begin(), heap.end());
      counters.retiring_bytes -= heap.back().resource.place.size_bytes;
      destroy(heap.back().resource);
      heap.pop_back();
    }
  }
  return result;
}

void MemoryPool::State::wait_for_retired() const {
  for (const QueueKind kind : {QueueKind::kGraphics, QueueKind::kTransfer}) {
    const Queue& queue = device->queue(kind);
    Serial last{0};
    for (const Retired& r : retired[static_cast<std::size_t>(kind)])
      last = std::max(last, r.last_use);
    if (handles.size() > 0) last = queue.last_submitted();  // nobody said when leaked ones are done
    if (auto waited = queue.wait(std::min(last, queue.last_submitted()), kShutdownNs); !waited)
      device->log(LogLevel::kError, fmt::format("{}: freeing memory although {}", desc.debug_name,
                                                waited.error().message));
  }
}

void MemoryPool::State::report_leaks() {
  if (handles.size() == 0) return;
  std::string names;
  std::size_t count = 0;
  handles.for_each([&](const Resource& r) {
    if (++count > kReportedLeaks) return;
    names += fmt::format("{}{} ({} bytes)", count > 1 ? ", " : "",
                         r.name.empty() ? "unnamed" : r.name, r.place.size_bytes);
  });
  device->log(LogLevel::kWarning,
              fmt::format("{}: {} allocations were never released: {}{}", desc.debug_name, count,
                          names, count > kReportedLeaks ? ", ..." : ""));
}

MemoryPool::MemoryPool() = default;

Result<std::shared_ptr<MemoryPool>> MemoryPool::create(std::shared_ptr<Device> device,
                                                       const MemoryPoolDesc& desc) {
  if (device == nullptr)
    return fail(ErrorCode::kInvalidArgument, desc.debug_name + ": the device is null");
  if (desc.block_bytes > OffsetAllocator::kMaxRangeBytes)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: block_bytes {} is over 2^40", desc.debug_name, desc.block_bytes));
  auto pool = std::shared_ptr<MemoryPool>(new MemoryPool());
  pool->state_ = std::make_unique<State>(std::move(device), desc);
  return pool;
}

MemoryPool::~MemoryPool() {
  if (state_ == nullptr) return;
  State& s = *state_;
  std::lock_guard lock(s.mutex);
  s.report_leaks();
  s.wait_for_retired();
  for (auto& heap : s.retired)
    for (const Retired& r : heap) s.destroy(r.resource);
  s.handles.for_each([&](const Resource& r) { s.destroy(r); });
}

Result<PoolAllocation> MemoryPool::allocate(const VkMemoryRequirements& requirements, bool linear,
                                            std::string_view debug_name) {
  return state_->emplace(requirements, linear, Resource{.name = std::string(debug_name)});
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
  VkBuffer buffer = VK_NULL_HANDLE;
  FORGE3D_VK_TRY(device, device.vk().vkCreateBuffer(device.handle(), &info, nullptr, &buffer));
  device.set_debug_name(VK_OBJECT_TYPE_BUFFER, reinterpret_cast<std::uint64_t>(buffer), debug_name);
  VkMemoryRequirements requirements{};
  device.vk().vkGetBufferMemoryRequirements(device.handle(), buffer, &requirements);
  auto placed =
      state_->emplace(requirements, true, {.buffer = buffer, .name = std::string(debug_name)});
  if (!placed) {
    device.vk().vkDestroyBuffer(device.handle(), buffer, nullptr);
    return tl::unexpected(std::move(placed).error());
  }
  return PoolBuffer{*placed, buffer};
}

Result<PoolImage> MemoryPool::create_image(const VkImageCreateInfo& info,
                                           std::string_view debug_name) {
  const Device& device = *state_->device;
  if (info.extent.width == 0 || info.extent.height == 0 || info.extent.depth == 0 ||
      info.mipLevels == 0 || info.arrayLayers == 0)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: an image with an extent, level or layer count of 0",
                            state_->desc.debug_name));
  VkImage image = VK_NULL_HANDLE;
  FORGE3D_VK_TRY(device, device.vk().vkCreateImage(device.handle(), &info, nullptr, &image));
  device.set_debug_name(VK_OBJECT_TYPE_IMAGE, reinterpret_cast<std::uint64_t>(image), debug_name);
  VkMemoryRequirements requirements{};
  device.vk().vkGetImageMemoryRequirements(device.handle(), image, &requirements);
  auto placed = state_->emplace(requirements, info.tiling == VK_IMAGE_TILING_LINEAR,
                                {.image = image, .name = std::string(debug_name)});
  if (!placed) {
    device.vk().vkDestroyImage(device.handle(), image, nullptr);
    return tl::unexpected(std::move(placed).error());
  }
  return PoolImage{*placed, image};
}

Result<> MemoryPool::retain(PoolHandle handle) {
  std::lock_guard lock(state_->mutex);
  if (state_->handles.find(handle) == nullptr) return state_->stale(handle);
  if (!state_->handles.retain(handle))
    return fail(ErrorCode::kInvalidArgument,
                state_->desc.debug_name + ": a handle with 2^32 - 1 references");
  return {};
}

Result<> MemoryPool::release(PoolHandle handle, Ticket last_use) {
  State& s = *state_;
  std::lock_guard lock(s.mutex);
  if (s.handles.find(handle) == nullptr) return s.stale(handle);
  auto last = s.handles.release(handle);
  if (!last) return {};
  ++s.counters.total_freed;
  s.counters.used_bytes -= last->place.size_bytes;
  if (last_use.serial.value == 0) {
    s.destroy(*last);
    return {};
  }
  s.counters.retiring_bytes += last->place.size_bytes;
  auto& heap = s.retired[static_cast<std::size_t>(last_use.queue)];
  heap.push_back({last_use.serial, std::move(*last)});
  std::push_heap(heap.begin(), heap.end());
  return {};
}

Result<PoolAllocation> MemoryPool::lookup(PoolHandle handle) const {
  std::lock_guard lock(state_->mutex);
  const Resource* resource = state_->handles.find(handle);
  if (resource == nullptr) return state_->stale(handle);
  return state_->describe(handle, resource->place);
}

Result<> MemoryPool::flush(PoolHandle handle) const {
  std::lock_guard lock(state_->mutex);
  const Resource* resource = state_->handles.find(handle);
  if (resource == nullptr) return state_->stale(handle);
  const PoolPlace& place = resource->place;
  return state_->blocks.memory(place.block).flush(place.offset_bytes, place.size_bytes);
}

Result<> MemoryPool::invalidate(PoolHandle handle) const {
  std::lock_guard lock(state_->mutex);
  const Resource* resource = state_->handles.find(handle);
  if (resource == nullptr) return state_->stale(handle);
  const PoolPlace& place = resource->place;
  return state_->blocks.memory(place.block).invalidate(place.offset_bytes, place.size_bytes);
}

Result<> MemoryPool::collect() {
  std::lock_guard lock(state_->mutex);
  return state_->collect();
}

std::uint64_t MemoryPool::trim() {
  std::lock_guard lock(state_->mutex);
  (void)state_
      ->collect();  // a lost device frees everything; its error comes from the calls that use it
  return state_->blocks.trim();
}

PoolStats MemoryPool::stats(bool with_blocks) const {
  std::lock_guard lock(state_->mutex);
  PoolStats stats = state_->counters;
  stats.active_allocations = state_->handles.size();
  state_->blocks.add_to(stats, with_blocks);
  return stats;
}

}  // namespace forge3d
