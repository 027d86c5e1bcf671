// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Decoder of the one-channel block of BC3's alpha, BC4 and BC5 (KDFS 1.3, chapter "RGTC"): 8 bytes
// to 16. Values between the ends are rounded to the nearest code. -128 counts as -127; which
// palette a block has is decided by the ends as stored.

#if defined(FORGE3D_BC4_VALUES_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef FORGE3D_BC4_VALUES_INL
#undef FORGE3D_BC4_VALUES_INL
#else
#define FORGE3D_BC4_VALUES_INL
#endif

#include <algorithm>

#include "texture/codec/byte_block-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace forge3d::codec {
namespace HWY_NAMESPACE {

/// value[i] = (first * first_weight[i] + second * second_weight[i] + rounding[i]) / steps, all in
/// codes 0..top (0..254 for snorm); the division is a multiplication by `reciprocal` / 65536.
struct Bc4Palette {
  std::uint16_t first_weight[8], second_weight[8], rounding[8], reciprocal;
};
inline constexpr Bc4Palette kBc4Eight{
    {7, 0, 6, 5, 4, 3, 2, 1}, {0, 7, 1, 2, 3, 4, 5, 6}, {3, 3, 3, 3, 3, 3, 3, 3}, 9363};
inline constexpr Bc4Palette kBc4Six{
    {5, 0, 4, 3, 2, 1, 0, 0}, {0, 5, 1, 2, 3, 4, 0, 0}, {2, 2, 2, 2, 2, 2, 0, 255 * 5}, 13108};
inline constexpr Bc4Palette kBc4SixSnorm{
    {5, 0, 4, 3, 2, 1, 0, 0}, {0, 5, 1, 2, 3, 4, 0, 0}, {2, 2, 2, 2, 2, 2, 0, 254 * 5}, 13108};

/// A block's palette and its ends as codes from 0.
struct Bc4Header {
  const Bc4Palette* palette;
  std::uint16_t first, second;
  std::uint8_t bias;  ///< what to subtract from the codes
};

template <bool kSnorm>
HWY_INLINE Bc4Header bc4_header(std::uint64_t bits) {
  const auto first = static_cast<std::uint8_t>(bits), second = static_cast<std::uint8_t>(bits >> 8);
  if constexpr (!kSnorm) return {first > second ? &kBc4Eight : &kBc4Six, first, second, 0};
  const auto a = static_cast<std::int8_t>(first), b = static_cast<std::int8_t>(second);
  const auto code = [](int value) {
    return static_cast<std::uint16_t>(std::max(value, -127) + 127);
  };
  return {a > b ? &kBc4Eight : &kBc4SixSnorm, code(a), code(b), 127};
}

#if HWY_TARGET == HWY_SCALAR

template <bool kSnorm>
HWY_INLINE ByteBlock bc4_values(const std::uint8_t* bytes) {
  const std::uint64_t bits = little_endian(bytes);
  const Bc4Header header = bc4_header<kSnorm>(bits);
  const Bc4Palette& palette = *header.palette;
  std::array<std::uint8_t, 8> values;
  for (std::size_t i = 0; i < 8; ++i) {
    const std::uint32_t numerator = header.first * palette.first_weight[i] +
                                    header.second * palette.second_weight[i] + palette.rounding[i];
    values[i] = static_cast<std::uint8_t>((numerator * palette.reciprocal >> 16) - header.bias);
  }
  ByteBlock out;
  for (std::size_t i = 0; i < 16; ++i) out[i] = values[bits >> (16 + 3 * i) & 7];
  return out;
}

#else

/// 16 indices of 3 bits from bit 16 on, a byte each.
HWY_INLINE ByteBlock bc4_indices(std::uint64_t bits) {
  const TagByteBlock d;
  const TagWordBlock dw;
  alignas(16) static constexpr std::uint8_t kPairs[16] = {2, 3, 2, 3, 3, 4, 4, 5,
                                                          5, 6, 5, 6, 6, 7, 7, 7};
  // Brings the two indices of each word to its upper end.
  alignas(16) static constexpr std::uint16_t kShifts[8] = {1 << 10, 1 << 4, 1 << 6, 1 << 8,
                                                           1 << 10, 1 << 4, 1 << 6, 1 << 8};
  const auto all = hn::BitCast(d, hn::Set(hn::Full128<std::uint64_t>(), bits));
  const auto pairs = hn::Mul(hn::BitCast(dw, hn::TableLookupBytes(all, hn::Load(d, kPairs))),
                             hn::Load(dw, kShifts));
  const auto even = hn::And(hn::ShiftRight<10>(pairs), hn::Set(dw, 7));
  const auto odd = hn::And(hn::ShiftRight<5>(pairs), hn::Set(dw, 7 << 8));
  return hn::BitCast(d, hn::Or(even, odd));
}

template <bool kSnorm>
HWY_INLINE ByteBlock bc4_values(const std::uint8_t* bytes) {
  const TagByteBlock d;
  const TagWordBlock dw;
  const std::uint64_t bits = little_endian(bytes);
  const Bc4Header header = bc4_header<kSnorm>(bits);
  const Bc4Palette& palette = *header.palette;
  const auto first = hn::Mul(hn::Set(dw, header.first), hn::LoadU(dw, palette.first_weight));
  const auto second = hn::Mul(hn::Set(dw, header.second), hn::LoadU(dw, palette.second_weight));
  const auto numerator = hn::Add(hn::Add(first, second), hn::LoadU(dw, palette.rounding));
  const auto codes = hn::MulHigh(numerator, hn::Set(dw, palette.reciprocal));
  auto values = low_bytes(hn::BitCast(hn::Full128<std::int16_t>(), codes));
  if constexpr (kSnorm) values = hn::Sub(values, hn::Set(d, header.bias));
  return hn::TableLookupBytes(values, bc4_indices(bits));
}

#endif

}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#endif  // FORGE3D_BC4_VALUES_INL
