// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// The "internal compression" of a PMTiles archive: what its directories and metadata are packed
// with.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "forge3d/pmtiles.hpp"
#include "forge3d/result.hpp"

namespace forge3d::tiles {

/// No directory and no metadata inflates beyond this; a larger claim is refused before memory is
/// taken.
inline constexpr std::size_t kMaxInflatedBytes = std::size_t{16} << 20;

/// Inflates one directory or metadata section. `where` names it for messages. Errors: kInvalidFile,
/// kNotSupported (brotli, unknown compression), kOutOfHostMemory.
[[nodiscard]] Result<std::vector<std::byte>> inflate(PmtilesCompression compression,
                                                     std::span<const std::byte> packed,
                                                     const std::string& where);

/// Packs with gzip, the same bytes for the same input. Errors: kOutOfHostMemory.
[[nodiscard]] Result<std::vector<std::byte>> gzip(std::span<const std::byte> bytes);

}  // namespace forge3d::tiles
