// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "cli/replay/pool_player.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>

namespace forge3d::cli {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void fill(std::byte* bytes, std::uint64_t size_bytes, std::uint32_t word) {
  for (std::uint64_t i = 0; i + 4 <= size_bytes; i += 4) std::memcpy(bytes + i, &word, 4);
}

bool holds(const std::byte* bytes, std::uint64_t size_bytes, std::uint32_t word) {
  for (std::uint64_t i = 0; i + 4 <= size_bytes; i += 4)
    if (std::memcmp(bytes + i, &word, 4) != 0) return false;
  return true;
}

}  // namespace

PoolPlayer::~PoolPlayer() {
  for (const Block& block : blocks_)
    if (block.handle) (void)pool_->release(block.handle);
}

Result<PoolPlayResult> PoolPlayer::play(const PoolTrace& trace,
                                        const std::function<void(std::size_t)>& progress) {
  constexpr std::size_t kProgressSteps = 4096;
  PoolPlayResult result;
  blocks_.resize(std::max<std::size_t>(blocks_.size(), trace.blocks));
  for (std::size_t i = 0; i < trace.steps.size(); ++i) {
    const PoolTraceStep& step = trace.steps[i];
    if (step.size_bytes > 0)
      FORGE3D_TRY(request(step, result));
    else
      FORGE3D_TRY(release(step.block, result));
    if (step.refused) FORGE3D_TRY(release(step.block, result));
    if (options_.upkeep_every > 0 && i % options_.upkeep_every == options_.upkeep_every - 1) {
      const Clock::time_point start = Clock::now();
      FORGE3D_TRY(pool_->upkeep());
      result.upkeep_seconds += seconds_since(start);
    }
    if (progress && i % kProgressSteps == 0) progress(i);
  }
  return result;
}

void PoolPlayer::note_refusal(PoolPlayResult& result) const {
  if (result.refusals++ == 0)
    result.fill_first_refusal = static_cast<double>(pool_->stats().used_bytes) /
                                static_cast<double>(options_.capacity_bytes);
}

Result<> PoolPlayer::request(const PoolTraceStep& step, PoolPlayResult& result) {
  const VkMemoryRequirements needs{step.size_bytes, step.alignment_bytes, ~0u};
  ++result.requests;
  const Clock::time_point start = Clock::now();
  auto got = pool_->allocate(needs, true);
  result.seconds += seconds_since(start);
  if (!got && got.error().code == ErrorCode::kBudgetExceeded) {
    note_refusal(result);
    return {};
  }
  if (!got) return tl::unexpected(std::move(got).error());
  Block& block = blocks_[step.block];
  block = {got->handle, step.size_bytes, next_word_++};
  if (options_.verify) {
    fill(got->mapped, block.size_bytes, block.word);
    FORGE3D_TRY(pool_->flush(block.handle));
  }
  if (options_.moving) FORGE3D_TRY(pool_->unpin(block.handle));
  result.fill_peak = std::max(result.fill_peak, static_cast<double>(pool_->stats().used_bytes) /
                                                    static_cast<double>(options_.capacity_bytes));
  return {};
}

// A block that was refused is not there.
Result<> PoolPlayer::release(std::uint32_t index, PoolPlayResult& result) {
  const Block block = std::exchange(blocks_[index], {});
  if (!block.handle) return {};
  ++result.frees;
  const Result<> checked = options_.verify ? check(block, result) : Result<>{};
  const Clock::time_point start = Clock::now();
  FORGE3D_TRY(pool_->release(block.handle));
  result.seconds += seconds_since(start);
  return checked;
}

Result<> PoolPlayer::check(const Block& block, PoolPlayResult& result) const {
  FORGE3D_TRY_ASSIGN(const PoolAllocation at, pool_->pin(block.handle));
  FORGE3D_TRY(pool_->invalidate(block.handle));
  ++result.checked_blocks;
  if (!holds(at.mapped, block.size_bytes, block.word)) ++result.damaged_blocks;
  return pool_->unpin(block.handle);
}

Result<> PoolPlayer::check_all(PoolPlayResult& result) const {
  for (const Block& block : blocks_)
    if (block.handle) FORGE3D_TRY(check(block, result));
  return {};
}

}  // namespace forge3d::cli
