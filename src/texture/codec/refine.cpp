// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/refine.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "texture/codec/error_order.hpp"
#include "texture/codec/rdo.hpp"
#include "texture/codec/repeat_blocks.hpp"

namespace forge3d::codec {
namespace {

/// Blocks of a sample: enough that their sum is known within a few percent.
constexpr std::uint32_t kSampleBlocks = 512;
/// Levels of fewer blocks are not worth a plan.
constexpr std::uint32_t kPlanBlocks = 1024;
/// Repeats are planned where fast encoding is likely to leave this much of the error, and for that
/// part of what is left: what they add is not known before they are made.
constexpr double kPlanLeft = 0.2, kPlanShare = 0.85;
/// Normal comes before high where high would have to follow in at most this share of the gain.
constexpr double kHighShare = 0.35;
/// An expected error this little above what is wanted may well be below it.
constexpr double kAlmost = 1.002;

/// What a level may lose, and how many of its blocks were encoded how.
struct Search {
  LevelBlocks& level;
  std::uint64_t most_error;
  Refined& result;

  [[nodiscard]] bool reached() const { return level.squared_error() <= most_error; }
  void count(Quality quality, std::size_t blocks) {
    result.quality = std::max(result.quality, quality);
    result.encoded_blocks[static_cast<std::size_t>(quality)] += static_cast<std::uint32_t>(blocks);
  }
};

/// Blocks from all over a level, one from each of as many parts, ascending.
std::vector<std::uint32_t> sample_blocks(std::uint32_t count) {
  const std::uint32_t part = std::max(count / kSampleBlocks, 1u);
  std::vector<std::uint32_t> sample;
  for (std::uint32_t i = 0; (i + 1) * part <= count; ++i)
    sample.push_back(i * part + i * 13 % part);  // no two in step with rows of blocks
  return sample;
}

/// The listed blocks that have an error, the largest first.
std::vector<std::uint32_t> by_error(std::span<const std::uint32_t> list,
                                    std::span<const std::uint32_t> errors) {
  std::array<std::uint32_t, kErrorBuckets + 1> starts{};
  const auto place = [&](std::uint32_t block) {
    return kErrorBuckets - 1 - error_bucket(errors[block]);
  };
  for (const std::uint32_t block : list) ++starts[place(block) + 1];
  for (std::size_t i = 1; i < starts.size(); ++i) starts[i] += starts[i - 1];
  const std::uint32_t with_error = starts[kErrorBuckets - 1];  // those before the last bucket, 0
  std::vector<std::uint32_t> order(list.size());
  for (const std::uint32_t block : list) order[starts[place(block)]++] = block;
  order.resize(with_error);
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

/// Encodes the blocks of `order` at `quality`, in batches, until the target is reached or none is
/// left. What a batch gained says how many blocks the next one needs.
void raise(Search& search, Quality quality, std::span<const std::uint32_t> order) {
  LevelBlocks& level = search.level;
  const std::size_t least = std::size_t{kStripBlocks} * 2;
  const std::size_t most = std::max(least, order.size() / 16);
  std::size_t done = 0, batch = least;
  while (done < order.size() && !search.reached()) {
    const std::span<const std::uint32_t> rest = order.subspan(done);
    const std::span<const std::uint32_t> list = rest.first(std::min(batch, rest.size()));
    double before = 0;
    for (const std::uint32_t block : list) before += level.errors()[block];
    const std::uint64_t level_before = level.squared_error();
    level.improve(list, quality);
    search.count(quality, list.size());
    done += list.size();
    if (search.reached()) break;
    const auto gained = static_cast<double>(level_before - level.squared_error());
    const auto missing = static_cast<double>(level.squared_error() - search.most_error);
    const double needed =
        gained > 0 ? missing * before / gained : std::numeric_limits<double>::infinity();
    batch = std::clamp(blocks_with(needed, rest.subspan(list.size()), level.errors()), least, most);
  }
}

/// Blocks that stand for equal parts of a level's error each.
struct ErrorSample {
  std::vector<std::uint32_t> blocks;
  std::vector<double> weights;  ///< Parts that a block stands for, over its error.
  double before;                ///< The level's error.
  double parts = 0;
};

/// Systematic sampling with probability proportional to size: the gains of the blocks that matter
/// are those that are tried.
ErrorSample sample_errors(const LevelBlocks& level, std::uint32_t blocks) {
  ErrorSample sample{{}, {}, static_cast<double>(level.squared_error()), 0};
  const std::uint64_t part = std::max<std::uint64_t>(level.squared_error() / blocks, 1);
  std::uint64_t sum = part / 2;
  for (std::uint32_t block = 0; block < level.count(); ++block) {
    sum += level.errors()[block];
    if (sum < part) continue;
    const auto parts = static_cast<double>(sum / part);
    sum %= part;
    sample.blocks.push_back(block);
    sample.weights.push_back(parts / level.errors()[block]);
    sample.parts += parts;
  }
  return sample;
}

/// What the level's error is likely to become with all blocks at `quality`. The sample keeps what
/// it was encoded to.
double expect(Search& search, Quality quality, std::uint32_t blocks) {
  LevelBlocks& level = search.level;
  const ErrorSample sample = sample_errors(level, blocks);
  level.improve(sample.blocks, quality);
  search.count(quality, sample.blocks.size());
  double after = 0;
  for (std::size_t i = 0; i < sample.blocks.size(); ++i)
    after += sample.weights[i] * level.errors()[sample.blocks[i]];
  return sample.parts > 0 ? sample.before * after / sample.parts : sample.before;
}

/// The qualities to raise blocks to, in order. A level that needs high in most blocks gets nothing
/// from normal in between, for that is encoding them twice.
std::vector<Quality> steps(Search& search, Quality most) {
  if (most == Quality::kFast || search.reached()) return {};
  if (most == Quality::kNormal || search.level.count() < kPlanBlocks)
    return most == Quality::kNormal ? std::vector{most} : std::vector{Quality::kNormal, most};
  const auto wanted = static_cast<double>(search.most_error);
  const double normal = expect(search, Quality::kNormal, kSampleBlocks);
  if (normal <= kAlmost * wanted || search.reached()) return {Quality::kNormal, most};
  const double high = expect(search, most, kSampleBlocks / 4);
  if (normal - wanted < kHighShare * (normal - high)) return {Quality::kNormal, most};
  return {most};
}

/// The blocks that are not marked, ascending.
std::vector<std::uint32_t> unmarked(std::span<const std::uint8_t> marks) {
  std::vector<std::uint32_t> list(marks.size());
  std::size_t count = 0;
  for (std::uint32_t block = 0; block < marks.size(); ++block) {
    list[count] = block;
    count += marks[block] == 0 ? 1 : 0;  // no branch: marks are noise
  }
  list.resize(count);
  return list;
}

/// Encodes at fast. Where a sample says that this leaves much of the error, blocks that are much
/// like their left neighbour take its bytes and are not encoded; never so where what is left is for
/// rdo.hpp to spend.
Result<> encode_fast(Search& search, Repeater& repeater, bool with_repeats) {
  LevelBlocks& level = search.level;
  if (level.count() < kPlanBlocks || !with_repeats) {
    search.count(Quality::kFast, level.count());
    return level.encode(Quality::kFast);
  }
  const std::vector<std::uint32_t> sample = sample_blocks(level.count());
  std::vector<std::uint8_t> taken(level.count(), 0);
  FORGE3D_TRY(level.allocate());
  level.encode_listed(sample, Quality::kFast);
  for (const std::uint32_t block : sample) taken[block] = 1;
  const double left = static_cast<double>(search.most_error) -
                      static_cast<double>(level.squared_error()) * level.count() /
                          static_cast<double>(sample.size());
  std::vector<std::uint32_t> repeats;
  if (left > kPlanLeft * static_cast<double>(search.most_error))
    repeats = repeater.plan(static_cast<std::uint64_t>(kPlanShare * left), taken);
  if (repeats.empty()) {
    search.count(Quality::kFast, level.count() + sample.size());
    return level.encode(Quality::kFast);
  }
  for (const std::uint32_t block : repeats) taken[block] = 1;
  const std::vector<std::uint32_t> rest = unmarked(taken);
  level.encode_listed(rest, Quality::kFast);
  search.count(Quality::kFast, sample.size() + rest.size());
  repeater.repeat(repeats);
  if (search.reached()) return {};
  raise(search, Quality::kFast, by_error(repeats, level.errors()));
  repeater.review(repeats);
  return {};
}

std::uint64_t error_at(const RefineDesc& desc, double samples, double psnr_db) {
  const double error = desc.peak * desc.peak * samples / std::pow(10.0, psnr_db / 10);
  constexpr double kMost = 9e18;
  return static_cast<std::uint64_t>(std::clamp(error, 0.0, kMost));
}

Result<> reach(Search& search, const RefineDesc& desc, double samples) {
  LevelBlocks& level = search.level;
  Repeater repeater(level);
  FORGE3D_TRY(encode_fast(search, repeater, desc.rdo_lambda == 0));
  std::vector<std::uint32_t> all(level.count());
  std::iota(all.begin(), all.end(), 0u);
  for (const Quality quality : steps(search, desc.quality)) {
    if (search.reached()) break;
    raise(search, quality, by_error(all, level.errors()));
    repeater.review(all);
  }
  search.result.target_reached = search.reached();
  if (!search.reached()) return {};
  if (desc.rdo_lambda > 0) {
    FORGE3D_TRY_ASSIGN(
        search.result.rdo_blocks,
        trade_error_for_bits(level, {desc.rdo_lambda, desc.peak / 255, search.most_error}));
    repeater.review(all);
  }
  repeater.spend(
      {error_at(desc, samples, *desc.target_psnr_db + kTargetBandDb), search.most_error});
  search.result.repeated_blocks = repeater.count();
  return {};
}

}  // namespace

Result<Refined> encode_refined(const LevelTexels& texels, const RefineDesc& desc) {
  LevelBlocks level(desc.format, texels, desc.threads);
  const double samples = static_cast<double>(desc.channels) * texels.width * texels.height;
  Refined result;
  if (desc.target_psnr_db) {
    Search search{level, error_at(desc, samples, *desc.target_psnr_db), result};
    FORGE3D_TRY(reach(search, desc, samples));
  } else {
    FORGE3D_TRY(level.encode(desc.quality));
    result.quality = desc.quality;
    result.encoded_blocks[static_cast<std::size_t>(desc.quality)] = level.count();
    if (desc.rdo_lambda > 0) {
      FORGE3D_TRY_ASSIGN(result.rdo_blocks,
                         trade_error_for_bits(level, {desc.rdo_lambda, desc.peak / 255}));
    }
  }
  const auto error = static_cast<double>(level.squared_error());
  result.psnr_db = error == 0 ? std::numeric_limits<double>::infinity()
                              : 10 * std::log10(desc.peak * desc.peak * samples / error);
  result.blocks = level.take_bytes();
  return result;
}

}  // namespace forge3d::codec
