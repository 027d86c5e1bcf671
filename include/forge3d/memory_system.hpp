// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// MemorySystem: staging, pools, compressed and virtual textures under one budget, and what is
// measured of them.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "forge3d/codec.hpp"
#include "forge3d/device.hpp"
#include "forge3d/image.hpp"
#include "forge3d/memory_pool.hpp"
#include "forge3d/staging_ring.hpp"
#include "forge3d/texture_loader.hpp"
#include "forge3d/virtual_texture.hpp"

namespace forge3d {

struct MemorySystemDesc {
  /// The device whose ledger all parts share; null: one is opened as `open` says.
  std::shared_ptr<Device> device;
  DeviceDesc open;
  bool staging = true, pools = true, compressed_textures = true, virtual_textures = true;
  /// Where staging is off, textures bring a ring of 4 MiB of their own.
  StagingRingDesc ring;
  MemoryPoolDesc pool{.max_bytes = 128 * kMebibyte};
  std::uint64_t window_ns = 10'000'000'000;  ///< What performance() looks back over.
  std::uint32_t history_samples = 4096;      ///< Of the ledger, kept for the report.
  std::uint32_t event_limit = 65'536;        ///< Kept for trace_json(); 0: none are recorded.
  std::string debug_name = "memory system";
};

/// A texture of one system: index and generation; stale after unload_texture().
struct TextureId {
  std::uint32_t index = 0;
  std::uint32_t generation = 0;  ///< 0: null.
  friend bool operator==(const TextureId&, const TextureId&) = default;
};

struct SystemTextureDesc {
  /// kUndefined: the file's own where the device samples it, else the best that it samples of those
  /// that keep the channels: blocks (Basis Universal is transcoded, others are encoded anew), then
  /// RGBA8 or RGBA16F; of pictures BC7 or RGBA8. sRGB files keep their transfer function.
  Format preferred_format = Format::kUndefined;
  /// For what is encoded here, and of transcoding; kFast takes opaque ETC1S to BC1, not BC7.
  Quality quality = Quality::kHigh;
  bool mipmaps = true;  ///< For pictures.
  std::uint32_t first_level = 0;
};

/// What became of a file.
struct SystemTextureInfo {
  TextureId id;
  std::string name;
  Format file_format = Format::kUndefined;  ///< kUndefined for pictures, ETC1S and UASTC LDR.
  BasisModel basis_model = BasisModel::kNone;
  Format format = Format::kUndefined;  ///< On the device.
  std::string reason;                  ///< Why that format.
  std::uint32_t width = 0, height = 0, depth = 0, levels = 0, layers = 0;
  std::uint64_t stored_bytes = 0, device_bytes = 0, uncompressed_bytes = 0;
  std::uint64_t saved_bytes = 0;  ///< uncompressed_bytes - device_bytes, or 0.
  double compression_ratio = 1;   ///< uncompressed_bytes / device_bytes.
  /// Reading, inflating, transcoding, decoding or encoding: all but the upload.
  double decode_ms = 0;
  std::optional<double> psnr_db;  ///< Colors of level 0, measured where it was encoded here.
};

/// A figure over the samples of the last window_ns.
struct MeasuredFigure {
  std::uint64_t samples = 0;
  double mean = 0, p50 = 0, p99 = 0, max = 0;  ///< 0 without samples.
};

/// Measured over the last window_ns, of each kind at most the latest 4096 samples; `samples` tells
/// from how many.
struct PerformanceMetrics {
  double window_s = 0;  ///< window_ns, or the system's age while it is shorter.
  /// 10^6 bytes per second in which some were under way, of uploads whose end somebody looked out
  /// for (a wait, or a poll, flush, upload or sample() that saw them under way). Where nobody did
  /// for any, of all, until somebody noticed: then it is a lower bound.
  double upload_bandwidth_mbps = 0;
  /// By submissions that ended. Of direct writes no time is taken: see StagingStats::bytes_by_path.
  std::uint64_t bytes_uploaded = 0;
  MeasuredFigure upload_latency_ms;
  MeasuredFigure allocation_latency_us;  ///< One pool request in 64 is timed.
  MeasuredFigure decode_time_ms;         ///< A sample a texture.
  MeasuredFigure streaming_update_ms;    ///< A sample an update.
};

struct SystemStats {
  BudgetStats budget;
  bool has_staging = false, has_pools = false, has_compressed = false, has_virtual = false;
  StagingStats staging;
  PoolStats pools;
  struct Compressed {
    std::uint64_t textures = 0, device_bytes = 0, uncompressed_bytes = 0;
    std::uint64_t saved_bytes = 0;  ///< uncompressed_bytes - device_bytes of compressed ones.
    std::uint64_t loads = 0;        ///< Since creation.
  } compressed;
  struct Virtual {
    std::uint32_t systems = 0;
    std::uint64_t cache_hits = 0, cache_misses = 0;
    double cache_hit_rate = 0;  ///< 0..1 over all systems alive; 0 before the first update.
    std::uint64_t tiles_requested = 0, tiles_loaded = 0, tiles_evicted = 0, tiles_failed = 0;
    std::uint64_t atlas_bytes = 0, page_table_bytes = 0, used_bytes = 0;
  } virtual_textures;
};

/// The four under one ledger. What it hands out (device, ring, pool, streaming systems) is shared
/// and may outlive it; teardown works in any order. Thread-safe, except that each streaming system
/// is updated by one thread (see VirtualTextureSystem).
class MemorySystem {
 public:
  /// Errors: kInvalidArgument, Device::create's, StagingRing::create's, MemoryPool::create's.
  [[nodiscard]] static Result<std::shared_ptr<MemorySystem>> create(
      const MemorySystemDesc& desc = {});
  ~MemorySystem();
  MemorySystem(const MemorySystem&) = delete;
  MemorySystem& operator=(const MemorySystem&) = delete;

  [[nodiscard]] const std::shared_ptr<Device>& device() const;
  /// Null where it was not asked for.
  [[nodiscard]] std::shared_ptr<StagingRing> ring() const;
  [[nodiscard]] std::shared_ptr<MemoryPool> pool() const;

  /// Loads a KTX2, PNG or JPEG file, told by its content, onto the device. Errors: kNotSupported
  /// (compressed textures were not asked for; a format that the device cannot sample and this build
  /// cannot decode), those of the reader, of compress() and of load_texture().
  [[nodiscard]] Result<SystemTextureInfo> load_texture(const std::filesystem::path& path,
                                                       const SystemTextureDesc& desc = {});
  /// The same from pixels. Errors: as above.
  [[nodiscard]] Result<SystemTextureInfo> add_texture(const Image& image, std::string name,
                                                      const SystemTextureDesc& desc = {});
  /// Its memory is given back when the upload and `last_use` are done, by the next call that loads,
  /// unloads or changes limits. Errors: kStaleHandle, kInvalidArgument for a ticket that was never
  /// submitted.
  [[nodiscard]] Result<> unload_texture(TextureId texture, Ticket last_use = {});
  /// The device texture behind a handle, kept alive by the pointer. Errors: kStaleHandle.
  [[nodiscard]] Result<std::shared_ptr<const DeviceTexture>> texture(TextureId texture) const;
  [[nodiscard]] std::vector<SystemTextureInfo> textures() const;

  /// A streaming system on this system's device and ring; desc.device and desc.ring are filled in.
  /// It counts in stats() and performance() while it lives. Errors: kNotSupported (virtual textures
  /// were not asked for), VirtualTextureSystem::create's.
  [[nodiscard]] Result<std::shared_ptr<VirtualTextureSystem>> create_streaming(
      VirtualTextureSystemDesc desc = {});

  /// Replaces the ledger's limits. What is held above a new limit is given back first, no more than
  /// needed: unloaded textures (waited for up to a second), the pool's empty blocks, then blocks
  /// that compaction empties. Meanwhile no other request can grow what is held. Streaming systems
  /// keep their atlases. Errors: kBudgetExceeded says what is still held, by category; the old
  /// limits then stay.
  [[nodiscard]] Result<> set_limits(BudgetLimits limits);

  [[nodiscard]] SystemStats stats() const;
  /// All zero when host memory runs out.
  [[nodiscard]] PerformanceMetrics performance() const;
  /// Adds a sample of the ledger to the history and takes note of uploads that have ended; once a
  /// frame or as often as the report shall show.
  /// Loads, unloads, new streaming systems, changed limits, reports, and updates at least 10 ms
  /// apart add theirs.
  void sample();
  /// All of the above as one JSON object. Errors: kOutOfHostMemory.
  [[nodiscard]] Result<std::string> report_json();
  /// One HTML page that asks nothing of the network: bytes by category against the budget over
  /// time, heap maps, textures, streaming. Errors: kOutOfHostMemory.
  [[nodiscard]] Result<std::string> report_html();
  /// Uploads, pool requests, texture loads and streaming updates as Chrome's trace event format,
  /// which Perfetto opens. Errors: kOutOfHostMemory.
  [[nodiscard]] Result<std::string> trace_json() const;
  /// A span or an instant of the caller's own in the trace; of long words the first 15 and 47
  /// letters. REQUIRES: begin_ns <= end_ns, both of std::chrono::steady_clock.
  void add_event(std::string_view category, std::string_view name, std::uint64_t begin_ns,
                 std::uint64_t end_ns);

 private:
  MemorySystem();
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace forge3d
