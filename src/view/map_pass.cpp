// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "view/map_pass.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "gpu/compute_pipeline.hpp"
#include "gpu/vulkan.hpp"

namespace forge3d::view {
namespace {

constexpr std::uint32_t kVirtualCode[] =
#include "shaders/map_view.comp.inc"
    ;
constexpr std::uint32_t kFeedbackCode[] =
#include "shaders/map_view_feedback.comp.inc"
    ;
constexpr std::uint32_t kReferenceCode[] =
#include "shaders/map_view_reference.comp.inc"
    ;

constexpr std::uint32_t kFramesInFlight = 3;
constexpr std::uint32_t kGroupExtent = 8;
constexpr std::uint64_t kTimeoutNs = 60'000'000'000;  // software devices take seconds a frame

// Bindings of map_view.glsl.
constexpr std::uint32_t kPageTable = 0, kAtlas = 1, kTarget = 2, kPicture = 3, kFeedback = 4;

using gpu::ComputePipeline;

constexpr std::array<ComputePipeline::Binding, 3> kVirtualBindings{
    {{kPageTable, VK_DESCRIPTOR_TYPE_STORAGE_BUFFER},
     {kAtlas, VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER},
     {kTarget, VK_DESCRIPTOR_TYPE_STORAGE_IMAGE}}};
constexpr std::array<ComputePipeline::Binding, 4> kFeedbackBindings{
    {kVirtualBindings[0],
     kVirtualBindings[1],
     kVirtualBindings[2],
     {kFeedback, VK_DESCRIPTOR_TYPE_STORAGE_BUFFER}}};
constexpr std::array<ComputePipeline::Binding, 2> kResidentBindings{
    {{kTarget, VK_DESCRIPTOR_TYPE_STORAGE_IMAGE},
     {kPicture, VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER}}};

ComputePipeline::Desc pipeline_desc(MapPass::Picture picture) {
  ComputePipeline::Desc desc;
  desc.push_constant_bytes = sizeof(MapConstants);
  desc.set_count = kFramesInFlight;
  switch (picture) {
    case MapPass::Picture::kVirtual:
      desc.code = kVirtualCode;
      desc.bindings = kVirtualBindings;
      desc.debug_name = "map view";
      break;
    case MapPass::Picture::kVirtualWithFeedback:
      desc.code = kFeedbackCode;
      desc.bindings = kFeedbackBindings;
      desc.debug_name = "map view with feedback";
      break;
    case MapPass::Picture::kResident:
      desc.code = kReferenceCode;
      desc.bindings = kResidentBindings;
      desc.debug_name = "reference view";
      break;
  }
  return desc;
}

}  // namespace

struct MapPass::State {
  std::shared_ptr<Device> device;
  Picture picture = Picture::kVirtual;
  ComputePipeline pipeline;
  std::array<std::optional<Ticket>, kFramesInFlight> in_flight;  // by descriptor set
  std::uint32_t next_set = 0;
  bool rendered = false;
  DeviceImage target;
  CommandRecorder recorder;

  ~State() {
    for (const std::optional<Ticket>& ticket : in_flight)
      if (ticket) (void)device->wait(*ticket, kTimeoutNs);
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

  /// Rewritten for each frame: what the inputs point to may have changed behind equal handles.
  void write_set(const Inputs& inputs) const {
    ComputePipeline::Write target_write{kTarget};
    target_write.image = {VK_NULL_HANDLE, target.view(), VK_IMAGE_LAYOUT_GENERAL};
    const bool paged = picture != Picture::kResident;
    ComputePipeline::Write picture_write{paged ? kAtlas : kPicture};
    picture_write.image = {inputs.sampler, inputs.picture, VK_IMAGE_LAYOUT_GENERAL};
    pipeline.write_set(next_set, std::array{target_write, picture_write});
    if (!paged) return;
    ComputePipeline::Write table_write{kPageTable};
    table_write.buffer = {inputs.page_table, 0, VK_WHOLE_SIZE};
    pipeline.write_set(next_set, std::array{table_write});
    if (picture != Picture::kVirtualWithFeedback) return;
    ComputePipeline::Write feedback_write{kFeedback};
    feedback_write.buffer = inputs.feedback->binding();
    pipeline.write_set(next_set, std::array{feedback_write});
  }

  void record(VkCommandBuffer commands, const Inputs& inputs, const MapConstants& constants) const {
    device->begin_label(commands, "map view");
    if (picture == Picture::kVirtualWithFeedback) inputs.feedback->begin(commands);
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
    pipeline.record(commands, next_set, std::as_bytes(std::span(&constants, 1)),
                    (target.desc().width + kGroupExtent - 1) / kGroupExtent,
                    (target.desc().height + kGroupExtent - 1) / kGroupExtent);
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
  FORGE3D_TRY_ASSIGN(state.pipeline, ComputePipeline::create(state.device, pipeline_desc(picture)));
  return pass;
}

Result<Ticket> MapPass::render(const Inputs& inputs, const MapConstants& constants) {
  State& state = *state_;
  std::optional<Ticket>& last = state.in_flight[state.next_set];
  if (last) FORGE3D_TRY(state.device->wait(*last, kTimeoutNs));
  state.write_set(inputs);
  FORGE3D_TRY_ASSIGN(const VkCommandBuffer commands, state.recorder.begin());
  state.record(commands, inputs, constants);
  FORGE3D_TRY_ASSIGN(const Ticket ticket, state.recorder.submit());
  last = ticket;
  state.next_set = (state.next_set + 1) % kFramesInFlight;
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
