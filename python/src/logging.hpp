// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// The library's log lines on their way to logging.getLogger("forge3d").

#include "forge3d/log.hpp"

namespace forge3d::python {

/// A callback that queues lines and never waits for the GIL: the library may log from any thread
/// and under its own locks. Lines beyond 4096 that nobody fetched are counted and dropped.
[[nodiscard]] LogCallback log_callback();

/// Hands the queued lines to Python's logging. REQUIRES: the GIL. Keeps a raised exception as it
/// is; what a handler raises goes to sys.unraisablehook.
void deliver_log_lines();

/// Nothing is queued or delivered any more: the interpreter is about to end.
void stop_logging();
/// In a forked child: the queue's lock may have been held by a thread that is gone.
void reset_logging_after_fork();

}  // namespace forge3d::python
