// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Tiles of several layers as one: what is read, kept and uploaded together.

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "forge3d/tile_source.hpp"

namespace forge3d::streaming {

/// One layer of all textures in a system.
struct TileLayer {
  Format format = Format::kUndefined;
  std::uint64_t tile_bytes = 0;
};

/// Bytes of a tile of all layers.
[[nodiscard]] std::uint64_t bytes_of(std::span<const TileLayer> layers);

/// A source whose tiles are the layers' tiles one after the other, bytes_of(layers) in all; its
/// pyramid is the first layer's. A single source stays itself. REQUIRES: as many sources as layers,
/// at least one, of the layers' formats and equal extents.
[[nodiscard]] std::shared_ptr<TileSource> stack_tiles(
    std::span<const std::shared_ptr<TileSource>> sources, std::span<const TileLayer> layers);

}  // namespace forge3d::streaming
