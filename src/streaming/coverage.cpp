// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "streaming/coverage.hpp"

#include <algorithm>
#include <cmath>

#include "streaming/view_mapping.hpp"

namespace forge3d::streaming {
namespace {

/// The page that holds uv in the level which a pixel wants: floor of its level of detail.
TileAddress wanted_page(const TilePyramid& pyramid, const VirtualView& view,
                        const PixelSample& sample) {
  const double w = pyramid.width, h = pyramid.height;
  const Footprint footprint =
      texture_footprint(std::hypot(sample.duv_dx.x * w, sample.duv_dx.y * h),
                        std::hypot(sample.duv_dy.x * w, sample.duv_dy.y * h), view.max_anisotropy);
  const double lod = std::clamp(footprint.lod + view.lod_bias, 0.0, pyramid.levels - 1.0);
  const auto level = static_cast<std::uint32_t>(lod);
  const auto page = [&](double t, std::uint32_t extent, std::uint32_t pages) {
    return std::min(static_cast<std::uint32_t>(t * extent) / pyramid.page_texels, pages - 1);
  };
  return {level, page(sample.uv.x, pyramid.level_width(level), pyramid.pages_x(level)),
          page(sample.uv.y, pyramid.level_height(level), pyramid.pages_y(level))};
}

}  // namespace

Result<ScreenCoverage> measure_coverage(const PageTable& table, std::uint32_t texture,
                                        const TilePyramid& pyramid, const VirtualView& view,
                                        std::uint32_t step_px) {
  if (step_px == 0) return fail(ErrorCode::kInvalidArgument, "step_px is 0: at least 1");
  FORGE3D_TRY_ASSIGN(const std::optional<ViewMapping> mapping,
                     ViewMapping::create(view, pyramid.width, pyramid.height));
  ScreenCoverage coverage;
  if (!mapping) return coverage;
  std::uint64_t pixels = 0, covered = 0, exact = 0, missing_levels = 0;
  for (std::uint64_t y = step_px / 2; y < view.height; y += step_px)
    for (std::uint64_t x = step_px / 2; x < view.width; x += step_px) {
      ++pixels;
      const auto sample = mapping->sample(static_cast<double>(x), static_cast<double>(y));
      if (!sample) continue;
      const TileAddress page = wanted_page(pyramid, view, *sample);
      const std::uint32_t entry = table.lookup({texture, page});
      const std::uint32_t resident =
          (entry & layout::kIsValid) != 0 ? layout::level_of(entry) : pyramid.levels;
      ++covered;
      exact += resident == page.level;
      missing_levels += resident - page.level;
    }
  if (covered == 0) return coverage;
  coverage.covered = static_cast<double>(covered) / static_cast<double>(pixels);
  coverage.exact_area = static_cast<double>(exact) / static_cast<double>(covered);
  coverage.mip_deficit = static_cast<double>(missing_levels) / static_cast<double>(covered);
  return coverage;
}

}  // namespace forge3d::streaming
