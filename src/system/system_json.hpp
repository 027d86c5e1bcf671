// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// SystemSnapshot: what a report tells, taken at one time; and the report as JSON.

#include <string>
#include <vector>

#include "forge3d/memory_system.hpp"
#include "system/ledger_history.hpp"

namespace forge3d::system {

struct StreamingSnapshot {
  std::string name, format;
  std::uint32_t page_texels = 0;
  VirtualTextureStats stats;
  std::vector<AtlasSlot> slots;
};

struct SystemSnapshot {
  std::string name;
  DeviceInfo device;
  std::uint64_t origin_ns = 0;  ///< When the system was made; times of samples are beside it.
  SystemStats stats;
  PoolStats pool_detail;
  std::string pool_dump;  ///< MemoryPool::dump_json(); empty without a pool.
  PerformanceMetrics performance;
  std::vector<LedgerSample> history;
  std::vector<SystemTextureInfo> textures;
  std::vector<StreamingSnapshot> streaming;
  std::uint64_t events_dropped = 0;
};

/// Throws std::bad_alloc.
[[nodiscard]] std::string system_json(const SystemSnapshot& snapshot);

}  // namespace forge3d::system
