// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// KTX2 files as sources of tiles.

#include <memory>

#include "forge3d/tile_sources.hpp"

namespace forge3d::tiles {

/// One 2D picture, its levels as they are stored. Blocks of at most 4 x 4 texels keep their format;
/// Basis Universal is transcoded to options.format (BC7 unless asked else); other formats are
/// decoded and encoded. Levels that the file lacks are made of its last one where the format can be
/// decoded and encoded. Errors: kIo, kInvalidFile, kNotSupported (arrays, cubes, volumes; a format
/// or a missing level that cannot be made; a level that must be held in memory and is over
/// options.max_picture_bytes).
[[nodiscard]] Result<std::shared_ptr<TileSource>> open_ktx2_tile_source(
    std::shared_ptr<ByteSource> source, const TileSourceOptions& options);

}  // namespace forge3d::tiles
