// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Raw blocks as a source of stored tiles.

#include <memory>

#include "forge3d/tile_sources.hpp"
#include "tiles/sources/raw_pages.hpp"

namespace forge3d::tiles {

/// Tiles whose borders are the neighbours' pixels, encoded on the way. Errors: as
/// make_tile_pyramid; kNotSupported (format, levels over options.max_made_pages),
/// kInvalidArgument (range).
[[nodiscard]] Result<std::shared_ptr<TileSource>> make_raw_tile_source(
    std::shared_ptr<const RawPages> pages, const TileSourceOptions& options);

/// "NAME: tile level L x X y Y", as all sources call a tile.
[[nodiscard]] std::string tile_label(const std::string& name, TileAddress address);
/// What every read_tile() checks first. Errors: kInvalidArgument.
[[nodiscard]] Result<> check_tile_request(const TilePyramid& pyramid, const std::string& name,
                                          TileAddress address, std::size_t out_bytes);

}  // namespace forge3d::tiles
