// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// WorkerPool: a fixed set of threads over one queue, and a parallel loop for one call.

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace forge3d::core {

/// `threads`, or the number of cores for 0 (at least 1).
[[nodiscard]] std::uint32_t resolve_thread_count(std::uint32_t threads);

/// Calls body(i) for i in [0, count) on up to `threads` threads, the calling one included, and
/// returns when all are done. Items are handed out one by one, so uneven work balances. body must
/// not throw.
void parallel_for(std::uint32_t threads, std::uint64_t count,
                  const std::function<void(std::uint64_t)>& body);

/// Runs tasks in the order given on its own threads. Thread-safe. The destructor finishes running
/// tasks and drops the rest.
class WorkerPool {
 public:
  explicit WorkerPool(std::uint32_t threads);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  void submit(std::function<void()> task);
  /// Tasks waiting or running.
  [[nodiscard]] std::size_t pending() const;
  /// Blocks until nothing waits or runs.
  void wait_idle();

 private:
  void run();
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable idle_;
  std::deque<std::function<void()>> tasks_;
  std::size_t running_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace forge3d::core
