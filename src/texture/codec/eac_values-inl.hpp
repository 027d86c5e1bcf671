// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Decoder of the one-channel block of EAC R11 and RG11 and of ETC2 RGBA's alpha (KDFS 1.3, chapter
// "ETC2 Compressed Texture Image Formats"): 8 bytes to 16. R11's 11 bits are reduced to 8, to the
// nearest code. A signed base of -128 counts as -127.

#if defined(FORGE3D_EAC_VALUES_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef FORGE3D_EAC_VALUES_INL
#undef FORGE3D_EAC_VALUES_INL
#else
#define FORGE3D_EAC_VALUES_INL
#endif

#include <algorithm>

#include "texture/codec/byte_block-inl.hpp"
#include "texture/codec/eac_tables.hpp"

HWY_BEFORE_NAMESPACE();
namespace forge3d::codec {
namespace HWY_NAMESPACE {

/// What the block's eight values mean.
enum class EacKind { kAlpha, kUnorm, kSnorm };

/// The value that a modifier gives, any multiplier.
template <EacKind kKind>
HWY_INLINE std::uint8_t eac_value(int base, int multiplier, int modifier) {
  if constexpr (kKind == EacKind::kAlpha)
    return static_cast<std::uint8_t>(std::clamp(base + modifier * multiplier, 0, 255));
  // Multiplier 0 stands for 1/8.
  const int eighths = modifier * (multiplier == 0 ? 1 : 8 * multiplier);
  if constexpr (kKind == EacKind::kUnorm) {
    const int value = std::clamp(8 * base + 4 + eighths, 0, 2047);
    return static_cast<std::uint8_t>((value * 255 + 1023) / 2047);
  }
  const int value = std::clamp(8 * base + eighths, -1023, 1023);
  const int magnitude = (std::abs(value) * 127 + 511) / 1023;
  return static_cast<std::uint8_t>(value < 0 ? -magnitude : magnitude);
}

HWY_INLINE int eac_base(bool is_signed, std::uint8_t byte) {
  return is_signed ? std::max<int>(static_cast<std::int8_t>(byte), -127) : byte;
}

template <EacKind kKind>
HWY_INLINE void eac_palette(const std::uint8_t* bytes, std::uint8_t (&values)[8]) {
  const int base = eac_base(kKind == EacKind::kSnorm, bytes[0]);
  for (int i = 0; i < 8; ++i)
    values[i] = eac_value<kKind>(base, bytes[1] >> 4, kEacTables.modifiers[bytes[1] & 15][i]);
}

#if HWY_TARGET == HWY_SCALAR

template <EacKind kKind>
HWY_INLINE ByteBlock eac_values(const std::uint8_t* bytes) {
  std::uint8_t values[8];
  eac_palette<kKind>(bytes, values);
  std::uint64_t bits = 0;
  for (int i = 2; i < 8; ++i) bits = bits << 8 | bytes[i];
  ByteBlock out;
  for (std::size_t i = 0; i < 16; ++i) out[i % 4 * 4 + i / 4] = values[bits >> (45 - 3 * i) & 7];
  return out;
}

#else

using TagShortBlock = hn::Full128<std::int16_t>;

/// 16 indices of 3 bits, the first in the highest bits of byte 2, column by column: a byte each,
/// row by row.
HWY_INLINE ByteBlock eac_indices(std::uint64_t bits) {
  const TagByteBlock d;
  const TagWordBlock dw;
  alignas(16) static constexpr std::uint8_t kPairs[16] = {3, 2, 3, 2, 4, 3, 5, 4,
                                                          6, 5, 6, 5, 7, 6, 7, 7};
  // Brings the two indices of each word to its upper end.
  alignas(16) static constexpr std::uint16_t kShifts[8] = {1, 1 << 6, 1 << 4, 1 << 2,
                                                           1, 1 << 6, 1 << 4, 1 << 10};
  alignas(16) static constexpr std::uint8_t kRows[16] = {0, 4, 8,  12, 1, 5, 9,  13,
                                                         2, 6, 10, 14, 3, 7, 11, 15};
  const auto all = hn::BitCast(d, hn::Set(hn::Full128<std::uint64_t>(), bits));
  const auto pairs = hn::Mul(hn::BitCast(dw, hn::TableLookupBytes(all, hn::Load(d, kPairs))),
                             hn::Load(dw, kShifts));
  const auto first = hn::ShiftRight<13>(pairs);
  const auto second = hn::And(hn::ShiftRight<2>(pairs), hn::Set(dw, 7 << 8));
  return hn::TableLookupBytes(hn::BitCast(d, hn::Or(first, second)), hn::Load(d, kRows));
}

/// The eight values for multipliers of 1 and more, and of alpha for 0, too; see EacLevels for why
/// 11 bits need no other arithmetic.
template <EacKind kKind>
HWY_INLINE ByteBlock eac_palette(std::uint64_t bits) {
  const TagShortBlock ds;
  const int base = eac_base(kKind == EacKind::kSnorm, static_cast<std::uint8_t>(bits));
  const auto modifiers = hn::Load(ds, kEacTables.modifiers[bits >> 8 & 15]);
  const auto multiplier = hn::Set(ds, static_cast<std::int16_t>(bits >> 12 & 15));
  auto levels =
      hn::Add(hn::Set(ds, static_cast<std::int16_t>(base)), hn::Mul(modifiers, multiplier));
  if constexpr (kKind != EacKind::kSnorm) return low_bytes(levels);
  levels = hn::Min(hn::Max(levels, hn::Set(ds, -128)), hn::Set(ds, 128));
  const auto above = hn::VecFromMask(ds, hn::Gt(levels, hn::Set(ds, 73)));
  const auto below = hn::VecFromMask(ds, hn::Lt(levels, hn::Set(ds, -73)));
  levels = hn::Sub(hn::Add(levels, above), below);
  return low_bytes(hn::And(levels, hn::Set(ds, 255)));
}

template <EacKind kKind>
HWY_INLINE ByteBlock eac_values(const std::uint8_t* bytes) {
  const std::uint64_t bits = little_endian(bytes);
  if (kKind != EacKind::kAlpha && bytes[1] < 16) {  // multiplier 0
    alignas(16) std::uint8_t values[16] = {};
    eac_palette<kKind>(bytes, reinterpret_cast<std::uint8_t(&)[8]>(values));
    return hn::TableLookupBytes(hn::Load(TagByteBlock(), values), eac_indices(bits));
  }
  return hn::TableLookupBytes(eac_palette<kKind>(bits), eac_indices(bits));
}

#endif

}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#endif  // FORGE3D_EAC_VALUES_INL
