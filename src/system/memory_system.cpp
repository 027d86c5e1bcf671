// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/memory_system.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include "core/thread_clock.hpp"
#include "memory/guard_host_memory.hpp"
#include "system/memory_system_state.hpp"

namespace forge3d {
namespace {

constexpr std::uint64_t kOwnRingBytes = 4 * kMebibyte;
constexpr std::uint64_t kRetireNs = 100'000'000;  // that a load waits for textures on their way out

/// Both observers, where the caller brought one.
template <class Observation>
std::function<void(const Observation&)> observe_with(
    std::shared_ptr<system::SystemMeters> meters,
    std::function<void(const Observation&)> of_the_caller) {
  return [meters = std::move(meters),
          of_the_caller = std::move(of_the_caller)](const Observation& observation) {
    meters->note(observation);
    if (of_the_caller) of_the_caller(observation);
  };
}

}  // namespace

MemorySystem::MemorySystem() = default;
MemorySystem::~MemorySystem() = default;

Result<std::shared_ptr<MemorySystem>> MemorySystem::create(const MemorySystemDesc& desc) {
  if (desc.window_ns == 0)
    return fail(ErrorCode::kInvalidArgument, desc.debug_name + ": window_ns is 0");
  return guard_host_memory([&]() -> Result<std::shared_ptr<MemorySystem>> {
    std::shared_ptr<MemorySystem> made(new MemorySystem);
    made->state_ = std::make_unique<State>();
    made->state_->desc = desc;
    if (auto opened = made->state_->open(); !opened)
      return fail_from(std::move(opened).error(), desc.debug_name);
    return made;
  });
}

Result<> MemorySystem::State::open() {
  device = desc.device;
  if (device == nullptr) {
    FORGE3D_TRY_ASSIGN(device, Device::create(desc.open));
  }
  meters = std::make_shared<system::SystemMeters>(device, desc);
  if (desc.staging || desc.compressed_textures || desc.virtual_textures) {
    StagingRingDesc ring_desc = desc.ring;
    if (!desc.staging) {
      ring_desc.upload_bytes = kOwnRingBytes;
      ring_desc.readback_bytes = 0;
      ring_desc.debug_name = desc.debug_name + " textures";
    }
    ring_desc.observer = observe_with<StagingObservation>(meters, desc.ring.observer);
    FORGE3D_TRY_ASSIGN(ring, StagingRing::create(device, ring_desc));
  }
  if (desc.pools) {
    MemoryPoolDesc pool_desc = desc.pool;
    pool_desc.observer = observe_with<PoolObservation>(meters, desc.pool.observer);
    FORGE3D_TRY_ASSIGN(pool, MemoryPool::create(device, pool_desc));
  }
  meters->sample();
  return {};
}

const std::shared_ptr<Device>& MemorySystem::device() const { return state_->device; }

std::shared_ptr<StagingRing> MemorySystem::ring() const {
  return state_->desc.staging ? state_->ring : nullptr;
}

std::shared_ptr<MemoryPool> MemorySystem::pool() const { return state_->pool; }

Result<SystemTextureInfo> MemorySystem::load_texture(const std::filesystem::path& path,
                                                     const SystemTextureDesc& desc) {
  return guard_host_memory([&]() -> Result<SystemTextureInfo> {
    if (!state_->desc.compressed_textures)
      return fail(ErrorCode::kNotSupported,
                  state_->desc.debug_name + ": compressed textures were not asked for");
    const std::uint64_t begin_ns = monotonic_ns();
    FORGE3D_TRY_ASSIGN(const system::PreparedTexture prepared,
                       system::prepare_file(*state_->device, path, desc));
    return state_->upload(prepared, path.filename().string(), begin_ns);
  });
}

Result<SystemTextureInfo> MemorySystem::add_texture(const Image& image, std::string name,
                                                    const SystemTextureDesc& desc) {
  return guard_host_memory([&]() -> Result<SystemTextureInfo> {
    if (!state_->desc.compressed_textures)
      return fail(ErrorCode::kNotSupported,
                  state_->desc.debug_name + ": compressed textures were not asked for");
    const std::uint64_t begin_ns = monotonic_ns();
    FORGE3D_TRY_ASSIGN(const system::PreparedTexture prepared,
                       system::prepare_image(*state_->device, image, name, desc));
    return state_->upload(prepared, std::move(name), begin_ns);
  });
}

Result<SystemTextureInfo> MemorySystem::State::upload(const system::PreparedTexture& prepared,
                                                      std::string name, std::uint64_t begin_ns) {
  textures.collect();
  // Made first: once the upload is on its way, nothing may fail between.
  auto owned = std::make_shared<system::OwnedTexture>(device);
  const LoadTextureDesc how{.first_level = prepared.first_level, .debug_name = name};
  auto loaded = forge3d::load_texture(device, *ring, prepared.levels, how);
  if (!loaded && loaded.error().code == ErrorCode::kBudgetExceeded && give_back_unused())
    loaded = forge3d::load_texture(device, *ring, prepared.levels, how);
  if (!loaded) return fail_from(std::move(loaded).error(), name);
  owned->texture = std::move(*loaded);
  const DeviceTexture& texture = owned->texture;
  const Ktx2Info& file = prepared.levels.info;
  const std::uint64_t decode_ns = prepared.decode_ns + texture.read_ns;
  SystemTextureInfo info;
  info.name = std::move(name);
  info.file_format = prepared.file_format;
  info.basis_model = prepared.basis_model;
  info.reason = prepared.reason;
  info.format = file.format;
  info.width = mip_extent(file.width, prepared.first_level);
  info.height = mip_extent(file.height, prepared.first_level);
  info.depth = mip_extent(file.depth, prepared.first_level);
  info.levels = file.levels - prepared.first_level;
  info.layers = file.layers * file.faces;
  info.stored_bytes = prepared.stored_bytes != 0 ? prepared.stored_bytes : texture.stored_bytes;
  info.device_bytes = texture.device_bytes;
  info.uncompressed_bytes = texture.uncompressed_bytes;
  info.compression_ratio =
      static_cast<double>(info.uncompressed_bytes) / static_cast<double>(info.device_bytes);
  info.saved_bytes = info.uncompressed_bytes - std::min(info.uncompressed_bytes, info.device_bytes);
  info.decode_ms = static_cast<double>(decode_ns) * 1e-6;
  info.psnr_db = prepared.psnr_db();
  SystemTextureInfo added = textures.add(std::move(info), std::move(owned));
  meters->note_load(added.name, begin_ns, decode_ns, added.device_bytes);
  return added;
}

bool MemorySystem::State::give_back_unused() {
  const std::uint64_t held_bytes = device->budget().stats().total_bytes;
  textures.collect_all(kRetireNs);
  if (pool != nullptr) (void)pool->trim();
  return device->budget().stats().total_bytes < held_bytes;
}

Result<> MemorySystem::unload_texture(TextureId texture, Ticket last_use) {
  return guard_host_memory([&]() -> Result<> {
    FORGE3D_TRY(state_->textures.remove(texture, last_use));
    state_->meters->sample();
    return {};
  });
}

Result<std::shared_ptr<const DeviceTexture>> MemorySystem::texture(TextureId texture) const {
  return state_->textures.find(texture);
}

std::vector<SystemTextureInfo> MemorySystem::textures() const { return state_->textures.list(); }

Result<std::shared_ptr<VirtualTextureSystem>> MemorySystem::create_streaming(
    VirtualTextureSystemDesc desc) {
  return guard_host_memory([&]() -> Result<std::shared_ptr<VirtualTextureSystem>> {
    if (!state_->desc.virtual_textures)
      return fail(ErrorCode::kNotSupported,
                  state_->desc.debug_name + ": virtual textures were not asked for");
    desc.device = state_->device;
    desc.ring = state_->ring;
    desc.observer = [meters = state_->meters, of_the_caller = std::move(desc.observer)](
                        const VirtualUpdateStats& update, std::uint64_t begin_ns,
                        std::uint64_t end_ns) {
      meters->note(update, begin_ns, end_ns);
      if (of_the_caller) of_the_caller(update, begin_ns, end_ns);
    };
    state_->textures.collect();
    FORGE3D_TRY_ASSIGN(std::shared_ptr<VirtualTextureSystem> made,
                       VirtualTextureSystem::create(desc));
    {
      const std::lock_guard lock(state_->streaming_mutex);
      state_->streaming.push_back(made);
    }
    state_->meters->sample();
    return made;
  });
}

std::vector<std::shared_ptr<VirtualTextureSystem>> MemorySystem::State::alive() const {
  const std::lock_guard lock(streaming_mutex);
  std::vector<std::shared_ptr<VirtualTextureSystem>> result;
  std::erase_if(streaming, [&](const std::weak_ptr<VirtualTextureSystem>& weak) {
    auto strong = weak.lock();
    if (strong == nullptr) return true;
    result.push_back(std::move(strong));
    return false;
  });
  return result;
}

SystemStats MemorySystem::stats() const { return state_->stats(); }

SystemStats MemorySystem::State::stats() const {
  SystemStats stats;
  stats.has_staging = desc.staging;
  stats.has_pools = desc.pools;
  stats.has_compressed = desc.compressed_textures;
  stats.has_virtual = desc.virtual_textures;
  if (ring != nullptr) stats.staging = ring->stats();
  if (pool != nullptr) stats.pools = pool->stats();
  stats.compressed = textures.stats();
  SystemStats::Virtual& sum = stats.virtual_textures;
  for (const auto& system : alive()) {
    const VirtualTextureStats one = system->stats();
    ++sum.systems;
    sum.cache_hits += one.cache_hits;
    sum.cache_misses += one.cache_misses;
    sum.tiles_requested += one.tiles_requested;
    sum.tiles_loaded += one.tiles_loaded;
    sum.tiles_evicted += one.tiles_evicted;
    sum.tiles_failed += one.tiles_failed;
    sum.atlas_bytes += one.atlas_bytes;
    sum.page_table_bytes += one.page_table_bytes;
    sum.used_bytes += one.memory_used_bytes;
  }
  if (const std::uint64_t looks = sum.cache_hits + sum.cache_misses; looks > 0)
    sum.cache_hit_rate = static_cast<double>(sum.cache_hits) / static_cast<double>(looks);
  stats.budget = device->budget().stats();
  return stats;
}

PerformanceMetrics MemorySystem::performance() const {
  // The ring takes note of what has finished.
  if (state_->ring != nullptr) (void)state_->ring->poll();
  try {
    return state_->meters->performance(monotonic_ns());
  } catch (const std::bad_alloc&) {
    return {};
  }
}

void MemorySystem::sample() {
  if (state_->ring != nullptr) (void)state_->ring->poll();  // a lost device: its users hear of it
  state_->meters->sample();
}

void MemorySystem::add_event(std::string_view category, std::string_view name,
                             std::uint64_t begin_ns, std::uint64_t end_ns) {
  state_->meters->events.add(category, name, begin_ns, end_ns);
}

Result<> MemorySystem::set_limits(BudgetLimits limits) {
  return guard_host_memory([&] { return state_->set_limits(limits); });
}

}  // namespace forge3d
