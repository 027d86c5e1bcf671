// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// A picture of a heap: what of its blocks is used.

#include <cstdint>
#include <string>
#include <vector>

namespace forge3d::cli {

struct HeapPart {
  std::uint64_t offset_bytes = 0, size_bytes = 0;
};

/// One device allocation and the used parts in it, by offset.
struct HeapBlock {
  std::uint64_t size_bytes = 0;
  std::vector<HeapPart> used;
};

/// A stand-alone SVG: each block is a band of a few rows, dark where it is used, light where it is
/// free; parts that are smaller than a cell are mixed.
[[nodiscard]] std::string heap_map_svg(const std::string& title,
                                       const std::vector<HeapBlock>& blocks);

}  // namespace forge3d::cli
