// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a tile archive of forge3d says about itself: its metadata, and where a tile's id lies.
// docs/file-formats.md is the reference.

#include <cstdint>
#include <string>

#include "forge3d/ktx2.hpp"
#include "forge3d/pmtiles.hpp"
#include "forge3d/tile_source.hpp"

namespace forge3d::tiles {

/// The zoom of level 0: the first whose grid of 2^z tiles a side holds all pages. Level m is at
/// this zoom - m. That is levels - 1, or one more where rounding mip extents down leaves more pages
/// than 2^(levels - 1).
[[nodiscard]] std::uint8_t archive_max_zoom(const TilePyramid& pyramid);

/// The tile id of a page. REQUIRES: pyramid.contains(address).
[[nodiscard]] std::uint64_t archive_tile_id(const TilePyramid& pyramid, TileAddress address);

/// The JSON metadata of an archive; the same input gives the same bytes.
[[nodiscard]] std::string make_archive_metadata(const TilePyramid& pyramid, const std::string& name,
                                                int zstd_level);

/// True for metadata with a "forge3d" object: of an archive of this project, whatever its version.
[[nodiscard]] bool is_forge3d_metadata(const std::string& json);

/// The pyramid that an archive's metadata describes. Errors: kInvalidFile names `file`, key and
/// rule; kNotSupported for archives of others and of later versions.
[[nodiscard]] Result<TilePyramid> parse_archive_metadata(const std::string& json,
                                                         const std::string& file);

/// More bytes than any tile of this pyramid needs, however badly it compresses.
[[nodiscard]] std::uint64_t max_stored_tile_bytes(const TilePyramid& pyramid);

/// Limits for opening one tile: nothing beyond what the pyramid says is read.
[[nodiscard]] Ktx2Limits tile_limits(const TilePyramid& pyramid);

/// Checks that a tile is the one 2D level that the pyramid asks for. Errors: kInvalidFile names
/// `tile` and the rule.
[[nodiscard]] Result<> check_tile_shape(const Ktx2Info& info, const TilePyramid& pyramid,
                                        const std::string& tile);

}  // namespace forge3d::tiles
