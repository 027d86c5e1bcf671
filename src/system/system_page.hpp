// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// The report of a memory system as one self-contained HTML page.

#include <string>

#include "system/system_json.hpp"

namespace forge3d::system {

/// Throws std::bad_alloc.
[[nodiscard]] std::string system_page(const SystemSnapshot& snapshot);

}  // namespace forge3d::system
