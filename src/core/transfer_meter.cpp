// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "core/transfer_meter.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace forge3d {

// Below kSteps each duration has its own bucket; above, an octave has kSteps of them.
std::uint32_t LatencyHistogram::bucket_of(std::uint64_t duration_ns) {
  if (duration_ns < kSteps) return static_cast<std::uint32_t>(duration_ns);
  const int octave = std::bit_width(duration_ns) - std::bit_width(kSteps);
  return static_cast<std::uint32_t>(octave) * kSteps +
         static_cast<std::uint32_t>(duration_ns >> octave);
}

std::uint64_t LatencyHistogram::upper_bound(std::uint32_t bucket) {
  if (bucket < kSteps) return bucket;
  const std::uint32_t octave = bucket / kSteps - 1;
  return ((std::uint64_t{bucket % kSteps + kSteps} + 1) << octave) - 1;
}

void LatencyHistogram::add(std::uint64_t duration_ns) {
  ++counts_[bucket_of(duration_ns)];
  ++count_;
}

std::uint64_t LatencyHistogram::quantile_ns(double p) const {
  const auto wanted =
      static_cast<std::uint64_t>(std::ceil(std::clamp(p, 0.0, 1.0) * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::uint32_t bucket = 0; bucket < counts_.size(); ++bucket) {
    seen += counts_[bucket];
    if (seen > 0 && seen >= wanted) return upper_bound(bucket);
  }
  return 0;
}

void DurationGuess::learn(std::uint64_t size_bytes, std::uint64_t duration_ns) {
  double& known = ns_per_byte_[static_cast<std::size_t>(std::bit_width(size_bytes))];
  const double taken = static_cast<double>(duration_ns) / static_cast<double>(size_bytes);
  known = known == 0 ? taken : std::min(taken, known + (taken - known) / 8);
}

std::optional<std::uint64_t> DurationGuess::guess_ns(std::uint64_t size_bytes) const {
  const double known = ns_per_byte_[static_cast<std::size_t>(std::bit_width(size_bytes))];
  if (known == 0) return std::nullopt;
  return static_cast<std::uint64_t>(known * static_cast<double>(size_bytes));
}

void RateWindow::add(std::uint64_t begin_ns, std::uint64_t end_ns, std::uint64_t bytes) {
  const std::uint64_t from = std::max(begin_ns, busy_until_ns_);
  const std::uint64_t number = end_ns / kSliceNs;
  Slice& slice = slices_[number % slices_.size()];
  if (slice.number != number) slice = {number, 0, 0};
  slice.bytes += bytes;
  if (end_ns > from) slice.busy_ns += end_ns - from;
  busy_until_ns_ = std::max(busy_until_ns_, end_ns);
}

double RateWindow::bytes_per_s(std::uint64_t now_ns) const {
  const std::uint64_t now = now_ns / kSliceNs;
  std::uint64_t bytes = 0, busy_ns = 0;
  for (const Slice& slice : slices_) {
    if (slice.number + slices_.size() <= now) continue;
    bytes += slice.bytes;
    busy_ns += slice.busy_ns;
  }
  return busy_ns == 0 ? 0 : static_cast<double>(bytes) * 1e9 / static_cast<double>(busy_ns);
}

}  // namespace forge3d
