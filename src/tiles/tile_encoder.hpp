// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// TileEncoder: tiles to KTX2 files on all cores, handed back in the order they came.

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "core/worker_pool.hpp"
#include "forge3d/codec.hpp"
#include "forge3d/tile_source.hpp"

namespace forge3d::tiles {

/// Encodes tiles on worker threads with a bounded number in flight. One thread submits; the store
/// is called on that thread too.
class TileEncoder {
 public:
  struct Desc {
    TilePyramid pyramid;
    Quality quality = Quality::kFast;
    int zstd_level = 3;
    std::uint32_t threads = 1;
    std::size_t in_flight_bytes = std::size_t{128}
                                  << 20;  ///< Pixels waiting; at least two tiles a thread.
  };
  using Store = std::function<Result<>(std::span<const std::byte> ktx2)>;

  TileEncoder(const Desc& desc, Store store);

  /// Copies the tile and queues it; stores what is ready, and waits while too much is in flight.
  /// Errors: those of the encoder and of the store.
  [[nodiscard]] Result<> submit(Rgba8View tile);
  /// Waits for all tiles and stores them.
  [[nodiscard]] Result<> drain();

 private:
  struct Job {
    std::vector<std::uint8_t> pixels;
    std::vector<std::byte> blocks;
    Result<std::vector<std::byte>> ktx2;
    bool done = false;  // GUARDED_BY(mutex_)
  };
  void encode(Job& job);
  [[nodiscard]] Result<std::vector<std::byte>> encode_ktx2(Job& job) const;
  [[nodiscard]] std::shared_ptr<Job> take_job();
  /// Stores finished tiles from the front of the queue, waiting for them until at most `limit` are
  /// left.
  [[nodiscard]] Result<> store_down_to(std::size_t limit);

  Desc desc_;
  Store store_;
  std::size_t max_in_flight_;
  std::mutex mutex_;
  std::condition_variable finished_;
  std::deque<std::shared_ptr<Job>> in_flight_;
  std::vector<std::shared_ptr<Job>> free_;
  core::WorkerPool pool_;  // last: its tasks end before what they use goes
};

}  // namespace forge3d::tiles
