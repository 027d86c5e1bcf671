// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "texture/codec/astc_layout.hpp"

namespace forge3d::codec {

/// A way to share a block's texels between two partitions.
struct AstcSplit {
  std::uint16_t seed = 0;
  std::uint64_t texels = 0;  ///< Those of the second partition, by bit.
};

/// 128 splits of a square block, the most useful first. REQUIRES: side is 4 or 6.
[[nodiscard]] std::vector<AstcSplit> make_astc_splits(int side);

}  // namespace forge3d::codec
