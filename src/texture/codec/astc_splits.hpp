// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "texture/codec/astc_layout.hpp"

namespace forge3d::codec {

/// A way to share a block's texels among two or three partitions.
struct AstcSplit {
  std::uint16_t seed = 0;
  std::array<std::uint64_t, 2> texels{};  ///< Those of the second and the third part, by bit.
};

/// The most useful splits first. REQUIRES: two partitions and side 4 or 6, or three and side 4.
[[nodiscard]] std::vector<AstcSplit> make_astc_splits(int side, int partitions);

}  // namespace forge3d::codec
