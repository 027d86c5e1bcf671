// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "forge3d/resources.hpp"
#include "gpu/vulkan.hpp"

namespace forge3d {

Result<Buffer> Buffer::create(std::shared_ptr<const Device> device, const BufferDesc& desc) {
  if (desc.size_bytes == 0)
    return fail(ErrorCode::kInvalidArgument, desc.debug_name + ": a buffer of 0 bytes");
  Buffer buffer;
  buffer.device_ = std::move(device);
  const Device& owner = *buffer.device_;
  VkBufferCreateInfo info{VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO};
  info.size = desc.size_bytes;
  info.usage = desc.usage;
  info.sharingMode = VK_SHARING_MODE_EXCLUSIVE;
  FORGE3D_VK_TRY(owner, owner.vk().vkCreateBuffer(owner.handle(), &info, nullptr, &buffer.buffer_));
  owner.set_debug_name(VK_OBJECT_TYPE_BUFFER, reinterpret_cast<std::uint64_t>(buffer.buffer_),
                       desc.debug_name);
  AllocateDesc allocate;
  owner.vk().vkGetBufferMemoryRequirements(owner.handle(), buffer.buffer_, &allocate.requirements);
  allocate.use = desc.memory;
  allocate.category = desc.category;
  allocate.dedicated_buffer = buffer.buffer_;
  allocate.debug_name = desc.debug_name;
  FORGE3D_TRY_ASSIGN(buffer.memory_, owner.allocate(allocate));
  FORGE3D_VK_TRY(owner, owner.vk().vkBindBufferMemory(owner.handle(), buffer.buffer_,
                                                      buffer.memory_.handle(), 0));
  buffer.size_bytes_ = desc.size_bytes;
  buffer.id_ = owner.begin_lifetime();
  return buffer;
}

// The pages that hold the bytes, as a buffer without memory.
Result<> Buffer::create_over_pages(std::span<const std::byte> bytes, VkBufferUsageFlags usage) {
  const Device& owner = *device_;
  const std::uint64_t alignment = owner.info().host_import_alignment;
  imported_offset_ = reinterpret_cast<std::uintptr_t>(bytes.data()) % alignment;
  size_bytes_ = (imported_offset_ + bytes.size() + alignment - 1) / alignment * alignment;
  const VkExternalMemoryBufferCreateInfo external{
      VK_STRUCTURE_TYPE_EXTERNAL_MEMORY_BUFFER_CREATE_INFO, nullptr,
      VK_EXTERNAL_MEMORY_HANDLE_TYPE_HOST_ALLOCATION_BIT_EXT};
  VkBufferCreateInfo info{VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO, &external};
  info.size = size_bytes_;
  info.usage = usage;
  FORGE3D_VK_TRY(owner, owner.vk().vkCreateBuffer(owner.handle(), &info, nullptr, &buffer_));
  return {};
}

Result<Buffer> Buffer::import_host(std::shared_ptr<const Device> device,
                                   std::span<const std::byte> bytes, VkBufferUsageFlags usage,
                                   std::string_view debug_name) {
  constexpr auto kHostPages = VK_EXTERNAL_MEMORY_HANDLE_TYPE_HOST_ALLOCATION_BIT_EXT;
  if (bytes.empty())
    return fail(ErrorCode::kInvalidArgument, fmt::format("{}: 0 bytes to import", debug_name));
  if (device->info().host_import_alignment == 0)
    return fail(ErrorCode::kNotSupported,
                fmt::format("{}: {} does not offer VK_EXT_external_memory_host", debug_name,
                            device->info().name));
  Buffer buffer;
  buffer.device_ = std::move(device);
  const Device& owner = *buffer.device_;
  FORGE3D_TRY(buffer.create_over_pages(bytes, usage));
  // The driver only reads them for uploads; the interface knows no const.
  auto* pages = const_cast<std::byte*>(bytes.data()) - buffer.imported_offset_;
  VkMemoryHostPointerPropertiesEXT host{VK_STRUCTURE_TYPE_MEMORY_HOST_POINTER_PROPERTIES_EXT};
  FORGE3D_VK_TRY(owner, owner.vk().vkGetMemoryHostPointerPropertiesEXT(owner.handle(), kHostPages,
                                                                       pages, &host));
  AllocateDesc allocate;
  owner.vk().vkGetBufferMemoryRequirements(owner.handle(), buffer.buffer_, &allocate.requirements);
  allocate.requirements.size = buffer.size_bytes_;
  allocate.use = MemoryUse::kUpload;
  allocate.category = MemoryCategory::kStaging;
  allocate.debug_name = debug_name;
  const auto type = owner.memory_type(allocate.requirements.memoryTypeBits & host.memoryTypeBits,
                                      MemoryUse::kUpload);
  if (!type)
    return fail(ErrorCode::kNotSupported,
                fmt::format("{}: no memory type takes these pages", debug_name));
  const VkImportMemoryHostPointerInfoEXT import{
      VK_STRUCTURE_TYPE_IMPORT_MEMORY_HOST_POINTER_INFO_EXT, nullptr, kHostPages, pages};
  FORGE3D_TRY_ASSIGN(buffer.memory_, owner.allocate(allocate, *type, &import));
  FORGE3D_VK_TRY(owner, owner.vk().vkBindBufferMemory(owner.handle(), buffer.buffer_,
                                                      buffer.memory_.handle(), 0));
  buffer.pages_ = pages;
  buffer.id_ = owner.begin_lifetime();
  return buffer;
}

Buffer::~Buffer() {
  if (device_ != nullptr) device_->end_lifetime(id_);
  if (buffer_ != VK_NULL_HANDLE) device_->vk().vkDestroyBuffer(device_->handle(), buffer_, nullptr);
}

void Buffer::swap(Buffer& other) noexcept {
  std::swap(device_, other.device_);
  std::swap(buffer_, other.buffer_);
  std::swap(size_bytes_, other.size_bytes_);
  std::swap(pages_, other.pages_);
  std::swap(imported_offset_, other.imported_offset_);
  std::swap(id_, other.id_);
  memory_.swap(other.memory_);
}

std::span<std::byte> Buffer::mapped() const {
  std::byte* begin = pages_ != nullptr ? pages_ : memory_.mapped();
  if (begin == nullptr) return {};
  return {begin, static_cast<std::size_t>(size_bytes_)};
}

}  // namespace forge3d
