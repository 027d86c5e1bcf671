// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/linear_rows.hpp"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "forge3d/mip.hpp"
#include "texture/srgb.hpp"

namespace forge3d {
namespace {

/// How samples of one type become linear floats and come back, correctly rounded.
struct Linear8 {
  using Sample = std::uint8_t;
  static float to_linear(Sample code) { return static_cast<float>(code) * (1.0f / 255.0f); }
  static Sample from_linear(float value) {
    return static_cast<Sample>(value > 0 ? std::min(value, 1.0f) * 255.0f + 0.5f : 0.0f);
  }
};
struct Srgb8 {
  using Sample = std::uint8_t;
  const texture::Srgb8Table& table = texture::Srgb8Table::get();
  float to_linear(Sample code) const { return table.to_linear(code); }
  Sample from_linear(float value) const { return table.from_linear(value); }
};
struct Linear16 {
  using Sample = std::uint16_t;
  static float to_linear(Sample code) { return static_cast<float>(code) / 65535.0f; }
  static Sample from_linear(float value) {
    return static_cast<Sample>(value > 0 ? std::min(value, 1.0f) * 65535.0f + 0.5f : 0.0f);
  }
};
struct Srgb16 {
  using Sample = std::uint16_t;
  const std::vector<float>& table = texture::srgb16_to_linear();
  float to_linear(Sample code) const { return table[code]; }
  static Sample from_linear(float value) {
    return Linear16::from_linear(value > 0 ? texture::linear_to_srgb(value) : 0.0f);
  }
};
struct LinearFloat {
  using Sample = float;
  static float to_linear(float value) { return value; }
  static float from_linear(float value) { return value; }
};
struct SrgbFloat {
  using Sample = float;
  static float to_linear(float value) { return texture::srgb_to_linear(value); }
  static float from_linear(float value) { return texture::linear_to_srgb(value); }
};

template <class Sample>
Sample load(const std::byte* row, std::size_t index) {
  Sample sample;
  std::memcpy(&sample, row + index * sizeof(Sample), sizeof(Sample));
  return sample;
}
template <class Sample>
void store(std::byte* row, std::size_t index, Sample sample) {
  std::memcpy(row + index * sizeof(Sample), &sample, sizeof(Sample));
}

template <std::uint32_t kChannels, bool kWeighAlpha, class Colour, class Alpha>
void to_linear(std::size_t width, const std::byte* row, float* __restrict out, const Colour& colour,
               const Alpha& alpha) {
  using Sample = typename Colour::Sample;
  constexpr bool kGrey = kChannels < 3;
  constexpr bool kHasAlpha = kChannels % 2 == 0;
  for (std::size_t x = 0; x < width; ++x) {
    float a = 1.0f;
    if constexpr (kHasAlpha) a = alpha.to_linear(load<Sample>(row, x * kChannels + kChannels - 1));
    const float scale = kWeighAlpha ? a : 1.0f;
    for (std::size_t c = 0; c < 3; ++c)
      out[x * 4 + c] = colour.to_linear(load<Sample>(row, x * kChannels + (kGrey ? 0 : c))) * scale;
    out[x * 4 + 3] = a;
  }
}

template <std::uint32_t kChannels, bool kWeighAlpha, class Colour, class Alpha>
void from_linear(std::size_t width, const float* row, std::byte* out, const Colour& colour,
                 const Alpha& alpha) {
  constexpr std::size_t kColours = kChannels < 3 ? 1 : 3;
  constexpr bool kHasAlpha = kChannels % 2 == 0;
  for (std::size_t x = 0; x < width; ++x) {
    const float a = row[x * 4 + 3];
    // Exactly 1 for opaque texels, so that their colours pass unchanged.
    const float scale = kHasAlpha && kWeighAlpha ? (a > 0 ? 1.0f / a : 0.0f) : 1.0f;
    for (std::size_t c = 0; c < kColours; ++c)
      store(out, x * kChannels + c, colour.from_linear(row[x * 4 + c] * scale));
    if constexpr (kHasAlpha) store(out, x * kChannels + kColours, alpha.from_linear(a));
  }
}

/// Calls `body` with the channel count as a constant and the converters for the sample type.
template <class Body>
void with_converters(const ImageInfo& info, Body body) {
  const auto by_channels = [&](const auto& colour, const auto& alpha) {
    switch (info.channels) {
      case 1:
        body(std::integral_constant<std::uint32_t, 1>{}, colour, alpha);
        break;
      case 2:
        body(std::integral_constant<std::uint32_t, 2>{}, colour, alpha);
        break;
      case 3:
        body(std::integral_constant<std::uint32_t, 3>{}, colour, alpha);
        break;
      case 4:
        body(std::integral_constant<std::uint32_t, 4>{}, colour, alpha);
        break;
    }
  };
  switch (info.type) {
    case SampleType::kU8:
      return info.srgb ? by_channels(Srgb8{}, Linear8{}) : by_channels(Linear8{}, Linear8{});
    case SampleType::kU16:
      return info.srgb ? by_channels(Srgb16{}, Linear16{}) : by_channels(Linear16{}, Linear16{});
    case SampleType::kF32:
      return info.srgb ? by_channels(SrgbFloat{}, LinearFloat{})
                       : by_channels(LinearFloat{}, LinearFloat{});
  }
}

}  // namespace

void row_to_linear(const ImageInfo& info, std::span<const std::byte> row, std::span<float> out) {
  with_converters(info, [&](auto channels, const auto& colour, const auto& alpha) {
    to_linear<channels(), true>(info.width, row.data(), out.data(), colour, alpha);
  });
}

void row_from_linear(const ImageInfo& info, std::span<const float> row, std::span<std::byte> out) {
  with_converters(info, [&](auto channels, const auto& colour, const auto& alpha) {
    from_linear<channels(), true>(info.width, row.data(), out.data(), colour, alpha);
  });
}

namespace texture {

void plain_row_to_linear(const ImageInfo& info, std::span<const std::byte> row,
                         std::span<float> out) {
  with_converters(info, [&](auto channels, const auto& colour, const auto& alpha) {
    to_linear<channels(), false>(info.width, row.data(), out.data(), colour, alpha);
  });
}

void plain_row_from_linear(const ImageInfo& info, std::span<const float> row,
                           std::span<std::byte> out) {
  with_converters(info, [&](auto channels, const auto& colour, const auto& alpha) {
    from_linear<channels(), false>(info.width, row.data(), out.data(), colour, alpha);
  });
}

}  // namespace texture
}  // namespace forge3d
