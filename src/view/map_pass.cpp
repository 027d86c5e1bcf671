// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "view/map_pass.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "gpu/vulkan.hpp"

namespace forge3d::view {
namespace {

constexpr std::uint32_t kVirtualCode[] =
#include "shaders/map_view.comp.inc"
    ;
constexpr std::uint32_t kReferenceCode[] =
#include "shaders/map_view_reference.comp.inc"
    ;

constexpr std::size_t kFramesInFlight = 3;
constexpr std::uint32_t kGroupExtent = 8;
constexpr std::uint64_t kTimeoutNs = 60'000'000'000;  // software devices take seconds a frame

// Bindings of map_view.glsl.
constexpr std::uint32_t kPageTable = 0, kAtlas = 1, kTarget = 2, kPicture = 3;

std::vector<VkDescriptorSetLayoutBinding> layout_bindings(MapPass::Picture picture) {
  auto binding = [](std::uint32_t number, VkDescriptorType type) {
    return VkDescriptorSetLayoutBinding{number, type, 1, VK_SHADER_STAGE_COMPUTE_BIT, nullptr};
  };
  if (picture == MapPass::Picture::kResident)
    return {binding(kTarget, VK_DESCRIPTOR_TYPE_STORAGE_IMAGE),
            binding(kPicture, VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER)};
  return {binding(kPageTable, VK_DESCRIPTOR_TYPE_STORAGE_BUFFER),
          binding(kAtlas, VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER),
          binding(kTarget, VK_DESCRIPTOR_TYPE_STORAGE_IMAGE)};
}

}  // namespace

struct MapPass::State {
  std::shared_ptr<Device> device;
  Picture picture = Picture::kVirtual;
  VkDescriptorSetLayout set_layout = VK_NULL_HANDLE;
  VkPipelineLayout pipeline_layout = VK_NULL_HANDLE;
  VkPipeline pipeline = VK_NULL_HANDLE;
  VkDescriptorPool pool = VK_NULL_HANDLE;
  struct Frame {
    VkDescriptorSet set = VK_NULL_HANDLE;
    std::optional<Ticket> ticket;
  };
  std::array<Frame, kFramesInFlight> frames;
  std::size_t next_frame = 0;
  bool rendered = false;
  DeviceImage target;
  CommandRecorder recorder;

  ~State() {
    if (device == nullptr) return;
    for (const Frame& frame : frames)
      if (frame.ticket) (void)device->wait(*frame.ticket, kTimeoutNs);
    const VkDevice handle = device->handle();
    const VolkDeviceTable& vk = device->vk();
    if (pool != VK_NULL_HANDLE) vk.vkDestroyDescriptorPool(handle, pool, nullptr);
    if (pipeline != VK_NULL_HANDLE) vk.vkDestroyPipeline(handle, pipeline, nullptr);
    if (pipeline_layout != VK_NULL_HANDLE)
      vk.vkDestroyPipelineLayout(handle, pipeline_layout, nullptr);
    if (set_layout != VK_NULL_HANDLE) vk.vkDestroyDescriptorSetLayout(handle, set_layout, nullptr);
  }

  Result<> create_target(std::uint32_t width, std::uint32_t height) {
    DeviceImageDesc desc;
    desc.format = Format::kRGBA8Unorm;
    desc.width = width;
    desc.height = height;
    desc.usage = VK_IMAGE_USAGE_STORAGE_BIT | VK_IMAGE_USAGE_TRANSFER_SRC_BIT;
    desc.category = MemoryCategory::kRenderTarget;
    desc.debug_name = "map view target";
    FORGE3D_TRY_ASSIGN(target, DeviceImage::create(device, desc));
    FORGE3D_TRY_ASSIGN(recorder, CommandRecorder::create(device, QueueKind::kGraphics));
    return {};
  }

  Result<> create_layouts() {
    const auto bindings = layout_bindings(picture);
    VkDescriptorSetLayoutCreateInfo set_info{VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO};
    set_info.bindingCount = std::uint32_t(bindings.size());
    set_info.pBindings = bindings.data();
    FORGE3D_VK_TRY(*device, device->vk().vkCreateDescriptorSetLayout(device->handle(), &set_info,
                                                                     nullptr, &set_layout));
    const VkPushConstantRange range{VK_SHADER_STAGE_COMPUTE_BIT, 0, sizeof(MapConstants)};
    VkPipelineLayoutCreateInfo info{VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO};
    info.setLayoutCount = 1;
    info.pSetLayouts = &set_layout;
    info.pushConstantRangeCount = 1;
    info.pPushConstantRanges = &range;
    FORGE3D_VK_TRY(*device, device->vk().vkCreatePipelineLayout(device->handle(), &info, nullptr,
                                                                &pipeline_layout));
    return {};
  }

  Result<> create_pipeline() {
    const std::span<const std::uint32_t> code =
        picture == Picture::kVirtual ? std::span<const std::uint32_t>(kVirtualCode)
                                     : std::span<const std::uint32_t>(kReferenceCode);
    VkShaderModuleCreateInfo module_info{VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO};
    module_info.codeSize = code.size_bytes();
    module_info.pCode = code.data();
    const VolkDeviceTable& vk = device->vk();
    VkShaderModule module = VK_NULL_HANDLE;
    FORGE3D_VK_TRY(*device,
                   vk.vkCreateShaderModule(device->handle(), &module_info, nullptr, &module));
    VkComputePipelineCreateInfo info{VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO};
    info.stage.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO;
    info.stage.stage = VK_SHADER_STAGE_COMPUTE_BIT;
    info.stage.module = module;
    info.stage.pName = "main";
    info.layout = pipeline_layout;
    const VkResult result =
        vk.vkCreateComputePipelines(device->handle(), VK_NULL_HANDLE, 1, &info, nullptr, &pipeline);
    vk.vkDestroyShaderModule(device->handle(), module, nullptr);
    FORGE3D_VK_TRY(*device, result);
    device->set_debug_name(VK_OBJECT_TYPE_PIPELINE, reinterpret_cast<std::uint64_t>(pipeline),
                           "map view");
    return {};
  }

  Result<> create_sets() {
    std::vector<VkDescriptorPoolSize> sizes;
    for (const VkDescriptorSetLayoutBinding& binding : layout_bindings(picture))
      sizes.push_back({binding.descriptorType, std::uint32_t(kFramesInFlight)});
    VkDescriptorPoolCreateInfo info{VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO};
    info.maxSets = std::uint32_t(kFramesInFlight);
    info.poolSizeCount = std::uint32_t(sizes.size());
    info.pPoolSizes = sizes.data();
    FORGE3D_VK_TRY(*device,
                   device->vk().vkCreateDescriptorPool(device->handle(), &info, nullptr, &pool));
    VkDescriptorSetAllocateInfo allocate{VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO, nullptr,
                                         pool, 1, &set_layout};
    for (Frame& frame : frames)
      FORGE3D_VK_TRY(
          *device, device->vk().vkAllocateDescriptorSets(device->handle(), &allocate, &frame.set));
    return {};
  }

  /// Rewritten for each frame: what the inputs point to may have changed behind equal handles.
  void write_set(VkDescriptorSet set, const Inputs& inputs) const {
    const VkDescriptorBufferInfo table{inputs.page_table, 0, VK_WHOLE_SIZE};
    const VkDescriptorImageInfo sampled{inputs.sampler, inputs.picture, VK_IMAGE_LAYOUT_GENERAL};
    const VkDescriptorImageInfo storage{VK_NULL_HANDLE, target.view(), VK_IMAGE_LAYOUT_GENERAL};
    std::vector<VkWriteDescriptorSet> writes;
    for (const VkDescriptorSetLayoutBinding& binding : layout_bindings(picture)) {
      VkWriteDescriptorSet write{VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET};
      write.dstSet = set;
      write.dstBinding = binding.binding;
      write.descriptorCount = 1;
      write.descriptorType = binding.descriptorType;
      write.pBufferInfo = &table;
      write.pImageInfo = binding.binding == kTarget ? &storage : &sampled;
      writes.push_back(write);
    }
    device->vk().vkUpdateDescriptorSets(device->handle(), std::uint32_t(writes.size()),
                                        writes.data(), 0, nullptr);
  }

  void record(VkCommandBuffer commands, VkDescriptorSet set, const MapConstants& constants) {
    const VolkDeviceTable& vk = device->vk();
    device->begin_label(commands, "map view");
    if (!rendered)
      record_layout_transition(*device, commands, target.handle(), VK_IMAGE_LAYOUT_UNDEFINED,
                               VK_IMAGE_LAYOUT_GENERAL);
    // Uploads before this frame become visible; the frame before and its readback are done with the
    // target.
    record_memory_barrier(*device, commands,
                          VK_PIPELINE_STAGE_TRANSFER_BIT | VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT,
                          VK_ACCESS_TRANSFER_WRITE_BIT | VK_ACCESS_SHADER_WRITE_BIT,
                          VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT,
                          VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT);
    vk.vkCmdBindPipeline(commands, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline);
    vk.vkCmdBindDescriptorSets(commands, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline_layout, 0, 1,
                               &set, 0, nullptr);
    vk.vkCmdPushConstants(commands, pipeline_layout, VK_SHADER_STAGE_COMPUTE_BIT, 0,
                          sizeof(constants), &constants);
    vk.vkCmdDispatch(commands, (target.desc().width + kGroupExtent - 1) / kGroupExtent,
                     (target.desc().height + kGroupExtent - 1) / kGroupExtent, 1);
    record_memory_barrier(*device, commands, VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT,
                          VK_ACCESS_SHADER_WRITE_BIT, VK_PIPELINE_STAGE_TRANSFER_BIT,
                          VK_ACCESS_TRANSFER_READ_BIT);
    device->end_label(commands);
  }
};

MapPass::MapPass() : state_(std::make_unique<State>()) {}
MapPass::~MapPass() = default;

Result<std::unique_ptr<MapPass>> MapPass::create(std::shared_ptr<Device> device, Picture picture,
                                                 std::uint32_t width, std::uint32_t height) {
  if (device == nullptr) return fail(ErrorCode::kInvalidArgument, "map view: no device");
  const VkPhysicalDeviceLimits& limits = device->info().limits;
  if (width == 0 || height == 0 || width > limits.maxImageDimension2D ||
      height > limits.maxImageDimension2D)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("map view: the extent is {} x {}, must be in 1..{}", width, height,
                            limits.maxImageDimension2D));
  std::unique_ptr<MapPass> pass(new MapPass);
  State& state = *pass->state_;
  state.device = std::move(device);
  state.picture = picture;
  FORGE3D_TRY(state.create_target(width, height));
  FORGE3D_TRY(state.create_layouts());
  FORGE3D_TRY(state.create_pipeline());
  FORGE3D_TRY(state.create_sets());
  return pass;
}

Result<Ticket> MapPass::render(const Inputs& inputs, const MapConstants& constants) {
  State& state = *state_;
  State::Frame& frame = state.frames[state.next_frame];
  if (frame.ticket) FORGE3D_TRY(state.device->wait(*frame.ticket, kTimeoutNs));
  state.write_set(frame.set, inputs);
  FORGE3D_TRY_ASSIGN(const VkCommandBuffer commands, state.recorder.begin());
  state.record(commands, frame.set, constants);
  FORGE3D_TRY_ASSIGN(const Ticket ticket, state.recorder.submit());
  frame.ticket = ticket;
  state.next_frame = (state.next_frame + 1) % kFramesInFlight;
  state.rendered = true;
  return ticket;
}

Result<Image> MapPass::read_pixels(StagingRing& ring) {
  if (!state_->rendered)
    return fail(ErrorCode::kInvalidArgument, "map view: no frame was rendered yet");
  const DeviceImageDesc& desc = state_->target.desc();
  ImageRegion region;
  region.image = state_->target.handle();
  region.format = desc.format;
  region.image_width = region.width = desc.width;
  region.image_height = region.height = desc.height;
  FORGE3D_TRY_ASSIGN(Readback readback, ring.readback(region));
  FORGE3D_TRY_ASSIGN(const std::span<const std::byte> bytes, readback.get(kTimeoutNs));
  FORGE3D_TRY_ASSIGN(Image image,
                     make_image({.width = desc.width, .height = desc.height, .channels = 4}));
  std::copy(bytes.begin(), bytes.end(), image.pixels.begin());
  return image;
}

}  // namespace forge3d::view
