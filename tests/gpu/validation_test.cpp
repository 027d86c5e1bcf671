// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// The canary: plants a hazard on purpose, so that silence of the layers elsewhere means something.

#include <gtest/gtest.h>

#include "forge3d/resources.hpp"
#include "gpu/vulkan.hpp"
#include "support/test_device.hpp"

namespace forge3d {
namespace {

TEST(Validation, ReportsAPlantedHazard) {
  const auto device = test::open_device({}, /*expect_messages=*/true);
  ASSERT_NE(device, nullptr);
  if (!device->info().validation) GTEST_SKIP() << "the validation layer is not installed";
  auto buffer =
      Buffer::create(device, {.size_bytes = 64, .usage = VK_BUFFER_USAGE_TRANSFER_DST_BIT});
  auto recorder = CommandRecorder::create(device, QueueKind::kGraphics);
  ASSERT_TRUE(buffer && recorder);
  const auto commands = recorder->begin();
  ASSERT_TRUE(commands);
  const std::uint64_t before = device->validation_messages();
  // Two writes of the same bytes with no barrier between them.
  device->vk().vkCmdFillBuffer(*commands, buffer->handle(), 0, 64, 1);
  device->vk().vkCmdFillBuffer(*commands, buffer->handle(), 0, 64, 2);
  EXPECT_GT(device->validation_messages(), before) << "synchronization validation does not listen";
  ASSERT_TRUE(recorder->submit());
}

}  // namespace
}  // namespace forge3d
