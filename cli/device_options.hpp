// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// --device and --validation, shared by the sub-commands that open a device.

#include <CLI/CLI.hpp>
#include <string>

#include "cli/output.hpp"
#include "forge3d/device.hpp"

namespace forge3d::cli {

struct DeviceOptions {
  std::string device;
  bool validation = false;
};

void add_device_options(CLI::App& command, DeviceOptions& options);

/// The library's description of what was asked; warnings go to `output` as remarks. REQUIRES:
/// output outlives the device.
[[nodiscard]] DeviceDesc make_device_desc(const DeviceOptions& options, BudgetLimits limits,
                                          const Output& output);

}  // namespace forge3d::cli
