// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// PoolTrace: requests and releases read from a CSV file, to be played against a pool.

#include <cstdint>
#include <string_view>
#include <vector>

#include "forge3d/result.hpp"

namespace forge3d::cli {

/// One step: a request for a block, or its release.
struct PoolTraceStep {
  std::uint32_t block = 0;
  std::uint64_t size_bytes = 0;  ///< 0: the block is released.
  std::uint64_t alignment_bytes = 1;
  bool refused = false;  ///< The one who wrote the log did not get it: released when granted.
};

struct PoolTrace {
  enum class Form : std::uint8_t { kEventLog, kMinimalloc };
  Form form = Form::kEventLog;
  std::vector<PoolTraceStep> steps;
  std::uint32_t blocks = 0;           ///< Numbers of blocks lie below this.
  std::uint64_t peak_live_bytes = 0;  ///< Of all that is asked, refused or not.
};

/// Reads the event log of MemoryPool::events_csv() (time_ns,event,id,size,alignment,block,offset)
/// or minimalloc's form (id,lower,upper,size and optionally alignment: live in [lower, upper)). The
/// header line tells which; columns may come in any order, and lines that begin with # are left
/// out. Errors: kInvalidFile with the line and the rule.
[[nodiscard]] Result<PoolTrace> parse_pool_trace(std::string_view text);

}  // namespace forge3d::cli
