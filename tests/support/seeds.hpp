// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Seeds of random tests: a fixed series, or the one that FORGE3D_SEED names, to repeat a failure.

#include <cstdint>
#include <cstdlib>
#include <vector>

namespace forge3d::test {

/// 1 to `count`, or FORGE3D_SEED alone. Tests name the seed in their messages.
inline std::vector<std::uint64_t> seeds(std::uint64_t count) {
  if (const char* text = std::getenv("FORGE3D_SEED")) return {std::strtoull(text, nullptr, 10)};
  std::vector<std::uint64_t> list;
  for (std::uint64_t seed = 1; seed <= count; ++seed) list.push_back(seed);
  return list;
}

}  // namespace forge3d::test
