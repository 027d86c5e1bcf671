// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a VkFormat's name says: block layout, type size, and the samples that the Khronos Data
// Format Specification 1.3 derives from it.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "texture/ktx2/descriptor.hpp"

namespace forge3d::texture {

/// The layout of any format that KTX2 allows, wider than the public format table.
struct VkFormatLayout {
  std::string_view name;
  std::uint32_t type_size = 1;
  bool block_compressed = false;
  bool srgb = false;
  bool depth_stencil = false;
  bool shared_exponent = false;
  bool subsampled = false;  ///< A _422_ format: two texels share their chroma.
  Descriptor descriptor;    ///< As a writer would make it: linear or sRGB, BT.709, straight alpha.
};

/// True for formats that the KTX2 specification forbids: scaled integers and several planes.
[[nodiscard]] bool is_prohibited(std::string_view name);

/// The layout of a format, or nothing for VK_FORMAT_UNDEFINED, unknown and prohibited ones.
[[nodiscard]] std::optional<VkFormatLayout> vk_format_layout(std::uint32_t vk_format);

/// True when the same format exists with and without the sRGB transfer function.
[[nodiscard]] bool has_srgb_twin(const VkFormatLayout& layout);

}  // namespace forge3d::texture
