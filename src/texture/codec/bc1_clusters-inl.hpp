// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Cluster fit, in lanes: of all ways to share out texels in their order along an axis among the
// colours of a line, the one whose least squares line is best (Simon Brown's Squish). With the
// texels' mean as the origin this is a regression of the texels on their weights, which explains
// |sum(w p)|^2 / (sum(w^2) - sum(w)^2 / n) of the sum of squares: three additions of prefix sums
// and a factor that the way alone decides.

#if defined(FORGE3D_BC1_CLUSTERS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef FORGE3D_BC1_CLUSTERS_INL
#undef FORGE3D_BC1_CLUSTERS_INL
#else
#define FORGE3D_BC1_CLUSTERS_INL
#endif

#include <hwy/highway.h>

#include <array>

#include "texture/codec/bc1_line-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace forge3d::codec {
namespace HWY_NAMESPACE {

/// Texels in their order along an axis.
struct Sorted {
  VI32 place[16];
  VI32 word[16];
};

HWY_INLINE void order(Sorted& s, int a, int b) {
  const VI32 place = s.place[a], word = s.word[a];
  const auto swap = hn::Gt(place, s.place[b]);
  s.place[a] = hn::Min(place, s.place[b]);
  s.place[b] = hn::Max(place, s.place[b]);
  s.word[a] = hn::IfThenElse(swap, s.word[b], word);
  s.word[b] = hn::IfThenElse(swap, word, s.word[b]);
}

/// Green's network of 60 comparisons.
HWY_INLINE void sort(Sorted& s) {
  constexpr std::uint8_t kNetwork[60][2] = {
      {0, 1},  {2, 3},   {4, 5},   {6, 7},   {8, 9},  {10, 11}, {12, 13}, {14, 15}, {0, 2},
      {4, 6},  {8, 10},  {12, 14}, {1, 3},   {5, 7},  {9, 11},  {13, 15}, {0, 4},   {8, 12},
      {1, 5},  {9, 13},  {2, 6},   {10, 14}, {3, 7},  {11, 15}, {0, 8},   {1, 9},   {2, 10},
      {3, 11}, {4, 12},  {5, 13},  {6, 14},  {7, 15}, {5, 10},  {6, 9},   {3, 12},  {13, 14},
      {4, 8},  {7, 11},  {1, 2},   {1, 4},   {7, 13}, {2, 8},   {11, 14}, {2, 4},   {5, 6},
      {9, 10}, {11, 13}, {3, 8},   {7, 12},  {6, 8},  {10, 12}, {3, 5},   {7, 9},   {3, 4},
      {5, 6},  {7, 8},   {9, 10},  {11, 12}, {6, 7},  {8, 9}};
  for (const auto& pair : kNetwork) order(s, pair[0], pair[1]);
}

/// Sums of the first k texels, for each k.
struct Prefixes {
  static constexpr std::size_t kLanes = BlockLanes();
  VF32 r[17], g[17], b[17];  ///< Less k times the mean.
  /// The plain sums, red below green. In memory, for lanes that want different k.
  alignas(64) std::int32_t red_green[17 * kLanes], blue[17 * kLanes];
};

HWY_INLINE void sum_in_order(const Block<AllTexels>& block, const Places& places, Prefixes& out) {
  const TagI32 d;
  Sorted sorted;
  for (int i = 0; i < kPairs; ++i) {
    sorted.place[i] = low_of(places.at[i]);
    sorted.place[i + kPairs] = high_of(places.at[i]);
    sorted.word[i] = hn::BitCast(d, block.words[i]);
    sorted.word[i + kPairs] = hn::BitCast(d, block.words[i + kPairs]);
  }
  sort(sorted);
  VF32 mean[3];
  for (int c = 0; c < 3; ++c) mean[c] = hn::Mul(to_float(block.sum[c]), set_f32(1.0f / 16));
  const VI32 byte = set_i32(255);
  VI32 red_green = set_i32(0), blue = set_i32(0);
  out.r[0] = out.g[0] = out.b[0] = set_f32(0);
  hn::Store(red_green, d, out.red_green);
  hn::Store(blue, d, out.blue);
  for (std::size_t k = 0; k < 16; ++k) {
    const VI32 word = sorted.word[k];
    const VI32 r = hn::And(word, byte), g = hn::And(hn::ShiftRight<8>(word), byte),
               b = hn::And(hn::ShiftRight<16>(word), byte);
    out.r[k + 1] = hn::Add(out.r[k], hn::Sub(to_float(r), mean[0]));
    out.g[k + 1] = hn::Add(out.g[k], hn::Sub(to_float(g), mean[1]));
    out.b[k + 1] = hn::Add(out.b[k], hn::Sub(to_float(b), mean[2]));
    red_green = hn::Add(red_green, hn::Or(r, hn::ShiftLeft<16>(g)));
    blue = hn::Add(blue, b);
    hn::Store(red_green, d, out.red_green + (k + 1) * Prefixes::kLanes);
    hn::Store(blue, d, out.blue + (k + 1) * Prefixes::kLanes);
  }
}

/// For each way to cut 16 texels, row after row (all cuts but the last fixed): the factor of its
/// gain, and what the rounding of the ends is expected to cost, in proportion to the sum of the
/// squares of both ends' weights.
template <int kSteps>
struct CutTable {
  static constexpr std::size_t kWays = kSteps == 3 ? 969 : 153;
  std::array<float, kWays> factor{}, rounding{};
};
template <int kSteps>
constexpr CutTable<kSteps> make_cut_table() {
  constexpr float kNoise = 8;
  CutTable<kSteps> out;
  std::size_t n = 0;
  for (int i = 0; i <= (kSteps == 3 ? 16 : 0); ++i)
    for (int j = i; j <= 16; ++j)
      for (int k = j; k <= 16; ++k, ++n) {
        const int after_i = kSteps == 3 ? j - i : 0;
        const auto w = static_cast<float>(after_i + (kSteps - 1) * (k - j) + kSteps * (16 - k));
        const auto ww = static_cast<float>(after_i + (kSteps - 1) * (kSteps - 1) * (k - j) +
                                           kSteps * kSteps * (16 - k));
        const float spread = ww - w * w / 16;
        out.factor[n] = spread > 0 ? 1 / spread : 0.0f;
        out.rounding[n] = kNoise * (16 - 2 * w / kSteps + 2 * ww / (kSteps * kSteps));
      }
  return out;
}
template <int kSteps>
inline constexpr CutTable<kSteps> kCutTable = make_cut_table<kSteps>();

/// Of the ways to cut with the last cut at `first_k` or later, the best: how much of the sum of
/// squares it explains. The last cut is in the lowest 5 bits of the number. (r, g, b): the sum of
/// the prefixes at the other cuts. `n`: where the row starts in the table.
template <int kSteps>
HWY_INLINE VF32 best_in_row(const Prefixes& p, VF32 r, VF32 g, VF32 b, int first_k, std::size_t n) {
  const CutTable<kSteps>& table = kCutTable<kSteps>;
  const TagI32 di;
  const TagF32 df;
  const VF32 clear = hn::BitCast(df, set_i32(~31));
  VF32 best = set_f32(-1e9f);
  for (int k = first_k; k <= 16; ++k, ++n) {
    const VF32 x = hn::Add(r, p.r[k]), y = hn::Add(g, p.g[k]), z = hn::Add(b, p.b[k]);
    const VF32 square = hn::Add(hn::Add(hn::Mul(x, x), hn::Mul(y, y)), hn::Mul(z, z));
    const VF32 gain =
        hn::Sub(hn::Mul(square, set_f32(table.factor[n])), set_f32(table.rounding[n]));
    best = hn::Max(best, hn::Or(hn::And(gain, clear), hn::BitCast(df, hn::Set(di, k))));
  }
  return best;
}

/// The best ways, best first. A cut is the number of texels before it times the number of lanes.
template <int kCount>
struct BestWays {
  VF32 gain[kCount];
  VI32 cuts[kCount];  ///< The first two cuts: 10 bits each. The last is in the gain.

  HWY_INLINE BestWays() {
    for (VF32& entry : gain) entry = set_f32(-1e9f);
    for (VI32& entry : cuts) entry = set_i32(0);
  }
  HWY_INLINE void offer(VF32 new_gain, VI32 new_cuts) {
    for (int i = 0; i < kCount; ++i) {
      const auto better = hn::RebindMask(TagI32(), hn::Gt(new_gain, gain[i]));
      const VF32 larger = hn::Max(gain[i], new_gain);
      new_gain = hn::Min(gain[i], new_gain);
      gain[i] = larger;
      const VI32 mine = cuts[i];
      cuts[i] = hn::IfThenElse(better, new_cuts, mine);
      new_cuts = hn::IfThenElse(better, mine, new_cuts);
    }
  }
};

template <int kSteps, int kCount>
HWY_INLINE void find_best_ways(const Prefixes& p, BestWays<kCount>& best) {
  constexpr int kLanes = static_cast<int>(BlockLanes());
  std::size_t n = 0;
  for (int i = 0; i <= (kSteps == 3 ? 16 : 0); ++i)
    for (int j = i; j <= 16; ++j) {
      best.offer(best_in_row<kSteps>(p, hn::Add(p.r[i], p.r[j]), hn::Add(p.g[i], p.g[j]),
                                     hn::Add(p.b[i], p.b[j]), j, n),
                 set_i32(i * kLanes | (j * kLanes) << 10));
      n += static_cast<std::size_t>(17 - j);
    }
}

/// Sums of the texels before a cut, and how many.
struct Before {
  VI32 red_green, blue, count;
};

/// The clusters that lie between cuts.
template <int kSteps>
HWY_INLINE Clusters clusters_between(const Block<AllTexels>& block, const Before (&cuts)[kSteps]) {
  VI32 count[4], sums[3][4];
  const VI32 low = set_i32(0xffff);
  for (int k = 0; k <= kSteps; ++k) {
    const VI32 zero = set_i32(0);
    const auto between_cuts = [&](auto field, VI32 all) {
      return hn::Sub(k < kSteps ? field(cuts[k]) : all, k > 0 ? field(cuts[k - 1]) : zero);
    };
    count[k] = between_cuts([](const Before& cut) { return cut.count; }, set_i32(16));
    sums[0][k] =
        between_cuts([&](const Before& cut) { return hn::And(cut.red_green, low); }, block.sum[0]);
    sums[1][k] = between_cuts([](const Before& cut) { return hn::ShiftRight<16>(cut.red_green); },
                              block.sum[1]);
    sums[2][k] = between_cuts([](const Before& cut) { return cut.blue; }, block.sum[2]);
  }
  return make_clusters<kSteps>(count, sums);
}

HWY_INLINE Before before_cut(const Prefixes& p, VI32 cut) {
  const TagI32 d;
  constexpr int kLog2Lanes = BlockLanes() == 16  ? 4
                             : BlockLanes() == 8 ? 3
                             : BlockLanes() == 4 ? 2
                                                 : 0;
  const VI32 at = hn::Add(cut, hn::Iota(d, 0));
  return {hn::GatherIndex(d, p.red_green, at), hn::GatherIndex(d, p.blue, at),
          hn::ShiftRight<kLog2Lanes>(cut)};
}

/// The line with the smallest error, rounded to codes, among those of the `kCount` ways to share
/// out the texels that promise most. Its indices are not known.
template <int kSteps, int kCount>
HWY_INLINE Line best_cluster_line(const Block<AllTexels>& block, const Places& places) {
  constexpr int kLanes = static_cast<int>(BlockLanes());
  Prefixes prefixes;
  sum_in_order(block, places, prefixes);
  BestWays<kCount> ways;
  find_best_ways<kSteps>(prefixes, ways);
  Line best = no_line();
  for (int i = 0; i < kCount; ++i) {
    const VI32 last = hn::And(hn::BitCast(TagI32(), ways.gain[i]), set_i32(31));
    const VI32 cuts[3] = {hn::And(ways.cuts[i], set_i32(1023)), hn::ShiftRight<10>(ways.cuts[i]),
                          hn::Mul(last, set_i32(kLanes))};
    Before before[kSteps];
    for (int k = 0; k < kSteps; ++k) before[k] = before_cut(prefixes, cuts[k + 3 - kSteps]);
    Line line = no_line();
    fit_ends(Split<kSteps>{clusters_between<kSteps>(block, before), set_i32(0)}, line);
    offer_line(line, best);
  }
  return best;
}

}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#endif  // FORGE3D_BC1_CLUSTERS_INL
