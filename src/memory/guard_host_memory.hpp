// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Where std::bad_alloc becomes an Error.

#include <new>

#include "forge3d/result.hpp"

namespace forge3d {

/// Calls `work`, which returns a Result; out of host memory becomes kOutOfHostMemory.
template <class Work>
auto guard_host_memory(Work&& work) -> decltype(work()) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    // No message: there is no memory for one.
    return tl::unexpected<Error>(Error{ErrorCode::kOutOfHostMemory, 0, {}, {}});
  }
}

}  // namespace forge3d
