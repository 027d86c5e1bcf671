// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "forge3d/device.hpp"
#include "gpu/vulkan.hpp"

namespace forge3d {
namespace {

constexpr VkMemoryPropertyFlags kLocal = VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT;
constexpr VkMemoryPropertyFlags kVisible = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT;
constexpr VkMemoryPropertyFlags kCoherent = VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
constexpr VkMemoryPropertyFlags kCached = VK_MEMORY_PROPERTY_HOST_CACHED_BIT;
// Types that need features or usage of their own.
constexpr VkMemoryPropertyFlags kSpecial =
    VK_MEMORY_PROPERTY_LAZILY_ALLOCATED_BIT | VK_MEMORY_PROPERTY_PROTECTED_BIT |
    VK_MEMORY_PROPERTY_DEVICE_COHERENT_BIT_AMD | VK_MEMORY_PROPERTY_DEVICE_UNCACHED_BIT_AMD;

// How well a type serves a use; negative: not at all.
int suitability(VkMemoryPropertyFlags flags, MemoryUse use) {
  auto has = [flags](VkMemoryPropertyFlags bit) { return (flags & bit) != 0 ? 1 : 0; };
  if ((flags & kSpecial) != 0) return -1;
  switch (use) {
    case MemoryUse::kDevice:
      return 4 * has(kLocal) + 1 - has(kVisible);
    case MemoryUse::kUpload:
      return has(kVisible) == 0 ? -1
                                : 4 * has(kCoherent) + 2 * (1 - has(kCached)) + 1 - has(kLocal);
    case MemoryUse::kReadback:
      return has(kVisible) == 0 ? -1 : 4 * has(kCached) + 2 * has(kCoherent) + 1 - has(kLocal);
    case MemoryUse::kDeviceMapped:
      return 4 * has(kLocal) + 2 * has(kVisible) * has(kCoherent);
  }
  return -1;
}

}  // namespace

std::optional<std::uint32_t> Device::memory_type(std::uint32_t type_bits, MemoryUse use) const {
  std::optional<std::uint32_t> best;
  int best_score = -1;
  for (std::uint32_t i = 0; i < info_.memory.memoryTypeCount; ++i) {
    const int score = suitability(info_.memory.memoryTypes[i].propertyFlags, use);
    if ((type_bits & (1u << i)) == 0 || score <= best_score) continue;
    best = i;
    best_score = score;
  }
  return best;
}

Result<DeviceMemory> Device::allocate(const AllocateDesc& desc) const {
  const auto type = memory_type(desc.requirements.memoryTypeBits, desc.use);
  if (!type)
    return fail(ErrorCode::kNotSupported,
                fmt::format("{}: no memory type of {} fits type bits {:#x}", desc.debug_name,
                            info_.name, desc.requirements.memoryTypeBits));
  const VkMemoryDedicatedAllocateInfo dedicated{VK_STRUCTURE_TYPE_MEMORY_DEDICATED_ALLOCATE_INFO,
                                                nullptr, desc.dedicated_image,
                                                desc.dedicated_buffer};
  const bool is_dedicated =
      desc.dedicated_image != VK_NULL_HANDLE || desc.dedicated_buffer != VK_NULL_HANDLE;
  FORGE3D_TRY_ASSIGN(DeviceMemory memory,
                     allocate(desc, *type, is_dedicated ? &dedicated : nullptr));
  if (memory.host_visible_) {
    void* mapped = nullptr;
    FORGE3D_VK_TRY(*this,
                   table_->vkMapMemory(device_, memory.memory_, 0, VK_WHOLE_SIZE, 0, &mapped));
    memory.mapped_ = static_cast<std::byte*>(mapped);
  }
  return memory;
}

// Reserves in the ledger, then allocates.
Result<DeviceMemory> Device::allocate(const AllocateDesc& desc, std::uint32_t type,
                                      const void* chain) const {
  const std::uint64_t size_bytes = desc.requirements.size;
  const VkMemoryPropertyFlags flags = info_.memory.memoryTypes[type].propertyFlags;
  const std::uint64_t heap_bytes =
      info_.memory.memoryHeaps[info_.memory.memoryTypes[type].heapIndex].size;
  if (size_bytes > heap_bytes)
    return fail(ErrorCode::kOutOfDeviceMemory,
                fmt::format("{}: {} bytes are more than the heap's {}", desc.debug_name, size_bytes,
                            heap_bytes));
  DeviceMemory memory;
  memory.host_visible_ = desc.use != MemoryUse::kDevice && (flags & kVisible) != 0;
  memory.category_ = desc.category;
  FORGE3D_TRY(
      budget_.reserve(desc.category, size_bytes, memory.host_visible_).map_error([&](Error error) {
        error.message = fmt::format("{}: {}", desc.debug_name, error.message);
        return error;
      }));
  memory.device_ = shared_from_this();
  memory.size_bytes_ = size_bytes;  // from here on the destructor gives the reservation back

  const VkMemoryAllocateInfo info{VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, chain, size_bytes, type};
  FORGE3D_VK_TRY(*this, table_->vkAllocateMemory(device_, &info, nullptr, &memory.memory_));
  set_debug_name(VK_OBJECT_TYPE_DEVICE_MEMORY, reinterpret_cast<std::uint64_t>(memory.memory_),
                 desc.debug_name);
  memory.coherent_ = (flags & kCoherent) != 0;
  return memory;
}

DeviceMemory::~DeviceMemory() {
  if (device_ == nullptr) return;
  if (memory_ != VK_NULL_HANDLE) device_->vk().vkFreeMemory(device_->handle(), memory_, nullptr);
  device_->budget().release(category_, size_bytes_, host_visible_);
}

void DeviceMemory::swap(DeviceMemory& other) noexcept {
  std::swap(device_, other.device_);
  std::swap(memory_, other.memory_);
  std::swap(size_bytes_, other.size_bytes_);
  std::swap(mapped_, other.mapped_);
  std::swap(category_, other.category_);
  std::swap(host_visible_, other.host_visible_);
  std::swap(coherent_, other.coherent_);
}

VkMappedMemoryRange DeviceMemory::atom_range(std::uint64_t offset_bytes,
                                             std::uint64_t size_bytes) const {
  const std::uint64_t atom = std::max<std::uint64_t>(1, device_->info().limits.nonCoherentAtomSize);
  const std::uint64_t begin = offset_bytes / atom * atom;
  const std::uint64_t end =
      std::min(size_bytes_, (offset_bytes + size_bytes + atom - 1) / atom * atom);
  return {VK_STRUCTURE_TYPE_MAPPED_MEMORY_RANGE, nullptr, memory_, begin, end - begin};
}

Result<> DeviceMemory::flush(std::uint64_t offset_bytes, std::uint64_t size_bytes) const {
  if (coherent_ || size_bytes == 0) return {};
  const VkMappedMemoryRange range = atom_range(offset_bytes, size_bytes);
  FORGE3D_VK_TRY(*device_, device_->vk().vkFlushMappedMemoryRanges(device_->handle(), 1, &range));
  return {};
}

Result<> DeviceMemory::invalidate(std::uint64_t offset_bytes, std::uint64_t size_bytes) const {
  if (coherent_ || size_bytes == 0) return {};
  const VkMappedMemoryRange range = atom_range(offset_bytes, size_bytes);
  FORGE3D_VK_TRY(*device_,
                 device_->vk().vkInvalidateMappedMemoryRanges(device_->handle(), 1, &range));
  return {};
}

}  // namespace forge3d
