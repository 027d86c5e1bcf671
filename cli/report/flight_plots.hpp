// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// The plots of a flight: bytes, tiles, time and sharpness over its frames.

#include <string>

#include "cli/report/flight_record.hpp"

namespace forge3d::cli {

/// Its figures, one below the other.
[[nodiscard]] std::string flight_plots(const FlightRecord& record);

}  // namespace forge3d::cli
