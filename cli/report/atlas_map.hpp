// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// A map of the atlas: one square a slot, coloured by the mip level of its page.

#include <string>

#include "cli/report/flight_record.hpp"

namespace forge3d::cli {

/// The section with heading, legend and map; empty without slots.
[[nodiscard]] std::string atlas_section(const FlightRecord& record);

}  // namespace forge3d::cli
