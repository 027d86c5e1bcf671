// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/etc2_decoder.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "texture/codec/etc2_decoder.cpp"
#include <hwy/foreach_target.h>

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

template <bool kA1>
HWY_INLINE void decode_lanes(const std::uint8_t* blocks, std::uint8_t* texels,
                             std::size_t row_bytes) {
  VU32 high, low, words[16];
#if HWY_TARGET == HWY_SCALAR
  std::memcpy(&high.raw, blocks, 4);
  std::memcpy(&low.raw, blocks + 4, 4);
#else
  hn::LoadInterleaved2(TagU32(), reinterpret_cast<const std::uint32_t*>(blocks), high, low);
#endif
  decode_words<kA1>(swap_bytes(high), swap_bytes(low), words);
  store_words(words, texels, row_bytes);
}

template <bool kA1>
HWY_INLINE void decode_run(const DecodeRun& run) {
  constexpr std::size_t kLanes = hn::MaxLanes(TagU32());
  constexpr std::size_t kBlockBytes = 8, kBlockRowBytes = 16;
  std::size_t first = 0;
  for (; first + kLanes <= run.count; first += kLanes)
    decode_lanes<kA1>(run.blocks + first * kBlockBytes, run.texels + first * kBlockRowBytes,
                      run.row_bytes);
  const std::size_t rest = run.count - first;
  if (rest == 0) return;
  std::uint8_t blocks[kLanes * kBlockBytes] = {}, texels[4 * kLanes * kBlockRowBytes];
  std::memcpy(blocks, run.blocks + first * kBlockBytes, rest * kBlockBytes);
  decode_lanes<kA1>(blocks, texels, kLanes * kBlockRowBytes);
  for (std::size_t y = 0; y < 4; ++y)
    std::memcpy(run.texels + y * run.row_bytes + first * kBlockRowBytes,
                texels + y * kLanes * kBlockRowBytes, rest * kBlockRowBytes);
}

void rgb(const DecodeRun& run) { decode_run<false>(run); }
void rgb_a1(const DecodeRun& run) { decode_run<true>(run); }

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace forge3d::codec {

HWY_EXPORT(rgb);
HWY_EXPORT(rgb_a1);

void decode_etc2_rgb(const DecodeRun& run) { HWY_DYNAMIC_DISPATCH(rgb)(run); }
void decode_etc2_rgb_a1(const DecodeRun& run) { HWY_DYNAMIC_DISPATCH(rgb_a1)(run); }

}  // namespace forge3d::codec
#endif
