// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "system/sample_window.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace forge3d::system {
namespace {

double nearest_rank(const std::vector<double>& sorted, double share) {
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
  return sorted[std::clamp<std::size_t>(rank, 1, sorted.size()) - 1];
}

}  // namespace

SampleWindow::SampleWindow(std::size_t capacity) : capacity_(capacity) {
  samples_.reserve(capacity);
}

void SampleWindow::add(std::uint64_t time_ns, double value) {
  const std::lock_guard lock(mutex_);
  if (samples_.size() < capacity_)
    samples_.push_back({time_ns, value});
  else
    samples_[next_] = {time_ns, value};
  next_ = (next_ + 1) % capacity_;
}

MeasuredFigure SampleWindow::figure(std::uint64_t now_ns, std::uint64_t window_ns) const {
  const std::uint64_t from_ns = now_ns > window_ns ? now_ns - window_ns : 0;
  std::vector<double> values;
  {
    const std::lock_guard lock(mutex_);
    values.reserve(samples_.size());
    for (const Sample& sample : samples_)
      if (sample.time_ns >= from_ns) values.push_back(sample.value);
  }
  MeasuredFigure figure;
  figure.samples = values.size();
  if (values.empty()) return figure;
  std::sort(values.begin(), values.end());
  figure.mean =
      std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  figure.p50 = nearest_rank(values, 0.5);
  figure.p99 = nearest_rank(values, 0.99);
  figure.max = values.back();
  return figure;
}

}  // namespace forge3d::system
