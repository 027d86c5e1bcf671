// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// RdoChunk: some rows of blocks that trade error for bits, one block after the other.

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "texture/codec/level_blocks.hpp"
#include "texture/codec/trial_judge.hpp"
#include "texture/codec/zstd_bits.hpp"

namespace forge3d::codec {

/// Bytes [begin, end) of a block that are those of a block before it.
struct ByteRun {
  std::uint32_t source = 0;  ///< Index in the chunk.
  std::uint8_t begin = 0, end = 0;
};

/// What a block could be.
struct RdoCandidate {
  std::array<std::uint8_t, 16> bytes{};
  std::uint32_t error = 0;
  std::int32_t bits = 0;    ///< In the units of zstd_bits.hpp.
  double cost = 0;          ///< error + lambda * bits
  std::uint32_t taken = 0;  ///< Bit i: byte i is part of a run.
  std::array<ByteRun, 2> runs{};
  std::size_t run_count = 0;
};

/// The search of rdo.hpp in blocks [first, first + count) of a level, count a multiple of its
/// columns; what lies before is not looked at. The levels must outlive it. Not thread-safe.
class RdoChunk {
 public:
  /// `lambda` and `code` as in RdoDesc. `plain`: another encoding of the same texels, of fewer
  /// modes, whose blocks are as welcome.
  RdoChunk(const LevelBlocks& level, const LevelBlocks& plain, const LiteralBits& literals,
           double lambda, double code, std::uint32_t first, std::uint32_t count);

  void run();
  /// Of block first + index, after run().
  [[nodiscard]] const std::uint8_t* bytes_of(std::uint32_t index) const {
    return bytes_.data() + index * size_;
  }
  [[nodiscard]] const std::vector<std::uint32_t>& errors() const { return errors_; }

 private:
  struct Ranked {
    double cost;
    std::uint32_t error;
    ByteRun run;
  };

  void improve(std::uint32_t index);
  void find_sources(std::uint32_t index);
  void add_source(std::uint32_t source);
  [[nodiscard]] RdoCandidate plain_candidate(const std::uint8_t* bytes, std::uint32_t error) const;
  [[nodiscard]] RdoCandidate with_run(const RdoCandidate& base, const ByteRun& run) const;
  [[nodiscard]] std::int32_t match_bits(const ByteRun& run) const;
  void search(const RdoCandidate& base, RdoCandidate& best);
  void try_runs(const RdoCandidate& base, RdoCandidate& best);
  void add_run(const RdoCandidate& base, std::uint32_t source, int begin, int end);
  void climb(RdoCandidate& candidate, int steps);
  bool climb_step(RdoCandidate& candidate);
  void take(const RdoCandidate& best);

  const LevelBlocks& level_;
  const LevelBlocks& plain_;
  const LiteralBits& literals_;
  double chunk_lambda_;  // error that a unit of zstd_bits.hpp is worth
  double squared_code_;
  std::uint32_t first_;
  std::size_t size_;  // of a block
  TrialJudge judge_;
  std::vector<std::uint8_t> bytes_;
  std::vector<std::uint32_t> errors_;
  std::vector<std::uint32_t> same_as_;  // the first block that a block is a whole copy of
  std::vector<std::uint32_t> seen_by_;  // the last block that had a block among its sources
  MatchBits matches_;
  bool open_ = false;  // the block before ends with a match

  // Of the block at hand.
  std::uint32_t index_ = 0;
  double lambda_ = 0;
  std::vector<std::uint32_t> sources_;
  std::vector<ByteRun> runs_;
  std::vector<Ranked> ranked_;
  std::vector<std::uint8_t> trials_;
  std::vector<std::uint32_t> trial_errors_;
};

}  // namespace forge3d::codec
