// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Zstandard and zlib streams into buffers whose size the level index gives; what a stream claims of
// itself is never believed.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "forge3d/result.hpp"

namespace forge3d::texture {

/// Why a stream did not inflate.
struct InflateFailure {
  bool wrong_size = false;  ///< The data is sound but makes more or fewer bytes than `out` holds.
  std::string reason;
};

/// Inflates all of `stored` to exactly fill `out`. REQUIRES: scheme is kSchemeZstd or kSchemeZlib.
[[nodiscard]] tl::expected<void, InflateFailure> inflate(std::uint32_t scheme,
                                                         std::span<const std::byte> stored,
                                                         std::span<std::byte> out);

}  // namespace forge3d::texture
