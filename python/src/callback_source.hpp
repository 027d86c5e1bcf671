// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// CallbackSource: a Python function(level, x, y) -> array as a tile source.

#include <nanobind/nanobind.h>

#include <string>
#include <vector>

#include "forge3d/codec.hpp"
#include "forge3d/tile_source.hpp"
#include "tile_function.hpp"

namespace forge3d::python {

namespace nb = nanobind;

/// Calls the function with the GIL taken, from any thread; encodes what it gives without it. What
/// the function raises becomes the tile's error.
class CallbackSource final : public TileSource {
 public:
  /// Needs the GIL. Throws TypeError for what is not callable.
  CallbackSource(nb::object function, const TilePyramid& pyramid, std::string name);

  [[nodiscard]] const TilePyramid& pyramid() const override { return pyramid_; }
  [[nodiscard]] std::string name() const override { return function_.name(); }
  [[nodiscard]] Result<> read_tile(TileAddress address, std::span<std::byte> out) const override;

 private:
  /// The tile with its border as RGBA8. Takes the GIL.
  [[nodiscard]] Result<std::vector<std::uint8_t>> call(TileAddress address) const;
  [[nodiscard]] Result<std::vector<std::uint8_t>> tile_of(nb::handle returned,
                                                          TileAddress address) const;

  TileFunction function_;
  TilePyramid pyramid_;
};

}  // namespace forge3d::python
