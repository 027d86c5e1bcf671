// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "system/transfer_window.hpp"

#include <algorithm>

namespace forge3d::system {

TransferWindow::TransferWindow(std::size_t capacity) : capacity_(capacity) {
  transfers_.reserve(capacity);
}

void TransferWindow::add(std::uint64_t begin_ns, std::uint64_t end_ns, std::uint64_t bytes,
                         bool timed) {
  const std::lock_guard lock(mutex_);
  if (transfers_.size() < capacity_)
    transfers_.push_back({begin_ns, end_ns, bytes, timed});
  else
    transfers_[next_] = {begin_ns, end_ns, bytes, timed};
  next_ = (next_ + 1) % capacity_;
}

TransferWindow::Figures TransferWindow::figures(std::uint64_t now_ns,
                                                std::uint64_t window_ns) const {
  const std::uint64_t from_ns = now_ns > window_ns ? now_ns - window_ns : 0;
  std::vector<Transfer> found;
  {
    const std::lock_guard lock(mutex_);
    found.reserve(transfers_.size());
    for (const Transfer& transfer : transfers_)
      if (transfer.end_ns >= from_ns) found.push_back(transfer);
  }
  std::sort(found.begin(), found.end(),
            [](const Transfer& a, const Transfer& b) { return a.begin_ns < b.begin_ns; });
  const bool some_timed = std::any_of(found.begin(), found.end(),
                                      [](const Transfer& transfer) { return transfer.timed; });
  Figures figures;
  std::uint64_t busy_until_ns = 0;
  for (const Transfer& transfer : found) {
    figures.bytes += transfer.bytes;
    if (some_timed && !transfer.timed) continue;
    figures.timed_bytes += transfer.bytes;
    const std::uint64_t begin_ns = std::max(transfer.begin_ns, busy_until_ns);
    if (transfer.end_ns > begin_ns) figures.busy_ns += transfer.end_ns - begin_ns;
    busy_until_ns = std::max(busy_until_ns, transfer.end_ns);
  }
  return figures;
}

}  // namespace forge3d::system
