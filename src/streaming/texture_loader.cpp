// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/texture_loader.hpp"

#include <fmt/format.h>

#include <array>
#include <cstring>

#include "core/thread_clock.hpp"
#include "gpu/compute_pipeline.hpp"
#include "gpu/vulkan.hpp"

namespace forge3d {
namespace {

constexpr std::uint32_t kSampleTexelsCode[] =
#include "shaders/sample_texels.comp.inc"
    ;
constexpr std::uint32_t kGroupExtent = 8;

Result<DeviceImageDesc> image_desc(const Ktx2Info& info, const LoadTextureDesc& desc) {
  if (info.format == Format::kUndefined)
    return fail(ErrorCode::kNotSupported, fmt::format("{}: vkFormat {} cannot be loaded as it is",
                                                      desc.debug_name, info.vk_format));
  if (info.depth > 1)
    return fail(ErrorCode::kNotSupported, desc.debug_name + ": 3D textures cannot be loaded");
  if (desc.first_level >= info.levels)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: first_level {} of a texture with {} levels", desc.debug_name,
                            desc.first_level, info.levels));
  DeviceImageDesc image;
  image.format = desc.reinterpret_linear ? with_srgb(info.format, false) : info.format;
  image.width = mip_extent(info.width, desc.first_level);
  image.height = mip_extent(info.height, desc.first_level);
  image.levels = info.levels - desc.first_level;
  image.layers = info.layers * info.faces;
  image.array_view = info.is_array;
  image.cube = info.faces == 6;
  image.category = desc.category;
  image.debug_name = desc.debug_name;
  return image;
}

Result<> upload_level(StagingRing& ring, const DeviceImage& image, const TextureLevels& levels,
                      std::uint32_t file_level, std::uint32_t image_level, std::uint64_t& read_ns) {
  const std::uint64_t begin_ns = monotonic_ns();
  FORGE3D_TRY_ASSIGN(const std::vector<std::byte> bytes, levels.make(file_level));
  read_ns += monotonic_ns() - begin_ns;
  ImageRegion region;
  region.image = image.handle();
  region.format = image.desc().format;
  region.image_width = region.width = mip_extent(image.desc().width, image_level);
  region.image_height = region.height = mip_extent(image.desc().height, image_level);
  region.level = image_level;
  region.layer_count = image.desc().layers;
  FORGE3D_TRY(ring.upload(region, bytes));
  return {};
}

/// Uploads every level of the image, flushes, and counts.
Result<> upload_levels(StagingRing& ring, const TextureLevels& levels, std::uint32_t first_level,
                       DeviceTexture& texture) {
  const DeviceImageDesc& shape = texture.image.desc();
  for (std::uint32_t level = 0; level < shape.levels; ++level) {
    FORGE3D_TRY(
        upload_level(ring, texture.image, levels, first_level + level, level, texture.read_ns));
    texture.stored_bytes += levels.info.level_index[first_level + level].stored_bytes;
    texture.uncompressed_bytes += std::uint64_t{4} * mip_extent(shape.width, level) *
                                  mip_extent(shape.height, level) * shape.layers;
  }
  FORGE3D_TRY_ASSIGN(texture.ready, ring.flush());
  return {};
}

/// Puts a fresh image into the layout it keeps.
Result<> make_general(const std::shared_ptr<Device>& device, const DeviceImage& image) {
  FORGE3D_TRY_ASSIGN(CommandRecorder recorder,
                     CommandRecorder::create(device, QueueKind::kGraphics));
  FORGE3D_TRY_ASSIGN(const VkCommandBuffer commands, recorder.begin());
  record_layout_transition(*device, commands, image.handle(), VK_IMAGE_LAYOUT_UNDEFINED,
                           VK_IMAGE_LAYOUT_GENERAL);
  FORGE3D_TRY(recorder.submit());
  return {};
}

/// A view of one level and layer, and the sampler to read it with.
struct SampleInputs {
  std::shared_ptr<Device> device;
  VkImageView view = VK_NULL_HANDLE;
  VkSampler sampler = VK_NULL_HANDLE;
  ~SampleInputs() {
    if (view != VK_NULL_HANDLE) device->vk().vkDestroyImageView(device->handle(), view, nullptr);
    if (sampler != VK_NULL_HANDLE)
      device->vk().vkDestroySampler(device->handle(), sampler, nullptr);
  }
  Result<> create(const DeviceImage& image, std::uint32_t level, std::uint32_t layer) {
    VkImageViewCreateInfo info{VK_STRUCTURE_TYPE_IMAGE_VIEW_CREATE_INFO};
    info.image = image.handle();
    info.viewType = VK_IMAGE_VIEW_TYPE_2D;
    info.format = static_cast<VkFormat>(image.desc().format);
    info.subresourceRange = {VK_IMAGE_ASPECT_COLOR_BIT, level, 1, layer, 1};
    FORGE3D_VK_TRY(*device,
                   device->vk().vkCreateImageView(device->handle(), &info, nullptr, &view));
    VkSamplerCreateInfo sampler_info{VK_STRUCTURE_TYPE_SAMPLER_CREATE_INFO};
    sampler_info.addressModeU = sampler_info.addressModeV = sampler_info.addressModeW =
        VK_SAMPLER_ADDRESS_MODE_CLAMP_TO_EDGE;
    FORGE3D_VK_TRY(
        *device, device->vk().vkCreateSampler(device->handle(), &sampler_info, nullptr, &sampler));
    return {};
  }
};

}  // namespace

Result<DeviceTexture> load_texture(std::shared_ptr<Device> device, StagingRing& ring,
                                   const Ktx2Reader& reader, const LoadTextureDesc& desc) {
  const TextureLevels levels{reader.info(),
                             [&reader](std::uint32_t level) { return reader.read_level(level); }};
  return load_texture(std::move(device), ring, levels, desc);
}

Result<DeviceTexture> load_texture(std::shared_ptr<Device> device, StagingRing& ring,
                                   const TextureLevels& levels, const LoadTextureDesc& desc) {
  FORGE3D_TRY_ASSIGN(const DeviceImageDesc shape, image_desc(levels.info, desc));
  DeviceTexture texture;
  FORGE3D_TRY_ASSIGN(texture.image, DeviceImage::create(device, shape));
  FORGE3D_TRY(make_general(device, texture.image));
  if (auto uploaded = upload_levels(ring, levels, desc.first_level, texture); !uploaded) {
    // What was recorded so far still writes to the image: it must land before the image goes.
    if (const auto last = ring.flush()) (void)ring.wait(*last);
    return tl::unexpected(std::move(uploaded).error());
  }
  texture.device_bytes = texture.image.size_bytes();
  return texture;
}

Result<Image> sample_texels(std::shared_ptr<Device> device, StagingRing& ring,
                            const DeviceTexture& texture, std::uint32_t level,
                            std::uint32_t layer) {
  const DeviceImageDesc& shape = texture.image.desc();
  if (level >= shape.levels || layer >= shape.layers)
    return fail(ErrorCode::kInvalidArgument, fmt::format("level {} of {}, layer {} of {}", level,
                                                         shape.levels, layer, shape.layers));
  FORGE3D_TRY_ASSIGN(Image pixels,
                     make_image({mip_extent(shape.width, level), mip_extent(shape.height, level), 4,
                                 SampleType::kU8, format_info(shape.format)->srgb}));
  using Binding = gpu::ComputePipeline::Binding;
  constexpr std::array kBindings = {Binding{0, VK_DESCRIPTOR_TYPE_STORAGE_BUFFER},
                                    Binding{1, VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER}};
  const std::array<std::uint32_t, 2> extent = {pixels.info.width, pixels.info.height};
  FORGE3D_TRY_ASSIGN(const gpu::ComputePipeline pipeline,
                     gpu::ComputePipeline::create(device, {.code = kSampleTexelsCode,
                                                           .bindings = kBindings,
                                                           .push_constant_bytes = sizeof(extent),
                                                           .debug_name = "sample texels"}));
  FORGE3D_TRY_ASSIGN(const Buffer out,
                     Buffer::create(device, {.size_bytes = pixels.pixels.size(),
                                             .usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT |
                                                      VK_BUFFER_USAGE_TRANSFER_SRC_BIT,
                                             .debug_name = "sampled texels"}));
  SampleInputs inputs{device};
  FORGE3D_TRY(inputs.create(texture.image, level, layer));
  pipeline.write_set(
      0, std::array{
             gpu::ComputePipeline::Write{.number = 0, .buffer = {out.handle(), 0, VK_WHOLE_SIZE}},
             gpu::ComputePipeline::Write{
                 .number = 1, .image = {inputs.sampler, inputs.view, VK_IMAGE_LAYOUT_GENERAL}}});
  FORGE3D_TRY_ASSIGN(CommandRecorder recorder,
                     CommandRecorder::create(device, QueueKind::kGraphics));
  FORGE3D_TRY_ASSIGN(const VkCommandBuffer commands, recorder.begin());
  pipeline.record(commands, 0, std::as_bytes(std::span(extent)),
                  (extent[0] + kGroupExtent - 1) / kGroupExtent,
                  (extent[1] + kGroupExtent - 1) / kGroupExtent);
  const std::array waits = {texture.ready};
  FORGE3D_TRY(recorder.submit(waits));
  FORGE3D_TRY_ASSIGN(Readback readback,
                     ring.readback({.buffer = out.handle(), .buffer_size_bytes = out.size_bytes()},
                                   out.size_bytes()));
  FORGE3D_TRY_ASSIGN(const std::span<const std::byte> bytes, readback.get());
  std::memcpy(pixels.pixels.data(), bytes.data(), bytes.size());
  return pixels;
}

}  // namespace forge3d
