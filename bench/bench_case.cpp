// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/bench_case.hpp"

#include <algorithm>
#include <cmath>

namespace forge3d::bench {

double quantile(std::vector<double> samples, double p) {
  const auto rank = static_cast<std::size_t>(std::ceil(p * static_cast<double>(samples.size())));
  const std::size_t index = std::clamp<std::size_t>(rank, 1, samples.size()) - 1;
  const auto place = samples.begin() + static_cast<std::ptrdiff_t>(index);
  std::nth_element(samples.begin(), place, samples.end());
  return *place;
}

BenchCase make_case(std::string name, std::string unit, const std::vector<double>& samples) {
  BenchCase result;
  result.name = std::move(name);
  result.unit = std::move(unit);
  result.value = quantile(samples, 0.5);
  result.p10 = quantile(samples, 0.1);
  result.p90 = quantile(samples, 0.9);
  result.runs = samples.size();
  return result;
}

}  // namespace forge3d::bench
