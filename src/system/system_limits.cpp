// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// How a system fits itself under new limits.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <iterator>

#include "core/thread_clock.hpp"
#include "system/memory_system_state.hpp"

namespace forge3d {
namespace {

constexpr std::uint64_t kRetireNs = 1'000'000'000;

/// The ledger on its way down. The limits follow what is held, so that what one part gives back no
/// other takes.
class Descent {
 public:
  Descent(Budget& budget, BudgetLimits target) : budget_(budget), target_(target) {}

  /// Bytes to be given back yet; 0 once the new limits are in force.
  [[nodiscard]] std::uint64_t missing_bytes() {
    if (budget_.set_limits(target_)) return 0;
    budget_.lower_limits(target_);
    const BudgetStats now = budget_.stats();
    const auto above = [](std::uint64_t held, std::uint64_t limit) {
      return held > limit ? held - limit : 0;
    };
    // At least one: what was above may have gone since.
    return std::max({above(now.total_bytes, target_.total_bytes),
                     above(now.host_visible_bytes, target_.host_visible_bytes), std::uint64_t{1}});
  }

 private:
  Budget& budget_;
  BudgetLimits target_;
};

std::string held_by_category(const BudgetStats& ledger) {
  std::string text;
  for (std::size_t i = 0; i < kMemoryCategoryCount; ++i)
    if (ledger.by_category_bytes[i] > 0)
      fmt::format_to(std::back_inserter(text), "{}{} {}", text.empty() ? "" : ", ",
                     to_string(static_cast<MemoryCategory>(i)), ledger.by_category_bytes[i]);
  return text;
}

}  // namespace

Result<> MemorySystem::State::set_limits(BudgetLimits limits) {
  const std::lock_guard lock(limits_mutex);
  const std::uint64_t begin_ns = monotonic_ns();
  Budget& budget = device->budget();
  const BudgetLimits old = budget.stats().limits;
  Descent descent(budget, limits);
  std::uint64_t missing = descent.missing_bytes();
  if (missing > 0) {
    textures.collect_all(kRetireNs);
    missing = descent.missing_bytes();
  }
  if (missing > 0 && pool != nullptr) {
    (void)pool->trim(missing);
    missing = descent.missing_bytes();
  }
  if (missing > 0 && pool != nullptr) {
    // After each step, as only what is needed shall be moved.
    (void)pool->defragment([&](const PoolMoves&) {
      (void)pool->trim(missing);
      missing = descent.missing_bytes();
      return missing > 0;
    });
    if (missing > 0) (void)pool->trim(missing);
    missing = descent.missing_bytes();
  }
  meters->events.add("budget", missing == 0 ? "set_limits" : "set_limits refused", begin_ns,
                     monotonic_ns(), limits.total_bytes);
  if (missing == 0) {
    meters->sample();
    return {};
  }
  const BudgetStats held = budget.stats();
  // What is held is within the lowered limits, and those are within the old ones.
  (void)budget.set_limits(old);
  meters->sample();
  return fail(
      ErrorCode::kBudgetExceeded,
      fmt::format("{}: limits of {} bytes ({} host-visible) are below what is held: {} ({}): {}",
                  desc.debug_name, limits.total_bytes, limits.host_visible_bytes, held.total_bytes,
                  held.host_visible_bytes, held_by_category(held)));
}

}  // namespace forge3d
