// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// The process-wide memory system, for those who put something under its budget.

#include <memory>

#include "forge3d/memory_system.hpp"

namespace forge3d::python {

/// What forge3d.memory.init_memory_system() made; null before it and after shutdown(). Needs the
/// GIL.
[[nodiscard]] std::shared_ptr<MemorySystem> memory_system_or_null();

}  // namespace forge3d::python
