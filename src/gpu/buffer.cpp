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
  return buffer;
}

Buffer::~Buffer() {
  if (buffer_ != VK_NULL_HANDLE) device_->vk().vkDestroyBuffer(device_->handle(), buffer_, nullptr);
}

void Buffer::swap(Buffer& other) noexcept {
  std::swap(device_, other.device_);
  std::swap(buffer_, other.buffer_);
  std::swap(size_bytes_, other.size_bytes_);
  memory_.swap(other.memory_);
}

std::span<std::byte> Buffer::mapped() const {
  if (memory_.mapped() == nullptr) return {};
  return {memory_.mapped(), static_cast<std::size_t>(size_bytes_)};
}

}  // namespace forge3d
