// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// TileFunction: a Python function(level, x, y) that the library's threads call.

#include <nanobind/nanobind.h>

#include <functional>
#include <string>

#include "forge3d/tile_source.hpp"

namespace forge3d::python {

namespace nb = nanobind;

/// Owns the function. Calls take the GIL, from any thread.
class TileFunction {
 public:
  /// Needs the GIL. `name` is what messages call it. Throws TypeError for what is not callable.
  TileFunction(nb::object function, std::string name);
  ~TileFunction();
  TileFunction(const TileFunction&) = delete;
  TileFunction& operator=(const TileFunction&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }
  /// Gives what the function returns to `use`, with the GIL held. What either raises becomes the
  /// tile's error.
  [[nodiscard]] Result<> call(TileAddress address,
                              const std::function<Result<>(nb::handle returned)>& use) const;

 private:
  PyObject* function_;
  unsigned fork_count_;
  std::string name_;
};

}  // namespace forge3d::python
