// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// What tests see of a VirtualTextureSystem beyond its public face.

#include "streaming/system_state.hpp"

namespace forge3d {

struct VirtualTextureTestAccess {
  /// Where a slot's tile lies in the atlas image of a layer.
  [[nodiscard]] static ImageRegion region(const VirtualTextureSystem& system, std::uint32_t slot,
                                          std::uint32_t layer = 0) {
    return system.state_->atlas.region(slot, layer);
  }
};

}  // namespace forge3d
