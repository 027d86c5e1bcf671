// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/bc3_encoder.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "texture/codec/bc3_encoder.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include "texture/codec/alpha_run-inl.hpp"
#include "texture/codec/bc1_search-inl.hpp"
#include "texture/codec/bc4_lanes-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace forge3d::codec {
namespace HWY_NAMESPACE {
namespace {

/// Alpha as the block of BC4.
struct Bc4Alpha {
  Quality quality;

  [[nodiscard]] HWY_INLINE ChannelWords flat(VU32 alpha) const {
    const VU32 zero = hn::Zero(TagU32());
    return {hn::Or(alpha, hn::ShiftLeft<8>(alpha)), zero, zero};
  }
  HWY_INLINE void encode(const VU32 (&first)[16], const VU32 (&second)[16], ChannelWords& a,
                         ChannelWords& b) const {
    encode_bc4(first, second, 255, quality, a, b);
  }
};

template <class Search>
HWY_INLINE void encode_lanes(const EncodeRun& run, Search search) {
  const Bc4Alpha coder{run.quality};
  AlphaRun<Bc4Alpha> alphas(run, coder);
  ForEachLanesOfBlocks(run, [&](const std::uint8_t* texels, std::size_t row_bytes,
                                std::size_t first, std::size_t count) HWY_ATTR {
    VU32 words[16];
    LoadWords(texels, row_bytes, words);
    Block<AllTexels> block;
    make_block(words, block);
    const Line line = search(block);
    const BlockWords colors = four_color_words(line);
    store_half_blocks(colors.ends, colors.indices, count, run.out + 16 * first + 8);
    if (run.errors != nullptr) {
      alignas(64) std::int32_t errors[BlockLanes()];
      hn::Store(hn::Add(block.squares(), line.error), TagI32(), errors);
      std::memcpy(run.errors + first, errors, count * sizeof(errors[0]));
    }
    alphas.add(words, first, count);
  });
  alphas.finish();
}

void encode_bc3_run(const EncodeRun& run) {
  switch (run.quality) {
    case Quality::kFast:
      return encode_lanes(run,
                          [](const Block<AllTexels>& block) HWY_ATTR { return fast_line(block); });
    case Quality::kNormal:
      return encode_lanes(
          run, [](const Block<AllTexels>& block) HWY_ATTR { return four_line<4>(block); });
    default:
      return encode_lanes(
          run, [](const Block<AllTexels>& block) HWY_ATTR { return four_line<48>(block); });
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace forge3d::codec {

HWY_EXPORT(encode_bc3_run);

void encode_bc3(const EncodeRun& run) { HWY_DYNAMIC_DISPATCH(encode_bc3_run)(run); }

}  // namespace forge3d::codec
#endif
