// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/format.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>

namespace forge3d {
namespace {

using enum Format;

constexpr FormatInfo plain(Format format, std::string_view name, std::uint8_t bytes,
                           std::uint8_t channels, bool srgb = false) {
  return {format, name, 1, 1, bytes, channels, false, srgb};
}
constexpr FormatInfo block(Format format, std::string_view name, std::uint8_t bytes,
                           std::uint8_t channels, bool srgb = false) {
  return {format, name, 4, 4, bytes, channels, true, srgb};
}

constexpr FormatInfo astc(Format format, std::string_view name, std::uint8_t width,
                          std::uint8_t height, bool srgb = false) {
  return {format, name, width, height, 16, 4, true, srgb};
}

constexpr std::array kFormats = {
    plain(kR8Unorm, "R8_UNORM", 1, 1),
    plain(kR8Srgb, "R8_SRGB", 1, 1, true),
    plain(kRG8Unorm, "R8G8_UNORM", 2, 2),
    plain(kRG8Srgb, "R8G8_SRGB", 2, 2, true),
    plain(kRGB8Unorm, "R8G8B8_UNORM", 3, 3),
    plain(kRGB8Srgb, "R8G8B8_SRGB", 3, 3, true),
    plain(kRGBA8Unorm, "R8G8B8A8_UNORM", 4, 4),
    plain(kRGBA8Srgb, "R8G8B8A8_SRGB", 4, 4, true),
    plain(kBGRA8Unorm, "B8G8R8A8_UNORM", 4, 4),
    plain(kBGRA8Srgb, "B8G8R8A8_SRGB", 4, 4, true),
    plain(kR16Unorm, "R16_UNORM", 2, 1),
    plain(kR16Sfloat, "R16_SFLOAT", 2, 1),
    plain(kRG16Unorm, "R16G16_UNORM", 4, 2),
    plain(kRG16Sfloat, "R16G16_SFLOAT", 4, 2),
    plain(kRGB16Unorm, "R16G16B16_UNORM", 6, 3),
    plain(kRGB16Sfloat, "R16G16B16_SFLOAT", 6, 3),
    plain(kRGBA16Unorm, "R16G16B16A16_UNORM", 8, 4),
    plain(kRGBA16Sfloat, "R16G16B16A16_SFLOAT", 8, 4),
    plain(kR32Uint, "R32_UINT", 4, 1),
    plain(kR32Sfloat, "R32_SFLOAT", 4, 1),
    plain(kRG32Sfloat, "R32G32_SFLOAT", 8, 2),
    plain(kRGB32Sfloat, "R32G32B32_SFLOAT", 12, 3),
    plain(kRGBA32Sfloat, "R32G32B32A32_SFLOAT", 16, 4),
    block(kBC1RgbUnorm, "BC1_RGB_UNORM_BLOCK", 8, 3),
    block(kBC1RgbSrgb, "BC1_RGB_SRGB_BLOCK", 8, 3, true),
    block(kBC1RgbaUnorm, "BC1_RGBA_UNORM_BLOCK", 8, 4),
    block(kBC1RgbaSrgb, "BC1_RGBA_SRGB_BLOCK", 8, 4, true),
    block(kBC2Unorm, "BC2_UNORM_BLOCK", 16, 4),
    block(kBC2Srgb, "BC2_SRGB_BLOCK", 16, 4, true),
    block(kBC3Unorm, "BC3_UNORM_BLOCK", 16, 4),
    block(kBC3Srgb, "BC3_SRGB_BLOCK", 16, 4, true),
    block(kBC4Unorm, "BC4_UNORM_BLOCK", 8, 1),
    block(kBC4Snorm, "BC4_SNORM_BLOCK", 8, 1),
    block(kBC5Unorm, "BC5_UNORM_BLOCK", 16, 2),
    block(kBC5Snorm, "BC5_SNORM_BLOCK", 16, 2),
    block(kBC6HUfloat, "BC6H_UFLOAT_BLOCK", 16, 3),
    block(kBC6HSfloat, "BC6H_SFLOAT_BLOCK", 16, 3),
    block(kBC7Unorm, "BC7_UNORM_BLOCK", 16, 4),
    block(kBC7Srgb, "BC7_SRGB_BLOCK", 16, 4, true),
    block(kETC2RgbUnorm, "ETC2_R8G8B8_UNORM_BLOCK", 8, 3),
    block(kETC2RgbSrgb, "ETC2_R8G8B8_SRGB_BLOCK", 8, 3, true),
    block(kETC2RgbA1Unorm, "ETC2_R8G8B8A1_UNORM_BLOCK", 8, 4),
    block(kETC2RgbA1Srgb, "ETC2_R8G8B8A1_SRGB_BLOCK", 8, 4, true),
    block(kETC2RgbaUnorm, "ETC2_R8G8B8A8_UNORM_BLOCK", 16, 4),
    block(kETC2RgbaSrgb, "ETC2_R8G8B8A8_SRGB_BLOCK", 16, 4, true),
    block(kEACR11Unorm, "EAC_R11_UNORM_BLOCK", 8, 1),
    block(kEACR11Snorm, "EAC_R11_SNORM_BLOCK", 8, 1),
    block(kEACRG11Unorm, "EAC_R11G11_UNORM_BLOCK", 16, 2),
    block(kEACRG11Snorm, "EAC_R11G11_SNORM_BLOCK", 16, 2),
    astc(kASTC4x4Unorm, "ASTC_4x4_UNORM_BLOCK", 4, 4),
    astc(kASTC4x4Srgb, "ASTC_4x4_SRGB_BLOCK", 4, 4, true),
    astc(kASTC5x4Unorm, "ASTC_5x4_UNORM_BLOCK", 5, 4),
    astc(kASTC5x4Srgb, "ASTC_5x4_SRGB_BLOCK", 5, 4, true),
    astc(kASTC5x5Unorm, "ASTC_5x5_UNORM_BLOCK", 5, 5),
    astc(kASTC5x5Srgb, "ASTC_5x5_SRGB_BLOCK", 5, 5, true),
    astc(kASTC6x5Unorm, "ASTC_6x5_UNORM_BLOCK", 6, 5),
    astc(kASTC6x5Srgb, "ASTC_6x5_SRGB_BLOCK", 6, 5, true),
    astc(kASTC6x6Unorm, "ASTC_6x6_UNORM_BLOCK", 6, 6),
    astc(kASTC6x6Srgb, "ASTC_6x6_SRGB_BLOCK", 6, 6, true),
    astc(kASTC8x5Unorm, "ASTC_8x5_UNORM_BLOCK", 8, 5),
    astc(kASTC8x5Srgb, "ASTC_8x5_SRGB_BLOCK", 8, 5, true),
    astc(kASTC8x6Unorm, "ASTC_8x6_UNORM_BLOCK", 8, 6),
    astc(kASTC8x6Srgb, "ASTC_8x6_SRGB_BLOCK", 8, 6, true),
    astc(kASTC8x8Unorm, "ASTC_8x8_UNORM_BLOCK", 8, 8),
    astc(kASTC8x8Srgb, "ASTC_8x8_SRGB_BLOCK", 8, 8, true),
    astc(kASTC10x5Unorm, "ASTC_10x5_UNORM_BLOCK", 10, 5),
    astc(kASTC10x5Srgb, "ASTC_10x5_SRGB_BLOCK", 10, 5, true),
    astc(kASTC10x6Unorm, "ASTC_10x6_UNORM_BLOCK", 10, 6),
    astc(kASTC10x6Srgb, "ASTC_10x6_SRGB_BLOCK", 10, 6, true),
    astc(kASTC10x8Unorm, "ASTC_10x8_UNORM_BLOCK", 10, 8),
    astc(kASTC10x8Srgb, "ASTC_10x8_SRGB_BLOCK", 10, 8, true),
    astc(kASTC10x10Unorm, "ASTC_10x10_UNORM_BLOCK", 10, 10),
    astc(kASTC10x10Srgb, "ASTC_10x10_SRGB_BLOCK", 10, 10, true),
    astc(kASTC12x10Unorm, "ASTC_12x10_UNORM_BLOCK", 12, 10),
    astc(kASTC12x10Srgb, "ASTC_12x10_SRGB_BLOCK", 12, 10, true),
    astc(kASTC12x12Unorm, "ASTC_12x12_UNORM_BLOCK", 12, 12),
    astc(kASTC12x12Srgb, "ASTC_12x12_SRGB_BLOCK", 12, 12, true),
    astc(kASTC4x4Sfloat, "ASTC_4x4_SFLOAT_BLOCK", 4, 4),
    astc(kASTC5x4Sfloat, "ASTC_5x4_SFLOAT_BLOCK", 5, 4),
    astc(kASTC5x5Sfloat, "ASTC_5x5_SFLOAT_BLOCK", 5, 5),
    astc(kASTC6x5Sfloat, "ASTC_6x5_SFLOAT_BLOCK", 6, 5),
    astc(kASTC6x6Sfloat, "ASTC_6x6_SFLOAT_BLOCK", 6, 6),
    astc(kASTC8x5Sfloat, "ASTC_8x5_SFLOAT_BLOCK", 8, 5),
    astc(kASTC8x6Sfloat, "ASTC_8x6_SFLOAT_BLOCK", 8, 6),
    astc(kASTC8x8Sfloat, "ASTC_8x8_SFLOAT_BLOCK", 8, 8),
    astc(kASTC10x5Sfloat, "ASTC_10x5_SFLOAT_BLOCK", 10, 5),
    astc(kASTC10x6Sfloat, "ASTC_10x6_SFLOAT_BLOCK", 10, 6),
    astc(kASTC10x8Sfloat, "ASTC_10x8_SFLOAT_BLOCK", 10, 8),
    astc(kASTC10x10Sfloat, "ASTC_10x10_SFLOAT_BLOCK", 10, 10),
    astc(kASTC12x10Sfloat, "ASTC_12x10_SFLOAT_BLOCK", 12, 10),
    astc(kASTC12x12Sfloat, "ASTC_12x12_SFLOAT_BLOCK", 12, 12),
};

struct ShortName {
  std::string_view name;
  Format format;
};
constexpr std::array kShortNames = {
    ShortName{"r8", kR8Unorm},
    ShortName{"rg8", kRG8Unorm},
    ShortName{"rgb8", kRGB8Unorm},
    ShortName{"rgba8", kRGBA8Unorm},
    ShortName{"r16", kR16Unorm},
    ShortName{"rgba16", kRGBA16Unorm},
    ShortName{"rgba16f", kRGBA16Sfloat},
    ShortName{"bc1", kBC1RgbUnorm},
    ShortName{"bc1a", kBC1RgbaUnorm},
    ShortName{"bc2", kBC2Unorm},
    ShortName{"bc3", kBC3Unorm},
    ShortName{"bc4", kBC4Unorm},
    ShortName{"bc5", kBC5Unorm},
    ShortName{"bc6h", kBC6HUfloat},
    ShortName{"bc7", kBC7Unorm},
    ShortName{"bc4s", kBC4Snorm},
    ShortName{"bc5s", kBC5Snorm},
    ShortName{"bc6h-signed", kBC6HSfloat},
    ShortName{"etc2-rgb", kETC2RgbUnorm},
    ShortName{"etc2-rgba1", kETC2RgbA1Unorm},
    ShortName{"etc2-rgba", kETC2RgbaUnorm},
    ShortName{"eac-r11", kEACR11Unorm},
    ShortName{"eac-rg11", kEACRG11Unorm},
    ShortName{"eac-r11s", kEACR11Snorm},
    ShortName{"eac-rg11s", kEACRG11Snorm},
    ShortName{"astc-4x4", kASTC4x4Unorm},
    ShortName{"astc-5x4", kASTC5x4Unorm},
    ShortName{"astc-5x5", kASTC5x5Unorm},
    ShortName{"astc-6x5", kASTC6x5Unorm},
    ShortName{"astc-6x6", kASTC6x6Unorm},
    ShortName{"astc-8x5", kASTC8x5Unorm},
    ShortName{"astc-8x6", kASTC8x6Unorm},
    ShortName{"astc-8x8", kASTC8x8Unorm},
    ShortName{"astc-10x5", kASTC10x5Unorm},
    ShortName{"astc-10x6", kASTC10x6Unorm},
    ShortName{"astc-10x8", kASTC10x8Unorm},
    ShortName{"astc-10x10", kASTC10x10Unorm},
    ShortName{"astc-12x10", kASTC12x10Unorm},
    ShortName{"astc-12x12", kASTC12x12Unorm},
};

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

struct SrgbPair {
  Format linear, srgb;
};
constexpr std::array kSrgbPairs = {
    SrgbPair{kR8Unorm, kR8Srgb},
    SrgbPair{kRG8Unorm, kRG8Srgb},
    SrgbPair{kRGB8Unorm, kRGB8Srgb},
    SrgbPair{kRGBA8Unorm, kRGBA8Srgb},
    SrgbPair{kBGRA8Unorm, kBGRA8Srgb},
    SrgbPair{kBC1RgbUnorm, kBC1RgbSrgb},
    SrgbPair{kBC1RgbaUnorm, kBC1RgbaSrgb},
    SrgbPair{kBC2Unorm, kBC2Srgb},
    SrgbPair{kBC3Unorm, kBC3Srgb},
    SrgbPair{kBC7Unorm, kBC7Srgb},
    SrgbPair{kETC2RgbUnorm, kETC2RgbSrgb},
    SrgbPair{kETC2RgbA1Unorm, kETC2RgbA1Srgb},
    SrgbPair{kETC2RgbaUnorm, kETC2RgbaSrgb},
    SrgbPair{kASTC4x4Unorm, kASTC4x4Srgb},
    SrgbPair{kASTC5x4Unorm, kASTC5x4Srgb},
    SrgbPair{kASTC5x5Unorm, kASTC5x5Srgb},
    SrgbPair{kASTC6x5Unorm, kASTC6x5Srgb},
    SrgbPair{kASTC6x6Unorm, kASTC6x6Srgb},
    SrgbPair{kASTC8x5Unorm, kASTC8x5Srgb},
    SrgbPair{kASTC8x6Unorm, kASTC8x6Srgb},
    SrgbPair{kASTC8x8Unorm, kASTC8x8Srgb},
    SrgbPair{kASTC10x5Unorm, kASTC10x5Srgb},
    SrgbPair{kASTC10x6Unorm, kASTC10x6Srgb},
    SrgbPair{kASTC10x8Unorm, kASTC10x8Srgb},
    SrgbPair{kASTC10x10Unorm, kASTC10x10Srgb},
    SrgbPair{kASTC12x10Unorm, kASTC12x10Srgb},
    SrgbPair{kASTC12x12Unorm, kASTC12x12Srgb},
};

}  // namespace

const FormatInfo* format_info(Format format) {
  const auto found = std::ranges::find(kFormats, format, &FormatInfo::format);
  return found == kFormats.end() ? nullptr : &*found;
}

std::optional<Format> format_from_name(std::string_view name) {
  for (const ShortName& entry : kShortNames)
    if (equal_ignoring_case(entry.name, name)) return entry.format;
  for (const FormatInfo& info : kFormats)
    if (equal_ignoring_case(info.name, name)) return info.format;
  return std::nullopt;
}

std::vector<std::string_view> format_short_names() {
  std::vector<std::string_view> names;
  for (const ShortName& entry : kShortNames) names.push_back(entry.name);
  return names;
}

Format with_srgb(Format format, bool srgb) {
  for (const SrgbPair& pair : kSrgbPairs)
    if (format == pair.linear || format == pair.srgb) return srgb ? pair.srgb : pair.linear;
  return format;
}

std::uint32_t full_mip_count(std::uint32_t width, std::uint32_t height) {
  return static_cast<std::uint32_t>(std::bit_width(std::max({width, height, 1u})));
}

Result<std::uint64_t> image_bytes(Format format, std::uint32_t width, std::uint32_t height,
                                  std::uint32_t depth) {
  const FormatInfo* info = format_info(format);
  if (info == nullptr)
    return fail(ErrorCode::kNotSupported, fmt::format("format {} is not in the format table",
                                                      static_cast<std::uint32_t>(format)));
  if (width == 0 || height == 0 || depth == 0)
    return fail(ErrorCode::kInvalidArgument, "an extent of the image is zero");
  const auto blocks = [](std::uint32_t texels, std::uint32_t size) {
    return (std::uint64_t{texels} + size - 1) / size;
  };
  std::uint64_t bytes = info->block_bytes;
  for (const std::uint64_t factor : {blocks(width, info->block_width),
                                     blocks(height, info->block_height), std::uint64_t{depth}}) {
    if (factor > (std::uint64_t{1} << 63) / bytes)
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("{} x {} x {} texels of {} pass 2^63 bytes", width, height, depth,
                              info->name));
    bytes *= factor;
  }
  return bytes;
}

}  // namespace forge3d
