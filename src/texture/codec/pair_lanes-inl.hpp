// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Two 16-bit numbers in each 32-bit lane: red and blue of a texel (its word & 0xff00ff), or green
// and nothing. Twice the arithmetic an instruction; a lane still belongs to one block. Integers
// only: the scalar target, which has no 16-bit lanes inside its 32-bit one, computes the same.

#if defined(FORGE3D_PAIR_LANES_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef FORGE3D_PAIR_LANES_INL
#undef FORGE3D_PAIR_LANES_INL
#else
#define FORGE3D_PAIR_LANES_INL
#endif

#include "texture/codec/block_lanes-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace forge3d::codec {
namespace HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

HWY_INLINE std::int32_t pair_of(std::int32_t low, std::int32_t high) {
  return static_cast<std::int32_t>((static_cast<std::uint32_t>(low) & 0xffff) |
                                   (static_cast<std::uint32_t>(high) << 16));
}
HWY_INLINE std::int32_t low_of(VI32 pair) { return static_cast<std::int16_t>(pair.raw); }
HWY_INLINE std::int32_t high_of(VI32 pair) { return static_cast<std::int16_t>(pair.raw >> 16); }
template <class Body>
HWY_INLINE VI32 pair_map(VI32 a, VI32 b, Body body) {
  return VI32(pair_of(body(low_of(a), low_of(b)), body(high_of(a), high_of(b))));
}

HWY_INLINE VI32 pair_add(VI32 a, VI32 b) {
  return pair_map(a, b, [](std::int32_t x, std::int32_t y) { return x + y; });
}
HWY_INLINE VI32 pair_sub(VI32 a, VI32 b) {
  return pair_map(a, b, [](std::int32_t x, std::int32_t y) { return x - y; });
}
/// The low 16 bits of the products.
HWY_INLINE VI32 pair_mul(VI32 a, VI32 b) {
  return pair_map(a, b, [](std::int32_t x, std::int32_t y) { return x * y; });
}
template <int kBits>
HWY_INLINE VI32 pair_shift_right(VI32 a) {
  return pair_map(a, a, [](std::int32_t x, std::int32_t) { return x >> kBits; });
}
HWY_INLINE VI32 pair_min(VI32 a, VI32 b) {
  return pair_map(a, b, [](std::int32_t x, std::int32_t y) { return std::min(x, y); });
}
HWY_INLINE VI32 pair_max(VI32 a, VI32 b) {
  return pair_map(a, b, [](std::int32_t x, std::int32_t y) { return std::max(x, y); });
}
HWY_INLINE VI32 pair_abs(VI32 a) {
  return pair_map(a, a, [](std::int32_t x, std::int32_t) { return x < 0 ? -x : x; });
}
/// -1 where a > b, else 0.
HWY_INLINE VI32 pair_above(VI32 a, VI32 b) {
  return pair_map(a, b, [](std::int32_t x, std::int32_t y) { return x > y ? -1 : 0; });
}
/// The difference where positive, else 0. Of numbers >= 0.
HWY_INLINE VI32 pair_excess(VI32 a, VI32 b) {
  return pair_map(a, b, [](std::int32_t x, std::int32_t y) { return std::max(x - y, 0); });
}
/// Into 0..255.
HWY_INLINE VI32 pair_clamp(VI32 a) {
  return pair_map(a, a, [](std::int32_t x, std::int32_t) { return std::clamp(x, 0, 255); });
}
/// The sum of both products. Products of two numbers of 9 bits do not overflow.
HWY_INLINE VI32 pair_dot(VI32 a, VI32 b) {
  return VI32(low_of(a) * low_of(b) + high_of(a) * high_of(b));
}
/// Bytes plus and minus bytes, kept within 0..255.
HWY_INLINE VU32 bytes_add(VU32 a, VU32 b) {
  std::uint32_t out = 0;
  for (int i = 0; i < 32; i += 8)
    out |= std::min<std::uint32_t>((a.raw >> i & 255) + (b.raw >> i & 255), 255) << i;
  return VU32(out);
}
HWY_INLINE VU32 bytes_sub(VU32 a, VU32 b) {
  std::uint32_t out = 0;
  for (int i = 0; i < 32; i += 8) {
    const std::uint32_t x = a.raw >> i & 255, y = b.raw >> i & 255;
    out |= (x > y ? x - y : 0) << i;
  }
  return VU32(out);
}

#else

using TagPair = hn::Repartition<std::int16_t, TagI32>;
using TagByte = hn::Repartition<std::uint8_t, TagU32>;

HWY_INLINE hn::Vec<TagPair> halves_of(VI32 pair) { return hn::BitCast(TagPair(), pair); }
HWY_INLINE VI32 pair_of(hn::Vec<TagPair> halves) { return hn::BitCast(TagI32(), halves); }

HWY_INLINE VI32 pair_add(VI32 a, VI32 b) { return pair_of(hn::Add(halves_of(a), halves_of(b))); }
HWY_INLINE VI32 pair_sub(VI32 a, VI32 b) { return pair_of(hn::Sub(halves_of(a), halves_of(b))); }
/// The low 16 bits of the products.
HWY_INLINE VI32 pair_mul(VI32 a, VI32 b) { return pair_of(hn::Mul(halves_of(a), halves_of(b))); }
template <int kBits>
HWY_INLINE VI32 pair_shift_right(VI32 a) {
  return pair_of(hn::ShiftRight<kBits>(halves_of(a)));
}
HWY_INLINE VI32 pair_min(VI32 a, VI32 b) { return pair_of(hn::Min(halves_of(a), halves_of(b))); }
HWY_INLINE VI32 pair_max(VI32 a, VI32 b) { return pair_of(hn::Max(halves_of(a), halves_of(b))); }
HWY_INLINE VI32 pair_abs(VI32 a) { return pair_of(hn::Abs(halves_of(a))); }
/// -1 where a > b, else 0.
HWY_INLINE VI32 pair_above(VI32 a, VI32 b) {
  return pair_of(hn::VecFromMask(TagPair(), hn::Gt(halves_of(a), halves_of(b))));
}
/// The difference where positive, else 0. Of numbers >= 0.
HWY_INLINE VI32 pair_excess(VI32 a, VI32 b) {
  const hn::Repartition<std::uint16_t, TagI32> d;
  return hn::BitCast(TagI32(), hn::SaturatedSub(hn::BitCast(d, a), hn::BitCast(d, b)));
}
/// Into 0..255.
HWY_INLINE VI32 pair_clamp(VI32 a) {
  const TagPair d;
  return pair_of(hn::Min(hn::Max(halves_of(a), hn::Zero(d)), hn::Set(d, 255)));
}
/// The sum of both products. Products of two numbers of 9 bits do not overflow.
HWY_INLINE VI32 pair_dot(VI32 a, VI32 b) {
#if HWY_ARCH_X86
  VI32 unused = hn::Zero(TagI32());
  return hn::ReorderWidenMulAccumulate(TagI32(), halves_of(a), halves_of(b), hn::Zero(TagI32()),
                                       unused);
#else
  const auto low = [](VI32 v) { return hn::ShiftRight<16>(hn::ShiftLeft<16>(v)); };
  return hn::Add(hn::Mul(low(a), low(b)), hn::Mul(hn::ShiftRight<16>(a), hn::ShiftRight<16>(b)));
#endif
}
/// Bytes plus and minus bytes, kept within 0..255.
HWY_INLINE VU32 bytes_add(VU32 a, VU32 b) {
  const TagByte d;
  return hn::BitCast(TagU32(), hn::SaturatedAdd(hn::BitCast(d, a), hn::BitCast(d, b)));
}
HWY_INLINE VU32 bytes_sub(VU32 a, VU32 b) {
  const TagByte d;
  return hn::BitCast(TagU32(), hn::SaturatedSub(hn::BitCast(d, a), hn::BitCast(d, b)));
}

#endif

/// The same number twice; of numbers of 16 bits.
HWY_INLINE VI32 both_of(VI32 v) { return hn::Or(v, hn::ShiftLeft<16>(v)); }
constexpr std::int32_t kBoth = 0x10001;

/// A byte in all of the colour channels, none in alpha.
HWY_INLINE VU32 gray_bytes(VU32 v) {
  return hn::Or(v, hn::Or(hn::ShiftLeft<8>(v), hn::ShiftLeft<16>(v)));
}

/// Words split in two pairs: red and blue, green and nothing.
struct PairTexel {
  VI32 rb, g;
};
HWY_INLINE PairTexel pairs_of(VU32 word) {
  const TagI32 d;
  return {hn::BitCast(d, hn::And(word, hn::Set(TagU32(), 0xff00ff))),
          hn::BitCast(d, hn::And(hn::ShiftRight<8>(word), hn::Set(TagU32(), 0xff)))};
}
HWY_INLINE VI32 squared_distance(const PairTexel& a, const PairTexel& b) {
  const VI32 rb = pair_sub(a.rb, b.rb), g = pair_sub(a.g, b.g);
  return hn::Add(pair_dot(rb, rb), pair_dot(g, g));
}

}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#endif  // FORGE3D_PAIR_LANES_INL
