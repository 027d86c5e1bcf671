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
};

struct ShortName {
  std::string_view name;
  Format format;
};
constexpr std::array kShortNames = {
    ShortName{"r8", kR8Unorm},      ShortName{"rg8", kRG8Unorm},
    ShortName{"rgb8", kRGB8Unorm},  ShortName{"rgba8", kRGBA8Unorm},
    ShortName{"r16", kR16Unorm},    ShortName{"rgba16", kRGBA16Unorm},
    ShortName{"bc1", kBC1RgbUnorm}, ShortName{"bc1a", kBC1RgbaUnorm},
    ShortName{"bc2", kBC2Unorm},    ShortName{"bc3", kBC3Unorm},
    ShortName{"bc4", kBC4Unorm},    ShortName{"bc5", kBC5Unorm},
    ShortName{"bc6h", kBC6HUfloat}, ShortName{"bc7", kBC7Unorm},
};

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

struct SrgbPair {
  Format linear, srgb;
};
constexpr std::array kSrgbPairs = {
    SrgbPair{kR8Unorm, kR8Srgb},           SrgbPair{kRG8Unorm, kRG8Srgb},
    SrgbPair{kRGB8Unorm, kRGB8Srgb},       SrgbPair{kRGBA8Unorm, kRGBA8Srgb},
    SrgbPair{kBGRA8Unorm, kBGRA8Srgb},     SrgbPair{kBC1RgbUnorm, kBC1RgbSrgb},
    SrgbPair{kBC1RgbaUnorm, kBC1RgbaSrgb}, SrgbPair{kBC2Unorm, kBC2Srgb},
    SrgbPair{kBC3Unorm, kBC3Srgb},         SrgbPair{kBC7Unorm, kBC7Srgb},
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
