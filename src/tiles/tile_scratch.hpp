// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// TileScratch: what reading a tile needs in memory, kept from one read to the next.

#include <zstd.h>

#include <cstddef>
#include <memory>
#include <vector>

#include "tiles/lease_pool.hpp"

namespace forge3d::tiles {

/// The stored bytes of a tile and a decompressor. Making both anew costs a third of a read.
struct TileScratch {
  struct FreeContext {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  };
  std::vector<std::byte> stored;
  std::unique_ptr<ZSTD_DCtx, FreeContext> zstd{ZSTD_createDCtx()};
};

using TileScratchPool = LeasePool<TileScratch>;

}  // namespace forge3d::tiles
