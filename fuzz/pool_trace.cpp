// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Any bytes as a log for `forge3d replay`: a trace whose steps fit together, or an error.

#include "cli/replay/pool_trace.hpp"

#include <cstddef>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const auto trace = forge3d::cli::parse_pool_trace({reinterpret_cast<const char*>(data), size});
  if (!trace) return 0;
  for (const forge3d::cli::PoolTraceStep& step : trace->steps)
    if (step.block >= trace->blocks) std::abort();
  return 0;
}
