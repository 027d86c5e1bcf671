// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// RegionList: pages that somebody asked for by a deadline and holds on to.

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "streaming/page_key.hpp"

namespace forge3d::streaming {

/// How far a region is: what the one who asked and the streamer share. Thread-safe.
class RegionProgress {
 public:
  struct Values {
    std::uint32_t total = 0;
    std::uint32_t missing = 0;
    std::uint32_t failed = 0;  ///< Of the missing: their last read failed.
    bool ended = false;        ///< The texture or the system is gone: nothing more will come.
  };

  void set(const Values& values) {
    {
      const std::lock_guard lock(mutex_);
      values_ = values;
    }
    changed_.notify_all();
  }
  [[nodiscard]] Values get() const {
    const std::lock_guard lock(mutex_);
    return values_;
  }
  /// Waits until nothing more will come or `until`; what is known then.
  template <class TimePoint>
  [[nodiscard]] Values wait_until(const TimePoint& until) const {
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, until, [this] {
      return values_.ended || values_.missing == 0 || values_.missing == values_.failed;
    });
    return values_;
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  Values values_;
};

struct Region {
  std::vector<PageKey> pages;
  double deadline_seconds = 0;  ///< On the streamer's clock.
  std::shared_ptr<RegionProgress> progress;
  std::uint32_t missing = 0;  ///< As of the last frame.
};

/// Regions whose progress nobody else holds any more end. Not thread-safe.
class RegionList {
 public:
  void add(Region region) {
    page_count_ += static_cast<std::uint32_t>(region.pages.size());
    regions_.push_back(std::move(region));
  }
  /// Forgets the regions that nobody waits for.
  void drop_left() {
    drop_if([](const Region& region) { return region.progress.use_count() == 1; });
  }
  void forget_texture(std::uint32_t texture) {
    drop_if([texture](const Region& region) {
      if (region.pages.front().texture != texture) return false;
      end(region);
      return true;
    });
  }
  void end_all() {
    for (const Region& region : regions_) end(region);
    regions_.clear();
    page_count_ = 0;
  }
  [[nodiscard]] std::vector<Region>& all() { return regions_; }
  /// Pages of all regions, shared ones more than once.
  [[nodiscard]] std::uint32_t page_count() const { return page_count_; }

 private:
  static void end(const Region& region) {
    RegionProgress::Values values = region.progress->get();
    values.ended = true;
    region.progress->set(values);
  }
  template <class Predicate>
  void drop_if(const Predicate& predicate) {
    std::erase_if(regions_, [&](const Region& region) {
      if (!predicate(region)) return false;
      page_count_ -= static_cast<std::uint32_t>(region.pages.size());
      return true;
    });
  }

  std::vector<Region> regions_;
  std::uint32_t page_count_ = 0;
};

}  // namespace forge3d::streaming
