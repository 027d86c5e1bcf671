// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the fields of an ASTC block mean: block modes, weight grids, partitions (Khronos Data Format
// Specification, "ASTC Compressed Texture Image Formats"; 2D blocks only).

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "texture/codec/astc_sequence.hpp"

namespace forge3d::codec {

inline constexpr int kAstcMaxTexels = 144;
inline constexpr int kAstcBlockModes = 2048;
inline constexpr int kAstcPartitionSeeds = 1024;

/// What the lowest 11 bits of a block say about its weights. `weights` is 0 for reserved modes.
struct AstcBlockMode {
  std::uint8_t grid_width = 0;
  std::uint8_t grid_height = 0;
  std::uint8_t range = 0;
  std::uint8_t weights = 0;  ///< Of both planes together.
  std::uint8_t weight_bits = 0;
  bool dual_plane = false;
};
extern const std::array<AstcBlockMode, kAstcBlockModes> kAstcModes;

/// The largest colour range whose sequence of 2 * `pairs` numbers fits `bits` bits, or -1.
/// REQUIRES: 1 <= pairs <= 9, 0 <= bits < 128.
[[nodiscard]] int astc_color_range(int pairs, int bits);

/// How each texel's weight is interpolated from a grid: (w[at] * f[0] + w[at + 1] * f[1] +
/// w[at + grid_width] * f[2] + w[at + grid_width + 1] * f[3] + 8) / 16. A factor of 0 may stand
/// before a weight past the end of the grid.
struct AstcInfill {
  std::array<std::uint8_t, kAstcMaxTexels> at{};
  std::array<std::array<std::uint8_t, kAstcMaxTexels>, 4> factor{};
};

[[nodiscard]] AstcInfill make_astc_infill(int block_width, int block_height, int grid_width,
                                          int grid_height);

/// The partition (0 .. partitions - 1) of texel (x, y). `small`: blocks of fewer than 32 texels.
[[nodiscard]] int astc_partition(int seed, int partitions, int x, int y, bool small);

/// The tables of one block size.
class AstcFootprint {
 public:
  AstcFootprint(int width, int height);

  [[nodiscard]] int width() const { return width_; }
  [[nodiscard]] int height() const { return height_; }
  [[nodiscard]] int texels() const { return width_ * height_; }
  /// REQUIRES: the grid is not larger than the block.
  [[nodiscard]] const AstcInfill& infill(int grid_width, int grid_height) const {
    return *infills_[static_cast<std::size_t>(grid_height * kGridSide + grid_width)];
  }
  /// The partition of each texel. REQUIRES: 2 <= partitions <= 4, 0 <= seed < 1024.
  [[nodiscard]] const std::uint8_t* partition(int partitions, int seed) const {
    return partitions_.data() +
           static_cast<std::size_t>(((partitions - 2) * kAstcPartitionSeeds + seed) * texels());
  }

 private:
  static constexpr int kGridSide = 13;

  int width_;
  int height_;
  std::array<std::unique_ptr<AstcInfill>, std::size_t{kGridSide} * kGridSide> infills_;
  std::vector<std::uint8_t> partitions_;
};

/// The tables of a 2D block size that ASTC has, made at the first call. Thread-safe.
[[nodiscard]] const AstcFootprint& astc_footprint(int width, int height);

}  // namespace forge3d::codec
