// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Pixels between NumPy and the library, and the words for formats and qualities.

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "forge3d/codec.hpp"
#include "forge3d/format.hpp"
#include "forge3d/image.hpp"

namespace forge3d::python {

namespace nb = nanobind;

/// float16 of NumPy and DLPack.
inline constexpr nb::dlpack::dtype kHalfType{
    static_cast<std::uint8_t>(nb::dlpack::dtype_code::Float), 16, 1};

/// An array (height, width) or (height, width, 1..4) of uint8, uint16, float16 (widened) or float32
/// as an image: one copy, as the library keeps it. Throws TypeError (no array, other dtypes),
/// InvalidArgument (shape, not contiguous).
[[nodiscard]] Image image_argument(nb::handle array, bool srgb, const char* name);

/// The image's pixels as an array (height, width, channels), without a copy; grey has two
/// dimensions.
[[nodiscard]] nb::object array_of(Image image);
/// Bytes as a read-only array of uint8, without a copy.
[[nodiscard]] nb::object array_of(std::vector<std::byte> bytes);

/// The short word for a format, sRGB or not: "BC7", "ETC2 RGB", "ASTC 4x4", "RGBA8", "RG16F"; its
/// Vulkan name in words where there is none.
[[nodiscard]] std::string short_name(Format format);
/// The format's name in Vulkan without the prefix: "BC7_SRGB_BLOCK".
[[nodiscard]] std::string long_name(Format format);

/// True for formats of numbers from -1 to 1.
[[nodiscard]] bool is_snorm(Format format);
/// The format of a short name, however it is written ("ETC2 RGB", "etc2-rgb"), or a Vulkan name.
[[nodiscard]] std::optional<Format> format_from_word(const std::string& name);
/// A format of tiles (8 bits a channel) that this build encodes, from its short or Vulkan name.
/// Throws InvalidArgument for unknown names, NotSupported for formats without an encoder; the
/// message lists those that have one.
[[nodiscard]] Format encodable_format(const std::string& name);
/// The same for compress(), which makes formats of half floats and 16 bits, too.
[[nodiscard]] Format compressible_format(const std::string& name);

/// Throws InvalidArgument.
[[nodiscard]] Quality quality_argument(const std::string& name);

void bind_images(nb::module_& module);

}  // namespace forge3d::python
