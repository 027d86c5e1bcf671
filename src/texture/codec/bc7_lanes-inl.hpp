// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// What the stages of the BC7 encoder share: texels of blocks in lanes, their moments and principal
// axes, and the best encoding so far. Included once a target, inside foreach_target.

#if defined(FORGE3D_BC7_LANES_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef FORGE3D_BC7_LANES_INL
#undef FORGE3D_BC7_LANES_INL
#else
#define FORGE3D_BC7_LANES_INL
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "texture/codec/bc7_layout.hpp"
#include "texture/codec/bc7_stage.hpp"
#include "texture/codec/bc7_writer.hpp"
#include "texture/codec/block_lanes-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace forge3d::codec {
namespace HWY_NAMESPACE {

inline constexpr int kTexelCount = 16;

HWY_INLINE VF32 real(float value) { return hn::Set(TagF32(), value); }
HWY_INLINE VF32 real(VI32 value) { return hn::ConvertTo(TagF32(), value); }
HWY_INLINE VI32 whole(int value) { return hn::Set(TagI32(), value); }
HWY_INLINE VI32 whole(VF32 value) { return hn::ConvertTo(TagI32(), value); }
HWY_INLINE VU32 word(std::uint32_t value) { return hn::Set(TagU32(), value); }
HWY_INLINE VU32 as_word(VI32 value) { return hn::BitCast(TagU32(), value); }
HWY_INLINE VI32 as_whole(VU32 value) { return hn::BitCast(TagI32(), value); }
HWY_INLINE VF32 as_real(VI32 value) { return hn::BitCast(TagF32(), value); }

// Pairs: two 16-bit numbers a lane, as two texel channels are worked on at once.
#if HWY_TARGET == HWY_SCALAR
HWY_INLINE VU32 pair_of(std::uint32_t low, std::uint32_t high) {
  return word((low & 0xffff) | high << 16);
}
HWY_INLINE VU32 pair_add(VU32 a, VU32 b) {
  return pair_of(a.raw + b.raw, (a.raw >> 16) + (b.raw >> 16));
}
HWY_INLINE VU32 pair_sub(VU32 a, VU32 b) {
  return pair_of(a.raw - b.raw, (a.raw >> 16) - (b.raw >> 16));
}
HWY_INLINE VU32 pair_mul(VU32 a, VU32 b) {
  return pair_of((a.raw & 0xffff) * (b.raw & 0xffff), (a.raw >> 16) * (b.raw >> 16));
}
template <int kBits>
HWY_INLINE VU32 pair_shift_right(VU32 a) {
  return pair_of((a.raw & 0xffff) >> kBits, a.raw >> (16 + kBits));
}
#else
using TagPair = hn::Repartition<std::int16_t, TagU32>;
using TagPairU = hn::Repartition<std::uint16_t, TagU32>;
HWY_INLINE VU32 pair_add(VU32 a, VU32 b) {
  const TagPairU d;
  return hn::BitCast(TagU32(), hn::Add(hn::BitCast(d, a), hn::BitCast(d, b)));
}
HWY_INLINE VU32 pair_sub(VU32 a, VU32 b) {
  const TagPairU d;
  return hn::BitCast(TagU32(), hn::Sub(hn::BitCast(d, a), hn::BitCast(d, b)));
}
HWY_INLINE VU32 pair_mul(VU32 a, VU32 b) {
  const TagPairU d;
  return hn::BitCast(TagU32(), hn::Mul(hn::BitCast(d, a), hn::BitCast(d, b)));
}
template <int kBits>
HWY_INLINE VU32 pair_shift_right(VU32 a) {
  return hn::BitCast(TagU32(), hn::ShiftRight<kBits>(hn::BitCast(TagPairU(), a)));
}
#endif

/// sum + low^2 + high^2. REQUIRES: both at most 255 in magnitude.
HWY_INLINE VI32 add_squares(VU32 pair, VI32 sum) {
#if HWY_TARGET != HWY_SCALAR && HWY_ARCH_X86
  VI32 unused = sum;  // On x86 all of the sum, of neighbours, is in the result.
  const auto numbers = hn::BitCast(TagPair(), pair);
  return hn::ReorderWidenMulAccumulate(TagI32(), numbers, numbers, sum, unused);
#else
  const VU32 squares = pair_mul(pair, pair);
  return hn::Add(sum,
                 as_whole(hn::Add(hn::And(squares, word(0xffff)), hn::ShiftRight<16>(squares))));
#endif
}

HWY_INLINE VU32 make_pair(VI32 low, VI32 high) {
  return hn::Or(hn::And(as_word(low), word(0xffff)), hn::ShiftLeft<16>(as_word(high)));
}

/// C channels of a vector of blocks: one (a plane of its own), three or four.
template <int C>
struct Pixels {
  VF32 value[C][kTexelCount];
  VU32 even[kTexelCount];  ///< Channels 0 and 2 as pairs,
  VU32 odd[kTexelCount];   ///< 1 and 3. With three channels, alpha stands for 255.
};

/// The channels of RGBA words. One channel: alpha.
template <int C>
HWY_INLINE void load_pixels(const VU32 (&words)[kTexelCount], Pixels<C>& pixels) {
  for (int i = 0; i < kTexelCount; ++i) {
    if constexpr (C == 1) {
      pixels.even[i] = hn::ShiftRight<24>(words[i]);
      pixels.value[0][i] = real(as_whole(pixels.even[i]));
    } else {
      const VU32 w = C == 3 ? hn::Or(words[i], word(0xff000000)) : words[i];
      pixels.even[i] = hn::And(w, word(0x00ff00ff));
      pixels.odd[i] = hn::And(hn::ShiftRight<8>(w), word(0x00ff00ff));
      pixels.value[0][i] = real(as_whole(hn::And(w, word(0xff))));
      pixels.value[1][i] = real(as_whole(hn::And(pixels.odd[i], word(0xff))));
      pixels.value[2][i] = real(as_whole(hn::ShiftRight<16>(pixels.even[i])));
      if constexpr (C == 4) pixels.value[3][i] = real(as_whole(hn::ShiftRight<24>(w)));
    }
  }
}

/// Number, sums and sums of products of a set of texels. Integers below 2^24, hence exact.
template <int C>
struct Moments {
  VF32 count;
  VF32 sum[C];
  VF32 product[C][C];  ///< [a][b] for a <= b only.
};

template <int C>
HWY_INLINE Moments<C> clear_moments() {
  Moments<C> m;
  m.count = real(0.0f);
  for (int a = 0; a < C; ++a) {
    m.sum[a] = real(0.0f);
    for (int b = a; b < C; ++b) m.product[a][b] = real(0.0f);
  }
  return m;
}

template <int C>
HWY_INLINE Moments<C> moments_of(const Pixels<C>& pixels) {
  Moments<C> m = clear_moments<C>();
  m.count = real(16.0f);
  for (int i = 0; i < kTexelCount; ++i)
    for (int a = 0; a < C; ++a) {
      const VF32 x = pixels.value[a][i];
      m.sum[a] = hn::Add(m.sum[a], x);
      for (int b = a; b < C; ++b)
        m.product[a][b] = hn::Add(m.product[a][b], hn::Mul(x, pixels.value[b][i]));
    }
  return m;
}

/// The same over the texels whose masks are set. `count` is left out.
template <int C>
HWY_INLINE Moments<C> moments_of(const Pixels<C>& pixels, const VI32 (&mask)[kTexelCount]) {
  Moments<C> m = clear_moments<C>();
  for (int i = 0; i < kTexelCount; ++i) {
    const VF32 inside = as_real(mask[i]);
    for (int a = 0; a < C; ++a) {
      const VF32 x = hn::And(inside, pixels.value[a][i]);
      m.sum[a] = hn::Add(m.sum[a], x);
      for (int b = a; b < C; ++b)
        m.product[a][b] = hn::Add(m.product[a][b], hn::Mul(x, pixels.value[b][i]));
    }
  }
  return m;
}

template <int C>
HWY_INLINE void subtract(Moments<C>& from, const Moments<C>& part) {
  from.count = hn::Sub(from.count, part.count);
  for (int a = 0; a < C; ++a) {
    from.sum[a] = hn::Sub(from.sum[a], part.sum[a]);
    for (int b = a; b < C; ++b)
      from.product[a][b] = hn::Sub(from.product[a][b], part.product[a][b]);
  }
}

/// A symmetric matrix.
template <int C>
struct Matrix {
  VF32 at[C][C];
};

/// Sums of products of the differences to the mean, times the number of texels.
template <int C>
HWY_INLINE Matrix<C> scaled_scatter(const Moments<C>& m) {
  Matrix<C> out;
  for (int a = 0; a < C; ++a)
    for (int b = a; b < C; ++b)
      out.at[a][b] = out.at[b][a] =
          hn::Sub(hn::Mul(m.count, m.product[a][b]), hn::Mul(m.sum[a], m.sum[b]));
  return out;
}

template <int C>
HWY_INLINE VF32 trace_of(const Matrix<C>& m) {
  VF32 trace = m.at[0][0];
  for (int c = 1; c < C; ++c) trace = hn::Add(trace, m.at[c][c]);
  return trace;
}

template <int C>
HWY_INLINE Matrix<C> scaled(Matrix<C> m, VF32 factor) {
  for (int a = 0; a < C; ++a)
    for (int b = a; b < C; ++b) m.at[a][b] = m.at[b][a] = hn::Mul(m.at[a][b], factor);
  return m;
}

/// The matrix scaled to trace 1; all zero when it is. REQUIRES: no trace between 0 and `least`.
template <int C>
HWY_INLINE Matrix<C> unit_trace(const Matrix<C>& m, float least) {
  return scaled(m, hn::Div(real(1.0f), hn::Max(trace_of(m), real(least))));
}

template <int C>
HWY_INLINE Matrix<C> squared(const Matrix<C>& m) {
  Matrix<C> out;
  for (int a = 0; a < C; ++a)
    for (int b = a; b < C; ++b) {
      VF32 sum = hn::Mul(m.at[a][0], m.at[0][b]);
      for (int k = 1; k < C; ++k) sum = hn::Add(sum, hn::Mul(m.at[a][k], m.at[k][b]));
      out.at[a][b] = out.at[b][a] = sum;
    }
  return out;
}

template <int C>
struct Vector {
  VF32 at[C];
};

template <int C>
HWY_INLINE VF32 dot(const Vector<C>& a, const Vector<C>& b) {
  VF32 sum = hn::Mul(a.at[0], b.at[0]);
  for (int c = 1; c < C; ++c) sum = hn::Add(sum, hn::Mul(a.at[c], b.at[c]));
  return sum;
}

template <int C>
HWY_INLINE Vector<C> times(const Matrix<C>& m, const Vector<C>& v) {
  Vector<C> out;
  for (int a = 0; a < C; ++a) {
    out.at[a] = hn::Mul(m.at[a][0], v.at[0]);
    for (int b = 1; b < C; ++b) out.at[a] = hn::Add(out.at[a], hn::Mul(m.at[a][b], v.at[b]));
  }
  return out;
}

/// The unit eigenvector of the largest eigenvalue of a covariance matrix, by the power method: its
/// largest row times its fourth power. Zero when the matrix is.
template <int C>
HWY_INLINE Vector<C> dominant_vector(const Matrix<C>& cov) {
  Vector<C> row;
  VF32 widest = cov.at[0][0];
  for (int c = 0; c < C; ++c) row.at[c] = cov.at[0][c];
  for (int a = 1; a < C; ++a) {
    const auto wider = hn::Gt(cov.at[a][a], widest);
    widest = hn::IfThenElse(wider, cov.at[a][a], widest);
    for (int c = 0; c < C; ++c) row.at[c] = hn::IfThenElse(wider, cov.at[a][c], row.at[c]);
  }
  Vector<C> axis = times(squared(squared(cov)), row);
  constexpr float kTiny = 1e-30f;
  const VF32 length = dot(axis, axis);
  const VF32 scale = hn::Div(real(1.0f), hn::Sqrt(hn::Max(length, real(kTiny))));
  for (int c = 0; c < C; ++c) axis.at[c] = hn::Mul(axis.at[c], scale);
  return axis;
}

/// The direction in which the texels scatter most. Zero when they coincide.
template <int C>
HWY_INLINE Vector<C> principal_axis(const Moments<C>& m) {
  if constexpr (C == 1)
    return {{real(1.0f)}};
  else
    return dominant_vector(unit_trace(scaled_scatter(m), 1.0f));
}

/// The direction in which the texels scatter most across `axis`, their principal one.
template <int C>
HWY_INLINE Vector<C> second_axis(const Moments<C>& m, const Vector<C>& axis) {
  Matrix<C> cov = unit_trace(scaled_scatter(m), 1.0f);
  const Vector<C> along = times(cov, axis);
  const VF32 spread = dot(along, axis);
  for (int a = 0; a < C; ++a)
    for (int b = a; b < C; ++b) {
      const VF32 both = hn::Mul(spread, hn::Mul(axis.at[a], axis.at[b]));
      const VF32 cross =
          hn::Add(hn::Mul(along.at[a], axis.at[b]), hn::Mul(axis.at[a], along.at[b]));
      cov.at[a][b] = cov.at[b][a] = hn::Add(cov.at[a][b], hn::Sub(both, cross));
    }
  constexpr float kTiny = 1e-6f;
  return dominant_vector(unit_trace(cov, kTiny));
}

/// The K cheapest variants of each lane, cheapest first. Costs are kept as the bits of floats (in
/// that order for positive ones), the variant in the lowest six.
template <int K>
class Ranking {
 public:
  HWY_INLINE Ranking() {
    for (VI32& entry : entry_) entry = whole(0x7fffffff);
  }
  HWY_INLINE void add(VF32 cost, int variant) {
    const VI32 bits = hn::BitCast(TagI32(), hn::Max(cost, real(0.0f)));
    VI32 entry = hn::Or(hn::And(bits, whole(~63)), whole(variant));
    for (int k = 0; k < K; ++k) {
      const VI32 smaller = hn::Min(entry_[k], entry);
      entry = hn::Max(entry_[k], entry);
      entry_[k] = smaller;
    }
  }
  HWY_INLINE void store(Bc7Ranking& ranking, std::size_t first, std::size_t rank = 0) const {
    for (std::size_t k = 0; k < K; ++k)
      hn::StoreU(as_word(entry_[k]), TagU32(), ranking[rank + k].data() + first);
  }

 private:
  VI32 entry_[K];
};

/// The texels of one vector of blocks: block_of(0 .. count - 1), the last one repeated.
template <class BlockOf>
HWY_INLINE void gather_words(const Bc7Chunk& chunk, std::size_t count, BlockOf block_of,
                             VU32 (&words)[kTexelCount]) {
  constexpr std::size_t kLanes = hn::MaxLanes(TagU32());
  constexpr std::size_t kRowBytes = 16;
  alignas(64) std::uint8_t copy[4 * kLanes * kRowBytes];
  for (std::size_t i = 0; i < kLanes; ++i) {
    const std::uint8_t* block = chunk.texels + block_of(std::min(i, count - 1)) * kRowBytes;
    for (std::size_t y = 0; y < 4; ++y)
      std::memcpy(copy + (y * kLanes + i) * kRowBytes, block + y * chunk.row_bytes, kRowBytes);
  }
  LoadWords(copy, kLanes * kRowBytes, words);
}

/// An encoding a lane.
struct Encoding {
  VI32 error;
  VU32 ends[6];
  VU32 color_index[2];  ///< Four bits a texel.
  VU32 alpha_index[2];
};

/// One vector of jobs.
class Group {
 public:
  Group(const Bc7Chunk& chunk, const Bc7Fit& fit, const Bc7Job* jobs, std::size_t count)
      : chunk_(chunk), fit_(fit), jobs_(jobs), count_(std::min(BlockLanes(), count)) {
    alignas(64) std::uint32_t variants[kLanes];
    for (std::size_t i = 0; i < kLanes; ++i) variants[i] = jobs[std::min(i, count_ - 1)].variant;
    variants_ = hn::Load(TagU32(), variants);
    gather_words(
        chunk, count_, [&](std::size_t i) { return jobs[i].block; }, words_);
  }

  [[nodiscard]] auto words() const -> const VU32 (&)[kTexelCount] { return words_; }
  [[nodiscard]] VU32 variants() const { return variants_; }
  [[nodiscard]] const Bc7Fit& fit() const { return fit_; }

  /// Writes the blocks that the encoding makes better.
  void store(const Encoding& encoding) const {
    alignas(64) std::uint32_t fields[kFields][kLanes];
    const TagU32 d;
    hn::Store(as_word(encoding.error), d, fields[0]);
    bool better = false;
    for (std::size_t i = 0; i < count_; ++i) better |= fields[0][i] < chunk_.errors[jobs_[i].block];
    if (!better) return;
    for (std::size_t e = 0; e < 6; ++e) hn::Store(encoding.ends[e], d, fields[1 + e]);
    for (std::size_t half = 0; half < 2; ++half) {
      hn::Store(encoding.color_index[half], d, fields[7 + half]);
      hn::Store(encoding.alpha_index[half], d, fields[9 + half]);
    }
    for (std::size_t i = 0; i < count_; ++i) {
      std::uint32_t& error = chunk_.errors[jobs_[i].block];
      if (fields[0][i] >= error) continue;
      error = fields[0][i];
      write_lane(fields, i);
    }
  }

 private:
  static constexpr std::size_t kLanes = hn::MaxLanes(TagU32());
  static constexpr int kFields = 11;

  void write_lane(const std::uint32_t (&fields)[kFields][kLanes], std::size_t i) const {
    const bool planes = fit_.mode == 4 || fit_.mode == 5;
    Bc7Block block;
    block.mode = fit_.mode;
    block.partition = planes ? 0 : jobs_[i].variant;
    block.rotation = planes ? jobs_[i].variant : 0;
    block.color_has_second_indices = fit_.second;
    for (std::size_t e = 0; e < 6; ++e) block.ends[e] = fields[1 + e][i];
    block.color_index = fields[7][i] | std::uint64_t{fields[8][i]} << 32;
    block.alpha_index = fields[9][i] | std::uint64_t{fields[10][i]} << 32;
    write_bc7(block, chunk_.out + jobs_[i].block * std::size_t{16});
    chunk_.heads[jobs_[i].block] = bc7_head(fit_.mode, fit_.second, jobs_[i].variant);
  }

  const Bc7Chunk& chunk_;
  const Bc7Fit& fit_;
  const Bc7Job* jobs_;
  std::size_t count_;
  VU32 variants_;
  VU32 words_[kTexelCount];
};

/// Calls body(group) for the jobs, a vector at a time.
template <class Body>
HWY_INLINE void for_each_group(const Bc7Chunk& chunk, const Bc7Fit& fit, const Bc7Job* jobs,
                               std::size_t count, Body body) {
  for (std::size_t first = 0; first < count; first += BlockLanes())
    body(Group(chunk, fit, jobs + first, count - first));
}

}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#endif  // FORGE3D_BC7_LANES_INL
