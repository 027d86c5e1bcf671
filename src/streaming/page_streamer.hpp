// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// PageStreamer: every decision of virtual texture streaming, frame by frame. Knows no GPU, no
// threads, no files and no clock, so that millions of frames can be played in a test.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "forge3d/virtual_texture.hpp"
#include "streaming/camera_motion.hpp"
#include "streaming/mip_bias.hpp"
#include "streaming/page_fades.hpp"
#include "streaming/page_table.hpp"
#include "streaming/prefetch_list.hpp"
#include "streaming/region_list.hpp"
#include "streaming/request_queue.hpp"
#include "streaming/seen_pages.hpp"
#include "streaming/slot_pool.hpp"
#include "streaming/visibility.hpp"

namespace forge3d::streaming {

/// All that a frame's decisions depend on, beside what came before.
struct StreamerFrame {
  std::span<const VirtualView> views;   ///< Their texture's index alone is used.
  std::span<const SeenPage> feedback;   ///< Pages outside the textures are ignored and counted.
  double seconds = 0;                   ///< Since the frame before; 0: not known.
  std::uint32_t uploads_per_frame = 8;  ///< Pages that can become resident in a frame; >= 1.
  GpuProgress completed;                ///< What the GPU has finished.
};

/// What the frame did so far.
struct StreamerCounts {
  std::uint64_t frame = 0;
  std::uint32_t wanted = 0, hits = 0;  ///< By views and feedback, at the bias in force.
  std::uint32_t missing = 0;           ///< Wanted and not resident.
  std::uint32_t region_wanted = 0, region_missing = 0;
  std::uint32_t prefetch_wanted = 0, prefetch_missing = 0;  ///< Automatic and asked for.
  std::uint32_t requested = 0, loaded = 0, evicted = 0;
  std::uint32_t holes = 0;  ///< Wanted pages that not even an ancestor shows.
  float mip_bias = 0;
};

/// From first wanted by a view to resident.
struct StreamerWait {
  std::uint64_t frames = 0;
  double ms = 0;
};

/// Sums since the start.
struct StreamerTotals {
  std::uint64_t frames = 0;
  std::uint64_t hits = 0, misses = 0;
  std::uint64_t region_hits = 0, region_misses = 0;
  std::uint64_t prefetch_hits = 0, prefetch_misses = 0;
  std::uint64_t requested = 0, loaded = 0, evicted = 0, failed = 0, holes = 0;
  std::uint64_t prefetch_loaded = 0;  ///< Pages that no view wanted when they came.
  std::uint64_t prefetch_wasted = 0;  ///< Of those, evicted before any view did.
  std::uint64_t rescued = 0;          ///< Evicted pages that were taken back before their slot was.
  std::uint64_t feedback_ignored = 0;
  std::uint64_t decisions = 0;  ///< A hash of all placements and evictions in their order.
};

/// Order of a frame: begin_frame, then place and commit for each tile that has come (rank says in
/// which order), make_room, start, end_frame. Everything depends on the calls alone, so that the
/// same calls give the same decisions. Not thread-safe.
class PageStreamer {
 public:
  /// What may become of a tile that has come.
  enum class Placement : std::uint8_t {
    kPlaced,    ///< Into `slot`; commit() or cancel() follows.
    kUnwanted,  ///< Nobody wants it any more, or it is there: throw it away.
    kNoRoom     ///< Not in this frame.
  };
  struct Placed {
    Placement placement = Placement::kUnwanted;
    std::uint32_t slot = 0;
  };

  PageStreamer(PageTable table, std::uint32_t slots);

  /// Errors: as PageTable::add_texture. REQUIRES: index < max_textures, absent.
  [[nodiscard]] Result<> add_texture(std::uint32_t index, const TilePyramid& pyramid,
                                     std::uint32_t generation = 1);
  /// Its slots are free once a later end_frame()'s point is reached.
  void remove_texture(std::uint32_t index);
  /// A slot for a page that is never evicted; nullopt when none is free. commit() or cancel()
  /// follows.
  [[nodiscard]] std::optional<std::uint32_t> take_pinned(const PageKey& page);
  /// Evicts the page that was wanted longest ago, wanted now or not; false: none is there.
  bool evict_oldest();

  /// What may be changed between frames. REQUIRES: values within VirtualTextureTuning's ranges.
  void tune(const VirtualTextureTuning& tuning) { tuning_ = tuning; }
  [[nodiscard]] const VirtualTextureTuning& tuning() const { return tuning_; }
  /// Says whether a page's tile is at hand without reading: those come first by
  /// cache_priority_boost.
  std::function<bool(const PageKey&)> is_cached;

  /// Decides what is wanted. Errors of a view change nothing.
  [[nodiscard]] Result<> begin_frame(const StreamerFrame& frame);
  /// Tiles of higher rank are to be placed first.
  [[nodiscard]] RequestQueue::Rank rank(const PageKey& page) const;
  [[nodiscard]] Placed place(const PageKey& page);
  /// The copy into the slot is on its way before anything that samples: the table may show it.
  void commit(const PageKey& page, std::uint32_t slot);
  /// There was no copy.
  void cancel(std::uint32_t slot);
  /// The page's read failed; it is tried again later.
  void read_failed(const PageKey& page);
  /// True while somebody waits for the page's tile.
  [[nodiscard]] bool awaits(const PageKey& page) const { return requests_.find(page).has_value(); }
  /// Evicts so that as many tiles as can come soon find a free slot. `ready`: tiles that are here
  /// and found none.
  void make_room(std::uint32_t ready);
  /// The pages to read next, at most `count`, best first: they are in flight from now on.
  [[nodiscard]] std::vector<PageKey> start(std::size_t count);
  /// The page in flight was not begun after all.
  void withdraw(const PageKey& page) { requests_.withdraw(page); }
  /// Slots evicted in this frame are free once the GPU has reached `point`. Regions learn how far
  /// they are.
  void end_frame(const GpuProgress& point);
  /// Frees the slots whose point is reached, between frames.
  void release(const GpuProgress& completed) { slots_.release(completed); }

  /// Pages beside the views', in the order of asking, behind everything else; how many are new and
  /// not resident. At most as many as there are slots to stream into.
  std::uint32_t prefetch(std::span<const PageKey> pages);
  /// Pages that stay while somebody else holds `progress`. They come behind the views', and before
  /// them once the deadline, in seconds of begin_frame() from now, leaves no more time than their
  /// uploads need. Errors: kBudgetExceeded (more than half of the slots in all regions). REQUIRES:
  /// pages is not empty, all of one texture.
  [[nodiscard]] Result<> request(std::span<const PageKey> pages, double deadline_seconds,
                                 std::shared_ptr<RegionProgress> progress);
  /// Nothing more will come for any region.
  void end_regions() { regions_.end_all(); }
  /// The pages that a view wants. Errors: as find_visible.
  [[nodiscard]] Result<std::vector<PageKey>> pages_of(const VirtualView& view);

  /// Evicts every page that is neither pinned nor wanted by the last frame, of one texture or all.
  std::uint32_t evict_unwanted(std::optional<std::uint32_t> texture);

  [[nodiscard]] const StreamerCounts& now() const { return now_; }
  [[nodiscard]] const StreamerTotals& totals() const { return totals_; }
  /// How long views waited for the tiles that became resident in this frame.
  [[nodiscard]] std::span<const StreamerWait> waits() const { return waits_; }
  [[nodiscard]] const PageTable& table() const { return table_; }
  [[nodiscard]] PageTable& table() { return table_; }
  [[nodiscard]] const SlotPool& slots() const { return slots_; }
  /// Pages that are resident and not yet wholly seen.
  [[nodiscard]] std::size_t fading() const { return fades_.size(); }
  [[nodiscard]] std::uint32_t in_flight() const { return requests_.in_flight(); }
  /// Wanted pages that have neither come nor failed.
  [[nodiscard]] std::uint32_t unsettled() const { return requests_.unsettled(); }
  /// True when the bias in force would be less if all pages could come at once.
  [[nodiscard]] bool held_by_uploads() const { return mip_bias_.held_by_uploads(); }
  /// Slots that views, regions and prefetches share.
  [[nodiscard]] std::uint32_t streaming_slots() const {
    return slots_.total() - slots_.pinned_count();
  }
  /// What the views want at the bias in force, as of the last begin_frame().
  [[nodiscard]] std::span<const CandidatePage> candidates() const { return candidates_; }

 private:
  [[nodiscard]] Result<float> find_candidates(const StreamerFrame& frame);
  void add_feedback(std::span<const SeenPage> feedback);
  [[nodiscard]] float solve_bias(const StreamerFrame& frame, float least_bias);
  void want_visible();
  void want_page(const CandidatePage& candidate);
  void want_regions();
  void want_predicted(std::span<const VirtualView> views);
  void want_ahead(const CandidatePage& candidate);
  void want_prefetched();
  void touch_shown();
  /// The screen area that the page would sharpen, times the levels. `shown`: the entry of what is
  /// seen in its place.
  [[nodiscard]] float gain_of(const CandidatePage& candidate, std::uint32_t shown) const;
  [[nodiscard]] float boosted(const PageKey& page, float priority) const;
  /// Remembers that the slot is of use in this frame; true for the first time.
  bool keep(std::uint32_t slot, std::vector<std::uint32_t>& list);
  /// Keeps the page, or wants it in `order`; true when it is resident.
  bool want_beside(const PageKey& page, RequestQueue::Order order, float priority);
  bool rescue(const PageKey& page);
  void evict(std::uint32_t slot);
  void note(std::uint32_t kind, const PageKey& page, std::uint32_t slot);

  PageTable table_;
  PageFades fades_;
  SlotPool slots_;
  RequestQueue requests_;
  PrefetchList prefetched_;
  RegionList regions_;
  CameraMotion motion_;
  MipBias mip_bias_;
  VirtualTextureTuning tuning_;
  std::vector<TilePyramid> pyramids_;
  std::vector<CandidatePage> candidates_;
  VisibleSet visible_;
  double frame_seconds_ = 0;  // of the frame begun last
  std::uint32_t uploads_per_frame_ = 1;
  std::vector<std::uint32_t> ahead_slots_, shown_slots_, wanted_slots_;  // kept in this frame
  std::vector<std::uint64_t> kept_in_;                                   // frame, by slot
  std::uint32_t room_ = 0;    // slots that views and what comes behind them may still claim
  double seconds_ = 0;        // since the start
  float loaded_of_late_ = 0;  // pages a frame
  StreamerCounts now_;
  StreamerTotals totals_;
  std::vector<StreamerWait> waits_;
};

}  // namespace forge3d::streaming
