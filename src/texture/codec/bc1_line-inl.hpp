// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Lines through the colours of BC1 blocks, in lanes. A line has kSteps steps: 3 (two ends and two
// colours between them) or 2 (one between). Everything that is compared is exact: with n_k texels
// whose sum is s_k at the palette's colour p_k, the squared error is
//   sum of all |texel|^2 + sum over k of p_k (n_k p_k - 2 s_k),
// channel by channel. So the texels are looked at once to be shared out among the colours, and any
// number of lines can then be compared without them.

#if defined(FORGE3D_BC1_LINE_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef FORGE3D_BC1_LINE_INL
#undef FORGE3D_BC1_LINE_INL
#else
#define FORGE3D_BC1_LINE_INL
#endif

#include <hwy/highway.h>

#include "texture/codec/bc1_flat.hpp"
#include "texture/codec/bc1_palette-inl.hpp"
#include "texture/codec/lane_pairs-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace forge3d::codec {
namespace HWY_NAMESPACE {

/// Texel i is in the low half of pair i, texel i + 8 in the high half.
constexpr int kPairs = 8;

/// All texels of a block take part.
struct AllTexels {
  static constexpr bool kAll = true;
};
/// Some do not: -1 where not. Those are black among the texels and get index 3.
struct SomeTexels {
  static constexpr bool kAll = false;
  Pairs outside[kPairs];
};

/// Blocks to be encoded, each with texels that take part in the line.
template <class Part>
struct Block {
  VU32 words[16];
  Pairs rgb[3][kPairs];
  Part part;
  VI32 count;   ///< Texels that take part.
  VI32 sum[3];  ///< Their sums.
  VI32 rr, gg, bb, rg, rb, gb;

  [[nodiscard]] HWY_INLINE VI32 squares() const { return hn::Add(hn::Add(rr, gg), bb); }
};

HWY_INLINE VI32 set_i32(std::int32_t value) { return hn::Set(TagI32(), value); }
HWY_INLINE VF32 set_f32(float value) { return hn::Set(TagF32(), value); }
HWY_INLINE VF32 to_float(VI32 v) { return hn::ConvertTo(TagF32(), v); }

template <class Part>
HWY_INLINE void unpack_texels(Block<Part>& block) {
  const TagI32 di;
  const Pairs byte = both(std::int16_t{255});
  for (int i = 0; i < kPairs; ++i) {
    const VI32 low = hn::BitCast(di, block.words[i]),
               high = hn::BitCast(di, block.words[i + kPairs]);
    const Pairs rg = make_pairs(low, high);
    const Pairs ba = low_high(pairs_from_words(hn::BitCast(di, hn::ShiftRight<16>(block.words[i]))),
                              pairs_from_words(high));
    block.rgb[0][i] = rg & byte;
    block.rgb[1][i] = shift_right_unsigned<8>(rg);
    block.rgb[2][i] = ba & byte;
  }
}

template <class Part>
HWY_INLINE void sum_texels(Block<Part>& block) {
  Pairs sums[3] = {no_pairs(), no_pairs(), no_pairs()};
  VI32 rr, gg, bb, rg, rb, gb;
  rr = gg = bb = rg = rb = gb = set_i32(0);
  for (int i = 0; i < kPairs; ++i) {
    const Pairs r = block.rgb[0][i], g = block.rgb[1][i], b = block.rgb[2][i];
    sums[0] = sums[0] + r;
    sums[1] = sums[1] + g;
    sums[2] = sums[2] + b;
    rr = hn::Add(rr, dot(r, r));
    gg = hn::Add(gg, dot(g, g));
    bb = hn::Add(bb, dot(b, b));
    rg = hn::Add(rg, dot(r, g));
    rb = hn::Add(rb, dot(r, b));
    gb = hn::Add(gb, dot(g, b));
  }
  block.rr = rr, block.gg = gg, block.bb = bb, block.rg = rg, block.rb = rb, block.gb = gb;
  for (int c = 0; c < 3; ++c) block.sum[c] = sum(sums[c]);
}

/// Blocks whose texels all take part.
HWY_INLINE void make_block(const VU32 (&words)[16], Block<AllTexels>& block) {
  std::copy(words, words + 16, block.words);
  unpack_texels(block);
  sum_texels(block);
  block.count = set_i32(16);
}

/// Texels whose word in `outside` is -1 do not take part.
HWY_INLINE void make_block(const VU32 (&words)[16], const VI32 (&outside)[16],
                           Block<SomeTexels>& block) {
  Pairs outsiders = no_pairs();
  for (int i = 0; i < 16; ++i)
    block.words[i] = hn::AndNot(hn::BitCast(TagU32(), outside[i]), words[i]);
  for (int i = 0; i < kPairs; ++i) {
    block.part.outside[i] = make_pairs(outside[i], outside[i + kPairs]);
    outsiders = outsiders + block.part.outside[i];
  }
  unpack_texels(block);
  sum_texels(block);
  block.count = hn::Add(set_i32(16), sum(outsiders));
}

/// A symmetric matrix: its diagonal, then xy, xz, yz.
struct Symmetric {
  VF32 xx, yy, zz, xy, xz, yz;
};

/// `count` times the covariance of `count` texels times `count`; never negative on the diagonal.
template <class Part>
HWY_INLINE Symmetric covariance(const Block<Part>& m) {
  const auto entry = [&](VI32 product, int a, int b) {
    return to_float(hn::Sub(hn::Mul(product, m.count), hn::Mul(m.sum[a], m.sum[b])));
  };
  return {entry(m.rr, 0, 0), entry(m.gg, 1, 1), entry(m.bb, 2, 2),
          entry(m.rg, 0, 1), entry(m.rb, 0, 2), entry(m.gb, 1, 2)};
}

/// The square, scaled to a trace of 1.
HWY_INLINE Symmetric squared(const Symmetric& a) {
  using hn::Add;
  using hn::Mul;
  const VF32 xy2 = Mul(a.xy, a.xy), xz2 = Mul(a.xz, a.xz), yz2 = Mul(a.yz, a.yz);
  Symmetric out{Add(Add(Mul(a.xx, a.xx), xy2), xz2),
                Add(Add(Mul(a.yy, a.yy), xy2), yz2),
                Add(Add(Mul(a.zz, a.zz), xz2), yz2),
                Add(Mul(a.xy, Add(a.xx, a.yy)), Mul(a.xz, a.yz)),
                Add(Mul(a.xz, Add(a.xx, a.zz)), Mul(a.xy, a.yz)),
                Add(Mul(a.yz, Add(a.yy, a.zz)), Mul(a.xy, a.xz))};
  const VF32 trace = hn::Max(Add(Add(out.xx, out.yy), out.zz), set_f32(1e-30f));
  const VF32 scale = hn::Div(set_f32(1.0f), trace);
  for (VF32* entry : {&out.xx, &out.yy, &out.zz, &out.xy, &out.xz, &out.yz})
    *entry = Mul(*entry, scale);
  return out;
}

/// The direction of the largest eigenvector: the largest column of the matrix's 8th power. 0 for
/// the zero matrix.
HWY_INLINE void principal_axis(const Symmetric& matrix, VF32 (&axis)[3]) {
  const VF32 trace = hn::Max(hn::Add(hn::Add(matrix.xx, matrix.yy), matrix.zz), set_f32(1.0f));
  const VF32 scale = hn::Div(set_f32(1.0f), trace);
  Symmetric m = matrix;
  for (VF32* entry : {&m.xx, &m.yy, &m.zz, &m.xy, &m.xz, &m.yz}) *entry = hn::Mul(*entry, scale);
  m = squared(squared(squared(m)));
  const auto y = hn::Gt(m.yy, m.xx);
  axis[0] = hn::IfThenElse(y, m.xy, m.xx);
  axis[1] = hn::IfThenElse(y, m.yy, m.xy);
  axis[2] = hn::IfThenElse(y, m.yz, m.xz);
  const auto z = hn::Gt(m.zz, hn::Max(m.xx, m.yy));
  axis[0] = hn::IfThenElse(z, m.xz, axis[0]);
  axis[1] = hn::IfThenElse(z, m.yz, axis[1]);
  axis[2] = hn::IfThenElse(z, m.zz, axis[2]);
}

/// A direction in whole numbers of which the absolute values sum to at most 127, so that places
/// along it fit 16 bits.
struct Direction {
  Pairs rgb[3];
};
HWY_INLINE VF32 scale_to_fit(const VF32 (&axis)[3]) {
  const VF32 length = hn::Add(hn::Add(hn::Abs(axis[0]), hn::Abs(axis[1])), hn::Abs(axis[2]));
  return hn::Div(set_f32(127.0f), hn::Max(length, set_f32(1e-20f)));
}
HWY_INLINE Direction make_direction(const VF32 (&axis)[3], VF32 scale) {
  Direction out;
  for (int c = 0; c < 3; ++c) out.rgb[c] = both(hn::ConvertTo(TagI32(), hn::Mul(axis[c], scale)));
  return out;
}

/// Where the texels lie along a direction.
struct Places {
  Pairs at[kPairs];
};
template <class Part>
HWY_INLINE Places project(const Block<Part>& block, const Direction& direction) {
  Places out;
  for (int i = 0; i < kPairs; ++i)
    out.at[i] = block.rgb[0][i] * direction.rgb[0] + block.rgb[1][i] * direction.rgb[1] +
                block.rgb[2][i] * direction.rgb[2];
  return out;
}

/// The texels shared out among the colours of a line: how many each has and their sums, twice, in
/// the order of the palette's pairs (first and last colour, then the ones between).
struct Clusters {
  Pairs outer_count, inner_count;
  Pairs outer_sum[3], inner_sum[3];
};

template <int kSteps>
HWY_INLINE Clusters make_clusters(const VI32 (&count)[4], const VI32 (&sums)[3][4]) {
  const auto twice = [](VI32 v) { return hn::Add(v, v); };
  Clusters out;
  out.outer_count = make_pairs(count[0], count[kSteps]);
  out.inner_count = make_pairs(count[1], kSteps == 3 ? count[2] : set_i32(0));
  for (int c = 0; c < 3; ++c) {
    out.outer_sum[c] = make_pairs(twice(sums[c][0]), twice(sums[c][kSteps]));
    out.inner_sum[c] = make_pairs(twice(sums[c][1]), kSteps == 3 ? twice(sums[c][2]) : set_i32(0));
  }
  return out;
}

/// The block's indices: those of texels 0 to 7 in the low half.
template <int kSteps>
struct Split {
  Clusters clusters;
  VI32 indices;
};

/// Shares texels out: those beyond cuts[k] go to colour k + 1 or beyond.
template <int kSteps, class Part>
HWY_INLINE Split<kSteps> split(const Block<Part>& block, const Places& places,
                               const VI32 (&cuts)[kSteps]) {
  Pairs cut[kSteps], count[kSteps], beyond[3][kSteps];
  for (int k = 0; k < kSteps; ++k) {
    cut[k] = both(cuts[k]);
    count[k] = beyond[0][k] = beyond[1][k] = beyond[2][k] = no_pairs();
  }
  Pairs bits = no_pairs();
  for (int i = 0; i < kPairs; ++i) {
    Pairs mask[kSteps];
    for (int k = 0; k < kSteps; ++k) {
      mask[k] = greater(places.at[i], cut[k]);
      if constexpr (!Part::kAll) mask[k] = and_not(block.part.outside[i], mask[k]);
      count[k] = count[k] - mask[k];
      for (int c = 0; c < 3; ++c) beyond[c][k] = beyond[c][k] + (block.rgb[c][i] & mask[k]);
    }
    // The index of the first colour is 0, of the last 1, of those between 2 (and 3).
    const auto one = both(static_cast<std::int16_t>(1 << (2 * i)));
    const auto two = both(static_cast<std::int16_t>(2 << (2 * i)));
    if constexpr (kSteps == 3)
      bits = bits | (two & (mask[0] ^ mask[2])) | (one & mask[1]);
    else
      bits = bits | (two & (mask[0] ^ mask[1])) | (one & mask[1]);
    if constexpr (!Part::kAll) bits = bits | ((one | two) & block.part.outside[i]);
  }
  VI32 counts[4], parts[3][4];
  counts[0] = hn::Sub(block.count, sum(count[0]));
  for (int k = 1; k <= kSteps; ++k)
    counts[k] = k < kSteps ? hn::Sub(sum(count[k - 1]), sum(count[k])) : sum(count[k - 1]);
  for (int c = 0; c < 3; ++c) {
    parts[c][0] = hn::Sub(block.sum[c], sum(beyond[c][0]));
    for (int k = 1; k <= kSteps; ++k)
      parts[c][k] =
          k < kSteps ? hn::Sub(sum(beyond[c][k - 1]), sum(beyond[c][k])) : sum(beyond[c][k - 1]);
  }
  return {make_clusters<kSteps>(counts, parts), words_of(bits)};
}

/// A line: the codes of each channel (first colour low, last high) and the block's indices. The
/// error is without the sum of the squares of the texels.
struct Line {
  Pairs codes[3];
  VI32 indices;
  VI32 error;
};

HWY_INLINE Line no_line() { return {{no_pairs(), no_pairs(), no_pairs()}, set_i32(0), set_i32(0)}; }

/// Takes the line where it is better.
HWY_INLINE void offer_line(const Line& line, Line& best) {
  const auto better = hn::Lt(line.error, best.error);
  for (int c = 0; c < 3; ++c)
    best.codes[c] =
        pairs_from_words(hn::IfThenElse(better, words_of(line.codes[c]), words_of(best.codes[c])));
  best.indices = hn::IfThenElse(better, line.indices, best.indices);
  best.error = hn::Min(best.error, line.error);
}

template <int kSteps>
HWY_INLINE Pairs between(Pairs ends) {
  return kSteps == 3 ? thirds_between(ends) : half_between(ends);
}

/// The error of one channel, but for the squares.
template <int kSteps, int kChannel>
HWY_INLINE VI32 channel_error(const Clusters& clusters, Pairs codes) {
  const Pairs outer = widen<kChannel>(codes);
  const Pairs inner = between<kSteps>(outer);
  return hn::Add(dot(outer, clusters.outer_count * outer - clusters.outer_sum[kChannel]),
                 dot(inner, clusters.inner_count * inner - clusters.inner_sum[kChannel]));
}

/// Takes the codes where they are better.
template <int kSteps, int kChannel>
HWY_INLINE void offer_codes(const Clusters& clusters, Pairs codes, Pairs& best, VI32& error) {
  const VI32 mine = channel_error<kSteps, kChannel>(clusters, codes);
  const auto better = hn::Lt(mine, error);
  error = hn::Min(error, mine);
  best = pairs_from_words(hn::IfThenElse(better, words_of(codes), words_of(best)));
}

/// Least squares: the ends of the lines that fit clusters best, before rounding to codes.
template <int kSteps>
struct EndSolver {
  Pairs first, last;  ///< What to multiply (sum of texels, sum of weight times texel) with.
  VF32 scale;

  HWY_INLINE explicit EndSolver(const Clusters& clusters) {
    const VI32 count = hn::Add(sum(clusters.outer_count), sum(clusters.inner_count));
    const VI32 w = weighted(clusters.outer_count, clusters.inner_count);
    const VI32 ww = hn::Add(dot(clusters.outer_count, ends_times(std::int16_t{kSteps * kSteps})),
                            dot(clusters.inner_count, pair_of(1, kSteps == 3 ? 4 : 0)));
    const VI32 determinant = hn::Sub(hn::Mul(count, ww), hn::Mul(w, w));
    scale = hn::Div(set_f32(0.5f), to_float(hn::Max(determinant, set_i32(1))));
    first = make_pairs(ww, hn::Neg(w));
    last = make_pairs(hn::Sub(ww, hn::Mul(w, set_i32(kSteps))),
                      hn::Sub(hn::Mul(count, set_i32(kSteps)), w));
  }

  static HWY_INLINE Pairs pair_of(std::int16_t low, std::int16_t high) {
    return low_high(both(low), both(high));
  }
  static HWY_INLINE Pairs ends_times(std::int16_t weight) { return pair_of(0, weight); }
  static HWY_INLINE VI32 weighted(Pairs outer, Pairs inner) {
    return hn::Add(dot(outer, ends_times(kSteps)), dot(inner, pair_of(1, kSteps == 3 ? 2 : 0)));
  }

  /// The codes below the ends of a channel, such that codes + 1 are codes as well.
  template <int kChannel>
  [[nodiscard]] HWY_INLINE Pairs floor_codes(const Clusters& clusters) const {
    constexpr float kTop = kChannel == 1 ? 63.0f : 31.0f;
    const Pairs outer = clusters.outer_sum[kChannel], inner = clusters.inner_sum[kChannel];
    const Pairs sums = make_pairs(hn::Add(sum(outer), sum(inner)), weighted(outer, inner));
    const VF32 to_code = hn::Mul(scale, set_f32(kTop / 255.0f));
    const auto floor_code = [&](Pairs with) {
      const VF32 code = hn::Mul(to_float(dot(sums, with)), to_code);
      return hn::ConvertTo(TagI32(), hn::Min(hn::Max(code, set_f32(0.0f)), set_f32(kTop - 1.0f)));
    };
    return make_pairs(floor_code(first), floor_code(last));
  }
};

/// The best codes of a channel among the four around the least squares solution and `codes`.
template <int kSteps, int kChannel>
HWY_INLINE VI32 fit_channel(const Clusters& clusters, const EndSolver<kSteps>& solver,
                            Pairs& codes) {
  using Solver = EndSolver<kSteps>;
  VI32 error = channel_error<kSteps, kChannel>(clusters, codes);
  const Pairs base = solver.template floor_codes<kChannel>(clusters);
  offer_codes<kSteps, kChannel>(clusters, base, codes, error);
  offer_codes<kSteps, kChannel>(clusters, base + Solver::pair_of(1, 0), codes, error);
  offer_codes<kSteps, kChannel>(clusters, base + Solver::pair_of(0, 1), codes, error);
  offer_codes<kSteps, kChannel>(clusters, base + Solver::pair_of(1, 1), codes, error);
  return error;
}

/// Moves the ends to where they fit the clusters best, never to worse ones.
template <int kSteps>
HWY_INLINE void fit_ends(const Split<kSteps>& split, Line& line) {
  const EndSolver<kSteps> solver(split.clusters);
  line.indices = split.indices;
  line.error = fit_channel<kSteps, 0>(split.clusters, solver, line.codes[0]);
  line.error = hn::Add(line.error, fit_channel<kSteps, 1>(split.clusters, solver, line.codes[1]));
  line.error = hn::Add(line.error, fit_channel<kSteps, 2>(split.clusters, solver, line.codes[2]));
}

/// Sets the indices of all lanes to `indices` and the ends to the codes whose mix at 2 : 1 is
/// nearest to the mean colour, where that is better: lines of four colours, for blocks of (nearly)
/// one colour.
HWY_INLINE void offer_flat(const Block<AllTexels>& block, Line& line) {
  const TagI32 d;
  Clusters clusters;
  clusters.outer_count = no_pairs();
  clusters.inner_count = EndSolver<3>::pair_of(16, 0);
  Pairs codes[3];
  for (int c = 0; c < 3; ++c) {
    clusters.outer_sum[c] = no_pairs();
    clusters.inner_sum[c] = make_pairs(hn::Add(block.sum[c], block.sum[c]), set_i32(0));
    const VI32 mean = hn::ShiftRight<4>(hn::Add(block.sum[c], set_i32(8)));
    const FlatTable& table = c == 1 ? kFlat6 : kFlat5;
    codes[c] = pairs_from_words(hn::GatherIndex(d, table.data(), mean));
  }
  const VI32 error = hn::Add(
      hn::Add(channel_error<3, 0>(clusters, codes[0]), channel_error<3, 1>(clusters, codes[1])),
      channel_error<3, 2>(clusters, codes[2]));
  constexpr auto kAllAtOneThird = static_cast<std::int32_t>(0xaaaaaaaau);
  offer_line({{codes[0], codes[1], codes[2]}, set_i32(kAllAtOneThird), error}, line);
}

/// Cuts half-way between neighbouring colours that lie evenly from `low` to `high`.
template <int kSteps>
HWY_INLINE void even_cuts(VI32 low, VI32 high, VI32 (&cuts)[kSteps]) {
  const VF32 start = to_float(low), length = to_float(hn::Sub(high, low));
  for (int k = 0; k < kSteps; ++k) {
    const float part = static_cast<float>(2 * k + 1) / static_cast<float>(2 * kSteps);
    cuts[k] = hn::NearestInt(hn::Add(start, hn::Mul(length, set_f32(part))));
  }
}

/// Shares the texels out among the colours of a line, each to the nearest (but for the rounding of
/// the line's direction to 7 bits).
template <int kSteps, class Part>
HWY_INLINE Split<kSteps> split_by_line(const Block<Part>& block, const Line& line) {
  const Pairs ends[3] = {widen<0>(line.codes[0]), widen<1>(line.codes[1]), widen<2>(line.codes[2])};
  VF32 axis[3];
  for (int c = 0; c < 3; ++c) axis[c] = to_float(hn::Sub(high_of(ends[c]), low_of(ends[c])));
  const Direction direction = make_direction(axis, hn::Min(scale_to_fit(axis), set_f32(1.0f)));
  const Pairs at =
      ends[0] * direction.rgb[0] + ends[1] * direction.rgb[1] + ends[2] * direction.rgb[2];
  VI32 cuts[kSteps];
  even_cuts<kSteps>(low_of(at), high_of(at), cuts);
  return split<kSteps>(block, project(block, direction), cuts);
}

/// Where the texels lie along the principal axis; those that do not take part lie in the middle.
template <class Part>
HWY_INLINE Places project_on_axis(const Block<Part>& block) {
  VF32 axis[3];
  principal_axis(covariance(block), axis);
  const Direction direction = make_direction(axis, scale_to_fit(axis));
  Places places = project(block, direction);
  if constexpr (!Part::kAll) {
    const VF32 scale = hn::Div(set_f32(1.0f), to_float(hn::Max(block.count, set_i32(1))));
    Pairs middle = no_pairs();
    for (int c = 0; c < 3; ++c)
      middle = middle + direction.rgb[c] *
                            both(hn::ConvertTo(TagI32(), hn::Mul(to_float(block.sum[c]), scale)));
    for (int i = 0; i < kPairs; ++i) places.at[i] = places.at[i] | (middle & block.part.outside[i]);
  }
  return places;
}

/// Shares the texels out by their places, evenly from the first to the last.
template <int kSteps, class Part>
HWY_INLINE Split<kSteps> split_by_places(const Block<Part>& block, const Places& places) {
  Pairs first = places.at[0], last = places.at[0];
  for (int i = 1; i < kPairs; ++i) {
    first = min(first, places.at[i]);
    last = max(last, places.at[i]);
  }
  VI32 cuts[kSteps];
  even_cuts<kSteps>(low_of(min(first, swap_halves(first))), low_of(max(last, swap_halves(last))),
                    cuts);
  return split<kSteps>(block, places, cuts);
}

}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#endif  // FORGE3D_BC1_LINE_INL
