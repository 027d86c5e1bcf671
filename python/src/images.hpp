// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Pixels between NumPy and the library, and the words for formats and qualities.

#include <nanobind/nanobind.h>

#include <string>
#include <string_view>
#include <vector>

#include "forge3d/codec.hpp"
#include "forge3d/format.hpp"
#include "forge3d/image.hpp"

namespace forge3d::python {

namespace nb = nanobind;

/// An array (height, width) or (height, width, 1..4) of uint8, uint16 or float32 as an image: one
/// copy, as the library keeps it. Throws TypeError (no array, other dtypes), InvalidArgument
/// (shape, not contiguous).
[[nodiscard]] Image image_argument(nb::handle array, bool srgb, const char* name);

/// The image's pixels as an array (height, width, channels), without a copy; grey has two
/// dimensions.
[[nodiscard]] nb::object array_of(Image image);
/// Bytes as a read-only array of uint8, without a copy.
[[nodiscard]] nb::object array_of(std::vector<std::byte> bytes);

/// The short word for a format: "BC7", "RGBA8", "RG16F"; its Vulkan name where there is none.
[[nodiscard]] std::string short_name(Format format);
/// The format's name in Vulkan without the prefix: "BC7_SRGB_BLOCK".
[[nodiscard]] std::string long_name(Format format);

/// A format that this build encodes, from its short or Vulkan name. Throws InvalidArgument for
/// unknown names, NotSupported for formats without an encoder; the message lists those that have
/// one.
[[nodiscard]] Format encodable_format(const std::string& name);

/// Throws InvalidArgument.
[[nodiscard]] Quality quality_argument(const std::string& name);

void bind_images(nb::module_& module);

}  // namespace forge3d::python
