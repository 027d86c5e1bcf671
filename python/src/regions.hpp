// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// forge3d.streaming.RegionRequest: pages that were asked for as one.

#include <nanobind/nanobind.h>

#include "virtual_texture.hpp"

namespace forge3d::python {

/// Adds the type, and request() and request_view() to the streaming system.
void bind_regions(nb::module_& module, nb::class_<PyStreaming>& type);

}  // namespace forge3d::python
