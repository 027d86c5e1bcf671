// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// The log callback: the library never prints; what it has to say goes here.

#include <cstdint>
#include <functional>
#include <string_view>

namespace forge3d {

enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarning, kError };

/// Receives one line without a newline. Called from any thread, possibly from several at once, and
/// must not call back into the object that logs. An empty function drops the lines.
using LogCallback = std::function<void(LogLevel level, std::string_view line)>;

}  // namespace forge3d
