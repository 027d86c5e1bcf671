// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// The seam under the driver: tests replace entries of a device's function table.

#include "gpu/vulkan.hpp"

namespace forge3d {

struct DeviceTestAccess {
  [[nodiscard]] static VolkDeviceTable& table(Device& device) { return *device.table_; }
};

}  // namespace forge3d
