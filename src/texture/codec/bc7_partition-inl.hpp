// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Guesses which partitions let lines through their subsets fit a block best, without fitting them.
//
// The texels are projected on the plane of their two largest principal axes. There, each subset's
// scatter about its best line is the smaller eigenvalue of a 2 x 2 matrix, a closed form of five
// sums; and the sums of all partitions are put together from those over parts of the rows.
// Included once a target.

#if defined(FORGE3D_BC7_PARTITION_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef FORGE3D_BC7_PARTITION_INL
#undef FORGE3D_BC7_PARTITION_INL
#else
#define FORGE3D_BC7_PARTITION_INL
#endif

#include "texture/codec/bc7_line-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace forge3d::codec {
namespace HWY_NAMESPACE {

/// Bit i of [p][s - 1]: partition p puts texel i into subset s. And 1 over the subsets' sizes.
template <int S>
struct PartitionTable {
  std::array<std::array<std::uint32_t, S - 1>, kPartitions> bits{};
  std::array<std::array<float, S>, kPartitions> share{};
};
template <int S>
constexpr PartitionTable<S> make_partition_table() {
  PartitionTable<S> table;
  for (std::size_t p = 0; p < kPartitions; ++p) {
    std::array<int, S> count{};
    for (int i = 0; i < kTexelCount; ++i) {
      const auto s = static_cast<std::size_t>(bc7_subset(S, static_cast<int>(p), i));
      ++count[s];
      if (s > 0) table.bits[p][s - 1] |= 1u << i;
    }
    for (std::size_t s = 0; s < S; ++s) table.share[p][s] = 1.0f / static_cast<float>(count[s]);
  }
  return table;
}
template <int S>
inline constexpr PartitionTable<S> kPartitionTable = make_partition_table<S>();

/// The masks of a partition a lane.
template <int S>
HWY_INLINE void load_subsets(VU32 partition, Subsets<S>& subsets) {
  subsets.count[0] = real(16.0f);
  for (int s = 1; s < S; ++s) {
    const VI32 at = hn::Add(as_whole(partition), S == 3 ? as_whole(partition) : whole(0));
    const std::uint32_t* table = kPartitionTable<S>.bits[0].data() + (s - 1);
    const VI32 bits = as_whole(hn::GatherIndex(TagU32(), table, at));
    VI32 count = whole(0);
    for (int i = 0; i < kTexelCount; ++i) {
      subsets.mask[s - 1][i] = hn::BroadcastSignBit(hn::ShiftLeftSame(bits, 31 - i));
      count = hn::Sub(count, subsets.mask[s - 1][i]);
    }
    subsets.count[s] = real(count);
    subsets.count[0] = hn::Sub(subsets.count[0], subsets.count[s]);
  }
}

/// Sums of x, y, x^2, x y and y^2 over a set of texels in the plane.
struct PlaneSums {
  VF32 x, y, xx, xy, yy;
};

/// The same for each of the 16 subsets of the four texels of each row.
struct RowSums {
  VF32 at[4][16][5];
};

HWY_INLINE PlaneSums sums_of(const RowSums& rows, std::uint32_t texels) {
  const VF32(&a)[5] = rows.at[0][texels & 15];
  const VF32(&b)[5] = rows.at[1][texels >> 4 & 15];
  const VF32(&c)[5] = rows.at[2][texels >> 8 & 15];
  const VF32(&d)[5] = rows.at[3][texels >> 12 & 15];
  VF32 sum[5];
  for (int q = 0; q < 5; ++q) sum[q] = hn::Add(hn::Add(a[q], b[q]), hn::Add(c[q], d[q]));
  return {sum[0], sum[1], sum[2], sum[3], sum[4]};
}

HWY_INLINE PlaneSums operator-(const PlaneSums& a, const PlaneSums& b) {
  return {hn::Sub(a.x, b.x), hn::Sub(a.y, b.y), hn::Sub(a.xx, b.xx), hn::Sub(a.xy, b.xy),
          hn::Sub(a.yy, b.yy)};
}

/// Scatter of a set: the sum along the plane's axes, and the difference between those along and
/// across its best line.
struct Scatter {
  VF32 trace, gap;
};

HWY_INLINE Scatter scatter_of(const PlaneSums& sums, float share) {
  const VF32 n = real(share);
  const VF32 x = hn::Mul(sums.x, n);
  const VF32 y = hn::Mul(sums.y, n);
  const VF32 a = hn::Sub(sums.xx, hn::Mul(sums.x, x));
  const VF32 b = hn::Sub(sums.xy, hn::Mul(sums.x, y));
  const VF32 c = hn::Sub(sums.yy, hn::Mul(sums.y, y));
  const VF32 difference = hn::Sub(a, c);
  const VF32 twice = hn::Add(b, b);
  const VF32 square = hn::Add(hn::Mul(difference, difference), hn::Mul(twice, twice));
  return {hn::Add(a, c), hn::Sqrt(square)};
}

/// All of the scatter across lines and a part of that along them: what their steps leave. (Evenly
/// spread texels would keep 1 / steps^2 of it. The few of a subset keep a third of that, as ends
/// adapt to them.)
struct ScatterCost {
  explicit constexpr ScatterCost(float left) : of_trace(0.5f * (1 + left)), of_gap(1 - of_trace) {}
  float of_trace, of_gap;
};

class PartitionGuess {
 public:
  template <int C>
  HWY_NOINLINE PartitionGuess(const Pixels<C>& pixels, const Moments<C>& moments) {
    const Vector<C> first = principal_axis(moments);
    const Vector<C> second = second_axis(moments, first);
    Vector<C> mean;
    for (int c = 0; c < C; ++c) mean.at[c] = hn::Mul(moments.sum[c], real(1.0f / 16));
    const VF32 x0 = dot(first, mean);
    const VF32 y0 = dot(second, mean);
    for (int row = 0; row < 4; ++row) {
      for (VF32& value : rows_.at[row][0]) value = real(0.0f);
      for (int i = 0; i < 4; ++i) {
        Vector<C> texel;
        for (int c = 0; c < C; ++c) texel.at[c] = pixels.value[c][4 * row + i];
        const VF32 x = hn::Sub(dot(first, texel), x0);
        const VF32 y = hn::Sub(dot(second, texel), y0);
        const VF32 values[5] = {x, y, hn::Mul(x, x), hn::Mul(x, y), hn::Mul(y, y)};
        const int bit = 1 << i;
        for (int set = 0; set < bit; ++set)
          for (int q = 0; q < 5; ++q)
            rows_.at[row][bit | set][q] = hn::Add(rows_.at[row][set][q], values[q]);
      }
    }
  }

  /// Calls visit(scatter, partition) for the first `count` partitions into S subsets.
  template <int S, class Visit>
  HWY_INLINE void each(int count, Visit visit) const {
    const PlaneSums all = sums_of(rows_, 0xffff);
    for (int p = 0; p < count; ++p) {
      const auto& bits = kPartitionTable<S>.bits[static_cast<std::size_t>(p)];
      const auto& share = kPartitionTable<S>.share[static_cast<std::size_t>(p)];
      PlaneSums rest = all;
      Scatter sum{real(0.0f), real(0.0f)};
      for (std::size_t s = 1; s < S; ++s) {
        const PlaneSums part = sums_of(rows_, bits[s - 1]);
        rest = rest - part;
        const Scatter own = scatter_of(part, share[s]);
        sum = {hn::Add(sum.trace, own.trace), hn::Add(sum.gap, own.gap)};
      }
      const Scatter own = scatter_of(rest, share[0]);
      visit(Scatter{hn::Add(sum.trace, own.trace), hn::Add(sum.gap, own.gap)}, p);
    }
  }

 private:
  RowSums rows_;
};

inline constexpr ScatterCost kFourLevelCost(0.03f);
inline constexpr ScatterCost kEightLevelCost(0.007f);

HWY_INLINE VF32 cost_of(const Scatter& scatter, const ScatterCost& cost) {
  return hn::Sub(hn::Mul(scatter.trace, real(cost.of_trace)),
                 hn::Mul(scatter.gap, real(cost.of_gap)));
}

/// Fits lines under a partition a lane, as the mode has them.
template <int C, int S>
HWY_NOINLINE void fit_partition(const Group& group) {
  Pixels<C> pixels;
  load_pixels(group.words(), pixels);
  Subsets<S> subsets;
  load_subsets(group.variants(), subsets);
  const LineFitter<C, S> fitter(pixels, moments_of(pixels), subsets,
                                line_format(group.fit().mode, C == 3));
  Fit<C, S> fit;
  fitter.fit(group.fit(), fit);
  group.store(encoding_of(fit));
}

/// Calls rank(guess, first) for the blocks, a vector at a time.
template <int C, class Rank>
HWY_INLINE void for_each_guess(const Bc7Chunk& chunk, const std::uint16_t* blocks,
                               std::size_t count, Rank rank) {
  for (std::size_t first = 0; first < count; first += BlockLanes()) {
    VU32 words[kTexelCount];
    gather_words(
        chunk, std::min(BlockLanes(), count - first),
        [&](std::size_t i) { return blocks[first + i]; }, words);
    Pixels<C> pixels;
    load_pixels(words, pixels);
    rank(PartitionGuess(pixels, moments_of(pixels)), first);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#endif  // FORGE3D_BC7_PARTITION_INL
