// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "memory/pool_events.hpp"

#include <fmt/format.h>

#include <array>
#include <iterator>
#include <new>

namespace forge3d {

void PoolEvents::add(Kind kind, PoolHandle handle, const PoolPlace& place,
                     std::uint64_t alignment_bytes) {
  const auto now = std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - start_);
  std::lock_guard lock(mutex_);
  if (events_.size() < limit_) {
    try {
      events_.push_back(
          {static_cast<std::uint64_t>(now.count()), kind, handle, place, alignment_bytes});
      return;
    } catch (const std::bad_alloc&) {
      limit_ = events_.size();
    }
  }
  ++dropped_;
}

std::string PoolEvents::csv() const {
  constexpr std::array kNames{"allocate", "free", "move", "refuse"};
  std::lock_guard lock(mutex_);
  std::string text = "time_ns,event,id,size,alignment,block,offset\n";
  for (const Event& e : events_)
    fmt::format_to(std::back_inserter(text), "{},{},{}.{},{},{},{},{}\n", e.time_ns,
                   kNames[static_cast<std::size_t>(e.kind)], e.handle.index, e.handle.generation,
                   e.place.size_bytes, e.alignment_bytes, e.place.block, e.place.offset_bytes);
  if (dropped_ > 0) fmt::format_to(std::back_inserter(text), "# {} more events\n", dropped_);
  return text;
}

}  // namespace forge3d
