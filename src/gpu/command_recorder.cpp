// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <deque>

#include "forge3d/resources.hpp"
#include "gpu/vulkan.hpp"

namespace forge3d {

struct CommandRecorder::State {
  std::shared_ptr<const Device> device;
  QueueKind queue = QueueKind::kGraphics;
  VkCommandPool pool = VK_NULL_HANDLE;
  VkCommandBuffer open = VK_NULL_HANDLE;
  struct Submitted {
    VkCommandBuffer buffer;
    Serial serial;
  };
  std::deque<Submitted> submitted;  // rising serials

  ~State() {
    if (pool == VK_NULL_HANDLE) return;
    // A lost or stuck device: waiting is bounded, and the pool is destroyed with the device's
    // remains.
    if (!submitted.empty())
      (void)device->queue(queue).wait(submitted.back().serial, 10'000'000'000);
    device->vk().vkDestroyCommandPool(device->handle(), pool, nullptr);
  }

  Result<VkCommandBuffer> take_buffer() {
    if (!submitted.empty()) {
      FORGE3D_TRY_ASSIGN(const Serial done, device->queue(queue).completed());
      if (submitted.front().serial <= done) {
        VkCommandBuffer buffer = submitted.front().buffer;
        submitted.pop_front();
        FORGE3D_VK_TRY(*device, device->vk().vkResetCommandBuffer(buffer, 0));
        return buffer;
      }
    }
    VkCommandBufferAllocateInfo info{VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO, nullptr, pool,
                                     VK_COMMAND_BUFFER_LEVEL_PRIMARY, 1};
    VkCommandBuffer buffer = VK_NULL_HANDLE;
    FORGE3D_VK_TRY(*device,
                   device->vk().vkAllocateCommandBuffers(device->handle(), &info, &buffer));
    return buffer;
  }
};

Result<CommandRecorder> CommandRecorder::create(std::shared_ptr<const Device> device,
                                                QueueKind queue) {
  CommandRecorder recorder;
  recorder.state_ = std::make_unique<State>();
  recorder.state_->device = std::move(device);
  recorder.state_->queue = queue;
  const Device& owner = *recorder.state_->device;
  VkCommandPoolCreateInfo info{
      VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO, nullptr,
      VK_COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT | VK_COMMAND_POOL_CREATE_TRANSIENT_BIT,
      owner.queue(queue).family()};
  FORGE3D_VK_TRY(owner, owner.vk().vkCreateCommandPool(owner.handle(), &info, nullptr,
                                                       &recorder.state_->pool));
  return recorder;
}

CommandRecorder::CommandRecorder() = default;
CommandRecorder::CommandRecorder(CommandRecorder&&) noexcept = default;
CommandRecorder& CommandRecorder::operator=(CommandRecorder&&) noexcept = default;
CommandRecorder::~CommandRecorder() = default;

Result<VkCommandBuffer> CommandRecorder::begin() {
  if (state_->open == VK_NULL_HANDLE) {
    FORGE3D_TRY_ASSIGN(state_->open, state_->take_buffer());
  }
  VkCommandBufferBeginInfo info{VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO, nullptr,
                                VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT, nullptr};
  FORGE3D_VK_TRY(*state_->device, state_->device->vk().vkBeginCommandBuffer(state_->open, &info));
  return state_->open;
}

Result<Ticket> CommandRecorder::submit(std::span<const Ticket> waits) {
  const Device& device = *state_->device;
  VkCommandBuffer buffer = std::exchange(state_->open, VK_NULL_HANDLE);
  Result<Serial> serial = fail(ErrorCode::kInternal, "");
  if (const VkResult ended = device.vk().vkEndCommandBuffer(buffer); ended < 0)
    serial = tl::unexpected(device.error(ended, "vkEndCommandBuffer"));
  else
    serial = device.queue(state_->queue).submit({.command_buffers = {&buffer, 1}, .waits = waits});
  if (!serial) {
    device.vk().vkFreeCommandBuffers(device.handle(), state_->pool, 1, &buffer);
    return tl::unexpected(std::move(serial).error());
  }
  state_->submitted.push_back({buffer, *serial});
  return Ticket{state_->queue, *serial};
}

void record_memory_barrier(const Device& device, VkCommandBuffer commands,
                           VkPipelineStageFlags source_stages, VkAccessFlags source_access,
                           VkPipelineStageFlags destination_stages,
                           VkAccessFlags destination_access) {
  VkMemoryBarrier barrier{VK_STRUCTURE_TYPE_MEMORY_BARRIER, nullptr, source_access,
                          destination_access};
  device.vk().vkCmdPipelineBarrier(commands, source_stages, destination_stages, 0, 1, &barrier, 0,
                                   nullptr, 0, nullptr);
}

void record_layout_transition(const Device& device, VkCommandBuffer commands, VkImage image,
                              VkImageLayout old_layout, VkImageLayout new_layout) {
  VkImageMemoryBarrier barrier{VK_STRUCTURE_TYPE_IMAGE_MEMORY_BARRIER};
  barrier.srcAccessMask = VK_ACCESS_MEMORY_WRITE_BIT;
  barrier.dstAccessMask = VK_ACCESS_MEMORY_READ_BIT | VK_ACCESS_MEMORY_WRITE_BIT;
  barrier.oldLayout = old_layout;
  barrier.newLayout = new_layout;
  barrier.srcQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED;
  barrier.dstQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED;
  barrier.image = image;
  barrier.subresourceRange = {VK_IMAGE_ASPECT_COLOR_BIT, 0, VK_REMAINING_MIP_LEVELS, 0,
                              VK_REMAINING_ARRAY_LAYERS};
  device.vk().vkCmdPipelineBarrier(commands, VK_PIPELINE_STAGE_ALL_COMMANDS_BIT,
                                   VK_PIPELINE_STAGE_ALL_COMMANDS_BIT, 0, 0, nullptr, 0, nullptr, 1,
                                   &barrier);
}

}  // namespace forge3d
