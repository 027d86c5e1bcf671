// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// LedgerHistory: the ledger over time, in fixed space.

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include "forge3d/budget.hpp"

namespace forge3d::system {

struct LedgerSample {
  std::uint64_t time_ns = 0;
  std::array<std::uint64_t, kMemoryCategoryCount> by_category_bytes{};
  std::uint64_t total_bytes = 0, host_visible_bytes = 0;
  BudgetLimits limits;
};

/// Keeps the latest `capacity` samples. Thread-safe.
class LedgerHistory {
 public:
  /// At least one sample is kept. Throws std::bad_alloc.
  explicit LedgerHistory(std::size_t capacity);

  void add(std::uint64_t time_ns, const BudgetStats& ledger);
  /// As add(), unless the last sample is younger than `spacing_ns`: for those who would add many.
  void add_spaced(std::uint64_t time_ns, const BudgetStats& ledger, std::uint64_t spacing_ns);
  /// Oldest first. Throws std::bad_alloc.
  [[nodiscard]] std::vector<LedgerSample> samples() const;

 private:
  void push(std::uint64_t time_ns, const BudgetStats& ledger);  // REQUIRES: mutex_ is held
  mutable std::mutex mutex_;
  std::size_t capacity_;
  std::uint64_t last_ns_ = 0;  // guarded by mutex_, as is the rest
  std::size_t next_ = 0;       // the oldest, once the ring is full
  std::vector<LedgerSample> samples_;
};

}  // namespace forge3d::system
