// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Grids of weights, a grid of its own size a lane. Included once a target, inside foreach_target.

#if defined(FORGE3D_ASTC_GRID_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef FORGE3D_ASTC_GRID_INL
#undef FORGE3D_ASTC_GRID_INL
#else
#define FORGE3D_ASTC_GRID_INL
#endif

#include "texture/codec/astc_choices.hpp"
#include "texture/codec/astc_lanes-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace forge3d::codec {
namespace HWY_NAMESPACE {

/// What each lane's choice means for the fit. Rows are of the round tables; sizes are of grids.
struct LaneChoice {
  VI32 index;
  VI32 weight_row;
  VI32 color_row;
  VI32 width;
  VI32 height;
};

HWY_INLINE LaneChoice lane_choice(const std::vector<AstcChoice>& choices, VI32 choice) {
  constexpr std::size_t kLanes = BlockLanes();
  const TagI32 d;
  alignas(64) std::int32_t index[kLanes], weight[kLanes], color[kLanes], width[kLanes],
      height[kLanes];
  hn::Store(choice, d, index);
  for (std::size_t i = 0; i < kLanes; ++i) {
    const AstcChoice& c = choices[static_cast<std::size_t>(index[i])];
    weight[i] = 65 * c.weight_range;
    color[i] = 256 * c.color_range;
    width[i] = c.grid_width;
    height[i] = c.grid_height;
  }
  return {choice, hn::Load(d, weight), hn::Load(d, color), hn::Load(d, width), hn::Load(d, height)};
}

/// Reads table[index] for each lane.
HWY_INLINE VI32 look_up(const std::int32_t* table, VI32 index) {
  return hn::GatherIndex(TagI32(), table, index);
}
HWY_INLINE VF32 look_up(const float* table, VI32 index) {
  return hn::GatherIndex(TagF32(), table, index);
}

/// A weight a texel.
template <int kSide>
class FullGrid {
 public:
  static constexpr int kTexels = kSide * kSide;
  HWY_INLINE explicit FullGrid(const LaneChoice& choice) : row_(choice.weight_row) {}

  /// The nearest weights of the range, for ideal ones (that may lie outside 0..64).
  HWY_INLINE void round(const VF32 (&ideal)[kTexels]) {
    const std::int32_t* table = astc_round_tables().weight.data();
    for (int i = 0; i < kTexels; ++i)
      texel[i] = look_up(table, hn::Add(row_, round_up_half(clamp(ideal[i], 0, 64))));
  }
  /// The weights of the grid, in rows of kSide.
  [[nodiscard]] HWY_INLINE const VI32* grid() const { return texel; }

  VI32 texel[kTexels];  ///< 0..64, what a decoder gives each texel.

 private:
  VI32 row_;
};

/// Fewer weights than texels.
template <int kSide>
class SparseGrid {
 public:
  static constexpr int kTexels = kSide * kSide;

  HWY_INLINE explicit SparseGrid(const LaneChoice& choice) : row_(choice.weight_row) {
    static const AstcLines lines = make_astc_lines(kSide);
    load(lines, choice.width, across_);
    load(lines, choice.height, down_);
  }

  /// The nearest weights of the range to the grid that fits the ideal weights best.
  HWY_INLINE void round(const VF32 (&ideal)[kTexels]) {
    const std::int32_t* table = astc_round_tables().weight.data();
    VF32 rows[kTexels];
    for (int y = 0; y < kSide; ++y)
      for (int g = 0; g < kSide; ++g) {
        VF32 sum = hn::Mul(across_.project[g][0], ideal[y * kSide]);
        for (int x = 1; x < kSide; ++x)
          sum = hn::Add(sum, hn::Mul(across_.project[g][x], ideal[y * kSide + x]));
        rows[y * kSide + g] = sum;
      }
    for (int g = 0; g < kSide; ++g)
      for (int x = 0; x < kSide; ++x) {
        VF32 sum = hn::Mul(down_.project[g][0], rows[x]);
        for (int y = 1; y < kSide; ++y)
          sum = hn::Add(sum, hn::Mul(down_.project[g][y], rows[y * kSide + x]));
        grid_[g * kSide + x] = look_up(table, hn::Add(row_, round_up_half(clamp(sum, 0, 64))));
      }
    fill_in();
  }
  [[nodiscard]] HWY_INLINE const VI32* grid() const { return grid_; }

  VI32 texel[kTexels];

 private:
  struct Line {
    VI32 at[kSide];
    VI32 sixteenth[kSide];
    VF32 project[kSide][kSide];
  };

  HWY_INLINE static void load(const AstcLines& lines, VI32 count, Line& out) {
    constexpr int kStride = sizeof(AstcLine) / 4;
    const VI32 offset = hn::Mul(count, i32(kStride));
    for (int x = 0; x < kSide; ++x) {
      const auto at = static_cast<std::size_t>(x);
      out.at[x] = look_up(&lines[0].at[at], offset);
      out.sixteenth[x] = look_up(&lines[0].sixteenth[at], offset);
      for (int g = 0; g < kSide; ++g)
        out.project[g][x] = look_up(&lines[0].project[static_cast<std::size_t>(g)][at], offset);
    }
  }

  /// The decoder's interpolation, of the four weights around each texel.
  HWY_INLINE void fill_in() {
    constexpr auto kLanes = static_cast<int>(BlockLanes());
    const TagI32 d;
    // A cell's weight, the one to its right, the two below them: a byte each.
    alignas(64) std::int32_t cells[kTexels * BlockLanes()];
    for (int i = 0; i < kTexels; ++i) {
      VI32 cell = grid_[i];
      if (i + 1 < kTexels) cell = hn::Or(cell, hn::ShiftLeft<8>(grid_[i + 1]));
      if (i + kSide < kTexels) cell = hn::Or(cell, hn::ShiftLeft<16>(grid_[i + kSide]));
      if (i + kSide + 1 < kTexels) cell = hn::Or(cell, hn::ShiftLeft<24>(grid_[i + kSide + 1]));
      hn::Store(cell, d, cells + static_cast<std::size_t>(i * kLanes));
    }
    const VI32 byte = i32(0xff);
    for (int y = 0; y < kSide; ++y) {
      const VI32 row = hn::Add(hn::Mul(down_.at[y], i32(kSide * kLanes)), hn::Iota(d, 0));
      const VI32 fy = down_.sixteenth[y];
      for (int x = 0; x < kSide; ++x) {
        const VI32 cell = look_up(cells, hn::Add(row, hn::Mul(across_.at[x], i32(kLanes))));
        const VI32 fx = across_.sixteenth[x];
        const VI32 both = hn::ShiftRight<4>(hn::Add(hn::Mul(fx, fy), i32(8)));
        const VI32 w00 = hn::And(cell, byte);
        const VI32 w01 = hn::Sub(hn::And(hn::ShiftRight<8>(cell), byte), w00);
        const VI32 w10 = hn::Sub(hn::And(hn::ShiftRight<16>(cell), byte), w00);
        const VI32 w11 =
            hn::Sub(hn::Sub(hn::And(hn::ShiftRight<24>(cell), byte), w00), hn::Add(w01, w10));
        VI32 sum = hn::Add(hn::ShiftLeft<4>(w00), i32(8));
        sum = hn::Add(sum, hn::Add(hn::Mul(w01, fx), hn::Mul(w10, fy)));
        texel[y * kSide + x] = hn::ShiftRight<4>(hn::Add(sum, hn::Mul(w11, both)));
      }
    }
  }

  VI32 row_;
  Line across_;
  Line down_;
  VI32 grid_[kTexels];
};

/// How much of the squares of ideal weights the grids of each size cannot follow.
template <int kSide>
struct GridMisfit {
  VF32 v[kSide + 1][kSide + 1];  ///< By width and height of the grid, from 2.

  /// `scale`: what the misfit of a texel's weight counts.
  HWY_INLINE GridMisfit(const VF32 (&ideal)[kSide * kSide], VF32 scale) {
    static const AstcLines lines = make_astc_lines(kSide);
    VF32 all = f32(0);
    for (const VF32& w : ideal) all = hn::Add(all, hn::Mul(w, w));
    for (std::size_t width = 2; width <= kSide; ++width) {
      VF32 rows[kSide][kSide];  // by base function and row
      for (std::size_t k = 0; k < width; ++k)
        for (std::size_t y = 0; y < kSide; ++y) {
          rows[k][y] = hn::Mul(ideal[y * kSide], f32(lines[width].basis[k][0]));
          for (std::size_t x = 1; x < kSide; ++x)
            rows[k][y] =
                hn::Add(rows[k][y], hn::Mul(ideal[y * kSide + x], f32(lines[width].basis[k][x])));
        }
      for (std::size_t height = 2; height <= kSide; ++height) {
        VF32 held = f32(0);
        for (std::size_t k = 0; k < width; ++k)
          for (std::size_t l = 0; l < height; ++l) {
            VF32 sum = hn::Mul(rows[k][0], f32(lines[height].basis[l][0]));
            for (std::size_t y = 1; y < kSide; ++y)
              sum = hn::Add(sum, hn::Mul(rows[k][y], f32(lines[height].basis[l][y])));
            held = hn::Add(held, hn::Mul(sum, sum));
          }
        v[width][height] = hn::Mul(hn::Max(hn::Sub(all, held), f32(0)), scale);
      }
    }
  }
};

}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#endif  // FORGE3D_ASTC_GRID_INL
