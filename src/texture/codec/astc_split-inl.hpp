// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Which split of a block's texels lies closest to a line a part. Included once a target, inside
// foreach_target.

#if defined(FORGE3D_ASTC_SPLIT_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef FORGE3D_ASTC_SPLIT_INL
#undef FORGE3D_ASTC_SPLIT_INL
#else
#define FORGE3D_ASTC_SPLIT_INL
#endif

#include <hwy/base.h>

#include "texture/codec/astc_fit-inl.hpp"
#include "texture/codec/astc_splits.hpp"

HWY_BEFORE_NAMESPACE();
namespace forge3d::codec {
namespace HWY_NAMESPACE {

/// About the largest eigenvalue: the fourth root of the sum of their fourth powers.
template <int kChannels>
HWY_INLINE VF32 largest_eigenvalue(const Products<kChannels>& m) {
  VF32 sum = f32(0);
  for (int c = 0; c < kChannels; ++c)
    for (int d = c; d < kChannels; ++d) {
      VF32 square = hn::Mul(m.at(c, 0), m.at(0, d));
      for (int k = 1; k < kChannels; ++k) square = hn::Add(square, hn::Mul(m.at(c, k), m.at(k, d)));
      square = hn::Mul(square, square);
      sum = hn::Add(sum, c == d ? square : hn::Add(square, square));
    }
  return hn::Sqrt(hn::Sqrt(sum));
}

/// The sums that give the moments of any subset of a block.
template <int kTexels, int kChannels>
struct SplitSums {
  static constexpr int kProducts = Products<kChannels>::kCount;
  VF32 x[kTexels][kChannels];
  VF32 xx[kTexels][kProducts];
  Products<kChannels> total;

  HWY_INLINE SplitSums(const LaneTexels<kTexels, kChannels>& texels,
                       const Moments<kTexels, kChannels>& moments) {
    for (int i = 0; i < kTexels; ++i) {
      for (int c = 0; c < kChannels; ++c) x[i][c] = hn::Sub(texels.at[c][i], moments.mean[c]);
      int k = 0;
      for (int c = 0; c < kChannels; ++c)
        for (int d = c; d < kChannels; ++d) xx[i][k++] = hn::Mul(x[i][c], x[i][d]);
    }
    total = moments.covariance;
  }

  /// The squared distance of the texels of a subset and of the others to a line each.
  HWY_INLINE VF32 distance(std::uint64_t mask) const {
    VF32 s[kChannels];
    Products<kChannels> first, second;
    for (auto& v : s) v = f32(0);
    for (auto& v : first.v) v = f32(0);
    int n = 0;
    for (std::uint64_t left = mask; left != 0; left &= left - 1, ++n) {
      const auto i = static_cast<std::size_t>(hwy::Num0BitsBelowLS1Bit_Nonzero64(left));
      for (int c = 0; c < kChannels; ++c) s[c] = hn::Add(s[c], x[i][c]);
      for (int k = 0; k < kProducts; ++k) first.v[k] = hn::Add(first.v[k], xx[i][k]);
    }
    const VF32 scale1 = f32(1.0f / static_cast<float>(n));
    const VF32 scale2 = f32(1.0f / static_cast<float>(kTexels - n));
    VF32 trace = f32(0);
    int k = 0;
    for (int c = 0; c < kChannels; ++c)
      for (int d = c; d < kChannels; ++d, ++k) {
        const VF32 ss = hn::Mul(s[c], s[d]);
        second.v[k] = hn::Sub(hn::Sub(total.v[k], first.v[k]), hn::Mul(ss, scale2));
        first.v[k] = hn::Sub(first.v[k], hn::Mul(ss, scale1));
        if (c == d) trace = hn::Add(trace, hn::Add(first.v[k], second.v[k]));
      }
    return hn::Sub(trace, hn::Add(largest_eigenvalue(first), largest_eigenvalue(second)));
  }
};

/// The line through each partition's texels, from end to end. `along`: how far each texel is along
/// its line, 0..1. Returns the sum over the texels of the squared lengths of their lines.
template <int kTexels, int kChannels, int kParts>
HWY_INLINE VF32 spanned_lines(const LaneTexels<kTexels, kChannels>& texels,
                              const Members<kTexels, kParts>& part, Lines<kParts, kChannels>& lines,
                              VF32 (&along)[kTexels]) {
  VF32 spread = f32(0);
  for (int p = 0; p < kParts; ++p) {
    VF32 n = f32(0), mean[kChannels];
    for (auto& v : mean) v = f32(0);
    MF32 in[kTexels];
    for (int i = 0; i < kTexels; ++i) {
      in[i] = part.has(p, i);
      n = hn::Add(n, hn::IfThenElseZero(in[i], f32(1)));
      for (int c = 0; c < kChannels; ++c)
        mean[c] = hn::Add(mean[c], hn::IfThenElseZero(in[i], texels.at[c][i]));
    }
    const VF32 scale = hn::Div(f32(1), hn::Max(n, f32(1)));
    for (auto& v : mean) v = hn::Mul(v, scale);
    Products<kChannels> covariance;
    for (auto& v : covariance.v) v = f32(0);
    for (int i = 0; i < kTexels; ++i) {
      VF32 x[kChannels];
      for (int c = 0; c < kChannels; ++c)
        x[c] = hn::IfThenElseZero(in[i], hn::Sub(texels.at[c][i], mean[c]));
      int k = 0;
      for (int c = 0; c < kChannels; ++c)
        for (int d = c; d < kChannels; ++d, ++k)
          covariance.v[k] = hn::Add(covariance.v[k], hn::Mul(x[c], x[d]));
    }
    VF32 axis[kChannels];
    principal_axis(covariance, 3, axis);
    VF32 low = f32(0), high = f32(0);
    for (int i = 0; i < kTexels; ++i) {
      VF32 t = f32(0);
      for (int c = 0; c < kChannels; ++c)
        t = hn::Add(t, hn::Mul(axis[c], hn::Sub(texels.at[c][i], mean[c])));
      along[i] = p == 0 ? t : blend(in[i], t, along[i]);
      t = hn::IfThenElseZero(in[i], t);
      low = hn::Min(low, t);
      high = hn::Max(high, t);
    }
    const VF32 length = hn::Sub(high, low);
    const VF32 inverse = hn::IfThenElseZero(hn::Gt(length, f32(1e-6f)), hn::Div(f32(1), length));
    for (int i = 0; i < kTexels; ++i) {
      const VF32 t = hn::Mul(hn::Sub(along[i], low), inverse);
      along[i] = p == 0 ? t : blend(in[i], t, along[i]);
    }
    for (int c = 0; c < kChannels; ++c) {
      lines.a[p][c] = hn::Add(mean[c], hn::Mul(axis[c], low));
      lines.b[p][c] = hn::Add(mean[c], hn::Mul(axis[c], high));
    }
    spread = hn::Add(spread, hn::Mul(n, hn::Mul(length, length)));
  }
  return spread;
}

}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#endif  // FORGE3D_ASTC_SPLIT_INL
