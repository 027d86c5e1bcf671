// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// The report of a flight: one self-contained HTML page.

#include <string>

#include "cli/report/flight_record.hpp"

namespace forge3d::cli {

/// The whole page: pictures as data URIs, plots as inline SVG, nothing fetched from anywhere.
[[nodiscard]] std::string html_page(const FlightRecord& record);

}  // namespace forge3d::cli
