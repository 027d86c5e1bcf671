// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// A device under validation whose messages fail the test that caused them.

#include <gtest/gtest.h>

#include <memory>
#include <mutex>
#include <string>

#include "forge3d/device.hpp"

namespace forge3d::test {

/// Opens the default device with validation where the layer is installed; every message is a test failure.
inline std::shared_ptr<Device> open_device(BudgetLimits limits = {}, bool expect_messages = false) {
  DeviceDesc desc;
  desc.limits = limits;
  desc.validation = true;
  desc.log = [expect_messages](LogLevel level, std::string_view line) {
    if (level >= LogLevel::kWarning && !expect_messages &&
        line.find("Validation") != std::string_view::npos)
      ADD_FAILURE() << line;
  };
  auto device = Device::create(desc);
  if (!device) {
    // FORGE3D_VALIDATION=off lets sanitizer runs do without the layer, which is slow under them.
    desc.validation = false;
    device = Device::create(desc);
  }
  if (!device) {
    ADD_FAILURE() << device.error().to_string();
    return nullptr;
  }
  return *device;
}

}  // namespace forge3d::test
