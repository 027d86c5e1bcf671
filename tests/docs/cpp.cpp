// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <volk.h>

#include <atomic>
#include <cmath>
#include <fstream>
#include <iostream>
#include <thread>

#include "docs/surroundings.hpp"
#include "forge3d/metrics.hpp"
#include "gpu/compute_pipeline.hpp"
#include "texture/etc1s_samples.hpp"

namespace forge3d::docs::cpp {
namespace {

constexpr std::uint32_t kShader[] =
#include "cpp_sample_it_in_your_own_shader.inc"
    ;
using gpu::ComputePipeline;

/// What an engine has before it knows of forge3d.
struct Engine {
  std::shared_ptr<Device> owner = test::open_device();
  PFN_vkGetInstanceProcAddr get_instance_proc_addr = vkGetInstanceProcAddr;
  VkInstance instance = owner->instance();
  VkPhysicalDevice physical_device = owner->physical_device();
  VkDevice device = owner->handle();
  VkQueue queue = owner->queue(QueueKind::kGraphics).handle();
  std::uint32_t queue_family = owner->info().graphics_family;
  CommandRecorder recorder;
  VkCommandBuffer frame_commands = VK_NULL_HANDLE;

  Result<> set_up() {
    FORGE3D_TRY_ASSIGN(recorder, CommandRecorder::create(owner, QueueKind::kGraphics));
    FORGE3D_TRY_ASSIGN(frame_commands, recorder.begin());
    owner->vk().vkEndCommandBuffer(frame_commands);
    return {};
  }
};

struct Surroundings {
  std::shared_ptr<Device> device = test::open_device();
  Engine engine;
  std::shared_ptr<StagingRing> ring;
  std::shared_ptr<MemoryPool> pool;
  std::vector<std::byte> mesh = make_bytes(50'000);
  Image picture = make_picture(200, 150, 4);  // one page: resident from the start
  Buffer results;
  std::vector<Camera> flight{{.x = 100, .y = 100, .height = 60},
                             {.x = 300, .y = 200, .height = 40}};
  std::shared_ptr<VirtualTextureSystem> system;
  VirtualTextureId texture;
  PoolHandle not_seen_for_long;
  int calls = 0;  // of the functions below

  Result<> set_up() {
    FORGE3D_TRY(engine.set_up());
    FORGE3D_TRY_ASSIGN(ring, StagingRing::create(device, {.upload_bytes = kMebibyte}));
    FORGE3D_TRY_ASSIGN(pool, MemoryPool::create(device, {.max_bytes = 16 * kMebibyte}));
    FORGE3D_TRY_ASSIGN(const PoolBuffer large,
                       pool->create_buffer(12 * kMebibyte, VK_BUFFER_USAGE_VERTEX_BUFFER_BIT));
    not_seen_for_long = large.allocation.handle;
    FORGE3D_TRY_ASSIGN(results,
                       Buffer::create(device, {.size_bytes = 4096,
                                               .usage = VK_BUFFER_USAGE_TRANSFER_SRC_BIT |
                                                        VK_BUFFER_USAGE_TRANSFER_DST_BIT}));
    FORGE3D_TRY(ring->upload(region_of(results), std::as_bytes(std::span(values_))));
    FORGE3D_TRY(set_up_files());
    FORGE3D_TRY_ASSIGN(const auto source, make_image_tile_source(picture, Format::kRGBA8Srgb));
    FORGE3D_TRY_ASSIGN(system, VirtualTextureSystem::create({.device = device,
                                                             .ring = ring,
                                                             .format = Format::kRGBA8Srgb,
                                                             .atlas_bytes = 8 * kMebibyte}));
    FORGE3D_TRY_ASSIGN(texture, system->add(source));
    return {};
  }
  ~Surroundings() {
    (void)device->wait_idle();
    if (not_seen_for_long) (void)pool->release(not_seen_for_long);
  }

  Result<> set_up_files() {
    FORGE3D_TRY(save_png("photo.png", make_picture(120, 80)));
    FORGE3D_TRY_ASSIGN(const CompressResult photo,
                       compress(make_picture(120, 80), {.format = Format::kBC1RgbUnorm}));
    std::ofstream("photo.ktx2", std::ios::binary)
        .write(reinterpret_cast<const char*>(photo.ktx2.data()),
               std::streamsize(photo.ktx2.size()));
    const std::vector<std::byte> basis = test::four_blocks().file();
    std::ofstream("basis.ktx2", std::ios::binary)
        .write(reinterpret_cast<const char*>(basis.data()), std::streamsize(basis.size()));
    FORGE3D_TRY(save_png("huge.png", make_picture(600, 400)));
    FORGE3D_TRY_ASSIGN(const auto rows, open_image("huge.png"));
    FORGE3D_TRY(tile_image(*rows, "huge.pmtiles", {.format = Format::kBC1RgbUnorm}));
    return {};
  }

  // What the blocks call.
  void rewrite_descriptors(PoolHandle, VkBuffer buffer) {
    EXPECT_NE(buffer, VkBuffer(VK_NULL_HANDLE));
  }
  Result<Ticket> draw_mesh(VkBuffer buffer) {
    EXPECT_NE(buffer, VkBuffer(VK_NULL_HANDLE));
    return ring->flush();
  }
  void bind(VkImageView view) {
    ++calls;
    EXPECT_NE(view, VkImageView(VK_NULL_HANDLE));
  }
  void release_what_was_not_seen_for_long() {
    ++calls;
    EXPECT_TRUE(pool->release(std::exchange(not_seen_for_long, {})));
  }
  Result<Ticket> draw(const VkDescriptorBufferInfo& page_table, const VkDescriptorImageInfo& atlas,
                      std::uint32_t texture_index);

  Result<> after_load_a_ktx2() {
    EXPECT_EQ(calls, 1);
    return {};
  }
  Result<> after_errors_and_exhaustion() {
    EXPECT_EQ(calls, 1) << "the block has not met exhaustion";
    return {};
  }
  Result<> after_threads() {
    FORGE3D_TRY_ASSIGN(Readback readback, ring->readback(region_of(results), 4096));
    FORGE3D_TRY_ASSIGN(const auto bytes, readback.get());
    for (std::size_t i = 0; i < 4096; ++i) EXPECT_EQ(bytes[i], mesh[i % 1024]);
    return {};
  }
  Result<> after_stream_it() {
    FORGE3D_TRY(load_image("frame.png"));
    return {};
  }
  Result<> after_compress_a_picture() {
    FORGE3D_TRY_ASSIGN(const Ktx2Reader photo, Ktx2Reader::open("photo.ktx2"));
    EXPECT_EQ(photo.info().levels, 7u) << "not the file of the block";
    return {};
  }
  /// The shader of the page has drawn the texture, texel by texel.
  Result<> after_sample_it_in_your_own_shader() {
    FORGE3D_TRY_ASSIGN(Readback readback, ring->readback(region_of(target_)));
    FORGE3D_TRY_ASSIGN(const auto bytes, readback.get());
    FORGE3D_TRY_ASSIGN(
        const ImageDifference difference,
        compare_images({picture.info, {bytes.begin(), bytes.end()}}, linear_picture()));
    EXPECT_LE(difference.max_error_any, 1.01 / 255);
    return {};
  }

 private:
  /// sRGB is decoded by the sampler; an rgba8 target stores what it gives.
  [[nodiscard]] Image linear_picture() const {
    Image linear = picture;
    for (std::size_t i = 0; i < linear.pixels.size(); ++i) {
      if (i % 4 == 3) continue;
      const double code = double(linear.pixels[i]) / 255;
      const double light = code <= 0.04045 ? code / 12.92 : std::pow((code + 0.055) / 1.055, 2.4);
      linear.pixels[i] = static_cast<std::byte>(std::lround(light * 255));
    }
    return linear;
  }
  std::vector<float> values_ = std::vector<float>(1024, 0.5f);
  ComputePipeline pipeline_;
  DeviceImage target_;
  CommandRecorder recorder_;
};

/// An engine's frame: one dispatch of the shader into an image of the picture's size.
Result<Ticket> Surroundings::draw(const VkDescriptorBufferInfo& page_table,
                                  const VkDescriptorImageInfo& atlas, std::uint32_t texture_index) {
  const std::array<ComputePipeline::Binding, 3> bindings{
      {{0, VK_DESCRIPTOR_TYPE_STORAGE_BUFFER},
       {1, VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER},
       {2, VK_DESCRIPTOR_TYPE_STORAGE_IMAGE}}};
  FORGE3D_TRY_ASSIGN(
      pipeline_, ComputePipeline::create(device, {.code = kShader,
                                                  .bindings = bindings,
                                                  .push_constant_bytes = sizeof(texture_index)}));
  FORGE3D_TRY_ASSIGN(target_,
                     DeviceImage::create(device, {.width = picture.info.width,
                                                  .height = picture.info.height,
                                                  .usage = VK_IMAGE_USAGE_STORAGE_BIT |
                                                           VK_IMAGE_USAGE_TRANSFER_SRC_BIT}));
  const ComputePipeline::Write writes[] = {
      {.number = 0, .buffer = page_table},
      {.number = 1, .image = atlas},
      {.number = 2, .image = {VK_NULL_HANDLE, target_.view(), VK_IMAGE_LAYOUT_GENERAL}}};
  pipeline_.write_set(0, writes);
  FORGE3D_TRY_ASSIGN(recorder_, CommandRecorder::create(device, QueueKind::kGraphics));
  FORGE3D_TRY_ASSIGN(const VkCommandBuffer commands, recorder_.begin());
  record_layout_transition(*device, commands, target_.handle(), VK_IMAGE_LAYOUT_UNDEFINED,
                           VK_IMAGE_LAYOUT_GENERAL);
  record_memory_barrier(*device, commands, VK_PIPELINE_STAGE_TRANSFER_BIT,
                        VK_ACCESS_TRANSFER_WRITE_BIT, VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT,
                        VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT);
  pipeline_.record(commands, 0, std::as_bytes(std::span(&texture_index, 1)),
                   (picture.info.width + 7) / 8, (picture.info.height + 7) / 8);
  record_memory_barrier(*device, commands, VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT,
                        VK_ACCESS_SHADER_WRITE_BIT, VK_PIPELINE_STAGE_TRANSFER_BIT,
                        VK_ACCESS_TRANSFER_READ_BIT);
  return recorder_.submit();
}

}  // namespace
}  // namespace forge3d::docs::cpp

#include "cpp_blocks.hpp"
