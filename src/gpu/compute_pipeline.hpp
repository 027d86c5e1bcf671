// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// ComputePipeline: one compute shader with its layouts and a fixed number of descriptor sets.

#include <span>
#include <string_view>
#include <vector>

#include "gpu/vulkan.hpp"

namespace forge3d::gpu {

/// Move-only. Not thread-safe. REQUIRES at destruction: no submission uses it any more.
class ComputePipeline {
 public:
  struct Binding {
    std::uint32_t number = 0;
    VkDescriptorType type = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;
  };
  struct Desc {
    std::span<const std::uint32_t> code;  ///< SPIR-V with the entry point "main".
    std::span<const Binding> bindings;    ///< All of set 0.
    std::uint32_t push_constant_bytes = 0;
    std::uint32_t set_count = 1;
    std::string_view debug_name;
  };
  /// What a binding of a set points to; `buffer` or `image` is read, by the binding's type.
  struct Write {
    std::uint32_t number = 0;
    VkDescriptorBufferInfo buffer{};
    VkDescriptorImageInfo image{};
  };

  /// Errors: kOutOfHostMemory, kOutOfDeviceMemory, kDeviceLost.
  [[nodiscard]] static Result<ComputePipeline> create(std::shared_ptr<const Device> device,
                                                      const Desc& desc);
  ComputePipeline() = default;
  ComputePipeline(ComputePipeline&& other) noexcept { swap(other); }
  ComputePipeline& operator=(ComputePipeline&& other) noexcept {
    ComputePipeline(std::move(other)).swap(*this);
    return *this;
  }
  ~ComputePipeline();
  void swap(ComputePipeline& other) noexcept;

  /// Points bindings of a set at resources. REQUIRES: no unfinished submission uses that set.
  void write_set(std::uint32_t set, std::span<const Write> writes) const;
  /// Records a dispatch with a set and the push constants.
  void record(VkCommandBuffer commands, std::uint32_t set,
              std::span<const std::byte> push_constants, std::uint32_t groups_x,
              std::uint32_t groups_y, std::uint32_t groups_z = 1) const;

 private:
  [[nodiscard]] Result<> create_layouts(const Desc& desc);
  [[nodiscard]] Result<> create_pipeline(const Desc& desc);
  [[nodiscard]] Result<> create_sets(const Desc& desc);
  std::shared_ptr<const Device> device_;
  std::vector<Binding> bindings_;
  std::vector<VkDescriptorSet> sets_;
  VkDescriptorSetLayout set_layout_ = VK_NULL_HANDLE;
  VkPipelineLayout pipeline_layout_ = VK_NULL_HANDLE;
  VkPipeline pipeline_ = VK_NULL_HANDLE;
  VkDescriptorPool pool_ = VK_NULL_HANDLE;
};

}  // namespace forge3d::gpu
