// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// What is behind a MemorySystem.

#include <memory>
#include <mutex>
#include <vector>

#include "forge3d/memory_system.hpp"
#include "system/prepared_texture.hpp"
#include "system/system_json.hpp"
#include "system/system_meters.hpp"
#include "system/texture_shelf.hpp"

namespace forge3d {

struct MemorySystem::State {
  MemorySystemDesc desc;
  std::shared_ptr<Device> device;
  std::shared_ptr<StagingRing> ring;  // what textures are uploaded through
  std::shared_ptr<MemoryPool> pool;   // null: not asked for
  std::shared_ptr<system::SystemMeters> meters;
  system::TextureShelf textures;

  mutable std::mutex streaming_mutex;
  mutable std::vector<std::weak_ptr<VirtualTextureSystem>> streaming;  // guarded by it
  std::mutex limits_mutex;                                             // one change at a time

  [[nodiscard]] Result<> open();
  /// Uploads it, gives it a name and counts it.
  [[nodiscard]] Result<SystemTextureInfo> upload(const system::PreparedTexture& prepared,
                                                 std::string name, std::uint64_t begin_ns);
  /// The streaming systems that are alive, in the order of their creation.
  [[nodiscard]] std::vector<std::shared_ptr<VirtualTextureSystem>> alive() const;
  [[nodiscard]] Result<> set_limits(BudgetLimits limits);
  [[nodiscard]] SystemStats stats() const;
  [[nodiscard]] system::SystemSnapshot snapshot() const;
  /// Gives back what nobody holds any more: retired textures and empty blocks. True when some was.
  bool give_back_unused();
};

}  // namespace forge3d
