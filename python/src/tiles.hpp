// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// forge3d.streaming.TileSource: archives, pictures in memory, and Python functions as tiles.

#include <memory>

#include "forge3d/tile_source.hpp"
#include "life.hpp"

namespace forge3d::python {

/// forge3d.streaming.TileSource.
class PyTileSource : public Owned<TileSource> {
 public:
  explicit PyTileSource(std::shared_ptr<TileSource> source)
      : Owned("TileSource", std::move(source)) {}
};

/// True while this thread runs a tile function of Python: such a function may not call the system
/// that waits for its tile.
[[nodiscard]] bool inside_tile_function();

void bind_tiles(nb::module_& module);

}  // namespace forge3d::python
