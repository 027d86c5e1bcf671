// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

#include "system_access.hpp"

#include "errors.hpp"
#include "system.hpp"

namespace forge3d::python {

std::shared_ptr<MemorySystem> memory_system_or_null() {
  try {
    return process_system()->shared();
  } catch (const ErrorException&) {
    return nullptr;
  }
}

}  // namespace forge3d::python
