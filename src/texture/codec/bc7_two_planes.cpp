// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/bc7_stage.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "texture/codec/bc7_two_planes.cpp"
#include <hwy/foreach_target.h>

#include "texture/codec/bc7_line-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace forge3d::codec {
namespace HWY_NAMESPACE {

/// Swaps alpha with the channel that the rotation (of the lane) names.
HWY_INLINE VU32 turn(VU32 texel, VU32 rotation) {
  VU32 out = texel;
  for (int channel = 0; channel < 3; ++channel) {
    const VU32 difference = hn::And(
        hn::Xor(hn::ShiftRight<24>(texel), hn::ShiftRightSame(texel, 8 * channel)), word(255));
    const VU32 turned = hn::Xor(
        texel, hn::Or(hn::ShiftLeft<24>(difference), hn::ShiftLeftSame(difference, 8 * channel)));
    const auto here = hn::Eq(rotation, word(static_cast<std::uint32_t>(channel + 1)));
    out = hn::IfThenElse(here, turned, out);
  }
  return out;
}

HWY_INLINE Encoding encoding_of(const Fit<3, 1>& colors, const Fit<1, 1>& alphas) {
  Encoding out = encoding_of(colors);
  out.error = hn::Add(colors.error[0], alphas.error[0]);
  for (int e = 0; e < 2; ++e)
    out.ends[e] = hn::Or(hn::And(out.ends[e], word(0x00ffffff)), pack_end<1>(alphas.end[0][e]));
  pack_indices(alphas.index, out.alpha_index);
  return out;
}

/// Three channels on one line, the channel that the rotation puts in alpha on another.
HWY_NOINLINE void fit_planes(const Group& group) {
  const Bc7Fit& how = group.fit();
  VU32 words[kTexelCount];
  for (int i = 0; i < kTexelCount; ++i) words[i] = turn(group.words()[i], group.variants());
  const Bc7Mode& m = kBc7Modes[static_cast<std::size_t>(how.mode)];
  const int color_bits = how.second ? m.second_index_bits : m.index_bits;
  const int alpha_bits = how.second ? m.index_bits : m.second_index_bits;
  Pixels<3> color_pixels;
  Pixels<1> alpha_pixels;
  load_pixels(words, color_pixels);
  load_pixels(words, alpha_pixels);
  Fit<3, 1> colors;
  Fit<1, 1> alphas;
  fit_line(color_pixels, {m.color_bits, ParityBits::kNone, false, color_bits}, how, colors);
  fit_line(alpha_pixels, {m.alpha_bits, ParityBits::kNone, false, alpha_bits}, how, alphas);
  group.store(encoding_of(colors, alphas));
}

void fit_two_planes(const Bc7Chunk& chunk, const Bc7Fit& fit, const Bc7Job* jobs,
                    std::size_t count) {
  for_each_group(chunk, fit, jobs, count, fit_planes);
}

/// How much of the scatter along a line its steps leave: see ScatterCost, but for 16 texels.
constexpr float kLeftOfFour = 0.06f;
constexpr float kLeftOfEight = 0.012f;

/// Scatter across the best line of three channels, and along it.
struct LineScatter {
  VF32 across, along;
};
HWY_INLINE LineScatter line_scatter(const Matrix<3>& m) {
  constexpr float kTiny = 1e-3f;
  const VF32 trace = trace_of(m);
  const Matrix<3> unit = unit_trace(m, kTiny);
  const Vector<3> axis = dominant_vector(unit);
  const VF32 along = hn::Mul(dot(axis, times(unit, axis)), trace);
  return {hn::Sub(trace, along), along};
}

void rank_two_planes(const Bc7Chunk& chunk, const std::uint16_t* blocks, std::size_t count,
                     Bc7Ranking& ranking) {
  for (std::size_t first = 0; first < count; first += BlockLanes()) {
    VU32 words[kTexelCount];
    gather_words(
        chunk, std::min(BlockLanes(), count - first),
        [&](std::size_t i) { return blocks[first + i]; }, words);
    Pixels<4> pixels;
    load_pixels(words, pixels);
    const Matrix<4> scatter = scaled(scaled_scatter(moments_of(pixels)), real(1.0f / 16));
    Ranking<4> of_mode5;
    Ranking<4> of_mode4;
    Ranking<4> of_mode4_second;
    for (int rotation = 0; rotation < 4; ++rotation) {
      const int alone = rotation == 0 ? 3 : rotation - 1;
      Matrix<3> rest;
      for (int a = 0; a < 3; ++a)
        for (int b = 0; b < 3; ++b)
          rest.at[a][b] = scatter.at[a == alone ? 3 : a][b == alone ? 3 : b];
      const LineScatter line = line_scatter(rest);
      const VF32 scalar = scatter.at[alone][alone];
      const auto add = [&](Ranking<4>& to, float of_line, float of_scalar) {
        to.add(hn::Add(line.across, hn::Add(hn::Mul(line.along, real(of_line)),
                                            hn::Mul(scalar, real(of_scalar)))),
               rotation);
      };
      add(of_mode5, kLeftOfFour, kLeftOfFour);
      add(of_mode4, kLeftOfFour, kLeftOfEight);
      add(of_mode4_second, kLeftOfEight, kLeftOfFour);
    }
    of_mode5.store(ranking, first, kBc7RankOfMode5);
    of_mode4.store(ranking, first, kBc7RankOfMode4);
    of_mode4_second.store(ranking, first, kBc7RankOfMode4Second);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace forge3d::codec {

HWY_EXPORT(fit_two_planes);
void bc7_fit_two_planes(const Bc7Chunk& chunk, const Bc7Fit& fit, const Bc7Job* jobs,
                        std::size_t count) {
  HWY_DYNAMIC_DISPATCH(fit_two_planes)(chunk, fit, jobs, count);
}

HWY_EXPORT(rank_two_planes);
void bc7_rank_two_planes(const Bc7Chunk& chunk, const std::uint16_t* blocks, std::size_t count,
                         Bc7Ranking& ranking) {
  HWY_DYNAMIC_DISPATCH(rank_two_planes)(chunk, blocks, count, ranking);
}

}  // namespace forge3d::codec
#endif
