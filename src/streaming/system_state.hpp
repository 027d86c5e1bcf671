// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// VirtualTextureSystem::State: the parts of a system, and the steps of one update over them.

#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "forge3d/resources.hpp"
#include "forge3d/virtual_texture.hpp"
#include "streaming/atlas.hpp"
#include "streaming/history.hpp"
#include "streaming/mip_bias.hpp"
#include "streaming/page_fades.hpp"
#include "streaming/page_table.hpp"
#include "streaming/prefetch_list.hpp"
#include "streaming/request_queue.hpp"
#include "streaming/seen_pages.hpp"
#include "streaming/slot_pool.hpp"
#include "streaming/table_scatter.hpp"
#include "streaming/tile_loader.hpp"
#include "streaming/tile_stack.hpp"
#include "streaming/visibility.hpp"

namespace forge3d {

/// Reads and finished tiles that wait for their upload, at most: what bounds host memory.
inline constexpr std::size_t kMaxTilesInFlight = 64;
/// Slots that must be left beside the pinned ones for streaming to make sense.
inline constexpr std::uint32_t kLeastStreamingSlots = 8;

/// All but the statistics belongs to the updating thread.
struct VirtualTextureSystem::State {
  struct Texture {
    std::shared_ptr<TileSource> source;  // of all layers; null: removed
    TilePyramid pyramid;
    std::uint32_t generation = 0;
  };

  State(const VirtualTextureSystemDesc& description, streaming::TableScatter table_on_device,
        streaming::Atlas image, streaming::PageTable pages,
        std::vector<streaming::TileLayer> tile_layers);
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
  FeedbackCounts add_feedback(std::span<const FeedbackPage> pages);

  [[nodiscard]] Result<VirtualUpdateStats> update(std::span<const VirtualView> views);
  /// What the views may want at any bias, and the least bias it holds for. Changes nothing but
  /// `candidates`, so that a refused view leaves all as it was.
  [[nodiscard]] Result<float> find_candidates(std::span<const VirtualView> views);
  void find_seen_pages();
  [[nodiscard]] Result<> release_slots();
  void want_pages(float bias, VirtualUpdateStats& now);
  /// Behind the views: as many pages of the prefetch list as they leave room for.
  void want_prefetched(VirtualUpdateStats& now);
  void receive_tiles();
  [[nodiscard]] Result<> upload_ready_tiles(VirtualUpdateStats& now);
  /// True when the tile is done with: resident, or nobody wants it. False: no slot, or no ring
  /// space in time.
  [[nodiscard]] Result<bool> place_tile(const streaming::LoadedTile& tile, VirtualUpdateStats& now);
  void evict_for_missing(VirtualUpdateStats& now);
  void request_tiles(VirtualUpdateStats& now);
  /// Uploads what changed in the table, behind all tiles, submits, and dates the retired slots.
  [[nodiscard]] Result<> publish(VirtualUpdateStats& now);

  void evict(std::uint32_t slot);
  void note_failure(const streaming::LoadedTile& tile);
  /// Drops finished tiles whose texture is gone or whose page nobody waits for.
  void drop_orphans();
  void refresh_stats();
  void count_update(const VirtualUpdateStats& now, std::uint32_t hits);

  VirtualTextureSystemDesc desc;
  std::vector<streaming::TileLayer> layers;
  std::uint64_t tile_bytes = 0;  // of all layers
  streaming::TableScatter device_table;
  streaming::Atlas atlas;
  streaming::PageTable table;
  streaming::SlotPool slots;
  streaming::RequestQueue requests;
  streaming::PrefetchList prefetched;
  streaming::SeenPages seen;
  streaming::PageFades fades;
  std::uint32_t fade_frames = 0;
  streaming::MipBias mip_bias;
  float max_mip_bias = VirtualTextureTuning{}.max_mip_bias;
  std::vector<Texture> textures;
  std::vector<streaming::CandidatePage> candidates;
  streaming::VisibleSet visible;
  std::vector<streaming::LoadedTile> ready;
  std::uint64_t frame = 0;
  std::uint32_t wanted_hits = 0;
  streaming::GpuProgress last_frame;    // what samples the published table
  streaming::GpuProgress last_publish;  // the submission that wrote it

  mutable std::mutex slots_mutex;  // held while slots change hands; taken before stats_mutex
  mutable std::mutex stats_mutex;  // guards the rest
  VirtualTextureStats stats;
  streaming::History update_ms{4096};
  streaming::History frames_to_visible{4096};
  std::deque<std::string> errors;

  streaming::TileLoader loader;  // last: its threads end before the sources go
};

}  // namespace forge3d
