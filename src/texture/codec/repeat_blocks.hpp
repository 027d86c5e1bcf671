// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Spending quality that nobody asked for: blocks that take the bytes of their left neighbour. A run
// of equal blocks is one match to zstd.

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "texture/codec/level_blocks.hpp"

namespace forge3d::codec {

/// What the squared error of a level should come to lie between, ends included.
struct ErrorBand {
  std::uint64_t least, most;
};

/// Chooses blocks of a level that repeat their left neighbour. Blocks over the edge stay as they
/// are; in HDR formats all do. Deterministic. Not thread-safe; the level must outlive it.
class Repeater {
 public:
  explicit Repeater(LevelBlocks& level);

  /// Which blocks to repeat so that the level's error grows by about `error`, judged by the texels
  /// alone: those need no encoding. Ascending. Never a block that is marked in `encoded`.
  [[nodiscard]] std::vector<std::uint32_t> plan(std::uint64_t error,
                                                std::span<const std::uint8_t> encoded);
  /// Gives blocks, in the order of the list, their left neighbours' bytes.
  void repeat(std::span<const std::uint32_t> list);
  /// Repeats blocks, those first that add little error, until the level's squared error lies in
  /// the band; stops short of it where the next repeat would pass it. Looks at no more rows of
  /// blocks than it takes.
  void spend(const ErrorBand& band);

  /// Notes which of these blocks no longer have the bytes that they were given.
  void review(std::span<const std::uint32_t> list);

  /// Blocks with their left neighbour's bytes.
  [[nodiscard]] std::uint32_t count() const { return count_; }

 private:
  void compare(std::uint32_t part);
  std::uint64_t mark(std::uint32_t most, std::uint32_t row_step,
                     std::span<const std::uint8_t> encoded, std::vector<std::uint32_t>* list) const;
  [[nodiscard]] std::vector<std::uint32_t> candidates(std::uint32_t part,
                                                      std::uint64_t to_spend) const;
  [[nodiscard]] std::vector<std::uint32_t> measure(std::span<const std::uint32_t> list) const;
  std::size_t spend_in(std::uint32_t part, const ErrorBand& band);
  std::size_t accept(std::span<const std::uint32_t> list, std::span<const std::uint32_t> errors,
                     std::uint64_t most);
  /// Whether the block on the right, block x + 1 of the row, has taken this one's bytes.
  [[nodiscard]] bool is_source(std::uint32_t block, std::uint32_t x) const {
    return x + 1 < level_.whole_columns() && repeated_[block + 1] != 0;
  }
  /// What the left neighbour's bytes are likely to add: the error of the neighbour's block and the
  /// difference of the two are independent, more or less.
  [[nodiscard]] std::uint32_t estimate(std::uint32_t block) const {
    const std::span<const std::uint32_t> errors = level_.errors();
    const std::uint64_t with = std::uint64_t{differences_[block]} + errors[block - 1];
    return with <= errors[block] ? 0 : static_cast<std::uint32_t>(with - errors[block]);
  }

  /// Rows of blocks fall into parts, y % kParts.
  static constexpr std::uint32_t kParts = 4;

  LevelBlocks& level_;
  std::array<bool, kParts> compared_{};
  std::vector<std::uint32_t> differences_;  // of the texels, to those of the block on the left
  std::vector<std::uint8_t> repeated_;
  std::uint32_t count_ = 0;
};

}  // namespace forge3d::codec
