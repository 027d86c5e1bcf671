// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "cli/device_options.hpp"

namespace forge3d::cli {

void add_device_options(CLI::App& command, DeviceOptions& options) {
  command.add_option("--device", options.device,
                     "discrete, integrated, software, or part of a device's name "
                     "(the environment variable FORGE3D_DEVICE wins)");
  command.add_flag("--validation", options.validation,
                   "Open the device with the Khronos validation layer");
}

DeviceDesc make_device_desc(const DeviceOptions& options, BudgetLimits limits,
                            const Output& output) {
  DeviceDesc desc;
  desc.name = options.device;
  for (const DeviceKind kind :
       {DeviceKind::kAny, DeviceKind::kDiscrete, DeviceKind::kIntegrated, DeviceKind::kSoftware}) {
    if (options.device != to_string(kind)) continue;
    desc.kind = kind;
    desc.name.clear();
  }
  desc.validation = options.validation;
  desc.limits = limits;
  desc.log = [&output](LogLevel level, std::string_view line) {
    if (level >= LogLevel::kWarning) output.note(line);
  };
  return desc;
}

}  // namespace forge3d::cli
