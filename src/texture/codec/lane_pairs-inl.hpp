// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Two 16-bit numbers in each 32-bit lane, signed unless said otherwise: twice the work of an
// instruction, and sums of products for one. Beside block_lanes-inl.hpp, whose rules hold here:
// both halves of a lane belong to the same block. Overflow wraps on every target.

#if defined(FORGE3D_LANE_PAIRS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef FORGE3D_LANE_PAIRS_INL
#undef FORGE3D_LANE_PAIRS_INL
#else
#define FORGE3D_LANE_PAIRS_INL
#endif

#include <hwy/highway.h>

#include <cstdint>

#include "texture/codec/block_lanes-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace forge3d::codec {
namespace HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

/// A vector of one lane cannot hold two numbers: two of them can.
struct Pairs {
  std::int16_t low;
  std::int16_t high;
};

template <class Function>
HWY_INLINE Pairs for_halves(Function f, Pairs a, Pairs b = {}) {
  return {static_cast<std::int16_t>(f(a.low, b.low)), static_cast<std::int16_t>(f(a.high, b.high))};
}
HWY_INLINE Pairs pairs_from_words(VI32 v) {
  const auto word = static_cast<std::uint32_t>(hn::GetLane(v));
  return {static_cast<std::int16_t>(word & 0xffffu), static_cast<std::int16_t>(word >> 16)};
}
HWY_INLINE VI32 words_of(Pairs a) {
  return hn::Set(TagI32(), static_cast<std::int32_t>(static_cast<std::uint16_t>(a.low) |
                                                     static_cast<std::uint32_t>(a.high) << 16));
}
HWY_INLINE Pairs operator+(Pairs a, Pairs b) {
  return for_halves([](int x, int y) { return x + y; }, a, b);
}
HWY_INLINE Pairs operator-(Pairs a, Pairs b) {
  return for_halves([](int x, int y) { return x - y; }, a, b);
}
/// The low 16 bits of the products.
HWY_INLINE Pairs operator*(Pairs a, Pairs b) {
  return for_halves([](int x, int y) { return x * y; }, a, b);
}
HWY_INLINE Pairs operator&(Pairs a, Pairs b) {
  return for_halves([](int x, int y) { return x & y; }, a, b);
}
HWY_INLINE Pairs operator|(Pairs a, Pairs b) {
  return for_halves([](int x, int y) { return x | y; }, a, b);
}
HWY_INLINE Pairs operator^(Pairs a, Pairs b) {
  return for_halves([](int x, int y) { return x ^ y; }, a, b);
}
/// ~a & b.
HWY_INLINE Pairs and_not(Pairs a, Pairs b) {
  return for_halves([](int x, int y) { return ~x & y; }, a, b);
}
/// -1 where a > b, else 0.
HWY_INLINE Pairs greater(Pairs a, Pairs b) {
  return for_halves([](int x, int y) { return x > y ? -1 : 0; }, a, b);
}
HWY_INLINE Pairs min(Pairs a, Pairs b) {
  return for_halves([](int x, int y) { return x < y ? x : y; }, a, b);
}
HWY_INLINE Pairs max(Pairs a, Pairs b) {
  return for_halves([](int x, int y) { return x > y ? x : y; }, a, b);
}
template <int kBits>
HWY_INLINE Pairs shift_left(Pairs a) {
  return for_halves([](int x, int) { return (x & 0xffff) << kBits; }, a);
}
/// Takes the numbers as unsigned.
template <int kBits>
HWY_INLINE Pairs shift_right_unsigned(Pairs a) {
  return for_halves([](int x, int) { return (x & 0xffff) >> kBits; }, a);
}
/// The high 16 bits of the products.
HWY_INLINE Pairs multiply_high(Pairs a, Pairs b) {
  return for_halves([](int x, int y) { return x * y >> 16; }, a, b);
}
HWY_INLINE Pairs both(std::int16_t value) { return {value, value}; }
/// Low halves from a, high halves from b.
HWY_INLINE Pairs low_high(Pairs a, Pairs b) { return {a.low, b.high}; }
/// The sum of the two products.
HWY_INLINE VI32 dot(Pairs a, Pairs b) {
  // Twice (-32768)^2 is the one sum that does not fit; it wraps.
  return hn::Set(TagI32(), static_cast<std::int32_t>(static_cast<std::uint32_t>(a.low * b.low) +
                                                     static_cast<std::uint32_t>(a.high * b.high)));
}

#else

using TagI16 = hn::Repartition<std::int16_t, TagI32>;
using TagU16 = hn::Repartition<std::uint16_t, TagI32>;
using Pairs = hn::Vec<TagI16>;

HWY_INLINE Pairs pairs_from_words(VI32 v) { return hn::BitCast(TagI16(), v); }
HWY_INLINE VI32 words_of(Pairs a) { return hn::BitCast(TagI32(), a); }
/// ~a & b.
HWY_INLINE Pairs and_not(Pairs a, Pairs b) { return hn::AndNot(a, b); }
/// -1 where a > b, else 0.
HWY_INLINE Pairs greater(Pairs a, Pairs b) { return hn::VecFromMask(TagI16(), hn::Gt(a, b)); }
HWY_INLINE Pairs min(Pairs a, Pairs b) { return hn::Min(a, b); }
HWY_INLINE Pairs max(Pairs a, Pairs b) { return hn::Max(a, b); }
template <int kBits>
HWY_INLINE Pairs shift_left(Pairs a) {
  return hn::ShiftLeft<kBits>(a);
}
/// Takes the numbers as unsigned.
template <int kBits>
HWY_INLINE Pairs shift_right_unsigned(Pairs a) {
  return hn::BitCast(TagI16(), hn::ShiftRight<kBits>(hn::BitCast(TagU16(), a)));
}
/// The high 16 bits of the products.
HWY_INLINE Pairs multiply_high(Pairs a, Pairs b) { return hn::MulHigh(a, b); }
HWY_INLINE Pairs both(std::int16_t value) { return hn::Set(TagI16(), value); }
/// Low halves from a, high halves from b.
HWY_INLINE Pairs low_high(Pairs a, Pairs b) { return hn::OddEven(b, a); }
/// The sum of the two products.
HWY_INLINE VI32 dot(Pairs a, Pairs b) {
#if HWY_ARCH_X86
  // One instruction there. Elsewhere the sums go to other lanes.
  VI32 unused = hn::Zero(TagI32());
  return hn::ReorderWidenMulAccumulate(TagI32(), a, b, hn::Zero(TagI32()), unused);
#else
  const VI32 x = words_of(a), y = words_of(b);
  const auto low = [](VI32 v) { return hn::ShiftRight<16>(hn::ShiftLeft<16>(v)); };
  return hn::Add(hn::Mul(low(x), low(y)), hn::Mul(hn::ShiftRight<16>(x), hn::ShiftRight<16>(y)));
#endif
}

#endif

/// The low 16 bits of two vectors of 32-bit numbers.
HWY_INLINE Pairs make_pairs(VI32 low, VI32 high) {
  return low_high(pairs_from_words(low), pairs_from_words(hn::ShiftLeft<16>(high)));
}
/// The same number, which fits 16 bits, in both halves.
HWY_INLINE Pairs both(VI32 value) { return make_pairs(value, value); }
HWY_INLINE Pairs no_pairs() { return both(std::int16_t{0}); }
HWY_INLINE Pairs swap_halves(Pairs a) {
  const VU32 word = hn::BitCast(TagU32(), words_of(a));
  return pairs_from_words(
      hn::BitCast(TagI32(), hn::Or(hn::ShiftLeft<16>(word), hn::ShiftRight<16>(word))));
}
/// The sum of the two numbers.
HWY_INLINE VI32 sum(Pairs a) { return dot(a, both(std::int16_t{1})); }
/// The low number, and the high one.
HWY_INLINE VI32 low_of(Pairs a) { return hn::ShiftRight<16>(hn::ShiftLeft<16>(words_of(a))); }
HWY_INLINE VI32 high_of(Pairs a) { return hn::ShiftRight<16>(words_of(a)); }

}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#endif  // FORGE3D_LANE_PAIRS_INL
