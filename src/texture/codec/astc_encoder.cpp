// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/astc_encoder.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "texture/codec/astc_encoder.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <array>
#include <cstring>
#include <span>
#include <type_traits>

#include "texture/codec/astc_split-inl.hpp"
#include "texture/codec/astc_writer.hpp"

HWY_BEFORE_NAMESPACE();
namespace forge3d::codec {
namespace HWY_NAMESPACE {

/// What each quality may spend.
struct Effort {
  int choices;         ///< Block modes, by estimate, that are fitted.
  int rounds;          ///< Least-squares corrections of a fit.
  std::size_t splits;  ///< Ways to split a block in two that are looked at.
  int fitted_splits;   ///< Those of them that are fitted.
  bool all_modes;      ///< Whether ends are also tried as color and scale and as base and offset.
};

HWY_INLINE constexpr Effort effort_of(Quality quality) {
  switch (quality) {
    case Quality::kFast:
      return {1, 1, 16, 1, false};
    case Quality::kNormal:
      return {1, 1, 64, 1, true};
    case Quality::kHigh:
      break;
  }
  return {4, 2, 128, 8, true};
}

/// Blocks whose encodings are kept at once.
constexpr std::size_t kChunk = 64;
constexpr std::size_t kMaxSplits = 128;

/// Some blocks of a chunk, by index.
struct BlockList {
  std::size_t count = 0;
  std::array<std::uint32_t, kChunk> index;
  void add(std::size_t block) { index[count++] = static_cast<std::uint32_t>(block); }
};

/// A run of at most kChunk blocks and the best encodings so far.
struct Chunk {
  EncodeRun run;
  bool srgb;
  std::array<AstcEncoding, kChunk> best;
};

/// As many blocks of a chunk as there are lanes.
struct LaneBlocks {
  std::size_t count;  ///< Those that matter; the others repeat the last one.
  std::uint32_t index[BlockLanes()];
  std::uint32_t seed[BlockLanes()];
};

/// Calls body(blocks) for as many blocks of a list as there are lanes.
template <class Body>
HWY_INLINE void for_each_lanes(const BlockList& list, const Body& body) {
  constexpr std::size_t kLanes = BlockLanes();
  for (std::size_t first = 0; first < list.count; first += kLanes) {
    LaneBlocks blocks{};
    blocks.count = list.count - first < kLanes ? list.count - first : kLanes;
    for (std::size_t i = 0; i < kLanes; ++i)
      blocks.index[i] = list.index[first + (i < blocks.count ? i : blocks.count - 1)];
    body(blocks);
  }
}

/// A format of blocks and how the encoder sees it.
template <int kBlockSide, int kBlockChannels, bool kSparseGrids>
struct Shape {
  static constexpr int kSide = kBlockSide;
  static constexpr int kTexels = kSide * kSide;
  static constexpr int kChannels = kBlockChannels;
  static constexpr int kSmallestGrid = kSparseGrids ? 2 : kSide;
  static constexpr bool kSparse = kSparseGrids;
  using Grid = std::conditional_t<kSparseGrids, SparseGrid<kSide>, FullGrid<kSide>>;
  using Texels = LaneTexels<kTexels, kChannels>;
};

/// Keeps what is better than the best of each block.
template <class S, class Fit>
HWY_INLINE void keep(const Fit& fit, const std::vector<AstcChoice>& choices, int partitions,
                     int end_mode, const LaneBlocks& blocks, Chunk& chunk) {
  constexpr std::size_t kLanes = BlockLanes();
  const TagI32 d;
  alignas(64) std::int32_t error[kLanes], choice[kLanes];
  alignas(64) std::int32_t value[Fit::kValues][kLanes], weight[S::kTexels][kLanes];
  hn::Store(fit.error, d, error);
  hn::Store(fit.choice, d, choice);
  for (std::size_t k = 0; k < Fit::kValues; ++k) hn::Store(fit.value[k], d, value[k]);
  for (std::size_t i = 0; i < S::kTexels; ++i) hn::Store(fit.weight[i], d, weight[i]);
  for (std::size_t lane = 0; lane < blocks.count; ++lane) {
    AstcEncoding& best = chunk.best[blocks.index[lane]];
    const auto e = static_cast<std::uint32_t>(error[lane]);
    if (e >= best.error || error[lane] == kNoFit) continue;
    const AstcChoice& chosen = choices[static_cast<std::size_t>(choice[lane])];
    best.error = e;
    best.mode = chosen.mode;
    best.partitions = static_cast<std::uint8_t>(partitions);
    best.seed = static_cast<std::uint16_t>(blocks.seed[lane]);
    best.end_mode = static_cast<std::uint8_t>(end_mode);
    for (std::size_t k = 0; k < Fit::kValues; ++k)
      best.values[k] = static_cast<std::uint8_t>(value[k][lane]);
    std::size_t at = 0;
    for (std::size_t y = 0; y < chosen.grid_height; ++y)
      for (std::size_t x = 0; x < chosen.grid_width; ++x)
        best.weights[at++] = static_cast<std::uint8_t>(weight[y * S::kSide + x][lane]);
  }
}

/// What is known of lines before they are coded.
template <class S, int kParts>
struct Sketch {
  Members<S::kTexels, kParts> part;
  Lines<kParts, S::kChannels> lines;
  VF32 spread;  ///< Sum over the texels of the squared lengths of their lines.
  VF32 misfit[S::kSide + 1][S::kSide + 1];  ///< Of sparse grids, by width and height.
};

/// What sparse grids cannot follow costs more than estimated: ends and weights are rounded once
/// for all texels around. Measured on photographs.
constexpr float kMisfitFactor = 1.8f;

/// Lines through the texels of each partition, from end to end.
template <class S, int kParts>
HWY_INLINE void sketch_lines(const typename S::Texels& texels, Sketch<S, kParts>& sketch) {
  VF32 along[S::kTexels];
  sketch.spread =
      spanned_lines<S::kTexels, S::kChannels, kParts>(texels, sketch.part, sketch.lines, along);
  if constexpr (S::kSparse) {
    const VF32 scale = hn::Mul(sketch.spread, f32(kMisfitFactor / S::kTexels));
    const GridMisfit<S::kSide> misfit(along, scale);
    for (int w = 2; w <= S::kSide; ++w)
      for (int h = 2; h <= S::kSide; ++h) sketch.misfit[w][h] = misfit.v[w][h];
  }
}

/// The choice with the least estimated error of those above `floor`, which becomes that error.
template <class S, int kParts>
HWY_INLINE VI32 cheapest(const std::vector<AstcChoice>& choices, const Sketch<S, kParts>& sketch,
                         float color_factor, VF32& floor) {
  VI32 best = i32(0);
  VF32 least = f32(1e30f);
  for (std::size_t k = 0; k < choices.size(); ++k) {
    const AstcChoice& choice = choices[k];
    VF32 cost = hn::Add(hn::Mul(sketch.spread, f32(choice.weight_noise)),
                        f32(S::kTexels * S::kChannels * color_factor * choice.color_noise));
    if constexpr (S::kSparse)
      cost = hn::Add(cost, sketch.misfit[choice.grid_width][choice.grid_height]);
    const MF32 better = hn::And(hn::Lt(cost, least), hn::Gt(cost, floor));
    least = blend(better, cost, least);
    best = blend(hn::RebindMask(TagI32(), better), i32(static_cast<std::int32_t>(k)), best);
  }
  floor = least;
  return best;
}

template <class S, int kParts, int kEndMode>
HWY_INLINE void fit_lines(const typename S::Texels& texels, const Sketch<S, kParts>& sketch,
                          const Effort& effort, const LaneBlocks& blocks, Chunk& chunk) {
  static const std::vector<AstcChoice> choices =
      make_astc_choices(S::kSide, S::kSmallestGrid, kParts, kEndMode, false);
  // An end's error counts by half where texels lie all along the line; least squares and the choice
  // of weights make up for some of it. Offsets are twice as fine.
  constexpr bool kOffset = kEndMode == 9 || kEndMode == 13;
  constexpr float kColorFactor = kOffset ? 0.25f : S::kSparse ? 0.6f : 0.8f;
  Fitted<S::kTexels, kParts, kEndMode> fit;
  const Rounding rounding = rounding_of(chunk.srgb);
  VF32 floor = f32(-1);
  for (int k = 0; k < effort.choices; ++k) {
    const LaneChoice choice = lane_choice(choices, cheapest(choices, sketch, kColorFactor, floor));
    Fitter<typename S::Grid, S::kTexels, S::kChannels, kParts, kEndMode> fitter(texels, sketch.part,
                                                                                choice, rounding);
    Lines<kParts, S::kChannels> lines = sketch.lines;
    fitter.run(lines, effort.rounds, fit);
  }
  keep<S>(fit, choices, kParts, kEndMode, blocks, chunk);
}

/// One partition.
template <class S>
void one_line(const BlockList& list, const Effort& effort, Chunk& chunk) {
  for_each_lanes(list, [&](const LaneBlocks& blocks) HWY_ATTR {
    typename S::Texels texels;
    load_blocks<S::kSide, S::kSide>(chunk.run, blocks.index, chunk.srgb, texels);
    Sketch<S, 1> sketch;
    sketch_lines<S, 1>(texels, sketch);
    constexpr int kMode = S::kChannels == 4 ? 4 : 0;
    fit_lines<S, 1, 8 + kMode>(texels, sketch, effort, blocks, chunk);
    if (effort.all_modes) fit_lines<S, 1, 6 + kMode>(texels, sketch, effort, blocks, chunk);
  });
}

/// Hands over the partition of each lane's split.
template <class S>
HWY_INLINE void assign_split(std::span<const AstcSplit> splits, VI32 which,
                             Members<S::kTexels, 2>& part, LaneBlocks& blocks) {
  constexpr std::size_t kLanes = BlockLanes();
  alignas(64) std::int32_t index[kLanes];
  alignas(64) std::uint32_t low[kLanes], high[kLanes];
  hn::Store(which, TagI32(), index);
  for (std::size_t i = 0; i < kLanes; ++i) {
    const AstcSplit& split = splits[static_cast<std::size_t>(index[i])];
    blocks.seed[i] = split.seed;
    low[i] = static_cast<std::uint32_t>(split.texels);
    high[i] = static_cast<std::uint32_t>(split.texels >> 32);
  }
  for (int i = 0; i < S::kTexels; ++i) {
    const VU32 bits = hn::Load(TagU32(), i < 32 ? low : high);
    part.member[0][i] =
        hn::RebindMask(TagF32(), hn::TestBit(bits, hn::Set(TagU32(), 1u << (i % 32))));
  }
}

/// Two partitions: the splits whose texels lie closest to two lines.
template <class S>
void two_lines(const BlockList& list, const Effort& effort, Chunk& chunk) {
  static const std::vector<AstcSplit> all = make_astc_splits(S::kSide);
  const std::span<const AstcSplit> splits = std::span(all).first(effort.splits);
  constexpr std::size_t kLanes = BlockLanes();
  for_each_lanes(list, [&](LaneBlocks& blocks) HWY_ATTR {
    typename S::Texels texels;
    load_blocks<S::kSide, S::kSide>(chunk.run, blocks.index, chunk.srgb, texels);
    alignas(64) std::array<float, kMaxSplits * kLanes> distances;
    const SplitSums<S::kTexels, S::kChannels> sums(texels, moments_of(texels));
    for (std::size_t k = 0; k < splits.size(); ++k)
      hn::Store(sums.distance(splits[k].texels), TagF32(), distances.data() + k * kLanes);
    VF32 floor = f32(-1e30f);
    for (int fitted = 0; fitted < effort.fitted_splits; ++fitted) {
      VI32 best = i32(0);
      VF32 least = f32(1e30f);
      for (std::size_t k = 0; k < splits.size(); ++k) {
        const VF32 distance = hn::Load(TagF32(), distances.data() + k * kLanes);
        const MF32 better = hn::And(hn::Lt(distance, least), hn::Gt(distance, floor));
        least = blend(better, distance, least);
        best = blend(hn::RebindMask(TagI32(), better), i32(static_cast<std::int32_t>(k)), best);
      }
      floor = least;
      Sketch<S, 2> sketch;
      assign_split<S>(splits, best, sketch.part, blocks);
      sketch_lines<S, 2>(texels, sketch);
      constexpr int kMode = S::kChannels == 4 ? 4 : 0;
      fit_lines<S, 2, 8 + kMode>(texels, sketch, effort, blocks, chunk);
      if (!effort.all_modes) continue;
      fit_lines<S, 2, 6 + kMode>(texels, sketch, effort, blocks, chunk);
      fit_lines<S, 2, 9 + kMode>(texels, sketch, effort, blocks, chunk);
    }
  });
}

/// Sorts blocks into those of one color, the opaque and the others.
template <int kSide>
void sort_blocks(const EncodeRun& run, BlockList& flat, BlockList& opaque, BlockList& others) {
  for (std::size_t b = 0; b < run.blocks; ++b) {
    const std::uint8_t* texels = run.texels + b * kSide * 4;
    std::uint32_t first;
    std::memcpy(&first, texels, 4);
    std::uint32_t different = 0, alpha = 255;
    for (std::size_t y = 0; y < kSide; ++y)
      for (std::size_t x = 0; x < kSide; ++x) {
        std::uint32_t word;
        std::memcpy(&word, texels + y * run.row_bytes + 4 * x, 4);
        different |= word ^ first;
        alpha &= texels[y * run.row_bytes + 4 * x + 3];
      }
    (different == 0 ? flat : alpha == 255 ? opaque : others).add(b);
  }
}

template <class S>
void encode_list(const BlockList& list, Chunk& chunk) {
  const Effort effort = effort_of(chunk.run.quality);
  one_line<S>(list, effort, chunk);
  two_lines<S>(list, effort, chunk);
}

template <int kSide>
void encode_chunk(Chunk& chunk) {
  BlockList flat, opaque, others;
  sort_blocks<kSide>(chunk.run, flat, opaque, others);
  encode_list<Shape<kSide, 3, kSide != 4>>(opaque, chunk);
  encode_list<Shape<kSide, 4, kSide != 4>>(others, chunk);
  for (std::size_t i = 0; i < flat.count; ++i) {
    const std::size_t b = flat.index[i];
    write_astc_constant(chunk.run.texels + b * kSide * 4, chunk.run.out + 16 * b);
    chunk.best[b].error = 0;
  }
  for (const BlockList* list : {&opaque, &others})
    for (std::size_t i = 0; i < list->count; ++i)
      write_astc_block(chunk.best[list->index[i]], chunk.run.out + 16 * list->index[i]);
  if (chunk.run.errors == nullptr) return;
  for (std::size_t b = 0; b < chunk.run.blocks; ++b) chunk.run.errors[b] = chunk.best[b].error;
}

template <int kSide>
void encode_run(const EncodeRun& run) {
  Chunk chunk;
  chunk.srgb = format_info(run.format)->srgb;
  for (std::size_t first = 0; first < run.blocks; first += kChunk) {
    chunk.run = run;
    chunk.run.texels += first * kSide * 4;
    chunk.run.blocks = run.blocks - first < kChunk ? run.blocks - first : kChunk;
    chunk.run.out += 16 * first;
    if (run.errors != nullptr) chunk.run.errors += first;
    chunk.best.fill({});
    encode_chunk<kSide>(chunk);
  }
}

void encode_4x4(const EncodeRun& run) { encode_run<4>(run); }
void encode_6x6(const EncodeRun& run) { encode_run<6>(run); }

}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace forge3d::codec {

HWY_EXPORT(encode_4x4);
HWY_EXPORT(encode_6x6);

void encode_astc(const EncodeRun& run) {
  if (format_info(run.format)->block_width == 4)
    HWY_DYNAMIC_DISPATCH(encode_4x4)(run);
  else
    HWY_DYNAMIC_DISPATCH(encode_6x6)(run);
}

}  // namespace forge3d::codec
#endif  // HWY_ONCE
