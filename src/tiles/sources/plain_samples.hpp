// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Plain formats whose texels are an Image's pixels.

#include <optional>

#include "forge3d/format.hpp"
#include "forge3d/image.hpp"

namespace forge3d::tiles {

/// The samples that a texel of `format` is made of, extents left at 0; nothing for blocks, other
/// orders of channels, half floats, and two channels (an Image's second of two is alpha).
[[nodiscard]] inline std::optional<ImageInfo> plain_samples(Format format) {
  const auto samples = [&](std::uint32_t channels, SampleType type) {
    return ImageInfo{0, 0, channels, type, format_info(format)->srgb};
  };
  switch (with_srgb(format, false)) {
    case Format::kR8Unorm:
      return samples(1, SampleType::kU8);
    case Format::kRGB8Unorm:
      return samples(3, SampleType::kU8);
    case Format::kRGBA8Unorm:
      return samples(4, SampleType::kU8);
    case Format::kR16Unorm:
      return samples(1, SampleType::kU16);
    case Format::kRGB16Unorm:
      return samples(3, SampleType::kU16);
    case Format::kRGBA16Unorm:
      return samples(4, SampleType::kU16);
    case Format::kR32Sfloat:
      return samples(1, SampleType::kF32);
    case Format::kRGB32Sfloat:
      return samples(3, SampleType::kF32);
    case Format::kRGBA32Sfloat:
      return samples(4, SampleType::kF32);
    default:
      return std::nullopt;
  }
}

}  // namespace forge3d::tiles
