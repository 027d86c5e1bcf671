// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// The sRGB transfer function (IEC 61966-2-1) on stored codes, exact in both directions.

#include <array>
#include <cstdint>
#include <vector>

namespace forge3d::texture {

/// One value, encoded to linear light and back. Negative values mirror, values above 1 go on.
[[nodiscard]] float srgb_to_linear(float encoded);
[[nodiscard]] float linear_to_srgb(float linear);

/// 8-bit sRGB codes: a table one way, and the correctly rounded code the other way.
class Srgb8Table {
 public:
  /// The one instance, built at first use. Thread-safe.
  [[nodiscard]] static const Srgb8Table& get();
  [[nodiscard]] float to_linear(std::uint8_t code) const { return linear_[code]; }
  /// The code nearest to the exact encoding of `linear`; NaN and negatives give 0, values above 1
  /// 255.
  [[nodiscard]] std::uint8_t from_linear(float linear) const;

 private:
  Srgb8Table();
  // A bucket is a step of the float's top bits, narrow enough to hold at most one code boundary.
  static constexpr std::uint32_t kMantissaBits = 7;
  static constexpr std::uint32_t kOctaves = 13;  // 2^-13 lies below the first boundary, 2^-12.7
  std::array<float, 256> linear_{};
  std::array<float, 257> boundary_{};  // boundary_[n]: the smallest float that rounds to code n
  std::array<std::uint8_t, kOctaves << kMantissaBits> bucket_{};  // code at the bucket's start
};

/// Linear value of each 16-bit sRGB code, built at first use. Thread-safe.
[[nodiscard]] const std::vector<float>& srgb16_to_linear();

}  // namespace forge3d::texture
