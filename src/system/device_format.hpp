// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Which format a KTX2 file gets on a device, and the way there.

#include <functional>
#include <string>

#include "forge3d/basis.hpp"
#include "forge3d/codec.hpp"
#include "forge3d/ktx2.hpp"

namespace forge3d::system {

struct DeviceFormatQuery {
  const Ktx2Info& info;
  BasisChannels channels = BasisChannels::kRgba;  ///< Of Basis files.
  bool translucent = false;                       ///< HDR blocks with some alpha below 1.
  Format preferred = Format::kUndefined;
  Quality quality = Quality::kHigh;
  std::function<bool(Format)> can_sample;
};

/// How levels get from file to device.
enum class TextureRoute : std::uint8_t {
  kAsStored,
  kTranscode,  ///< Basis Universal, block by block.
  kEncode,     ///< Decoded, then encoded anew.
  kConvert,    ///< To plain texels.
};

struct DeviceFormat {
  Format format = Format::kUndefined;
  TextureRoute route = TextureRoute::kAsStored;
  std::string reason;  ///< Why, in half a sentence.
};

/// Without a preference: the file's own format where the device samples it, else the first that it
/// does of those that keep the channels, best first. sRGB files keep their transfer function.
/// Errors: kNotSupported names formats. Thread-safe.
[[nodiscard]] Result<DeviceFormat> choose_device_format(const DeviceFormatQuery& query);

/// "UASTC", "ETC1S", "BC7_SRGB_BLOCK", "vkFormat 2": what the file holds.
[[nodiscard]] std::string stored_name(const Ktx2Info& info);

}  // namespace forge3d::system
