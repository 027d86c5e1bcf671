// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "core/thread_clock.hpp"
#include "forge3d/device.hpp"
#include "gpu/vulkan.hpp"

namespace forge3d {
namespace {

constexpr std::uint64_t kWaitSliceNs = 250'000'000;

Error lost_error() {
  return {ErrorCode::kDeviceLost, VK_ERROR_DEVICE_LOST, "the device was lost", {}};
}

}  // namespace

Result<Serial> Queue::submit(const SubmitDesc& desc) {
  if (device_->is_lost()) return tl::unexpected(lost_error());
  std::vector<VkSemaphore> wait_semaphores;
  std::vector<std::uint64_t> wait_values;
  for (const Ticket& ticket : desc.waits) {
    if (ticket.serial.value == 0) continue;
    wait_semaphores.push_back(device_->queue(ticket.queue).timeline_);
    wait_values.push_back(ticket.serial.value);
  }
  const std::vector<VkPipelineStageFlags> stages(wait_values.size(),
                                                 VK_PIPELINE_STAGE_ALL_COMMANDS_BIT);

  std::lock_guard lock(mutex_);
  const std::uint64_t value = last_submitted_.load(std::memory_order_relaxed) + 1;
  VkTimelineSemaphoreSubmitInfo timeline{VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO};
  timeline.waitSemaphoreValueCount = static_cast<std::uint32_t>(wait_values.size());
  timeline.pWaitSemaphoreValues = wait_values.data();
  timeline.signalSemaphoreValueCount = 1;
  timeline.pSignalSemaphoreValues = &value;
  VkSubmitInfo info{VK_STRUCTURE_TYPE_SUBMIT_INFO, &timeline};
  info.waitSemaphoreCount = timeline.waitSemaphoreValueCount;
  info.pWaitSemaphores = wait_semaphores.data();
  info.pWaitDstStageMask = stages.data();
  info.commandBufferCount = static_cast<std::uint32_t>(desc.command_buffers.size());
  info.pCommandBuffers = desc.command_buffers.data();
  info.signalSemaphoreCount = 1;
  info.pSignalSemaphores = &timeline_;
  FORGE3D_VK_TRY(*device_, device_->vk().vkQueueSubmit(queue_, 1, &info, VK_NULL_HANDLE));
  last_submitted_.store(value, std::memory_order_release);
  return Serial{value};
}

Result<Serial> Queue::completed() const {
  if (device_->is_lost()) return tl::unexpected(lost_error());
  std::uint64_t value = 0;
  FORGE3D_VK_TRY(*device_,
                 device_->vk().vkGetSemaphoreCounterValue(device_->handle(), timeline_, &value));
  completed_.store(value, std::memory_order_release);
  return Serial{value};
}

Result<> Queue::wait(Serial serial, std::uint64_t timeout_ns, std::uint64_t spin_ns) const {
  if (serial.value <= completed_.load(std::memory_order_acquire)) return {};
  if (device_->is_lost()) return tl::unexpected(lost_error());
  if (serial > last_submitted())
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("serial {} was never submitted; the last one is {}", serial.value,
                            last_submitted().value));
  const std::uint64_t begin_ns = monotonic_ns();
  const auto spent_ns = [begin_ns] { return monotonic_ns() - begin_ns; };
  while (spent_ns() < std::min(spin_ns, timeout_ns)) {
    FORGE3D_TRY_ASSIGN(const Serial done, completed());
    if (done >= serial) return {};
    cpu_pause();
  }
  VkSemaphoreWaitInfo info{VK_STRUCTURE_TYPE_SEMAPHORE_WAIT_INFO};
  info.semaphoreCount = 1;
  info.pSemaphores = &timeline_;
  info.pValues = &serial.value;
  for (;;) {  // in slices: a loss that another thread noticed ends this wait, too
    const std::uint64_t spent = spent_ns();
    const std::uint64_t slice_ns =
        std::min(kWaitSliceNs, timeout_ns > spent ? timeout_ns - spent : 0);
    const VkResult result = device_->vk().vkWaitSemaphores(device_->handle(), &info, slice_ns);
    if (result == VK_SUCCESS) return {};
    FORGE3D_VK_TRY(*device_, result);
    if (device_->is_lost()) return tl::unexpected(lost_error());
    if (spent_ns() >= timeout_ns)
      return fail(ErrorCode::kTimeout,
                  fmt::format("serial {} was not reached within {} ns", serial.value, timeout_ns));
  }
}

}  // namespace forge3d
