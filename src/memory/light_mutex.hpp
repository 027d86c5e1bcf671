// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// LightMutex: a mutex for a few instructions, held shortly and rarely contended.

#include <atomic>
#include <cstdint>

namespace forge3d {

/// One atomic operation to lock and one to unlock; who finds it locked sleeps (the three-state
/// mutex of "Futexes Are Tricky", Drepper 2011). Not recursive; for std::unique_lock.
class LightMutex {
 public:
  [[nodiscard]] bool try_lock() {
    std::uint32_t free = kFree;
    return state_.compare_exchange_strong(free, kLocked, std::memory_order_acquire,
                                          std::memory_order_relaxed);
  }
  void lock() {
    if (try_lock()) return;
    while (state_.exchange(kContended, std::memory_order_acquire) != kFree)
      state_.wait(kContended, std::memory_order_relaxed);
  }
  void unlock() {
    if (state_.exchange(kFree, std::memory_order_release) == kContended) state_.notify_one();
  }

 private:
  static constexpr std::uint32_t kFree = 0, kLocked = 1, kContended = 2;
  std::atomic<std::uint32_t> state_{kFree};
};

}  // namespace forge3d
