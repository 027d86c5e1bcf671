// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "texture/codec/bc1_decoder.cpp"
#include <hwy/foreach_target.h>
//
#include <hwy/highway.h>

#include "texture/codec/bc1_decoder.hpp"
#include "texture/codec/bc1_palette-inl.hpp"
#include "texture/codec/block_lanes-inl.hpp"
#include "texture/codec/lane_pairs-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace forge3d::codec {
namespace HWY_NAMESPACE {
namespace {

VU32 set_u32(std::uint32_t value) { return hn::Set(TagU32(), value); }

/// `yes` where bit `kBit` of the lane is set.
template <int kBit>
HWY_INLINE VU32 if_bit(VU32 bits, VU32 yes, VU32 no) {
  const TagI32 di;
  const VI32 sign = hn::BitCast(di, hn::ShiftLeft<31 - kBit>(bits));
  return hn::BitCast(TagU32(),
                     hn::IfNegativeThenElse(sign, hn::BitCast(di, yes), hn::BitCast(di, no)));
}

/// The colours of a block by index, as RGBA8 words.
struct Palette {
  VU32 color[4];
};

/// Words of two colours, of which the three pairs are the channels, opaque.
HWY_INLINE void pack_colors(const Pairs (&rgb)[3], VU32& low, VU32& high) {
  const TagU32 d;
  const VU32 rg = hn::BitCast(d, words_of(rgb[0] | shift_left<8>(rgb[1])));
  const VU32 ba = hn::BitCast(d, words_of(rgb[2] | both(static_cast<std::int16_t>(-256))));
  low = hn::Or(hn::And(rg, set_u32(0xffff)), hn::ShiftLeft<16>(ba));
  high = hn::Or(hn::ShiftRight<16>(rg), hn::And(ba, set_u32(0xffff0000u)));
}

/// `codes`: two 5:6:5 codes, the first below.
HWY_INLINE Palette four_colors(VU32 codes) {
  Pairs ends[3], middles[3];
  unpack_ends(pairs_from_words(hn::BitCast(TagI32(), codes)), ends);
  for (int c = 0; c < 3; ++c) middles[c] = thirds_between(ends[c]);
  Palette out;
  pack_colors(ends, out.color[0], out.color[1]);
  pack_colors(middles, out.color[2], out.color[3]);
  return out;
}

/// Where the first code is not the larger, the half-way colour and `black` are the last two.
HWY_INLINE Palette bc1_colors(VU32 codes, VU32 black) {
  Palette out = four_colors(codes);
  const auto three = hn::Not(hn::Gt(hn::And(codes, set_u32(0xffff)), hn::ShiftRight<16>(codes)));
  // Of bytes: (a | b) - ((a ^ b) >> 1) is their mean, halves up.
  const VU32 a = out.color[0], b = out.color[1];
  const VU32 half = hn::And(hn::ShiftRight<1>(hn::Xor(a, b)), set_u32(0x7f7f7f7fu));
  out.color[2] = hn::IfThenElse(three, hn::Sub(hn::Or(a, b), half), out.color[2]);
  out.color[3] = hn::IfThenElse(three, black, out.color[3]);
  return out;
}

template <int kTexel>
HWY_INLINE VU32 color_of(const Palette& palette, VU32 indices) {
  const VU32 even = if_bit<2 * kTexel>(indices, palette.color[1], palette.color[0]);
  const VU32 odd = if_bit<2 * kTexel>(indices, palette.color[3], palette.color[2]);
  return if_bit<2 * kTexel + 1>(indices, odd, even);
}

template <int kRow>
HWY_INLINE void colors_of_row(const Palette& palette, VU32 indices, VU32 (&out)[4]) {
  out[0] = color_of<4 * kRow>(palette, indices);
  out[1] = color_of<4 * kRow + 1>(palette, indices);
  out[2] = color_of<4 * kRow + 2>(palette, indices);
  out[3] = color_of<4 * kRow + 3>(palette, indices);
}

/// Which of 8 values a texel has: bits 3k to 3k + 2 of `bits`.
template <int kFirstBit>
HWY_INLINE VU32 value_of(const VU32 (&values)[8], VU32 bits) {
  VU32 pairs[4];
  for (int i = 0; i < 4; ++i) pairs[i] = if_bit<kFirstBit>(bits, values[2 * i + 1], values[2 * i]);
  const VU32 low = if_bit<kFirstBit + 1>(bits, pairs[1], pairs[0]);
  const VU32 high = if_bit<kFirstBit + 1>(bits, pairs[3], pairs[2]);
  return if_bit<kFirstBit + 2>(bits, high, low);
}

/// The alphas of the block that BC3 shares with BC4, where they stand in a word: two 8-bit ends,
/// then the values at sevenths, or at fifths beside 0 and 255.
HWY_INLINE void alpha_values(VU32 ends, VU32 (&values)[8]) {
  const TagU32 d;
  const VU32 a = hn::And(ends, set_u32(255));
  const VU32 b = hn::And(hn::ShiftRight<8>(ends), set_u32(255));
  const auto seven = hn::Gt(hn::BitCast(TagI32(), a), hn::BitCast(TagI32(), b));
  const auto sevens = hn::RebindMask(d, seven);
  // (2 (a (n - k) + b k) + n) / (2 n) = floor of a quotient by 7 or 5, whose reciprocal in 2^-18
  // is exact for the numbers there are.
  const VU32 n = hn::IfThenElse(sevens, set_u32(7), set_u32(5));
  const VU32 reciprocal = hn::IfThenElse(sevens, set_u32(37450), set_u32(52429));
  VU32 sum = hn::Add(hn::Mul(a, n), hn::IfThenElse(sevens, set_u32(3), set_u32(2)));
  const VU32 step = hn::Sub(b, a);
  values[0] = hn::ShiftLeft<24>(a);
  values[1] = hn::ShiftLeft<24>(b);
  for (int k = 2; k < 8; ++k) {
    sum = hn::Add(sum, step);
    values[k] = hn::ShiftLeft<24>(hn::ShiftRight<18>(hn::Mul(sum, reciprocal)));
  }
  values[6] = hn::IfThenElse(sevens, values[6], hn::Zero(d));
  values[7] = hn::IfThenElse(sevens, values[7], set_u32(0xff000000u));
}

/// The alphas of 8 texels from 24 bits of indices, into the colours of two rows.
HWY_INLINE void set_alphas(const VU32 (&values)[8], VU32 bits, VU32 (&upper)[4], VU32 (&lower)[4]) {
  const VU32 alphas[8] = {value_of<0>(values, bits),  value_of<3>(values, bits),
                          value_of<6>(values, bits),  value_of<9>(values, bits),
                          value_of<12>(values, bits), value_of<15>(values, bits),
                          value_of<18>(values, bits), value_of<21>(values, bits)};
  for (int i = 0; i < 4; ++i) {
    upper[i] = hn::Or(hn::And(upper[i], set_u32(0xffffffu)), alphas[i]);
    lower[i] = hn::Or(hn::And(lower[i], set_u32(0xffffffu)), alphas[4 + i]);
  }
}

/// 4-bit alphas of 8 texels, widened by repeating, into the colours of two rows.
HWY_INLINE void set_explicit_alphas(VU32 bits, VU32 (&upper)[4], VU32 (&lower)[4]) {
  for (int i = 0; i < 8; ++i) {
    VU32& color = i < 4 ? upper[i] : lower[i - 4];
    const VU32 high = hn::And(hn::ShiftLeftSame(bits, 28 - 4 * i), set_u32(0xf0000000u));
    color = hn::Or(hn::And(color, set_u32(0xffffffu)), hn::Or(high, hn::ShiftRight<4>(high)));
  }
}

HWY_INLINE void all_rows(const Palette& palette, VU32 indices, VU32 (&rows)[4][4]) {
  colors_of_row<0>(palette, indices, rows[0]);
  colors_of_row<1>(palette, indices, rows[1]);
  colors_of_row<2>(palette, indices, rows[2]);
  colors_of_row<3>(palette, indices, rows[3]);
}

constexpr std::size_t kBlockRowBytes = 16;

HWY_INLINE void store_rows(const VU32 (&rows)[4][4], std::uint8_t* texels, std::size_t row_bytes) {
  for (std::size_t y = 0; y < 4; ++y)
    hn::StoreInterleaved4(rows[y][0], rows[y][1], rows[y][2], rows[y][3], TagU32(),
                          reinterpret_cast<std::uint32_t*>(texels + y * row_bytes));
}

/// Calls decode(words, rows) for as many blocks as there are lanes at a time. `kWords`: 32-bit
/// words of a block.
template <std::size_t kWords, class Decode>
HWY_INLINE void decode_lanes(const DecodeRun& run, Decode decode) {
  constexpr std::size_t kLanes = BlockLanes();
  constexpr std::size_t kBlockBytes = 4 * kWords;
  VU32 words[kWords], rows[4][4];
  const auto load = [&](const std::uint8_t* blocks) {
    const auto* source = reinterpret_cast<const std::uint32_t*>(blocks);
    if constexpr (kWords == 2)
      hn::LoadInterleaved2(TagU32(), source, words[0], words[1]);
    else
      hn::LoadInterleaved4(TagU32(), source, words[0], words[1], words[2], words[3]);
  };
  std::size_t first = 0;
  if (kLanes > 1)  // One lane would read and write single words, which must not lie across.
    for (; first + kLanes <= run.count; first += kLanes) {
      load(run.blocks + first * kBlockBytes);
      decode(words, rows);
      store_rows(rows, run.texels + first * kBlockRowBytes, run.row_bytes);
    }
  alignas(64) std::uint8_t blocks[kLanes * kBlockBytes] = {};
  alignas(64) std::uint8_t texels[4 * kLanes * kBlockRowBytes];
  for (; first < run.count; first += kLanes) {
    const std::size_t count = std::min(kLanes, run.count - first);
    std::memcpy(blocks, run.blocks + first * kBlockBytes, count * kBlockBytes);
    load(blocks);
    decode(words, rows);
    store_rows(rows, texels, kLanes * kBlockRowBytes);
    for (std::size_t y = 0; y < 4; ++y)
      std::memcpy(run.texels + y * run.row_bytes + first * kBlockRowBytes,
                  texels + y * kLanes * kBlockRowBytes, count * kBlockRowBytes);
  }
}

bool has_alpha(Format format) {
  return format == Format::kBC1RgbaUnorm || format == Format::kBC1RgbaSrgb;
}

void decode_bc1_run(const DecodeRun& run) {
  const VU32 black = set_u32(has_alpha(run.format) ? 0 : 0xff000000u);
  decode_lanes<2>(run, [&](const VU32(&words)[2], VU32(&rows)[4][4]) {
    all_rows(bc1_colors(words[0], black), words[1], rows);
  });
}

void decode_bc2_run(const DecodeRun& run) {
  decode_lanes<4>(run, [](const VU32(&words)[4], VU32(&rows)[4][4]) {
    all_rows(four_colors(words[2]), words[3], rows);
    set_explicit_alphas(words[0], rows[0], rows[1]);
    set_explicit_alphas(words[1], rows[2], rows[3]);
  });
}

void decode_bc3_run(const DecodeRun& run) {
  decode_lanes<4>(run, [](const VU32(&words)[4], VU32(&rows)[4][4]) {
    VU32 values[8];
    alpha_values(words[0], values);
    all_rows(four_colors(words[2]), words[3], rows);
    const VU32 middle = hn::Or(hn::ShiftRight<16>(words[0]), hn::ShiftLeft<16>(words[1]));
    set_alphas(values, middle, rows[0], rows[1]);
    set_alphas(values, hn::ShiftRight<8>(words[1]), rows[2], rows[3]);
  });
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace forge3d::codec {

HWY_EXPORT(decode_bc1_run);
HWY_EXPORT(decode_bc2_run);
HWY_EXPORT(decode_bc3_run);

void decode_bc1(const DecodeRun& run) { HWY_DYNAMIC_DISPATCH(decode_bc1_run)(run); }
void decode_bc2(const DecodeRun& run) { HWY_DYNAMIC_DISPATCH(decode_bc2_run)(run); }
void decode_bc3(const DecodeRun& run) { HWY_DYNAMIC_DISPATCH(decode_bc3_run)(run); }

}  // namespace forge3d::codec
#endif  // HWY_ONCE
