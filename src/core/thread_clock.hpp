// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Clocks and the pause between two looks at a shared variable.

#include <cstdint>

namespace forge3d {

/// Nanoseconds of a steady clock.
[[nodiscard]] std::uint64_t monotonic_ns();
/// Processor time of the calling thread in nanoseconds.
[[nodiscard]] std::uint64_t thread_cpu_ns();
/// Tells the processor that this thread is polling.
void cpu_pause();

}  // namespace forge3d
