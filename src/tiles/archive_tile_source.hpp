// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// An archive of forge3d that is open already as a source of tiles.

#include <memory>

#include "forge3d/pmtiles.hpp"

namespace forge3d::tiles {

/// As open_archive_tile_source() of pmtiles.hpp.
[[nodiscard]] Result<std::shared_ptr<TileSource>> make_archive_tile_source(
    std::shared_ptr<PmtilesReader> archive);

}  // namespace forge3d::tiles
