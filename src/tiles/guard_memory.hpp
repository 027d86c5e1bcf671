// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the standard library throws when memory runs out, as a Result.

#include <new>
#include <string>

#include "forge3d/result.hpp"

namespace forge3d::tiles {

/// Calls `body` and returns its Result; std::bad_alloc becomes kOutOfHostMemory with `what`.
template <class Body>
[[nodiscard]] auto guard_memory(const char* what, Body body) -> decltype(body()) {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::kOutOfHostMemory, what);
  }
}

}  // namespace forge3d::tiles
