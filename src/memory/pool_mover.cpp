// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "memory/pool_mover.hpp"

#include <fmt/format.h>

#include <array>

#include "gpu/vulkan.hpp"

namespace forge3d {

Result<VkCommandBuffer> PoolMover::begin() {
  if (!recorder_) {
    FORGE3D_TRY_ASSIGN(recorder_, CommandRecorder::create(device_, QueueKind::kGraphics));
  }
  FORGE3D_TRY_ASSIGN(commands_, recorder_->begin());
  record_memory_barrier(*device_, commands_, VK_PIPELINE_STAGE_ALL_COMMANDS_BIT,
                        VK_ACCESS_MEMORY_WRITE_BIT, VK_PIPELINE_STAGE_TRANSFER_BIT,
                        VK_ACCESS_TRANSFER_READ_BIT | VK_ACCESS_TRANSFER_WRITE_BIT);
  return commands_;
}

Result<> PoolMover::copy(PoolBlock& from, std::uint64_t from_bytes, PoolBlock& to,
                         std::uint64_t to_bytes, std::uint64_t size_bytes) {
  FORGE3D_TRY(make_whole(from));
  FORGE3D_TRY(make_whole(to));
  const VkBufferCopy region{from_bytes, to_bytes, size_bytes};
  device_->vk().vkCmdCopyBuffer(commands_, from.whole, to.whole, 1, &region);
  return {};
}

Result<Serial> PoolMover::submit(Serial after) {
  record_memory_barrier(*device_, commands_, VK_PIPELINE_STAGE_TRANSFER_BIT,
                        VK_ACCESS_TRANSFER_WRITE_BIT,
                        VK_PIPELINE_STAGE_ALL_COMMANDS_BIT | VK_PIPELINE_STAGE_HOST_BIT,
                        VK_ACCESS_MEMORY_READ_BIT | VK_ACCESS_MEMORY_WRITE_BIT |
                            VK_ACCESS_HOST_READ_BIT | VK_ACCESS_HOST_WRITE_BIT);
  const Ticket wait{QueueKind::kTransfer, after};
  FORGE3D_TRY_ASSIGN(const Ticket ticket, recorder_->submit({&wait, after.value > 0 ? 1u : 0u}));
  return ticket.serial;
}

// Nothing else can be recorded after an error, so the recorder starts afresh.
void PoolMover::give_up() { recorder_.reset(); }

Result<> PoolMover::make_whole(PoolBlock& block) const {
  if (block.whole != VK_NULL_HANDLE) return {};
  const DeviceInfo& info = device_->info();
  const std::array families{info.graphics_family, info.transfer_family};
  VkBufferCreateInfo create{VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO};
  create.size = block.places.range_bytes();
  create.usage = VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT;
  if (families[0] != families[1]) {
    create.sharingMode = VK_SHARING_MODE_CONCURRENT;
    create.queueFamilyIndexCount = 2;
    create.pQueueFamilyIndices = families.data();
  }
  const VolkDeviceTable& vk = device_->vk();
  VkBuffer buffer = VK_NULL_HANDLE;
  FORGE3D_VK_TRY(*device_, vk.vkCreateBuffer(device_->handle(), &create, nullptr, &buffer));
  VkMemoryRequirements needs{};
  vk.vkGetBufferMemoryRequirements(device_->handle(), buffer, &needs);
  VkResult bound = VK_SUCCESS;
  block.cannot_copy = needs.size > block.memory.size_bytes() ||
                      (needs.memoryTypeBits >> block.memory_type & 1) == 0;
  if (!block.cannot_copy)
    bound = vk.vkBindBufferMemory(device_->handle(), buffer, block.memory.handle(), 0);
  if (block.cannot_copy || bound < 0) {
    vk.vkDestroyBuffer(device_->handle(), buffer, nullptr);
    if (bound < 0) return tl::unexpected(device_->error(bound, "vkBindBufferMemory of a block"));
    return fail(ErrorCode::kNotSupported,
                fmt::format("a buffer over a block of {} bytes asks for {} of other memory types",
                            block.memory.size_bytes(), needs.size));
  }
  block.whole = buffer;
  return {};
}

}  // namespace forge3d
