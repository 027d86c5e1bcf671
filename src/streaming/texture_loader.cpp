// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/texture_loader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>

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
  if (desc.first_level >= info.levels)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: first_level {} of a texture with {} levels", desc.debug_name,
                            desc.first_level, info.levels));
  DeviceImageDesc image;
  image.format = desc.reinterpret_linear ? with_srgb(info.format, false) : info.format;
  image.width = mip_extent(info.width, desc.first_level);
  image.height = mip_extent(info.height, desc.first_level);
  image.depth = mip_extent(info.depth, desc.first_level);
  image.levels = info.levels - desc.first_level;
  image.layers = info.layers * info.faces;
  image.array_view = info.is_array;
  image.cube = info.faces == 6;
  image.usage |= desc.more_usage;
  image.category = desc.category;
  image.debug_name = desc.debug_name;
  return image;
}

/// One level on its way to the image.
class LevelUpload {
 public:
  LevelUpload(StagingRing& ring, const DeviceImage& image, std::uint32_t level,
              std::uint64_t& read_ns)
      : ring_(ring), read_ns_(read_ns) {
    region_.image = image.handle();
    region_.format = image.desc().format;
    region_.image_width = region_.width = mip_extent(image.desc().width, level);
    region_.image_height = region_.height = mip_extent(image.desc().height, level);
    region_.level = level;
    region_.volume = image.desc().depth > 1;
    region_.id = image.id();
    layers_ = image.desc().layers * mip_extent(image.desc().depth, level);
  }

  Result<> run(const TextureLevels& levels, std::uint32_t file_level) {
    const std::uint64_t begin_ns = monotonic_ns();
    FORGE3D_TRY_ASSIGN(const auto source, levels.open(file_level));
    read_ns_ += monotonic_ns() - begin_ns;
    if (!source->bytes().empty()) {
      region_.layer_count = layers_;
      FORGE3D_TRY(ring_.upload(region_, source->bytes()));
      return {};
    }
    FORGE3D_TRY_ASSIGN(const std::uint32_t rows, part_height(source->row_step()));
    const std::uint32_t height = region_.image_height;
    for (std::uint32_t image = 0; image < layers_; ++image)
      for (std::uint32_t y = 0; y < height; y += std::min(rows, height - y))
        FORGE3D_TRY(send(*source, {image, y, std::min(rows, height - y)}));
    return {};
  }

 private:
  // Enough that threads and the device are kept busy; a segment is held up no longer than that.
  static constexpr std::uint64_t kPartBytes = 2 * kMebibyte;

  /// The height of parts: whole steps of the source and whole blocks of the device.
  Result<std::uint32_t> part_height(std::uint32_t step) {
    const std::uint32_t unit = std::lcm(step, format_info(region_.format)->block_height);
    FORGE3D_TRY_ASSIGN(const std::uint64_t unit_bytes,
                       image_bytes(region_.format, region_.width, unit));
    const std::uint64_t most = ring_.max_in_place_bytes(region_.format);
    in_place_ = unit_bytes <= most;
    const std::uint64_t wanted = in_place_ ? std::min(kPartBytes, most) : kPartBytes;
    const std::uint64_t units = std::max<std::uint64_t>(wanted / unit_bytes, 1);
    return static_cast<std::uint32_t>(
        std::min<std::uint64_t>(units * unit, std::uint64_t{region_.image_height} + unit));
  }

  Result<> send(LevelSource& source, const LevelPart& part) {
    region_.layer = part.image;
    region_.y = part.y;
    region_.height = part.height;
    if (in_place_) {
      FORGE3D_TRY_ASSIGN(StagingWrite write, ring_.write_in_place(region_));
      FORGE3D_TRY(make(source, part, write.bytes()));
      const bool large = write.bytes().size() >= kPartBytes / 2;
      FORGE3D_TRY(write.commit());
      if (large) FORGE3D_TRY(ring_.submit());  // the device begins while the next part is made
      return {};
    }
    // Not even one step fits a segment, but a part of a row of blocks does.
    FORGE3D_TRY_ASSIGN(const std::uint64_t size_bytes,
                       image_bytes(region_.format, region_.width, part.height));
    std::vector<std::byte> bytes(size_bytes);
    FORGE3D_TRY(make(source, part, bytes));
    FORGE3D_TRY(ring_.upload(region_, bytes));
    return {};
  }

  Result<> make(LevelSource& source, const LevelPart& part, std::span<std::byte> out) {
    const std::uint64_t begin_ns = monotonic_ns();
    auto made = source.write(part, out);
    read_ns_ += monotonic_ns() - begin_ns;
    return made;
  }

  StagingRing& ring_;
  std::uint64_t& read_ns_;
  ImageRegion region_;
  std::uint32_t layers_ = 1;
  bool in_place_ = true;
};

/// Uploads every level of the image, flushes, and counts.
Result<> upload_levels(StagingRing& ring, const TextureLevels& levels, std::uint32_t first_level,
                       DeviceTexture& texture) {
  const DeviceImageDesc& shape = texture.image.desc();
  for (std::uint32_t level = 0; level < shape.levels; ++level) {
    FORGE3D_TRY(
        LevelUpload(ring, texture.image, level, texture.read_ns).run(levels, first_level + level));
    texture.stored_bytes += levels.info.level_index[first_level + level].stored_bytes;
    texture.uncompressed_bytes += std::uint64_t{4} * mip_extent(shape.width, level) *
                                  mip_extent(shape.height, level) * mip_extent(shape.depth, level) *
                                  shape.layers;
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
  return load_texture(std::move(device), ring, levels_of(reader), desc);
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
  if (shape.depth > 1)
    return fail(ErrorCode::kInvalidArgument, "texels of 3D images are read back, not sampled");
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
