// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

#include "forge3d/ktx2.hpp"

namespace forge3d::basis {

/// Rows of blocks of one image.
struct BlockRows {
  std::uint32_t first = 0, count = 0;
};

/// Blocks of 4 x 4 texels beside each other in a level, and above each other.
[[nodiscard]] inline std::uint32_t block_columns(const Ktx2Info& info, std::uint32_t level) {
  return (mip_extent(info.width, level) - 1) / 4 + 1;
}
[[nodiscard]] inline std::uint32_t block_rows(const Ktx2Info& info, std::uint32_t level) {
  return (mip_extent(info.height, level) - 1) / 4 + 1;
}
/// Texels that rows span downwards, cut at the level's edge. REQUIRES: the rows are in the level.
[[nodiscard]] inline std::uint32_t texel_height(const Ktx2Info& info, std::uint32_t level,
                                                const BlockRows& rows) {
  const std::uint32_t rest = mip_extent(info.height, level) - rows.first * 4;
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(std::uint64_t{4} * rows.count, rest));
}

}  // namespace forge3d::basis
