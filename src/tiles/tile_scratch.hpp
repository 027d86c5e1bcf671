// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// TileScratchPool: what reading a tile needs in memory, kept from one read to the next.

#include <zstd.h>

#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace forge3d::tiles {

/// The stored bytes of a tile and a decompressor. Making both anew costs a third of a read.
struct TileScratch {
  struct FreeContext {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  };
  std::vector<std::byte> stored;
  std::unique_ptr<ZSTD_DCtx, FreeContext> zstd{ZSTD_createDCtx()};
};

/// As many scratches as reads ever ran at once. Thread-safe.
class TileScratchPool {
 public:
  /// A scratch for one read; goes back to the pool with the lease.
  class Lease {
   public:
    explicit Lease(TileScratchPool& pool) : pool_(pool), scratch_(pool.take()) {}
    ~Lease() { pool_.give_back(std::move(scratch_)); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    [[nodiscard]] TileScratch& operator*() const { return *scratch_; }

   private:
    TileScratchPool& pool_;
    std::unique_ptr<TileScratch> scratch_;
  };

 private:
  [[nodiscard]] std::unique_ptr<TileScratch> take() {
    std::lock_guard lock(mutex_);
    if (free_.empty()) return std::make_unique<TileScratch>();
    auto scratch = std::move(free_.back());
    free_.pop_back();
    return scratch;
  }
  void give_back(std::unique_ptr<TileScratch> scratch) {
    std::lock_guard lock(mutex_);
    free_.push_back(std::move(scratch));
  }

  std::mutex mutex_;
  std::vector<std::unique_ptr<TileScratch>> free_;
};

}  // namespace forge3d::tiles
