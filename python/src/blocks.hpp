// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// encode_blocks and decode_blocks: arrays to bare blocks and back.

#include <nanobind/nanobind.h>

namespace forge3d::python {

void bind_blocks(nanobind::module_& module);

}  // namespace forge3d::python
