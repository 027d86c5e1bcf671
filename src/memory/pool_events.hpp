// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// PoolEvents: what happened in a pool, for replay.

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "forge3d/memory_pool.hpp"
#include "memory/pool_slots.hpp"

namespace forge3d {

/// Records up to a number of events; later ones are counted only. Thread-safe.
class PoolEvents {
 public:
  enum class Kind : std::uint8_t { kAllocate, kFree, kMove, kRefuse };

  explicit PoolEvents(std::uint64_t limit) : limit_(limit) {}

  [[nodiscard]] bool enabled() const { return limit_ > 0; }
  /// Drops the event when host memory runs out.
  void add(Kind kind, PoolHandle handle, const PoolPlace& place, std::uint64_t alignment_bytes);
  [[nodiscard]] std::string csv() const;

 private:
  using Clock = std::chrono::steady_clock;
  struct Event {
    std::uint64_t time_ns;
    Kind kind;
    PoolHandle handle;
    PoolPlace place;
    std::uint64_t alignment_bytes;
  };
  std::uint64_t limit_;
  Clock::time_point start_ = Clock::now();
  mutable std::mutex mutex_;
  std::uint64_t dropped_ = 0;
  std::vector<Event> events_;
};

}  // namespace forge3d
