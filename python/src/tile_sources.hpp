// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Tiles of files in place, of Python functions and of made-up worlds.

#include <nanobind/nanobind.h>

#include "tiles.hpp"

namespace forge3d::python {

/// TileSource's static methods, and open_source().
void bind_tile_sources(nb::module_& module, nb::class_<PyTileSource>& type);

}  // namespace forge3d::python
