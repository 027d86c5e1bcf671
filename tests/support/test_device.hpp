// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// A device under validation whose messages fail the test that caused them.

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <string_view>

#include "forge3d/device.hpp"

namespace forge3d::test {

/// The default device under validation; every message of the layers is a test failure.
inline DeviceDesc device_desc(bool expect_messages = false) {
  DeviceDesc desc;
  // Sanitizer runs do without the layer where it is not instrumented: FORGE3D_VALIDATION=off.
  const char* wish = std::getenv("FORGE3D_VALIDATION");
  desc.validation = wish == nullptr || std::string_view(wish) != "off";
  desc.log = [expect_messages](LogLevel level, std::string_view line) {
    if (level >= LogLevel::kWarning && !expect_messages &&
        line.find("Validation") != std::string_view::npos)
      ADD_FAILURE() << line;
  };
  return desc;
}

/// Opens it.
inline std::shared_ptr<Device> open_device(BudgetLimits limits = {}, bool expect_messages = false) {
  DeviceDesc desc = device_desc(expect_messages);
  desc.limits = limits;
  const auto device = Device::create(desc);
  if (!device) {
    ADD_FAILURE() << device.error().to_string();
    return nullptr;
  }
  return *device;
}

}  // namespace forge3d::test
