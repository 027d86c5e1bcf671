// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Terrain: heights of a world without end, any rectangle of any level, the same on every machine.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace forge3d::tiles {

/// Heights are whole numbers, so that no machine rounds them otherwise; 0 is the sea's. A cell of
/// level m splits into four of level m - 1: a slope through its neighbours (average interpolation
/// of order 3: Donoho, "Smooth wavelet decompositions with blocky coefficient kernels", 1993) and
/// three random details, which sum up to nothing. So each height is the mean of the four below it.
/// Thread-safe.
class Terrain {
 public:
  /// Level `top` is made of random numbers alone; the levels below refine it. REQUIRES: top <= 31.
  Terrain(std::uint32_t top, std::uint64_t seed);

  /// Heights keep below this in both directions, but for rare summits.
  static constexpr std::int32_t kUsualHeight = 1 << 27;

  struct Rectangle {
    std::int32_t x = 0, y = 0;
    std::int32_t width = 0, height = 0;
  };
  /// Heights of a rectangle; memory is kept for the next one.
  struct Heights {
    Rectangle rectangle;  ///< At least the one asked for.
    std::vector<std::int32_t> texels;
    std::vector<std::int32_t> coarser;

    [[nodiscard]] const std::int32_t* at(std::int32_t x, std::int32_t y) const {
      return texels.data() + std::ptrdiff_t{y - rectangle.y} * rectangle.width + (x - rectangle.x);
    }
  };
  /// REQUIRES: level <= top, coordinates within 2^30.
  void read(std::uint32_t level, Rectangle rectangle, Heights& out) const;
  /// How much neighbours of a level usually differ.
  [[nodiscard]] std::int32_t detail(std::uint32_t level) const { return details_[level]; }

 private:
  void fill_top(Rectangle rectangle, Heights& out) const;
  void refine(std::uint32_t level, Rectangle wanted, Heights& out) const;

  std::uint32_t top_;
  std::array<std::uint32_t, 32> salts_{};   // of a level's random numbers
  std::array<std::int32_t, 32> details_{};  // of the step from level + 1 to level
};

}  // namespace forge3d::tiles
