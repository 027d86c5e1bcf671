// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/etc2_decoder.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "texture/codec/etc2_decoder.cpp"
#include <hwy/foreach_target.h>

#include "texture/codec/eac_values-inl.hpp"
#include "texture/codec/etc2_block-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace forge3d::codec {
namespace HWY_NAMESPACE {
namespace {

/// Writes the texels of BlockLanes() blocks beside each other.
HWY_INLINE void store_words(const VU32 (&words)[16], std::uint8_t* texels, std::size_t row_bytes) {
  for (std::size_t y = 0; y < 4; ++y) {
    std::uint8_t* row = texels + y * row_bytes;
#if HWY_TARGET == HWY_SCALAR
    for (std::size_t x = 0; x < 4; ++x) std::memcpy(row + 4 * x, &words[4 * y + x].raw, 4);
#else
    hn::StoreInterleaved4(words[4 * y], words[4 * y + 1], words[4 * y + 2], words[4 * y + 3],
                          TagU32(), reinterpret_cast<std::uint32_t*>(row));
#endif
  }
}

/// Reads the words of BlockLanes() blocks: words[i] is word i of each.
template <std::size_t kWords>
HWY_INLINE void load_words(const std::uint8_t* blocks, VU32 (&words)[kWords]) {
#if HWY_TARGET == HWY_SCALAR
  for (std::size_t i = 0; i < kWords; ++i) std::memcpy(&words[i].raw, blocks + 4 * i, 4);
#else
  const auto* from = reinterpret_cast<const std::uint32_t*>(blocks);
  if constexpr (kWords == 2)
    hn::LoadInterleaved2(TagU32(), from, words[0], words[1]);
  else
    hn::LoadInterleaved4(TagU32(), from, words[0], words[1], words[2], words[3]);
#endif
}

/// Puts the alphas of blocks of 16 bytes into opaque texels.
HWY_INLINE void set_alphas(const std::uint8_t* blocks, VU32 (&texels)[16]) {
  const TagU32 d;
  alignas(64) std::uint8_t bytes[16 * hn::MaxLanes(TagU32())];
  for (std::size_t i = 0; i < hn::MaxLanes(d); ++i)
    store_bytes(eac_values<EacKind::kAlpha>(blocks + 16 * i), bytes + 16 * i);
  VU32 rows[4];  // four alphas each, the first the lowest
  load_words(bytes, rows);
  const VU32 rgb = hn::Set(d, 0xffffff), alpha = hn::Set(d, 0xff000000);
  for (std::size_t y = 0; y < 4; ++y) {
    VU32 row = rows[y];
    for (std::size_t x = 4; x-- > 0; row = hn::ShiftLeft<8>(row)) {
      VU32& texel = texels[4 * y + x];
      texel = hn::Or(hn::And(texel, rgb), hn::And(row, alpha));
    }
  }
}

enum class Kind { kRgb, kRgbA1, kRgba };

constexpr std::size_t block_bytes(Kind kind) { return kind == Kind::kRgba ? 16 : 8; }

template <Kind kKind>
HWY_INLINE void decode_lanes(const std::uint8_t* blocks, std::uint8_t* texels,
                             std::size_t row_bytes) {
  constexpr std::size_t kWords = block_bytes(kKind) / 4;
  VU32 block[kWords], words[16];
  load_words(blocks, block);
  decode_words<kKind == Kind::kRgbA1>(swap_bytes(block[kWords - 2]), swap_bytes(block[kWords - 1]),
                                      words);
  if constexpr (kKind == Kind::kRgba) set_alphas(blocks, words);
  store_words(words, texels, row_bytes);
}

template <Kind kKind>
HWY_INLINE void decode_run(const DecodeRun& run) {
  constexpr std::size_t kLanes = hn::MaxLanes(TagU32());
  constexpr std::size_t kBlockBytes = block_bytes(kKind), kBlockRowBytes = 16;
  std::size_t first = 0;
  for (; first + kLanes <= run.count; first += kLanes)
    decode_lanes<kKind>(run.blocks + first * kBlockBytes, run.texels + first * kBlockRowBytes,
                        run.row_bytes);
  const std::size_t rest = run.count - first;
  if (rest == 0) return;
  std::uint8_t blocks[kLanes * kBlockBytes] = {}, texels[4 * kLanes * kBlockRowBytes];
  std::memcpy(blocks, run.blocks + first * kBlockBytes, rest * kBlockBytes);
  decode_lanes<kKind>(blocks, texels, kLanes * kBlockRowBytes);
  for (std::size_t y = 0; y < 4; ++y)
    std::memcpy(run.texels + y * run.row_bytes + first * kBlockRowBytes,
                texels + y * kLanes * kBlockRowBytes, rest * kBlockRowBytes);
}

void rgb(const DecodeRun& run) { decode_run<Kind::kRgb>(run); }
void rgb_a1(const DecodeRun& run) { decode_run<Kind::kRgbA1>(run); }
void rgba(const DecodeRun& run) { decode_run<Kind::kRgba>(run); }

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace forge3d::codec {

HWY_EXPORT(rgb);
HWY_EXPORT(rgb_a1);
HWY_EXPORT(rgba);

void decode_etc2_rgb(const DecodeRun& run) { HWY_DYNAMIC_DISPATCH(rgb)(run); }
void decode_etc2_rgb_a1(const DecodeRun& run) { HWY_DYNAMIC_DISPATCH(rgb_a1)(run); }
void decode_etc2_rgba(const DecodeRun& run) { HWY_DYNAMIC_DISPATCH(rgba)(run); }

}  // namespace forge3d::codec
#endif
