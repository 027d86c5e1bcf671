// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "texture/codec/bc1_encoder.cpp"
#include <hwy/foreach_target.h>
//
#include <hwy/highway.h>

#include "texture/codec/bc1_encoder.hpp"
#include "texture/codec/bc1_search-inl.hpp"
#include "texture/codec/block_lanes-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace forge3d::codec {
namespace HWY_NAMESPACE {
namespace {

/// Three colours need the first code to be the smaller, or equal.
HWY_INLINE BlockWords three_color_words(const Line& line) {
  const TagU32 d;
  const VU32 codes = hn::BitCast(d, words_of(pack_codes(line))), swapped = swap_halves(codes);
  const auto wrong = hn::Lt(codes, swapped);
  const VU32 indices = hn::BitCast(d, line.indices);
  // Indices 0 and 1 change places, 2 and 3 stay.
  const VU32 ends = hn::AndNot(hn::ShiftRight<1>(indices), hn::Set(d, 0x55555555u));
  return {hn::IfThenElse(wrong, swapped, codes),
          hn::IfThenElse(wrong, hn::Xor(indices, ends), indices)};
}

HWY_INLINE BlockWords words_of_better(const Line& four, const Line& three) {
  const BlockWords a = four_color_words(four), b = three_color_words(three);
  const auto use = hn::RebindMask(TagU32(), hn::Lt(three.error, four.error));
  return {hn::IfThenElse(use, b.ends, a.ends), hn::IfThenElse(use, b.indices, a.indices)};
}

template <class Part>
HWY_NOINLINE Line three_line(const Block<Part>& block, Quality quality) {
  Line line = no_line();
  const Places places = project_on_axis(block);
  fit_ends(split_by_places<2>(block, places), line);
  const int rounds = quality == Quality::kFast ? 1 : 2;
  for (int i = 0; i < rounds; ++i) refine<2>(block, line);
  return line;
}

/// What is known of blocks when they are done.
struct Encoded {
  BlockWords words;
  VI32 error;
};

HWY_INLINE Encoded encode_opaque(const VU32 (&words)[16], Quality quality) {
  Block<AllTexels> block;
  make_block(words, block);
  if (quality == Quality::kFast) {
    const Line line = fast_line(block);
    return {four_color_words(line), hn::Add(block.squares(), line.error)};
  }
  const Line four = quality == Quality::kNormal ? four_line<2>(block) : four_line<16>(block);
  const Line three =
      quality == Quality::kNormal ? three_line(block, quality) : cluster_line<2, 8>(block);
  return {words_of_better(four, three), hn::Add(block.squares(), hn::Min(four.error, three.error))};
}

/// Squared differences of bytes of which one is 0.
HWY_INLINE VI32 sum_of_squares(VU32 word) {
  const TagI32 di;
  const Pairs byte = both(std::int16_t{255});
  const Pairs rb = pairs_from_words(hn::BitCast(di, word)) & byte;
  const Pairs ga = shift_right_unsigned<8>(pairs_from_words(hn::BitCast(di, word)));
  return hn::Add(dot(rb, rb), dot(ga, ga));
}

/// Texels whose alpha is below 128 become transparent. Their lanes alone get the result of this.
HWY_NOINLINE Encoded encode_transparent(const VU32 (&words)[16], const VI32 (&outside)[16],
                                        Quality quality) {
  Block<SomeTexels> block;
  make_block(words, outside, block);
  Line line = three_line(block, quality);
  // A block without a texel that takes part is one defined pattern.
  const auto none = hn::Eq(block.count, set_i32(0));
  for (Pairs& codes : line.codes)
    codes = pairs_from_words(hn::IfThenZeroElse(none, words_of(codes)));
  return {three_color_words(line), hn::Add(block.squares(), hn::IfThenZeroElse(none, line.error))};
}

/// What alpha adds to the error, and the colours of transparent texels.
HWY_INLINE VI32 alpha_error(const VU32 (&words)[16], const VI32 (&outside)[16]) {
  const TagU32 d;
  VI32 error = set_i32(0);
  for (int i = 0; i < 16; ++i) {
    const VU32 missing = hn::AndNot(words[i], hn::Set(d, 0xff000000u));
    const auto out = hn::MaskFromVec(hn::BitCast(d, outside[i]));
    error = hn::Add(error, sum_of_squares(hn::IfThenElse(out, words[i], missing)));
  }
  return error;
}

HWY_INLINE Encoded encode_punch_through(const VU32 (&words)[16], Quality quality) {
  const TagI32 di;
  VI32 outside[16], any = set_i32(0);
  for (int i = 0; i < 16; ++i) {
    outside[i] = hn::Not(hn::BroadcastSignBit(hn::BitCast(di, words[i])));
    any = hn::Or(any, outside[i]);
  }
  Encoded out = encode_opaque(words, quality);
  const auto transparent = hn::Lt(any, set_i32(0));
  if (!hn::AllFalse(di, transparent)) {
    const Encoded other = encode_transparent(words, outside, quality);
    const auto lanes = hn::RebindMask(TagU32(), transparent);
    out.words.ends = hn::IfThenElse(lanes, other.words.ends, out.words.ends);
    out.words.indices = hn::IfThenElse(lanes, other.words.indices, out.words.indices);
    out.error = hn::IfThenElse(transparent, other.error, out.error);
  }
  out.error = hn::Add(out.error, alpha_error(words, outside));
  return out;
}

template <class Encode>
HWY_INLINE void encode_lanes(const EncodeRun& run, Encode encode) {
  ForEachLanesOfBlocks(run, [&](const std::uint8_t* rows, std::size_t row_bytes, std::size_t first,
                                std::size_t count) {
    VU32 words[16];
    LoadWords(rows, row_bytes, words);
    const Encoded encoded = encode(words);
    alignas(64) std::uint32_t out[2 * BlockLanes()], errors[BlockLanes()];
    hn::StoreInterleaved2(encoded.words.ends, encoded.words.indices, TagU32(), out);
    std::memcpy(run.out + 8 * first, out, 8 * count);
    if (run.errors == nullptr) return;
    hn::Store(hn::BitCast(TagU32(), encoded.error), TagU32(), errors);
    std::memcpy(run.errors + first, errors, 4 * count);
  });
}

void encode_bc1_run(const EncodeRun& run) {
  const Quality quality = run.quality;
  if (run.format == Format::kBC1RgbaUnorm || run.format == Format::kBC1RgbaSrgb)
    return encode_lanes(
        run, [quality](const VU32(&words)[16]) { return encode_punch_through(words, quality); });
  if (quality == Quality::kFast)
    return encode_lanes(
        run, [](const VU32(&words)[16]) { return encode_opaque(words, Quality::kFast); });
  encode_lanes(run, [quality](const VU32(&words)[16]) { return encode_opaque(words, quality); });
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace forge3d::codec {

HWY_EXPORT(encode_bc1_run);

void encode_bc1(const EncodeRun& run) { HWY_DYNAMIC_DISPATCH(encode_bc1_run)(run); }

}  // namespace forge3d::codec
#endif  // HWY_ONCE
