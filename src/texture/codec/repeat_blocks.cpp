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

/// How often candidates are chosen anew at most: their errors change as their neighbours do.
constexpr int kRounds = 16;
/// A plan looks at every sixteenth row of blocks to find how alike repeats must be.
constexpr std::uint32_t kPlanRows = 16;

/// Candidates that are decoded at once at least.
constexpr std::size_t kLeastBatch = 32;

}  // namespace

Repeater::Repeater(LevelBlocks& level)
    : level_(level), differences_(level.count(), 0), repeated_(level.count(), 0) {}

/// Squared differences of the texels of whole blocks to those of their left neighbours.
void Repeater::compare(std::uint32_t part) {
  if (compared_[part]) return;
  compared_[part] = true;
  const FormatInfo& info = *format_info(level_.format());
  const LevelTexels& image = level_.texels();
  const std::uint32_t columns = level_.whole_columns(), rows = level_.whole_rows();
  if (columns < 2 || rows <= part) return;
  core::parallel_for(level_.threads(), (rows - part - 1) / kParts + 1, [&](std::uint64_t i) {
    const std::uint64_t y = i * kParts + part;
    const std::uint8_t* row = image.texels + y * info.block_height * image.row_bytes;
    block_differences(level_.format(), {row + std::size_t{info.block_width} * 4, image.row_bytes},
                      {row, image.row_bytes}, columns - 1,
                      differences_.data() + y * level_.columns() + 1);
  });
}

/// The blocks that differ by at most `most` from the one whose bytes they would take, through all
/// repeats in between; the sum of these differences. `list`, where not null, receives the blocks.
std::uint64_t Repeater::mark(std::uint32_t most, std::uint32_t row_step,
                             std::span<const std::uint8_t> encoded,
                             std::vector<std::uint32_t>* list) const {
  std::uint64_t sum = 0;
  for (std::uint32_t y = 0; y < level_.whole_rows(); y += row_step) {
    std::uint64_t away = 0;  // from the block whose bytes the last one takes
    for (std::uint32_t x = 1; x < level_.whole_columns(); ++x) {
      const std::uint32_t block = y * level_.columns() + x;
      away += differences_[block];
      if (away > most || encoded[block] != 0) {
        away = 0;
        continue;
      }
      sum += away;
      if (list != nullptr) list->push_back(block);
    }
  }
  return sum;
}

std::vector<std::uint32_t> Repeater::plan(std::uint64_t error,
                                          std::span<const std::uint8_t> encoded) {
  std::vector<std::uint32_t> list;
  if (level_.codec().texels == TexelType::kRgba16f) return list;
  for (std::uint32_t part = 0; part < kParts; ++part) compare(part);
  std::uint32_t most = 0;  // by bisection: the sum grows with it
  for (std::uint32_t bit = 1u << 17; bit >= std::max(most / 8, 32u); bit /= 2)
    if (mark(most + bit, kPlanRows, encoded, nullptr) <= error / kPlanRows) most += bit;
  mark(most, 1, encoded, &list);
  return list;
}

/// The squared errors of blocks with the bytes of their left neighbours.
std::vector<std::uint32_t> Repeater::measure(std::span<const std::uint32_t> list) const {
  std::vector<std::uint32_t> errors(list.size());
  const std::size_t strips = (list.size() + kStripBlocks - 1) / kStripBlocks;
  core::parallel_for(level_.threads(), strips, [&](std::uint64_t strip) {
    const std::size_t first = strip * kStripBlocks;
    const auto part = list.subspan(first, std::min(kStripBlocks, list.size() - first));
    std::vector<std::uint8_t> wanted(level_.strip_bytes(part.size())), decoded(wanted.size());
    std::vector<std::uint8_t> blocks(part.size() * level_.block_bytes());
    for (std::size_t i = 0; i < part.size(); ++i)
      level_.copy_block(blocks.data() + i * level_.block_bytes(), level_.bytes_of(part[i] - 1));
    const std::size_t row_bytes = level_.strip_row_bytes(part.size());
    level_.gather(part, wanted.data());
    level_.codec().decode({blocks.data(), part.size(), level_.format(), decoded.data(), row_bytes});
    block_differences(level_.format(), {wanted.data(), row_bytes}, {decoded.data(), row_bytes},
                      part.size(), errors.data() + first);
  });
  return errors;
}

void Repeater::repeat(std::span<const std::uint32_t> list) {
  for (const std::uint32_t block : list) {
    level_.replace(block, level_.bytes_of(block - 1), level_.errors()[block]);
    repeated_[block] = 1;
  }
  count_ += static_cast<std::uint32_t>(list.size());
  const std::vector<std::uint32_t> errors = measure(list);
  for (std::size_t i = 0; i < list.size(); ++i)
    level_.replace(list[i], level_.bytes_of(list[i]), errors[i]);
}

/// Blocks of a part that may take their neighbour's bytes and are not what another block repeats,
/// the smallest estimates first: several times as many as the error to spend allows.
std::vector<std::uint32_t> Repeater::candidates(std::uint32_t part, std::uint64_t to_spend) const {
  struct Candidate {
    std::uint32_t block, bucket;
  };
  std::vector<Candidate> all;
  std::array<std::uint32_t, kErrorBuckets + 1> starts{};
  std::array<std::uint64_t, kErrorBuckets> sums{};
  for (std::uint32_t y = part; y < level_.whole_rows(); y += kParts)
    for (std::uint32_t x = 1; x < level_.whole_columns(); ++x) {
      const std::uint32_t block = y * level_.columns() + x;
      if (repeated_[block] != 0 || is_source(block, x)) continue;
      if (differences_[block] == 0 && level_.errors()[block] == level_.errors()[block - 1])
        continue;  // equal as they are
      const std::uint32_t error = estimate(block), bucket = error_bucket(error);
      all.push_back({block, bucket});
      sums[bucket] += error;
      ++starts[bucket + 1];
    }
  std::uint64_t sum = 0;
  std::uint32_t end = 0;
  for (; end < kErrorBuckets && sum <= 4 * to_spend; ++end) {
    starts[end + 1] += starts[end];
    sum += sums[end];
  }
  std::vector<std::uint32_t> order(starts[end]);
  for (const Candidate& candidate : all)
    if (candidate.bucket < end) order[starts[candidate.bucket]++] = candidate.block;
  return order;
}

/// Takes what fits. A block whose neighbours have just changed is left for another time.
std::size_t Repeater::accept(std::span<const std::uint32_t> list,
                             std::span<const std::uint32_t> errors, std::uint64_t most) {
  std::size_t accepted = 0;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::uint32_t block = list[i], error = errors[i], now = level_.errors()[block];
    if (is_source(block, block % level_.columns()) || repeated_[block - 1] == 2) continue;
    if (error > now && error - now > most - level_.squared_error()) continue;
    level_.replace(block, level_.bytes_of(block - 1), error);
    repeated_[block] = 2;  // until the list is done
    ++accepted;
  }
  for (const std::uint32_t block : list) repeated_[block] = repeated_[block] != 0 ? 1 : 0;
  count_ += static_cast<std::uint32_t>(accepted);
  return accepted;
}

void Repeater::spend(const ErrorBand& band) {
  if (level_.codec().texels == TexelType::kRgba16f) return;
  std::uint32_t idle = 0;  // parts in a row in which nothing fitted
  for (std::uint32_t round = 0; round < kRounds * kParts && idle < kParts; ++round) {
    if (level_.squared_error() >= band.least) return;
    compare(round % kParts);
    idle = spend_in(round % kParts, band) == 0 ? idle + 1 : 0;
  }
}

/// Repeats blocks of one part. Returns how many.
std::size_t Repeater::spend_in(std::uint32_t part, const ErrorBand& band) {
  const std::vector<std::uint32_t> order = candidates(part, band.most - level_.squared_error());
  std::size_t done = 0, accepted = 0;
  while (done < order.size() && level_.squared_error() < band.least) {
    const std::uint64_t to_spend = band.most - level_.squared_error();
    std::uint64_t sum = 0;
    std::size_t end = done;
    while (end < order.size() && (sum <= to_spend || end < done + kLeastBatch))
      sum += estimate(order[end++]);
    const auto list = std::span(order).subspan(done, end - done);
    accepted += accept(list, measure(list), band.most);
    done = end;
  }
  return accepted;
}

void Repeater::review(std::span<const std::uint32_t> list) {
  for (const std::uint32_t block : list) {
    if (repeated_[block] == 0 ||
        std::memcmp(level_.bytes_of(block), level_.bytes_of(block - 1), level_.block_bytes()) == 0)
      continue;
    repeated_[block] = 0;
    --count_;
  }
}

}  // namespace forge3d::codec
