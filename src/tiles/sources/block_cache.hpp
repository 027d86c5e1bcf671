// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// BlockCache: decoded blocks used last, below a number of bytes, each decoded by one thread only.

#include <compare>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "forge3d/result.hpp"

namespace forge3d::tiles {

struct BlockKey {
  std::uint32_t grid = 0;  ///< What tells levels apart; the owner numbers them.
  std::uint32_t x = 0, y = 0;
  friend auto operator<=>(const BlockKey&, const BlockKey&) = default;
};

/// Least recently used blocks go first when the limit is passed; a block in use stays in memory
/// until its users let go. Thread-safe.
class BlockCache {
 public:
  using Bytes = std::vector<std::byte>;
  using Block = std::shared_ptr<const Bytes>;
  using Make = std::function<Result<Bytes>()>;

  explicit BlockCache(std::uint64_t limit_bytes) : limit_bytes_(limit_bytes) {}

  /// The block, made by `make` when it is not kept. A thread that wants a block which another is
  /// making waits for it; `make` may ask for other blocks, as long as these never lead back here.
  /// Errors: those of `make`, which are not kept; kOutOfHostMemory.
  [[nodiscard]] Result<Block> get(BlockKey key, const Make& make);
  [[nodiscard]] std::uint64_t size_bytes() const;

 private:
  struct Entry {
    Block block;  // empty while it is being made
    std::list<BlockKey>::iterator age;
  };
  [[nodiscard]] Block keep(BlockKey key, Bytes bytes);
  void forget(BlockKey key);

  const std::uint64_t limit_bytes_;
  mutable std::mutex mutex_;
  std::condition_variable made_;
  std::uint64_t size_bytes_ = 0;  // GUARDED_BY(mutex_), as all below
  std::map<BlockKey, Entry> entries_;
  std::list<BlockKey> by_age_;  // of finished blocks, the most recently used first
};

}  // namespace forge3d::tiles
