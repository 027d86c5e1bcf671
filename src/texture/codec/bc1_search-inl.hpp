// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// What each quality spends on the four colours of a block, and the words they become: the search of
// BC1 and of BC3, whose colours are always four.

#if defined(FORGE3D_BC1_SEARCH_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef FORGE3D_BC1_SEARCH_INL
#undef FORGE3D_BC1_SEARCH_INL
#else
#define FORGE3D_BC1_SEARCH_INL
#endif

#include "texture/codec/bc1_clusters-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace forge3d::codec {
namespace HWY_NAMESPACE {

/// The block's two words: 5:6:5 codes of both ends, and the indices.
struct BlockWords {
  VU32 ends, indices;
};

HWY_INLINE Pairs pack_codes(const Line& line) {
  return shift_left<11>(line.codes[0]) | shift_left<5>(line.codes[1]) | line.codes[2];
}

HWY_INLINE VU32 swap_halves(VU32 codes) {
  return hn::Or(hn::ShiftLeft<16>(codes), hn::ShiftRight<16>(codes));
}

/// Four colours need the first code to be the larger. Equal codes mean three colours, of which
/// index 0 is the one wanted.
HWY_INLINE BlockWords four_color_words(const Line& line) {
  const TagU32 d;
  const VU32 codes = hn::BitCast(d, words_of(pack_codes(line))), swapped = swap_halves(codes);
  const auto wrong = hn::Lt(swapped, codes);  // The second code is in the high half.
  const VU32 indices = hn::BitCast(d, line.indices);
  const VU32 flipped = hn::Xor(indices, hn::Set(d, 0x55555555u));
  return {
      hn::IfThenElse(wrong, swapped, codes),
      hn::IfThenElse(hn::Eq(codes, swapped), hn::Zero(d), hn::IfThenElse(wrong, flipped, indices))};
}

/// Shares the texels out anew and fits the ends to that, where it is better.
template <int kSteps, class Part>
HWY_INLINE void refine(const Block<Part>& block, Line& line) {
  Line next = line;
  fit_ends(split_by_line<kSteps>(block, line), next);
  offer_line(next, line);
}

HWY_INLINE Line fast_line(const Block<AllTexels>& block) {
  Line line = no_line();
  const Places places = project_on_axis(block);
  fit_ends(split_by_places<3>(block, places), line);
  refine<3>(block, line);
  offer_flat(block, line);
  return line;
}

/// Shares the texels out among the colours of the line, whatever its error was, and once again.
template <int kSteps, class Part>
HWY_INLINE void settle(const Block<Part>& block, Line& line) {
  fit_ends(split_by_line<kSteps>(block, line), line);
  refine<kSteps>(block, line);
}

template <int kSteps, int kCount>
HWY_NOINLINE Line cluster_line(const Block<AllTexels>& block) {
  Line line = best_cluster_line<kSteps, kCount>(block, project_on_axis(block));
  settle<kSteps>(block, line);
  return line;
}

/// The best line of four colours, found from `kCount` ways to share out the texels. Clusters in the
/// order along an axis miss what lies far off it; so more time does not make blocks worse than the
/// fast line does.
template <int kCount>
HWY_INLINE Line four_line(const Block<AllTexels>& block) {
  Line line = cluster_line<3, kCount>(block);
  offer_line(fast_line(block), line);
  return line;
}

}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#endif  // FORGE3D_BC1_SEARCH_INL
