// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// PoolPlayer: plays a trace against a pool, with bytes in the blocks where asked.

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "cli/replay/pool_trace.hpp"
#include "forge3d/memory_pool.hpp"

namespace forge3d::cli {

struct PoolPlayOptions {
  bool moving = true;                ///< Blocks are unpinned, so that the pool may move them.
  bool verify = false;               ///< Every block holds a pattern that is looked at.
  std::uint64_t upkeep_every = 0;    ///< Steps between slices of upkeep; 0: none.
  std::uint64_t capacity_bytes = 0;  ///< What fill is a share of.
};

/// What a trace did to a pool.
struct PoolPlayResult {
  std::uint64_t requests = 0, refusals = 0, frees = 0;
  double fill_first_refusal = 0;  ///< Of the capacity; 0: nothing was refused.
  double fill_peak = 0;
  double seconds = 0;  ///< Of requests and releases, without verification and upkeep.
  double upkeep_seconds = 0;
  std::uint64_t checked_blocks = 0, damaged_blocks = 0;
};

/// Keeps the blocks that the trace leaves live until it is destroyed.
class PoolPlayer {
 public:
  /// REQUIRES: the pool is mapped where options.verify.
  PoolPlayer(std::shared_ptr<MemoryPool> pool, const PoolPlayOptions& options)
      : pool_(std::move(pool)), options_(options) {}
  ~PoolPlayer();
  PoolPlayer(const PoolPlayer&) = delete;
  PoolPlayer& operator=(const PoolPlayer&) = delete;

  /// Errors: those of the pool, but for kBudgetExceeded, which is a refusal.
  [[nodiscard]] Result<PoolPlayResult> play(const PoolTrace& trace,
                                            const std::function<void(std::size_t)>& progress);
  /// Looks at all live blocks. Errors: those of MemoryPool::pin.
  [[nodiscard]] Result<> check_all(PoolPlayResult& result) const;

 private:
  struct Block {
    PoolHandle handle;
    std::uint64_t size_bytes = 0;
    std::uint32_t word = 0;
  };
  [[nodiscard]] Result<> request(const PoolTraceStep& step, PoolPlayResult& result);
  [[nodiscard]] Result<> release(std::uint32_t block, PoolPlayResult& result);
  [[nodiscard]] Result<> check(const Block& block, PoolPlayResult& result) const;
  void note_refusal(PoolPlayResult& result) const;

  std::shared_ptr<MemoryPool> pool_;
  PoolPlayOptions options_;
  std::vector<Block> blocks_;
  std::uint32_t next_word_ = 1;
};

}  // namespace forge3d::cli
