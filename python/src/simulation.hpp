// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// simulate_streaming() for Python: what a cache would do for a texture and a flight.

#include <nanobind/nanobind.h>

namespace forge3d::python {

namespace nb = nanobind;

void bind_simulation(nb::module_& module);

}  // namespace forge3d::python
