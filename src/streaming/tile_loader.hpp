// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// TileLoader: reads tiles on worker threads into a bounded number of host buffers.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "core/worker_pool.hpp"
#include "forge3d/result.hpp"
#include "forge3d/tile_source.hpp"
#include "streaming/page_key.hpp"
#include "streaming/tile_cache.hpp"

namespace forge3d::streaming {

struct TileJob {
  PageKey page;
  std::uint32_t generation = 0;  ///< Of the texture when the tile was asked for.
  std::uint32_t cache_id = 0;    ///< Names the texture in the cache; no other has had it lately.
  std::shared_ptr<const TileSource> source;
};

struct LoadedTile {
  TileJob job;
  Result<> result;
  std::vector<std::byte> bytes;  ///< The stored tile; unspecified after an error.
};

/// Thread-safe. The destructor drops what has not begun and waits for what has.
class TileLoader {
 public:
  /// `cache`, when there is one, is asked before the source and outlives the loader.
  TileLoader(std::uint32_t threads, std::uint64_t tile_bytes, TileCache* cache);
  ~TileLoader();

  /// Appends reads, begun in this order.
  void submit(std::vector<TileJob> jobs);
  /// Takes back the reads that have not begun.
  [[nodiscard]] std::vector<TileJob> withdraw();
  /// Finished reads, in the order they finished.
  [[nodiscard]] std::vector<LoadedTile> take_finished();
  /// Blocks until nothing waits or runs.
  void wait_idle();
  /// Gives a tile's buffer back for another read.
  void recycle(std::vector<std::byte> buffer);
  /// Reads waiting or running, and tiles that were not recycled: what bounds host memory.
  [[nodiscard]] std::size_t outstanding() const;

 private:
  void drain();
  [[nodiscard]] std::vector<std::byte> take_buffer();
  [[nodiscard]] Result<> read(const TileJob& job, std::span<std::byte> out) const;
  const std::uint64_t tile_bytes_;
  const std::uint32_t threads_;
  TileCache* const cache_;
  mutable std::mutex mutex_;
  std::deque<TileJob> jobs_;
  std::vector<LoadedTile> finished_;
  std::vector<std::vector<std::byte>> buffers_;
  std::size_t buffers_out_ = 0;
  std::uint32_t drains_ = 0;
  core::WorkerPool workers_;  // last: its threads use all of the above
};

}  // namespace forge3d::streaming
