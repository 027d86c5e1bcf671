// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "docs/surroundings.hpp"

namespace forge3d::docs::staging {
namespace {

struct Surroundings {
  std::shared_ptr<Device> device = test::open_device();
  std::vector<std::byte> bytes = make_bytes(100'000), texels = make_bytes(64 * 64 * 4);
  Buffer vertices;
  DeviceImage image;
  const std::uint32_t level = 0;

  Result<> set_up() {
    FORGE3D_TRY_ASSIGN(vertices,
                       Buffer::create(device, {.size_bytes = bytes.size(),
                                               .usage = VK_BUFFER_USAGE_TRANSFER_SRC_BIT |
                                                        VK_BUFFER_USAGE_TRANSFER_DST_BIT}));
    FORGE3D_TRY_ASSIGN(
        image, DeviceImage::create(
                   device, {.width = 64,
                            .height = 64,
                            .usage = VK_IMAGE_USAGE_SAMPLED_BIT | VK_IMAGE_USAGE_TRANSFER_SRC_BIT |
                                     VK_IMAGE_USAGE_TRANSFER_DST_BIT}));
    FORGE3D_TRY_ASSIGN(auto recorder, CommandRecorder::create(device, QueueKind::kGraphics));
    FORGE3D_TRY_ASSIGN(const VkCommandBuffer commands, recorder.begin());
    record_layout_transition(*device, commands, image.handle(), VK_IMAGE_LAYOUT_UNDEFINED,
                             VK_IMAGE_LAYOUT_GENERAL);
    FORGE3D_TRY(recorder.submit());
    return {};
  }

  /// Both have arrived.
  Result<> after_staging_bytes_between_cpu_and_gpu() {
    FORGE3D_TRY(device->wait_idle());
    FORGE3D_TRY_ASSIGN(const auto ring, StagingRing::create(device, {.upload_bytes = kMebibyte}));
    FORGE3D_TRY_ASSIGN(auto mesh, ring->readback(region_of(vertices), bytes.size()));
    FORGE3D_TRY_ASSIGN(auto page, ring->readback(region_of(image)));
    FORGE3D_TRY_ASSIGN(const auto mesh_bytes, mesh.get());
    FORGE3D_TRY_ASSIGN(const auto page_bytes, page.get());
    EXPECT_TRUE(std::equal(bytes.begin(), bytes.end(), mesh_bytes.begin(), mesh_bytes.end()));
    EXPECT_TRUE(std::equal(texels.begin(), texels.end(), page_bytes.begin(), page_bytes.end()));
    return {};
  }
};

}  // namespace
}  // namespace forge3d::docs::staging

#include "staging_blocks.hpp"
