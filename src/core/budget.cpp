// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/budget.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

namespace forge3d {

std::string_view to_string(MemoryCategory category) {
  switch (category) {
    case MemoryCategory::kStaging:
      return "staging";
    case MemoryCategory::kReadback:
      return "readback";
    case MemoryCategory::kPool:
      return "pool";
    case MemoryCategory::kTexture:
      return "texture";
    case MemoryCategory::kAtlas:
      return "atlas";
    case MemoryCategory::kPageTable:
      return "page_table";
    case MemoryCategory::kFeedback:
      return "feedback";
    case MemoryCategory::kRenderTarget:
      return "render_target";
    case MemoryCategory::kTileCache:
      return "tile_cache";
    case MemoryCategory::kOther:
      return "other";
  }
  return "unknown";
}

bool Budget::Counter::try_add(std::uint64_t size_bytes) {
  std::uint64_t seen = word.load();
  do {
    while ((seen & kFrozen) != 0) {
      std::this_thread::yield();
      seen = word.load();
    }
    const std::uint64_t bytes = seen & kMostBytes;
    const std::uint64_t allowed = std::min(limit.load(), kMostBytes);
    if (bytes > allowed || size_bytes > allowed - bytes) return false;
    // Fails, too, when the limit was replaced meanwhile: the bytes were frozen for that.
  } while (!word.compare_exchange_weak(seen, seen + size_bytes));
  return true;
}

void Budget::Counter::freeze() {
  while ((word.fetch_or(kFrozen) & kFrozen) != 0) std::this_thread::yield();
}

void Budget::Counter::raise_peak(std::uint64_t value) {
  std::uint64_t seen = peak.load(std::memory_order_relaxed);
  while (seen < value && !peak.compare_exchange_weak(seen, value, std::memory_order_relaxed)) {
  }
}

Budget::Budget(BudgetLimits limits) {
  total_.limit = limits.total_bytes;
  host_visible_.limit = limits.host_visible_bytes;
}

namespace {
std::string refusal(const char* which, MemoryCategory category, std::uint64_t asked,
                    std::uint64_t held, std::uint64_t limit) {
  return fmt::format("{} asked for {} bytes of {} memory; {} of {} bytes are held, {} are free",
                     to_string(category), asked, which, held, limit,
                     held < limit ? limit - held : 0);
}
}  // namespace

Result<> Budget::reserve(MemoryCategory category, std::uint64_t size_bytes, bool host_visible) {
  if (size_bytes == 0) return fail(ErrorCode::kInvalidArgument, "reserve of 0 bytes");
  if (!total_.try_add(size_bytes)) {
    refusals_.fetch_add(1, std::memory_order_relaxed);
    return fail(ErrorCode::kBudgetExceeded,
                refusal("device", category, size_bytes, total_.held(), total_.limit));
  }
  if (host_visible && !host_visible_.try_add(size_bytes)) {
    total_.subtract(size_bytes);
    refusals_.fetch_add(1, std::memory_order_relaxed);
    return fail(ErrorCode::kBudgetExceeded, refusal("host-visible", category, size_bytes,
                                                    host_visible_.held(), host_visible_.limit));
  }
  // Peaks are taken after both counters agreed: a reservation that was undone never shows in them.
  total_.raise_peak(total_.held());
  if (host_visible) host_visible_.raise_peak(host_visible_.held());
  Counter& counter = categories_[static_cast<std::size_t>(category)];
  counter.raise_peak((counter.word.fetch_add(size_bytes) & Counter::kMostBytes) + size_bytes);
  allocations_.fetch_add(1, std::memory_order_relaxed);
  return {};
}

void Budget::release(MemoryCategory category, std::uint64_t size_bytes, bool host_visible) {
  categories_[static_cast<std::size_t>(category)].subtract(size_bytes);
  if (host_visible) host_visible_.subtract(size_bytes);
  total_.subtract(size_bytes);
}

// Holds both counters still.
class Budget::Freeze {
 public:
  explicit Freeze(Budget& budget) : budget_(budget) {
    budget_.total_.freeze();
    budget_.host_visible_.freeze();
  }
  ~Freeze() {
    budget_.host_visible_.thaw();
    budget_.total_.thaw();
  }
  Freeze(const Freeze&) = delete;
  Freeze& operator=(const Freeze&) = delete;

 private:
  Budget& budget_;
};

Result<> Budget::set_limits(BudgetLimits limits) {
  std::uint64_t total = 0, host_visible = 0;
  {
    const Freeze freeze(*this);
    total = total_.held();
    host_visible = host_visible_.held();
    if (total <= limits.total_bytes && host_visible <= limits.host_visible_bytes) {
      total_.limit = limits.total_bytes;
      host_visible_.limit = limits.host_visible_bytes;
      return {};
    }
  }
  return fail(ErrorCode::kBudgetExceeded,
              fmt::format("limits of {} bytes ({} host-visible) are below what is held: {} ({})",
                          limits.total_bytes, limits.host_visible_bytes, total, host_visible));
}

BudgetLimits Budget::lower_limits(BudgetLimits target) {
  const auto lower = [](Counter& counter, std::uint64_t wanted) {
    const std::uint64_t limit = std::min(counter.limit.load(), std::max(wanted, counter.held()));
    counter.limit = limit;
    return limit;
  };
  const Freeze freeze(*this);
  return {lower(host_visible_, target.host_visible_bytes), lower(total_, target.total_bytes)};
}

std::uint64_t Budget::remaining_bytes(bool host_visible) const {
  auto left = [](const Counter& counter) {
    const std::uint64_t limit = counter.limit, held = counter.held();
    return held < limit ? limit - held : 0;
  };
  const std::uint64_t total = left(total_);
  return host_visible ? std::min(total, left(host_visible_)) : total;
}

BudgetStats Budget::stats() const {
  BudgetStats stats;
  stats.limits = {host_visible_.limit, total_.limit};
  stats.host_visible_bytes = host_visible_.held();
  stats.total_bytes = total_.held();
  stats.peak_host_visible_bytes = host_visible_.peak;
  stats.peak_total_bytes = total_.peak;
  stats.refusals = refusals_;
  stats.allocations = allocations_;
  for (std::size_t i = 0; i < kMemoryCategoryCount; ++i) {
    stats.by_category_bytes[i] = categories_[i].held();
    stats.peak_by_category_bytes[i] = categories_[i].peak;
  }
  return stats;
}

void Budget::reset_peaks() {
  auto reset = [](Counter& counter) { counter.peak = counter.held(); };
  reset(total_);
  reset(host_visible_);
  for (Counter& counter : categories_) reset(counter);
}

}  // namespace forge3d
