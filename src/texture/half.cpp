// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/half.hpp"

#include <bit>
#include <cmath>

namespace forge3d::texture {

float half_to_float(std::uint16_t half) {
  const int exponent = (half >> 10) & 31;
  const int mantissa = half & 1023;
  const float sign = (half & 0x8000) != 0 ? -1.0f : 1.0f;
  if (exponent == 0) return sign * std::ldexp(static_cast<float>(mantissa), -24);
  if (exponent == 31)  // infinity, or NaN with its sign and fraction
    return std::bit_cast<float>(static_cast<std::uint32_t>(half & 0x8000) << 16 | 0xFFu << 23 |
                                static_cast<std::uint32_t>(mantissa) << 13);
  return sign * std::ldexp(static_cast<float>(1024 + mantissa), exponent - 25);
}

std::uint16_t float_to_finite_half(float value) {
  if (std::isnan(value)) return 0;
  const auto sign = static_cast<std::uint16_t>(std::signbit(value) ? 0x8000 : 0);
  const float magnitude = std::fabs(value);
  if (magnitude >= 65504.0f) return sign | 0x7bff;
  // Adding this power of two rounds to the last bit of a half: below 2^-14 steps are 2^-24.
  const float least_normal = std::ldexp(1.0f, -14);
  if (magnitude < least_normal) {
    const float aligned = magnitude + 0.5f;  // steps of 2^-24 above one half
    return sign | static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(aligned) -
                                             std::bit_cast<std::uint32_t>(0.5f));
  }
  const auto bits = std::bit_cast<std::uint32_t>(magnitude);
  const std::uint32_t rounded = bits + 0xfff + ((bits >> 13) & 1);
  const std::uint32_t half = (rounded - (112u << 23)) >> 13;
  return sign | static_cast<std::uint16_t>(half < 0x7bff ? half : 0x7bff);
}

}  // namespace forge3d::texture
