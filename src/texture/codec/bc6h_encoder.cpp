// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/bc6h_encoder.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "texture/codec/bc6h_decoder.hpp"
#include "texture/codec/bc6h_writer.hpp"
#include "texture/codec/bc7_layout.hpp"
#include "texture/codec/hdr_code.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "texture/codec/bc6h_encoder.cpp"
#include <hwy/foreach_target.h>
// Highway's own order: the header of its operations comes after it.
#include <hwy/highway.h>

#include "texture/codec/bc6h_lines-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace forge3d::codec {
namespace HWY_NAMESPACE {
namespace {

/// What a quality does.
struct Effort {
  int rounds;      ///< Of least squares and new indices.
  int partitions;  ///< Tried with two subsets.
};
constexpr Effort effort_of(Quality quality) {
  switch (quality) {
    case Quality::kFast:
      return {1, 0};
    case Quality::kNormal:
      return {2, 2};
    default:
      return {3, 6};
  }
}

/// Weights, first and second moments in the plane of a set of texels.
struct PlaneSums {
  VF32 w, x, y, xx, xy, yy;
};

/// What each texel adds to the moments.
struct PlaneTerms {
  VF32 term[16][6];
};

HWY_INLINE void make_terms(const Bc6hTexels& t, PlaneTerms& terms, PlaneSums& all) {
  VF32 sum[6];
  for (VF32& s : sum) s = hn::Zero(TagF32());
  for (std::size_t i = 0; i < 16; ++i) {
    VF32(&term)[6] = terms.term[i];
    term[0] = t.plane_weight[i];
    term[1] = hn::Mul(term[0], t.x[i]);
    term[2] = hn::Mul(term[0], t.y[i]);
    term[3] = hn::Mul(term[1], t.x[i]);
    term[4] = hn::Mul(term[1], t.y[i]);
    term[5] = hn::Mul(term[2], t.y[i]);
    for (std::size_t k = 0; k < 6; ++k) sum[k] = hn::Add(sum[k], term[k]);
  }
  all = {sum[0], sum[1], sum[2], sum[3], sum[4], sum[5]};
}

HWY_INLINE PlaneSums minus(const PlaneSums& a, const PlaneSums& b) {
  return {hn::Sub(a.w, b.w),   hn::Sub(a.x, b.x),   hn::Sub(a.y, b.y),
          hn::Sub(a.xx, b.xx), hn::Sub(a.xy, b.xy), hn::Sub(a.yy, b.yy)};
}

/// Scatter of a set of texels about their centre.
struct Scatter {
  VF32 xx, xy, yy, root;  ///< root: the difference of the eigenvalues.
  HWY_INLINE explicit Scatter(const PlaneSums& s) {
    const VF32 per_weight = hn::Div(fill(1), hn::Max(s.w, fill(kTiny)));
    const VF32 x = hn::Mul(s.x, per_weight);
    const VF32 y = hn::Mul(s.y, per_weight);
    xx = hn::Sub(s.xx, hn::Mul(x, s.x));
    xy = hn::Sub(s.xy, hn::Mul(x, s.y));
    yy = hn::Sub(s.yy, hn::Mul(y, s.y));
    const VF32 difference = hn::Sub(xx, yy);
    const VF32 twice = hn::Add(xy, xy);
    root = hn::Sqrt(hn::Add(hn::Mul(difference, difference), hn::Mul(twice, twice)));
  }
  /// Error of the best line with eight indices: what is off the line, and what rounding to the
  /// indices leaves.
  [[nodiscard]] HWY_INLINE VF32 error() const {
    const VF32 trace = hn::Add(xx, yy);
    const VF32 off = hn::Sub(trace, root);
    const VF32 along = hn::Add(trace, root);
    return hn::Add(off, hn::Mul(along, fill(1.0f / 49)));
  }
  /// A direction of the best line.
  HWY_INLINE void axis(VF32& x, VF32& y) const {
    // (root + xx - yy, 2 xy) or (2 xy, root - xx + yy), the longer of the two.
    const VF32 difference = hn::Sub(xx, yy);
    const VF32 twice = hn::Add(xy, xy);
    const MF32 wide = hn::Ge(difference, hn::Zero(TagF32()));
    const VF32 diagonal = hn::Add(root, hn::Abs(difference));
    x = hn::IfThenElse(wide, diagonal, twice);
    y = hn::IfThenElse(wide, twice, diagonal);
  }
};

/// The sums of subset 1 of a partition that is the same for all blocks.
HWY_INLINE PlaneSums sums_of_partition(const PlaneTerms& terms, std::uint32_t texels) {
  VF32 sum[6];
  for (VF32& s : sum) s = hn::Zero(TagF32());
  for (; texels != 0; texels &= texels - 1) {
    const VF32(&term)[6] = terms.term[hwy::Num0BitsBelowLS1Bit_Nonzero32(texels)];
    for (std::size_t k = 0; k < 6; ++k) sum[k] = hn::Add(sum[k], term[k]);
  }
  return {sum[0], sum[1], sum[2], sum[3], sum[4], sum[5]};
}

/// Estimates the error of every partition.
HWY_INLINE void rank_partitions(const PlaneTerms& terms, const PlaneSums& all,
                                VF32 (&errors)[kBc6hPartitions]) {
  for (std::size_t p = 0; p < kBc6hPartitions; ++p) {
    const PlaneSums one = sums_of_partition(terms, kTwoSubsets[p]);
    errors[p] = hn::Add(Scatter(one).error(), Scatter(minus(all, one)).error());
  }
}

/// Takes the best partition of each block out of the list.
HWY_INLINE VI32 take_partition(VF32 (&errors)[kBc6hPartitions]) {
  const TagI32 di;
  VF32 least = errors[0];
  VI32 best = hn::Zero(di);
  for (std::size_t p = 1; p < kBc6hPartitions; ++p) {
    const MF32 better = hn::Lt(errors[p], least);
    least = hn::IfThenElse(better, errors[p], least);
    best =
        hn::IfThenElse(hn::RebindMask(di, better), hn::Set(di, static_cast<std::int32_t>(p)), best);
  }
  for (std::size_t p = 0; p < kBc6hPartitions; ++p) {
    const auto taken = hn::Eq(best, hn::Set(di, static_cast<std::int32_t>(p)));
    errors[p] = hn::IfThenElse(hn::RebindMask(TagF32(), taken), fill(1e30f), errors[p]);
  }
  return best;
}

struct PartitionTable {
  std::array<std::int32_t, kBc6hPartitions> texels{}, anchors{};
  constexpr PartitionTable() {
    for (std::size_t p = 0; p < kBc6hPartitions; ++p) {
      texels[p] = kTwoSubsets[p];
      anchors[p] = kAnchorOfTwo[p];
    }
  }
};
constexpr PartitionTable kPartitionTable;

HWY_INLINE Shape shape_of(VI32 partition) {
  return {hn::GatherIndex(TagI32(), kPartitionTable.texels.data(), partition),
          hn::GatherIndex(TagI32(), kPartitionTable.anchors.data(), partition)};
}

/// Places of texels between the extremes of their subset along its axis; the subset's anchor lies
/// in the first half.
struct Extent {
  VF32 least, range, anchor;
  HWY_INLINE Extent() : least(fill(1e30f)), range(fill(-1e30f)), anchor(hn::Zero(TagF32())) {}
  HWY_INLINE void widen(VF32 low, VF32 high) {
    least = hn::Min(least, low);
    range = hn::Max(range, high);
  }
  /// From extremes to the place of a texel: (along - least) * range.
  HWY_INLINE void finish() {
    const VF32 greatest = range;
    const VF32 length = hn::Sub(greatest, least);
    const MF32 long_enough = hn::Gt(length, fill(kTiny));
    const VF32 scale = hn::IfThenElseZero(
        long_enough, hn::Div(fill(1), hn::IfThenElse(long_enough, length, fill(1))));
    const MF32 turned =
        hn::Gt(hn::Sub(hn::Add(anchor, anchor), hn::Add(greatest, least)), hn::Zero(TagF32()));
    least = hn::IfThenElse(turned, greatest, least);
    range = hn::IfThenElse(turned, hn::Neg(scale), scale);
  }
};

template <int kSubsets>
HWY_INLINE void to_places(const PerTexel& along, const Shape& shape, PerTexel& places) {
  Extent extents[kSubsets];
  for (std::size_t i = 0; i < 16; ++i) {
    if constexpr (kSubsets == 1) {
      extents[0].widen(along[i], along[i]);
    } else {
      const MF32 in = shape.has(i);
      extents[0].widen(hn::IfThenElse(in, extents[0].least, along[i]),
                       hn::IfThenElse(in, extents[0].range, along[i]));
      extents[1].widen(hn::IfThenElse(in, along[i], extents[1].least),
                       hn::IfThenElse(in, along[i], extents[1].range));
      extents[1].anchor = hn::IfThenElse(shape.is_anchor(i), along[i], extents[1].anchor);
    }
  }
  extents[0].anchor = along[0];
  for (Extent& extent : extents) extent.finish();
  for (std::size_t i = 0; i < 16; ++i) {
    VF32 least = extents[0].least, range = extents[0].range;
    if constexpr (kSubsets == 2) {
      const MF32 in = shape.has(i);
      least = hn::IfThenElse(in, extents[1].least, least);
      range = hn::IfThenElse(in, extents[1].range, range);
    }
    const VF32 exact =
        hn::Mul(hn::Sub(along[i], least), hn::Mul(range, fill(kLastIndex<kSubsets>)));
    places[i] = place_of_index<kSubsets>(hn::Floor(hn::Add(exact, fill(0.5f))));
  }
}

template <int kSubsets>
HWY_INLINE void fit(const Bc6hTexels& t, const Shape& shape, VI32 partition, const Bc6hRange& range,
                    int rounds, PerTexel& places, Best& best) {
  for (int round = 0; round < rounds; ++round) {
    // The last round of two subsets takes a finer mode and cuts off what it does not reach.
    const float slack = kSubsets == 2 && round > 0 && round + 1 == rounds ? 1.5f : 1.0f;
    LineFit lines[kSubsets];
    fit_lines<kSubsets>(t, shape, places, range, lines);
    const ModeLanes modes = choose_mode<kSubsets>(lines, slack);
    Coded<kSubsets> coded;
    code_lines<kSubsets>(t, lines, modes, range, coded);
    PerTexel indices;
    const VF32 error = assign<kSubsets>(t, shape, coded, indices, places);
    keep_better<kSubsets>(error, modes.mode, partition, coded, indices, best);
  }
}

HWY_INLINE void try_one_subset(const Bc6hTexels& t, const Bc6hRange& range, int rounds,
                               Best& best) {
  const VI32 zero = hn::Zero(TagI32());
  const Shape shape{zero, zero};
  PerTexel places;
  to_places<1>(t.x, shape, places);
  fit<1>(t, shape, zero, range, rounds, places, best);
}

HWY_INLINE void try_partition(const Bc6hTexels& t, const PlaneTerms& terms, const PlaneSums& all,
                              VI32 partition, const Bc6hRange& range, int rounds, Best& best) {
  const Shape shape = shape_of(partition);
  VF32 sum[6];
  for (VF32& s : sum) s = hn::Zero(TagF32());
  for (std::size_t i = 0; i < 16; ++i) {
    const MF32 in = shape.has(i);
    for (std::size_t k = 0; k < 6; ++k)
      sum[k] = hn::Add(sum[k], hn::IfThenElseZero(in, terms.term[i][k]));
  }
  const PlaneSums one{sum[0], sum[1], sum[2], sum[3], sum[4], sum[5]};
  VF32 x[2], y[2];
  Scatter(minus(all, one)).axis(x[0], y[0]);
  Scatter(one).axis(x[1], y[1]);
  PerTexel along, places;
  for (std::size_t i = 0; i < 16; ++i) {
    const MF32 in = shape.has(i);
    along[i] = hn::Add(hn::Mul(t.x[i], hn::IfThenElse(in, x[1], x[0])),
                       hn::Mul(t.y[i], hn::IfThenElse(in, y[1], y[0])));
  }
  to_places<2>(along, shape, places);
  fit<2>(t, shape, partition, range, rounds, places, best);
}

/// Indices of texels first .. first + 7, `bits` each, the first one lowest.
HWY_INLINE VU32 pack_indices(const VF32 (&indices)[16], std::size_t first, VU32 bits) {
  const TagU32 d;
  VU32 row = hn::Zero(d);
  for (std::size_t i = first + 8; i-- > first;)
    row = hn::Or(hn::Shl(row, bits), hn::BitCast(d, hn::ConvertTo(TagI32(), indices[i])));
  return row;
}

HWY_INLINE void write_blocks(const Best& best, std::size_t count, std::uint8_t* out) {
  constexpr std::size_t kLanes = BlockLanes();
  const TagI32 di;
  const TagU32 du;
  alignas(64) std::int32_t modes[kLanes], partitions[kLanes], codes[12][kLanes];
  alignas(64) std::uint32_t low[kLanes], high[kLanes], index_bits[kLanes];
  hn::Store(best.mode, di, modes);
  hn::Store(best.partition, di, partitions);
  for (std::size_t k = 0; k < 12; ++k)
    hn::Store(hn::ConvertTo(di, best.codes[k / 3][k % 3]), di, codes[k]);
  const auto one_subset = hn::RebindMask(du, hn::Gt(best.mode, hn::Set(di, 9)));
  const VU32 bits = hn::IfThenElse(one_subset, hn::Set(du, 4), hn::Set(du, 3));
  hn::Store(bits, du, index_bits);
  hn::Store(pack_indices(best.indices, 0, bits), du, low);
  hn::Store(pack_indices(best.indices, 8, bits), du, high);
  for (std::size_t lane = 0; lane < count; ++lane) {
    Bc6hBlock block;
    block.mode = modes[lane];
    block.partition = partitions[lane];
    for (std::size_t k = 0; k < 12; ++k) block.ends[k / 3][k % 3] = codes[k][lane];
    block.indices = low[lane] | std::uint64_t{high[lane]} << (8 * index_bits[lane]);
    write_bc6h(block, out + 16 * lane);
  }
}

HWY_INLINE void encode_lanes(const std::uint8_t* texels, std::size_t row_bytes,
                             const Bc6hRange& range, const Effort& effort, std::size_t count,
                             std::uint8_t* out) {
  Bc6hTexels t;
  read_texels(texels, row_bytes, range, t);
  Best best;
  best.error = fill(1e35f);
  best.mode = hn::Set(TagI32(), 10);
  best.partition = hn::Zero(TagI32());
  for (auto& end : best.codes)
    for (VF32& code : end) code = hn::Zero(TagF32());
  for (VF32& index : best.indices) index = hn::Zero(TagF32());
  try_one_subset(t, range, effort.rounds, best);
  if (effort.partitions > 0) {
    PlaneTerms terms;
    PlaneSums all;
    make_terms(t, terms, all);
    VF32 errors[kBc6hPartitions];
    rank_partitions(terms, all, errors);
    for (int k = 0; k < effort.partitions; ++k)
      try_partition(t, terms, all, take_partition(errors), range, effort.rounds, best);
  }
  write_blocks(best, count, out);
}

HWY_ATTR void encode_bc6h_blocks(const EncodeRun& run) {
  constexpr std::size_t kLanes = BlockLanes();
  constexpr std::size_t kBlockRowBytes = 32;
  const Bc6hRange range = bc6h_range(run.format == Format::kBC6HSfloat);
  const Effort effort = effort_of(run.quality);
  std::size_t first = 0;
  for (; first + kLanes <= run.blocks; first += kLanes)
    encode_lanes(run.texels + first * kBlockRowBytes, run.row_bytes, range, effort, kLanes,
                 run.out + 16 * first);
  if (first == run.blocks) return;
  // The rest beside copies of the last block.
  alignas(64) std::uint8_t copy[4 * kLanes * kBlockRowBytes];
  for (std::size_t y = 0; y < 4; ++y)
    for (std::size_t i = 0; i < kLanes; ++i)
      std::memcpy(
          copy + (y * kLanes + i) * kBlockRowBytes,
          run.texels + y * run.row_bytes + std::min(first + i, run.blocks - 1) * kBlockRowBytes,
          kBlockRowBytes);
  encode_lanes(copy, kLanes * kBlockRowBytes, range, effort, run.blocks - first,
               run.out + 16 * first);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace forge3d::codec {

namespace {

/// The squares of a block's differences, texels in rows of `row_bytes`.
std::uint64_t squares_of_block(const std::uint8_t* texels, std::size_t row_bytes,
                               const std::uint16_t* decoded, std::size_t decoded_row,
                               bool is_signed) {
  const auto codes = hdr_codes();
  std::uint64_t sum = 0;
  for (std::size_t y = 0; y < 4; ++y) {
    std::array<std::uint16_t, 16> row;
    std::memcpy(row.data(), texels + y * row_bytes, sizeof(row));
    for (std::size_t i = 0; i < 16; ++i) {
      if (i % 4 == 3) continue;
      const std::int32_t wanted = codes[row[i]];
      const std::int64_t off = std::int64_t{is_signed ? wanted : std::max(wanted, 0)} -
                               codes[decoded[y * decoded_row + i]];
      sum += static_cast<std::uint64_t>(off * off);
    }
  }
  return sum;
}

void measure_errors(const EncodeRun& run) {
  constexpr std::size_t kAtOnce = 16;
  constexpr std::size_t kRow = 16 * kAtOnce;
  std::array<std::uint16_t, 4 * kRow> decoded;
  for (std::size_t first = 0; first < run.blocks; first += kAtOnce) {
    const std::size_t count = std::min(kAtOnce, run.blocks - first);
    decode_bc6h_run({run.out + 16 * first, count, run.format,
                     reinterpret_cast<std::uint8_t*>(decoded.data()), 2 * kRow});
    for (std::size_t i = 0; i < count; ++i)
      run.errors[first + i] = hdr_error(squares_of_block(run.texels + 32 * (first + i),
                                                         run.row_bytes, decoded.data() + 16 * i,
                                                         kRow, run.format == Format::kBC6HSfloat));
  }
}

}  // namespace

HWY_EXPORT(encode_bc6h_blocks);

void encode_bc6h_run(const EncodeRun& run) {
  HWY_DYNAMIC_DISPATCH(encode_bc6h_blocks)(run);
  if (run.errors != nullptr) measure_errors(run);
}

}  // namespace forge3d::codec
#endif
