// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// PMTiles archives of pictures without borders, as map servers have them, as raw blocks.

#include <memory>

#include "forge3d/pmtiles.hpp"
#include "tiles/sources/raw_pages.hpp"

namespace forge3d::tiles {

/// The tiles of max zoom that the header's bounds touch are level 0, each zoom above is a level;
/// tiles that the archive lacks are transparent. Tiles are PNG, JPEG, WebP or KTX2, all of the size
/// of the one that is looked at first; another one is an error of that tile. `page_texels`: of the
/// pyramid to be made; the picture begins where all of its levels begin at whole texels. Errors:
/// kIo, kInvalidFile, kNotSupported (no pictures inside; more than kMaxPyramidExtent texels).
/// Source: PMTiles Version 3 Specification; tiles lie as in "Web Map Tile Service" with the
/// GoogleMapsCompatible tile matrix set (OGC 07-057r7, Annex E.4).
[[nodiscard]] Result<std::shared_ptr<const RawPages>> open_map_pages(
    std::shared_ptr<PmtilesReader> archive, std::uint32_t page_texels);

}  // namespace forge3d::tiles
