// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/repeat_blocks.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "core/worker_pool.hpp"
#include "texture/codec/block_difference.hpp"
#include "texture/codec/error_order.hpp"

namespace forge3d::codec {
namespace {

/// How often candidates are chosen anew at most. Each time what is left of the error to spend
/// shrinks to a small part.
constexpr int kRounds = 64;

class Repeater {
 public:
  Repeater(LevelBlocks& level, const ErrorBand& band)
      : level_(level),
        band_(band),
        left_difference_(level.count()),
        added_(level.count(), 0),
        repeated_(level.count(), 0) {}

  std::uint32_t run() {
    compare_neighbours();
    for (int round = 0; round < kRounds && level_.squared_error() < band_.least; ++round) {
      choose();
      measure();
      if (accept() == 0) break;
    }
    return replaced_;
  }

 private:
  void compare_neighbours();
  void choose();
  void measure();
  std::uint32_t accept();
  [[nodiscard]] std::uint64_t to_spend() const { return band_.most - level_.squared_error(); }
  [[nodiscard]] bool is_source_of_right(std::uint32_t block) const {
    return block % level_.columns() + 1 < level_.whole_columns() && repeated_[block + 1] != 0;
  }
  /// What taking the left neighbour's bytes is likely to add: the error of the neighbour's block
  /// and the difference of the two are independent, more or less.
  [[nodiscard]] std::uint32_t estimate(std::uint32_t block) const {
    const std::span<const std::uint32_t> errors = level_.errors();
    const std::uint64_t with = std::uint64_t{left_difference_[block]} + errors[block - 1];
    return with <= errors[block] ? 0 : static_cast<std::uint32_t>(with - errors[block]);
  }
  template <class Body>
  void for_each_free(Body body) const;

  LevelBlocks& level_;
  ErrorBand band_;
  std::vector<std::uint32_t> left_difference_;  // of the pixels, to the block on the left
  std::vector<std::uint32_t> added_;            // of the candidates: the error with other bytes
  std::vector<std::uint8_t> repeated_;
  std::vector<std::uint32_t> candidates_;
  std::uint32_t replaced_ = 0;
};

/// Squared differences of the pixels of every whole block to those of its left neighbour.
void Repeater::compare_neighbours() {
  const FormatInfo& info = *format_info(level_.format());
  const LevelTexels& image = level_.texels();
  const std::uint32_t columns = level_.whole_columns();
  if (columns < 2) return;
  core::parallel_for(level_.threads(), level_.whole_rows(), [&](std::uint64_t y) {
    const std::uint8_t* row = image.texels + y * info.block_height * image.row_bytes;
    block_differences(level_.format(), {row + std::size_t{info.block_width} * 4, image.row_bytes},
                      {row, image.row_bytes}, columns - 1,
                      left_difference_.data() + y * level_.columns() + 1);
  });
}

/// Blocks that may take their neighbour's bytes and are not what another block repeats.
template <class Body>
void Repeater::for_each_free(Body body) const {
  for (std::uint32_t y = 0; y < level_.whole_rows(); ++y)
    for (std::uint32_t x = 1; x < level_.whole_columns(); ++x) {
      const std::uint32_t block = y * level_.columns() + x;
      if (repeated_[block] == 0 && !is_source_of_right(block)) body(block);
    }
}

/// The blocks of the smallest estimates, as many as the error to spend allows, in order.
void Repeater::choose() {
  std::array<std::uint64_t, kErrorBuckets> sums{};
  std::array<std::uint32_t, kErrorBuckets> counts{};
  for_each_free([&](std::uint32_t block) {
    const std::uint32_t error = estimate(block);
    sums[error_bucket(error)] += error;
    ++counts[error_bucket(error)];
  });
  std::uint64_t sum = 0;
  std::uint32_t end = 0, found = 0;
  for (; end < kErrorBuckets; ++end) {  // one bucket at least, so that the rounds come to an end
    if (found > 0 && sum + sums[end] > to_spend()) break;
    sum += sums[end];
    found += counts[end];
  }
  candidates_.clear();
  for_each_free([&](std::uint32_t block) {
    if (error_bucket(estimate(block)) < end) candidates_.push_back(block);
  });
}

/// Decodes the neighbours of the candidates and compares them with the candidates' pixels.
void Repeater::measure() {
  const std::size_t strips = (candidates_.size() + kStripBlocks - 1) / kStripBlocks;
  core::parallel_for(level_.threads(), strips, [&](std::uint64_t strip) {
    const auto list =
        std::span(candidates_)
            .subspan(strip * kStripBlocks,
                     std::min(kStripBlocks, candidates_.size() - strip * kStripBlocks));
    std::vector<std::uint8_t> wanted(level_.strip_bytes(list.size())), decoded(wanted.size());
    std::vector<std::uint8_t> blocks(list.size() * level_.block_bytes());
    for (std::size_t i = 0; i < list.size(); ++i)
      std::memcpy(blocks.data() + i * level_.block_bytes(), level_.bytes_of(list[i] - 1),
                  level_.block_bytes());
    const std::size_t row_bytes = level_.strip_row_bytes(list.size());
    level_.gather(list, wanted.data());
    level_.codec().decode({blocks.data(), list.size(), level_.format(), decoded.data(), row_bytes});
    std::array<std::uint32_t, kStripBlocks> errors;
    block_differences(level_.format(), {wanted.data(), row_bytes}, {decoded.data(), row_bytes},
                      list.size(), errors.data());
    for (std::size_t i = 0; i < list.size(); ++i) added_[list[i]] = errors[i];
  });
}

/// Takes what fits. A block whose neighbour has just changed waits for the next round.
std::uint32_t Repeater::accept() {
  std::uint32_t accepted = 0;
  std::uint32_t changed = 0;  // the block that changed last, + 1
  for (const std::uint32_t block : candidates_) {
    if (changed == block) continue;  // block - 1 has changed
    const std::uint32_t error = added_[block], now = level_.errors()[block];
    if (error > now && error - now > to_spend()) continue;
    level_.replace(block, level_.bytes_of(block - 1), error);
    repeated_[block] = 1;
    changed = block + 1;
    ++accepted;
  }
  replaced_ += accepted;
  return accepted;
}

}  // namespace

std::uint32_t repeat_neighbours(LevelBlocks& level, const ErrorBand& band) {
  if (level.codec().texels == TexelType::kRgba16f) return 0;
  return Repeater(level, band).run();
}

}  // namespace forge3d::codec
