// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "docs/surroundings.hpp"

namespace forge3d::docs::pools {
namespace {

struct Surroundings {
  std::shared_ptr<Device> device = test::open_device();
  const std::uint64_t size = 12'345;
  const VkBufferUsageFlags usage = VK_BUFFER_USAGE_VERTEX_BUFFER_BIT;
  Ticket uploaded, frame_ticket;

  Result<> set_up() { return {}; }
};

}  // namespace
}  // namespace forge3d::docs::pools

#include "pools_blocks.hpp"
