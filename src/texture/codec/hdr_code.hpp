// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// The scale on which the errors of HDR texels are measured: log2(1 + x), which is near to what the
// eye makes of light, as whole numbers, so that sums do not depend on their order.

#include <cstdint>
#include <span>

namespace forge3d::codec {

inline constexpr int kHdrCodeBits = 20;

/// For each pattern of a half float: log2(1 + |x|) with the sign of x, times 2^kHdrCodeBits,
/// rounded. NaN counts as 0, infinity as 65504. Built on the first call. Thread-safe.
[[nodiscard]] std::span<const std::int32_t, 65536> hdr_codes();

/// A sum of squared differences of codes as block errors are reported: times 2^16, rounded.
[[nodiscard]] constexpr std::uint32_t hdr_error(std::uint64_t squares) {
  constexpr int kShift = 2 * kHdrCodeBits - 16;
  return static_cast<std::uint32_t>((squares + (std::uint64_t{1} << (kShift - 1))) >> kShift);
}

}  // namespace forge3d::codec
