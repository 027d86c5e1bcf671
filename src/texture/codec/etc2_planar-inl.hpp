// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// The planar mode of ETC2 in vector lanes: each channel is a plane over the block, given by its
// values at the origin and four texels to the right of and below it.

#if defined(FORGE3D_ETC2_PLANAR_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef FORGE3D_ETC2_PLANAR_INL
#undef FORGE3D_ETC2_PLANAR_INL
#else
#define FORGE3D_ETC2_PLANAR_INL
#endif

#include "texture/codec/etc2_texels-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace forge3d::codec {
namespace HWY_NAMESPACE {

/// The codes of a channel: 6 bits, green 7.
struct PlaneCodes {
  VI32 origin, horizontal, vertical;
};

/// Least squares: the plane through the mean with the slopes of the sums that are weighted with
/// -3, -1, 1, 3 (whose squares over the block add up to 80).
HWY_INLINE PlaneCodes fit_plane(VI32 sum, VI32 across, VI32 down, float top) {
  const TagF32 df;
  const TagI32 d;
  const VF32 mean = hn::Mul(hn::ConvertTo(df, sum), hn::Set(df, 1.0f / 16));
  // A slope a texel is the weighted sum / 40; the origin lies 1.5 texels before the middle.
  const VF32 x = hn::Mul(hn::ConvertTo(df, across), hn::Set(df, 1.0f / 10));
  const VF32 y = hn::Mul(hn::ConvertTo(df, down), hn::Set(df, 1.0f / 10));
  const VF32 origin = hn::Sub(mean, hn::Mul(hn::Add(x, y), hn::Set(df, 0.375f)));
  const auto quantize = [&](VF32 v) {
    const VF32 scaled = hn::Add(hn::Mul(v, hn::Set(df, top / 255)), hn::Set(df, 0.5f));
    return hn::ConvertTo(d, hn::Min(hn::Max(scaled, hn::Zero(df)), hn::Set(df, top)));
  };
  return {quantize(origin), quantize(hn::Add(origin, x)), quantize(hn::Add(origin, y))};
}

/// The bits without meaning, set so that blue overflows and neither red nor green does.
HWY_INLINE VU32 planar_marks(VU32 high) {
  const TagU32 d;
  // The top bit of red and green is the sign of their step: then they stay within 0..31.
  const VU32 signs = hn::And(hn::ShiftLeft<5>(high), hn::Set(d, 0x80800000));
  // Blue has a base of 4 * marks + two bits and a step of two bits, or that - 4.
  const VU32 carry = hn::And(hn::Add(hn::ShiftRight<11>(hn::And(high, hn::Set(d, 0x1800))),
                                     hn::ShiftRight<8>(hn::And(high, hn::Set(d, 0x300)))),
                             hn::Set(d, 4));
  const auto above = hn::Eq(carry, hn::Set(d, 4));
  return hn::Or(signs, if_set(above, hn::Set(d, 0xe000), hn::Set(d, 0x400)));
}

HWY_INLINE void pack_planes(const PlaneCodes (&codes)[3], VU32& high, VU32& low) {
  const TagU32 d;
  const auto u = [&](VI32 v) { return hn::BitCast(d, v); };
  const VU32 r = u(codes[0].origin), g = u(codes[1].origin), b = u(codes[2].origin);
  const VU32 rh = u(codes[0].horizontal);
  high = hn::Or(hn::ShiftLeft<25>(r),
                hn::Or(hn::ShiftLeft<24>(bits_of<6, 1>(g)), hn::ShiftLeft<17>(bits_of<0, 6>(g))));
  high = hn::Or(high, hn::Or(hn::ShiftLeft<16>(bits_of<5, 1>(b)),
                             hn::Or(hn::ShiftLeft<11>(bits_of<3, 2>(b)),
                                    hn::ShiftLeft<7>(bits_of<0, 3>(b)))));
  high = hn::Or(high, hn::Or(hn::ShiftLeft<2>(bits_of<1, 5>(rh)), bits_of<0, 1>(rh)));
  high = hn::Or(hn::Or(high, hn::Set(d, 2)), planar_marks(high));
  low = hn::Or(
      hn::Or(hn::ShiftLeft<25>(u(codes[1].horizontal)), hn::ShiftLeft<19>(u(codes[2].horizontal))),
      hn::Or(hn::ShiftLeft<13>(u(codes[0].vertical)),
             hn::Or(hn::ShiftLeft<6>(u(codes[1].vertical)), u(codes[2].vertical))));
}

/// Sums of columns and rows, weighted with -3, -1, 1, 3.
HWY_INLINE void slopes_of(const Texels& in, PairTexel& across, PairTexel& down) {
  const auto weigh = [&](std::size_t first, std::size_t step, std::size_t stride) {
    PairTexel sums[4];
    for (std::size_t i = 0; i < 4; ++i) {
      const PairTexel* texel = in.colours + first + i * step;
      sums[i] = add_texels(add_texels(texel[0], texel[stride]),
                           add_texels(texel[2 * stride], texel[3 * stride]));
    }
    const auto slope = [](VI32 a, VI32 b, VI32 c, VI32 e) {
      const VI32 outer = pair_sub(e, a);
      return pair_add(pair_add(outer, pair_add(outer, outer)), pair_sub(c, b));
    };
    return PairTexel{slope(sums[0].rb, sums[1].rb, sums[2].rb, sums[3].rb),
                     slope(sums[0].g, sums[1].g, sums[2].g, sums[3].g)};
  };
  across = weigh(0, 1, 4);
  down = weigh(0, 4, 1);
}

HWY_INLINE VI32 red_of(const PairTexel& v) { return hn::ShiftRight<16>(hn::ShiftLeft<16>(v.rb)); }
HWY_INLINE VI32 blue_of(const PairTexel& v) { return hn::ShiftRight<16>(v.rb); }
HWY_INLINE VI32 green_of(const PairTexel& v) { return hn::ShiftRight<16>(hn::ShiftLeft<16>(v.g)); }

/// The planes nearest to the texels before their corners are rounded.
HWY_INLINE Coding fit_planar(const Texels& in) {
  PairTexel across, down;
  slopes_of(in, across, down);
  const PairTexel sum =
      add_texels(add_texels(in.sums[0], in.sums[1]), add_texels(in.sums[2], in.sums[3]));
  const PlaneCodes codes[3] = {fit_plane(red_of(sum), red_of(across), red_of(down), 63),
                               fit_plane(green_of(sum), green_of(across), green_of(down), 127),
                               fit_plane(blue_of(sum), blue_of(across), blue_of(down), 63)};
  Coding out;
  pack_planes(codes, out.high, out.low);
  out.error = hn::Zero(TagI32());
  for_each_planar_texel(read_planes(out.high, out.low), [&](std::size_t i, const PairTexel& t) {
    out.error = hn::Add(out.error, squared_distance(in.colours[i], t));
  });
  return out;
}

}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#endif  // FORGE3D_ETC2_PLANAR_INL
