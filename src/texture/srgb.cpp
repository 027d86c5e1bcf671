// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/srgb.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace forge3d::texture {
namespace {

double decode(double encoded) {
  return encoded <= 0.04045 ? encoded / 12.92 : std::pow((encoded + 0.055) / 1.055, 2.4);
}

/// The smallest float that is not below `value`.
float float_at_least(double value) {
  const auto rounded = static_cast<float>(value);
  return static_cast<double>(rounded) < value ? std::nextafter(rounded, 2.0f) : rounded;
}

}  // namespace

float srgb_to_linear(float encoded) {
  const float size = std::fabs(encoded);
  const float linear = size <= 0.04045f ? size / 12.92f : std::pow((size + 0.055f) / 1.055f, 2.4f);
  return std::copysign(linear, encoded);
}

float linear_to_srgb(float linear) {
  const float size = std::fabs(linear);
  const float encoded =
      size <= 0.0031308f ? size * 12.92f : 1.055f * std::pow(size, 1.0f / 2.4f) - 0.055f;
  return std::copysign(encoded, linear);
}

const Srgb8Table& Srgb8Table::get() {
  static const Srgb8Table table;
  return table;
}

Srgb8Table::Srgb8Table() {
  for (std::uint32_t code = 0; code < 256; ++code) {
    linear_[code] = static_cast<float>(decode(code / 255.0));
    boundary_[code] = code == 0 ? 0.0f : float_at_least(decode((code - 0.5) / 255.0));
  }
  boundary_[256] = 2.0f;  // never reached: values are clamped below 1
  const std::uint32_t first = std::bit_cast<std::uint32_t>(std::ldexp(1.0f, -int{kOctaves}));
  for (std::uint32_t i = 0; i < bucket_.size(); ++i) {
    const float start = std::bit_cast<float>(first + (i << (23 - kMantissaBits)));
    const auto* above = std::upper_bound(boundary_.begin(), boundary_.end(), start);
    bucket_[i] = static_cast<std::uint8_t>(above - boundary_.begin() - 1);
  }
}

std::uint8_t Srgb8Table::from_linear(float linear) const {
  constexpr std::uint32_t kFirst = (127 - kOctaves) << 23;  // bits of 2^-13
  constexpr float kLowest = std::bit_cast<float>(kFirst);
  constexpr float kHighest = std::bit_cast<float>(0x3f7fffffu);  // just below 1
  const float clamped = !(linear > kLowest) ? kLowest : std::min(linear, kHighest);
  const std::uint32_t bucket =
      (std::bit_cast<std::uint32_t>(clamped) - kFirst) >> (23 - kMantissaBits);
  const std::uint32_t code = bucket_[bucket];
  return static_cast<std::uint8_t>(code + (clamped >= boundary_[code + 1] ? 1 : 0));
}

const std::vector<float>& srgb16_to_linear() {
  static const std::vector<float> table = [] {
    std::vector<float> values(65536);
    for (std::uint32_t code = 0; code < values.size(); ++code)
      values[code] = static_cast<float>(decode(code / 65535.0));
    return values;
  }();
  return table;
}

}  // namespace forge3d::texture
