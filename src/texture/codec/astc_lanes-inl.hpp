// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Texels of ASTC blocks in vector lanes and the lines through them. Included once a target, inside
// foreach_target; the rules of block_lanes-inl.hpp hold.

#if defined(FORGE3D_ASTC_LANES_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef FORGE3D_ASTC_LANES_INL
#undef FORGE3D_ASTC_LANES_INL
#else
#define FORGE3D_ASTC_LANES_INL
#endif

#include "texture/codec/block_lanes-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace forge3d::codec {
namespace HWY_NAMESPACE {

using MF32 = hn::Mask<TagF32>;
using MI32 = hn::Mask<TagI32>;

HWY_INLINE VF32 f32(float v) { return hn::Set(TagF32(), v); }
HWY_INLINE VI32 i32(std::int32_t v) { return hn::Set(TagI32(), v); }
HWY_INLINE VF32 to_float(VI32 v) { return hn::ConvertTo(TagF32(), v); }
/// To the nearest integer. REQUIRES: v >= 0.
HWY_INLINE VI32 round_up_half(VF32 v) { return hn::ConvertTo(TagI32(), hn::Add(v, f32(0.5f))); }
HWY_INLINE VF32 clamp(VF32 v, float low, float high) {
  return hn::Min(hn::Max(v, f32(low)), f32(high));
}
HWY_INLINE VF32 blend(MF32 mask, VF32 yes, VF32 no) { return hn::IfThenElse(mask, yes, no); }
HWY_INLINE VI32 blend(MI32 mask, VI32 yes, VI32 no) { return hn::IfThenElse(mask, yes, no); }
HWY_INLINE MF32 float_mask(MI32 mask) { return hn::RebindMask(TagF32(), mask); }

/// The sum of products of as many pairs as there are channels.
template <int kChannels>
HWY_INLINE VF32 dot(const VF32 (&a)[kChannels], const VF32 (&b)[kChannels]) {
  VF32 sum = hn::Mul(a[0], b[0]);
  for (int c = 1; c < kChannels; ++c) sum = hn::Add(sum, hn::Mul(a[c], b[c]));
  return sum;
}

/// The texels of as many blocks as there are lanes. `at`: where a decoder's interpolation should
/// arrive, so that what it rounds to is the texel.
template <int kTexels, int kChannels>
struct LaneTexels {
  VU32 words[kTexels];
  VF32 at[kChannels][kTexels];
};

/// A texel's channel as an integer.
HWY_INLINE VI32 channel_of(VU32 word, int c) {
  const TagU32 du;
  switch (c) {
    case 0:
      return hn::BitCast(TagI32(), hn::And(word, hn::Set(du, 0xff)));
    case 1:
      return hn::BitCast(TagI32(), hn::And(hn::ShiftRight<8>(word), hn::Set(du, 0xff)));
    case 2:
      return hn::BitCast(TagI32(), hn::And(hn::ShiftRight<16>(word), hn::Set(du, 0xff)));
    default:
      return hn::BitCast(TagI32(), hn::ShiftRight<24>(word));
  }
}

/// Reads the blocks that `blocks` lists (one a lane). sRGB decoders round to the nearest code;
/// others cut off (257 s + 32) / 2^14, which is nearest to what lies half a code higher.
template <int kWidth, int kHeight, int kChannels>
HWY_INLINE void load_blocks(const EncodeRun& run, const std::uint32_t* blocks, bool srgb,
                            LaneTexels<kWidth * kHeight, kChannels>& out) {
  constexpr std::size_t kLanes = BlockLanes();
  alignas(64) std::uint32_t words[kWidth * kHeight][kLanes];
  for (std::size_t lane = 0; lane < kLanes; ++lane)
    for (std::size_t y = 0; y < kHeight; ++y) {
      const std::uint8_t* row =
          run.texels + y * run.row_bytes + std::size_t{blocks[lane]} * kWidth * 4;
      for (std::size_t x = 0; x < kWidth; ++x)
        std::memcpy(&words[y * kWidth + x][lane], row + 4 * x, 4);
    }
  const VF32 scale = f32(srgb ? 1.0f : 256.0f / 257.0f);
  const VF32 shift = f32(srgb ? 0.0f : 128.0f / 257.0f);
  for (int i = 0; i < kWidth * kHeight; ++i) {
    out.words[i] = hn::Load(TagU32(), words[i]);
    for (int c = 0; c < kChannels; ++c)
      out.at[c][i] = hn::Add(hn::Mul(to_float(channel_of(out.words[i], c)), scale), shift);
  }
}

/// Sums over texels of the products of two channels, c <= d.
template <int kChannels>
struct Products {
  static constexpr int kCount = kChannels * (kChannels + 1) / 2;
  VF32 v[kCount];

  static constexpr int index(int c, int d) {
    const int low = c < d ? c : d;
    const int high = c < d ? d : c;
    return low * kChannels - low * (low - 1) / 2 + high - low;
  }
  [[nodiscard]] HWY_INLINE VF32 at(int c, int d) const { return v[index(c, d)]; }
};

/// Mean of the texels and their covariance (times their number).
template <int kTexels, int kChannels>
struct Moments {
  VF32 mean[kChannels];
  Products<kChannels> covariance;
};

template <int kTexels, int kChannels>
HWY_INLINE Moments<kTexels, kChannels> moments_of(const LaneTexels<kTexels, kChannels>& texels) {
  Moments<kTexels, kChannels> out;
  for (int c = 0; c < kChannels; ++c) {
    VF32 sum = texels.at[c][0];
    for (int i = 1; i < kTexels; ++i) sum = hn::Add(sum, texels.at[c][i]);
    out.mean[c] = hn::Mul(sum, f32(1.0f / kTexels));
  }
  for (auto& v : out.covariance.v) v = f32(0);
  for (int i = 0; i < kTexels; ++i) {
    VF32 p[kChannels];
    for (int c = 0; c < kChannels; ++c) p[c] = hn::Sub(texels.at[c][i], out.mean[c]);
    int k = 0;
    for (int c = 0; c < kChannels; ++c)
      for (int d = c; d < kChannels; ++d, ++k)
        out.covariance.v[k] = hn::Add(out.covariance.v[k], hn::Mul(p[c], p[d]));
  }
  return out;
}

/// The direction of the largest eigenvalue, of length 1 (or 0 where there is none), by power
/// iterations from the row of the largest variance. Its components sum to 0 or more.
template <int kChannels>
HWY_INLINE void principal_axis(const Products<kChannels>& m, int iterations,
                               VF32 (&axis)[kChannels]) {
  VF32 largest = m.at(0, 0);
  for (int c = 0; c < kChannels; ++c) axis[c] = m.at(0, c);
  for (int r = 1; r < kChannels; ++r) {
    const MF32 larger = hn::Gt(m.at(r, r), largest);
    largest = hn::Max(largest, m.at(r, r));
    for (int c = 0; c < kChannels; ++c) axis[c] = blend(larger, m.at(r, c), axis[c]);
  }
  for (int k = 0; k <= iterations; ++k) {
    const VF32 length = hn::Sqrt(dot(axis, axis));
    const VF32 scale = hn::IfThenElseZero(hn::Gt(length, f32(1e-10f)), hn::Div(f32(1), length));
    for (int c = 0; c < kChannels; ++c) axis[c] = hn::Mul(axis[c], scale);
    if (k == iterations) break;
    VF32 next[kChannels];
    for (int r = 0; r < kChannels; ++r) {
      next[r] = hn::Mul(m.at(r, 0), axis[0]);
      for (int c = 1; c < kChannels; ++c) next[r] = hn::Add(next[r], hn::Mul(m.at(r, c), axis[c]));
    }
    for (int c = 0; c < kChannels; ++c) axis[c] = next[c];
  }
  VF32 sum = axis[0];
  for (int c = 1; c < (kChannels < 3 ? kChannels : 3); ++c) sum = hn::Add(sum, axis[c]);
  const MF32 negative = hn::Lt(sum, f32(0));
  for (int c = 0; c < kChannels; ++c) axis[c] = blend(negative, hn::Neg(axis[c]), axis[c]);
}

}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#endif  // FORGE3D_ASTC_LANES_INL
