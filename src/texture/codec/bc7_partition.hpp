// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "texture/codec/bc7_layout.hpp"
#include "texture/codec/line_fit.hpp"

namespace forge3d::codec {

/// Guesses which partitions let lines through their subsets fit a block best, without fitting them.
///
/// The texels are projected on the plane of their two largest principal axes. There, each subset's
/// scatter about its best line is the smaller eigenvalue of a 2 x 2 matrix, a closed form of five
/// sums; and the sums of all 64 partitions are gathered side by side in vector lanes.
class PartitionGuess {
 public:
  /// `moments`: those of all points.
  template <int C>
  PartitionGuess(const Points<C>& points, const Moments<C>& moments);

  /// Writes the `count` most promising of the first `candidates` partitions of two (or three)
  /// subsets, best first. `levels`: index values on a line; more of them make a long line cost
  /// less.
  void best_of_two(int levels, int count, std::uint8_t* out) const;
  void best_of_three(int levels, int candidates, int count, std::uint8_t* out) const;

 private:
  Shorts x_;
  Shorts y_;
};

}  // namespace forge3d::codec
