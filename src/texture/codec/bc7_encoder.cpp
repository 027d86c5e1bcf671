// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/bc7_encoder.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "texture/codec/bc7_flat.hpp"
#include "texture/codec/bc7_layout.hpp"
#include "texture/codec/bc7_stage.hpp"

namespace forge3d::codec {
namespace {

constexpr std::size_t kBlockBytes = 16;
constexpr std::size_t kBlockRowBytes = 16;

/// What each quality may spend.
struct Effort {
  bool quick;                ///< Opaque blocks: modes 6 and 1 only, one partition.
  int starts;                ///< Lines to start from.
  int rounds;                ///< Least-squares corrections of each.
  int sweeps;                ///< Rounds of trying neighbouring codes.
  std::array<int, 8> tries;  ///< Variants fitted, by mode.
  std::uint32_t good_error;  ///< Blocks with no more error than that of mode 6 are done.
  float gain;                ///< Of guessed scatter, when that is held against errors.
};

constexpr Effort effort_of(Quality quality) {
  switch (quality) {
    case Quality::kFast:
      return {true, 1, 1, 0, {0, 1, 0, 0, 0, 1, 1, 1}, 120, 0.6f};
    case Quality::kNormal:
      return {false, 2, 2, 0, {1, 3, 1, 2, 1, 2, 1, 4}, 40, 0.7f};
    case Quality::kHigh:
      break;
  }
  return {false, 2, 3, 2, {16, 16, 16, 16, 4, 4, 1, 16}, 0, 0.5f};
}

/// What the codes of a mode cost beside the scatter that lines leave, or nearly always more: steps
/// of ends, rounding. By experiment.
constexpr std::array<float, 8> kNoise{250, 30, 95, 15, 60, 15, 0, 20};

/// A list of blocks of a chunk.
struct List {
  std::array<std::uint16_t, kBc7Chunk> blocks;
  std::size_t count = 0;
  void add(std::size_t block) { blocks[count++] = static_cast<std::uint16_t>(block); }
};

/// Jobs of one mode.
struct Jobs {
  std::array<Bc7Job, 8 * kBc7Chunk> at;
  std::size_t count = 0;
  void add(std::uint16_t block, std::uint32_t variant) {
    at[count++] = {block, static_cast<std::uint16_t>(variant)};
  }
};

/// Goes through the modes for blocks of one kind.
class Search {
 public:
  Search(const Bc7Chunk& chunk, const Effort& effort, const List& list)
      : chunk_(chunk), effort_(effort), list_(list) {}

  void run() {
    if (list_.count == 0) return;
    for (std::size_t i = 0; i < list_.count; ++i) jobs_.add(list_.blocks[i], 0);
    flush(6);
    keep_bad();
    if (list_.count == 0) return;
    if (effort_.quick) return run_quickly();
    bc7_rank_two_lines(chunk_, list_.blocks.data(), list_.count, kBc7Ranks, four_, eight_);
    if (chunk_.opaque)
      bc7_rank_three_lines(chunk_, list_.blocks.data(), list_.count, mode2_, mode0_);
    bc7_rank_two_planes(chunk_, list_.blocks.data(), list_.count, planes_);
    for (int first = 0, last = 1; first < static_cast<int>(kBc7Ranks);
         first = last, last = std::min(2 * last, static_cast<int>(kBc7Ranks)))
      fit_ranks(first, last);
    if (effort_.sweeps > 0) polish();
  }

 private:
  void run_quickly() {
    bc7_rank_two_lines(chunk_, list_.blocks.data(), list_.count, 1, four_, eight_);
    if (chunk_.opaque) return fit(1, eight_, 0, 0, 1);
    bc7_rank_two_planes(chunk_, list_.blocks.data(), list_.count, planes_);
    fit(5, planes_, kBc7RankOfMode5, 0, 1);
    fit(7, four_, 0, 0, 1);
  }

  void fit_ranks(int first, int last) {
    if (chunk_.opaque) {
      fit(1, eight_, 0, first, last);
      fit(3, four_, 0, first, last);
      fit(2, mode2_, 0, first, last);
      fit(0, mode0_, 0, first, last);
    } else {
      fit(7, four_, 0, first, last);
    }
    fit(5, planes_, kBc7RankOfMode5, first, last);
    fit(4, planes_, kBc7RankOfMode4, first, last);
    fit(4, planes_, kBc7RankOfMode4Second, first, last);
  }

  /// Fits the variants of the given ranks (that of the best of the mode is `base`) to the blocks
  /// that they promise to make better.
  void fit(int mode, const Bc7Ranking& ranking, std::size_t base, int first, int last) {
    last = std::min(last, effort_.tries[static_cast<std::size_t>(mode)]);
    const float noise = kNoise[static_cast<std::size_t>(mode)];
    for (int rank = first; rank < last; ++rank)
      for (std::size_t i = 0; i < list_.count; ++i) {
        const std::uint32_t entry = ranking[base + static_cast<std::size_t>(rank)][i];
        const float scatter = std::bit_cast<float>(entry & ~63u);
        const std::uint16_t block = list_.blocks[i];
        if (scatter * effort_.gain + noise < static_cast<float>(chunk_.errors[block]))
          jobs_.add(block, entry & 63);
      }
    flush(mode, base == kBc7RankOfMode4Second, effort_.sweeps);
  }

  /// Fits the best variant of each block once more, with more care.
  void polish() {
    for (int mode = 0; mode < 8; ++mode)
      for (const bool second : {false, true}) {
        for (std::size_t i = 0; i < list_.count; ++i) {
          const std::uint32_t head = chunk_.heads[list_.blocks[i]];
          if ((head & 15) == bc7_head(mode, second, 0)) jobs_.add(list_.blocks[i], head >> 4);
        }
        if (jobs_.count > 0) flush(mode, second, effort_.sweeps);
      }
  }

  /// Works off the jobs.
  void flush(int mode, bool second = false, int sweeps = 0) {
    const Bc7Fit how{mode, second, effort_.quick, effort_.starts, effort_.rounds, sweeps};
    constexpr std::array kFits{bc7_fit_three_lines, bc7_fit_two_lines,  bc7_fit_three_lines,
                               bc7_fit_two_lines,   bc7_fit_two_planes, bc7_fit_two_planes,
                               bc7_fit_one_line,    bc7_fit_two_lines};
    kFits[static_cast<std::size_t>(mode)](chunk_, how, jobs_.at.data(), jobs_.count);
    jobs_.count = 0;
  }

  /// Drops the blocks that are good already.
  void keep_bad() {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < list_.count; ++i)
      if (chunk_.errors[list_.blocks[i]] > effort_.good_error)
        list_.blocks[kept++] = list_.blocks[i];
    list_.count = kept;
  }

  const Bc7Chunk& chunk_;
  const Effort& effort_;
  List list_;
  Jobs jobs_;
  Bc7Ranking four_, eight_, mode0_, mode2_, planes_;
};

enum class BlockKind : std::uint8_t { kFlat, kOpaque, kTranslucent };

BlockKind kind_of(const std::uint8_t* texels, std::size_t row_bytes, std::uint32_t& first) {
  std::uint32_t common = 0xffffffff;
  std::uint32_t different = 0;
  std::memcpy(&first, texels, 4);
  for (std::size_t y = 0; y < 4; ++y) {
    std::array<std::uint32_t, 4> row;
    std::memcpy(row.data(), texels + y * row_bytes, sizeof(row));
    for (const std::uint32_t texel : row) {
      common &= texel;
      different |= texel ^ first;
    }
  }
  if (different == 0) return BlockKind::kFlat;
  return common >> 24 == 255 ? BlockKind::kOpaque : BlockKind::kTranslucent;
}

void encode_chunk(const EncodeRun& run) {
  List opaque;
  List translucent;
  std::array<std::uint32_t, kBc7Chunk> errors;
  std::array<std::uint32_t, kBc7Chunk> heads;
  errors.fill(kBc7NoError);
  heads.fill(0);
  for (std::size_t i = 0; i < run.blocks; ++i) {
    std::uint32_t texel = 0;
    switch (kind_of(run.texels + i * kBlockRowBytes, run.row_bytes, texel)) {
      case BlockKind::kFlat:
        encode_bc7_flat(texel, run.out + i * kBlockBytes);
        errors[i] = 0;
        break;
      case BlockKind::kOpaque:
        opaque.add(i);
        break;
      case BlockKind::kTranslucent:
        translucent.add(i);
        break;
    }
  }
  Effort effort = effort_of(run.quality);
  Bc7Chunk chunk{run.texels, run.row_bytes, true, run.out, errors.data(), heads.data()};
  Search(chunk, effort, opaque).run();
  chunk.opaque = false;
  Search(chunk, effort, translucent).run();
  if (run.errors != nullptr) std::copy_n(errors.begin(), run.blocks, run.errors);
}

}  // namespace

void encode_bc7(const EncodeRun& run) {
  for (std::size_t first = 0; first < run.blocks; first += kBc7Chunk) {
    EncodeRun chunk = run;
    chunk.texels += first * kBlockRowBytes;
    chunk.blocks = std::min(kBc7Chunk, run.blocks - first);
    chunk.out += first * kBlockBytes;
    if (chunk.errors != nullptr) chunk.errors += first;
    encode_chunk(chunk);
  }
}

}  // namespace forge3d::codec
