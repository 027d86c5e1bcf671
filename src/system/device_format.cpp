// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "system/device_format.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "forge3d/ktx2_image.hpp"

namespace forge3d::system {
namespace {

std::string name_of(Format format) {
  const FormatInfo* info = format_info(format);
  return info != nullptr ? std::string(info->name)
                         : fmt::format("vkFormat {}", static_cast<std::uint32_t>(format));
}

bool is_basis(const Ktx2Info& info) { return info.basis_model != BasisModel::kNone; }

bool is_srgb(const Ktx2Info& info) {
  if (is_basis(info)) return info.srgb;
  const Format fallback = ktx2_fallback_format(info);
  const FormatInfo* format = format_info(info.format);
  return format != nullptr ? format->srgb : fallback == Format::kRGBA8Srgb;
}

bool is_snorm(Format format) {
  return format == Format::kBC4Snorm || format == Format::kBC5Snorm ||
         format == Format::kEACR11Snorm || format == Format::kEACRG11Snorm;
}

bool is_compressed(Format format) {
  const FormatInfo* info = format_info(format);
  return info != nullptr && info->compressed;
}

bool is_hdr_file(const Ktx2Info& info) {
  return is_basis(info) ? info.basis_model == BasisModel::kUastcHdr : is_hdr(info.format);
}

/// Plain numbers that reach beyond 0..1 or have more than 8 bits: they go to LDR and HDR blocks.
bool is_wide_plain(const Ktx2Info& info) {
  const Format fallback = ktx2_fallback_format(info);
  return !is_basis(info) && !is_compressed(info.format) &&
         (fallback == Format::kRGBA16Sfloat || fallback == Format::kRGBA32Sfloat);
}

// ---- Ways --------------------------------------------------------------------------------------

bool can_transcode_file(const DeviceFormatQuery& query, Format to) {
  return is_basis(query.info) && can_transcode(query.info.basis_model, to);
}

bool can_encode_file(const Ktx2Info& info, Format to) {
  if (!is_compressed(to) || !can_encode(to)) return false;
  if (!is_basis(info) && !can_decode_ktx2(info)) return false;
  if (is_wide_plain(info)) return !is_snorm(to);
  if (ktx2_fallback_format(info) == Format::kUndefined && !is_basis(info)) return false;
  return is_hdr(to) == is_hdr_file(info) && is_snorm(to) == is_snorm(info.format);
}

bool can_convert_file(const Ktx2Info& info, Format to) {
  if (is_basis(info)) return false;  // transcoded
  const Format fallback = ktx2_fallback_format(info);
  if (fallback == Format::kUndefined) return false;
  if (with_srgb(to, false) == Format::kRGBA8Unorm) return !is_hdr(info.format);
  return to == Format::kRGBA16Sfloat || to == Format::kRGBA32Sfloat;
}

/// The shortest way to a format, or nothing.
std::optional<TextureRoute> route_to(const DeviceFormatQuery& query, Format to) {
  if (to == query.info.format && !can_transcode_file(query, to)) return TextureRoute::kAsStored;
  if (can_transcode_file(query, to)) return TextureRoute::kTranscode;
  if (can_convert_file(query.info, to)) return TextureRoute::kConvert;
  if (can_encode_file(query.info, to)) return TextureRoute::kEncode;
  return std::nullopt;
}

// ---- Wishes ------------------------------------------------------------------------------------

void append(std::vector<Format>& list, std::initializer_list<Format> formats) {
  list.insert(list.end(), formats);
}

/// UASTC is nearest to ASTC (the same texels), then BC7; ETC1S blocks are ETC1's, so that ETC2
/// takes them as they are, in half the bytes where there is no alpha.
std::vector<Format> basis_wishes(const DeviceFormatQuery& query) {
  const bool etc1s = query.info.basis_model == BasisModel::kEtc1s;
  if (is_hdr_file(query.info))
    return {Format::kASTC4x4Sfloat, Format::kBC6HUfloat, Format::kRGBA16Sfloat};
  std::vector<Format> list;
  switch (query.channels) {
    case BasisChannels::kRed:
      append(list, {Format::kBC4Unorm, Format::kEACR11Unorm});
      break;
    case BasisChannels::kRedGreen:
      append(list, {Format::kBC5Unorm, Format::kEACRG11Unorm});
      break;
    case BasisChannels::kRgb:
      if (etc1s) list.push_back(Format::kETC2RgbUnorm);
      if (etc1s && query.quality == Quality::kFast) list.push_back(Format::kBC1RgbUnorm);
      break;
    case BasisChannels::kRgba:
      if (etc1s) list.push_back(Format::kETC2RgbaUnorm);
      break;
  }
  if (!etc1s) list.push_back(Format::kASTC4x4Unorm);
  append(list, {Format::kBC7Unorm, Format::kASTC4x4Unorm});
  const bool opaque = query.channels != BasisChannels::kRgba;
  append(list, {opaque ? Format::kETC2RgbUnorm : Format::kETC2RgbaUnorm,
                opaque ? Format::kBC1RgbUnorm : Format::kBC3Unorm, Format::kRGBA8Unorm});
  return list;
}

/// For blocks that the device does not sample.
std::vector<Format> block_wishes(const DeviceFormatQuery& query) {
  const Format stored = query.info.format;
  const std::uint32_t channels = format_info(stored)->channels;
  if (is_hdr(stored)) {
    if (stored == Format::kBC6HSfloat || query.translucent) return {Format::kRGBA16Sfloat};
    return {Format::kBC6HUfloat, Format::kRGBA16Sfloat};
  }
  if (is_snorm(stored))
    return channels == 1
               ? std::vector{Format::kBC4Snorm, Format::kEACR11Snorm, Format::kRGBA16Sfloat}
               : std::vector{Format::kBC5Snorm, Format::kEACRG11Snorm, Format::kRGBA16Sfloat};
  if (channels == 1) return {Format::kBC4Unorm, Format::kEACR11Unorm, Format::kRGBA8Unorm};
  if (channels == 2) return {Format::kBC5Unorm, Format::kEACRG11Unorm, Format::kRGBA8Unorm};
  return {Format::kBC7Unorm, Format::kASTC4x4Unorm,
          channels == 3 ? Format::kETC2RgbUnorm : Format::kETC2RgbaUnorm, Format::kRGBA8Unorm};
}

std::vector<Format> wishes(const DeviceFormatQuery& query) {
  if (is_basis(query.info)) return basis_wishes(query);
  if (is_compressed(query.info.format)) return block_wishes(query);
  // Devices need not filter 32-bit floats.
  return {ktx2_fallback_format(query.info), Format::kRGBA16Sfloat};
}

Result<DeviceFormat> choose_preferred(const DeviceFormatQuery& query) {
  const Format wanted = with_srgb(query.preferred, is_srgb(query.info));
  const auto route = route_to(query, wanted);
  if (!route)
    return fail(ErrorCode::kNotSupported, fmt::format("{} cannot be made of {} here",
                                                      name_of(wanted), stored_name(query.info)));
  if (!query.can_sample(wanted))
    return fail(ErrorCode::kNotSupported,
                fmt::format("the device cannot sample {}", name_of(wanted)));
  const std::string source = *route == TextureRoute::kAsStored
                                 ? "stored as asked for"
                                 : stored_name(query.info) + " made what was asked for";
  return DeviceFormat{wanted, *route, source};
}

std::string reason_of(const DeviceFormatQuery& query, Format format, TextureRoute route) {
  if (is_basis(query.info))
    return fmt::format("{} goes to {}: of what it becomes, the best that the device samples",
                       stored_name(query.info), name_of(format));
  return fmt::format("the device does not sample {}: {} {}", stored_name(query.info),
                     route == TextureRoute::kEncode ? "encoded anew as" : "converted to",
                     name_of(format));
}

}  // namespace

std::string stored_name(const Ktx2Info& info) {
  if (is_basis(info)) return std::string(to_string(info.basis_model));
  if (info.supercompression == Supercompression::kUastcHdr6x6) return "the UASTC HDR 6x6 scheme";
  return name_of(info.format != Format::kUndefined ? info.format
                                                   : static_cast<Format>(info.vk_format));
}

Result<DeviceFormat> choose_device_format(const DeviceFormatQuery& query) {
  const Ktx2Info& info = query.info;
  if (!is_basis(info) && info.supercompression == Supercompression::kUastcHdr6x6)
    return fail(ErrorCode::kNotSupported, stored_name(info) + " is read as stored only");
  if (query.preferred != Format::kUndefined) return choose_preferred(query);
  if (!is_basis(info) && query.can_sample(info.format))
    return DeviceFormat{info.format, TextureRoute::kAsStored,
                        fmt::format("the device samples {}", name_of(info.format))};
  const bool srgb = is_srgb(info);
  for (const Format wish : wishes(query)) {
    const Format format = with_srgb(wish, srgb);
    const FormatInfo* to = format_info(format);
    // Formats of one or two channels have no sRGB twin.
    if (to == nullptr || (srgb && !to->srgb) || !query.can_sample(format)) continue;
    if (const auto route = route_to(query, format))
      return DeviceFormat{format, *route, reason_of(query, format, *route)};
  }
  if (!is_basis(info) && can_decode_ktx2(info) && ktx2_fallback_format(info) == Format::kUndefined)
    return fail(ErrorCode::kNotSupported,
                stored_name(info) + " is of integers, which samplers do not filter");
  return fail(ErrorCode::kNotSupported,
              fmt::format("the device samples neither {} nor what this build makes of it",
                          stored_name(info)));
}

}  // namespace forge3d::system
