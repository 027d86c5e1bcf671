// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/budget.hpp"

#include <fmt/format.h>

#include <algorithm>

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
    case MemoryCategory::kOther:
      return "other";
  }
  return "unknown";
}

bool Budget::Counter::try_add(std::uint64_t size_bytes) {
  std::uint64_t held = current.load();
  do {
    const std::uint64_t allowed = limit.load();
    if (held > allowed || size_bytes > allowed - held) return false;
  } while (!current.compare_exchange_weak(held, held + size_bytes));
  return true;
}

void Budget::Counter::subtract(std::uint64_t size_bytes) { current.fetch_sub(size_bytes); }

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
                refusal("device", category, size_bytes, total_.current, total_.limit));
  }
  if (host_visible && !host_visible_.try_add(size_bytes)) {
    total_.subtract(size_bytes);
    refusals_.fetch_add(1, std::memory_order_relaxed);
    return fail(ErrorCode::kBudgetExceeded, refusal("host-visible", category, size_bytes,
                                                    host_visible_.current, host_visible_.limit));
  }
  // Peaks are taken after both counters agreed: a reservation that was undone never shows in them.
  total_.raise_peak(total_.current);
  if (host_visible) host_visible_.raise_peak(host_visible_.current);
  Counter& counter = categories_[static_cast<std::size_t>(category)];
  counter.raise_peak(counter.current.fetch_add(size_bytes) + size_bytes);
  allocations_.fetch_add(1, std::memory_order_relaxed);
  return {};
}

void Budget::release(MemoryCategory category, std::uint64_t size_bytes, bool host_visible) {
  categories_[static_cast<std::size_t>(category)].subtract(size_bytes);
  if (host_visible) host_visible_.subtract(size_bytes);
  total_.subtract(size_bytes);
}

Result<> Budget::set_limits(BudgetLimits limits) {
  // The new limit is set first and taken back if it is already passed: a racing reserve() then sees
  // the lower one.
  const BudgetLimits old{host_visible_.limit, total_.limit};
  total_.limit = limits.total_bytes;
  host_visible_.limit = limits.host_visible_bytes;
  const bool fits =
      total_.current <= limits.total_bytes && host_visible_.current <= limits.host_visible_bytes;
  if (fits) return {};
  total_.limit = old.total_bytes;
  host_visible_.limit = old.host_visible_bytes;
  return fail(ErrorCode::kBudgetExceeded,
              fmt::format("limits of {} bytes ({} host-visible) are below what is held: {} ({})",
                          limits.total_bytes, limits.host_visible_bytes, total_.current.load(),
                          host_visible_.current.load()));
}

std::uint64_t Budget::remaining_bytes(bool host_visible) const {
  auto left = [](const Counter& counter) {
    const std::uint64_t limit = counter.limit, held = counter.current;
    return held < limit ? limit - held : 0;
  };
  const std::uint64_t total = left(total_);
  return host_visible ? std::min(total, left(host_visible_)) : total;
}

BudgetStats Budget::stats() const {
  BudgetStats stats;
  stats.limits = {host_visible_.limit, total_.limit};
  stats.host_visible_bytes = host_visible_.current;
  stats.total_bytes = total_.current;
  stats.peak_host_visible_bytes = host_visible_.peak;
  stats.peak_total_bytes = total_.peak;
  stats.refusals = refusals_;
  stats.allocations = allocations_;
  for (std::size_t i = 0; i < kMemoryCategoryCount; ++i) {
    stats.by_category_bytes[i] = categories_[i].current;
    stats.peak_by_category_bytes[i] = categories_[i].peak;
  }
  return stats;
}

void Budget::reset_peaks() {
  auto reset = [](Counter& counter) { counter.peak = counter.current.load(); };
  reset(total_);
  reset(host_visible_);
  for (Counter& counter : categories_) reset(counter);
}

}  // namespace forge3d
