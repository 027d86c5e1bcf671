// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "memory/shard_mutex.hpp"

#include <chrono>
#include <thread>

#include "core/thread_clock.hpp"

namespace forge3d {
namespace {

constexpr int kLooks = 40;  // about as long as a holder needs
constexpr std::chrono::microseconds kNap{20};

}  // namespace

void ShardMutex::wait() {
  for (;;) {
    for (int look = 0; look < kLooks; ++look) {
      // Looking first leaves the line with its holder.
      if (!taken_.load(std::memory_order_relaxed) && try_lock()) return;
      cpu_pause();
    }
    std::this_thread::sleep_for(kNap);
  }
}

}  // namespace forge3d
