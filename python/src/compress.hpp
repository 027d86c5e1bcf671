// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// forge3d._core.compress and make_mips: arrays to KTX2 files and to mip chains.

#include <nanobind/nanobind.h>

namespace forge3d::python {

void bind_compress(nanobind::module_& module);

}  // namespace forge3d::python
