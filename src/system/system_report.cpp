// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// What a system tells about itself: snapshot, JSON, page, trace.

#include "core/thread_clock.hpp"
#include "memory/guard_host_memory.hpp"
#include "system/memory_system_state.hpp"
#include "system/system_page.hpp"
#include "system/trace_json.hpp"

namespace forge3d {

system::SystemSnapshot MemorySystem::State::snapshot() const {
  if (ring != nullptr) (void)ring->poll();  // a lost device is seen in the figures
  meters->sample();
  system::SystemSnapshot snapshot;
  snapshot.name = desc.debug_name;
  snapshot.device = device->info();
  snapshot.origin_ns = meters->begin_ns();
  snapshot.stats = stats();
  if (pool != nullptr) {
    snapshot.pool_detail = pool->stats(true);
    if (auto dump = pool->dump_json()) snapshot.pool_dump = std::move(*dump);
  }
  snapshot.performance = meters->performance(monotonic_ns());
  snapshot.history = meters->history.samples();
  snapshot.textures = textures.list();
  for (const auto& one : alive()) {
    const VirtualTextureSystemDesc& shape = one->desc();
    snapshot.streaming.push_back({shape.debug_name, std::string(format_info(shape.format)->name),
                                  shape.page_texels, one->stats(), one->atlas_slots()});
  }
  snapshot.events_dropped = meters->events.dropped();
  return snapshot;
}

Result<std::string> MemorySystem::report_json() {
  return guard_host_memory(
      [&]() -> Result<std::string> { return system::system_json(state_->snapshot()); });
}

Result<std::string> MemorySystem::report_html() {
  return guard_host_memory(
      [&]() -> Result<std::string> { return system::system_page(state_->snapshot()); });
}

Result<std::string> MemorySystem::trace_json() const {
  return guard_host_memory([&]() -> Result<std::string> {
    const auto events = state_->meters->events.events();
    const auto history = state_->meters->history.samples();
    return system::trace_json({state_->desc.debug_name, state_->meters->begin_ns(), events, history,
                               state_->meters->events.dropped()});
  });
}

}  // namespace forge3d
