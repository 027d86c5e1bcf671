// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Names of the VkFormats that a KTX2 file may name. A name tells its whole layout; see
// vk_format.hpp.

#include <cstdint>
#include <string_view>

namespace forge3d::texture {

/// The name without VK_FORMAT_, or an empty one for VK_FORMAT_UNDEFINED and numbers unknown here.
[[nodiscard]] std::string_view vk_format_name(std::uint32_t vk_format);

}  // namespace forge3d::texture
