// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// ViewPlanes: what a view sees of a texture's plane, as half-planes of texture coordinates.

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

#include "streaming/view_mapping.hpp"

namespace forge3d::streaming {

/// An upright rectangle of texture coordinates.
struct UvRect {
  Vec2 centre, half;
};

/// A convex polygon of texture coordinates: a rectangle and what planes have cut off it.
struct UvPolygon {
  static constexpr std::uint32_t kMaxPoints = 12;  ///< 4 corners and one more for each plane.
  std::array<Vec2, kMaxPoints> points;
  std::uint32_t count = 0;
};

/// The half-planes in which some pixel centre may see the plane: the sides of the pyramid of pixel
/// centres, near and far plane, and what lies before the camera. A set of them is a bit mask.
class ViewPlanes {
 public:
  using Mask = std::uint8_t;

  explicit ViewPlanes(const ViewMapping& mapping);

  /// The planes that bound what is seen of the texture; the others need not be looked at.
  [[nodiscard]] Mask bounding() const { return bounding_; }

  /// Takes the planes that do not cut the rectangle out of `mask`; false when one of the others
  /// shows that nothing of it is seen.
  [[nodiscard]] bool narrow(const UvRect& rect, Mask& mask) const {
    if (std::abs(rect.centre.x - seen_.centre.x) > rect.half.x + seen_.half.x ||
        std::abs(rect.centre.y - seen_.centre.y) > rect.half.y + seen_.half.y)
      return false;
    for (unsigned rest = mask; rest != 0; rest &= rest - 1) {
      const auto plane = static_cast<std::uint32_t>(std::countr_zero(rest));
      const double distance = planes_[plane].at(rect.centre);
      const double spread = planes_[plane].spread(rect.half);
      if (distance < -spread) return false;
      if (distance >= spread) mask = static_cast<Mask>(mask & ~(1u << plane));
    }
    return true;
  }
  /// Roughly the share of the rectangle's area that these planes leave: as if each cut it alone.
  [[nodiscard]] double share(const UvRect& rect, Mask mask) const;
  /// The part of the rectangle that is seen, in one of the two polygons to work in. REQUIRES: the
  /// planes outside `mask` do not cut it.
  const UvPolygon& clip(const UvRect& rect, Mask mask, std::array<UvPolygon, 2>& work) const;

 private:
  static constexpr std::uint32_t kPlanes = 7;
  std::array<LinearForm, kPlanes> planes_;
  Mask bounding_ = 0;
  UvRect seen_;  ///< Around all that is seen of the texture; its half extents are < 0 for nothing.
};

}  // namespace forge3d::streaming
