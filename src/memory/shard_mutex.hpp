// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// ShardMutex: a mutex for work of some ten nanoseconds.

#include <atomic>

namespace forge3d {

/// Meets the standard's Lockable. Free, it costs one exchange to take and one store to give back,
/// where std::mutex needs two locked instructions and two calls. Who finds it taken looks again for
/// a moment and then sleeps in short naps, so a holder that is off the processor costs little. Not
/// fair; not for waits of milliseconds.
class ShardMutex {
 public:
  [[nodiscard]] bool try_lock() { return !taken_.exchange(true, std::memory_order_acquire); }
  void lock() {
    if (!try_lock()) [[unlikely]]
      wait();
  }
  void unlock() { taken_.store(false, std::memory_order_release); }

 private:
  void wait();
  std::atomic<bool> taken_{false};
};

}  // namespace forge3d
