// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/refine.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "texture/codec/error_order.hpp"
#include "texture/codec/rdo.hpp"
#include "texture/codec/repeat_blocks.hpp"

namespace forge3d::codec {
namespace {

/// What a level may lose, and how many of its blocks were encoded how.
struct Search {
  LevelBlocks& level;
  std::uint64_t most_error;
  Refined& result;

  [[nodiscard]] bool reached() const { return level.squared_error() <= most_error; }
};

/// All blocks, the largest error first.
std::vector<std::uint32_t> by_error(std::span<const std::uint32_t> errors) {
  std::array<std::uint32_t, kErrorBuckets + 1> starts{};
  for (const std::uint32_t error : errors) ++starts[kErrorBuckets - 1 - error_bucket(error) + 1];
  for (std::size_t i = 1; i < starts.size(); ++i) starts[i] += starts[i - 1];
  std::vector<std::uint32_t> order(errors.size());
  for (std::uint32_t i = 0; i < errors.size(); ++i)
    order[starts[kErrorBuckets - 1 - error_bucket(errors[i])]++] = i;
  return order;
}

/// How many of the blocks in `order` hold so much error together; all where they do not.
std::size_t blocks_with(double error, std::span<const std::uint32_t> order,
                        std::span<const std::uint32_t> errors) {
  double sum = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    sum += errors[order[i]];
    if (sum >= error) return i + 1;
  }
  return order.size();
}

/// Encodes blocks at `quality`, those with the largest errors first, until the target is reached or
/// none is left. What a batch gained says how many blocks the next one needs.
void raise(Search& search, Quality quality) {
  LevelBlocks& level = search.level;
  const std::vector<std::uint32_t> order = by_error(level.errors());
  const std::size_t least = kStripBlocks * 4;
  std::size_t done = 0, batch = std::max(least, order.size() / 32);
  while (done < order.size() && !search.reached()) {
    const std::span<const std::uint32_t> rest = std::span(order).subspan(done);
    const std::span<const std::uint32_t> list = rest.first(std::min(batch, rest.size()));
    double before = 0;
    for (const std::uint32_t block : list) before += level.errors()[block];
    const std::uint64_t level_before = level.squared_error();
    level.improve(list, quality);
    search.result.quality = quality;
    search.result.encoded_blocks[static_cast<std::size_t>(quality)] +=
        static_cast<std::uint32_t>(list.size());
    done += list.size();
    if (search.reached()) break;
    const auto gained = static_cast<double>(level_before - level.squared_error());
    const auto missing = static_cast<double>(level.squared_error() - search.most_error);
    const double needed =
        gained > 0 ? missing * before / gained : std::numeric_limits<double>::infinity();
    batch = std::max(least, blocks_with(needed, rest.subspan(list.size()), level.errors()));
  }
}

std::uint64_t error_at(const RefineDesc& desc, double samples, double psnr_db) {
  const double error = desc.peak * desc.peak * samples / std::pow(10.0, psnr_db / 10);
  constexpr double kMost = 9e18;
  return static_cast<std::uint64_t>(std::clamp(error, 0.0, kMost));
}

Result<> reach(Search& search, const RefineDesc& desc, double samples) {
  for (const Quality quality : {Quality::kNormal, Quality::kHigh})
    if (quality <= desc.quality && !search.reached()) raise(search, quality);
  search.result.target_reached = search.reached();
  if (desc.rdo_lambda > 0 && search.reached()) {
    FORGE3D_TRY_ASSIGN(
        search.result.rdo_blocks,
        trade_error_for_bits(search.level, {desc.rdo_lambda, desc.peak / 255, search.most_error}));
  }
  const std::uint64_t least_error = error_at(desc, samples, *desc.target_psnr_db + kTargetBandDb);
  if (search.level.squared_error() < least_error)
    search.result.repeated_blocks =
        repeat_neighbours(search.level, {least_error, search.most_error});
  return {};
}

}  // namespace

Result<Refined> encode_refined(const LevelTexels& texels, const RefineDesc& desc) {
  LevelBlocks level(desc.format, texels, desc.threads);
  const double samples = static_cast<double>(desc.channels) * texels.width * texels.height;
  Refined result;
  result.quality = desc.target_psnr_db ? Quality::kFast : desc.quality;
  FORGE3D_TRY(level.encode(result.quality));
  result.encoded_blocks[static_cast<std::size_t>(result.quality)] = level.count();
  if (desc.target_psnr_db) {
    Search search{level, error_at(desc, samples, *desc.target_psnr_db), result};
    FORGE3D_TRY(reach(search, desc, samples));
  } else if (desc.rdo_lambda > 0) {
    FORGE3D_TRY_ASSIGN(result.rdo_blocks,
                       trade_error_for_bits(level, {desc.rdo_lambda, desc.peak / 255}));
  }
  const auto error = static_cast<double>(level.squared_error());
  result.psnr_db = error == 0 ? std::numeric_limits<double>::infinity()
                              : 10 * std::log10(desc.peak * desc.peak * samples / error);
  result.blocks = level.take_bytes();
  return result;
}

}  // namespace forge3d::codec
