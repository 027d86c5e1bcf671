// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Blocks side by side in the lanes of vectors: lane i of every vector belongs to block i. Each lane
// computes what a scalar program would, in the same order, so that the bytes do not depend on the
// width of the machine's vectors. Included once a target, inside foreach_target.
//
// Rules that keep targets equal: no MulAdd and its kin (fused on some targets only), no
// approximate reciprocals, no reductions across lanes, no reading of other lanes.

#if defined(FORGE3D_BLOCK_LANES_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef FORGE3D_BLOCK_LANES_INL
#undef FORGE3D_BLOCK_LANES_INL
#else
#define FORGE3D_BLOCK_LANES_INL
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "texture/codec/block_codec.hpp"

HWY_BEFORE_NAMESPACE();
namespace forge3d::codec {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using TagU32 = hn::ScalableTag<std::uint32_t>;
using TagI32 = hn::ScalableTag<std::int32_t>;
using TagF32 = hn::ScalableTag<float>;
using VU32 = hn::Vec<TagU32>;
using VI32 = hn::Vec<TagI32>;
using VF32 = hn::Vec<TagF32>;

/// Blocks that are worked on at once: the lanes of a vector of 32-bit numbers.
HWY_INLINE constexpr std::size_t BlockLanes() { return hn::MaxLanes(TagU32()); }

/// Reads the 16 RGBA8 texels of BlockLanes() 4 x 4 blocks as words: words[i] is texel i (column
/// i % 4, row i / 4) of each block. `texels` is texel 0 of the first block.
HWY_INLINE void LoadWords(const std::uint8_t* texels, std::size_t row_bytes, VU32 (&words)[16]) {
  const TagU32 d;
  for (std::size_t y = 0; y < 4; ++y) {
    // Unaligned rows are fine: the load is one of bytes on every target.
    const auto* row = reinterpret_cast<const std::uint32_t*>(texels + y * row_bytes);
    hn::LoadInterleaved4(d, row, words[4 * y], words[4 * y + 1], words[4 * y + 2],
                         words[4 * y + 3]);
  }
}

/// Calls body(texels, row_bytes, first, count) for BlockLanes() blocks at a time. The last call may
/// have count < BlockLanes(): its texels are a copy in which the last block is repeated, so that
/// the body may read all lanes. For RGBA8 texels and 4 x 4 blocks.
template <class Body>
HWY_INLINE void ForEachLanesOfBlocks(const EncodeRun& run, Body body) {
  constexpr std::size_t kLanes = hn::MaxLanes(TagU32());
  constexpr std::size_t kBlockRowBytes = 16;
  const std::size_t lanes = kLanes;
  std::size_t first = 0;
  for (; first + lanes <= run.blocks; first += lanes)
    body(run.texels + first * kBlockRowBytes, run.row_bytes, first, lanes);
  if (first == run.blocks) return;
  alignas(64) std::uint8_t copy[4 * kLanes * kBlockRowBytes];
  for (std::size_t y = 0; y < 4; ++y)
    for (std::size_t i = 0; i < lanes; ++i)
      std::memcpy(
          copy + (y * lanes + i) * kBlockRowBytes,
          run.texels + y * run.row_bytes + std::min(first + i, run.blocks - 1) * kBlockRowBytes,
          kBlockRowBytes);
  body(copy, lanes * kBlockRowBytes, first, run.blocks - first);
}

}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#endif  // FORGE3D_BLOCK_LANES_INL
