// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Sorting blocks by error in linear time: errors that differ by less than a sixteenth are equal.

#include <bit>
#include <cstdint>

namespace forge3d::codec {

inline constexpr std::uint32_t kErrorBuckets = 29 * 16;

/// The bucket of an error: its exponent and four bits of its mantissa. Never falls with the error.
[[nodiscard]] constexpr std::uint32_t error_bucket(std::uint32_t error) {
  if (error < 16) return error;
  const auto shift = static_cast<std::uint32_t>(std::bit_width(error)) - 5;
  return (shift + 1) * 16 + ((error >> shift) & 15);
}

}  // namespace forge3d::codec
