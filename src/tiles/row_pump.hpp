// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// RowPump: reads a picture's rows ahead on a thread of its own, so that decoding overlaps with the
// rest.

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "forge3d/image.hpp"

namespace forge3d::tiles {

/// Batches of rows from the top, at most a few read ahead. The reader is used by the pump's thread
/// alone until the pump is gone. One consumer thread.
class RowPump {
 public:
  explicit RowPump(RowReader& reader);
  ~RowPump();  ///< Stops after the batch in work.
  RowPump(const RowPump&) = delete;
  RowPump& operator=(const RowPump&) = delete;

  /// The next rows, whole ones, valid until the next call; empty after the last. Errors: those of
  /// the reader.
  [[nodiscard]] Result<std::span<const std::byte>> next();

 private:
  using Batch = std::vector<std::byte>;
  void read_ahead();
  [[nodiscard]] Result<> read_batch(std::uint32_t rows, Batch& batch);

  RowReader& reader_;
  const ImageInfo info_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Batch> full_;   // GUARDED_BY(mutex_)
  std::vector<Batch> free_;  // GUARDED_BY(mutex_)
  Result<> end_;             // GUARDED_BY(mutex_): why there are no more batches
  bool done_ = false;        // GUARDED_BY(mutex_)
  bool stopping_ = false;    // GUARDED_BY(mutex_)
  Batch current_;            // the consumer's
  std::thread thread_;
};

}  // namespace forge3d::tiles
