// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/rdo_chunk.hpp"

#include <algorithm>
#include <cstring>
#include <span>
#include <tuple>

namespace forge3d::codec {
namespace {

/// Sources: so many blocks before, and those above up to so far to each side.
constexpr std::uint32_t kBlocksBefore = 16;
constexpr std::uint32_t kBlocksAside = 8;
/// Shorter matches save nothing, and zstd's fast levels do not find them.
constexpr int kLeastRun = 3;
/// How many of the first trials are tried again with other ends, and how far those move.
constexpr std::size_t kRefined = 4;
constexpr int kMostShift = 3;
/// A run whose cost is above that of the best by less than this part is given a chance to become
/// better by changes to the other bytes.
constexpr double kClimbReach = 1.3;
constexpr int kClimbSteps = 2;
/// The plain encoding is searched where, without a run, it costs less than this times the best.
constexpr double kPlainReach = 1.1;
/// Where a block's variance is below this (squared 8-bit codes) a bit is worth less, down to a part
/// of lambda in flat blocks: the eye sees there what the squared error does not tell.
constexpr double kSmoothVariance = 30;
constexpr double kFlatPart = 0.2;

struct Ends {
  std::uint8_t begin, end;
};
/// The runs that are tried of every source: whole blocks, halves (for formats of two), and what
/// holds the indices or the end points in most formats.
constexpr std::array kEndsOf16{Ends{0, 16}, Ends{8, 16}, Ends{4, 16}, Ends{0, 8}, Ends{2, 8}};
constexpr std::array kEndsOf8{Ends{0, 8}, Ends{4, 8}, Ends{3, 8}, Ends{0, 4}};

constexpr std::uint32_t mask_of(int begin, int end) { return (1u << end) - (1u << begin); }

}  // namespace

RdoChunk::RdoChunk(const LevelBlocks& level, const LevelBlocks& plain, const LiteralBits& literals,
                   double lambda, double code, std::uint32_t first, std::uint32_t count)
    : level_(level),
      plain_(plain),
      literals_(literals),
      chunk_lambda_(lambda * code * code / LiteralBits::kBit),
      squared_code_(code * code),
      first_(first),
      size_(level.block_bytes()),
      judge_(level),
      bytes_(count * size_),
      errors_(level.errors().begin() + first, level.errors().begin() + first + count),
      same_as_(count),
      seen_by_(count, ~0u) {
  std::memcpy(bytes_.data(), level.bytes_of(first), bytes_.size());
}

void RdoChunk::run() {
  for (std::uint32_t i = 0; i < errors_.size(); ++i) {
    same_as_[i] = i;
    if (i > 0 && level_.is_whole(first_ + i))
      improve(i);
    else
      open_ = false;
  }
}

void RdoChunk::improve(std::uint32_t index) {
  index_ = index;
  judge_.aim(first_ + index);
  lambda_ = chunk_lambda_ * std::min(1.0, kFlatPart + (1 - kFlatPart) * judge_.variance() /
                                                          (kSmoothVariance * squared_code_));
  find_sources(index);
  const RdoCandidate own = plain_candidate(bytes_of(index), errors_[index]);
  RdoCandidate best = own;
  search(own, best);
  const auto* plain = reinterpret_cast<const std::uint8_t*>(plain_.bytes_of(first_ + index));
  if (std::memcmp(plain, own.bytes.data(), size_) != 0) {
    const RdoCandidate other = plain_candidate(plain, plain_.errors()[first_ + index]);
    if (other.cost < best.cost * kPlainReach) search(other, best);
    if (other.cost < best.cost) best = other;
  }
  if (best.run_count > 0) {
    climb(best, kClimbSteps);
    const RdoCandidate one_run = best;
    search(one_run, best);
  }
  take(best);
}

/// Blocks whose bytes are those of another source are left out.
void RdoChunk::add_source(std::uint32_t source) {
  if (seen_by_[same_as_[source]] == index_) return;
  seen_by_[same_as_[source]] = index_;
  sources_.push_back(source);
}

void RdoChunk::find_sources(std::uint32_t index) {
  sources_.clear();
  const auto going_on = static_cast<std::uint32_t>(matches_.last() / size_);
  if (open_ && going_on <= index) add_source(index - going_on);
  for (std::uint32_t i = 1; i <= std::min(kBlocksBefore, index); ++i) add_source(index - i);
  const std::uint32_t columns = level_.columns();
  const std::uint32_t farthest = columns + std::min(kBlocksAside, index % columns);
  for (std::uint32_t i = 0; i <= 2 * kBlocksAside && i < farthest; ++i) {
    const std::uint32_t distance = farthest - i;
    if (distance > kBlocksBefore && distance <= index) add_source(index - distance);
  }
}

RdoCandidate RdoChunk::plain_candidate(const std::uint8_t* bytes, std::uint32_t error) const {
  RdoCandidate candidate;
  std::memcpy(candidate.bytes.data(), bytes, size_);
  candidate.error = error;
  for (std::size_t i = 0; i < size_; ++i) candidate.bits += literals_.of(bytes[i]);
  candidate.cost = error + lambda_ * candidate.bits;
  return candidate;
}

std::int32_t RdoChunk::match_bits(const ByteRun& run) const {
  return matches_.of(static_cast<std::uint32_t>((index_ - run.source) * size_),
                     run.begin == 0 && open_);
}

/// Error and cost stay those of `base`.
RdoCandidate RdoChunk::with_run(const RdoCandidate& base, const ByteRun& run) const {
  RdoCandidate candidate = base;
  for (std::size_t i = run.begin; i < run.end; ++i) {
    candidate.bits -= literals_.of(base.bytes[i]);
    candidate.bytes[i] = bytes_of(run.source)[i];
  }
  candidate.bits += match_bits(run);
  candidate.taken |= mask_of(run.begin, run.end);
  candidate.runs[candidate.run_count++] = run;
  return candidate;
}

void RdoChunk::add_run(const RdoCandidate& base, std::uint32_t source, int begin, int end) {
  if (begin < 0 || end > static_cast<int>(size_) || end - begin < kLeastRun) return;
  if ((base.taken & mask_of(begin, end)) != 0) return;
  runs_.push_back({source, static_cast<std::uint8_t>(begin), static_cast<std::uint8_t>(end)});
}

/// Looks for one more run in `base` that makes it cheaper than `best`.
void RdoChunk::search(const RdoCandidate& base, RdoCandidate& best) {
  const std::span<const Ends> all_ends =
      size_ == 16 ? std::span<const Ends>(kEndsOf16) : std::span<const Ends>(kEndsOf8);
  runs_.clear();
  for (const std::uint32_t source : sources_)
    for (const Ends& ends : all_ends) add_run(base, source, ends.begin, ends.end);
  if (runs_.empty()) return;
  try_runs(base, best);
  const auto key = [](const Ranked& r) {  // near sources first, so that the order is a total one
    return std::tuple(r.cost, ~r.run.source, r.run.begin, r.run.end);
  };
  const std::size_t refined = std::min(kRefined, ranked_.size());
  std::ranges::partial_sort(ranked_, ranked_.begin() + static_cast<std::ptrdiff_t>(refined), {},
                            key);
  ranked_.resize(refined);
  const Ranked& first = ranked_.front();
  if (mask_of(first.run.begin, first.run.end) != mask_of(0, static_cast<int>(size_)) &&
      first.cost < best.cost * kClimbReach) {
    RdoCandidate candidate = with_run(base, first.run);
    candidate.error = first.error;
    candidate.cost = first.cost;
    climb(candidate, kClimbSteps);
    if (candidate.cost < best.cost) best = candidate;
  }
  runs_.clear();
  for (const Ranked& ranked : ranked_)
    for (int shift = -kMostShift; shift <= kMostShift; ++shift) {
      if (shift == 0) continue;
      const ByteRun& run = ranked.run;
      add_run(base, run.source, run.begin + shift, run.end);
      add_run(base, run.source, run.begin, run.end + shift);
    }
  if (!runs_.empty()) try_runs(base, best);
}

/// Measures all runs_ in `base`; ranked_ says what they cost.
void RdoChunk::try_runs(const RdoCandidate& base, RdoCandidate& best) {
  trials_.resize(runs_.size() * size_);
  trial_errors_.resize(runs_.size());
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    const ByteRun& run = runs_[i];
    std::uint8_t* trial = trials_.data() + i * size_;
    std::memcpy(trial, base.bytes.data(), size_);
    std::copy(bytes_of(run.source) + run.begin, bytes_of(run.source) + run.end, trial + run.begin);
  }
  judge_.measure(trials_, trial_errors_);
  std::array<std::int32_t, 17> bits_before{};
  for (std::size_t i = 0; i < size_; ++i)
    bits_before[i + 1] = bits_before[i] + literals_.of(base.bytes[i]);
  ranked_.clear();
  const Ranked* winner = nullptr;
  ranked_.reserve(runs_.size());
  double least = best.cost;
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    const ByteRun& run = runs_[i];
    const std::int32_t literal_bits = bits_before[run.end] - bits_before[run.begin];
    const double cost = trial_errors_[i] + lambda_ * (base.bits - literal_bits + match_bits(run));
    ranked_.push_back({cost, trial_errors_[i], run});
    if (cost >= least) continue;
    least = cost;
    winner = &ranked_.back();
  }
  if (winner == nullptr) return;
  best = with_run(base, winner->run);
  best.error = winner->error;
  best.cost = winner->cost;
}

/// Changes single bits outside of the runs as long as that helps: end points that fit other
/// indices, for instance.
void RdoChunk::climb(RdoCandidate& candidate, int steps) {
  for (int step = 0; step < steps; ++step)
    if (!climb_step(candidate)) return;
}

bool RdoChunk::climb_step(RdoCandidate& candidate) {
  trials_.clear();
  std::array<std::uint8_t, 128> flipped;
  std::size_t count = 0;
  for (std::size_t bit = 0; bit < size_ * 8; ++bit) {
    if ((candidate.taken >> (bit / 8) & 1) != 0) continue;
    trials_.insert(trials_.end(), candidate.bytes.begin(), candidate.bytes.begin() + size_);
    trials_[count * size_ + bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
    flipped[count++] = static_cast<std::uint8_t>(bit);
  }
  if (count == 0) return false;
  trial_errors_.resize(count);
  judge_.measure(trials_, trial_errors_);
  const RdoCandidate before = candidate;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t byte = flipped[i] / 8;
    const std::uint8_t value = trials_[i * size_ + byte];
    const std::int32_t bits = before.bits - literals_.of(before.bytes[byte]) + literals_.of(value);
    const double cost = trial_errors_[i] + lambda_ * bits;
    if (cost >= candidate.cost) continue;
    candidate.bytes = before.bytes;
    candidate.bytes[byte] = value;
    candidate.error = trial_errors_[i];
    candidate.bits = bits;
    candidate.cost = cost;
  }
  return candidate.cost < before.cost;
}

void RdoChunk::take(const RdoCandidate& best) {
  std::memcpy(bytes_.data() + index_ * size_, best.bytes.data(), size_);
  errors_[index_] = best.error;
  open_ = false;
  std::array<ByteRun, 2> runs = best.runs;
  if (best.run_count == 2 && runs[0].begin > runs[1].begin) std::swap(runs[0], runs[1]);
  for (const ByteRun& run : std::span(runs).first(best.run_count)) {
    matches_.push(static_cast<std::uint32_t>((index_ - run.source) * size_));
    open_ = run.end == size_;
    if (run.begin == 0 && run.end == size_) same_as_[index_] = same_as_[run.source];
  }
}

}  // namespace forge3d::codec
