// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "gpu/vulkan.hpp"
#include "memory/staging_fixture.hpp"

namespace forge3d::test {

QueueGate::QueueGate(Device& device) : device_(device) {
  VkSemaphoreTypeCreateInfo type{VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO};
  type.semaphoreType = VK_SEMAPHORE_TYPE_TIMELINE;
  const VkSemaphoreCreateInfo info{VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO, &type, 0};
  EXPECT_EQ(device_.vk().vkCreateSemaphore(device_.handle(), &info, nullptr, &semaphore_),
            VK_SUCCESS);
  const std::uint64_t one = 1;
  VkTimelineSemaphoreSubmitInfo timeline{VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO};
  timeline.waitSemaphoreValueCount = 1;
  timeline.pWaitSemaphoreValues = &one;
  const VkPipelineStageFlags stage = VK_PIPELINE_STAGE_ALL_COMMANDS_BIT;
  VkSubmitInfo submit{VK_STRUCTURE_TYPE_SUBMIT_INFO, &timeline};
  submit.waitSemaphoreCount = 1;
  submit.pWaitSemaphores = &semaphore_;
  submit.pWaitDstStageMask = &stage;
  // Behind the back of Queue: REQUIRES that no other thread submits now.
  EXPECT_EQ(device_.vk().vkQueueSubmit(device_.queue(QueueKind::kGraphics).handle(), 1, &submit,
                                       VK_NULL_HANDLE),
            VK_SUCCESS);
}

void QueueGate::open() {
  if (open_) return;
  open_ = true;
  VkSemaphoreSignalInfo info{VK_STRUCTURE_TYPE_SEMAPHORE_SIGNAL_INFO};
  info.semaphore = semaphore_;
  info.value = 1;
  EXPECT_EQ(device_.vk().vkSignalSemaphore(device_.handle(), &info), VK_SUCCESS);
}

QueueGate::~QueueGate() {
  open();
  device_.vk().vkDeviceWaitIdle(device_.handle());
  device_.vk().vkDestroySemaphore(device_.handle(), semaphore_, nullptr);
}

}  // namespace forge3d::test
