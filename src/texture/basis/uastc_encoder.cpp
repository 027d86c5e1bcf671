// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// The UASTC encoder: the ASTC encoder's fits of lines and weights, a block a lane, with what UASTC
// has of modes and partitions.

#include "texture/basis/uastc_encoder.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "texture/basis/uastc_encoder.cpp"
#include <hwy/foreach_target.h>
// Highway's own order: the header of its operations comes after it.
#include <fmt/format.h>
#include <hwy/highway.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "texture/basis/uastc_choices.hpp"
#include "texture/basis/uastc_hints.hpp"
#include "texture/basis/uastc_writer.hpp"
#include "texture/codec/astc_split-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace forge3d::basis {
namespace HWY_NAMESPACE {
namespace {

using namespace codec::HWY_NAMESPACE;  // NOLINT: the lanes of this target
using codec::AstcChoice;
using codec::EncodeRun;

constexpr int kTexels = 16;
/// Blocks whose codings are kept at once.
constexpr std::size_t kChunk = 64;
constexpr std::size_t kMaxSplits = 49;

/// What each quality may spend.
struct Effort {
  int choices;                ///< Modes of one line, by estimate, that are fitted.
  int rounds;                 ///< Least-squares corrections of a fit.
  int starts;                 ///< Fits from lines of different lengths.
  int splits;                 ///< Splits in two that are fitted.
  int coarse;                 ///< Those of them also with finer weights and coarser ends.
  int thirds;                 ///< Splits in three that are fitted.
  int planes;                 ///< Channels that are fitted with a plane of their own.
  std::uint32_t good_enough;  ///< Blocks of no more error get one line only.
};

constexpr Effort effort_of(Quality quality) {
  switch (quality) {
    case Quality::kFast:
      return {1, 1, 1, 1, 0, 0, 0, 48};
    case Quality::kNormal:
      return {2, 1, 2, 2, 1, 1, 1, 24};
    default:
      break;
  }
  return {4, 2, 5, 4, 2, 2, 3, 0};
}

/// Some blocks of a chunk, by index.
struct BlockList {
  std::size_t count = 0;
  std::array<std::uint32_t, kChunk> index;
  void add(std::size_t block) { index[count++] = static_cast<std::uint32_t>(block); }
};

/// A run of at most kChunk blocks and the best codings so far.
struct Chunk {
  EncodeRun run;
  std::array<UastcCoding, kChunk> best;
};

/// As many blocks of a chunk as there are lanes.
struct LaneBlocks {
  std::size_t count;  ///< Those that matter; the others repeat the last one.
  std::uint32_t index[BlockLanes()];
};

/// Calls body(blocks) for as many blocks of a list as there are lanes.
template <class Body>
HWY_INLINE void for_each_lanes(const BlockList& list, const Body& body) {
  constexpr std::size_t kLanes = BlockLanes();
  for (std::size_t first = 0; first < list.count; first += kLanes) {
    LaneBlocks blocks{};
    blocks.count = std::min(kLanes, list.count - first);
    for (std::size_t i = 0; i < kLanes; ++i)
      blocks.index[i] = list.index[first + std::min(i, blocks.count - 1)];
    body(blocks);
  }
}

template <int kChannels>
using Texels = LaneTexels<kTexels, kChannels>;

template <int kChannels>
HWY_INLINE void load_lanes(const Chunk& chunk, const LaneBlocks& blocks,
                           Texels<kChannels>& texels) {
  load_blocks<4, 4, kChannels>(chunk.run, blocks.index, false, texels);
}

/// The color end mode of ASTC for so many channels.
template <int kChannels>
constexpr int kEnds = 4 * (kChannels - 1);

/// A fit in memory, a column a lane.
template <int kChannels, int kParts>
struct StoredFit {
  static constexpr std::size_t kValues = std::size_t{2} * kParts * kChannels;
  alignas(64) std::int32_t error[BlockLanes()], choice[BlockLanes()];
  alignas(64) std::int32_t value[kValues][BlockLanes()], weight[kTexels][BlockLanes()];

  HWY_INLINE explicit StoredFit(const Fitted<kTexels, kParts, kEnds<kChannels>>& fit) {
    const TagI32 d;
    hn::Store(fit.error, d, error);
    hn::Store(fit.choice, d, choice);
    for (std::size_t k = 0; k < kValues; ++k) hn::Store(fit.value[k], d, value[k]);
    for (std::size_t i = 0; i < kTexels; ++i) hn::Store(fit.weight[i], d, weight[i]);
  }
  [[nodiscard]] bool is_better(std::size_t lane, const UastcCoding& best) const {
    return error[lane] != kNoFit && static_cast<std::uint32_t>(error[lane]) < best.error;
  }
  void weights_of(std::size_t lane, std::array<std::uint8_t, 16>& out) const {
    for (std::size_t i = 0; i < kTexels; ++i) out[i] = static_cast<std::uint8_t>(weight[i][lane]);
  }
};

/// The modes that have luminance instead of colors: the numbers of red and alpha stand for all.
constexpr bool is_luminance(int mode) { return mode >= 15 && mode <= 17; }

/// Keeps what is better than the best of each block. `splits`: by lane, where there are subsets.
template <int kChannels, int kParts>
void keep(const Fitted<kTexels, kParts, kEnds<kChannels>>& fit,
          const std::vector<AstcChoice>& choices, const UastcSplit* const* splits,
          const LaneBlocks& blocks, Chunk& chunk) {
  const StoredFit<kChannels, kParts> stored(fit);
  for (std::size_t lane = 0; lane < blocks.count; ++lane) {
    UastcCoding& best = chunk.best[blocks.index[lane]];
    if (!stored.is_better(lane, best)) continue;
    best.error = static_cast<std::uint32_t>(stored.error[lane]);
    best.mode =
        static_cast<std::uint8_t>(choices[static_cast<std::size_t>(stored.choice[lane])].mode);
    if (splits != nullptr) {
      best.pattern = splits[lane]->pattern;
      if (splits[lane]->mode == 7) best.mode = 7;  // mode 4 with other patterns
    }
    std::size_t at = 0;
    for (std::size_t k = 0; k < stored.kValues; ++k) {
      const std::size_t c = k / 2 % kChannels;
      if (is_luminance(best.mode) && (c == 1 || c == 2)) continue;
      best.values[at++] = static_cast<std::uint8_t>(stored.value[k][lane]);
    }
    stored.weights_of(lane, best.weights[0]);
  }
}

/// The choice with the least estimated error of those above `floor`, which becomes that error.
template <int kChannels>
HWY_INLINE VI32 cheapest(const std::vector<AstcChoice>& choices, VF32 spread, VF32& floor) {
  // An end's error counts by half where texels lie all along the line; least squares and the choice
  // of weights make up for some of it.
  constexpr float kColorFactor = 0.8f;
  VI32 best = i32(0);
  VF32 least = f32(1e30f);
  for (std::size_t k = 0; k < choices.size(); ++k) {
    const VF32 cost = hn::Add(hn::Mul(spread, f32(choices[k].weight_noise)),
                              f32(kTexels * kChannels * kColorFactor * choices[k].color_noise));
    const MF32 better = hn::And(hn::Lt(cost, least), hn::Gt(cost, floor));
    least = blend(better, cost, least);
    best = blend(hn::RebindMask(TagI32(), better), i32(static_cast<std::int32_t>(k)), best);
  }
  floor = least;
  return best;
}

/// How much longer lines are at both ends before they are fitted, start by start.
constexpr std::array<float, 5> kStretch{0, 0.04f, -0.04f, 0.08f, -0.08f};

template <int kChannels, int kParts>
HWY_INLINE Lines<kParts, kChannels> stretched(const Lines<kParts, kChannels>& lines,
                                              float stretch) {
  Lines<kParts, kChannels> out;
  for (int p = 0; p < kParts; ++p)
    for (int c = 0; c < kChannels; ++c) {
      const VF32 more = hn::Mul(hn::Sub(lines.b[p][c], lines.a[p][c]), f32(stretch));
      out.a[p][c] = hn::Sub(lines.a[p][c], more);
      out.b[p][c] = hn::Add(lines.b[p][c], more);
    }
  return out;
}

/// Fits the `count` cheapest of some choices to lines through the texels of each part.
template <int kChannels, int kParts>
HWY_INLINE void fit_lines(const Texels<kChannels>& texels, const Members<kTexels, kParts>& part,
                          const std::vector<AstcChoice>& choices, int count, const Effort& effort,
                          Fitted<kTexels, kParts, kEnds<kChannels>>& fit) {
  Lines<kParts, kChannels> lines;
  VF32 along[kTexels];
  const VF32 spread = spanned_lines<kTexels, kChannels, kParts>(texels, part, lines, along);
  const Rounding rounding = rounding_of(false);
  VF32 floor = f32(-1);
  for (int k = 0; k < std::min(count, static_cast<int>(choices.size())); ++k) {
    const LaneChoice choice = lane_choice(choices, cheapest<kChannels>(choices, spread, floor));
    Fitter<FullGrid<4>, kTexels, kChannels, kParts, kEnds<kChannels>> fitter(texels, part, choice,
                                                                             rounding);
    for (std::size_t start = 0; start < static_cast<std::size_t>(effort.starts); ++start) {
      Lines<kParts, kChannels> from = stretched<kChannels, kParts>(lines, kStretch[start]);
      fitter.run(from, effort.rounds, fit);
    }
  }
}

template <int kChannels>
void one_line(const BlockList& list, const std::vector<AstcChoice>& choices, const Effort& effort,
              Chunk& chunk) {
  for_each_lanes(list, [&](const LaneBlocks& blocks) HWY_ATTR {
    Texels<kChannels> texels;
    load_lanes(chunk, blocks, texels);
    Fitted<kTexels, 1, kEnds<kChannels>> fit;
    fit_lines<kChannels, 1>(texels, {}, choices, effort.choices, effort, fit);
    keep<kChannels, 1>(fit, choices, nullptr, blocks, chunk);
  });
}

/// The splits that a vector of indices names.
HWY_INLINE void splits_of(const std::vector<UastcSplit>& splits, VI32 which,
                          const UastcSplit* (&out)[BlockLanes()]) {
  alignas(64) std::int32_t index[BlockLanes()];
  hn::Store(which, TagI32(), index);
  for (std::size_t i = 0; i < BlockLanes(); ++i)
    out[i] = &splits[static_cast<std::size_t>(index[i])];
}

template <int kParts>
HWY_INLINE void assign(const UastcSplit* const* splits, Members<kTexels, kParts>& part) {
  alignas(64) std::uint32_t bits[2][BlockLanes()];
  for (std::size_t i = 0; i < BlockLanes(); ++i) {
    bits[0][i] = splits[i]->second;
    bits[1][i] = splits[i]->third;
  }
  for (int p = 0; p < kParts - 1; ++p) {
    const VU32 of_part = hn::Load(TagU32(), bits[p]);
    for (int i = 0; i < kTexels; ++i)
      part.member[p][i] =
          hn::RebindMask(TagF32(), hn::TestBit(of_part, hn::Set(TagU32(), 1u << i)));
  }
}

/// The nearest split of those that are further than `floor`, which becomes its distance.
HWY_INLINE VI32 nearest(const float* distances, std::size_t count, VF32& floor) {
  VI32 best = i32(0);
  VF32 least = f32(1e30f);
  for (std::size_t k = 0; k < count; ++k) {
    const VF32 distance = hn::Load(TagF32(), distances + k * BlockLanes());
    const MF32 better = hn::And(hn::Lt(distance, least), hn::Gt(distance, floor));
    least = blend(better, distance, least);
    best = blend(hn::RebindMask(TagI32(), better), i32(static_cast<std::int32_t>(k)), best);
  }
  floor = least;
  return best;
}

/// How far texels lie from a line for each subset, of splits in three.
template <int kChannels>
HWY_INLINE VF32 distance_of_three(const SplitSums<kTexels, kChannels>& sums,
                                  const UastcSplit& split) {
  constexpr int kProducts = Products<kChannels>::kCount;
  VF32 out = f32(0);
  for (int p = 0; p < 3; ++p) {
    const unsigned others = split.second | split.third;
    const unsigned mask = p == 0 ? ~others & 0xffff : p == 1 ? split.second : split.third;
    VF32 s[kChannels];
    Products<kChannels> products;
    for (auto& v : s) v = f32(0);
    for (auto& v : products.v) v = f32(0);
    int n = 0;
    for (unsigned left = mask; left != 0; left &= left - 1, ++n) {
      const auto i = static_cast<std::size_t>(hwy::Num0BitsBelowLS1Bit_Nonzero32(left));
      for (int c = 0; c < kChannels; ++c) s[c] = hn::Add(s[c], sums.x[i][c]);
      for (int k = 0; k < kProducts; ++k) products.v[k] = hn::Add(products.v[k], sums.xx[i][k]);
    }
    const VF32 scale = f32(1.0f / static_cast<float>(n));
    int k = 0;
    for (int c = 0; c < kChannels; ++c)
      for (int d = c; d < kChannels; ++d, ++k) {
        products.v[k] = hn::Sub(products.v[k], hn::Mul(hn::Mul(s[c], s[d]), scale));
        if (c == d) out = hn::Add(out, products.v[k]);
      }
    out = hn::Sub(out, largest_eigenvalue(products));
  }
  return out;
}

/// Subsets: the splits whose texels lie closest to a line each.
template <int kChannels, int kParts>
void split_lines(const BlockList& list, const std::vector<AstcChoice>& choices,
                 const std::vector<UastcSplit>& splits, int count, const Effort& effort,
                 Chunk& chunk) {
  if (count == 0) return;
  for_each_lanes(list, [&](const LaneBlocks& blocks) HWY_ATTR {
    Texels<kChannels> texels;
    load_lanes(chunk, blocks, texels);
    alignas(64) std::array<float, kMaxSplits * BlockLanes()> distances;
    const SplitSums<kTexels, kChannels> sums(texels, moments_of(texels));
    for (std::size_t k = 0; k < splits.size(); ++k) {
      const VF32 distance = kParts == 2 ? sums.distance(splits[k].second)
                                        : distance_of_three<kChannels>(sums, splits[k]);
      hn::Store(distance, TagF32(), distances.data() + k * BlockLanes());
    }
    VF32 floor = f32(-1e30f);
    for (int k = 0; k < count; ++k) {
      const UastcSplit* chosen[BlockLanes()];
      splits_of(splits, nearest(distances.data(), splits.size(), floor), chosen);
      Members<kTexels, kParts> part;
      assign<kParts>(chosen, part);
      Fitted<kTexels, kParts, kEnds<kChannels>> fit;
      fit_lines<kChannels, kParts>(texels, part, choices, 1, effort, fit);
      keep<kChannels, kParts>(fit, choices, chosen, blocks, chunk);
    }
  });
}

/// One channel of some texels by itself, another one a lane, and the others.
template <int kChannels>
struct Planes {
  Texels<kChannels - 1> others;
  Texels<1> alone;

  HWY_INLINE Planes(const Texels<kChannels>& texels, VI32 channel) {
    const auto is = [&](int c) HWY_ATTR { return hn::Eq(channel, i32(c)); };
    for (int i = 0; i < kTexels; ++i) {
      const auto at = [&](int c) HWY_ATTR { return texels.at[c][i]; };
      VF32 one = at(0);
      VI32 one_code = channel_of(texels.words[i], 0);
      for (int c = 1; c < kChannels; ++c) {
        one = blend(float_mask(is(c)), at(c), one);
        one_code = blend(is(c), channel_of(texels.words[i], c), one_code);
      }
      alone.at[0][i] = one;
      alone.words[i] = hn::BitCast(TagU32(), one_code);
      VI32 words = i32(0);
      for (int c = kChannels - 2; c >= 0; --c) {
        const MI32 next = hn::Lt(channel, i32(c + 1));  // past the channel that is left out
        others.at[c][i] = blend(float_mask(next), at(c + 1), at(c));
        const VI32 code =
            blend(next, channel_of(texels.words[i], c + 1), channel_of(texels.words[i], c));
        words = hn::Or(hn::ShiftLeft<8>(words), code);
      }
      others.words[i] = hn::BitCast(TagU32(), words);
    }
  }
};

/// Keeps what two planes make where it is better.
template <int kChannels>
void keep_planes(const Fitted<kTexels, 1, kEnds<kChannels - 1>>& others,
                 const Fitted<kTexels, 1, kEnds<1>>& alone, VI32 channel, int mode,
                 const LaneBlocks& blocks, Chunk& chunk) {
  StoredFit<kChannels - 1, 1> first(others);
  const StoredFit<1, 1> second(alone);
  alignas(64) std::int32_t which[BlockLanes()];
  hn::Store(channel, TagI32(), which);
  for (std::size_t lane = 0; lane < blocks.count; ++lane) {
    first.error[lane] += second.error[lane];
    UastcCoding& best = chunk.best[blocks.index[lane]];
    if (!first.is_better(lane, best)) continue;
    best.error = static_cast<std::uint32_t>(first.error[lane]);
    best.mode = static_cast<std::uint8_t>(mode);
    best.second_plane = static_cast<std::uint8_t>(which[lane]);
    for (std::size_t c = 0, from = 0; c < kChannels; ++c) {
      const bool separate = c == best.second_plane;
      for (std::size_t end = 0; end < 2; ++end)
        best.values[2 * c + end] = static_cast<std::uint8_t>(
            separate ? second.value[end][lane] : first.value[2 * from + end][lane]);
      if (!separate) ++from;
    }
    first.weights_of(lane, best.weights[0]);
    second.weights_of(lane, best.weights[1]);
  }
}

/// How far texels lie from a line when a channel is left out.
template <int kChannels>
HWY_INLINE VF32 distance_without(const Products<kChannels>& all, int left_out) {
  Products<kChannels - 1> m;
  VF32 trace = f32(0);
  const auto from = [&](int c) { return c < left_out ? c : c + 1; };
  int k = 0;
  for (int c = 0; c < kChannels - 1; ++c)
    for (int d = c; d < kChannels - 1; ++d, ++k) {
      m.v[k] = all.at(from(c), from(d));
      if (c == d) trace = hn::Add(trace, m.v[k]);
    }
  return hn::Sub(trace, largest_eigenvalue(m));
}

/// Two planes: the channels without which the others lie closest to a line.
template <int kChannels>
void two_planes(const BlockList& list, const std::vector<std::vector<AstcChoice>>& modes,
                const Effort& effort, Chunk& chunk) {
  if (effort.planes == 0) return;
  for_each_lanes(list, [&](const LaneBlocks& blocks) HWY_ATTR {
    Texels<kChannels> texels;
    load_lanes(chunk, blocks, texels);
    alignas(64) std::array<float, kChannels * BlockLanes()> distances;
    const auto moments = moments_of(texels);
    for (int c = 0; c < kChannels; ++c)
      hn::Store(distance_without<kChannels>(moments.covariance, c), TagF32(),
                distances.data() + static_cast<std::size_t>(c) * BlockLanes());
    VF32 floor = f32(-1e30f);
    for (int k = 0; k < std::min(effort.planes, kChannels); ++k) {
      const VI32 channel = nearest(distances.data(), kChannels, floor);
      const Planes<kChannels> planes(texels, channel);
      for (const std::vector<AstcChoice>& mode : modes) {
        Fitted<kTexels, 1, kEnds<kChannels - 1>> others;
        Fitted<kTexels, 1, kEnds<1>> alone;
        fit_lines<kChannels - 1, 1>(planes.others, {}, mode, 1, effort, others);
        fit_lines<1, 1>(planes.alone, {}, mode, 1, effort, alone);
        keep_planes<kChannels>(others, alone, channel, mode[0].mode, blocks, chunk);
      }
    }
  });
}

/// Those blocks of a list whose error is above `good_enough`.
BlockList still_bad(const BlockList& list, std::uint32_t good_enough, const Chunk& chunk) {
  BlockList out;
  for (std::size_t i = 0; i < list.count; ++i)
    if (chunk.best[list.index[i]].error > good_enough) out.add(list.index[i]);
  return out;
}

void encode_opaque(const BlockList& all, const Effort& effort, Chunk& chunk) {
  static const auto lines = make_uastc_choices({0, 1, 5, 18});
  static const auto fine_ends = make_uastc_choices({4});
  static const auto fine_weights = make_uastc_choices({2});
  static const auto three = make_uastc_choices({3});
  static const std::vector<std::vector<AstcChoice>> planes{make_uastc_choices({6})};
  static const auto splits = make_uastc_splits({4, 7});
  static const auto common_splits = make_uastc_splits({2});
  static const auto splits_in_three = make_uastc_splits({3});
  one_line<3>(all, lines, effort, chunk);
  const BlockList list = still_bad(all, effort.good_enough, chunk);
  two_planes<3>(list, planes, effort, chunk);
  split_lines<3, 2>(list, fine_ends, splits, effort.splits, effort, chunk);
  split_lines<3, 2>(list, fine_weights, common_splits, effort.coarse, effort, chunk);
  split_lines<3, 3>(list, three, splits_in_three, effort.thirds, effort, chunk);
}

void encode_translucent(const BlockList& all, const Effort& effort, Chunk& chunk) {
  static const auto lines = make_uastc_choices({10, 12, 14});
  static const auto two = make_uastc_choices({9});
  static const std::vector<std::vector<AstcChoice>> planes{make_uastc_choices({11}),
                                                           make_uastc_choices({13})};
  static const auto splits = make_uastc_splits({9});
  one_line<4>(all, lines, effort, chunk);
  const BlockList list = still_bad(all, effort.good_enough, chunk);
  Effort with_planes = effort;
  with_planes.planes = std::max(effort.planes, 1);  // alpha rarely follows the colors
  two_planes<4>(list, planes, with_planes, chunk);
  split_lines<4, 2>(list, two, splits, effort.splits, effort, chunk);
}

/// Red, green and blue alike, with any alpha: the fits in four channels keep them alike.
void encode_gray(const BlockList& all, const Effort& effort, Chunk& chunk) {
  static const auto line = make_uastc_choices({15});
  static const auto two = make_uastc_choices({16});
  static const auto splits = make_uastc_splits({16});
  one_line<4>(all, line, effort, chunk);
  const BlockList list = still_bad(all, effort.good_enough, chunk);
  split_lines<4, 2>(list, two, splits, effort.splits, effort, chunk);
}

struct SortedBlocks {
  BlockList flat, gray, opaque, translucent;
};

/// What kind of texels each block has.
void sort_blocks(const EncodeRun& run, SortedBlocks& out) {
  for (std::size_t b = 0; b < run.blocks; ++b) {
    const std::uint8_t* texels = run.texels + 16 * b;
    std::uint32_t first;
    std::memcpy(&first, texels, 4);
    std::uint32_t different = 0, alpha = 0xff000000, colored = 0;
    for (std::size_t y = 0; y < 4; ++y)
      for (std::size_t x = 0; x < 4; ++x) {
        std::uint32_t word;
        std::memcpy(&word, texels + y * run.row_bytes + 4 * x, 4);
        different |= word ^ first;
        alpha &= word;
        colored |= (word ^ word >> 8) & 0xffff;
      }
    BlockList& list = different == 0        ? out.flat
                      : colored == 0        ? out.gray
                      : alpha == 0xff000000 ? out.opaque
                                            : out.translucent;
    list.add(b);
  }
}

void encode_chunk(Chunk& chunk) {
  const Effort effort = effort_of(chunk.run.quality);
  SortedBlocks sorted;
  sort_blocks(chunk.run, sorted);
  encode_opaque(sorted.opaque, effort, chunk);
  encode_translucent(sorted.translucent, effort, chunk);
  encode_gray(sorted.gray, effort, chunk);
  write_uastc_chunk(chunk.run, chunk.best.data());
  for (std::size_t i = 0; i < sorted.flat.count; ++i) {
    const std::size_t b = sorted.flat.index[i];
    std::uint32_t color;
    std::memcpy(&color, chunk.run.texels + 16 * b, 4);
    write_uastc_flat(color, chunk.run.out + 16 * b);
    chunk.best[b].error = 0;
  }
  if (chunk.run.errors == nullptr) return;
  for (std::size_t b = 0; b < chunk.run.blocks; ++b) chunk.run.errors[b] = chunk.best[b].error;
}

void encode_blocks(const EncodeRun& run) {
  Chunk chunk;
  for (std::size_t first = 0; first < run.blocks; first += kChunk) {
    chunk.run = run;
    chunk.run.texels += first * 16;
    chunk.run.blocks = std::min(kChunk, run.blocks - first);
    chunk.run.out += 16 * first;
    if (run.errors != nullptr) chunk.run.errors += first;
    chunk.best.fill({});
    encode_chunk(chunk);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace forge3d::basis
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace forge3d::basis {

HWY_EXPORT(encode_blocks);

void encode_uastc_run(const codec::EncodeRun& run) { HWY_DYNAMIC_DISPATCH(encode_blocks)(run); }

}  // namespace forge3d::basis
#endif  // HWY_ONCE
