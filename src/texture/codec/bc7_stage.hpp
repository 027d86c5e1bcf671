// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the BC7 encoder is made of. Blocks are encoded a chunk at a time. For each family of modes
// there is one kernel that guesses, from closed forms, which variants (partitions or rotations)
// suit which block, and one that fits variants for good: it works off a list of jobs, each in a
// vector lane of its own, and overwrites blocks for which it found something better.

#include <array>
#include <cstddef>
#include <cstdint>

namespace forge3d::codec {

/// The error of a block that has no encoding yet.
inline constexpr std::uint32_t kBc7NoError = 0x7fffffff;

/// Blocks in a chunk, at most. A multiple of every vector's lanes.
inline constexpr std::size_t kBc7Chunk = 256;
/// Variants of a mode that are ranked, at most.
inline constexpr std::size_t kBc7Ranks = 16;

/// Blocks side by side (see EncodeRun), and the best that was found for each so far.
struct Bc7Chunk {
  const std::uint8_t* texels;
  std::size_t row_bytes;
  bool opaque;            ///< Those in lists and jobs are: alpha comes back as 255.
  std::uint8_t* out;      ///< 16 bytes a block.
  std::uint32_t* errors;  ///< The squared error of `out` over RGBA.
  std::uint32_t* heads;   ///< Mode and variant of `out`: see bc7_head().
};

/// How a block is split: the partition (modes 0 to 3 and 7) or, in modes 4 and 5, the rotation.
/// `second`: in mode 4 colours take the 3-bit indices.
struct Bc7Job {
  std::uint16_t block;
  std::uint16_t variant;
};

/// How to fit.
struct Bc7Fit {
  int mode;
  bool second;  ///< Mode 4: colours take the 3-bit indices.
  bool quick;   ///< One least-squares correction, measured once.
  int starts;   ///< Otherwise: lines to start from,
  int rounds;   ///< corrections of each,
  int sweeps;   ///< rounds of trying neighbouring codes.
};

constexpr std::uint32_t bc7_head(int mode, bool second, std::uint32_t variant) {
  return static_cast<std::uint32_t>(mode) | (second ? 8u : 0u) | variant << 4;
}

/// The cheapest variants by guess, best first: at [rank][position in the list]. The upper 26 bits
/// are those of a float, the guessed scatter that the variant leaves, the lowest six the variant.
using Bc7Ranking = std::array<std::array<std::uint32_t, kBc7Chunk>, kBc7Ranks>;

/// Mode 6 (variant 0).
void bc7_fit_one_line(const Bc7Chunk& chunk, const Bc7Fit& fit, const Bc7Job* jobs,
                      std::size_t count);
/// Modes 1, 3 and 7.
void bc7_fit_two_lines(const Bc7Chunk& chunk, const Bc7Fit& fit, const Bc7Job* jobs,
                       std::size_t count);
/// Modes 0 and 2. REQUIRES: opaque blocks.
void bc7_fit_three_lines(const Bc7Chunk& chunk, const Bc7Fit& fit, const Bc7Job* jobs,
                         std::size_t count);
/// Modes 4 and 5.
void bc7_fit_two_planes(const Bc7Chunk& chunk, const Bc7Fit& fit, const Bc7Job* jobs,
                        std::size_t count);

/// Ranks partitions of two subsets for lines of four and of eight levels, the first `depth` ranks
/// (1 or kBc7Ranks); with a depth of 1 only what modes 1 or 7 need.
void bc7_rank_two_lines(const Bc7Chunk& chunk, const std::uint16_t* blocks, std::size_t count,
                        std::size_t depth, Bc7Ranking& four_levels, Bc7Ranking& eight_levels);
/// The same for three subsets: for mode 2 and mode 0.
void bc7_rank_three_lines(const Bc7Chunk& chunk, const std::uint16_t* blocks, std::size_t count,
                          Bc7Ranking& mode2, Bc7Ranking& mode0);

/// Ranks the four rotations for modes 5 and 4, at ranks from these up.
inline constexpr std::size_t kBc7RankOfMode5 = 0;
inline constexpr std::size_t kBc7RankOfMode4 = 4;
inline constexpr std::size_t kBc7RankOfMode4Second = 8;
void bc7_rank_two_planes(const Bc7Chunk& chunk, const std::uint16_t* blocks, std::size_t count,
                         Bc7Ranking& ranking);

}  // namespace forge3d::codec
