// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// The instruction sets that the kernels are compiled for: see src/texture/CMakeLists.txt.

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <hwy/targets.h>

#include <array>
#include <cstdint>

#include "forge3d/codec.hpp"

namespace forge3d {
namespace {

struct Target {
  std::string_view name;
  std::int64_t bit;
};
// Ordered from best to last. Compiled in: HWY_TARGETS; run by this machine: SupportedTargets().
constexpr std::array kTargets{Target{"avx3", HWY_AVX3}, Target{"avx2", HWY_AVX2},
                              Target{"sse4", HWY_SSE4}, Target{"neon", HWY_NEON},
                              Target{"scalar", HWY_SCALAR}};

bool runs(const Target& target) {
  if ((HWY_TARGETS & target.bit) == 0) return false;
  return target.bit == HWY_STATIC_TARGET || (hwy::SupportedTargets() & target.bit) != 0;
}

}  // namespace

std::vector<std::string_view> simd_targets() {
  std::vector<std::string_view> names;
  for (const Target& target : kTargets)
    if (runs(target)) names.push_back(target.name);
  return names;
}

Result<> use_simd_target(std::string_view name) {
  for (const Target& target : kTargets) {
    if (target.name != name || !runs(target)) continue;
    hwy::GetChosenTarget().Update(target.bit);
    return {};
  }
  return fail(ErrorCode::kNotSupported, fmt::format("no SIMD target {} here; there are {}", name,
                                                    fmt::join(simd_targets(), ", ")));
}

}  // namespace forge3d
