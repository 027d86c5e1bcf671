// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Recorded events as Chrome's trace event format, which Perfetto opens, too.

#include <span>
#include <string>
#include <string_view>

#include "core/event_recorder.hpp"
#include "system/ledger_history.hpp"

namespace forge3d::system {

struct TraceInput {
  std::string_view process_name;
  std::uint64_t origin_ns = 0;  ///< Becomes time 0.
  std::span<const RecordedEvent> events;
  std::span<const LedgerSample> history;
  std::uint64_t dropped_events = 0;
};

/// {"traceEvents": [...]}: spans and instants a thread, transfers ("upload", "readback") in lanes
/// of their own in which they do not overlap, bytes by category as counters. Throws std::bad_alloc.
[[nodiscard]] std::string trace_json(const TraceInput& input);

}  // namespace forge3d::system
