// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "streaming/page_streamer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <utility>

namespace forge3d::streaming {
namespace {

constexpr VisibilityLimits kVisibilityLimits{.max_nodes = 1u << 14};
// Of the streaming slots: kept for pages on their way, while those that they replace are shown.
constexpr std::uint32_t kTransitShare = 32;
constexpr double kUnknownFrameSeconds = 1.0 / 60;
// A region's pages become urgent when so many frames beside those for its uploads are left.
constexpr double kUrgentFrames = 4;

// From the eviction of a page until its slot can be written: two frames of the GPU's, and the one
// that evicts.
constexpr std::uint32_t kFramesToFree = 3;
constexpr float kLateFrames = 8;  // the number of loads a frame is smoothed over

enum Decision : std::uint32_t { kLoad = 1, kEvict = 2, kRescue = 3, kPin = 4 };

/// find_visible, blurrier by whole levels until the view fits the limits; the levels that took.
Result<float> find_visible_within_limits(const TilePyramid& pyramid, VirtualView view,
                                         VisibleSet& out) {
  for (float blur = 0;; view.lod_bias += 1, blur += 1) {
    FORGE3D_TRY(find_visible(pyramid, view, kVisibilityLimits, out));
    if (out.truncated && view.lod_bias + 1 <= 32) continue;
    for (VisiblePage& page : out.pages) {
      page.lod_min -= blur;
      page.lod_max -= blur;
    }
    return blur;
  }
}

/// Pages that several views see become one, seen from the nearest to the farthest of them.
void merge_duplicates(std::vector<CandidatePage>& pages) {
  std::sort(pages.begin(), pages.end(),
            [](const CandidatePage& a, const CandidatePage& b) { return a.page < b.page; });
  std::size_t kept = 0;
  for (std::size_t i = 1; i < pages.size(); ++i) {
    VisiblePage& into = pages[kept].seen;
    const VisiblePage& from = pages[i].seen;
    if (pages[i].page == pages[kept].page) {
      into.lod_min = std::min(into.lod_min, from.lod_min);
      into.lod_max = std::max(into.lod_max, from.lod_max);
      into.area_px += from.area_px;
    } else {
      pages[++kept] = pages[i];
    }
  }
  if (!pages.empty()) pages.resize(kept + 1);
}

VirtualView scaled(VirtualView view, float lod_scale) {
  view.lod_bias = std::clamp(view.lod_bias - std::log2(lod_scale), -32.0f, 32.0f);
  return view;
}

}  // namespace

PageStreamer::PageStreamer(PageTable table, std::uint32_t slots)
    : table_(std::move(table)), slots_(slots), kept_in_(slots) {}

Result<> PageStreamer::add_texture(std::uint32_t index, const TilePyramid& pyramid,
                                   std::uint32_t generation) {
  FORGE3D_TRY(table_.add_texture(index, pyramid, generation));
  if (pyramids_.size() <= index) pyramids_.resize(index + 1);
  pyramids_[index] = pyramid;
  return {};
}

void PageStreamer::remove_texture(std::uint32_t index) {
  for (std::uint32_t slot = 0; slot < slots_.total(); ++slot) {
    const SlotState state = slots_.state(slot);
    if ((state == SlotState::kUsed || state == SlotState::kPinned) &&
        slots_.page(slot).texture == index)
      slots_.retire(slot);
  }
  slots_.forget_retiring(index);
  table_.remove_texture(index);
  requests_.forget_texture(index);
  prefetched_.forget_texture(index);
  regions_.forget_texture(index);
}

std::optional<std::uint32_t> PageStreamer::take_pinned(const PageKey& page) {
  const auto slot = slots_.take(page, now_.frame, true);
  if (slot) note(kPin, page, *slot);
  return slot;
}

bool PageStreamer::evict_oldest() {
  const auto slot = slots_.oldest(std::numeric_limits<std::uint64_t>::max());
  if (slot) evict(*slot);
  return slot.has_value();
}

Result<> PageStreamer::begin_frame(const StreamerFrame& frame) {
  FORGE3D_TRY_ASSIGN(const float least_bias, find_candidates(frame));
  frame_seconds_ = frame.seconds;
  uploads_per_frame_ = std::max(frame.uploads_per_frame, 1u);
  seconds_ += frame.seconds;
  const std::uint64_t number = now_.frame + 1;
  now_ = {};
  now_.frame = number;
  ++totals_.frames;
  slots_.release(frame.completed);
  fades_.advance(table_, number, tuning_.fade_frames);
  requests_.begin_frame(number, seconds_);
  ahead_slots_.clear();
  shown_slots_.clear();
  wanted_slots_.clear();
  waits_.clear();
  regions_.drop_left();
  now_.mip_bias = solve_bias(frame, least_bias);
  want_visible();
  want_regions();
  want_predicted(frame.views);
  want_prefetched();
  touch_shown();
  requests_.drop_unwanted();
  return {};
}

Result<float> PageStreamer::find_candidates(const StreamerFrame& frame) {
  candidates_.clear();
  float least_bias = 0;
  for (const VirtualView& view : frame.views) {
    const TilePyramid& pyramid = pyramids_[view.texture.index];
    FORGE3D_TRY_ASSIGN(const float blur, find_visible_within_limits(
                                             pyramid, scaled(view, tuning_.lod_scale), visible_));
    least_bias = std::max(least_bias, blur);
    for (VisiblePage& page : visible_.pages) {
      page.area_px *= view.weight;
      candidates_.push_back({{view.texture.index, page.tile}, pyramid.levels, page});
    }
  }
  add_feedback(frame.feedback);
  if (frame.views.size() > 1 || !frame.feedback.empty()) merge_duplicates(candidates_);
  for (CandidatePage& candidate : candidates_)
    candidate.resident = table_.find(candidate.page).has_value();
  return least_bias;
}

// Ancestors come along: what a bias makes wanted in a page's place.
void PageStreamer::add_feedback(std::span<const SeenPage> feedback) {
  for (const SeenPage& seen : feedback) {
    const PageKey& page = seen.page;
    if (!table_.has_texture(page.texture) || !pyramids_[page.texture].contains(page.tile)) {
      ++totals_.feedback_ignored;
      continue;
    }
    const TilePyramid& pyramid = pyramids_[page.texture];
    const auto lod = static_cast<float>(page.tile.level);
    for (std::uint32_t up = 0; page.tile.level + up < pyramid.levels; ++up) {
      const TileAddress tile = ancestor_of(pyramid, page.tile, up);
      candidates_.push_back({{page.texture, tile}, pyramid.levels, {tile, lod, lod, seen.area_px}});
    }
  }
}

float PageStreamer::solve_bias(const StreamerFrame& frame, float least_bias) {
  const std::uint32_t slots = streaming_slots();
  const std::uint32_t transit = std::max(slots / kTransitShare, std::min(slots, 2u) / 2);
  room_ = slots - transit;
  room_ -= std::min(room_ / 2, regions_.page_count());
  PageRoom room{room_, table_.block_capacity()};
  if (tuning_.backlog_frames != 0)
    room.uploads = static_cast<std::uint32_t>(std::min<std::uint64_t>(
        std::uint64_t{tuning_.backlog_frames} * std::max(frame.uploads_per_frame, 1u), 1u << 30));
  // A view beyond the limits of visibility is blurred whatever the tuning says.
  return std::min(mip_bias_.solve(candidates_, room, least_bias),
                  std::max(tuning_.max_mip_bias, least_bias));
}

void PageStreamer::want_visible() {
  // From fine to coarse, so that of what left the screen together the finest goes first.
  for (auto it = candidates_.rbegin(); it != candidates_.rend(); ++it)
    if (is_wanted(it->seen, it->levels, now_.mip_bias)) want_page(*it);
  for (auto it = candidates_.rbegin(); it != candidates_.rend(); ++it)
    if (it->resident) keep(*table_.find(it->page), shown_slots_);
  totals_.hits += now_.hits;
  totals_.misses += now_.wanted - now_.hits;
  totals_.holes += now_.holes;
}

void PageStreamer::want_page(const CandidatePage& candidate) {
  const PageKey& page = candidate.page;
  ++now_.wanted;
  const bool can_be_shown = table_.want(page, now_.frame);
  if (candidate.resident || rescue(page)) {
    keep(*table_.find(page), wanted_slots_);
    ++now_.hits;
    return;
  }
  ++now_.missing;
  const std::uint32_t shown = table_.finest(page);
  if ((shown & layout::kIsValid) == 0) {
    ++now_.holes;
  } else {
    keep(layout::slot_of(shown), wanted_slots_);  // what is seen in the page's place
  }
  if (!can_be_shown) return;  // the table has no room for it in this frame
  requests_.want(page, boosted(page, gain_of(candidate, shown)));
}

float PageStreamer::gain_of(const CandidatePage& candidate, std::uint32_t shown) const {
  const std::uint32_t level =
      (shown & layout::kIsValid) != 0 ? layout::level_of(shown) : candidate.levels;
  return candidate.seen.area_px * wanted_share(candidate.seen, candidate.levels, now_.mip_bias) *
         static_cast<float>(level - candidate.page.tile.level);
}

float PageStreamer::boosted(const PageKey& page, float priority) const {
  if (tuning_.cache_priority_boost == 1 || !is_cached || !is_cached(page)) return priority;
  return priority * tuning_.cache_priority_boost;
}

bool PageStreamer::keep(std::uint32_t slot, std::vector<std::uint32_t>& list) {
  if (kept_in_[slot] == now_.frame) return false;
  kept_in_[slot] = now_.frame;
  list.push_back(slot);
  return true;
}

bool PageStreamer::want_beside(const PageKey& page, RequestQueue::Order order, float priority) {
  const bool can_be_shown = table_.want(page, now_.frame);
  if (table_.find(page) || rescue(page)) {
    keep(*table_.find(page), ahead_slots_);
    return true;
  }
  if (can_be_shown) requests_.want(page, boosted(page, priority), order);
  return false;
}

void PageStreamer::want_regions() {
  const double frame_seconds = frame_seconds_ > 0 ? frame_seconds_ : kUnknownFrameSeconds;
  for (Region& region : regions_.all()) {
    const double frames_left = (region.deadline_seconds - seconds_) / frame_seconds;
    const double frames_needed = double(region.missing) / uploads_per_frame_ + kUrgentFrames;
    const auto order = frames_left <= frames_needed ? RequestQueue::Order::kDeadline
                                                    : RequestQueue::Order::kRegion;
    region.missing = 0;
    for (const PageKey& page : region.pages) {
      table_.want(page, now_.frame);
      ++now_.region_wanted;
      if (table_.find(page) || rescue(page)) {
        keep(*table_.find(page), wanted_slots_);
        continue;
      }
      ++region.missing;
      // Coarse levels first: they help wherever the finer ones are late.
      requests_.want(page, boosted(page, static_cast<float>(1 + page.tile.level)), order);
    }
    now_.region_missing += region.missing;
  }
  totals_.region_misses += now_.region_missing;
  totals_.region_hits += now_.region_wanted - now_.region_missing;
}

void PageStreamer::want_predicted(std::span<const VirtualView> views) {
  motion_.observe(views, pyramids_, frame_seconds_);
  if (tuning_.prefetch_seconds <= 0) return;
  for (std::size_t i = 0; i < views.size(); ++i) {
    const auto view = motion_.ahead(i, tuning_.prefetch_seconds);
    if (!view) continue;
    const TilePyramid& pyramid = pyramids_[view->texture.index];
    // A guess that no view could be is no error of the caller's.
    if (!find_visible(pyramid, scaled(*view, tuning_.lod_scale), kVisibilityLimits, visible_))
      continue;
    for (auto it = visible_.pages.rbegin(); it != visible_.pages.rend(); ++it)
      if (is_wanted(*it, pyramid.levels, now_.mip_bias)) {
        it->area_px *= view->weight;
        want_ahead({{view->texture.index, it->tile}, pyramid.levels, *it});
      }
  }
}

// What will be seen counts as much as what is: a page that is about to leave the screen is worth
// little although it is large, and one that stays is worth more than either.
void PageStreamer::want_ahead(const CandidatePage& candidate) {
  const PageKey& page = candidate.page;
  const auto slot = table_.find(page);
  if (slot && kept_in_[*slot] == now_.frame) return;
  const bool is_new = !requests_.wants(page);
  if (is_new && now_.wanted + now_.prefetch_wanted >= room_) return;
  now_.prefetch_wanted += is_new;
  const bool can_be_shown = table_.want(page, now_.frame);
  if (slot || rescue(page)) {
    keep(*table_.find(page), ahead_slots_);
    return;
  }
  now_.prefetch_missing += is_new;
  if (can_be_shown)
    requests_.want_ahead(page, boosted(page, gain_of(candidate, table_.finest(page))));
}

void PageStreamer::want_prefetched() {
  // Where no view shows anything, no page is on its way into another one's place.
  const std::uint32_t most = now_.wanted != 0 ? room_ : streaming_slots();
  const std::uint32_t room = most - std::min(most, now_.wanted + now_.prefetch_wanted);
  prefetched_.remove_if([this](const PageKey& page) { return requests_.wants(page); });
  const std::size_t count = std::min<std::size_t>(prefetched_.size(), room);
  std::uint32_t missing = 0;
  for (const PageKey& page : prefetched_.first(count))
    missing += !want_beside(page, RequestQueue::Order::kPrefetch, 0);
  now_.prefetch_wanted += static_cast<std::uint32_t>(count);
  now_.prefetch_missing += missing;
  if (missing == 0) prefetched_.clear();
  totals_.prefetch_misses += now_.prefetch_missing;
  totals_.prefetch_hits += now_.prefetch_wanted - now_.prefetch_missing;
}

// What was fetched ahead goes before what is shown, that before what is wanted.
void PageStreamer::touch_shown() {
  for (const std::uint32_t slot : ahead_slots_)
    slots_.touch(slot, now_.frame, SlotUse::kFetchedAhead);
  for (const std::uint32_t slot : shown_slots_) slots_.touch(slot, now_.frame, SlotUse::kShown);
  for (const std::uint32_t slot : wanted_slots_) slots_.touch(slot, now_.frame, SlotUse::kWanted);
}

RequestQueue::Rank PageStreamer::rank(const PageKey& page) const {
  return requests_.find(page).value_or(RequestQueue::Arrival{}).rank;
}

PageStreamer::Placed PageStreamer::place(const PageKey& page) {
  const auto arrival = requests_.find(page);
  if (!arrival || table_.find(page)) {
    requests_.finish(page);
    return {Placement::kUnwanted, 0};
  }
  const auto slot = slots_.take(page, now_.frame, false);
  if (slot) return {Placement::kPlaced, *slot};
  if (arrival->rank.last_wanted == now_.frame) return {Placement::kNoRoom, 0};
  requests_.finish(page);  // a tile nobody wants any more is worth no eviction
  return {Placement::kUnwanted, 0};
}

void PageStreamer::commit(const PageKey& page, std::uint32_t slot) {
  fades_.begin(table_, page, slot, now_.frame, tuning_.fade_frames);
  if (slots_.state(slot) == SlotState::kPinned) return;
  note(kLoad, page, slot);
  ++now_.loaded;
  ++totals_.loaded;
  const auto arrival = requests_.find(page);
  requests_.finish(page);
  const bool wanted = arrival && arrival->rank.last_wanted == now_.frame;
  using Order = RequestQueue::Order;
  if (!wanted || arrival->ahead_only || arrival->rank.order == Order::kPrefetch) {
    slots_.touch(slot, now_.frame, SlotUse::kFetchedAhead);
    slots_.mark_ahead(slot);
    ++totals_.prefetch_loaded;
    if (wanted) now_.prefetch_missing -= std::min(now_.prefetch_missing, 1u);
    return;
  }
  if (arrival->rank.order == Order::kRegion || arrival->rank.order == Order::kDeadline)
    now_.region_missing -= std::min(now_.region_missing, 1u);
  if (arrival->for_view) {
    now_.missing -= std::min(now_.missing, 1u);
    waits_.push_back(
        {now_.frame - arrival->first_wanted, (seconds_ - arrival->first_seconds) * 1e3});
  }
}

void PageStreamer::cancel(std::uint32_t slot) { slots_.cancel(slot); }

void PageStreamer::read_failed(const PageKey& page) {
  requests_.fail(page);
  prefetched_.remove(page);
  ++totals_.failed;
}

// A slot evicted now can be written some frames later, so eviction runs ahead of the tiles: as many
// slots as can be filled until then, first from pages outside the time of grace; those
// inside it go only for tiles that are here already, and what is merely shown or fetched ahead when
// nothing else is left.
void PageStreamer::make_room(std::uint32_t ready) {
  const std::uint32_t missing = now_.missing + now_.region_missing + now_.prefetch_missing;
  if (missing == 0) return;
  // Those that will be missing by then are not known yet: about as many as of late.
  const std::uint32_t per_frame = std::min(uploads_per_frame_, slots_.total());
  const std::uint32_t soon = std::min(missing, ready + per_frame * kFramesToFree) +
                             static_cast<std::uint32_t>(kFramesToFree * loaded_of_late_);
  const std::uint64_t grace = tuning_.frames_of_grace;
  const std::uint64_t before = now_.frame > grace ? now_.frame - grace : 0;
  const auto evict_until = [&](std::uint32_t enough, auto&& next) {
    while (slots_.free_count() + slots_.retiring_count() < enough) {
      const std::optional<std::uint32_t> slot = next();
      if (!slot) return;
      evict(*slot);
      ++now_.evicted;
      ++totals_.evicted;
    }
  };
  const std::uint32_t here = std::min(ready, missing);
  evict_until(soon, [&] { return slots_.oldest(before); });
  evict_until(here, [&] { return slots_.oldest(now_.frame); });
  const std::uint32_t urgent = std::min(here, now_.missing + now_.region_missing);
  evict_until(urgent, [&] { return slots_.oldest_not_wanted(now_.frame); });
}

std::vector<PageKey> PageStreamer::start(std::size_t count) {
  std::vector<PageKey> pages = requests_.start(count, now_.requested);
  totals_.requested += now_.requested;
  return pages;
}

void PageStreamer::end_frame(const GpuProgress& point) {
  slots_.seal(point);
  loaded_of_late_ += (static_cast<float>(now_.loaded) - loaded_of_late_) / kLateFrames;
  for (const Region& region : regions_.all()) {
    RegionProgress::Values values{static_cast<std::uint32_t>(region.pages.size()), 0, 0, false};
    for (const PageKey& page : region.pages) {
      if (table_.find(page)) continue;
      ++values.missing;
      values.failed += requests_.has_failed(page);
    }
    region.progress->set(values);
  }
}

std::uint32_t PageStreamer::prefetch(std::span<const PageKey> pages) {
  const std::size_t most = streaming_slots();
  std::uint32_t asked = 0;
  for (const PageKey& page : pages) {
    if (prefetched_.size() >= most) break;
    asked += prefetched_.add(page) && !table_.find(page);
  }
  return asked;
}

Result<> PageStreamer::request(std::span<const PageKey> pages, double deadline_seconds,
                               std::shared_ptr<RegionProgress> progress) {
  regions_.drop_left();
  const std::uint32_t most = streaming_slots() / 2;
  if (pages.size() + regions_.page_count() > most)
    return fail(ErrorCode::kBudgetExceeded,
                fmt::format("a region of {} pages beside {} of others: at most {}, half of the "
                            "slots",
                            pages.size(), regions_.page_count(), most));
  const auto count = static_cast<std::uint32_t>(pages.size());
  progress->set({count, count, 0, false});
  regions_.add(
      {{pages.begin(), pages.end()}, seconds_ + deadline_seconds, std::move(progress), count});
  return {};
}

Result<std::vector<PageKey>> PageStreamer::pages_of(const VirtualView& view) {
  const TilePyramid& pyramid = pyramids_[view.texture.index];
  VisibleSet visible;
  FORGE3D_TRY(find_visible_within_limits(pyramid, scaled(view, tuning_.lod_scale), visible));
  std::vector<PageKey> pages;
  for (const VisiblePage& page : visible.pages)
    if (is_wanted(page, pyramid.levels, 0)) pages.push_back({view.texture.index, page.tile});
  return pages;
}

std::uint32_t PageStreamer::evict_unwanted(std::optional<std::uint32_t> texture) {
  std::uint32_t evicted = 0;
  for (std::uint32_t slot = 0; slot < slots_.total(); ++slot) {
    if (slots_.state(slot) != SlotState::kUsed || slots_.last_wanted(slot) >= now_.frame) continue;
    if (texture && slots_.page(slot).texture != *texture) continue;
    evict(slot);
    ++evicted;
  }
  totals_.evicted += evicted;
  return evicted;
}

bool PageStreamer::rescue(const PageKey& page) {
  const auto slot = slots_.rescue(page, now_.frame);
  if (!slot) return false;
  table_.set_resident(page, *slot);
  requests_.finish(page);
  note(kRescue, page, *slot);
  ++totals_.rescued;
  return true;
}

void PageStreamer::evict(std::uint32_t slot) {
  const PageKey page = slots_.page(slot);
  totals_.prefetch_wasted += slots_.is_ahead(slot);
  table_.set_absent(page);
  slots_.retire(slot);
  note(kEvict, page, slot);
}

// FNV-1a (Fowler, Noll, Vo) over the numbers of each decision.
void PageStreamer::note(std::uint32_t kind, const PageKey& page, std::uint32_t slot) {
  for (const std::uint64_t value : {std::uint64_t{kind}, page.packed(), std::uint64_t{slot}})
    totals_.decisions = (totals_.decisions ^ value) * 0x100000001b3u;
}

}  // namespace forge3d::streaming
