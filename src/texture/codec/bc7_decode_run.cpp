// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// The BC7 decoder in 16-byte vectors, one block after another. The scalar target decodes with the
// reference in bc7_decoder.cpp.

#include <bit>
#include <cstring>

#include "texture/codec/bc7_decoder.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "texture/codec/bc7_decode_run.cpp"
#include <hwy/foreach_target.h>
// Highway's own order: the header of its operations comes after it.
#include <hwy/highway.h>

#include "texture/codec/bptc_decode-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace forge3d::codec {
namespace HWY_NAMESPACE {
namespace {

#if HWY_TARGET == HWY_SCALAR

HWY_ATTR void decode_bc7_blocks(const DecodeRun& run) {
  Rgba8Block block;
  for (std::size_t i = 0; i < run.count; ++i) {
    decode_bc7(run.blocks + 16 * i, block);
    for (std::size_t y = 0; y < 4; ++y)
      std::memcpy(run.texels + y * run.row_bytes + 16 * i, block.data() + 16 * y, 16);
  }
}

#else

/// Endpoints of two subsets (in lanes 0..3 and 4..7), ready to be interpolated: in 256ths, half a
/// 64th added for the rounding, all modulo 2^16.
struct Line {
  VWords base;  ///< 256 * first + 128
  VWords step;  ///< 4 * (second - first)
};

template <int kMode, int kFirst, int kSecond, int kEnd>
HWY_INLINE VWords read_ends(VBytes block) {
  static constexpr Bc7EndWindows kWindows = bc7_end_windows(kMode, kFirst, kSecond, kEnd);
  constexpr Bc7Mode kFields = kBc7Modes[kMode];
  VWords codes = hn::And(read_windows(block, kWindows.codes), load(kWindows.codes.mask));
  if constexpr (kFields.parity != ParityBits::kNone)
    codes = hn::Or(codes,
                   hn::And(read_windows(block, kWindows.parities), load(kWindows.parities.mask)));
  VWords ends = hn::Or(hn::ShiftRight<8>(codes), hn::MulHigh(codes, load(kWindows.repeat)));
  if constexpr (kFields.alpha_bits == 0) ends = hn::Or(ends, load(kWindows.opaque));
  return ends;
}

template <int kMode, int kFirst, int kSecond>
HWY_INLINE Line read_line(VBytes block) {
  const VWords a = read_ends<kMode, kFirst, kSecond, 0>(block);
  const VWords b = read_ends<kMode, kFirst, kSecond, 1>(block);
  return {hn::Or(hn::ShiftLeft<8>(a), hn::Set(Words(), 128)), hn::ShiftLeft<2>(hn::Sub(b, a))};
}

/// Shuffles for texels 2i and 2i + 1: kWeights brings their weights to the lanes of channels first
/// .. last, kTexels bytes of a row in texel order to all bytes.
struct Spread {
  alignas(16) std::array<std::uint8_t, 16> bytes{};
};
using Spreads = std::array<Spread, 8>;
constexpr Spreads spread_weights(int first, int last) {
  Spreads out;
  for (std::size_t i = 0; i < 16; ++i)
    for (int c = 0; c < 4; ++c) {
      const std::size_t lane = 4 * (i % 2) + static_cast<std::size_t>(c);
      auto& bytes = out[i / 2].bytes;
      bytes[2 * lane] =
          static_cast<std::uint8_t>(c >= first && c <= last ? 2 * (i % 8) + i / 8 : 0x80);
      bytes[2 * lane + 1] = 0x80;
    }
  return out;
}
constexpr Spreads spread_texels() {
  Spreads out;
  for (std::size_t i = 0; i < 16; ++i)
    for (std::size_t k = 0; k < 8; ++k)
      out[i / 2].bytes[8 * (i % 2) + k] = static_cast<std::uint8_t>(i);
  return out;
}
constexpr Spreads kSpreadWeights = spread_weights(0, 3);
constexpr Spreads kSpreadColorWeights = spread_weights(0, 2);
constexpr Spreads kSpreadAlphaWeights = spread_weights(3, 3);
constexpr Spreads kSpreadTexels = spread_texels();

/// Texels of which `color` and `alpha` weights differ, or not.
struct OneWeight {
  VBytes all;
  [[nodiscard]] HWY_INLINE VWords of_pair(std::size_t i) const {
    return words_of(hn::TableLookupBytesOr0(all, load(kSpreadWeights[i].bytes)));
  }
};
struct TwoWeights {
  VBytes color, alpha;
  [[nodiscard]] HWY_INLINE VWords of_pair(std::size_t i) const {
    return words_of(hn::Or(hn::TableLookupBytesOr0(color, load(kSpreadColorWeights[i].bytes)),
                           hn::TableLookupBytesOr0(alpha, load(kSpreadAlphaWeights[i].bytes))));
  }
};

/// The lines of a pair of texels, for 1, 2 and 3 subsets.
struct OneLine {
  Line line;
  [[nodiscard]] HWY_INLINE Line of_pair(std::size_t) const { return line; }
};
/// For each byte of a pair, where its subset's bytes lie in a line of two subsets.
HWY_INLINE VBytes subset_bytes(VBytes texels, std::size_t i) {
  alignas(16) static constexpr std::array<std::uint8_t, 16> kByte{0, 1, 2, 3, 4, 5, 6, 7,
                                                                  0, 1, 2, 3, 4, 5, 6, 7};
  return hn::Or(hn::TableLookupBytes(texels, load(kSpreadTexels[i].bytes)), load(kByte));
}
struct TwoLines {
  Line lines;
  VBytes texels;
  [[nodiscard]] HWY_INLINE Line of_pair(std::size_t i) const {
    const VBytes from = subset_bytes(texels, i);
    return {words_of(hn::TableLookupBytes(bytes_of(lines.base), from)),
            words_of(hn::TableLookupBytes(bytes_of(lines.step), from))};
  }
};
struct ThreeLines {
  Line lines, third;
  VBytes texels;
  [[nodiscard]] HWY_INLINE Line of_pair(std::size_t i) const {
    const VBytes from = subset_bytes(texels, i);
    const hn::FixedTag<std::int8_t, 16> signed_bytes;
    const auto is_third =
        hn::RebindMask(Bytes(), hn::Lt(hn::BitCast(signed_bytes, from), hn::Zero(signed_bytes)));
    return {words_of(hn::IfThenElse(is_third, bytes_of(third.base),
                                    hn::TableLookupBytesOr0(bytes_of(lines.base), from))),
            words_of(hn::IfThenElse(is_third, bytes_of(third.step),
                                    hn::TableLookupBytesOr0(bytes_of(lines.step), from)))};
  }
};

template <class Lines, class Weights>
HWY_INLINE VWords interpolate(const Lines& lines, const Weights& weights, std::size_t pair) {
  const Line line = lines.of_pair(pair);
  return hn::Add(line.base, hn::Mul(line.step, weights.of_pair(pair)));
}

/// The colours are the high bytes of the interpolated words. `finish` is applied to each row.
template <class Lines, class Weights, class Finish>
HWY_INLINE void store_texels(const Lines& lines, const Weights& weights, Finish finish,
                             std::uint8_t* texels, std::size_t row_bytes) {
  for (std::size_t y = 0; y < 4; ++y) {
    const VWords left = interpolate(lines, weights, 2 * y);
    const VWords right = interpolate(lines, weights, 2 * y + 1);
    const VBytes row = hn::ConcatOdd(Bytes(), bytes_of(right), bytes_of(left));
    hn::StoreU(finish(row), Bytes(), texels + y * row_bytes);
  }
}

/// Modes 4 and 5.
template <int kMode>
HWY_INLINE void decode_two_weights(VBytes block, const BlockBits& bits, std::uint8_t* texels,
                                   std::size_t row_bytes) {
  constexpr Bc7Mode kFields = kBc7Modes[kMode];
  constexpr Bc7Offsets kAt = bc7_offsets(kMode);
  static constexpr std::array<Spread, 4> kRotations = {
      {{{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}},
       {{3, 1, 2, 0, 7, 5, 6, 4, 11, 9, 10, 8, 15, 13, 14, 12}},
       {{0, 3, 2, 1, 4, 7, 6, 5, 8, 11, 10, 9, 12, 15, 14, 13}},
       {{0, 1, 3, 2, 4, 5, 7, 6, 8, 9, 11, 10, 12, 13, 15, 14}}}};
  TwoWeights weights{read_weights<kFields.index_bits>(
                         with_anchor<kFields.index_bits>(bits.from<kAt.indices>(), 0)),
                     read_weights<kFields.second_index_bits>(with_anchor<kFields.second_index_bits>(
                         bits.from<kAt.second_indices>(), 0))};
  if constexpr (kFields.index_selection_bits != 0)
    if ((bits.low >> kAt.index_selection & 1) != 0)
      weights = TwoWeights{weights.alpha, weights.color};
  const VBytes rotation = load(kRotations[bits.low >> kAt.rotation & 3].bytes);
  store_texels(
      OneLine{read_line<kMode, 0, 0>(block)}, weights,
      [&](VBytes row) HWY_ATTR { return hn::TableLookupBytes(row, rotation); }, texels, row_bytes);
}

/// The other modes.
template <int kMode>
HWY_INLINE void decode_one_weight(VBytes block, const BlockBits& bits, std::uint8_t* texels,
                                  std::size_t row_bytes) {
  constexpr Bc7Mode kFields = kBc7Modes[kMode];
  constexpr Bc7Offsets kAt = bc7_offsets(kMode);
  constexpr int kBits = kFields.index_bits;
  const auto as_it_is = [](VBytes row) HWY_ATTR { return row; };
  std::uint64_t row = with_anchor<kBits>(bits.from<kAt.indices>(), 0);
  if constexpr (kFields.subsets == 1) {
    store_texels(OneLine{read_line<kMode, 0, 0>(block)}, OneWeight{read_weights<kBits>(row)},
                 as_it_is, texels, row_bytes);
  } else {
    const auto partition = bits.low >> kAt.partition & ((1u << kFields.partition_bits) - 1);
    constexpr const Bc7PartitionRows& kRows =
        kFields.subsets == 2 ? kBc7RowsOfTwo : kBc7RowsOfThree;
    const Bc7PartitionRow& shape = kRows[partition];
    row = with_anchor<kBits>(row, shape.anchors[0]);
    if constexpr (kFields.subsets == 3) row = with_anchor<kBits>(row, shape.anchors[1]);
    const OneWeight weights{read_weights<kBits>(row)};
    const Line lines = read_line<kMode, 0, 1>(block);
    if constexpr (kFields.subsets == 2)
      store_texels(TwoLines{lines, load(shape.texels)}, weights, as_it_is, texels, row_bytes);
    else
      store_texels(ThreeLines{lines, read_line<kMode, 2, 2>(block), load(shape.texels)}, weights,
                   as_it_is, texels, row_bytes);
  }
}

HWY_INLINE void decode_bc7_one(const std::uint8_t* bytes, std::uint8_t* texels,
                               std::size_t row_bytes) {
  const VBytes block = hn::LoadU(Bytes(), bytes);
  const BlockBits bits(bytes);
  switch (std::countr_zero(bytes[0])) {
    case 0:
      return decode_one_weight<0>(block, bits, texels, row_bytes);
    case 1:
      return decode_one_weight<1>(block, bits, texels, row_bytes);
    case 2:
      return decode_one_weight<2>(block, bits, texels, row_bytes);
    case 3:
      return decode_one_weight<3>(block, bits, texels, row_bytes);
    case 4:
      return decode_two_weights<4>(block, bits, texels, row_bytes);
    case 5:
      return decode_two_weights<5>(block, bits, texels, row_bytes);
    case 6:
      return decode_one_weight<6>(block, bits, texels, row_bytes);
    case 7:
      return decode_one_weight<7>(block, bits, texels, row_bytes);
    default:
      for (std::size_t y = 0; y < 4; ++y)
        hn::StoreU(hn::Zero(Bytes()), Bytes(), texels + y * row_bytes);
  }
}

HWY_ATTR void decode_bc7_blocks(const DecodeRun& run) {
  for (std::size_t i = 0; i < run.count; ++i)
    decode_bc7_one(run.blocks + 16 * i, run.texels + 16 * i, run.row_bytes);
}

#endif

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace forge3d::codec {

HWY_EXPORT(decode_bc7_blocks);

void decode_bc7_run(const DecodeRun& run) { HWY_DYNAMIC_DISPATCH(decode_bc7_blocks)(run); }

}  // namespace forge3d::codec
#endif
