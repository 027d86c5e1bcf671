// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// How far two arrays are apart: PSNR, SSIM, angles.

#include <nanobind/nanobind.h>

#include "forge3d/metrics.hpp"

namespace forge3d::python {

/// "mean", "p99" and "max".
[[nodiscard]] nanobind::dict degrees_dict(const NormalDifference& difference);

void bind_metrics(nanobind::module_& module);

}  // namespace forge3d::python
