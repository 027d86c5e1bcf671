// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// What every file of the bytes wing that calls Vulkan includes: volk's table and the check macro.

#include <volk.h>
// volk first: it must see no Vulkan prototypes.
#include <string_view>

#include "forge3d/device.hpp"

namespace forge3d::gpu {

/// The name of a VkResult ("VK_ERROR_DEVICE_LOST").
[[nodiscard]] std::string_view result_name(VkResult result);

/// The error code that a failed VkResult stands for.
[[nodiscard]] ErrorCode error_code(VkResult result);

}  // namespace forge3d::gpu

#define FORGE3D_STRING_(x) #x
#define FORGE3D_STRING(x) FORGE3D_STRING_(x)

/// Returns the Error of a failed Vulkan call from the enclosing function, with the call, file and
/// line.
#define FORGE3D_VK_TRY(device, call)                                                             \
  do {                                                                                           \
    if (const VkResult forge3d_vk_ = (call); forge3d_vk_ < 0)                                    \
      return ::tl::unexpected<::forge3d::Error>(                                                 \
          (device).error(forge3d_vk_, #call " at " __FILE_NAME__ ":" FORGE3D_STRING(__LINE__))); \
  } while (false)

#ifndef __FILE_NAME__
#define __FILE_NAME__ __FILE__
#endif
