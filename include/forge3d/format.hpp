// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Texel formats and their block layout. Values are those of VkFormat, so that gpu casts them;
// this header needs no Vulkan.

#include <cstdint>
#include <optional>
#include <string_view>

#include "forge3d/result.hpp"

namespace forge3d {

/// A texel format. The underlying value is the VkFormat value of the same name.
enum class Format : std::uint32_t {
  kUndefined = 0,
  kR8Unorm = 9,
  kR8Srgb = 15,
  kRG8Unorm = 16,
  kRG8Srgb = 22,
  kRGB8Unorm = 23,
  kRGB8Srgb = 29,
  kRGBA8Unorm = 37,
  kRGBA8Srgb = 43,
  kBGRA8Unorm = 44,
  kBGRA8Srgb = 50,
  kR16Unorm = 70,
  kR16Sfloat = 76,
  kRG16Unorm = 77,
  kRG16Sfloat = 83,
  kRGB16Unorm = 84,
  kRGB16Sfloat = 90,
  kRGBA16Unorm = 91,
  kRGBA16Sfloat = 97,
  kR32Uint = 98,
  kR32Sfloat = 100,
  kRG32Sfloat = 103,
  kRGB32Sfloat = 106,
  kRGBA32Sfloat = 109,
  kBC1RgbUnorm = 131,
  kBC1RgbSrgb = 132,
  kBC1RgbaUnorm = 133,
  kBC1RgbaSrgb = 134,
  kBC2Unorm = 135,
  kBC2Srgb = 136,
  kBC3Unorm = 137,
  kBC3Srgb = 138,
  kBC4Unorm = 139,
  kBC4Snorm = 140,
  kBC5Unorm = 141,
  kBC5Snorm = 142,
  kBC6HUfloat = 143,
  kBC6HSfloat = 144,
  kBC7Unorm = 145,
  kBC7Srgb = 146,
};

/// The layout of one format. A "block" is one texel for uncompressed formats.
struct FormatInfo {
  Format format;
  std::string_view name;  ///< VkFormat name without the prefix: "BC7_SRGB_BLOCK", "R8G8B8A8_UNORM".
  std::uint8_t block_width;
  std::uint8_t block_height;
  std::uint8_t block_bytes;
  std::uint8_t channels;
  bool compressed;
  bool srgb;
};

/// The layout of `format`, or nullptr when the table does not hold it.
[[nodiscard]] const FormatInfo* format_info(Format format);

/// The format whose FormatInfo::name or short name ("bc7", "bc1", "rgba8") is `name`, ASCII case
/// ignored. Short names give the UNORM variant.
[[nodiscard]] std::optional<Format> format_from_name(std::string_view name);

/// The same format with sRGB or linear encoding; the format itself where it has no such twin.
[[nodiscard]] Format with_srgb(Format format, bool srgb);

/// The extent of mip level `level`: max(1, base >> level), as Vulkan defines it.
[[nodiscard]] constexpr std::uint32_t mip_extent(std::uint32_t base, std::uint32_t level) {
  return level >= 32 ? 1 : ((base >> level) > 0 ? (base >> level) : 1);
}

/// Number of levels down to 1 x 1: 1 + floor(log2(max(width, height))).
[[nodiscard]] std::uint32_t full_mip_count(std::uint32_t width, std::uint32_t height);

/// Tightly packed bytes of a width x height x depth image. Errors: kNotSupported for a format
/// outside the table, kInvalidArgument when an extent is zero or the product passes 2^63.
[[nodiscard]] Result<std::uint64_t> image_bytes(Format format, std::uint32_t width,
                                                std::uint32_t height, std::uint32_t depth = 1);

}  // namespace forge3d
