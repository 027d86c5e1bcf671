// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// forge3d.Device: one GPU and its ledger.

#include <memory>

#include "forge3d/device.hpp"
#include "life.hpp"

namespace forge3d::python {

/// forge3d.Device.
class PyDevice : public Owned<Device> {
 public:
  explicit PyDevice(std::shared_ptr<Device> device)
      : Owned("Device", std::move(device)), first_limits_(get()->budget().stats().limits) {}
  /// What it was opened with.
  [[nodiscard]] const BudgetLimits& first_limits() const { return first_limits_; }

 private:
  BudgetLimits first_limits_;
};

/// The process's default device (forge3d.get_device()), opened by the first call and again when it
/// was closed.
[[nodiscard]] nb::object default_device();

/// A device argument that may be None: the default device then. Throws TypeError for other types.
[[nodiscard]] std::shared_ptr<Device> device_argument(nb::handle device);

/// Limits given as one number, as (host visible, total), or as None: the library's default. Throws
/// InvalidArgument.
[[nodiscard]] BudgetLimits limits_argument(nb::handle limits);

void bind_device(nb::module_& module);

}  // namespace forge3d::python
