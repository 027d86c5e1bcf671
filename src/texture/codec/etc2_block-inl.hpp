// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// ETC2 colour blocks in vector lanes: what their bits mean. After the Khronos Data Format
// Specification 1.3, chapters "ETC1" and "ETC2". A block is two words in host order: `high` holds
// the colours, `low` the pixel indices (bit i: the lesser, bit 16 + i: the greater bit of the texel
// in column i / 4 and row i % 4).

#if defined(FORGE3D_ETC2_BLOCK_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef FORGE3D_ETC2_BLOCK_INL
#undef FORGE3D_ETC2_BLOCK_INL
#else
#define FORGE3D_ETC2_BLOCK_INL
#endif

#include "texture/codec/pair_lanes-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace forge3d::codec {
namespace HWY_NAMESPACE {

/// ETC1's intensity modifier sets: +-small, +-large. Tables are there twice over, for vectors of 16
/// lanes.
alignas(64) constexpr std::uint32_t kSmallModifiers[16] = {2, 5, 9, 13, 18, 24, 33, 47,
                                                           2, 5, 9, 13, 18, 24, 33, 47};
alignas(64) constexpr std::uint32_t kLargeModifiers[16] = {8, 17, 29, 42, 60, 80, 106, 183,
                                                           8, 17, 29, 42, 60, 80, 106, 183};
/// ETC2's distances of the paint colours of the T and H modes.
alignas(64) constexpr std::uint32_t kDistances[16] = {3, 6, 11, 16, 23, 32, 41, 64,
                                                      3, 6, 11, 16, 23, 32, 41, 64};

/// table[index] for indices 0..7 of a table above.
HWY_INLINE VU32 look_up(const std::uint32_t (&table)[16], VU32 index) {
  const TagU32 d;
#if HWY_TARGET <= HWY_AVX2
  return hn::TableLookupLanes(hn::Load(d, table), hn::IndicesFromVec(d, index));
#else
  return hn::GatherIndex(d, table, hn::BitCast(TagI32(), index));
#endif
}

template <int kShift, int kBits>
HWY_INLINE VU32 bits_of(VU32 word) {
  return hn::And(hn::ShiftRight<kShift>(word), hn::Set(TagU32(), (1u << kBits) - 1));
}
/// The most significant bit first, or the other way around.
HWY_INLINE VU32 swap_bytes(VU32 v) {
  const VU32 middle = hn::Set(TagU32(), 0xff00);
  return hn::Or(hn::Or(hn::ShiftLeft<24>(v), hn::ShiftLeft<8>(hn::And(v, middle))),
                hn::Or(hn::And(hn::ShiftRight<8>(v), middle), hn::ShiftRight<24>(v)));
}
HWY_INLINE VU32 bytes_of_rgb(VU32 r, VU32 g, VU32 b) {
  return hn::Or(r, hn::Or(hn::ShiftLeft<8>(g), hn::ShiftLeft<16>(b)));
}
template <class V>
HWY_INLINE V either(V no, V yes, VI32 if_negative) {
  const TagI32 d;
  return hn::BitCast(hn::DFromV<V>(),
                     hn::IfNegativeThenElse(if_negative, hn::BitCast(d, yes), hn::BitCast(d, no)));
}
HWY_INLINE VU32 if_set(hn::Mask<TagU32> mask, VU32 yes, VU32 no) {
  return hn::IfThenElse(mask, yes, no);
}

/// Widens the bits of each byte by repeating the high ones; other bits of the byte must be 0.
HWY_INLINE VU32 widen4(VU32 v) { return hn::Or(v, hn::ShiftLeft<4>(v)); }
HWY_INLINE VU32 widen5(VU32 v) {
  return hn::Or(hn::ShiftLeft<3>(v), hn::And(hn::ShiftRight<2>(v), hn::Set(TagU32(), 0x07070707)));
}

/// What a pixel index means: `paints[half][index]`, all four bytes of the texel.
struct Paints {
  VU32 colours[2][4];
  VI32 flip;  ///< Negative: the halves lie above each other.
  hn::Mask<TagU32> t, h, planar;
};

/// The colours of T blocks: the second and its distance are a line, the first is alone.
HWY_INLINE void t_paints(VU32 high, VU32 (&out)[4]) {
  const VU32 r = hn::Or(hn::ShiftLeft<2>(bits_of<27, 2>(high)), bits_of<24, 2>(high));
  const VU32 alone = widen4(bytes_of_rgb(r, bits_of<20, 4>(high), bits_of<16, 4>(high)));
  const VU32 line =
      widen4(bytes_of_rgb(bits_of<12, 4>(high), bits_of<8, 4>(high), bits_of<4, 4>(high)));
  const VU32 index = hn::Or(hn::ShiftLeft<1>(bits_of<2, 2>(high)), bits_of<0, 1>(high));
  const VU32 distance = gray_bytes(look_up(kDistances, index));
  out[0] = alone;
  out[1] = bytes_add(line, distance);
  out[2] = line;
  out[3] = bytes_sub(line, distance);
}

/// The colours of H blocks: two lines. The order of both colours is a bit of the distance.
HWY_INLINE void h_paints(VU32 high, VU32 (&out)[4]) {
  const TagU32 d;
  const VU32 r0 = bits_of<27, 4>(high), r1 = bits_of<11, 4>(high);
  const VU32 g0 = hn::Or(hn::ShiftLeft<1>(bits_of<24, 3>(high)), bits_of<20, 1>(high));
  const VU32 g1 = bits_of<7, 4>(high);
  const VU32 b0 = hn::Or(hn::ShiftLeft<3>(bits_of<19, 1>(high)), bits_of<15, 3>(high));
  const VU32 b1 = bits_of<3, 4>(high);
  const auto rank = [](VU32 r, VU32 g, VU32 b) {
    return hn::BitCast(TagI32(), hn::Or(hn::ShiftLeft<8>(r), hn::Or(hn::ShiftLeft<4>(g), b)));
  };
  const auto below = hn::Lt(rank(r0, g0, b0), rank(r1, g1, b1));
  const VU32 order = hn::IfThenZeroElse(hn::RebindMask(d, below), hn::Set(d, 1));
  const VU32 index = hn::Or(
      hn::Or(hn::ShiftLeft<2>(bits_of<2, 1>(high)), hn::ShiftLeft<1>(bits_of<0, 1>(high))), order);
  const VU32 distance = gray_bytes(look_up(kDistances, index));
  const VU32 first = widen4(bytes_of_rgb(r0, g0, b0)), second = widen4(bytes_of_rgb(r1, g1, b1));
  out[0] = bytes_add(first, distance);
  out[1] = bytes_sub(first, distance);
  out[2] = bytes_add(second, distance);
  out[3] = bytes_sub(second, distance);
}

/// The bases of both halves, and which blocks are of the modes that ETC2 hid in ETC1's overflows.
template <bool kA1>
HWY_INLINE void read_bases(VU32 high, VU32 (&bases)[2], Paints& paints) {
  const TagU32 d;
  const VU32 first = bytes_of_rgb(bits_of<27, 5>(high), bits_of<19, 5>(high), bits_of<11, 5>(high));
  // Two's complement of 3 bits plus 4, so that the bytes never carry.
  const VU32 steps =
      hn::Xor(bytes_of_rgb(bits_of<24, 3>(high), bits_of<16, 3>(high), bits_of<8, 3>(high)),
              hn::Set(d, 0x040404));
  const VU32 biased = hn::Add(first, steps);  // 4..35 are in range
  const VU32 over = hn::And(hn::Xor(hn::Add(biased, hn::Set(d, 0x1c1c1c)), hn::Set(d, 0x202020)),
                            hn::Set(d, 0x606060));
  bases[0] = widen5(first);
  bases[1] = widen5(hn::And(hn::Sub(biased, hn::Set(d, 0x040404)), hn::Set(d, 0x1f1f1f)));
  const VU32 zero = hn::Zero(d);
  auto differential = hn::Eq(zero, zero);
  if constexpr (!kA1) {
    differential = hn::Ne(hn::And(high, hn::Set(d, 2)), zero);
    const VU32 nibbles_0 =
        bytes_of_rgb(bits_of<28, 4>(high), bits_of<20, 4>(high), bits_of<12, 4>(high));
    const VU32 nibbles_1 =
        bytes_of_rgb(bits_of<24, 4>(high), bits_of<16, 4>(high), bits_of<8, 4>(high));
    bases[0] = if_set(differential, bases[0], widen4(nibbles_0));
    bases[1] = if_set(differential, bases[1], widen4(nibbles_1));
  }
  const auto red = hn::Ne(hn::And(over, hn::Set(d, 0xff)), zero);
  const auto green = hn::Ne(hn::And(over, hn::Set(d, 0xff00)), zero);
  const auto blue = hn::Ne(hn::And(over, hn::Set(d, 0xff0000)), zero);
  paints.t = hn::And(differential, red);
  paints.h = hn::And(differential, hn::AndNot(red, green));
  paints.planar = hn::And(differential, hn::AndNot(red, hn::AndNot(green, blue)));
}

/// The meaning of the indices of blocks that are not planar. `opaque` is for RGB+A1 only.
template <bool kA1>
HWY_INLINE Paints read_paints(VU32 high) {
  const TagU32 d;
  Paints out;
  VU32 bases[2];
  read_bases<kA1>(high, bases, out);
  out.flip = hn::BitCast(TagI32(), hn::ShiftLeft<31>(high));
  const auto holes = hn::Eq(hn::And(high, hn::Set(d, 2)), hn::Zero(d));
  const VU32 opaque = hn::Set(d, 0xff000000);
  const VU32 tables[2] = {bits_of<5, 3>(high), bits_of<2, 3>(high)};
  for (int half = 0; half < 2; ++half) {
    VU32 small = gray_bytes(look_up(kSmallModifiers, tables[half]));
    const VU32 large = gray_bytes(look_up(kLargeModifiers, tables[half]));
    if constexpr (kA1) small = hn::IfThenZeroElse(holes, small);
    out.colours[half][0] = bytes_add(bases[half], small);
    out.colours[half][1] = bytes_add(bases[half], large);
    out.colours[half][2] = bytes_sub(bases[half], small);
    out.colours[half][3] = bytes_sub(bases[half], large);
  }
  if (!hn::AllFalse(d, hn::Or(out.t, out.h))) {
    VU32 t[4], h[4];
    t_paints(high, t);
    h_paints(high, h);
    for (int i = 0; i < 4; ++i)
      for (auto& half : out.colours) half[i] = if_set(out.t, t[i], if_set(out.h, h[i], half[i]));
  }
  for (auto& half : out.colours)
    for (auto& colour : half) colour = hn::Or(colour, opaque);
  if constexpr (kA1)
    for (auto& half : out.colours) half[2] = hn::IfThenZeroElse(holes, half[2]);
  return out;
}

/// The corner colours of planar blocks, 0..255: origin, horizontal, vertical.
struct Planes {
  PairTexel origin, horizontal, vertical;
};
HWY_INLINE PairTexel pair_of_channels(VU32 r, VU32 g, VU32 b) {
  const TagI32 d;
  return {hn::BitCast(d, hn::Or(r, hn::ShiftLeft<16>(b))), hn::BitCast(d, g)};
}
HWY_INLINE VU32 widen6(VU32 v) { return hn::Or(hn::ShiftLeft<2>(v), hn::ShiftRight<4>(v)); }
HWY_INLINE VU32 widen7(VU32 v) { return hn::Or(hn::ShiftLeft<1>(v), hn::ShiftRight<6>(v)); }

HWY_INLINE Planes read_planes(VU32 high, VU32 low) {
  const VU32 green = hn::Or(hn::ShiftLeft<6>(bits_of<24, 1>(high)), bits_of<17, 6>(high));
  const VU32 blue = hn::Or(hn::ShiftLeft<5>(bits_of<16, 1>(high)),
                           hn::Or(hn::ShiftLeft<3>(bits_of<11, 2>(high)), bits_of<7, 3>(high)));
  const VU32 red_h = hn::Or(hn::ShiftLeft<1>(bits_of<2, 5>(high)), bits_of<0, 1>(high));
  return {pair_of_channels(widen6(bits_of<25, 6>(high)), widen7(green), widen6(blue)),
          pair_of_channels(widen6(red_h), widen7(bits_of<25, 7>(low)), widen6(bits_of<19, 6>(low))),
          pair_of_channels(widen6(bits_of<13, 6>(low)), widen7(bits_of<6, 7>(low)),
                           widen6(bits_of<0, 6>(low)))};
}

/// Calls body(i, PairTexel) for the texels (row by row) of planar blocks.
template <class Body>
HWY_INLINE void for_each_planar_texel(const Planes& planes, Body body) {
  const auto walk = [](VI32 origin, VI32 horizontal, VI32 vertical, VI32(&out)[16]) {
    const VI32 x = pair_sub(horizontal, origin), y = pair_sub(vertical, origin);
    // 4 * origin + 2
    VI32 row = pair_add(pair_mul(origin, hn::Set(TagI32(), 0x40004)), hn::Set(TagI32(), 0x20002));
    for (std::size_t i = 0; i < 16; ++i) {
      if (i % 4 == 0)
        out[i] = i == 0 ? row : pair_add(out[i - 4], y);
      else
        out[i] = pair_add(out[i - 1], x);
    }
    for (VI32& v : out) v = pair_clamp(pair_shift_right<2>(v));
  };
  VI32 rb[16], g[16];
  walk(planes.origin.rb, planes.horizontal.rb, planes.vertical.rb, rb);
  walk(planes.origin.g, planes.horizontal.g, planes.vertical.g, g);
  for (std::size_t i = 0; i < 16; ++i) body(i, PairTexel{rb[i], g[i]});
}

/// Colour `index` of a quadrant (that of columns quadrant / 2 and rows quadrant % 2): those beside
/// and below the first belong to the one or the other half.
HWY_INLINE VU32 quadrant_paint(const Paints& paints, std::size_t quadrant, std::size_t index) {
  const VU32 first = paints.colours[0][index], second = paints.colours[1][index];
  if (quadrant == 0) return first;
  if (quadrant == 3) return second;
  return quadrant == 1 ? either(first, second, paints.flip) : either(second, first, paints.flip);
}

/// The texel words of blocks, row by row.
template <bool kA1>
HWY_INLINE void decode_words(VU32 high, VU32 low, VU32 (&out)[16]) {
  const TagU32 d;
  const Paints paints = read_paints<kA1>(high);
  VU32 quadrants[4][4];
  for (std::size_t q = 0; q < 4; ++q)
    for (std::size_t p = 0; p < 4; ++p) quadrants[q][p] = quadrant_paint(paints, q, p);
  const auto pick = [&](std::size_t i, VI32 greater, VI32 lesser) {
    const std::size_t x = i / 4, y = i % 4;
    const VU32* const colours = quadrants[2 * (x / 2) + y / 2];
    out[4 * y + x] = either(either(colours[0], colours[1], lesser),
                            either(colours[2], colours[3], lesser), greater);
  };
  VI32 greater = hn::BitCast(TagI32(), low), lesser = hn::BitCast(TagI32(), hn::ShiftLeft<16>(low));
  for (std::size_t i = 16; i-- > 0;) {
    pick(i, greater, lesser);
    greater = hn::Add(greater, greater);
    lesser = hn::Add(lesser, lesser);
  }
  if (hn::AllFalse(d, paints.planar)) return;
  for_each_planar_texel(read_planes(high, low), [&](std::size_t i, const PairTexel& texel) {
    const VI32 word =
        hn::Or(texel.rb, hn::Or(hn::ShiftLeft<8>(texel.g),
                                hn::Set(TagI32(), static_cast<std::int32_t>(0xff000000))));
    out[i] = if_set(paints.planar, hn::BitCast(d, word), out[i]);
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#endif  // FORGE3D_ETC2_BLOCK_INL
