// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// VirtualTextureSystem::State: the parts of a system, and the steps of one update over them.

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "forge3d/resources.hpp"
#include "forge3d/virtual_texture.hpp"
#include "streaming/atlas.hpp"
#include "streaming/history.hpp"
#include "streaming/page_streamer.hpp"
#include "streaming/seen_pages.hpp"
#include "streaming/table_scatter.hpp"
#include "streaming/tile_cache.hpp"
#include "streaming/tile_loader.hpp"
#include "streaming/tile_stack.hpp"

namespace forge3d {

/// Reads and finished tiles that wait for their upload, at most: what bounds host memory. As many
/// frames of uploads as a read may take, but never fewer tiles than keep the threads busy.
inline constexpr std::size_t kLeastTilesInFlight = 64, kFramesInFlight = 4;
/// Slots that must be left beside the pinned ones for streaming to make sense.
inline constexpr std::uint32_t kLeastStreamingSlots = 8;

/// What a system is made of, taken from the ledger before it begins.
struct VirtualTextureParts {
  std::vector<streaming::TileLayer> layers;
  streaming::TableScatter device_table;
  streaming::Atlas atlas;
  streaming::PageTable table;
  std::unique_ptr<streaming::TileCache> cache;  ///< May be null.
};

/// The decisions are the streamer's; here are the files, the ring and the GPU that carry them out.
/// All but the statistics belongs to the updating thread.
struct VirtualTextureSystem::State {
  struct Texture {
    std::shared_ptr<TileSource> source;  // of all layers; null: removed
    TilePyramid pyramid;
    std::uint32_t generation = 0;
    std::uint32_t cache_id = 0;
  };

  State(const VirtualTextureSystemDesc& description, VirtualTextureParts parts);
  ~State();

  /// The live texture. Errors: kStaleHandle.
  [[nodiscard]] Result<const Texture*> texture_of(VirtualTextureId id) const;
  [[nodiscard]] Result<> check_sources(std::span<const std::shared_ptr<TileSource>> sources) const;
  [[nodiscard]] Result<> check_source(const TileSource* source, Format format) const;
  [[nodiscard]] Result<VirtualTextureId> add(std::span<const std::shared_ptr<TileSource>> sources);
  [[nodiscard]] Result<> pin_coarsest_page(const Texture& texture, std::uint32_t index);
  /// Copies a tile of all layers into a slot. Errors: StagingRing::upload's.
  [[nodiscard]] Result<> upload_tile(std::uint32_t slot, std::span<const std::byte> tile);
  /// A free slot, made by evicting and waiting if need be.
  [[nodiscard]] Result<std::uint32_t> take_pinned_slot(const streaming::PageKey& page);
  [[nodiscard]] Result<> remove(VirtualTextureId id);
  std::uint32_t evict_unwanted(std::optional<std::uint32_t> texture);
  [[nodiscard]] Result<std::uint32_t> prefetch(const VirtualRegion& region);
  [[nodiscard]] Result<RegionRequest> request(std::span<const streaming::PageKey> pages,
                                              double deadline_seconds);
  /// The pages of a region, row by row. Errors: as VirtualTextureSystem::prefetch.
  [[nodiscard]] Result<std::vector<streaming::PageKey>> pages_of(const VirtualRegion& region) const;

  FeedbackCounts add_feedback(std::span<const FeedbackPage> pages);

  [[nodiscard]] Result<VirtualUpdateStats> update(std::span<const VirtualView> views);
  /// Seconds since the last update, as motion is measured in.
  [[nodiscard]] double frame_seconds(std::uint64_t now_ns);
  [[nodiscard]] Result<streaming::GpuProgress> completed() const;
  [[nodiscard]] Result<> release_slots();
  void receive_tiles();
  [[nodiscard]] Result<> upload_ready_tiles(VirtualUpdateStats& now, std::uint64_t begin_ns);
  /// True when the tile is done with: resident, or nobody wants it. False: no slot, or no ring
  /// space in time.
  [[nodiscard]] Result<bool> place_tile(const streaming::LoadedTile& tile, VirtualUpdateStats& now);
  void request_tiles();
  /// Uploads what changed in the table, behind all tiles, submits, and dates the retired slots.
  [[nodiscard]] Result<> publish(VirtualUpdateStats& now);
  [[nodiscard]] std::uint32_t uploads_per_frame() const;

  void note_failure(const streaming::LoadedTile& tile);
  /// Drops finished tiles whose texture is gone or whose page nobody waits for.
  void drop_orphans();
  void refresh_stats();
  void fill_counts(VirtualUpdateStats& now) const;
  void count_update(const VirtualUpdateStats& now);

  VirtualTextureSystemDesc desc;
  std::vector<streaming::TileLayer> layers;
  std::uint64_t tile_bytes = 0;  // of all layers
  streaming::TableScatter device_table;
  streaming::Atlas atlas;
  streaming::PageStreamer streamer;
  streaming::SeenPages seen;
  std::uint64_t feedback_ignored = 0;
  std::vector<Texture> textures;
  std::uint32_t textures_added = 0;
  std::vector<streaming::LoadedTile> ready;
  std::uint64_t last_update_ns = 0;     // 0: none yet
  streaming::GpuProgress last_frame;    // what samples the published table
  streaming::GpuProgress last_publish;  // the submission that wrote it

  mutable std::mutex slots_mutex;  // held while slots change hands; taken before stats_mutex
  mutable std::mutex stats_mutex;  // guards the rest
  VirtualTextureStats stats;
  streaming::History update_ms{4096}, frames_to_visible{4096}, ms_to_visible{4096};
  std::deque<std::string> errors;

  std::unique_ptr<streaming::TileCache> cache;
  streaming::TileLoader loader;  // last: its threads end before the sources go
};

}  // namespace forge3d
