// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// VirtualTextureSystem (O4): textures far larger than memory, a page at a time, under the ledger.

#include <vulkan/vulkan_core.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "forge3d/device.hpp"
#include "forge3d/feedback.hpp"
#include "forge3d/staging_ring.hpp"
#include "forge3d/tile_source.hpp"

namespace forge3d {

/// A texture of one system: index and generation; stale after remove().
struct VirtualTextureId {
  std::uint32_t index = 0;
  std::uint32_t generation = 0;  ///< 0: null.
  friend bool operator==(const VirtualTextureId&, const VirtualTextureId&) = default;
};

/// One camera's look at one texture that lies in a plane: all that is needed to know which pages it
/// wants.
struct VirtualView {
  VirtualTextureId texture;
  /// Column-major 4 x 4: (u, v, 0, 1) to Vulkan clip space (x and y in -w..w, z in 0..w). u and v
  /// are 0..1 over the texture, v = 0 at its first row. Double, so that a million texels stay
  /// apart. Finite.
  std::array<double, 16> clip_from_uv{};
  std::uint32_t width = 0, height = 0;  ///< Viewport in pixels.
  float max_anisotropy = 8;             ///< 1..16
  float lod_bias = 0;                   ///< Added to every wanted level of detail.
  float weight = 1;  ///< What a pixel of this view is worth beside other views'; above 0.
};

/// A rectangle that is wanted although no view sees it.
struct VirtualRegion {
  VirtualTextureId texture;
  std::uint32_t level = 0;                            ///< The level whose pages are wanted.
  std::uint32_t x = 0, y = 0, width = 0, height = 0;  ///< In texels of `level`.
};

/// Ready-made tunings; see VirtualTextureTuning::preset.
enum class TuningPreset : std::uint8_t { kPerformance, kBalanced, kQuality };
/// "performance", "balanced", "quality".
[[nodiscard]] std::string_view to_string(TuningPreset preset);
[[nodiscard]] std::optional<TuningPreset> tuning_preset_from_name(std::string_view name);

/// What may be changed while a system runs.
struct VirtualTextureTuning {
  /// kBalanced: the values below. kPerformance: one level less everywhere, which is a quarter of
  /// the pages, and views become blurrier sooner. kQuality: sharp at rest whatever it takes to get
  /// there, pages stay longer, are fetched further ahead and fade in.
  [[nodiscard]] static VirtualTextureTuning preset(TuningPreset preset);

  /// How much blurrier than asked a view may become to fit the slots. Beyond it some pages stay
  /// missing: the most important ones are resident, the others show their ancestors.
  float max_mip_bias = 32;
  std::uint32_t frames_of_grace = 2;  ///< As in VirtualTextureSystemDesc.
  /// Texels wanted for each pixel along an axis, as a share of what is exact: 0.5 wants one level
  /// less everywhere, 2 one more. 1/64..64.
  float lod_scale = 1;
  /// Pages whose tile is in host memory already count so many times as important as others of equal
  /// gain. 1..64.
  float cache_priority_boost = 1;
  /// How far ahead of a moving view its pages are fetched when slots and uploads are to spare; 0:
  /// not at all. 0..1.
  float prefetch_seconds = 0.15f;
  /// Frames' worth of uploads that a view may wait for; more missing pages than that and it becomes
  /// blurrier, so that what comes first is what gains most. 0: views wait for all of them. 0..1024.
  std::uint32_t backlog_frames = 16;
  /// Updates over which a page that has come is blended in; 0: it is there at once. 0..1024.
  std::uint32_t fade_frames = 0;
};
/// Checks the ranges above. Errors: kInvalidArgument names the value that is outside its range or
/// not a number.
[[nodiscard]] Result<> check_tuning(const VirtualTextureTuning& tuning);

struct VirtualUpdateStats;

/// Layers a texture can have.
inline constexpr std::uint32_t kMaxVirtualLayers = 4;
/// Updates that a page of add_feedback() stays wanted.
inline constexpr std::uint32_t kFeedbackUpdates = 8;

struct VirtualTextureSystemDesc {
  std::shared_ptr<Device> device;
  std::shared_ptr<StagingRing> ring;
  Format format = Format::kBC7Srgb;  ///< Of all textures in the system.
  /// Of textures with several layers (albedo, normals, height ...): one format for each, at most
  /// kMaxVirtualLayers. Layers share pages, page table and slots; each has an atlas of its own.
  /// Empty: one layer of `format`. Not empty: `format` is not looked at.
  std::vector<Format> layer_formats;
  std::uint32_t page_texels = 256;
  std::uint32_t border_texels = 4;
  std::uint64_t atlas_bytes = 0;    ///< Upper bound for the atlas of all layers; 0: what the budget
                                    ///< has left, less reserve_bytes.
  std::uint64_t reserve_bytes = 0;  ///< Left free in the ledger when atlas_bytes is 0.
  std::uint64_t page_table_bytes = kMebibyte;  ///< With its list of changes, a 32nd of it.
  std::uint64_t upload_bytes_per_frame = 8 * kMebibyte;  ///< At least one tile is always uploaded.
  /// No further tile is uploaded in an update once it has run for so long; 0: no limit.
  double upload_ms_per_frame = 0;
  /// Host memory for stored tiles that left the atlas or were read and not needed yet, shared by
  /// all textures and taken from the ledger (tile_cache); 0: none.
  std::uint64_t tile_cache_bytes = 0;
  /// Seconds that pass from update to update, for motion and deadlines; 0: measured, or a sixtieth
  /// when deterministic.
  double frame_seconds = 0;
  /// The same calls make the same decisions, whatever the threads, the disk and the GPU do: each
  /// update waits for the reads and the frames before it. For replays and tests.
  bool deterministic = false;
  std::uint32_t max_textures = 16;
  std::uint32_t worker_threads =
      0;  ///< Threads that read and inflate tiles; 0: one less than the cores, at least one.
  std::uint32_t frames_of_grace =
      2;  ///< A page is evicted only when it was not wanted for so many frames, if others can go.
  /// Told at the end of each update() that succeeds, on its thread: must not throw and must not
  /// call the system. Times are of std::chrono::steady_clock.
  std::function<void(const VirtualUpdateStats& update, std::uint64_t begin_ns,
                     std::uint64_t end_ns)>
      observer;
  std::string debug_name = "virtual textures";
};

struct VirtualUpdateStats {
  std::uint64_t frame = 0;
  std::uint32_t tiles_wanted = 0;     ///< The visible set of all views at the bias in force.
  std::uint32_t tiles_requested = 0;  ///< New read requests started by this update.
  std::uint32_t tiles_loaded = 0;     ///< Tiles that became resident in this update.
  std::uint32_t tiles_evicted = 0;
  std::uint32_t tiles_missing = 0;  ///< Wanted and not resident after this update.
  /// Pages of regions, and of what is fetched ahead of the views, that are still to come.
  std::uint32_t tiles_prefetching = 0;
  std::uint32_t holes = 0;  ///< Wanted pages that not even an ancestor shows: 0.
  std::uint64_t bytes_uploaded = 0;
  float mip_bias = 0;  ///< Smallest bias whose demand fits the slots and the uploads.
  double update_ms = 0;
};

struct VirtualTextureStats {
  std::uint64_t frames = 0;
  std::uint64_t cache_hits = 0,
                cache_misses = 0;  ///< Wanted pages resident, or not, at the start of each update.
  std::uint64_t region_hits = 0, region_misses = 0;      ///< The same for requested regions,
  std::uint64_t prefetch_hits = 0, prefetch_misses = 0;  ///< and for what is fetched ahead.
  std::uint64_t tiles_requested = 0, tiles_loaded = 0, tiles_evicted = 0, tiles_failed = 0;
  std::uint64_t tiles_rescued = 0;     ///< Evicted and taken back before their slot was written.
  std::uint64_t tiles_prefetched = 0;  ///< Loaded before any view wanted them.
  std::uint64_t holes = 0;             ///< Sum of VirtualUpdateStats::holes.
  std::uint64_t feedback_ignored = 0;  ///< Pages of the GPU's feedback that no texture has (any
                                       ///< more).
  std::uint64_t bytes_uploaded = 0;
  std::uint64_t bytes_wasted = 0;  ///< Of prefetched tiles that left without having been wanted.
  std::uint64_t tile_cache_bytes = 0, tile_cache_limit_bytes = 0;  ///< Tiles in host memory.
  std::uint64_t tile_cache_hits = 0, tile_cache_misses = 0;
  std::uint64_t tile_cache_ghost_hits = 0;  ///< Misses on tiles that had left not long before.
  std::uint64_t decisions_hash = 0;  ///< Over all placements and evictions: equal runs have equal.
  std::uint64_t memory_used_bytes = 0;                  ///< Atlas slots in use.
  std::uint64_t memory_limit_bytes = 0;                 ///< All atlas slots.
  std::uint64_t atlas_bytes = 0, page_table_bytes = 0;  ///< Held from the ledger.
  std::uint32_t slots_total = 0, slots_used = 0, slots_pinned = 0;
  std::uint32_t tiles_in_flight = 0;
  double update_ms_p50 = 0, update_ms_p99 = 0;  ///< Over the last 4096 updates.
  /// Frames from first wanted to resident, last 4096 tiles, and milliseconds.
  double request_to_visible_p50 = 0, request_to_visible_p95 = 0, request_to_visible_p99 = 0;
  double request_to_visible_ms_p50 = 0, request_to_visible_ms_p95 = 0,
         request_to_visible_ms_p99 = 0;
  std::vector<std::string>
      errors;  ///< The latest failed tiles, newest last, at most 16: source, address, reason.
};

/// How sharp the screen is, measured on a grid of pixels.
struct ScreenCoverage {
  double covered = 0;      ///< Share of the viewport that shows a texture.
  double exact_area = 1;   ///< Share of the covered part whose wanted level (floor of the level of
                           ///< detail) is resident.
  double mip_deficit = 0;  ///< Mean number of levels missing, over the covered part.
};

namespace streaming {
class RegionProgress;
}

/// Pages that were asked for as one; see VirtualTextureSystem::request_region. They stay as long as
/// any copy of this lives. Thread-safe; may outlive the system.
class RegionRequest {
 public:
  explicit RegionRequest(std::shared_ptr<streaming::RegionProgress> progress);
  /// Every page is resident: the region is sharp.
  [[nodiscard]] bool ready() const;
  [[nodiscard]] std::uint32_t pages() const;
  [[nodiscard]] std::uint32_t missing() const;
  /// Waits, while another thread updates the system. Errors: kTimeout; kIo (all that is missing
  /// failed to be read; it is tried again as long as the request lives); kStaleHandle (the texture
  /// or the system is gone).
  [[nodiscard]] Result<> wait(std::uint64_t timeout_ns) const;

 private:
  std::shared_ptr<streaming::RegionProgress> progress_;
};

/// What a shader binds to sample; see forge3d_vt.glsl. Valid as long as the system.
struct VirtualTextureBindings {
  VkBuffer page_table = VK_NULL_HANDLE;  ///< Storage buffer of u32.
  std::uint64_t page_table_bytes = 0;
  VkImageView atlas = VK_NULL_HANDLE;  ///< 2D array, always in VK_IMAGE_LAYOUT_GENERAL.
  std::uint32_t layers = 1;
  std::array<VkImageView, kMaxVirtualLayers> layer_atlas{};  ///< As `atlas`, which is the first.
  VkSampler sampler = VK_NULL_HANDLE;                        ///< Linear, clamped, level 0.
};

/// One atlas slot, for maps of the atlas.
struct AtlasSlot {
  bool used = false, pinned = false;
  VirtualTextureId texture;
  TileAddress tile;
  std::uint64_t last_wanted_frame = 0;
};

/// Streams pages of several textures of the same format or layers into one atlas. Not thread-safe
/// except stats() and atlas_slots(): one thread updates. The frame thread never waits for files; it
/// may wait for ring space within the ring's timeout.
class VirtualTextureSystem {
 public:
  /// Takes atlas and page table from the ledger. Errors: kInvalidArgument (page size, formats),
  /// kNotSupported (the device cannot sample the format), kBudgetExceeded naming the smallest
  /// budget that works.
  [[nodiscard]] static Result<std::unique_ptr<VirtualTextureSystem>> create(
      const VirtualTextureSystemDesc& desc);
  ~VirtualTextureSystem();  ///< Waits for reads and copies in flight.

  /// Adds a texture and loads its coarsest level, which stays pinned. Blocks for that read. Errors:
  /// kInvalidArgument (another format, page size or border than the system's), kBudgetExceeded (no
  /// slot or table space for the pinned page, or max_textures are there), those of the source.
  [[nodiscard]] Result<VirtualTextureId> add(std::shared_ptr<TileSource> source);
  /// Adds a texture of several layers: one source for each of layer_formats, alike but for the
  /// format. A page is resident when it is there in all layers. Errors: as above;
  /// kInvalidArgument, too, for another number or other extents.
  [[nodiscard]] Result<VirtualTextureId> add(
      std::span<const std::shared_ptr<TileSource>> layer_sources);
  /// Removes it; its slots are free once frames in flight are done. Errors: kStaleHandle.
  [[nodiscard]] Result<> remove(VirtualTextureId texture);

  /// Once a frame: takes in finished reads, requests what the views want, evicts what they do not,
  /// uploads within the byte limit, and publishes the page table last. Errors: kInvalidArgument
  /// (not finite matrix, empty viewport, anisotropy outside 1..16, bias outside -32..32) and
  /// kStaleHandle change nothing; kTimeout (no ring space for the page table: update again before
  /// sampling), kDeviceLost; a tile that fails is counted and named in stats(), not an error.
  [[nodiscard]] Result<VirtualUpdateStats> update(std::span<const VirtualView> views);
  /// Says what the GPU saw (Feedback::take): the next updates want those pages, too, for
  /// kFeedbackUpdates updates. Pages that do not exist, or not any more, are counted and ignored.
  FeedbackCounts add_feedback(std::span<const FeedbackPage> pages);
  /// Says which submission samples what the last update() published: slots evicted later wait for
  /// it. Call it before the next update(), once for each submission.
  void frame_submitted(Ticket ticket);
  /// Asks for the pages of a region. The next updates read them behind what the views want, keep
  /// those that are there until the last has come, and then leave them to the LRU; pages for which
  /// the views leave no room are given up. Returns how many pages were not resident and are now
  /// asked for: at most the slots that are not pinned. Errors: kStaleHandle, kInvalidArgument (no
  /// such level; a rectangle that is empty or outside it).
  [[nodiscard]] Result<std::uint32_t> prefetch(const VirtualRegion& region);
  /// Asks for the pages of a region and keeps them while the returned request lives. They come
  /// behind what the views want, and before it once the deadline leaves no more time than their
  /// uploads need: 0 is at once, infinity never. Slots for them are taken from the views' share.
  /// Errors: as prefetch(); kInvalidArgument (the deadline); kBudgetExceeded (regions of more than
  /// half of the slots).
  [[nodiscard]] Result<RegionRequest> request_region(const VirtualRegion& region,
                                                     double deadline_seconds);
  /// The same for all that a view would want, from all levels: for a camera that will jump there.
  /// Errors: as update() for a view, and as above.
  [[nodiscard]] Result<RegionRequest> request_view(const VirtualView& view,
                                                   double deadline_seconds);
  /// Errors: those of check_tuning().
  [[nodiscard]] Result<> tune(const VirtualTextureTuning& tuning);
  [[nodiscard]] VirtualTextureTuning tuning() const;
  /// Updates until every wanted page is resident or has failed, prefetched ones included, and has
  /// faded in. Errors: as update; kTimeout.
  [[nodiscard]] Result<> settle(std::span<const VirtualView> views, std::uint64_t timeout_ns);

  [[nodiscard]] bool is_resident(VirtualTextureId texture, TileAddress tile) const;
  /// Measures a view on every step_px-th pixel each way against what is resident now.
  [[nodiscard]] Result<ScreenCoverage> measure(const VirtualView& view,
                                               std::uint32_t step_px = 8) const;
  /// Evicts every page that is neither pinned nor wanted by the last update; pages evicted.
  std::uint32_t evict_unwanted();
  /// The same for one texture. Errors: kStaleHandle.
  [[nodiscard]] Result<std::uint32_t> evict_unwanted(VirtualTextureId texture);

  [[nodiscard]] VirtualTextureBindings bindings() const;
  /// The texture's number in the page table, for the shader. Errors: kStaleHandle.
  [[nodiscard]] Result<std::uint32_t> shader_index(VirtualTextureId texture) const;
  [[nodiscard]] VirtualTextureStats stats() const;
  [[nodiscard]] std::vector<AtlasSlot> atlas_slots() const;
  [[nodiscard]] const VirtualTextureSystemDesc& desc() const;

 private:
  friend struct VirtualTextureTestAccess;
  VirtualTextureSystem();
  struct State;
  std::unique_ptr<State> state_;
};

/// A plane's texture footprint on screen, as forge3d_vt.glsl computes it (after
/// EXT_texture_filter_anisotropic): from the lengths of the texel-space derivatives, lod =
/// log2(max(shorter, longer / max_anisotropy)), and the taps along the longer axis.
struct Footprint {
  double lod = 0;  ///< Unclamped.
  int taps = 1;
};
[[nodiscard]] Footprint texture_footprint(double dx_texels, double dy_texels,
                                          double max_anisotropy);

}  // namespace forge3d
