// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Visibility: which pages a view wants, by analytic descent of the page quadtree. Knows no GPU.

#include <cstdint>
#include <vector>

#include "forge3d/result.hpp"
#include "forge3d/tile_source.hpp"
#include "forge3d/virtual_texture.hpp"
#include "streaming/view_planes.hpp"

namespace forge3d::streaming {

/// A page that some pixel may sample, and the levels of detail over the part of it that is seen.
/// With a mip bias b it is wanted when is_wanted() says so; pages that only a bias makes wanted are
/// listed too.
struct VisiblePage {
  TileAddress tile;
  float lod_min = 0;  ///< Unclamped; the view's own bias included.
  float lod_max = 0;
  float area_px = 0;  ///< Screen area of the page's visible part.
};

struct VisibilityLimits {
  std::uint32_t max_nodes = 1u << 16;  ///< Pages looked at; beyond, finer ones are left out.
};

/// A page that the descent looks at, and the planes that cut it.
struct VisitedPage {
  TileAddress tile;
  ViewPlanes::Mask planes = 0;
};

struct VisibleSet {
  std::vector<VisiblePage> pages;  ///< From coarse to fine.
  std::uint32_t nodes = 0;         ///< Pages looked at.
  bool truncated = false;          ///< The limit was met.
  std::vector<VisitedPage> queue;  ///< The descent's own, kept so that it need not allocate.
};

/// True when some level of detail in [lod_min, lod_max] + bias reads the page: trilinear filtering
/// reads level m for a level of detail strictly between m - 1 and m + 1, clamped at both ends of
/// the chain.
[[nodiscard]] bool is_wanted(const VisiblePage& page, std::uint32_t levels, float bias);

/// The share of the page's visible area at which its level is read with this bias, estimated from
/// the interval; 0..1.
[[nodiscard]] float wanted_share(const VisiblePage& page, std::uint32_t levels, float bias);

/// Every page that any pixel centre's taps touch with any bias >= 0 is listed, and few others: a
/// page's quad is widened by the reach of the taps and clipped by the pyramid of pixel centres, and
/// the footprint is bounded over what is left. `out` is overwritten. Errors: as
/// ViewMapping::create.
[[nodiscard]] Result<> find_visible(const TilePyramid& pyramid, const VirtualView& view,
                                    const VisibilityLimits& limits, VisibleSet& out);

}  // namespace forge3d::streaming
