// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "texture/codec/bc7_layout.hpp"
#include "texture/codec/line_fit.hpp"

namespace forge3d::codec {

/// Partitions, the most promising first.
using PartitionRanking = std::array<std::uint8_t, kPartitions>;

/// Ranks the 64 partitions into two subsets.
[[nodiscard]] PartitionRanking rank_two_subsets(const Points<3>& points);

}  // namespace forge3d::codec
