// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "system/ledger_history.hpp"

#include <algorithm>

namespace forge3d::system {

LedgerHistory::LedgerHistory(std::size_t capacity) : capacity_(std::max<std::size_t>(capacity, 1)) {
  samples_.reserve(capacity_);
}

void LedgerHistory::add(std::uint64_t time_ns, const BudgetStats& ledger) {
  const std::lock_guard lock(mutex_);
  push(time_ns, ledger);
}

void LedgerHistory::add_spaced(std::uint64_t time_ns, const BudgetStats& ledger,
                               std::uint64_t spacing_ns) {
  const std::lock_guard lock(mutex_);
  if (samples_.empty() || time_ns >= last_ns_ + spacing_ns) push(time_ns, ledger);
}

void LedgerHistory::push(std::uint64_t time_ns, const BudgetStats& ledger) {
  // Threads that took their time earlier may come later.
  last_ns_ = std::max(last_ns_, time_ns);
  const LedgerSample sample{last_ns_, ledger.by_category_bytes, ledger.total_bytes,
                            ledger.host_visible_bytes, ledger.limits};
  if (samples_.size() < capacity_)
    samples_.push_back(sample);
  else
    samples_[next_] = sample;
  next_ = (next_ + 1) % capacity_;
}

std::vector<LedgerSample> LedgerHistory::samples() const {
  const std::lock_guard lock(mutex_);
  std::vector<LedgerSample> ordered(samples_);
  if (ordered.size() == capacity_)
    std::rotate(ordered.begin(), ordered.begin() + static_cast<std::ptrdiff_t>(next_),
                ordered.end());
  return ordered;
}

}  // namespace forge3d::system
