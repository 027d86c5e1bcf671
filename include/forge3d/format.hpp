// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Texel formats and their block layout. Values are those of VkFormat, so that gpu casts them;
// this header needs no Vulkan.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

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
  kETC2RgbUnorm = 147,  ///< ETC1 blocks are valid ETC2 RGB blocks.
  kETC2RgbSrgb = 148,
  kETC2RgbA1Unorm = 149,
  kETC2RgbA1Srgb = 150,
  kETC2RgbaUnorm = 151,
  kETC2RgbaSrgb = 152,
  kEACR11Unorm = 153,
  kEACR11Snorm = 154,
  kEACRG11Unorm = 155,
  kEACRG11Snorm = 156,
  kASTC4x4Unorm = 157,
  kASTC4x4Srgb = 158,
  kASTC5x4Unorm = 159,
  kASTC5x4Srgb = 160,
  kASTC5x5Unorm = 161,
  kASTC5x5Srgb = 162,
  kASTC6x5Unorm = 163,
  kASTC6x5Srgb = 164,
  kASTC6x6Unorm = 165,
  kASTC6x6Srgb = 166,
  kASTC8x5Unorm = 167,
  kASTC8x5Srgb = 168,
  kASTC8x6Unorm = 169,
  kASTC8x6Srgb = 170,
  kASTC8x8Unorm = 171,
  kASTC8x8Srgb = 172,
  kASTC10x5Unorm = 173,
  kASTC10x5Srgb = 174,
  kASTC10x6Unorm = 175,
  kASTC10x6Srgb = 176,
  kASTC10x8Unorm = 177,
  kASTC10x8Srgb = 178,
  kASTC10x10Unorm = 179,
  kASTC10x10Srgb = 180,
  kASTC12x10Unorm = 181,
  kASTC12x10Srgb = 182,
  kASTC12x12Unorm = 183,
  kASTC12x12Srgb = 184,
  kASTC4x4Sfloat = 1000066000,
  kASTC5x4Sfloat = 1000066001,
  kASTC5x5Sfloat = 1000066002,
  kASTC6x5Sfloat = 1000066003,
  kASTC6x6Sfloat = 1000066004,
  kASTC8x5Sfloat = 1000066005,
  kASTC8x6Sfloat = 1000066006,
  kASTC8x8Sfloat = 1000066007,
  kASTC10x5Sfloat = 1000066008,
  kASTC10x6Sfloat = 1000066009,
  kASTC10x8Sfloat = 1000066010,
  kASTC10x10Sfloat = 1000066011,
  kASTC12x10Sfloat = 1000066012,
  kASTC12x12Sfloat = 1000066013,
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
/// All short names, plain formats first.
[[nodiscard]] std::vector<std::string_view> format_short_names();

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
