// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// The 127-byte header of a PMTiles archive. Source: PMTiles Version 3 Specification, "Header
// Design".

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "forge3d/pmtiles.hpp"
#include "forge3d/result.hpp"

namespace forge3d::tiles {

inline constexpr std::size_t kPmtilesHeaderBytes = 127;
/// Header and root directory must lie within the first 16 KiB.
inline constexpr std::size_t kPmtilesHeadBytes = 16384;

/// Parses the header of a file of `file_bytes`. Errors: kInvalidFile names `file`, offset and rule;
/// kNotSupported for a zoom that forge3d cannot address.
[[nodiscard]] Result<PmtilesHeader> parse_pmtiles_header(std::span<const std::byte> bytes,
                                                         std::uint64_t file_bytes,
                                                         const std::string& file);

/// The stored form. A picture has no place on Earth: the bounds are the whole world.
[[nodiscard]] std::array<std::byte, kPmtilesHeaderBytes> store_pmtiles_header(
    const PmtilesHeader& header);

}  // namespace forge3d::tiles
