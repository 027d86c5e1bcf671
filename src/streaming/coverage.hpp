// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Coverage: how much of a view shows what it should, from the page table.

#include "forge3d/virtual_texture.hpp"
#include "streaming/page_table.hpp"

namespace forge3d::streaming {

/// Asks the table for the page that each step_px-th pixel wants. Errors: kInvalidArgument (step 0,
/// and ViewMapping::create's).
[[nodiscard]] Result<ScreenCoverage> measure_coverage(const PageTable& table, std::uint32_t texture,
                                                      const TilePyramid& pyramid,
                                                      const VirtualView& view,
                                                      std::uint32_t step_px);

}  // namespace forge3d::streaming
