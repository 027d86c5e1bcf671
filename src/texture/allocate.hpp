// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Sizes that come from files: products that cannot wrap and allocations that may fail.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "forge3d/result.hpp"

namespace forge3d::texture {

/// a * b, or nothing when it passes 64 bits.
[[nodiscard]] constexpr std::optional<std::uint64_t> checked_mul(std::uint64_t a, std::uint64_t b) {
  if (b != 0 && a > std::numeric_limits<std::uint64_t>::max() / b) return std::nullopt;
  return a * b;
}

/// a + b, or nothing when it passes 64 bits.
[[nodiscard]] constexpr std::optional<std::uint64_t> checked_add(std::uint64_t a, std::uint64_t b) {
  if (a > std::numeric_limits<std::uint64_t>::max() - b) return std::nullopt;
  return a + b;
}

/// `value` rounded up to a multiple of `alignment`. REQUIRES: alignment > 0, no overflow.
[[nodiscard]] constexpr std::uint64_t align_up(std::uint64_t value, std::uint64_t alignment) {
  return (value + alignment - 1) / alignment * alignment;
}

/// Zeroed bytes. Errors: kOutOfHostMemory.
[[nodiscard]] Result<std::vector<std::byte>> allocate_bytes(std::uint64_t size_bytes);

}  // namespace forge3d::texture
