// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "gpu/compute_pipeline.hpp"

#include <algorithm>

namespace forge3d::gpu {

Result<ComputePipeline> ComputePipeline::create(std::shared_ptr<const Device> device,
                                                const Desc& desc) {
  ComputePipeline pipeline;
  pipeline.device_ = std::move(device);
  pipeline.bindings_.assign(desc.bindings.begin(), desc.bindings.end());
  FORGE3D_TRY(pipeline.create_layouts(desc));
  FORGE3D_TRY(pipeline.create_pipeline(desc));
  FORGE3D_TRY(pipeline.create_sets(desc));
  return pipeline;
}

Result<> ComputePipeline::create_layouts(const Desc& desc) {
  std::vector<VkDescriptorSetLayoutBinding> bindings;
  for (const Binding& binding : bindings_)
    bindings.push_back({binding.number, binding.type, 1, VK_SHADER_STAGE_COMPUTE_BIT, nullptr});
  VkDescriptorSetLayoutCreateInfo set_info{VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO};
  set_info.bindingCount = static_cast<std::uint32_t>(bindings.size());
  set_info.pBindings = bindings.data();
  FORGE3D_VK_TRY(*device_, device_->vk().vkCreateDescriptorSetLayout(device_->handle(), &set_info,
                                                                     nullptr, &set_layout_));
  const VkPushConstantRange range{VK_SHADER_STAGE_COMPUTE_BIT, 0, desc.push_constant_bytes};
  VkPipelineLayoutCreateInfo info{VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO};
  info.setLayoutCount = 1;
  info.pSetLayouts = &set_layout_;
  info.pushConstantRangeCount = desc.push_constant_bytes > 0 ? 1 : 0;
  info.pPushConstantRanges = &range;
  FORGE3D_VK_TRY(*device_, device_->vk().vkCreatePipelineLayout(device_->handle(), &info, nullptr,
                                                                &pipeline_layout_));
  return {};
}

Result<> ComputePipeline::create_pipeline(const Desc& desc) {
  const VolkDeviceTable& vk = device_->vk();
  VkShaderModuleCreateInfo module_info{VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO};
  module_info.codeSize = desc.code.size_bytes();
  module_info.pCode = desc.code.data();
  VkShaderModule module = VK_NULL_HANDLE;
  FORGE3D_VK_TRY(*device_,
                 vk.vkCreateShaderModule(device_->handle(), &module_info, nullptr, &module));
  VkComputePipelineCreateInfo info{VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO};
  info.stage.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO;
  info.stage.stage = VK_SHADER_STAGE_COMPUTE_BIT;
  info.stage.module = module;
  info.stage.pName = "main";
  info.layout = pipeline_layout_;
  const VkResult result =
      vk.vkCreateComputePipelines(device_->handle(), VK_NULL_HANDLE, 1, &info, nullptr, &pipeline_);
  vk.vkDestroyShaderModule(device_->handle(), module, nullptr);
  FORGE3D_VK_TRY(*device_, result);
  device_->set_debug_name(VK_OBJECT_TYPE_PIPELINE, reinterpret_cast<std::uint64_t>(pipeline_),
                          desc.debug_name);
  return {};
}

Result<> ComputePipeline::create_sets(const Desc& desc) {
  std::vector<VkDescriptorPoolSize> sizes;
  for (const Binding& binding : bindings_) sizes.push_back({binding.type, desc.set_count});
  VkDescriptorPoolCreateInfo info{VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO};
  info.maxSets = desc.set_count;
  info.poolSizeCount = static_cast<std::uint32_t>(sizes.size());
  info.pPoolSizes = sizes.data();
  FORGE3D_VK_TRY(*device_,
                 device_->vk().vkCreateDescriptorPool(device_->handle(), &info, nullptr, &pool_));
  const std::vector<VkDescriptorSetLayout> layouts(desc.set_count, set_layout_);
  VkDescriptorSetAllocateInfo allocate{VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO, nullptr,
                                       pool_, desc.set_count, layouts.data()};
  sets_.resize(desc.set_count);
  FORGE3D_VK_TRY(
      *device_, device_->vk().vkAllocateDescriptorSets(device_->handle(), &allocate, sets_.data()));
  return {};
}

ComputePipeline::~ComputePipeline() {
  if (device_ == nullptr) return;
  const VolkDeviceTable& vk = device_->vk();
  const VkDevice handle = device_->handle();
  if (pool_ != VK_NULL_HANDLE) vk.vkDestroyDescriptorPool(handle, pool_, nullptr);
  if (pipeline_ != VK_NULL_HANDLE) vk.vkDestroyPipeline(handle, pipeline_, nullptr);
  if (pipeline_layout_ != VK_NULL_HANDLE)
    vk.vkDestroyPipelineLayout(handle, pipeline_layout_, nullptr);
  if (set_layout_ != VK_NULL_HANDLE) vk.vkDestroyDescriptorSetLayout(handle, set_layout_, nullptr);
}

void ComputePipeline::swap(ComputePipeline& other) noexcept {
  std::swap(device_, other.device_);
  std::swap(bindings_, other.bindings_);
  std::swap(sets_, other.sets_);
  std::swap(set_layout_, other.set_layout_);
  std::swap(pipeline_layout_, other.pipeline_layout_);
  std::swap(pipeline_, other.pipeline_);
  std::swap(pool_, other.pool_);
}

void ComputePipeline::write_set(std::uint32_t set, std::span<const Write> writes) const {
  std::vector<VkWriteDescriptorSet> infos;
  for (const Write& write : writes) {
    const auto binding = std::ranges::find(bindings_, write.number, &Binding::number);
    if (binding == bindings_.end()) continue;
    VkWriteDescriptorSet info{VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET};
    info.dstSet = sets_[set];
    info.dstBinding = write.number;
    info.descriptorCount = 1;
    info.descriptorType = binding->type;
    info.pBufferInfo = &write.buffer;
    info.pImageInfo = &write.image;
    infos.push_back(info);
  }
  device_->vk().vkUpdateDescriptorSets(device_->handle(), static_cast<std::uint32_t>(infos.size()),
                                       infos.data(), 0, nullptr);
}

void ComputePipeline::record(VkCommandBuffer commands, std::uint32_t set,
                             std::span<const std::byte> push_constants, std::uint32_t groups_x,
                             std::uint32_t groups_y, std::uint32_t groups_z) const {
  const VolkDeviceTable& vk = device_->vk();
  vk.vkCmdBindPipeline(commands, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline_);
  vk.vkCmdBindDescriptorSets(commands, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline_layout_, 0, 1,
                             &sets_[set], 0, nullptr);
  if (!push_constants.empty())
    vk.vkCmdPushConstants(commands, pipeline_layout_, VK_SHADER_STAGE_COMPUTE_BIT, 0,
                          static_cast<std::uint32_t>(push_constants.size()), push_constants.data());
  vk.vkCmdDispatch(commands, groups_x, groups_y, groups_z);
}

}  // namespace forge3d::gpu
