// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Blocks of half floats in vector lanes, as the BC6H encoder sees them: texels in the integers that
// the format interpolates, each with the weight of its error. Included once a target, inside
// foreach_target.

#if defined(FORGE3D_BC6H_TEXELS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef FORGE3D_BC6H_TEXELS_INL
#undef FORGE3D_BC6H_TEXELS_INL
#else
#define FORGE3D_BC6H_TEXELS_INL
#endif

#include <hwy/highway.h>

#include "texture/codec/block_lanes-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace forge3d::codec {
namespace HWY_NAMESPACE {
namespace {

HWY_INLINE VF32 fill(float value) { return hn::Set(TagF32(), value); }

/// The numbers between which a format interpolates.
struct Bc6hRange {
  bool is_signed;
  float largest;   ///< 65535, or 32767 with a sign.
  float per_half;  ///< Numbers that one step of a half float's bits takes.
};
HWY_INLINE Bc6hRange bc6h_range(bool is_signed) {
  return is_signed ? Bc6hRange{true, 32767, 32.0f / 31} : Bc6hRange{false, 65535, 64.0f / 31};
}

/// Blocks and what is derived from them. The error that counts is that of log2(1 + x), close to the
/// texel's own value: the squared difference of numbers times the square of that function's slope.
struct Bc6hTexels {
  VF32 mean[3];                      ///< Weighted, over the block.
  VF32 value[3][16];                 ///< Less the mean.
  VF32 weight[3][16];                ///< Positive.
  VF32 weight_sum[3], value_sum[3];  ///< Of weight, of weight * value.
  /// The texels in the plane of the block's two principal axes, and their weights there.
  VF32 x[16], y[16], plane_weight[16];
};

/// Reads channels R | G << 16 and B | A << 16 of the texels of BlockLanes() blocks in a row.
HWY_INLINE void load_half_row(const std::uint8_t* row, VU32 (&rg)[4], VU32 (&ba)[4]) {
  const TagU32 d;
  const auto* words = reinterpret_cast<const std::uint32_t*>(row);
#if HWY_TARGET == HWY_SCALAR
  for (std::size_t x = 0; x < 4; ++x) {
    rg[x] = hn::LoadU(d, words + 2 * x);
    ba[x] = hn::LoadU(d, words + 2 * x + 1);
  }
#else
  // Texels 0 and 2 of the first half of the blocks lie in turn in `low0`.
  VU32 low0, low1, low2, low3, high0, high1, high2, high3;
  hn::LoadInterleaved4(d, words, low0, low1, low2, low3);
  hn::LoadInterleaved4(d, words + 4 * hn::Lanes(d), high0, high1, high2, high3);
  rg[0] = hn::ConcatEven(d, high0, low0);
  ba[0] = hn::ConcatEven(d, high1, low1);
  rg[1] = hn::ConcatEven(d, high2, low2);
  ba[1] = hn::ConcatEven(d, high3, low3);
  rg[2] = hn::ConcatOdd(d, high0, low0);
  ba[2] = hn::ConcatOdd(d, high1, low1);
  rg[3] = hn::ConcatOdd(d, high2, low2);
  ba[3] = hn::ConcatOdd(d, high3, low3);
#endif
}

/// A half float's bits as a number and the weight of its error. NaN counts as 0, what is out of
/// range as the nearest end of it.
HWY_INLINE void take_half(VU32 bits, const Bc6hRange& range, VF32& value, VF32& weight) {
  const TagU32 du;
  const TagI32 di;
  const TagF32 df;
  const VU32 sign = hn::ShiftLeft<16>(hn::And(bits, hn::Set(du, 0x8000)));
  VI32 size = hn::BitCast(di, hn::And(bits, hn::Set(du, 0x7fff)));
  size = hn::IfThenZeroElse(hn::Gt(size, hn::Set(di, 0x7c00)), size);
  size = hn::Min(size, hn::Set(di, 0x7bff));
  // The middle of the numbers that decode to these bits.
  value = hn::Mul(hn::Add(hn::ConvertTo(df, size), fill(0.5f)), fill(range.per_half));
  if (range.is_signed) {
    value = hn::Or(value, hn::BitCast(df, sign));
  } else {
    const auto negative = hn::RebindMask(df, hn::Ne(sign, hn::Zero(du)));
    value = hn::IfThenElse(negative, fill(0.5f * range.per_half), value);
    size = hn::IfThenZeroElse(hn::RebindMask(di, negative), size);
  }
  // The slope: the power of two of the half float over 1 + x. Subnormal numbers are all alike.
  const VI32 normal = hn::Max(size, hn::Set(di, 0x400));
  const VI32 wide = hn::Add(hn::ShiftLeft<13>(normal), hn::Set(di, 112 << 23));
  const VF32 power = hn::BitCast(df, hn::And(wide, hn::Set(di, 0x7f800000)));
  const VF32 slope = hn::Div(power, hn::Add(fill(1), hn::BitCast(df, wide)));
  weight = hn::Mul(slope, slope);
}

HWY_INLINE void load_texels(const std::uint8_t* texels, std::size_t row_bytes,
                            const Bc6hRange& range, Bc6hTexels& out) {
  const TagU32 d;
  const VU32 low = hn::Set(d, 0xffff);
  for (std::size_t y = 0; y < 4; ++y) {
    VU32 rg[4], ba[4];
    load_half_row(texels + y * row_bytes, rg, ba);
    for (std::size_t x = 0; x < 4; ++x) {
      const std::size_t i = 4 * y + x;
      take_half(hn::And(rg[x], low), range, out.value[0][i], out.weight[0][i]);
      take_half(hn::ShiftRight<16>(rg[x]), range, out.value[1][i], out.weight[1][i]);
      take_half(hn::And(ba[x], low), range, out.value[2][i], out.weight[2][i]);
    }
  }
}

/// Weights are raised to this share of the block's largest, so that the dark texels of a block stay
/// near what they are.
constexpr float kLeastWeight = 1.0f / 64;

HWY_INLINE void raise_weights(Bc6hTexels& t) {
  VF32 largest = t.weight[0][0];
  for (const auto& channel : t.weight)
    for (const VF32& weight : channel) largest = hn::Max(largest, weight);
  // The largest becomes 1, for numbers of a good size.
  const VF32 scale = hn::Div(fill(1), largest);
  for (auto& channel : t.weight)
    for (VF32& weight : channel) weight = hn::Max(hn::Mul(weight, scale), fill(kLeastWeight));
}

HWY_INLINE void centre(Bc6hTexels& t) {
  for (std::size_t c = 0; c < 3; ++c) {
    VF32 weights = t.weight[c][0];
    VF32 sum = hn::Mul(t.weight[c][0], t.value[c][0]);
    for (std::size_t i = 1; i < 16; ++i) {
      weights = hn::Add(weights, t.weight[c][i]);
      sum = hn::Add(sum, hn::Mul(t.weight[c][i], t.value[c][i]));
    }
    t.mean[c] = hn::Div(sum, weights);
    t.weight_sum[c] = weights;
    VF32 rest = hn::Zero(TagF32());
    for (std::size_t i = 0; i < 16; ++i) {
      t.value[c][i] = hn::Sub(t.value[c][i], t.mean[c]);
      rest = hn::Add(rest, hn::Mul(t.weight[c][i], t.value[c][i]));
    }
    t.value_sum[c] = rest;
  }
}

/// A symmetric 3 x 3 matrix: xx, xy, xz, yy, yz, zz.
using Symmetric = VF32[6];

HWY_INLINE void multiply(const Symmetric& m, const VF32 (&v)[3], VF32 (&out)[3]) {
  const auto sum = [](VF32 a, VF32 b, VF32 c) HWY_ATTR { return hn::Add(hn::Add(a, b), c); };
  out[0] = sum(hn::Mul(m[0], v[0]), hn::Mul(m[1], v[1]), hn::Mul(m[2], v[2]));
  out[1] = sum(hn::Mul(m[1], v[0]), hn::Mul(m[3], v[1]), hn::Mul(m[4], v[2]));
  out[2] = sum(hn::Mul(m[2], v[0]), hn::Mul(m[4], v[1]), hn::Mul(m[5], v[2]));
}

/// Too small to matter; keeps quotients finite.
constexpr float kTiny = 1e-20f;

HWY_INLINE void normalise(VF32 (&v)[3]) {
  const VF32 square =
      hn::Add(hn::Add(hn::Mul(v[0], v[0]), hn::Mul(v[1], v[1])), hn::Mul(v[2], v[2]));
  const VF32 scale = hn::Div(fill(1), hn::Sqrt(hn::Max(square, fill(kTiny))));
  for (VF32& x : v) x = hn::Mul(x, scale);
}

/// The direction of the largest eigenvalue, by a few steps of the power method from the row with
/// the largest diagonal element.
HWY_INLINE void principal_axis(const Symmetric& m, VF32 (&axis)[3]) {
  const auto y_is_larger = hn::Gt(m[3], m[0]);
  axis[0] = hn::IfThenElse(y_is_larger, m[1], m[0]);
  axis[1] = hn::IfThenElse(y_is_larger, m[3], m[1]);
  axis[2] = hn::IfThenElse(y_is_larger, m[4], m[2]);
  const auto z_is_largest = hn::Gt(m[5], hn::Max(m[0], m[3]));
  axis[0] = hn::IfThenElse(z_is_largest, m[2], axis[0]);
  axis[1] = hn::IfThenElse(z_is_largest, m[4], axis[1]);
  axis[2] = hn::IfThenElse(z_is_largest, m[5], axis[2]);
  for (int step = 0; step < 4; ++step) {
    normalise(axis);
    VF32 next[3];
    multiply(m, axis, next);
    for (std::size_t c = 0; c < 3; ++c) axis[c] = next[c];
  }
  normalise(axis);
}

/// Takes the part along `axis` out of the matrix.
HWY_INLINE void deflate(const VF32 (&axis)[3], Symmetric& m) {
  VF32 image[3];
  multiply(m, axis, image);
  const VF32 eigenvalue = hn::Add(hn::Add(hn::Mul(axis[0], image[0]), hn::Mul(axis[1], image[1])),
                                  hn::Mul(axis[2], image[2]));
  std::size_t k = 0;
  for (std::size_t a = 0; a < 3; ++a)
    for (std::size_t b = a; b < 3; ++b, ++k)
      m[k] = hn::Sub(m[k], hn::Mul(eigenvalue, hn::Mul(axis[a], axis[b])));
}

/// Fills x, y and plane_weight. A texel's weight there is the sum of its channels' weights; the
/// axes of the channels are stretched so that distances are errors, on the average.
HWY_INLINE void project_on_plane(Bc6hTexels& t) {
  VF32 stretch[3], matrix[6];
  const VF32 total = hn::Add(hn::Add(t.weight_sum[0], t.weight_sum[1]), t.weight_sum[2]);
  for (std::size_t c = 0; c < 3; ++c) stretch[c] = hn::Sqrt(hn::Div(t.weight_sum[c], total));
  for (VF32& m : matrix) m = hn::Zero(TagF32());
  for (std::size_t i = 0; i < 16; ++i) {
    const VF32 weight = hn::Add(hn::Add(t.weight[0][i], t.weight[1][i]), t.weight[2][i]);
    t.plane_weight[i] = weight;
    VF32 v[3];
    for (std::size_t c = 0; c < 3; ++c) v[c] = hn::Mul(t.value[c][i], stretch[c]);
    std::size_t k = 0;
    for (std::size_t a = 0; a < 3; ++a) {
      const VF32 heavy = hn::Mul(weight, v[a]);
      for (std::size_t b = a; b < 3; ++b, ++k) matrix[k] = hn::Add(matrix[k], hn::Mul(heavy, v[b]));
    }
  }
  VF32 first[3], second[3];
  principal_axis(matrix, first);
  deflate(first, matrix);
  principal_axis(matrix, second);
  for (std::size_t c = 0; c < 3; ++c) {
    first[c] = hn::Mul(first[c], stretch[c]);
    second[c] = hn::Mul(second[c], stretch[c]);
  }
  for (std::size_t i = 0; i < 16; ++i) {
    const VF32 r = t.value[0][i], g = t.value[1][i], b = t.value[2][i];
    t.x[i] = hn::Add(hn::Add(hn::Mul(r, first[0]), hn::Mul(g, first[1])), hn::Mul(b, first[2]));
    t.y[i] = hn::Add(hn::Add(hn::Mul(r, second[0]), hn::Mul(g, second[1])), hn::Mul(b, second[2]));
  }
}

HWY_INLINE void read_texels(const std::uint8_t* texels, std::size_t row_bytes,
                            const Bc6hRange& range, Bc6hTexels& out) {
  load_texels(texels, row_bytes, range, out);
  raise_weights(out);
  centre(out);
  project_on_plane(out);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#endif  // FORGE3D_BC6H_TEXELS_INL
